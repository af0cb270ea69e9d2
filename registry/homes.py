"""What a home holds before anything is opened in it: a register, an unfinished restore, nothing.

A home is never filled silently where something is missing from it: keys without their database
have lost it, and an empty home with a backup beside it waits to be restored. Whoever wants a new
register there names another home.
"""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from registry.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.settings import Settings

MANIFEST: Final = "manifest.json"
RESTORING: Final = "restoring"

_FOLDERS_LOOKED_AT_MAX: Final = 1_000
_MANIFEST_BYTES_MAX: Final = 1_000_000


def check_home(settings: Settings) -> None:
    """Raise `NotReady` where a home must not be opened, before anything is made in it.

    `restore-unfinished`; for the embedded server `register-missing` and `backup-found`.
    """
    if unfinished_restore(settings.home).exists():
        raise NotReady("restore-unfinished", path=str(settings.home))
    data = settings.home / "postgres" / "data"
    # What PostgreSQL writes first of all: a folder without it is emptied, not a database.
    if settings.database_url is not None or (data / "PG_VERSION").exists():
        return
    keys = settings.home / "keys"
    if any(name for name in _names(keys) if not name.startswith(".")):
        raise NotReady("register-missing", path=str(keys), folder=str(settings.home / "postgres"))
    refuse_beside_backup(settings)


def refuse_beside_backup(settings: Settings) -> None:
    """Raise `NotReady` with `backup-found` where a backup lies in a home or beside it."""
    for folder in (settings.home, settings.home.parent):
        for path in _folders(folder):
            if _is_backup(path):
                raise NotReady("backup-found", path=str(path), home=str(settings.home))


def unfinished_restore(home: Path) -> Path:
    """The file that stands from the beginning of a restore to its end."""
    return home / "keys" / RESTORING


def _names(folder: Path) -> list[str]:
    with suppress(OSError):
        return [path.name for path in folder.iterdir()]
    return []


def _folders(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from islice(folder.iterdir(), _FOLDERS_LOOKED_AT_MAX)


def _is_backup(folder: Path) -> bool:
    """Whether a folder has the manifest of a backup of ours."""
    try:
        with (folder / MANIFEST).open("rb") as file:
            manifest = json.loads(file.read(_MANIFEST_BYTES_MAX))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(manifest, dict) and manifest.keys() >= {"format", "files", "log", "made_at"}
