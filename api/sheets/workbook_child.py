r"""Child process that parses one workbook, so that a hostile one can hurt nothing else.

Run as `python -I workbook_child.py FD MEMORY_BYTES CPU_SECONDS`; reads the .xlsx file from the
open descriptor FD and imports nothing of this project. Speaks frames on standard output: four
bytes of length, then MessagePack.

    ["sheets", [[name, [[row number, [cell, ...]], ...]], ...]]     the first rows of each sheet
    ["rows", [[row number, [cell, ...]], ...]]                      after "INDEX\n" on its input
    ["end"]
    ["failed", code]

A cell is null, a string, a number or a boolean as its type says; ["date", ISO text], or
["error", text]; ["unsaved"] is a formula whose value was never stored. Cells are what the sheet
shows: a date formatted as month and year gives "1985-03", because no day was meant.

Rows come one at a time from the XML: memory stays that of the shared strings (ECMA-376 part 1,
18.3 and 18.4), however far apart the cells are. Document types are refused, so no entity can
grow.
"""

from __future__ import annotations

import re
import resource
import struct
import sys
import zipfile
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD_ROWS = 500
BATCH_ROWS = 500
READ_BYTES = 1 << 17
SHEETS_MAX = 200
COLUMNS_MAX = 256
CELL_CHARACTERS_MAX = 32_768
"""The sheet format's own limit; what a cell holds beyond it is not read."""
LONG_TEXT_CHARACTERS = 100
BATCH_LONG_CHARACTERS_MAX = 1 << 20
PART_BYTES_MAX = 16 << 20
"""The small parts (workbook, relations, styles) are read whole up to this size."""

_DIGITS: Final = "0123456789"
_DAYS_MAX: Final = 2_958_466
_LEAP_DAY_1900: Final = 60
_DATE_FORMATS: Final = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
_MONTH_FORMATS: Final = frozenset({17, 55})
_FORMAT_NOISE: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_TRUE: Final = ("1", "true")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_INTEGER_MAX: Final = 1 << 53

Row = tuple[int, list[Any]]


class Refused(Exception):  # noqa: N818 - says what happened to the file
    """The workbook cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Stop(Exception):  # noqa: N818
    """Enough rows were read."""


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written `_x000D_` (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = CELL_CHARACTERS_MAX

    def refuse(*_: object) -> None:
        raise Refused("file-damaged")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while piece := stream.read(READ_BYTES):
            yield piece


def _elements(archive: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part with its attributes, in document order."""
    if archive.getinfo(part).file_size > PART_BYTES_MAX:
        raise Refused("file-too-large")
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda name, given: found.append(
        (_local(name), {_local(key): value for key, value in given.items()})
    )
    parser.Parse(archive.read(part), True)  # noqa: FBT003 - the C function takes no keywords
    return found


class SharedStrings:
    """Texts that cells name by number."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._inside_text = False
        self._phonetic = False
        part = "xl/sharedStrings.xml"
        if part in archive.namelist():
            self._read(archive, part)

    def _read(self, archive: zipfile.ZipFile, part: str) -> None:
        parser = _parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        for piece in _pieces(archive, part):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003

    def _start(self, name: str, _given: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "t":
            self._inside_text = not self._phonetic
        elif tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._phonetic = True

    def _end(self, name: str) -> None:
        tag = _local(name)
        if tag == "t":
            self._inside_text = False
        elif tag == "si":
            self.texts.append(_unescaped("".join(self._parts)))
        elif tag == "rPh":
            self._phonetic = False

    def _text(self, text: str) -> None:
        if self._inside_text:
            self._parts.append(text)


def _date_kind(format_id: int, codes: dict[int, str]) -> str:
    """What a number format shows: "" for no date, "day", "month" or "year"."""
    code = codes.get(format_id)
    if code is None:
        if format_id in _MONTH_FORMATS:
            return "month"
        return "day" if format_id in _DATE_FORMATS else ""
    shown = _FORMAT_NOISE.sub("", code.split(";")[0]).lower()
    if "general" in shown or "y" not in shown:
        return "day" if "d" in shown and "general" not in shown else ""
    if "d" in shown:
        return "day"
    return "month" if "m" in shown else "year"


def _style_kinds(archive: zipfile.ZipFile) -> list[str]:
    """For each cell style its kind of date."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    elements = _elements(archive, "xl/styles.xml")
    codes = {
        int(given["numFmtId"]): given.get("formatCode", "")
        for tag, given in elements
        if tag == "numFmt" and "numFmtId" in given
    }
    tags = [tag for tag, _ in elements]
    first = tags.index("cellXfs") + 1 if "cellXfs" in tags else len(tags)
    last = tags.index("cellStyles") if "cellStyles" in tags else len(tags)
    return [
        _date_kind(int(given.get("numFmtId", "0")), codes)
        for tag, given in elements[first:last]
        if tag == "xf"
    ]


