"""`sovang certificate` and `sovang certificates`: papers to a file.

A certificate that nobody has signed is signed, which is recorded in the name of the account of the
shell, and so is the digest of each signed file; nothing else changes in the register. What is
printed on a blank is moved by the nudge given, else by the one that the register's home keeps for
the blank.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from api.papers.blanks import Nudge, check_blank, find_blank, kept_nudge, trial_sheet_document
from api.papers.press import typeset
from api.print_desk import print_decision
from api.printing import OnBlank, certificate_text, one_paper
from api.server import open_keys, sealing
from api.signed_files import sign_decision
from api.verification.file_records import record_files
from api.verification.opening import open_signing_desk
from api.verification.pdf_signing import sign_pdf
from api.verification.proving import prove_text, prove_texts
from api.verification.signing import sign_certificates
from registry.errors import Rejected
from registry.messages import format_number
from scripts.command_line.naming import decision_named
from scripts.command_line.registers import bring_up_to_date
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.papers.run import Printing, Watch
    from scripts.command_line.session import Session


@dataclass(frozen=True, slots=True)
class BlankRequest:
    """What the arguments say about a blank."""

    blank: str | None
    x_mm: float | None
    y_mm: float | None

    def resolve(self, home: Path) -> OnBlank | None:
        """The blank and its nudge. Raises `Rejected`."""
        if self.blank is None:
            return None
        blank = find_blank(self.blank, home)
        kept = kept_nudge(home, blank.id, None)
        nudge = Nudge(
            kept.x_mm if self.x_mm is None else self.x_mm,
            kept.y_mm if self.y_mm is None else self.y_mm,
        )
        return OnBlank(blank, nudge)


def one(
    session: Session,
    serial: str | None,
    out: Path,
    request: BlankRequest,
    trial_blank: str | None,
) -> None:
    """Print the certificate with a serial, or the test sheet of a blank.

    Raises `Rejected` unless exactly one of the two is asked for.
    """
    if (serial is None) == (trial_blank is None):
        raise Rejected("serial-or-test-sheet", field="SERIAL")
    with _new_file(out) as path:
        if serial is None:
            sheet = BlankRequest(trial_blank, request.x_mm, request.y_mm)
            path.write_bytes(_trial_sheet(session, sheet))
        else:
            on_blank = request.resolve(session.settings.home)
            path.write_bytes(_certificate(session, serial, on_blank))
    _tell(session, out, {"certificates": int(serial is not None)})


def whole_decision(
    session: Session, decision: str, out: Path, request: BlankRequest, processes: int | None
) -> None:
    """Print the certificates of a decision to one file. Raises `NotFound` and `Rejected`."""
    on_blank = request.resolve(session.settings.home)
    with session.database() as database, _new_file(out) as path:
        decision_id = decision_named(session, database, decision, "--decision")
        bring_up_to_date(session, database)
        desk = open_signing_desk(database, session.settings)
        prove = partial(prove_texts, desk, author=authorship(), processes=processes)
        with _shown(session) as watch:
            printed = print_decision(desk.reading, decision_id, on_blank, path, watch, prove)
    counts = {"certificates": printed.certificates, "without_certificate": printed.without}
    _tell(session, out, counts)
    _tell_missing(session, "printed.without", printed.without)


def signed_decision(
    session: Session, decision: str, out: Path, request: BlankRequest, processes: int | None
) -> None:
    """Make a signed file of each certificate of a decision, in a ZIP.

    The log is sealed meanwhile, so that the files carry its proof though no server runs. Raises
    `NotFound`, `Rejected`, and `NotReady` without keys.
    """
    if request.blank is not None:
        raise Rejected("signed-files-on-blank", field="--overprint")
    with session.database() as database, _new_file(out) as path:
        decision_id = decision_named(session, database, decision, "--decision")
        bring_up_to_date(session, database)
        desk = open_signing_desk(database, session.settings)
        key_set = open_keys(database, session.settings)
        with sealing(database, key_set), _shown(session) as watch:
            author, language = authorship(), session.language
            made = sign_decision(
                desk, decision_id, path, watch, author, processes, language=language
            )
    counts = {
        "certificates": made.certificates,
        "without_certificate": made.without,
        "without_log_proof": made.unproved,
    }
    _tell(session, out, counts, "printed.signed")
    _tell_missing(session, "printed.without", made.without)
    _tell_missing(session, "printed.unproved", made.unproved)


@contextmanager
def _shown(session: Session) -> Iterator[Watch]:
    """A bar that shows how far the printing is."""
    with session.progress() as progress:
        task = progress.add_task(session.text("printing"), total=None)

        def watch(made: Printing) -> None:
            progress.update(task, completed=made.pages, total=made.total)

        yield watch


def _certificate(session: Session, serial: str, on_blank: OnBlank | None) -> bytes:
    with session.database() as database:
        desk = open_signing_desk(database, session.settings)
        text, made_at = certificate_text(database.registry(), serial)
        if on_blank is not None:
            # Before it is signed, which would be recorded.
            check_blank(on_blank.blank, (text,))
        if desk.trust.signs:
            (made,) = sign_certificates(desk, (serial,), authorship())
            text = prove_text(desk, text, made)
        paper = one_paper(text, made_at, on_blank)
        content = typeset(paper.layout, paper.document, paper.made_at)
        signing = desk.trust.pdf_signer() if on_blank is None else None
        if signing is None:
            return content
        signed = sign_pdf(desk.trust, content)
        record_files(desk, [(serial, sha256(signed).hexdigest())], signing[0].kid, authorship())
        return signed


def _trial_sheet(session: Session, request: BlankRequest) -> bytes:
    on_blank = request.resolve(session.settings.home)
    assert on_blank is not None  # noqa: S101 - a blank is named
    document = trial_sheet_document(on_blank.blank, on_blank.nudge, session.language)
    return typeset("test_sheet", document, datetime.now(UTC))


@contextmanager
def _new_file(out: Path) -> Iterator[Path]:
    """A file to write that takes its name when it is whole. Raises `Rejected`."""
    aside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        # Tried first: nobody waits for a decision to be printed into a folder that is not there.
        aside.touch()
        yield aside
        aside.replace(out)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Rejected("file-unwritable", field="--out", path=str(out), reason=reason) from error
    finally:
        aside.unlink(missing_ok=True)


def _tell(session: Session, out: Path, counts: dict[str, int], said: str = "printed") -> None:
    if session.as_json:
        session.answer({"file": str(out), "bytes": out.stat().st_size, **counts})
    else:
        count = format_number(counts["certificates"], session.language)
        session.say(said if counts["certificates"] else "printed.sheet", count=count, file=out)


def _tell_missing(session: Session, said: str, count: int) -> None:
    if count and not session.as_json:
        session.say(said, count=format_number(count, session.language))
