r"""What every format is turned into, and how it is sent to the parent.

Frames on standard output, four bytes of length, then MessagePack:

    ["sheets", [[name, hidden, rows, merges, hidden columns], ...], facts]
    ["rows", [row, ...]]        after "INDEX\n" on the input, several times if need be
    ["end"]                     after the last row of a page
    ["failed", code]

A row is [number, cells] or [number, cells, marks]; marks is a map: "hidden", "struck" (columns
whose text is struck through), "listed" (a paragraph that Word numbers), "table" (the row stands
in a table of a text document). A cell is null, a string, a number or a boolean; ["date", ISO
text]; ["error", text]; ["unsaved"], a formula whose value was never stored; ["font", text, font],
text in a font of the time before Unicode.
"""

from __future__ import annotations

import re
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol
from xml.parsers import expat

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HEAD_ROWS: Final = 500
BATCH_ROWS: Final = 500
SHEETS_MAX: Final = 200
COLUMNS_MAX: Final = 256
MERGES_SENT_MAX: Final = 2_000
CELL_CHARACTERS_MAX: Final = 32_768
"""The sheet format's own limit; what a cell holds beyond it is not read."""
LONG_TEXT_CHARACTERS: Final = 100
BATCH_LONG_CHARACTERS_MAX: Final = 1 << 20

_DAYS_MAX: Final = 2_958_466
_LEAP_DAY_1900: Final = 60
_OLD_FONT: Final = re.compile(r"\.?vn|vni|\.?tcvn|abc", re.IGNORECASE)

Row = tuple[int, "list[Any]"] | tuple[int, "list[Any]", "dict[str, Any]"]
Take = "Callable[[Row], None]"
Merge = tuple[int, int, int, int]
"""First row, last row (as shown), first and last column (from 0), all inclusive."""


class Refused(Exception):  # noqa: N818 - says what happened to the file
    """The file cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Stop(Exception):  # noqa: N818
    """Enough rows were read."""


@dataclass(slots=True)
class Page:
    """One sheet of a book, or one table of a web page."""

    name: str
    hidden: bool = False
    merges: list[Merge] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)


class Book(Protocol):
    """An open file of any format."""

    pages: list[Page]
    facts: dict[str, Any]
    long_characters: int

    def read(self, index: int, take: Callable[[Row], None]) -> None:
        """Hand every row of a page that is not empty to `take`, in order."""


class Filling:
    """Repeats what stands in cells merged over several rows in each of these rows."""

    def __init__(self, merges: Iterable[Merge], take: Callable[[Row], None]) -> None:
        self._take = take
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self._active: dict[int, tuple[int, Any]] = {}
        for first, last, column, _ in merges:
            if last > first and column < COLUMNS_MAX:
                self._starts.setdefault(first, []).append((column, last))

    def __call__(self, row: Row) -> None:
        """Fill one row and pass it on."""
        number, cells = row[0], row[1]
        for column, (last, value) in list(self._active.items()):
            if last < number:
                del self._active[column]
            elif value is not None:
                _put(cells, column, value)
        for column, last in self._starts.pop(number, ()):
            value = cells[column] if column < len(cells) else None
            self._active[column] = (last, value)
        self._take(row)


def filled(merges: Sequence[Merge], take: Callable[[Row], None]) -> Callable[[Row], None]:
    """`take`, behind a filling of merged cells if any of them goes over several rows."""
    return Filling(merges, take) if any(last > first for first, last, _, _ in merges) else take


def _put(cells: list[Any], column: int, value: Any) -> None:
    if column >= len(cells):
        cells.extend([None] * (column + 1 - len(cells)))
    if cells[column] is None:
        cells[column] = value


def head(book: Book, index: int) -> list[Row]:
    """The first rows of a page."""
    rows: list[Row] = []
    book.long_characters = 0

    def take(row: Row) -> None:
        if row[0] > HEAD_ROWS or book.long_characters > BATCH_LONG_CHARACTERS_MAX:
            raise Stop
        rows.append(row)

    with suppress(Stop):
        book.read(index, take)
    return rows


def send_book(book: Book) -> None:
    """Send what a book holds: its pages with their first rows."""
    pages = []
    for index, page in enumerate(book.pages[:SHEETS_MAX]):
        rows = head(book, index)
        merges = [merge for merge in page.merges if merge[0] <= HEAD_ROWS][:MERGES_SENT_MAX]
        pages.append([page.name, page.hidden, rows, merges, page.hidden_columns])
    send(["sheets", pages, book.facts])


def send_rows(book: Book, index: int) -> None:
    """Send every row of a page, in batches."""
    batch: list[Row] = []
    book.long_characters = 0

    def take(row: Row) -> None:
        batch.append(row)
        if len(batch) >= BATCH_ROWS or book.long_characters > BATCH_LONG_CHARACTERS_MAX:
            send(["rows", batch])
            batch.clear()
            book.long_characters = 0

    book.read(index, take)
    send(["rows", batch])
    send(["end"])


def send(message: list[Any]) -> None:
    """Send one frame."""
    encoded = msgspec.msgpack.encode(message)
    sys.stdout.buffer.write(struct.pack(">I", len(encoded)) + encoded)
    sys.stdout.buffer.flush()


def is_old_font(name: str) -> bool:
    """Whether a font belongs to the time before Unicode: .VnTime, VNI-Times, ABC."""
    return _OLD_FONT.match(name) is not None


def shown_date(days: float, kind: str, *, from_1904: bool, from_libreoffice: bool = False) -> Any:
    """A day count as the sheet shows it; counts outside the calendar stay numbers.

    LibreOffice counts from 30 December 1899 throughout, also below 60 and below zero.
    """
    if not (-40_000 if from_libreoffice else 1) <= days < _DAYS_MAX:
        return days
    if from_1904:
        origin = datetime(1904, 1, 1)  # noqa: DTZ001 - sheets know no time zone
    else:
        # The sheet's calendar has a 29 February 1900 that never was.
        late = days >= _LEAP_DAY_1900 or from_libreoffice
        origin = datetime(1899, 12, 30 if late else 31)  # noqa: DTZ001
    moment = (origin + timedelta(days=days)).isoformat(timespec="seconds")
    if kind == "month":
        return moment[:7]
    return moment[:4] if kind == "year" else ["date", moment]


def new_parser() -> Any:
    """An XML parser that refuses document types, so that no entity can grow."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = CELL_CHARACTERS_MAX

    def refuse(*_: object) -> None:
        raise Refused("file-damaged")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def local(name: str) -> str:
    """An element's or attribute's name without its prefix."""
    return name.rpartition(":")[2] if ":" in name else name
