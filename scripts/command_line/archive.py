"""What a backup is: files in a folder, and the programs that write and read the dump.

The dump, the key to personal values, the newest head that the home had seen, the signing keys where
it has some, and a manifest with its signature; where it is asked for, the log in a form of our own
too.
"""

from __future__ import annotations

import os
import subprocess
from hashlib import file_digest
from typing import TYPE_CHECKING, Any, Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from registry.embedded.programs import DEBIAN_PROGRAMS, find_programs
from registry.errors import NotReady
from registry.newest_head import NAME
from registry.personal_key import KEY_FILE, personal_key_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import psycopg

    from registry.settings import Settings

DUMP: Final = "register.dump"
PORTABLE: Final = "register.log.gz"
KEY: Final = KEY_FILE
SIGNING: Final = "signing-keys.tar"
NEWEST_HEAD: Final = NAME
KEY_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
REASON_CHARACTERS_MAX: Final = 500

# The tables of the log, whose rows are counted before and after.
TABLES: Final = (
    "log.facts",
    "log.claims",
    "log.subject_keys",
    "log.tiles",
    "log.checkpoints",
    "log.cosignatures",
    "log.key_lists",
    "log.stamps",
)


def key_path(settings: Settings) -> Path:
    """Where the register keeps its key-encryption key."""
    return personal_key_path(settings.home)


def run_program(
    settings: Settings, name: str, major: int, administrator: str, arguments: Sequence[str]
) -> None:
    """Run `pg_dump` or `pg_restore` on a database.

    `major` is the server's version: a program of the same version is preferred, because an
    older one cannot read the server and a newer one may speak of settings it does not know.
    Raises `NotReady` with the program's last line.
    """
    parameters = conninfo_to_dict(administrator)
    # A password on the command line could be read by everybody on the machine.
    secret = {"PGPASSWORD": str(parameters.pop("password"))} if "password" in parameters else {}
    target = make_conninfo("", **parameters)
    done = subprocess.run(
        [_program(settings, name, major), "--no-password", f"--dbname={target}", *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8", **secret},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [str(done.returncode)]
        raise NotReady(f"{name.replace('_', '-')}-failed", reason=lines[-1][:REASON_CHARACTERS_MAX])


def _program(settings: Settings, name: str, major: int) -> Path:
    of_debian = DEBIAN_PROGRAMS / str(major) / "bin" / name
    if settings.programs is None and settings.database_url and of_debian.is_file():
        return of_debian
    found = find_programs(settings.programs)
    if found.major < major:
        raise NotReady("backup-programs-too-old", version=found.version, server=major)
    return found.folder / name


def log_summary(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """What the log ends with, and how many rows its tables have, in one transaction."""
    head = connection.execute("SELECT position, facts, digest FROM log.head").fetchone()
    if head is None:
        raise NotReady("log-not-ready")
    counts = {}
    for table in TABLES:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        counts[table] = found[0] if found is not None else 0
    return {
        "position": head[0],
        "facts": head[1],
        "digest": format_digest(head[2]),
        "rows": counts,
    }


def format_digest(digest: int) -> str:
    """The log's 64-bit digest as people compare it: sixteen hexadecimal digits."""
    return f"{digest & (2**64 - 1):016x}"


def sha256_of(path: Path) -> str:
    """Digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
