"""`sovang restore`: a backup into an empty home, verified against its manifest.

Nothing is overwritten: a home that has a database or a key is refused, and so is a database of
your own that has a log. What is true if we die: the home is not empty, and another restore is
refused until somebody has looked and emptied it; a failed one cleans up behind itself.
"""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from registry.database import DATABASE_NAME, Database, make_database, make_roles
from registry.durable_files import write_file
from registry.embedded import EmbeddedPostgres
from registry.errors import NotReady, Rejected
from registry.newest_head import Remembered, parse_remembered
from scripts.command_line import going_back
from scripts.command_line.archive import (
    DUMP,
    FORMAT,
    KEY,
    MANIFEST,
    NEWEST_HEAD,
    SIGNING,
    format_digest,
    key_path,
    log_summary,
    run_program,
    sha256_of,
    unpack_signing_keys,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.settings import Settings
    from scripts.command_line.session import Session

_SUPERUSER = "postgres"


def run(session: Session, folder: Path, older_because: str | None = None) -> None:
    """Restore from a folder. Raises `Rejected`, `NotReady` and `VerificationFailed`.

    A home that has seen a newer log, or another one, takes the backup only `older_because` of a
    reason, which the log itself records.
    """
    manifest = read_manifest(folder)
    settings = session.settings
    with _empty_home(settings), _empty_database(settings) as administrator:
        session.say("restore.loading")
        _load(settings, administrator, folder)
        key = (folder / KEY).read_bytes()
        database = Database(administrator, home_key=key)
        # A backup of an older program is brought to the present schema.
        database.migrate()
        session.say("restore.checking")
        _verify(administrator, manifest["log"])
        brought = _brought(folder) if NEWEST_HEAD in manifest["files"] else None
        put_back = going_back.judge(database, settings.home, brought, older_because)
        _keep_key(settings, key)
        if SIGNING in manifest["files"]:
            unpack_signing_keys(folder / SIGNING, settings.home)
        going_back.keep(database, settings.home, put_back)
        database.close()
    if session.as_json:
        session.answer({"restored": True, "log": manifest["log"]})
    else:
        session.say("restore.done", facts=manifest["log"]["facts"])


def _brought(folder: Path) -> Remembered:
    return parse_remembered((folder / NEWEST_HEAD).read_bytes())


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a backup, whose files are as it says. Raises `Rejected`."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            raise Rejected("backup-format-unknown", field="DIR", path=str(folder))
        for name in {DUMP, KEY, *manifest["files"]}:
            if sha256_of(folder / name) != manifest["files"][name]["sha256"]:
                raise Rejected("backup-altered", field="DIR", path=str(folder / name))
    except (OSError, ValueError, KeyError, TypeError):
        raise Rejected("backup-not-found", field="DIR", path=str(folder)) from None
    return manifest


@contextmanager
def _empty_home(settings: Settings) -> Iterator[None]:
    """Refuse a home in use; after a failure, leave it as empty as it was."""
    ours = [settings.home / "postgres"] if settings.database_url is None else []
    ours.append(key_path(settings).parent)
    for path in ours:
        if path.is_dir() and any(path.iterdir()):
            raise Rejected("restore-home-not-empty", path=str(path))
    try:
        yield
    except BaseException:
        for path in ours:
            shutil.rmtree(path, ignore_errors=True)
        raise


@contextmanager
def _empty_database(settings: Settings) -> Iterator[str]:
    """The connection string of a database without a log; nothing is migrated."""
    with ExitStack() as stack:
        if settings.database_url is None:
            server = EmbeddedPostgres(
                settings.home / "postgres", binaries=settings.programs, run_as=settings.account
            )
            stack.enter_context(server)
            make_database(server.conninfo(_SUPERUSER, _SUPERUSER), DATABASE_NAME)
            administrator = server.conninfo(DATABASE_NAME, _SUPERUSER)
        else:
            administrator = settings.database_url
        with psycopg.connect(administrator, autocommit=True) as connection:
            found = connection.execute("SELECT FROM pg_namespace WHERE nspname = 'log'")
            if found.fetchone() is not None:
                raise Rejected("restore-database-not-empty")
        yield administrator


def _load(settings: Settings, administrator: str, folder: Path) -> None:
    with psycopg.connect(administrator, autocommit=True) as connection:
        major = connection.info.server_version // 10_000
        # Roles belong to the server, not to the database: the dump does not bring them.
        make_roles(connection)
    run_program(
        settings,
        "pg_restore",
        major,
        administrator,
        ["--exit-on-error", "--single-transaction", str(folder / DUMP)],
    )


def _verify(administrator: str, expected: dict[str, Any]) -> None:
    """Derive the digest anew from every fact. Raises `NotReady` if anything differs."""
    with psycopg.connect(administrator) as connection:
        found = log_summary(connection)
        derived = connection.execute(
            "SELECT coalesce(bit_xor(log.fact_digest(notification_id, originator_id,"
            " originator_version, topic, state)), 0) FROM log.facts"
        ).fetchone()
    assert derived is not None  # noqa: S101 - an aggregate gives a row
    found["digest"] = format_digest(derived[0])
    # A backup of an older program counts the tables that there were.
    found["rows"] = {table: found["rows"].get(table) for table in expected.get("rows", {})}
    if found != expected:
        raise NotReady("restore-differs", expected=str(expected), found=str(found))


def _keep_key(settings: Settings, key: bytes) -> None:
    path = key_path(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_file(path, key)
