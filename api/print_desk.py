"""Whole decisions printed beside the server, each to a file that is kept while its job is.

That file is one PDF with a page for each certificate, for the printing house: it has the QR codes
and is not signed itself. Or it is a ZIP of signed files, one for each: see `api.signed_files`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from psycopg import Cursor

from api.desk import Desk, Job
from api.papers.blanks import Blank, Nudge, blanks_of, check_blank, find_blank, kept_nudge
from api.papers.run import Printing, Watch, print_pages
from api.printing import Certificates, HeldAward, OnBlank, certificates_of, papers
from api.signed_files import SignedFiles, sign_decision

if TYPE_CHECKING:
    from uuid import UUID

    from api.verification.signing import SigningDesk
    from registry.fact import Authorship
    from registry.settings import Language
    from registry.work_folders import WorkFolders

FILES_KEPT_MAX: Final = 20

Reading: TypeAlias = Callable[[], AbstractContextManager[Cursor[Any]]]
Prove: TypeAlias = Callable[[Certificates], Certificates]
"""Makes certificates verifiable: signs them and puts their QR codes on them."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A file with the certificates of a decision."""

    path: Path
    certificates: int
    without: int
    held_back: tuple[HeldAward, ...] = ()


PrintJob: TypeAlias = Job[Printing, Printed | SignedFiles]


class PrintDesk(Desk[Printing, Printed | SignedFiles]):
    """Prints decisions; knows the nudges that offices keep in the register's home."""

    def __init__(self, home: Path | None, folders: WorkFolders) -> None:
        super().__init__("print", "prints-busy", keeps_folders=True, kept_max=FILES_KEPT_MAX)
        self._home = home
        self._folders = folders

    def nudge(self, blank_id: str, office: str) -> Nudge:
        """The nudge that an office keeps for a blank. Raises `Rejected` for an unusable file."""
        return Nudge() if self._home is None else kept_nudge(self._home, blank_id, office)

    def blanks(self) -> tuple[Blank, ...]:
        """The blanks that can be printed on. Raises `Rejected` for an unusable file."""
        return blanks_of(self._home)

    def blank(self, blank_id: str) -> Blank:
        """A blank by its id. Raises `Rejected` naming those that there are."""
        return find_blank(blank_id, self._home)

    def submit(
        self,
        reading: Reading,
        decision_id: UUID,
        on_blank: OnBlank | None,
        prove: Prove | None = None,
        office: str = "",
    ) -> PrintJob:
        """Print the certificates of a decision, for a unit. Raises `Busy`."""
        return self._submit(
            decision_id,
            office,
            lambda folder, watch: print_decision(
                reading, decision_id, on_blank, folder / "certificates.pdf", watch, prove
            ),
        )

    def submit_signed(
        self, desk: SigningDesk, decision_id: UUID, author: Authorship, language: Language
    ) -> PrintJob:
        """Make a signed file of each certificate of a decision. Raises `Busy`."""
        return self._submit(
            decision_id,
            author.office,
            lambda folder, watch: sign_decision(
                desk, decision_id, folder / "certificates.zip", watch, author, language=language
            ),
        )

    def _submit(
        self, decision_id: UUID, office: str, work: Callable[[Path, Watch], Printed | SignedFiles]
    ) -> PrintJob:
        folder = self._folders.make("print")
        try:
            return self.take(str(decision_id), folder, partial(work, folder), office)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def print_decision(  # noqa: PLR0917 - what is printed, on what, to where
    reading: Reading,
    decision_id: UUID,
    on_blank: OnBlank | None,
    path: Path,
    watch: Watch,
    prove: Prove | None = None,
) -> Printed:
    """Print the certificates of a decision to a file.

    Raises `NotFound`, and `Rejected` if there are none or one cannot be printed.
    """
    with reading() as cursor:
        found = certificates_of(cursor, decision_id)
    if on_blank is not None:
        # Before anything is signed, which would be recorded.
        check_blank(on_blank.blank, found.texts)
    if prove is not None:
        found = prove(found)
    paper = papers(found.texts, found.title, found.made_at, on_blank)
    print_pages(paper.layout, paper.document, paper.made_at, path, watch)
    return Printed(path, len(found.texts), found.without, found.held_back)
