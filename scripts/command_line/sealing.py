"""`sovang log ...` and `sovang audit`: is the log what was sealed.

`check` asks the database itself, `audit` a kit that was exported from it, on a machine that has
neither database nor network. Both derive everything again and say what is wrong at which
position; then the exit code is 4.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from projections.recount import Recount
from projections.sealed_archive import (
    DatabaseArchive,
    Disclosure,
    check_empty,
    one_moment,
    said_by_registers,
    write_kit,
)
from projections.sealed_log import SealState, latest_head, seal_state
from projections.sealing import Sequencer, log_signers
from registry.errors import CorruptFact, NotReady, Rejected, VerificationFailed
from registry.messages import describe, format_time
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
from registry.proofs.notes import NoteKey, parse_note_key
from registry.trust import prepare_keys
from scripts.command_line.archive import format_digest
from scripts.command_line.disclosing import Opening, opened_values, read_secret
from scripts.command_line.failures import DONE, REFUTED
from scripts.command_line.registers import bring_up_to_date
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from registry.database import Database
    from registry.disclosure import DisclosePersonalKeys
    from scripts.command_line.session import Session

ROOT_FILE_BYTES_MAX = 100_000
CERTIFICATE_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Trusted:
    """What an auditor brings along: files with root keys, and with authorities' certificates."""

    roots: Path | None = None
    authorities: Path | None = None


def status(session: Session) -> None:
    """Where the log ends, and how far it is sealed."""
    with session.database() as database:
        head = database.registry().log.head()
        with database.pool("reader").connection() as connection:
            sealed = seal_state(connection.cursor())
    digest = format_digest(head.digest)
    if session.as_json:
        document = {"position": head.position, "facts": head.facts, "digest": digest}
        session.answer({**document, "sealed": _sealed_json(sealed)})
        return
    print(session.text("log.state", facts=head.facts, position=head.position, digest=digest))
    at = sealed.sealed_at
    when = format_time(at, session.language) if at is not None else "–"
    print(session.text("log.sealed", size=sealed.size, at=when, unsealed=sealed.unsealed))


def check(session: Session, trusted: Trusted) -> int:
    """Audit the log in place, and the registers' counts. Exit code 4 if anything is wrong."""
    with session.database() as database:
        _check_persons_keys(database)
        _bring_up_to_date(session, database)
        with one_moment(database.conninfo("reader")) as connection:
            said = said_by_registers(connection.cursor())
            content = format_registers(said) if said is not None else None
            found = _audit(DatabaseArchive(connection, database.marks), trusted, content)
    return _report(session, found)


def audit_kit(
    session: Session, folder: Path, trusted: Trusted, key: Path | None, opened: Path | None
) -> int:
    """Audit a kit. Raises `Rejected` if there is none; exit code 4 if anything is wrong.

    With an auditor's key every sealed value is opened too, and written down if he wants.
    """
    if not folder.is_dir():
        raise Rejected("kit-not-found", field="KIT_DIR", path=str(folder))
    files = FolderFiles(folder)
    said = files.read(REGISTERS)
    auditor = auditor_of(files.lines(AUDITOR_KEYS))
    if key is None:
        return _report(session, _audit(Kit(files), trusted, said, auditor=auditor))
    with opened_values(opened) as tell:
        opening = Opening(read_secret(key), files.lines(AUDITOR_KEYS), tell)
        found = _audit(Kit(files), trusted, said, opening, auditor=auditor)
        return _report(session, found, opening)


def export(session: Session, folder: Path, asked: DisclosePersonalKeys | None) -> None:
    """Write the sealed log as an auditor's kit into an empty folder.

    With the keys of personal values, if an auditor asked for them: that is recorded before.
    """
    with session.database() as database:
        disclosure = None
        if asked is not None:
            check_empty(folder)
            registry = database.registry()
            registry.create("disclosure", asked, authorship())
            disclosure = Disclosure(asked.auditor_key, registry.keyring.unwrap)
        _bring_up_to_date(session, database)
        with session.progress() as progress:
            task = progress.add_task(session.text("exporting", file=folder), total=None)
            size = write_kit(
                database.conninfo("reader"),
                database.marks,
                folder,
                lambda done, total: progress.update(task, completed=done, total=total),
                disclosure,
            )
    if session.as_json:
        session.answer({"size": size, "folder": str(folder)})
    else:
        session.say("kit.written", size=size, folder=folder)


