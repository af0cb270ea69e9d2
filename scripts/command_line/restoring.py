"""`sovang restore`: a backup into an empty home, verified against its manifest.

Nothing is overwritten: a home whose register holds anything is refused, and so is a database of
your own that has a fact. A register without a single fact, as any command makes it in an empty
home, gives way; its keys are put aside, not removed.

What is true if we die: `keys/restoring` stands until everything is in its place, and no command
opens the register meanwhile. The same restore again goes on where it was: what was loaded came in
one transaction, and is compared with the manifest before anything counts. A restore that fails
cleans up behind itself.
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg

from registry.database import DATABASE_NAME, Database, make_database
from registry.database_roles import make_roles
from registry.durable_files import flush_folder, replace_file
from registry.embedded import EmbeddedPostgres
from registry.errors import NotReady, Rejected
from registry.homes import unfinished_restore
from registry.key_set import signing_folder
from registry.newest_head import Remembered, parse_remembered
from registry.personal_key import keep_check, kept_check, key_check, verify_persons_keys
from registry.sealing import KEY_BYTES
from scripts.command_line import going_back
from scripts.command_line.archive import (
    DUMP,
    FOLDER_MODE,
    KEY,
    NEWEST_HEAD,
    PORTABLE,
    SIGNING,
    format_digest,
    key_path,
    log_summary,
    run_program,
)
from scripts.command_line.backup_manifest import Backup, read_backup, verify_manifest
from scripts.command_line.backup_secrets import (
    SEALED,
    Sealing,
    read_secret_file,
    sealing_for_restore,
)
from scripts.command_line.emptiness import clear_unused, holds_facts, refuse_home_in_use
from scripts.command_line.portable_log import load_portable
from scripts.command_line.sealing import read_roots
from scripts.command_line.tar_files import unpack_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.settings import Settings
    from scripts.command_line.session import Session

_SUPERUSER = "postgres"
_RESTORE_LOCK = 5_601_947


@dataclass(frozen=True, slots=True)
class Restoring:
    """What a restore is told.

    `roots` must have signed the key list; `unsigned` will do; `older_because` says why an older
    log than the home has seen is put back.
    """

    roots: Path | None = None
    unsigned: bool = False
    older_because: str | None = None


def run(session: Session, folder: Path, wanted: Restoring) -> None:
    """Restore from a folder. Raises `Rejected`, `NotReady` and `VerificationFailed`.

    A home that has seen a newer log, or another one, takes the backup only `older_because` of a
    reason, which the log itself records.
    """
    backup = read_backup(folder)
    pinned = read_roots(wanted.roots)
    key, signing = _secrets(session, backup)
    settings = session.settings
    with _opened(settings) as administrator, _claimed(settings, administrator, backup) as claim:
        if not claim.begun:
            session.say("restore.loading")
            _load(settings, administrator, backup)
            claim.loaded = True
        session.say("restore.checking")
        with closing(Database(administrator, home_key=key)) as database:
            _check(database, backup, key)
            # Before any fact is read: which of them need no mark is judged first.
            brought = _brought(backup)
            put_back = going_back.judge(database, settings.home, brought, wanted.older_because)
            verify_manifest(backup, database.registry(), pinned, unsigned=wanted.unsigned)
            _keep_keys(settings, key, signing)
            going_back.keep(database, settings.home, put_back)
    unfinished_restore(settings.home).unlink()
    flush_folder(settings.home / "keys")
    _say_done(session, backup)


def _brought(backup: Backup) -> Remembered | None:
    """What the backup's own home remembered of the log; None from an older program."""
    if not backup.has(NEWEST_HEAD):
        return None
    return parse_remembered((backup.folder / NEWEST_HEAD).read_bytes())


def _say_done(session: Session, backup: Backup) -> None:
    log, signed = backup.manifest["log"], backup.signature is not None
    if not signed:
        session.say("restore.unsigned")
    if session.as_json:
        session.answer({"restored": True, "log": log, "signed": signed})
    else:
        session.say("restore.done", facts=log["facts"])


def _secrets(session: Session, backup: Backup) -> tuple[bytes, bytes | None]:
    """The key to personal values, and the packed signing keys. Raises `Rejected`, `NotReady`."""
    sealing = sealing_for_restore(session) if backup.has(KEY + SEALED) else None
    key = _secret(backup, KEY, sealing)
    signing = _secret(backup, SIGNING, sealing)
    if key is None or len(key) != KEY_BYTES:
        raise Rejected("backup-altered", field="DIR", path=str(backup.folder / KEY))
    if not backup.is_of_older_program and key_check(key).hex() != backup.manifest["key_check"]:
        raise Rejected("backup-key-differs", field="DIR", path=str(backup.folder))
    return key, signing


def _secret(backup: Backup, name: str, sealing: Sealing | None) -> bytes | None:
    if sealing is not None and backup.has(name + SEALED):
        return sealing.open(name, read_secret_file(backup.folder / (name + SEALED)))
    return read_secret_file(backup.folder / name) if backup.has(name) else None


