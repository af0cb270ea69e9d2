"""OpenDocument spreadsheets (.ods), read in one go through their content."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from api.sheets.parsing.frames import (
    CELL_CHARACTERS_MAX,
    COLUMNS_MAX,
    LONG_TEXT_CHARACTERS,
    Page,
    Refused,
    Stop,
    is_old_font,
    local,
    new_parser,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.sheets.parsing.frames import Row
    from api.sheets.parsing.package import Package

_CONTENT: Final = "content.xml"
_MANIFEST: Final = "META-INF/manifest.xml"
_CELLS: Final = ("table-cell", "covered-table-cell")
_REPEATED_ROWS_MAX: Final = 1_000
_MONTH_SHOWN: Final = re.compile(r"\d{1,2}[/.-]\d{4}|\d{4}-\d{2}")
_GROUPING: Final = re.compile(r"[.,\s\u00a0\u202f]")


class OpenDocument:
    """An open .ods file."""

    def __init__(self, package: Package) -> None:
        if _MANIFEST in package and b"encryption-data" in package.whole(_MANIFEST):
            raise Refused("file-encrypted")
        self._package = package
        self.facts: dict[str, Any] = {"format": "ods"}
        self.long_characters = 0
        self.pages: list[Page] = []
        self._survey()

    def _survey(self) -> None:
        """Find the names of the sheets and what merges in them, keeping no row."""
        walk = _Walk(self, wanted=None, take=lambda _row: None)
        walk.parse(self._package)
        if not walk.is_spreadsheet:
            raise Refused("file-not-a-sheet")
        self.pages = walk.pages

    def read(self, index: int, take: Callable[[Row], None]) -> None:
        """Hand every row of a sheet that is not empty to `take`."""
        with suppress(Stop):
            _Walk(self, wanted=index, take=take).parse(self._package)


class _Walk:
    """One way through the content, for one sheet or for the names of all."""

    def __init__(self, book: OpenDocument, wanted: int | None, take: Callable[[Row], None]) -> None:
        self._book = book
        self._wanted = wanted
        self._take = take
        self.pages: list[Page] = []
        self.is_spreadsheet = False
        self._styles: dict[str, dict[str, str]] = {}
        self._style = ""
        self._depth = self._silent = self._columns = 0
        self._number = 0
        self._row: dict[str, str] = {}
        self._cells: list[Any] = []
        self._struck: list[int] = []
        self._spans: dict[int, tuple[int, Any]] = {}
        self._cell: dict[str, str] = {}
        self._covered = False
        self._text: list[str] = []
        self._in_cell = self._in_paragraph = False

    def parse(self, package: Package) -> None:
        parser = new_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for piece in package.pieces(_CONTENT):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003

    @property
    def _is_wanted(self) -> bool:
        return self._depth == 1 and len(self.pages) - 1 == self._wanted

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = local(name)
        if tag in {"table", "table-column"}:
            self._begin_table(tag, given)
        elif tag in _CELLS:
            if self._depth == 1:
                self._cell, self._covered = _attributes(given), tag != "table-cell"
                self._text, self._in_cell = [], True
        elif tag == "table-row":
            if self._depth == 1:
                self._row, self._cells, self._struck = _attributes(given), [], []
        elif self._in_cell:
            self._start_in_cell(tag, given)
        elif tag == "spreadsheet":
            self.is_spreadsheet = True
        elif tag == "style":
            self._style = _attributes(given).get("name", "")
            self._styles[self._style] = {}
        elif tag in {"text-properties", "table-properties"} and self._style:
            self._styles[self._style].update(_attributes(given))

    def _begin_table(self, tag: str, given: dict[str, str]) -> None:
        if tag == "table-column":
            if self._depth == 1:
                self._begin_column(_attributes(given))
            return
        self._depth += 1
        if self._depth > 1:
            return
        attributes = _attributes(given)
        style = self._styles.get(attributes.get("style-name", ""), {})
        self.pages.append(Page(attributes.get("name", ""), style.get("display") == "false"))
        self._number = self._columns = 0
        self._spans = {}

    def _begin_column(self, given: dict[str, str]) -> None:
        first = self._columns
        self._columns += int(given.get("number-columns-repeated", "1"))
        if given.get("visibility", "visible") != "visible":
            hidden = range(first, min(self._columns, COLUMNS_MAX))
            self.pages[-1].hidden_columns.extend(hidden)

    def _start_in_cell(self, tag: str, given: dict[str, str]) -> None:
        if tag in {"annotation", "frame", "shape"}:
            self._silent += 1
        elif self._silent:
            return
        elif tag == "p":
            if self._text:
                self._text.append("\n")
            self._in_paragraph = True
        elif tag == "s":
            self._text.append(" " * min(int(_attributes(given).get("c", "1")), 100))
        elif tag == "tab":
            self._text.append("\t")
        elif tag == "line-break":
            self._text.append("\n")

    def _characters(self, text: str) -> None:
        if self._in_paragraph and not self._silent and self._depth == 1:
            self._text.append(text)

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "table":
            self._end_table()
        elif tag in _CELLS:
            if self._depth == 1:
                self._end_cell()
        elif tag == "table-row":
            if self._depth == 1:
                self._end_row()
        elif tag in {"annotation", "frame", "shape"} and self._silent:
            self._silent -= 1
        elif tag == "p":
            self._in_paragraph = False
        elif tag == "style":
            self._style = ""

    def _end_table(self) -> None:
        if self._is_wanted:
            raise Stop
        self._depth -= 1

    def _end_cell(self) -> None:
        self._in_cell = False
        cells = self._cells
        times = int(self._cell.get("number-columns-repeated", "1"))
        text = "".join(self._text)[:CELL_CHARACTERS_MAX]
        if len(text) > LONG_TEXT_CHARACTERS:
            self._book.long_characters += len(text)
        value = None if self._covered else _value(self._cell, text)
        column = len(cells)
        if value is not None:
            value = self._styled(value, column)
        self._note_span(column, value)
        cells.extend([value] * min(times, max(0, COLUMNS_MAX - column)))

    def _styled(self, value: Any, column: int) -> Any:
        style = self._styles.get(self._cell.get("style-name", ""), {})
        if style.get("text-line-through-style", "none") != "none":
            self._struck.append(column)
        font = style.get("font-name", "") or style.get("font-family", "")
        if isinstance(value, str) and not value.isascii() and is_old_font(font):
            return ["font", value, font]
        return value

    def _note_span(self, column: int, value: Any) -> None:
        rows = int(self._cell.get("number-rows-spanned", "1"))
        columns = int(self._cell.get("number-columns-spanned", "1"))
        if rows <= 1 and columns <= 1:
            return
        first = self._number + 1
        if self._wanted is None:
            merge = (first, first + rows - 1, column, column + columns - 1)
            self.pages[-1].merges.append(merge)
        if rows > 1:
            self._spans[column] = (first + rows - 1, value)

    def _end_row(self) -> None:
        times = int(self._row.get("number-rows-repeated", "1"))
        first = self._number + 1
        self._number += times
        cells = self._cells
        while cells and cells[-1] is None:
            cells.pop()
        if not cells or not self._is_wanted:
            return
        marks: dict[str, Any] = {}
        if self._row.get("visibility", "visible") != "visible":
            marks["hidden"] = True
        if self._struck:
            marks["struck"] = self._struck
        for number in range(first, first + min(times, _REPEATED_ROWS_MAX)):
            row = self._filled(number, list(cells))
            self._take((number, row, marks) if marks else (number, row))

    def _filled(self, number: int, cells: list[Any]) -> list[Any]:
        for column, (last, value) in list(self._spans.items()):
            if last < number:
                del self._spans[column]
            elif value is not None:
                cells.extend([None] * (column + 1 - len(cells)))
                if cells[column] is None:
                    cells[column] = value
        return cells


def _attributes(given: dict[str, str]) -> dict[str, str]:
    return {local(key): value for key, value in given.items()}


def _value(cell: dict[str, str], text: str) -> Any:
    """A cell as the sheet shows it."""
    kind = cell.get("value-type", "")
    if kind == "error" or ("formula" in cell and text.startswith(("#", "Err:"))):
        return ["error", text]
    if kind == "date":
        return _date(cell.get("date-value", ""), text.strip())
    if kind in {"float", "currency", "percentage"}:
        return _number(cell.get("value", ""), text)
    if kind == "boolean":
        return cell.get("boolean-value") == "true"
    if not text and "formula" in cell and not kind:
        return ["unsaved"]
    return text or None


def _date(value: str, shown: str) -> Any:
    if shown.isdigit() and len(shown) == len("1985"):
        return shown
    if _MONTH_SHOWN.fullmatch(shown):
        return value[:7]
    return ["date", value[:19]]


def _number(value: str, shown: str) -> Any:
    try:
        number = float(value)
    except ValueError:
        return shown or None
    if not number.is_integer():
        return number
    whole = int(number)
    if _GROUPING.sub("", shown) in {str(whole), ""}:
        return whole
    return shown if str(whole) in _GROUPING.sub("", shown) else whole
