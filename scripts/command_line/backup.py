"""`sovang backup`: database, keys and a signed manifest, into a folder of their own.

The dump is one consistent view of the log, and the manifest says what that view ends with:
position, number of facts, digest. The read side is left out; it is made again from the log.

What is true if we die: manifest and signature are written last, the manifest in one step, so a
folder without a manifest is no backup. One without its signature is refused as unsigned.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import psycopg

from registry.durable_files import (
    finish_replacing,
    flush_file,
    flush_folder,
    replace_file,
    write_file,
)
from registry.errors import NotReady, Rejected
from registry.homes import MANIFEST
from registry.key_set import signing_folder
from registry.personal_key import key_check, verify_persons_keys
from scripts.command_line.archive import (
    DUMP,
    FOLDER_MODE,
    KEY,
    KEY_MODE,
    NEWEST_HEAD,
    PORTABLE,
    SIGNING,
    log_summary,
    run_program,
    sha256_of,
)
from scripts.command_line.backup_manifest import (
    FORMAT,
    SIGNATURE,
    manifest_signer,
    sign_manifest,
)
from scripts.command_line.backup_secrets import SEALED, Sealing, sealing_for_backup
from scripts.command_line.portable_log import write_portable
from scripts.command_line.tar_files import pack_folder

if TYPE_CHECKING:
    from pathlib import Path

    from registry.database import Database
    from registry.proofs.keys import Signer
    from registry.settings import Settings
    from scripts.command_line.session import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a backup is to be made: keys in plain, without the log's signature, portable too."""

    plain_keys: bool = False
    unsigned: bool = False
    portable: bool = False


def run(session: Session, folder: Path, wanted: Wanted = Wanted()) -> None:
    """Back up into a folder that is empty or not there. Raises `Rejected` and `NotReady`."""
    _make_folder(folder)
    with session.database() as database:
        signer, trial = _signer(database, session.settings, wanted)
        sealing = sealing_for_backup(session, plain=wanted.plain_keys, trial=trial)
        # Before the dump: what is remembered of the log must not be newer than what is dumped.
        remembered = database.newest_head.read()
        session.say("backup.dumping")
        manifest = _dump(session.settings, database, folder, portable=wanted.portable)
        key = database.home_key
    if remembered is not None:
        write_file(folder / NEWEST_HEAD, remembered.as_bytes())
    manifest["key_check"] = key_check(key).hex()
    _keep_secret(folder, KEY, key, sealing)
    signing = signing_folder(session.settings.home)
    if signing.is_dir():
        finish_replacing(signing)
        _keep_secret(folder, SIGNING, pack_folder(signing), sealing)
    manifest["files"] = {
        path.name: {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in sorted(folder.iterdir())
    }
    _finish(folder, manifest, signer)
    if session.as_json:
        session.answer(manifest)
    else:
        session.say(
            "backup.done" if sealing is None else "backup.done-sealed",
            facts=manifest["log"]["facts"],
            folder=folder,
        )


def _signer(database: Database, settings: Settings, wanted: Wanted) -> tuple[Signer | None, bool]:
    """Who signs the manifest; nobody where that was asked for or there are no keys yet."""
    try:
        signer, trial = manifest_signer(database, settings)
    except NotReady:
        if not wanted.unsigned:
            raise
        return None, False
    return (None if wanted.unsigned else signer), trial


def _keep_secret(folder: Path, name: str, content: bytes, sealing: Sealing | None) -> None:
    if sealing is None:
        write_file(folder / name, content)
    else:
        write_file(folder / (name + SEALED), sealing.seal(name, content))


def _finish(folder: Path, manifest: dict[str, Any], signer: Signer | None) -> None:
    content = json.dumps(manifest, ensure_ascii=False, indent=2).encode()
    if signer is not None:
        write_file(folder / SIGNATURE, sign_manifest(signer, content))
    flush_file(folder / DUMP)
    flush_folder(folder)
    replace_file(folder / MANIFEST, content)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Rejected("backup-folder-not-empty", field="DIR", path=str(folder))
    except OSError as error:
        raise Rejected(
            "folder-unusable", field="DIR", path=str(folder), reason=error.strerror
        ) from error


def _dump(
    settings: Settings, database: Database, folder: Path, *, portable: bool
) -> dict[str, Any]:
    """Dump the log as one transaction sees it; return what the manifest says of it."""
    with psycopg.connect(database.administrator) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        summary = log_summary(connection)
        # A key that does not open what is dumped would be found when it is too late.
        verify_persons_keys(connection, database.home_key)
        newest = connection.execute(
            "SELECT note FROM log.checkpoints ORDER BY size DESC LIMIT 1"
        ).fetchone()
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
                f"--file={folder / DUMP}",
                *[f"--exclude-schema={name}" for (name,) in left_out],
            ],
        )
        if portable:
            write_portable(connection, folder / PORTABLE)
    (folder / DUMP).chmod(KEY_MODE)
    return {
        "format": FORMAT,
        "program": _program_version(),
        "server": server,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "migrations": names,
        "log": summary,
        "checkpoint": bytes(newest[0]).decode() if newest is not None else None,
    }


def _program_version() -> str:
    try:
        return version("sovang")
    except PackageNotFoundError:
        return "0"