@contextmanager
def _opened(settings: Settings) -> Iterator[str]:
    """The connection string of the database to restore into; nothing is migrated."""
    folder = settings.home / "postgres"
    with ExitStack() as stack:
        if settings.database_url is not None:
            yield settings.database_url
            return
        is_new = not (folder / "data").exists()
        refuse_home_in_use(settings)
        try:
            server = EmbeddedPostgres(folder, binaries=settings.programs, run_as=settings.account)
            stack.enter_context(server)
            make_database(server.conninfo(_SUPERUSER, _SUPERUSER), DATABASE_NAME)
            yield server.conninfo(DATABASE_NAME, _SUPERUSER)
        except BaseException:
            stack.close()
            if is_new:
                shutil.rmtree(folder, ignore_errors=True)
            raise


@dataclass(slots=True)
class _Claim:
    """A home and a database that are ours until the restore is done.

    `begun` says that a restore which was cut off had loaded them; `loaded` that this one has.
    """

    begun: bool
    loaded: bool = False


@contextmanager
def _claimed(settings: Settings, administrator: str, backup: Backup) -> Iterator[_Claim]:
    """Make home and database ours. Raises `Rejected` where anything else is there.

    After a failure both are as empty as before.
    """
    mark, name = unfinished_restore(settings.home), sha256(backup.content).hexdigest().encode()
    with psycopg.connect(administrator, autocommit=True) as connection:
        # Held to the end: two restores into one database would take each other's facts away.
        lock = connection.execute("SELECT pg_try_advisory_lock(%s)", (_RESTORE_LOCK,)).fetchone()
        if lock is None or not lock[0]:
            raise NotReady("restore-running")
        if mark.exists():
            if mark.read_bytes() != name:
                raise NotReady("restore-unfinished", path=str(settings.home))
            if holds_facts(connection):
                yield _Claim(begun=True)
                return
            # Nothing but what that restore left; its mark goes as the last of it.
            shutil.rmtree(mark.parent)
        clear_unused(connection, settings)
        mark.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        replace_file(mark, name)
        claim = _Claim(begun=False)
        try:
            yield claim
        except BaseException:
            # Only what came with our own transaction: before it, nothing there is ours.
            if claim.loaded:
                _drop_loaded(connection)
            shutil.rmtree(mark.parent, ignore_errors=True)
            raise


def _drop_loaded(connection: psycopg.Connection[Any]) -> None:
    """Take away what this restore loaded into a database that had nothing."""
    connection.execute("DROP SCHEMA IF EXISTS log CASCADE")
    connection.execute("DROP TABLE IF EXISTS public.migrations")


def _load(settings: Settings, administrator: str, backup: Backup) -> None:
    """Load the dump, or the portable log where a newer server dumped; all of it or nothing."""
    with psycopg.connect(administrator, autocommit=True) as connection:
        major = connection.info.server_version // 10_000
        # Roles belong to the server, not to the database: the dump does not bring them.
        make_roles(connection)
    dumped_by = backup.manifest["server"] // 10_000
    if backup.has(PORTABLE) and (dumped_by > major or not backup.has(DUMP)):
        load_portable(administrator, backup.folder / PORTABLE)
        return
    run_program(
        settings,
        "pg_restore",
        major,
        administrator,
        ["--exit-on-error", "--single-transaction", str(backup.folder / DUMP)],
    )


def _check(database: Database, backup: Backup, key: bytes) -> None:
    """Raise unless facts and key are what the manifest says."""
    # A backup of an older program is brought to the present schema.
    database.migrate()
    _verify_facts(database.administrator, backup.manifest)
    _verify_key(database.administrator, backup, key)


def _verify_facts(administrator: str, manifest: dict[str, Any]) -> None:
    """Derive the digest anew from every fact. Raises `NotReady` if anything differs."""
    expected = manifest["log"]
    with psycopg.connect(administrator) as connection:
        found = log_summary(connection)
        derived = connection.execute(
            "SELECT coalesce(bit_xor(log.fact_digest(notification_id, originator_id,"
            " originator_version, topic, state)), 0) FROM log.facts"
        ).fetchone()
        newest = connection.execute(
            "SELECT note FROM log.checkpoints ORDER BY size DESC LIMIT 1"
        ).fetchone()
    assert derived is not None  # noqa: S101 - an aggregate gives a row
    found["digest"] = format_digest(derived[0])
    # A backup of an older program counts the tables that there were.
    found["rows"] = {table: found["rows"].get(table) for table in expected.get("rows", {})}
    head = bytes(newest[0]).decode(errors="replace") if newest is not None else None
    if found != expected or manifest.get("checkpoint", head) != head:
        raise NotReady("restore-differs", expected=str(expected), found=str(found))


def _verify_key(administrator: str, backup: Backup, key: bytes) -> None:
    """Raise `Rejected` unless the key is the one that this log's values are sealed under."""
    with psycopg.connect(administrator, autocommit=True) as connection:
        kept = kept_check(connection)
        try:
            verify_persons_keys(connection, key)
        except NotReady as error:
            path = str(backup.folder)
            raise Rejected("backup-key-differs", field="DIR", path=path) from error
        if kept is None:
            keep_check(connection, key)
        elif kept != key_check(key):
            raise Rejected("backup-key-differs", field="DIR", path=str(backup.folder))


def _keep_keys(settings: Settings, key: bytes, signing: bytes | None) -> None:
    """Put the keys into their place; what a restore that was cut off has put there stays."""
    folder = signing_folder(settings.home)
    if signing is not None and not folder.exists():
        for leftover in folder.parent.glob(".signing-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        aside = folder.with_name(f".signing-{os.getpid()}")
        unpack_folder(signing, aside)
        aside.rename(folder)
    replace_file(key_path(settings), key)
