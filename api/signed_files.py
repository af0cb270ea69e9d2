"""The certificates of a decision as files that stand for themselves: each signed, in one ZIP.

    83_giang-seo-pho.pdf      golden-book number, or the serial, and the name without marks
    83_giang-seo-pho.pdf.tlog-proof
                              the log's proof that the office gave this very file away
    danh-muc.csv              which file is whose, with its digest

The printing house gets another file, one PDF with all pages, which nobody signs: `api.print_desk`.

All texts are signed and recorded in one transaction before the first file is made, and the job
waits a little for the log to be sealed, so that the files can carry its proof. Files go into the
ZIP as they come; what is in memory does not grow with their number, but for texts and names.
At the end the digests of all files are recorded in one transaction: a file that the log knows is
vouched for even when its key is stolen one day.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from zipfile import ZipFile, ZipInfo

from api.papers.certificate import certificates_document
from api.papers.run import PAGES_MAX, Printing, Watch
from api.printing import HeldAward, certificates_of
from api.sheet_files import open_writer
from api.verification.file_records import FILE_PROOF_SUFFIX, file_proofs, record_files
from api.verification.finishing import Sheet, finishers, processes_here
from api.verification.proving import with_proof
from api.verification.signing import sign_certificates
from projections.sealed_log import proofs_of, seal_state
from registry.errors import NotReady, Rejected
from registry.messages import term
from registry.text import fold_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from api.papers.certificate import CertificateText
    from api.printing import Certificates
    from api.sheet_files import Writer
    from api.verification.signing import SignedCertificate, SigningDesk
    from registry.fact import Authorship
    from registry.settings import Language

INDEX_NAME: Final = "danh-muc.csv"
SEAL_SECONDS_MAX: Final = 10.0
NAME_CHARACTERS_MAX: Final = 60
_SEAL_POLL_SECONDS: Final = 0.1
_PROOFS_AT_ONCE: Final = 200
_COLUMNS: Final = (
    "file",
    "golden_number",
    "serial",
    "recipient",
    "form_name",
    "class_name",
    "decision_number",
    "log_position",
    "log_proof",
    "sha256",
)


@dataclass(frozen=True, slots=True)
class SignedFiles:
    """A ZIP with the signed certificates of a decision; `unproved` were not sealed in time."""

    path: Path
    certificates: int
    without: int
    unproved: int
    held_back: tuple[HeldAward, ...] = ()


def sign_decision(  # noqa: PLR0917 - what is signed, by whom, to where
    desk: SigningDesk,
    decision_id: UUID,
    path: Path,
    watch: Watch,
    author: Authorship,
    processes: int | None = None,
    *,
    language: Language = "vi",
) -> SignedFiles:
    """Make the ZIP; `language` is that of its index.

    Raises `NotFound`, `Rejected`, and `NotReady` without keys.
    """
    key = desk.trust.pdf_signer()
    if key is None:
        raise NotReady("signing-key-missing", use="pdf")
    with desk.reading() as cursor:
        found = certificates_of(cursor, decision_id)
    total = len(found.texts)
    if total > PAGES_MAX:
        raise Rejected("pages-too-many", limit=PAGES_MAX, length=total)
    watch(Printing(0, total))
    made = sign_certificates(desk, found.serials, author)
    sealed = _wait_until_sealed(desk, max(one.position for one in made), total, watch)
    with (
        finishers(min(processes or processes_here(), total), key) as others,
        _open_archive(path, found.made_at, language) as archive,
    ):
        files = others.finish(_sheets(desk, found, made, sealed))
        papers = zip(found.texts, made, files, strict=True)
        for number, (text, one, content) in enumerate(papers, 1):
            archive.add(text, one, content, proved=one.position <= sealed)
            watch(Printing(number, total))
        _record(desk, archive, key[0].kid, watch, author)
    unproved = sum(one.position > sealed for one in made)
    return SignedFiles(path, total, found.without, unproved, found.held_back)


def _record(
    desk: SigningDesk, archive: _Archive, kid: bytes, watch: Watch, author: Authorship
) -> None:
    """Record the files that were made; the proofs of those that are sealed in time go along."""
    files, total = archive.files, len(archive.files)
    positions = record_files(desk, [(serial, digest) for _, serial, digest in files], kid, author)
    _wait_until_sealed(desk, positions[-1], total, watch, made=total)
    for (name, _, _), proof in zip(files, file_proofs(desk, positions), strict=True):
        if proof is not None:
            archive.put(name + FILE_PROOF_SUFFIX, proof)


def _wait_until_sealed(
    desk: SigningDesk, last: int, total: int, watch: Watch, made: int = 0
) -> int:
    """How far the log is sealed: behind this position, unless that takes too long."""
    deadline = time.monotonic() + SEAL_SECONDS_MAX
    while True:
        with desk.reading() as cursor:
            size = seal_state(cursor).size
        if size >= last or time.monotonic() > deadline:
            return size
        watch(Printing(made, total))
        time.sleep(_SEAL_POLL_SECONDS)


def _sheets(
    desk: SigningDesk, found: Certificates, made: Sequence[SignedCertificate], sealed: int
) -> Iterator[Sheet]:
    """The certificates ready to be finished, made when they are wanted."""
    for start in range(0, len(made), _PROOFS_AT_ONCE):
        some = made[start : start + _PROOFS_AT_ONCE]
        proofs = _proofs(desk, [one.position for one in some if one.position <= sealed])
        for text, one in zip(found.texts[start : start + len(some)], some, strict=True):
            whole = with_proof(desk, text, one, proofs.get(one.position))
            title = f"{text.form_name} - {text.recipient}"
            document = certificates_document((whole,), title)
            yield Sheet(one.link, document, found.made_at)


def _proofs(desk: SigningDesk, positions: Sequence[int]) -> dict[int, str]:
    if not positions:
        return {}
    with desk.reading() as cursor:
        proofs = proofs_of(cursor, desk.registry.log.marks, positions)
    return {one.index + 1: bytes(one).decode() for one in proofs}


class _Archive:
    """A ZIP of signed files that is being written, and its index.

    `files` are name, serial and digest of those that are in it.
    """

    def __init__(
        self, archive: ZipFile, index: Writer, made_at: datetime, language: Language
    ) -> None:
        self._archive = archive
        self._index = index
        self._made_at = made_at
        self._language = language
        self._names: set[str] = {INDEX_NAME}
        self.files: list[tuple[str, str, str]] = []

    def add(
        self, text: CertificateText, made: SignedCertificate, content: bytes, *, proved: bool
    ) -> None:
        """Put a file behind those that are here."""
        name, digest = self._name_of(text, made.serial), sha256(content).hexdigest()
        self.files.append((name, made.serial, digest))
        self.put(name, content)
        self._index.write(
            (
                name,
                text.golden_number,
                made.serial,
                text.recipient,
                text.form_name,
                text.class_name,
                text.decision_number,
                made.position,
                term("signed-file", "proved" if proved else "unproved", self._language),
                digest,
            )
        )

    def put(self, name: str, content: bytes) -> None:
        """Put a file of any kind behind those that are here."""
        self._archive.writestr(_entry(name, self._made_at), content)

    def _name_of(self, text: CertificateText, serial: str) -> str:
        """A name that no other file here has; plain letters, which every system takes."""
        short = _plain(text.recipient)[:NAME_CHARACTERS_MAX].rstrip("-")
        begin = _plain(text.golden_number) or _plain(serial)
        choices = (f"{begin}_{short}", f"{begin}_{short}_{_plain(serial)}")
        numbered = (f"{choices[1]}_{number}" for number in count(2))
        name = next(one for one in chain(choices, numbered) if f"{one}.pdf" not in self._names)
        self._names.add(f"{name}.pdf")
        return f"{name}.pdf"


@contextmanager
def _open_archive(path: Path, made_at: datetime, language: Language) -> Iterator[_Archive]:
    headings = [term("signed-file", column, language) for column in _COLUMNS]
    with (
        ZipFile(path, "w") as archive,
        TemporaryDirectory(prefix=".index-", dir=path.parent) as folder,
    ):
        index = Path(folder) / INDEX_NAME
        with open_writer(index, headings) as writer:
            yield _Archive(archive, writer, made_at, language)
        archive.writestr(_entry(INDEX_NAME, made_at), index.read_bytes())


def _entry(name: str, made_at: datetime) -> ZipInfo:
    """A file in the archive; PDF is compressed already."""
    moment = made_at.timetuple()
    return ZipInfo(name, (moment.tm_year, *moment[1:6]))


def _plain(text: str) -> str:
    return "-".join(word for word in fold_words(text) if word.isascii())
