"""Parse the file on an open descriptor: `python -m api.sheets.parsing FD MEMORY_BYTES SECONDS`."""

from __future__ import annotations

import resource
import sys
import zipfile
from typing import TYPE_CHECKING

from api.sheets.parsing.frames import Refused, send, send_book, send_rows
from api.sheets.parsing.package import Package

if TYPE_CHECKING:
    from typing import BinaryIO

    from api.sheets.parsing.frames import Book

_OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


def open_book(file: BinaryIO) -> Book:
    """The book that a file is, by what it holds. Formats are loaded when they are met."""
    # The position is shared with the parent.
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if start.startswith(_ZIP_STARTS):
        return _open_package(Package(zipfile.ZipFile(file)))
    if start == _OLE_START:
        from api.sheets.parsing.old_workbook import OldWorkbook  # noqa: PLC0415

        return OldWorkbook(file)
    from api.sheets.parsing.web_page import open_markup  # noqa: PLC0415

    return open_markup(file)


def _open_package(package: Package) -> Book:
    main_part = package.main_part()
    if main_part is not None and main_part.lower().endswith("document.xml"):
        from api.sheets.parsing.word import Document  # noqa: PLC0415

        return Document(package, main_part)
    if main_part is not None and main_part.lower().endswith(".xml"):
        from api.sheets.parsing.workbook import Workbook  # noqa: PLC0415

        return Workbook(package, main_part)
    if "content.xml" in package:
        from api.sheets.parsing.open_document import OpenDocument  # noqa: PLC0415

        return OpenDocument(package)
    raise Refused("file-not-a-sheet")


def _serve(descriptor: int) -> None:
    with open(descriptor, "rb") as file:
        book = open_book(file)
        send_book(book)
        while chosen := sys.stdin.readline().strip():
            send_rows(book, int(chosen))


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Parse within the given limits; whatever a damaged file provokes, the file is at fault."""
    descriptor, memory_bytes, cpu_seconds = map(int, sys.argv[1:])
    _limit(memory_bytes, cpu_seconds)
    try:
        _serve(descriptor)
    except Refused as refused:
        send(["failed", refused.code])
    except MemoryError:
        send(["failed", "file-too-large"])
    except BrokenPipeError:
        pass
    except Exception:  # noqa: BLE001
        send(["failed", "file-damaged"])


if __name__ == "__main__":
    main()
