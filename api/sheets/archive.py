"""Look at a document's zip directory before anything in it is unpacked.

Files .xlsx, .ods and .docx are zip archives. What one claims to unpack to is checked against
limits here; that it does not unpack to more is enforced while reading (`zipfile` stops at the
claimed size and checks the sum), and what parsing costs is limited by the process that does it.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Final

from api.sheets.cells import SheetError

if TYPE_CHECKING:
    from typing import BinaryIO

WORKBOOK_BYTES_MAX: Final = 100 << 20
UNPACKED_BYTES_MAX: Final = 3 << 29
UNPACKED_RATIO_MAX: Final = 200
ENTRIES_MAX: Final = 2_000
_RATIO_MATTERS_BYTES: Final = 16 << 20
_ENCRYPTED_FLAG: Final = 0x1


def check_archive(file: BinaryIO, size_bytes: int) -> None:
    """Raise `SheetError` unless the archive is a workbook of a size that can be read."""
    if size_bytes > WORKBOOK_BYTES_MAX:
        raise SheetError("file-too-large", bytes=size_bytes, limit=WORKBOOK_BYTES_MAX)
    entries = _entries(file)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES_MAX or unpacked > UNPACKED_BYTES_MAX:
        raise SheetError("file-too-large", bytes=unpacked, limit=UNPACKED_BYTES_MAX)
    if unpacked > max(_RATIO_MATTERS_BYTES, UNPACKED_RATIO_MAX * size_bytes):
        raise SheetError("file-too-large", bytes=unpacked, limit=UNPACKED_RATIO_MAX * size_bytes)
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise SheetError("file-encrypted")


def _entries(file: BinaryIO) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SheetError("file-damaged") from error