def checkpoint(session: Session) -> None:
    """Print the last signed head: to be kept, printed, sent to a newspaper."""
    with session.database() as database:
        seal(session, database)
        with database.pool("reader").connection() as connection:
            head = latest_head(connection.cursor())
    note = head.note.decode()
    if session.as_json:
        session.answer({"size": head.size, "sealed_at": head.sealed_at.isoformat(), "note": note})
    else:
        print(note, end="")


def _check_persons_keys(database: Database) -> None:
    """Raise `VerificationFailed` unless the key of this home opens every person's key."""
    try:
        database.check_persons_keys()
    except NotReady as error:
        told = error.params
        raise VerificationFailed(
            "personal-key-wrong", shut=told.get("shut"), persons=told.get("persons")
        ) from error


def _bring_up_to_date(session: Session, database: Database) -> None:
    """Let registers and seals cover everything that the log has now."""
    bring_up_to_date(session, database)
    seal(session, database)


def seal(session: Session, database: Database) -> None:
    """Seal what is there, unless a server is at it; without keys that can be used only say so."""
    try:
        key_set, _ = prepare_keys(database.registry(), session.settings)
    except (NotReady, CorruptFact, VerificationFailed) as error:
        session.say("unsealed", reason=describe(error.code, error.params, session.language))
        return
    sequencer = Sequencer(database.conninfo("projector"), database.marks, log_signers(key_set))
    try:
        sequencer.seal_all()
    finally:
        sequencer.close()


def read_roots(path: Path | None) -> tuple[NoteKey, ...]:
    """Root keys from a file, one a line. Raises `Rejected` and `VerificationFailed`."""
    if path is None:
        return ()
    try:
        text = path.read_bytes()[:ROOT_FILE_BYTES_MAX].decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected("root-keys-unreadable", field="--roots", path=str(path)) from error
    keys = tuple(parse_note_key(line.strip()) for line in text.splitlines() if line.strip())
    if not keys:
        raise Rejected("root-keys-unreadable", field="--roots", path=str(path))
    return keys


def read_certificates(path: Path | None) -> tuple[bytes, ...]:
    """Certificates (DER) of authorities from a file of PEM. Raises `Rejected`."""
    if path is None:
        return ()
    try:
        found = load_pem_x509_certificates(path.read_bytes()[:CERTIFICATE_BYTES_MAX])
    except (OSError, ValueError) as error:
        raise Rejected("tsa-certificate-unreadable", field="--tsa", path=str(path)) from error
    return tuple(one.public_bytes(Encoding.DER) for one in found)


def _audit(
    archive: Archive,
    trusted: Trusted,
    said: bytes | None,
    opening: Opening | None = None,
    *,
    auditor: str | None = None,
) -> Audit:
    """Audit an archive, and compare what its registers said with what its facts make.

    An auditor for whom it carries personal keys must stand in its log.
    """
    with Recount(archive, registers_position(said)) as recount:
        if opening is not None:
            opening.begin(recount)
        found = audit(
            recount,
            read_roots(trusted.roots),
            now=int(time.time()),
            authorities=read_certificates(trusted.authorities),
        )
        if said != format_registers(recount.said(found)):
            found.blame("registers-differ")
        if auditor is not None and auditor not in recount.disclosed_to:
            found.blame("disclosure-unrecorded")
        if opening is not None:
            opening.end(recount)
    return found


def _report(session: Session, found: Audit, opening: Opening | None = None) -> int:
    if session.as_json:
        counts = {} if opening is None else {"opened": opening.opened, "sealed": opening.sealed}
        session.answer({**_as_json(session, found), **counts})
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
    if opening is not None:
        session.say("audit.opened", opened=opening.opened, sealed=opening.sealed)
    code = "audit.good" if found.is_good else "audit.bad"
    summary = session.text(
        code, facts=found.facts, size=found.size, heads=found.heads, unsealed=found.unsealed
    )
    print(summary)
    return DONE if found.is_good else REFUTED


def _sealed_json(state: SealState) -> dict[str, Any]:
    return {
        "size": state.size,
        "sealed_at": state.sealed_at.isoformat() if state.sealed_at else None,
        "age_seconds": state.age_seconds,
        "unsealed": state.unsealed,
    }


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
