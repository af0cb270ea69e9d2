"""The folder of the embedded server: what lies where, how it is made, who runs in it.

ROOT/            0700, belongs to the account that runs the server
  lock           whoever holds it owns the server (embedded.py)
  data/          the data folder, made aside and renamed into place when it is whole
  run/           0700, the Unix socket; there is no TCP port
  server.log     what the server says
  programs-*/    a copy of the programs, only where the account cannot read the original

Two locked doors stand before the data: the socket's folder lets in the account and root, and
peer authentication asks the kernel who is calling. Nothing above ROOT is changed, ever.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from registry.embedded.programs import (
    ENVIRONMENT,
    Account,
    EmbeddedPostgresError,
    Programs,
    can_enter,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SUPERUSER = "postgres"
PORT = 5432  # only a part of the socket's name
SOCKET_PATH_BYTES_MAX = 107  # sun_path of unix(7) is 108 bytes with its closing zero
CLOSED = 0o700  # only the owner may enter
LOG_BYTES_MAX = 10_000_000
INITDB_SECONDS_MAX = 600
BUILTIN_LOCALE_FROM_MAJOR = 17


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """The places below the root of one embedded server."""

    root: Path

    @property
    def data(self) -> Path:
        """The data folder of PostgreSQL."""
        return self.root / "data"

    @property
    def run(self) -> Path:
        """The folder of the socket; libpq takes it as the host."""
        return self.root / "run"

    @property
    def socket(self) -> Path:
        """The Unix socket."""
        return self.run / f".s.PGSQL.{PORT}"

    @property
    def log(self) -> Path:
        """What the server writes while it runs."""
        return self.root / "server.log"

    @property
    def lock(self) -> Path:
        """The file whose lock makes an owner."""
        return self.root / "lock"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server folder, the programs that open it, the account that they run under."""

    folder: ServerFolder
    programs: Programs
    account: Account
    settings: Mapping[str, str]


def check_path(folder: ServerFolder) -> None:
    """Refuse a path that cannot serve, before anything is made or changed.

    Raises `EmbeddedPostgresError`: `embedded-path-too-long`, `embedded-path-comma`,
    `embedded-folder-occupied` (it holds something else; we would close it to its owner).
    """
    length = len(os.fsencode(folder.socket))
    if length > SOCKET_PATH_BYTES_MAX:
        spare = SOCKET_PATH_BYTES_MAX - (length - len(os.fsencode(folder.root)))
        raise EmbeddedPostgresError(
            "embedded-path-too-long",
            folder=str(folder.root),
            bytes=len(os.fsencode(folder.root)),
            bytes_max=spare,
        )
    if "," in str(folder.root):  # libpq and the server would read it as two folders
        raise EmbeddedPostgresError("embedded-path-comma", folder=str(folder.root))
    with suppress(FileNotFoundError, PermissionError):
        standing = list(folder.root.iterdir())
        if standing and folder.lock not in standing:
            raise EmbeddedPostgresError("embedded-folder-occupied", folder=str(folder.root))


def owner_of(folder: ServerFolder) -> int | None:
    """Uid that owns the data, or the root folder while there is no data; None if neither."""
    for path in (folder.data, folder.root):
        with suppress(FileNotFoundError, PermissionError):
            owner = path.stat().st_uid
            return owner if owner != 0 or path == folder.data else None
    return None


def make_root(folder: ServerFolder, account: Account) -> None:
    """Make the root folder and hand it to the account; repeating changes nothing.

    Raises `EmbeddedPostgresError` (`embedded-folder-unreachable`, `embedded-folder-unwritable`),
    before anything is made where the account could not come in.
    """
    standing = next(path for path in folder.root.parents if _stands(path))
    if not can_enter(account, standing):
        raise EmbeddedPostgresError(
            "embedded-folder-unreachable", folder=str(folder.root), account=account.name
        )
    try:
        _make_parents(folder.root.parent)
        make_closed_folder(folder.root, account)
    except OSError as error:
        raise EmbeddedPostgresError(
            "embedded-folder-unwritable", folder=str(folder.root), detail=str(error.strerror)
        ) from error


def _stands(path: Path) -> bool:
    """Whether the path is there; what lies in a closed folder counts as not there."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def _make_parents(folder: Path) -> None:
    """Make missing parents. Those that root makes can be passed by all, whatever the umask."""
    missing = [path for path in (folder, *folder.parents) if not _stands(path)]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            path.chmod(0o755)


def make_closed_folder(path: Path, account: Account) -> None:
    """Make a folder that only the account may enter, or close the one that stands there."""
    path.mkdir(mode=CLOSED, exist_ok=True)
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if not account.is_caller:
            os.fchown(handle, account.uid, account.gid)
        if stat.S_IMODE(os.fstat(handle).st_mode) != CLOSED:
            os.fchmod(handle, CLOSED)
    finally:
        os.close(handle)


def open_closed_file(path: Path, account: Account) -> BinaryIO:
    """Open a file of the account for appending.

    A symbolic link is refused: the folder is the account's, and root must not be led out of it.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(path, flags, 0o600)
    if not account.is_caller:
        os.fchown(handle, account.uid, account.gid)
    return os.fdopen(handle, "ab")


def open_log(folder: ServerFolder, account: Account) -> BinaryIO:
    """Open the server's log, putting a long one aside first."""
    with suppress(FileNotFoundError):
        if folder.log.lstat().st_size > LOG_BYTES_MAX:
            folder.log.rename(folder.log.with_suffix(".log.old"))
    return open_closed_file(folder.log, account)


def make_data_folder(cluster: Cluster, prefix: Sequence[str]) -> None:
    """Make the data folder unless it is there. `prefix` stands before the command of `initdb`.

    Made aside and renamed when it is whole: if we die before the rename there is only a
    leftover, which the next start removes; after it, a data folder that can be opened.

    Raises `EmbeddedPostgresError` (`embedded-wrong-major`, `embedded-initdb-failed`).
    """
    folder = cluster.folder
    for leftover in folder.root.glob("unfinished-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if folder.data.exists():
        _check_major(cluster)
        return
    unfinished = folder.root / f"unfinished-{os.getpid()}"
    _run_initdb(cluster, unfinished, prefix)
    unfinished.rename(folder.data)
    handle = os.open(folder.root, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_major(cluster: Cluster) -> None:
    folder = cluster.folder.data
    try:
        found = (folder / "PG_VERSION").read_text("ascii").strip()
    except FileNotFoundError:
        found = "?"
    if found != str(cluster.programs.major):
        raise EmbeddedPostgresError(
            "embedded-wrong-major",
            folder=str(folder),
            found=found,
            wanted=cluster.programs.major,
        )


def _run_initdb(cluster: Cluster, target: Path, prefix: Sequence[str]) -> None:
    locale = ["--lc-ctype=C.UTF-8"]
    if cluster.programs.major >= BUILTIN_LOCALE_FROM_MAJOR:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [f"{cluster.programs.folder}/initdb", "-D", f"{target}", "-U", SUPERUSER]
    command += ["--encoding=UTF8", "--locale=C", *locale, "--auth=reject", "--data-checksums"]
    answer = subprocess.run(
        [*prefix, *command],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=INITDB_SECONDS_MAX,
        env=ENVIRONMENT,
        cwd=target.parent,
        start_new_session=True,
        **cluster.account.for_process(),
    )
    if answer.returncode != 0:
        shutil.rmtree(target, ignore_errors=True)
        raise EmbeddedPostgresError("embedded-initdb-failed", detail=answer.stderr.strip()[-700:])
