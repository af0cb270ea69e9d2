"""Open a file as sheets, telling by its first bytes what it is, never by its name.

Nothing a file holds may crash the program or fill its memory: a .csv streams, all else
is parsed by a child process under limits (see `workbook`), and every way in which a file can be
unreadable is a `SheetError` with its own code.
"""

from __future__ import annotations

import codecs
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from api.sheets.cells import SheetError
from api.sheets.delimited import DelimitedFile
from api.sheets.unicode_file import UnicodeFile
from api.sheets.workbook import WorkbookFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from api.sheets.cells import SheetFile

_ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE_START: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM: Final = "EncryptedPackage".encode("utf-16-le")
_OTHER_STARTS: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_MARKUP_BYTES: Final = 4_096
_MARKUP: Final = re.compile(
    r"<(?:!doctype html|html|\?xml|table|head|body|style|meta|div)", re.IGNORECASE
)
_OLE_DIRECTORY_BYTES_MAX: Final = 64 << 20


@contextmanager
def open_sheets(path: Path) -> Iterator[UnicodeFile]:
    """The sheets of a file: .xlsx, .xlsm, .xls, .ods, .docx, .csv, a web page called .xls.

    Raises:
        SheetError: the file is missing, empty, too large, damaged, protected by a password, or
            no sheet at all.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise SheetError("file-missing", file=path.name) from error
    with file:
        sheets = _open(file)
        try:
            yield UnicodeFile(sheets)
        finally:
            sheets.close()


def _open(file: BinaryIO) -> SheetFile:
    size_bytes = file.seek(0, 2)
    file.seek(0)
    start = file.read(8)
    if not start:
        raise SheetError("file-empty")
    if start.startswith(_ZIP_STARTS):
        return WorkbookFile(file, size_bytes)
    if start == _OLE_START:
        if _is_encrypted(file):
            raise SheetError("file-encrypted")
        file.seek(0)
        return WorkbookFile(file, size_bytes, is_zipped=False)
    if start.startswith(_OTHER_STARTS):
        raise SheetError("file-not-a-sheet")
    if _is_markup(file):
        file.seek(0)
        return WorkbookFile(file, size_bytes, is_zipped=False)
    return DelimitedFile(file, size_bytes)


def _is_markup(file: BinaryIO) -> bool:
    """A web page, or a workbook as one XML document, whatever the file is called."""
    file.seek(0)
    start = file.read(_MARKUP_BYTES)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = start[: len(start) // 2 * 2].decode("utf-16", "replace")
    else:
        text = start.decode("latin-1").removeprefix("\u00ef\u00bb\u00bf")
    return _MARKUP.match(text.lstrip()) is not None


def _is_encrypted(file: BinaryIO) -> bool:
    """A workbook under a password is an OLE file with a stream of this name (MS-OFFCRYPTO)."""
    file.seek(0)
    return _ENCRYPTED_STREAM in file.read(_OLE_DIRECTORY_BYTES_MAX)
