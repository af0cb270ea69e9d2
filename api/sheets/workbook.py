"""Read a workbook through a child process, which may die of it without harm."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from api.sheets.archive import check_archive
from api.sheets.cells import Cell, CellError, ReadingNote, Row, SheetError, SheetHead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

CHILD_MEMORY_BYTES_MAX: Final = 2 << 30
CHILD_CPU_SECONDS_MAX: Final = 1_200
FRAME_BYTES_MAX: Final = 256 << 20
CHILD_EXIT_SECONDS_MAX: Final = 5

_CHILD: Final = Path(__file__).with_name("workbook_child.py")
_FAILURES: Final = frozenset({"file-damaged", "file-too-large", "file-not-a-sheet"})


class WorkbookFile:
    """An .xlsx file, being parsed by a process of its own."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        """Check the archive and start the process. Raises `SheetError`."""
        check_archive(file, size_bytes)
        self._file = file
        self._size_bytes = size_bytes
        self._process = _start_child(file)
        try:
            sheets = self._frame("sheets")[0]
        except BaseException:
            self.close()
            raise
        self._heads = tuple(SheetHead(name, tuple(map(_row, rows))) for name, rows in sheets)

    @property
    def heads(self) -> tuple[SheetHead, ...]:
        """The first rows of each sheet."""
        return self._heads

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """A workbook says all about itself; there is nothing to guess."""
        return ()

    @property
    def is_cheap_to_read(self) -> bool:
        """No: a workbook has to be unpacked and parsed."""
        return False

    def rows(self, index: int) -> Iterator[Row]:
        """Every row of one sheet that is not empty, once.

        Raises `SheetError` if the process cannot go on, whatever it died of.
        """
        self._choose(index)
        while frame := self._frame("rows", "end"):
            for row in frame[0]:
                yield _row(row)

    def fraction(self) -> float:
        """How much of the file was read; the process moves the same file position."""
        return os.lseek(self._file.fileno(), 0, os.SEEK_CUR) / self._size_bytes

    def close(self) -> None:
        """End the process."""
        process = self._process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close_quietly(pipe)
        process.kill()
        process.wait(CHILD_EXIT_SECONDS_MAX)

    def _choose(self, index: int) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - opened as a pipe
        try:
            stdin.write(b"%d\n" % index)
            stdin.flush()
        except BrokenPipeError:
            raise SheetError("file-damaged") from None

    def _frame(self, *expected: str) -> list[Any]:
        """What the next frame carries. A process that ends without a word has crashed."""
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101
        header = stdout.read(4)
        size = struct.unpack(">I", header)[0] if len(header) == 4 else 0  # noqa: PLR2004
        body = stdout.read(size) if 0 < size <= FRAME_BYTES_MAX else b""
        if not body or len(body) < size:
            raise SheetError("file-damaged")
        kind, *content = _decode(body)
        if kind == "failed" and content[0] in _FAILURES:
            raise SheetError(content[0])
        if kind not in expected:
            raise SheetError("file-damaged")
        return content


def _start_child(file: BinaryIO) -> subprocess.Popen[bytes]:
    descriptor = file.fileno()
    limits = (str(CHILD_MEMORY_BYTES_MAX), str(CHILD_CPU_SECONDS_MAX))
    return subprocess.Popen(
        [sys.executable, "-I", str(_CHILD), str(descriptor), *limits],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(descriptor,),
    )


def _close_quietly(pipe: Any) -> None:
    with suppress(BrokenPipeError):
        pipe.close()


def _decode(body: bytes) -> list[Any]:
    try:
        decoded = msgspec.msgpack.decode(body)
    except msgspec.DecodeError as error:
        raise SheetError("file-damaged") from error
    if not isinstance(decoded, list) or not decoded:
        raise SheetError("file-damaged")
    return decoded


def _row(row: list[Any]) -> Row:
    number, cells = row
    if list in set(map(type, cells)):
        cells = [_special(cell) if type(cell) is list else cell for cell in cells]
    return number, tuple(cells)


def _special(cell: list[str]) -> Cell:
    kind = cell[0]
    if kind == "unsaved":
        return CellError("", "formula-without-value")
    if kind == "error":
        return CellError(cell[1])
    return _date(cell[1])


def _date(text: str) -> date | str:
    """A date; one with a time of day keeps it; what no calendar has stays text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.time() != moment.min.time() else moment.date()
