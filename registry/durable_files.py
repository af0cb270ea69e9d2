"""Files that outlive a crash: written down to the disk, replaced one by one or all together.

Replacing several files together goes by a folder of new ones inside theirs:

    FOLDER/.replacing-XXXX/    being written; worth nothing, whoever finds it
    FOLDER/.replacing/         whole: from the renaming on, what is in it counts

What is true if we die: before the renaming every old file counts; after it every new one, and
whoever opens the folder next moves them into place first (`finish_replacing`).
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from registry.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_MODE: Final = 0o600
WHOLE: Final = ".replacing"


def write_file(path: Path, content: bytes) -> None:
    """Write a new file that nobody else may read, down to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Make the names in a folder as durable as their content."""
    flush_file(folder)


def flush_file(path: Path) -> None:
    """Write down to the disk what a file, or a folder, holds."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Replace one file, or write it anew."""
    aside = path.with_name(f".{path.name}-{os.getpid()}-{os.urandom(4).hex()}")
    write_file(aside, content)
    aside.replace(path)
    flush_folder(path.parent)


def replace_together(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Replace files of a folder, all of them or none; one without content is taken away.

    Raises `NotReady` while somebody else replaces files there.
    """
    finish_replacing(folder)
    try:
        with tempfile.TemporaryDirectory(
            prefix=f"{WHOLE}-", dir=folder, ignore_cleanup_errors=True
        ) as aside:
            for name, content in contents.items():
                write_file(Path(aside) / name, content)
            flush_folder(Path(aside))
            Path(aside).rename(folder / WHOLE)
    except OSError as error:
        raise NotReady("files-not-replaced", path=str(folder), reason=error.strerror) from error
    flush_folder(folder)
    finish_replacing(folder)


def finish_replacing(folder: Path) -> None:
    """Move into place what somebody who died had ready; another process may be at it too."""
    whole = folder / WHOLE
    if not whole.is_dir():
        return
    for path in sorted(whole.iterdir()):
        with suppress(FileNotFoundError):
            if path.stat().st_size:
                path.replace(folder / path.name)
            else:
                (folder / path.name).unlink(missing_ok=True)
                path.unlink()
    flush_folder(folder)
    with suppress(FileNotFoundError):
        whole.rmdir()
