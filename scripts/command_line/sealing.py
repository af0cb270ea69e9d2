"""`sovang log ...`: how far the log goes, its last head, and the kit for an auditor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from projections.sealed_archive import (
    Disclosure,
    check_empty,
    one_moment,
    write_kit,
)
from projections.sealed_log import SealState, latest_head, seal_state
from projections.sealing import Sequencer, log_signers
from registry.errors import CorruptFact, NotReady, Rejected, VerificationFailed
from registry.messages import describe, format_time
from registry.newest_head import check_end
from registry.proofs.notes import NoteKey, parse_note_key
from registry.trust import prepare_keys
from scripts.command_line.archive import format_digest
from scripts.command_line.registers import bring_up_to_date
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from registry.database import Database
    from registry.disclosure import DisclosePersonalKeys
    from scripts.command_line.session import Session

ROOT_FILE_BYTES_MAX = 100_000
CERTIFICATE_BYTES_MAX = 1_000_000


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


def export(session: Session, folder: Path, asked: DisclosePersonalKeys | None) -> None:
    """Write the sealed log as an auditor's kit into an empty folder.

    With the keys of personal values, if an auditor asked for them: that is recorded before.
    """
    with session.database() as database:
        # What the log lacks is told at once: no register and no seal can make up for it.
        with one_moment(database.conninfo("reader")) as connection:
            check_end(connection.cursor())
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
    sequencer = Sequencer(
        database.conninfo("projector"),
        database.marks,
        log_signers(key_set),
        newest_head=database.newest_head,
    )
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


def _sealed_json(state: SealState) -> dict[str, Any]:
    return {
        "size": state.size,
        "sealed_at": state.sealed_at.isoformat() if state.sealed_at else None,
        "age_seconds": state.age_seconds,
        "unsealed": state.unsealed,
    }
