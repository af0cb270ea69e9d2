"""Read a .csv file: its encoding, its delimiter, its rows.

Row numbers are those a sheet program shows for the file: records, counted from 1, blank ones
too. The encoding is settled by reading the whole file once before any row is used (see
`byte_text`); a byte that it does not have becomes a character that no text may hold, so the row
is refused and no other.
"""

from __future__ import annotations

import csv
import io
import os
from itertools import islice
from statistics import median_high
from typing import TYPE_CHECKING, Final

from api.sheets.byte_text import READ_BYTES, SNIFFED_BYTES, encoding_of
from api.sheets.cells import Marks, ReadingNote, Row, SheetError, SheetHead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

CSV_BYTES_MAX: Final = 1 << 30
RECORD_CHARACTERS_MAX: Final = 1 << 20
"""A record that goes on longer is a quotation mark that was never closed."""
HEAD_CHARACTERS_MAX: Final = 1 << 22
HEAD_ROWS: Final = 500
DELIMITER_ROWS: Final = 20

_DELIMITERS: Final = (",", ";", "\t", "|")
_NAMED_DELIMITER_CHARACTERS: Final = 5


class DelimitedFile:
    """A .csv file, read from its beginning each time rows are asked for."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        """Settle encoding and delimiter. Raises `SheetError`."""
        if size_bytes > CSV_BYTES_MAX:
            raise SheetError("file-too-large", bytes=size_bytes, limit=CSV_BYTES_MAX)
        self._file = file
        self._size_bytes = size_bytes
        self._encoding, self._may_hold_old_letters = encoding_of(file)
        self._named_delimiter, self._delimiter = self._find_delimiter()
        self._columns = _columns(self._text().read(SNIFFED_BYTES), self._delimiter)
        self._heads = (SheetHead("", tuple(self._head())),)

    @property
    def heads(self) -> tuple[SheetHead, ...]:
        """The first rows of the file as its only sheet."""
        return self._heads

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """Says so if the encoding is a guess."""
        if self._encoding.guessed is not None:
            return (ReadingNote("encoding-guessed", {"encoding": self._encoding.guessed}),)
        return ()

    @property
    def format(self) -> str:
        """Always csv, whatever sets the columns apart."""
        return "csv"

    @property
    def marks(self) -> dict[int, Marks]:
        """None: a .csv says nothing beside its cells."""
        return {}

    @property
    def may_hold_old_letters(self) -> bool:
        """Whether bytes of such letters were met anywhere in the file."""
        return self._may_hold_old_letters

    @property
    def is_cheap_to_read(self) -> bool:
        """Yes: a row takes some microseconds."""
        return True

    def rows(self, index: int) -> Iterator[Row]:  # noqa: ARG002 - there is one sheet
        """Every row that is not empty. Raises `SheetError` naming the row that is malformed."""
        lines = _Lines(self._text(), self._encoding.table)
        reader = csv.reader(lines, delimiter=self._delimiter)
        if self._named_delimiter:
            next(reader, None)
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                lines.characters = 0
                if lines.count > 1 and self._has_open_quote(cells):
                    raise SheetError("quote-open", row=number)
                lines.count = 0
                if any(cells):
                    yield number, tuple(cells)
        except (csv.Error, UnicodeError) as error:
            raise SheetError("file-damaged", row=number + 1) from error

    def _has_open_quote(self, cells: list[str]) -> bool:
        """Whether whole records vanished into one cell: its lines are numbered and separated."""
        expected = max(1, self._columns - 2)
        return any(
            all(
                line.count(self._delimiter) >= expected
                and line.partition(self._delimiter)[0].strip().isdecimal()
                for line in cell.split("\n")[1:-1]
            )
            for cell in cells
            if cell.count("\n") > 1
        )

    def fraction(self) -> float:
        """How much of the file was read."""
        return os.lseek(self._file.fileno(), 0, os.SEEK_CUR) / self._size_bytes

    def close(self) -> None:
        """Nothing is held beside the file, which is the caller's."""

    def _head(self) -> Iterator[Row]:
        """The first rows, as many as are sure to fit into memory."""
        room = HEAD_CHARACTERS_MAX
        for row in islice(self.rows(0), HEAD_ROWS):
            yield row
            room -= sum(len(str(cell)) for cell in row[1])
            if room < 0:
                return

    def _text(self) -> io.TextIOWrapper:
        self._file.seek(0)
        raw = open(self._file.fileno(), "rb", buffering=READ_BYTES, closefd=False)  # noqa: SIM115
        how = self._encoding
        return io.TextIOWrapper(raw, encoding=how.codec, errors=how.errors, newline="")

    def _find_delimiter(self) -> tuple[bool, str]:
        """Whether the file names its delimiter (`sep=;`, as Excel writes), and the delimiter."""
        sample = self._text().read(SNIFFED_BYTES)
        named = sample[:_NAMED_DELIMITER_CHARACTERS].lower()
        if named.startswith("sep=") and named[4:] in _DELIMITERS:
            return True, named[4:]
        return False, max(_DELIMITERS, key=lambda delimiter: _columns(sample, delimiter))


class _Lines:
    """Lines of a text, as many characters of them as one record may have.

    Whoever takes a whole record sets `characters` back to 0. Without the limit one record could
    be as long as the file.
    """

    def __init__(self, text: io.TextIOWrapper, table: Mapping[int, str] | None) -> None:
        self._readline = text.readline
        self._table = table
        self.characters = 0
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._readline(RECORD_CHARACTERS_MAX)
        if not line:
            raise StopIteration
        self.characters += len(line)
        self.count += 1
        if self.characters >= RECORD_CHARACTERS_MAX:
            raise csv.Error
        return line if self._table is None else line.translate(self._table)


def _columns(sample: str, delimiter: str) -> int:
    """How many columns most of the first rows would have."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        counts = [len(row) for row in islice(reader, DELIMITER_ROWS) if row]
    except csv.Error:
        return 0
    return median_high(counts) if counts else 0
