"""`sovang backup`: database, keys and a manifest, into a folder of their own.

The dump is one consistent view of the log, and the manifest says what that view ends with:
position, number of facts, digest. The read side is left out; it is made again from the log.

What is true if we die: the manifest is written last, so a folder without one is no backup.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import psycopg

from registry.durable_files import write_file
from registry.errors import Rejected
from scripts.command_line.archive import (
    DUMP,
    FOLDER_MODE,
    FORMAT,
    KEY,
    KEY_MODE,
    MANIFEST,
    NEWEST_HEAD,
    SIGNING,
    key_path,
    log_summary,
    pack_signing_keys,
    run_program,
    sha256_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from registry.database import Database
    from registry.settings import Settings
    from scripts.command_line.session import Session


def run(session: Session, folder: Path) -> None:
    """Back up into a folder that is empty or not there. Raises `Rejected` and `NotReady`."""
    _make_folder(folder)
    with session.database() as database:
        # Before the dump: what is remembered of the log must not be newer than what is dumped.
        remembered = database.newest_head.read()
        session.say("backup.dumping")
        manifest = _dump(session.settings, database, folder / DUMP)
    write_file(folder / KEY, key_path(session.settings).read_bytes())
    if remembered is not None:
        write_file(folder / NEWEST_HEAD, remembered.as_bytes())
    pack_signing_keys(session.settings.home, folder / SIGNING)
    manifest["files"] = {
        name: {"bytes": (folder / name).stat().st_size, "sha256": sha256_of(folder / name)}
        for name in (DUMP, KEY, NEWEST_HEAD, SIGNING)
        if (folder / name).is_file()
    }
    content = json.dumps(manifest, ensure_ascii=False, indent=2).encode()
    write_file(folder / MANIFEST, content)
    _flush_folder(folder)
    if session.as_json:
        session.answer(manifest)
    else:
        session.say("backup.done", facts=manifest["log"]["facts"], folder=folder)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Rejected("backup-folder-not-empty", field="DIR", path=str(folder))
    except OSError as error:
        raise Rejected(
            "folder-unusable", field="DIR", path=str(folder), reason=error.strerror
        ) from error


def _dump(settings: Settings, database: Database, path: Path) -> dict[str, Any]:
    """Dump the log as one transaction sees it; return what the manifest says of it."""
    with psycopg.connect(database.administrator) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        summary = log_summary(connection)
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        left_out = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspowner = 'sovang_projector'::regrole"
        ).fetchall()
        migrations = connection.execute("SELECT name FROM public.migrations ORDER BY name")
        names = [name for (name,) in migrations]
        server = connection.info.server_version
        assert snapshot is not None  # noqa: S101 - a function returns its row
        # The transaction stays open meanwhile: it keeps the view that the dump reads.
        run_program(
            settings,
            "pg_dump",
            server // 10_000,
            database.administrator,
            [
                "--format=custom",
                f"--snapshot={snapshot[0]}",
                f"--file={path}",
                *[f"--exclude-schema={name}" for (name,) in left_out],
            ],
        )
    path.chmod(KEY_MODE)
    return {
        "format": FORMAT,
        "program": _program_version(),
        "server": server,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "migrations": names,
        "log": summary,
    }


def _program_version() -> str:
    try:
        return version("sovang")
    except PackageNotFoundError:
        return "0"


def _flush_folder(folder: Path) -> None:
    """Make the names of the files as durable as their content."""
    for path in (folder / DUMP, folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
