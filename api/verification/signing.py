"""What makes a certificate verifiable: a signature, made by an act of its own, never by looking.

A signature covers the text as the register has it. Signing the certificate again gives the same
signature while text and key still hold; after a correction, or when the key was stolen, a new
one is recorded with a new index in the status lists, and the old index counts as not in force.

Each paper's index is drawn at random, so that neighbours in a list share nothing. All of one
transaction are drawn together, without repetition, from those that no paper has: of the twelve
hundred of a decision two would nearly always meet otherwise. Two transactions that draw the same
are told apart by the claim on it, and one of them draws again.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final

from api.records import awards_of_serials, decisions_of, fold_award
from api.verification.check_codes import check_code
from projections.signatures import newest_list, payload_bytes
from projections.standing import form_of
from registry.award import SignArtifact
from registry.award.artifact import ArtifactSigned
from registry.award.signing import index_claim, signable
from registry.errors import AlreadyRecorded, Conflict, VerificationFailed
from registry.numbers import normalise_serial
from registry.proofs.digits import make_link
from registry.proofs.payload import (
    SALT_BYTES,
    Claims,
    parse_envelope,
    printed_name,
    sign_claims,
    verify_envelope,
)
from registry.proofs.status_lists import BITS
from registry.register import CONFLICT_ATTEMPTS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from uuid import UUID

    from psycopg import Cursor

    from api.records import AwardRecord, DecisionRecord
    from api.verification.trust import Trust
    from registry.fact import Authorship, Fact
    from registry.proofs.keys import Signer
    from registry.register import Registry

# New papers go to the next list from here on: of those drawn, half at least are free then.
LIST_FILL_MAX: Final = BITS // 2
DRAWN_PER_PAPER: Final = 4
_random = SystemRandom()
_NOTHING: Final = -1


@dataclass(frozen=True, slots=True)
class SigningDesk:
    """What signing needs: the register's two sides, keys, the address and the secret of paper."""

    registry: Registry
    reading: Callable[[], AbstractContextManager[Cursor[Any]]]
    trust: Trust
    public_url: str
    home_key: bytes


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """What is printed on a certificate so that anybody can check it.

    `position` is that of the signature in the log, `office` the one that recorded the award.
    """

    serial: str
    position: int
    office: str
    payload: bytes
    status_index: int
    link: str
    check_code: str


def sign_certificates(
    desk: SigningDesk, serials: Sequence[str], authorship: Authorship
) -> tuple[SignedCertificate, ...]:
    """The signatures of these certificates, made and recorded where there is none that holds.

    All in one transaction, with a few queries for all of them. Raises `NotFound` for an unknown
    serial, `Rejected` for something that is no printed paper or a name with look-alike letters,
    `NotReady` without a key.
    """
    wanted = list(zip(awards_of_serials(desk.registry, serials), serials, strict=True))
    for attempt in range(1, CONFLICT_ATTEMPTS_MAX + 1):
        try:
            return _sign(desk, wanted, authorship)
        except (Conflict, AlreadyRecorded):
            # The award changed meanwhile, or the index was drawn twice: look and draw again.
            if attempt == CONFLICT_ATTEMPTS_MAX:
                raise
    raise AssertionError


def find_standing(desk: SigningDesk, serial: str) -> SignedCertificate | None:
    """The signature of a certificate that holds for what the register says now; None without one.

    Records nothing. Raises as `sign_certificates`, but for a key.
    """
    wanted = list(zip(awards_of_serials(desk.registry, (serial,)), (serial,), strict=True))
    (paper,) = _read_papers(desk, wanted)
    if paper.signature is None:
        return None
    return _signed_certificate(desk, paper.record.facts, *paper.signature)


def signature_of(facts: Sequence[Fact[Any]], serial: str) -> Fact[ArtifactSigned] | None:
    """The newest signature of a paper, its serial in any spelling, among its award's facts."""
    key = normalise_serial(serial)
    found = None
    for fact in facts:
        if isinstance(fact.event, ArtifactSigned) and normalise_serial(fact.event.serial) == key:
            found = fact
    return found


@dataclass(frozen=True, slots=True)
class _Paper:
    """A paper to be verifiable: what it must say, and its signature if that still holds."""

    record: AwardRecord
    claims: Claims
    signature: tuple[ArtifactSigned, int] | None


def _sign(
    desk: SigningDesk, wanted: Sequence[tuple[UUID, str]], authorship: Authorship
) -> tuple[SignedCertificate, ...]:
    papers = _read_papers(desk, wanted)
    unsigned = [paper for paper in papers if paper.signature is None]
    fresh = iter(_record_signatures(desk, unsigned, authorship) if unsigned else ())
    return tuple(
        _signed_certificate(desk, paper.record.facts, *(paper.signature or next(fresh)))
        for paper in papers
    )


