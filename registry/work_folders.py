"""Folders for files that are worked on: uploads, print jobs, archives. They hold what people sent.

    HOME/work/PID-XXXX/         of one process, which holds a lock on it as long as it lives
    HOME/work/PID-XXXX/NAME-*/  of one piece of work

Under the home and closed to others, not in the machine's folder for temporary files: what a
killed process left there would stay for anybody who looks. What is true if we die: the lock goes
with us, and the next start removes every folder that nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODE: Final = 0o700
_LOCK: Final = ".lock"


class WorkFolders:
    """Makes folders for the work of one process; without a home, where the machine keeps such."""

    def __init__(self, home: Path | None) -> None:
        self._root = home / "work" if home is not None else None
        self._own: Path | None = None
        self._held: int | None = None
        self._making = Lock()
        if self._root is not None and self._root.is_dir():
            self._sweep(self._root)

    def make(self, name: str) -> Path:
        """A new empty folder; whoever asks removes it."""
        if self._root is None:
            return Path(tempfile.mkdtemp(prefix=f"sovang-{name}-"))
        with self._making:
            if self._own is None:
                self._own = self._take_own(self._root)
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._own))

    def close(self) -> None:
        """Remove what is left, and let go."""
        own, held, self._own, self._held = self._own, self._held, None, None
        if own is not None:
            shutil.rmtree(own, ignore_errors=True)
        if held is not None:
            os.close(held)

    def _take_own(self, root: Path) -> Path:
        root.mkdir(mode=_MODE, parents=True, exist_ok=True)
        with _alone(root):
            own = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root))
            self._held = os.open(own, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._held, fcntl.LOCK_EX)
        return own

    def _sweep(self, root: Path) -> None:
        """Remove the folders of processes that are gone."""
        with suppress(OSError), _alone(root):
            for path in root.iterdir():
                if path.is_dir() and not path.is_symlink() and not _is_held(path):
                    shutil.rmtree(path, ignore_errors=True)


def is_worked_on(folder: Path) -> bool:
    """Whether the process that made a folder for work lives, and the folder stands."""
    try:
        return folder.is_dir() and _is_held(folder.parent)
    except OSError:
        return False


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Between making a folder and holding it nobody sweeps."""
    with (root / _LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_held(folder: Path) -> bool:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        # Shared: two who look at once do not take each other for the owner.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
