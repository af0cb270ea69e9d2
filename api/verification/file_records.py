"""Signed files in the log: recorded when they are given away, proved to whoever has one.

A key can be stolen, and then signs pages that no register ever made. So the digest of each file
that the office gives away is a fact: what the log held before the theft was made by the office.

What is true if we die between signing and recording: nobody was given the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.records import awards_of_serials
from projections.sealed_log import proofs_of
from registry.award import RecordSignedFile
from registry.award.artifact import FileSigned
from registry.award.signing import file_claim
from registry.errors import Conflict, NotFound, NotReady
from registry.register import CONFLICT_ATTEMPTS_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.verification.signing import SigningDesk
    from registry.fact import Authorship
    from registry.proofs.proof_files import LogProof

FILE_PROOF_SUFFIX: Final = ".tlog-proof"
PROOFS_AT_ONCE: Final = 200


def record_files(
    desk: SigningDesk, files: Sequence[tuple[str, str]], kid: bytes, authorship: Authorship
) -> list[int]:
    """Record signed files, each by its paper's serial and its digest; their positions.

    All in one transaction. Raises `NotFound`, and `Rejected` for a paper that counts no more.
    """
    awards = awards_of_serials(desk.registry, [serial for serial, _ in files])
    for attempt in range(1, CONFLICT_ATTEMPTS_MAX + 1):
        work = desk.registry.work(authorship)
        for award_id, (serial, digest) in zip(awards, files, strict=True):
            work.execute("award", award_id, RecordSignedFile(serial, kid.hex(), digest))
        try:
            first = work.commit().first_position
        except Conflict:
            # An award changed meanwhile: what was signed for it is judged again.
            if attempt == CONFLICT_ATTEMPTS_MAX:
                raise
            continue
        return [first + order for order in range(len(files))]
    raise AssertionError


def file_proofs(desk: SigningDesk, positions: Sequence[int]) -> list[bytes | None]:
    """The log's proof of each recorded file; None for those that are not sealed yet."""
    proofs = list[bytes | None]()
    for start in range(0, len(positions), PROOFS_AT_ONCE):
        some = positions[start : start + PROOFS_AT_ONCE]
        try:
            with desk.reading() as cursor:
                proofs += [
                    bytes(proof) for proof in proofs_of(cursor, desk.registry.log.marks, some)
                ]
        except NotReady:
            proofs += [None] * len(some)
    return proofs


def proof_of_file(desk: SigningDesk, digest: str) -> LogProof:
    """The log's proof of the file with this SHA-256.

    Raises `NotFound` if the register gave no such file away, `NotReady` until it is sealed.
    """
    award_id = desk.registry.holder(file_claim(digest.lower()))
    for fact in desk.registry.facts_of(award_id) if award_id is not None else ():
        if isinstance(fact.event, FileSigned) and fact.event.sha256 == digest.lower():
            with desk.reading() as cursor:
                marks = desk.registry.log.marks
                return proofs_of(cursor, marks, (fact.position,))[0]
    raise NotFound("signed-file-unknown")