def _shown_date(days: float, kind: str, *, from_1904: bool) -> Any:
    """A day count as the sheet shows it; counts outside the calendar stay numbers."""
    if not 1 <= days < _DAYS_MAX:
        return days
    if from_1904:
        origin = datetime(1904, 1, 1)  # noqa: DTZ001 - sheets know no time zone
    else:
        # The sheet's calendar has a 29 February 1900 that never was.
        origin = datetime(1899, 12, 30 if days >= _LEAP_DAY_1900 else 31)  # noqa: DTZ001
    moment = (origin + timedelta(days=days)).isoformat(timespec="seconds")
    if kind == "month":
        return moment[:7]
    return moment[:4] if kind == "year" else ["date", moment]


class SheetParser:
    """Turns a sheet's XML into rows, handing each to `take` at its end."""

    def __init__(self, book: Workbook, take: Callable[[Row], None]) -> None:
        self._book = book
        self._take = take
        self.long_characters = 0
        self._columns: dict[str, int] = {}
        self._number = 0
        self._cells: list[Any] = []
        self._type = self._style = ""
        self._column = 0
        self._text: list[str] = []
        self._listening = self._valued = self._formula = self._phonetic = False

    def parse(self, part: str) -> None:
        """Read a sheet. Raises `Refused`, or what `take` raises."""
        parser = _parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for piece in _pieces(self._book.archive, part):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = _local(name) if ":" in name else name
        if tag == "c":
            self._begin_cell(given)
        elif tag == "v" or (tag == "t" and not self._phonetic):
            self._listening = self._valued = True
        elif tag == "row":
            self._begin_row(given)
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._phonetic = True

    def _begin_row(self, given: dict[str, str]) -> None:
        number = int(given["r"]) if "r" in given else self._number + 1
        if number <= self._number:
            # Rows go up, or an interrupted import could not say where it stands.
            raise Refused("file-damaged")
        self._number = number
        self._cells = []
        self._column = -1

    def _begin_cell(self, given: dict[str, str]) -> None:
        letters = given.get("r", "").rstrip(_DIGITS)
        column = self._columns.get(letters)
        self._column = (
            self._column + 1
            if not letters
            else (self._column_of(letters) if column is None else column)
        )
        self._type = given.get("t", "n")
        self._style = given.get("s", "")
        self._text = []
        self._valued = self._formula = False

    def _column_of(self, letters: str) -> int:
        number = 0
        for letter in letters.upper():
            number = number * 26 + ord(letter) - 64
        self._columns[letters] = number - 1
        return number - 1

    def _end(self, name: str) -> None:
        tag = _local(name) if ":" in name else name
        if tag in {"v", "t"}:
            self._listening = False
        elif tag == "c":
            if self._valued or self._formula:
                self._end_cell()
        elif tag == "row":
            if self._cells:
                self._take((self._number, self._cells))
        elif tag == "rPh":
            self._phonetic = False

    def _end_cell(self) -> None:
        text = "".join(self._text)
        if len(text) > LONG_TEXT_CHARACTERS:
            text = text[:CELL_CHARACTERS_MAX]
            self.long_characters += len(text)
        value = self._value(text)
        column = self._column
        if value is None or not 0 <= column < COLUMNS_MAX:
            return
        cells = self._cells
        if column < len(cells):
            cells[column] = value
            return
        cells.extend([None] * (column - len(cells)))
        cells.append(value)

    def _characters(self, text: str) -> None:
        if self._listening:
            self._text.append(text)

    def _value(self, text: str) -> Any:  # noqa: PLR0911 - one return for each type of cell
        kind = self._type
        if kind == "inlineStr":
            return _unescaped(text) or None
        if not text:
            return ["unsaved"] if self._formula and kind != "str" else None
        if kind == "s":
            return self._book.strings.texts[int(text)] or None
        if kind == "n":
            return self._number_value(text)
        if kind == "b":
            return text in _TRUE
        if kind == "e":
            return ["error", text]
        return ["date", text] if kind == "d" else _unescaped(text)

    def _number_value(self, text: str) -> Any:
        number = float(text)
        kinds = self._book.date_kinds
        style = int(self._style or "0")
        if style < len(kinds) and kinds[style]:
            return _shown_date(number, kinds[style], from_1904=self._book.from_1904)
        return int(number) if number.is_integer() and abs(number) < _INTEGER_MAX else number