def _read_papers(desk: SigningDesk, wanted: Sequence[tuple[UUID, str]]) -> list[_Paper]:
    stories = desk.registry.stories_of(dict.fromkeys((award_id for award_id, _ in wanted), 1))
    records = [fold_award(stories[award_id]) for award_id, _ in wanted]
    papers = []
    for (_, typed), record, decision in zip(
        wanted, records, decisions_of(desk.registry, records), strict=True
    ):
        serial = signable(record.state, typed).serial
        claims = _claims_of(record, decision, serial)
        fact = signature_of(record.facts, serial)
        holds = fact is not None and _still_holds(desk, fact.event, claims)
        signature = (fact.event, fact.position) if fact is not None and holds else None
        papers.append(_Paper(record, claims, signature))
    return papers


def _record_signatures(
    desk: SigningDesk, papers: Sequence[_Paper], authorship: Authorship
) -> list[tuple[ArtifactSigned, int]]:
    """Sign these papers in one transaction; each signature with its position in the log."""
    signer, indexes = desk.trust.signer("issue"), _free_indexes(desk, len(papers))
    work, events = desk.registry.work(authorship), list[ArtifactSigned]()
    versions: dict[UUID, int] = {}
    for paper in papers:
        award_id, command = paper.record.id, _command(desk, paper.claims, signer, next(indexes))
        # An award may have several papers: what was read of it must stand, and what we added.
        version = versions.get(award_id, paper.record.version)
        events += work.execute("award", award_id, command, expected_version=version).events
        versions[award_id] = version + 1
    first = work.commit().first_position
    return [(event, first + order) for order, event in enumerate(events)]


def _claims_of(record: AwardRecord, decision: DecisionRecord | None, serial: str) -> Claims:
    """What the paper with this serial must say; its index in the status lists is not given yet."""
    content = record.state.content
    made = decision.state.content if decision is not None else None
    return Claims(
        serial=serial,
        name=printed_name(content.recipient.name),
        form=form_of(content),
        decision=made.number if made is not None else content.number_typed,
        awarded_on=content.awarded_on or (made.decided_on if made is not None else None),
        status_index=_NOTHING,
    )


def _still_holds(desk: SigningDesk, event: ArtifactSigned, claims: Claims) -> bool:
    """Whether a signature says the same, by a key that nobody stole."""
    try:
        signed = verify_envelope(parse_envelope(payload_bytes(event)), desk.trust.key_list)
    except VerificationFailed:
        return False
    return not signed.needs_log and replace(signed.claims, status_index=_NOTHING) == claims


def _command(desk: SigningDesk, claims: Claims, signer: Signer, index: int) -> SignArtifact:
    signed_at = int(desk.registry.clock().timestamp())
    given = replace(claims, status_index=index)
    payload = sign_claims(given, os.urandom(SALT_BYTES), signed_at, signer)
    encoded = urlsafe_b64encode(payload).decode().rstrip("=")
    return SignArtifact(claims.serial, signer.kid.hex(), index, encoded)


def _open_list(desk: SigningDesk) -> int:
    """Number of the list that new papers go to: the newest, or the next when it is half full."""
    with desk.reading() as cursor:
        number, used = newest_list(cursor)
    return number + (used >= LIST_FILL_MAX)


def _free_indexes(desk: SigningDesk, count: int) -> Iterator[int]:
    """So many indexes that no paper has, at random: of the open list, then of those behind it."""
    number, free = _open_list(desk), list[int]()
    while len(free) < count:
        places = range(number * BITS, (number + 1) * BITS)
        drawn = _random.sample(places, min(BITS, DRAWN_PER_PAPER * count))
        claims = {index: index_claim(index).digest for index in drawn}
        held = desk.registry.log.holders(list(claims.values()))
        free += [index for index, digest in claims.items() if digest not in held]
        number += 1
    return iter(free[:count])


def signed_certificate(
    desk: SigningDesk, facts: Sequence[Fact[Any]], serial: str
) -> SignedCertificate | None:
    """What a paper's newest signature gives it to print; None if it was never signed."""
    fact = signature_of(facts, serial)
    return None if fact is None else _signed_certificate(desk, facts, fact.event, fact.position)


def _signed_certificate(
    desk: SigningDesk, facts: Sequence[Fact[Any]], event: ArtifactSigned, position: int
) -> SignedCertificate:
    payload = payload_bytes(event)
    return SignedCertificate(
        event.serial,
        position,
        facts[0].authorship.office,
        payload,
        event.status_index,
        make_link(desk.public_url, payload),
        check_code(desk.home_key, event.serial),
    )
