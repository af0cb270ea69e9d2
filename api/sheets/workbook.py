"""Read a workbook or a text document through a child process, which may die of it without harm."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from api.child import environment_of_child
from api.sheets.archive import WORKBOOK_BYTES_MAX, check_archive
from api.sheets.byte_text import BROKEN_LETTER, holds_old_letters
from api.sheets.cells import (
    Cell,
    CellError,
    Marks,
    OldFontText,
    ReadingNote,
    Row,
    SheetError,
    SheetHead,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

CHILD_MEMORY_BYTES_MAX: Final = 2 << 30
CHILD_CPU_SECONDS_MAX: Final = 1_200
FRAME_BYTES_MAX: Final = 256 << 20
CHILD_EXIT_SECONDS_MAX: Final = 5

_REPLACEMENT: Final = "\ufffd".encode()
_CHILD: Final = "api.sheets.parsing"
_FAILURES: Final = frozenset(
    {"file-damaged", "file-too-large", "file-not-a-sheet", "file-encrypted"}
)


class WorkbookFile:
    """A file of any format but .csv, being parsed by a process of its own."""

    def __init__(self, file: BinaryIO, size_bytes: int, *, is_zipped: bool = True) -> None:
        """Check the file's size and start the process. Raises `SheetError`."""
        if is_zipped:
            check_archive(file, size_bytes)
        elif size_bytes > WORKBOOK_BYTES_MAX:
            raise SheetError("file-too-large", bytes=size_bytes, limit=WORKBOOK_BYTES_MAX)
        self._file = file
        self._size_bytes = size_bytes
        self._process = _start_child(file)
        self._marks: dict[int, Marks] = {}
        self._is_suspicious = self._is_broken = False
        try:
            pages, facts = self._frame("sheets")
        except BaseException:
            self.close()
            raise
        self._format = str(facts["format"])
        self._heads = tuple(self._head(*page) for page in pages)
        self._marks.clear()

    def _head(
        self, name: str, hidden: Any, rows: list[Any], merges: list[Any], columns: list[int]
    ) -> SheetHead:
        self._marks.clear()
        read = tuple(map(self._row, rows))
        shown = tuple(tuple(merge) for merge in merges)
        marks = dict(self._marks)
        return SheetHead(name, read, bool(hidden), shown, marks, tuple(columns))

    @property
    def heads(self) -> tuple[SheetHead, ...]:
        """The first rows of each sheet."""
        return self._heads

    @property
    def format(self) -> str:
        """What the file is."""
        return self._format

    @property
    def process_id(self) -> int:
        """The process that parses, to be watched."""
        return self._process.pid

    @property
    def marks(self) -> dict[int, Marks]:
        """Marks of the rows that came last."""
        return self._marks

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """A workbook says all about itself; there is nothing to guess."""
        return ()

    @property
    def may_hold_old_letters(self) -> bool:
        """Whether the last frame held such bytes."""
        return self._is_suspicious

    @property
    def is_cheap_to_read(self) -> bool:
        """No: a workbook has to be unpacked and parsed."""
        return False

    def rows(self, index: int) -> Iterator[Row]:
        """Every row of one sheet that is not empty.

        Raises `SheetError` if the process cannot go on, whatever it died of.
        """
        self._choose(index)
        while frame := self._frame("rows", "end"):
            for row in frame[0]:
                yield self._row(row)

    def _row(self, row: list[Any]) -> Row:
        number, cells = row[0], row[1]
        if list in set(map(type, cells)):
            cells = [_special(cell) if type(cell) is list else cell for cell in cells]
        if self._is_broken:
            cells = [_broken(cell) for cell in cells]
        if len(row) > 2:  # noqa: PLR2004 - a row with marks
            self._marks[number] = _marks(row[2])
        return number, tuple(cells)

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
        self._is_suspicious = holds_old_letters(body)
        self._is_broken = _REPLACEMENT in body
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
        [sys.executable, "-P", "-m", _CHILD, str(descriptor), *limits],
        env=environment_of_child(),
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


def _broken(cell: Cell) -> Cell:
    """A text with a letter that its program could not read, so that it is noticed."""
    if isinstance(cell, str) and "\ufffd" in cell:
        return cell.replace("\ufffd", BROKEN_LETTER)
    return cell


def _marks(told: dict[str, Any]) -> Marks:
    return Marks(
        is_hidden=bool(told.get("hidden")),
        struck=frozenset(told.get("struck", ())),
        is_listed=bool(told.get("listed")),
        table=int(told.get("table", 0)),
    )


def _special(cell: list[str]) -> Cell:
    kind = cell[0]
    if kind == "unsaved":
        return CellError("", "formula-without-value")
    if kind == "error":
        return CellError(cell[1])
    if kind == "font":
        return OldFontText(cell[1], cell[2])
    return _date(cell[1])


def _date(text: str) -> date | str:
    """A date; one with a time of day keeps it; what no calendar has stays text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.time() != moment.min.time() else moment.date()