class Workbook:
    """An open workbook: names and parts of its sheets, shared strings, date styles."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        elements = _elements(archive, "xl/workbook.xml")
        self.sheets = self._sheets(elements)
        self.from_1904 = any(
            tag == "workbookPr" and given.get("date1904") in _TRUE for tag, given in elements
        )
        self.date_kinds = _style_kinds(archive)
        self.strings = SharedStrings(archive)

    def _sheets(self, elements: list[tuple[str, dict[str, str]]]) -> list[tuple[str, str]]:
        targets = {
            given["Id"]: given["Target"]
            for tag, given in _elements(self.archive, "xl/_rels/workbook.xml.rels")
            if tag == "Relationship" and "Id" in given and "Target" in given
        }
        present = set(self.archive.namelist())
        named = [
            (given.get("name", ""), _part_path(targets.get(given.get("id", ""), "")))
            for tag, given in elements
            if tag == "sheet"
        ]
        return [(name, part) for name, part in named if part in present][:SHEETS_MAX]

    def head(self, part: str) -> list[Row]:
        """The first rows of a sheet."""
        rows: list[Row] = []

        def take(row: Row) -> None:
            if row[0] > HEAD_ROWS or parser.long_characters > BATCH_LONG_CHARACTERS_MAX:
                raise _Stop
            rows.append(row)

        parser = SheetParser(self, take)
        with suppress(_Stop):
            parser.parse(part)
        return rows

    def send_rows(self, part: str) -> None:
        """Every row of a sheet, in batches, to standard output."""
        batch: list[Row] = []

        def take(row: Row) -> None:
            batch.append(row)
            if len(batch) >= BATCH_ROWS or parser.long_characters > BATCH_LONG_CHARACTERS_MAX:
                _send(["rows", batch])
                batch.clear()
                parser.long_characters = 0

        parser = SheetParser(self, take)
        parser.parse(part)
        _send(["rows", batch])


def _part_path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _send(message: list[Any]) -> None:
    encoded = msgspec.msgpack.encode(message)
    sys.stdout.buffer.write(struct.pack(">I", len(encoded)) + encoded)
    sys.stdout.buffer.flush()


def _serve(descriptor: int) -> None:
    with open(descriptor, "rb") as file, zipfile.ZipFile(file) as archive:
        book = Workbook(archive)
        _send(["sheets", [[name, book.head(part)] for name, part in book.sheets]])
        chosen = sys.stdin.readline().strip()
        if chosen:
            book.send_rows(book.sheets[int(chosen)][1])
            _send(["end"])


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Parse the workbook on the given descriptor within the given limits."""
    descriptor, memory_bytes, cpu_seconds = map(int, sys.argv[1:])
    _limit(memory_bytes, cpu_seconds)
    try:
        _serve(descriptor)
    except Refused as refused:
        _send(["failed", refused.code])
    except MemoryError:
        _send(["failed", "file-too-large"])
    except BrokenPipeError:
        pass
    except Exception:  # noqa: BLE001 - whatever a damaged file provokes: the file is at fault
        _send(["failed", "file-damaged"])


if __name__ == "__main__":
    main()
