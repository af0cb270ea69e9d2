"""`sovang log check` and `sovang audit`: is the log what was sealed, and all that follows from it.

`check` asks the database itself, `audit` a kit that was exported from it, on a machine that has
neither database nor network. Both derive everything again and say what is wrong at which position;
then the exit code is 4.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from projections.reading import facts_after
from projections.recount import Recount
from projections.register_check import check_registers, sample_registers
from projections.registers import REGISTERS as ALL_REGISTERS
from projections.sealed_archive import (
    DatabaseArchive,
    one_moment,
    said_by_registers,
)
from registry.errors import CorruptFact, NotReady, Rejected, VerificationFailed
from registry.messages import describe, format_time
from registry.newest_head import (
    Remembered,
    check_continues,
    check_end,
    head_is_derived,
    head_position,
    newest_note,
)
from registry.proofs.auditing import Archive, Audit, audit
from registry.proofs.disclosure import auditor_of
from registry.proofs.kits import (
    AUDITOR_KEYS,
    REGISTERS,
    FolderFiles,
    Kit,
    format_registers,
    registers_position,
)
from registry.proofs.notes import NOTE_BYTES_MAX
from registry.proofs.since import Seen, check_since, seen_archive, seen_head
from scripts.command_line.disclosing import Opening, opened_values, read_secret
from scripts.command_line.failures import DONE, REFUTED
from scripts.command_line.sealing import read_certificates, read_roots

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection, Cursor

    from registry.database import Database
    from scripts.command_line.session import Session


@dataclass(frozen=True, slots=True)
class Trusted:
    """What an auditor brings along: root keys, authorities' certificates, what he saw before."""

    roots: Path | None = None
    authorities: Path | None = None
    since: Path | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a check is asked for beside the log itself."""

    checkpoint: Path | None = None
    sample: bool = False


def check(session: Session, trusted: Trusted, asked: Asked) -> int:
    """Check the log in place, and everything that follows from it. Exit code 4 if a thing is wrong.

    Names, persons' keys and the rows of the registers are derived again. It waits for nobody,
    and seals and mends nothing: what is checked must not change under the hand.
    """
    kept = read_seen(asked.checkpoint, "--checkpoint") if asked.checkpoint is not None else None
    with (
        session.database(doubted=True) as database,
        one_moment(database.conninfo("reader")) as connection,
    ):
        _refuse_other_key(database, connection)
        found = _check_log(database, connection, trusted, kept)
        compared = _check_registers(session, database, connection, found, sample=asked.sample)
    return _report(session, found, compared=compared)


def _refuse_other_key(database: Database, connection: Connection[Any]) -> None:
    """Raise `VerificationFailed` where the home's key opens no person's key and made no mark.

    Every fact would seem to be a stranger's then. One key that does not open is told by itself.
    """
    try:
        database.check_persons_keys()
    except NotReady as error:
        shut, persons = error.params.get("shut"), error.params.get("persons")
        first = facts_after(connection.cursor(), database.marks.unmarked_until, 1)
        if shut == persons and database.marks.strangers(first):
            raise VerificationFailed(error.code, shut=shut, persons=persons) from error


def _check_log(
    database: Database, connection: Connection[Any], trusted: Trusted, kept: Seen | None
) -> Audit:
    """Audit the log, with the names and keys that follow from it and the heads that were seen."""
    told: list[CorruptFact] = []
    archive = DatabaseArchive(connection, database.marks, tell=told.append)
    cursor = connection.cursor()
    said = said_by_registers(cursor)
    content = format_registers(said) if said is not None else None

    def compare(recount: Recount) -> None:
        recount.compare_names(connection, database.registry().keyring.unwrap)

    found = _audit(archive, trusted, content, begin=compare)
    for foreign in told:
        found.blame(foreign.code, **foreign.params)
    if kept is not None:
        check_since(archive, found, kept)
    remembered = database.newest_head.read() or Remembered()
    _check_end(found, cursor, remembered)
    if remembered.head is None and head_position(cursor) == 0 and newest_note(cursor) is None:
        # Nothing was ever recorded: there is nothing that somebody would have to vouch for.
        found.forgive("key-list-missing")
    return found


def _check_end(found: Audit, cursor: Cursor[Any], remembered: Remembered) -> None:
    """Tell of a log that ends before it should, or counts its facts wrongly."""
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_continues(cursor, remembered),
        lambda: check_end(cursor),
    )
    for check in checks:
        try:
            check()
        except VerificationFailed as error:
            found.blame_error(error)
    if not head_is_derived(cursor):
        found.blame("log-head-differs")


def _check_registers(
    session: Session,
    database: Database,
    connection: Connection[Any],
    found: Audit,
    *,
    sample: bool,
) -> dict[str, Any]:
    """Compare the rows of the registers, all or some; what that took."""
    begun = time.monotonic()
    side = (connection, database.conninfo("projector"), database.marks, ALL_REGISTERS)
    try:
        if sample:
            checked = sample_registers(*side, tell=found.blame)
        else:
            with session.progress() as progress:
                task = progress.add_task(session.text("checking-registers"), total=None)

                def show(done: int, head: int) -> None:
                    progress.update(task, completed=done, total=head)

                checked = check_registers(*side, tell=found.blame, progress=show)
    except CorruptFact as error:
        # The audit has told of the fact; of registers nothing can be said then.
        if not any(finding.code == error.code for finding in found.findings):
            found.blame(error.code, **error.params)
        return {"sampled": sample, "left_out": [one.name for one in ALL_REGISTERS]}
    return {
        "sampled": sample,
        "facts": checked.facts,
        "rows": checked.rows,
        "seconds": round(time.monotonic() - begun, 2),
        "left_out": list(checked.left_out),
    }


def audit_kit(
    session: Session, folder: Path, trusted: Trusted, key: Path | None, opened: Path | None
) -> int:
    """Audit a kit. Raises `Rejected` if there is none; exit code 4 if anything is wrong.

    With an auditor's key every sealed value is opened too, and written down if he wants; what was
    seen before must be in the kit.
    """
    if not folder.is_dir():
        raise Rejected("kit-not-found", field="KIT_DIR", path=str(folder))
    seen = read_seen(trusted.since, "--since") if trusted.since is not None else None
    files = FolderFiles(folder)
    # A kit without its registers' file is no whole kit: empty is other than what is derived.
    said = files.read(REGISTERS) or b""
    auditor = auditor_of(files.lines(AUDITOR_KEYS))
    if key is None:
        found = _audit(Kit(files), trusted, said, auditor=auditor)
        return _report_since(session, files, found, seen)
    with opened_values(opened) as tell:
        opening = Opening(read_secret(key), files.lines(AUDITOR_KEYS), tell)
        found = _audit(Kit(files), trusted, said, opening, auditor=auditor)
        return _report_since(session, files, found, seen, opening)


def _report_since(
    session: Session,
    files: FolderFiles,
    found: Audit,
    seen: Seen | None,
    opening: Opening | None = None,
) -> int:
    if seen is not None:
        check_since(Kit(files), found, seen)
    return _report(session, found, opening)


def read_seen(path: Path, option: str) -> Seen:
    """What was seen before: a kit in a folder, or a head in a file. Raises `Rejected`."""
    try:
        if path.is_dir():
            return seen_archive(Kit(FolderFiles(path)))
        return seen_head(path.read_bytes()[:NOTE_BYTES_MAX])
    except (OSError, VerificationFailed) as error:
        raise Rejected("checkpoint-unreadable", field=option, path=str(path)) from error


def _audit(
    archive: Archive,
    trusted: Trusted,
    said: bytes | None,
    opening: Opening | None = None,
    *,
    auditor: str | None = None,
    begin: Callable[[Recount], None] = lambda _: None,
) -> Audit:
    """Audit an archive, and compare what its registers said with what its facts make.

    An auditor for whom it carries personal keys must stand in its log.
    """
    with Recount(archive, registers_position(said)) as recount:
        begin(recount)
        if opening is not None:
            opening.begin(recount)
        found = audit(
            recount,
            read_roots(trusted.roots),
            now=int(time.time()),
            authorities=read_certificates(trusted.authorities),
        )
        derived = format_registers(recount.said(found))
        # A database's registers may stand apart for a moment; their rows are compared elsewhere.
        if said is not None and said != derived:
            found.blame("registers-differ")
        if auditor is not None and auditor not in recount.disclosed_to:
            found.blame("disclosure-unrecorded")
        if opening is not None:
            opening.end(recount)
    return found


def _report(
    session: Session,
    found: Audit,
    opening: Opening | None = None,
    compared: dict[str, Any] | None = None,
) -> int:
    if session.as_json:
        counts = {} if opening is None else {"opened": opening.opened, "sealed": opening.sealed}
        rows = {} if compared is None else {"registers": compared}
        session.answer({**_as_json(session, found), **counts, **rows})
        return DONE if found.is_good else REFUTED
    for finding in found.findings:
        print(describe(finding.code, finding.params, session.language))
    key_list = found.key_list
    if key_list is not None and key_list.trial:
        session.say("audit.trial")
    if not found.roots_pinned and key_list is not None:
        session.say("audit.unpinned", roots="\n".join(str(root) for root in key_list.roots))
    if found.stamped_at is not None:
        at = format_time(found.stamped_at, session.language)
        session.say("audit.stamped", size=found.stamped_size, at=at)
    if compared is not None and "rows" in compared:
        session.say("check.registers", **compared)
    if compared is not None and compared["left_out"]:
        session.say("check.left-out", names=", ".join(compared["left_out"]))
    if opening is not None:
        session.say("audit.opened", opened=opening.opened, sealed=opening.sealed)
    code = "audit.good" if found.is_good else "audit.bad"
    summary = session.text(
        code, facts=found.facts, size=found.size, heads=found.heads, unsealed=found.unsealed
    )
    print(summary)
    return DONE if found.is_good else REFUTED


def _as_json(session: Session, found: Audit) -> dict[str, Any]:
    key_list = found.key_list
    return {
        "good": found.is_good,
        "facts": found.facts,
        "size": found.size,
        "heads": found.heads,
        "unsealed": found.unsealed,
        "witnessed_size": found.witnessed_size,
        "stamped_size": found.stamped_size,
        "stamped_at": found.stamped_at.isoformat() if found.stamped_at else None,
        "log": key_list.log if key_list else None,
        "key_list_version": key_list.version if key_list else None,
        "trial": key_list.trial if key_list else None,
        "roots_pinned": found.roots_pinned,
        "findings": [
            {
                "code": finding.code,
                **finding.params,
                "message": describe(finding.code, finding.params, session.language),
            }
            for finding in found.findings
        ],
    }
