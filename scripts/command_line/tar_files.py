"""A folder of small files as one tar file, written and read by rules of our own.

What comes out of a tar may have been made by anybody. Only regular files and folders with plain
relative names are taken, a bounded number of them and of bytes, each name once; owners, modes and
times are not. Nothing here relies on the filters of `tarfile`, which came with Python 3.11.4.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from registry.durable_files import flush_folder, write_file
from registry.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBERS_MAX: Final = 10_000
BYTES_MAX: Final = 20_000_000
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_NAME_BYTES_MAX: Final = 1_000
# What `tarfile` raises for bytes that are no tar; headers may be nested too deeply.
_NO_TAR: Final = (
    tarfile.TarError,
    ValueError,
    EOFError,
    OSError,
    OverflowError,
    KeyError,
    RecursionError,
)


def pack_folder(folder: Path) -> bytes:
    """Every regular file below a folder, and the folders themselves, in order of their names."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            member = tarfile.TarInfo(path.relative_to(folder).as_posix())
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                continue
            if path.is_dir():
                member.type, member.mode = tarfile.DIRTYPE, _FOLDER_MODE
                archive.addfile(member)
                continue
            inside = path.read_bytes()
            member.size, member.mode = len(inside), _FILE_MODE
            archive.addfile(member, io.BytesIO(inside))
    return content.getvalue()


def unpack_folder(content: bytes, folder: Path) -> None:
    """Write what a tar holds into a new folder. Raises `Rejected` with `backup-tar-unusable`.

    Everything is read and judged before anything is written.
    """
    files = dict(_files(content))
    folder.mkdir(mode=_FOLDER_MODE, parents=True)
    for name, inside in files.items():
        path = folder / name
        if inside is None:
            path.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        else:
            path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            write_file(path, inside)
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        path.chmod(_FOLDER_MODE)
        flush_folder(path)


def _files(content: bytes) -> Iterator[tuple[PurePosixPath, bytes | None]]:
    """Name and content of each file of a tar; folders have None. Raises `Rejected`."""
    known: dict[PurePosixPath, bool] = {}
    left = BYTES_MAX
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for member in archive:
                name = _plain_name(member.name)
                if name in known and not (known[name] and member.isdir()):
                    raise _refusal(member.name, "twice")
                if len(known) >= MEMBERS_MAX or not 0 <= member.size <= left:
                    raise _refusal(member.name, "too-large")
                left -= member.size
                known[name] = member.type == tarfile.DIRTYPE
                if not all(known.setdefault(parent, True) for parent in name.parents):
                    raise _refusal(member.name, "file-as-folder")
                yield name, _inside(archive, member)
    except _NO_TAR as error:
        raise _refusal("", "no-tar") from error


def _inside(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    if member.type == tarfile.DIRTYPE:
        return None
    # No links, devices or pipes, and no sparse file, which is larger than it says.
    if member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or member.issparse():
        raise _refusal(member.name, "no-file")
    file = archive.extractfile(member)
    inside = file.read(member.size + 1) if file is not None else b""
    if len(inside) != member.size:
        raise _refusal(member.name, "cut-off")
    return inside


def _plain_name(name: str) -> PurePosixPath:
    """The name of a member, which stays inside the folder whatever it is joined to."""
    path = PurePosixPath(name)
    plain = not path.is_absolute() and ".." not in path.parts and name.isprintable()
    if not plain or "\\" in name or not 0 < len(name.encode("utf-8", "replace")) < _NAME_BYTES_MAX:
        raise _refusal(name, "name")
    return path


def _refusal(name: str, why: str) -> Rejected:
    shown = "".join(letter if letter.isprintable() else "?" for letter in name[:100])
    return Rejected("backup-tar-unusable", field="DIR", name=shown or "?", why=why)
