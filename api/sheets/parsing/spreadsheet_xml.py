"""SpreadsheetML of Excel 2002 and 2003: a workbook as one XML document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from api.sheets.parsing.frames import (
    CELL_CHARACTERS_MAX,
    COLUMNS_MAX,
    LONG_TEXT_CHARACTERS,
    Page,
    Refused,
    Stop,
    filled,
    is_old_font,
    local,
    new_parser,
)
from api.sheets.parsing.number_formats import shown_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from api.sheets.parsing.frames import Row

READ_BYTES: Final = 1 << 17


class SpreadsheetXml:
    """An open SpreadsheetML document."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.facts: dict[str, Any] = {"format": "xml"}
        self.long_characters = 0
        survey = _Walk(self, None, lambda _row: None)
        survey.read(file)
        self.pages = survey.pages
        if not self.pages:
            raise Refused("file-not-a-sheet")

    def read(self, index: int, take: Callable[[Row], None]) -> None:
        """Hand every row of a sheet to `take`."""
        try:
            _Walk(self, index, filled(self.pages[index].merges, take)).read(self._file)
        except Stop:
            return


class _Walk:
    """One way through the document."""

    def __init__(
        self, book: SpreadsheetXml, wanted: int | None, take: Callable[[Row], None]
    ) -> None:
        self._book = book
        self._wanted = wanted
        self._take = take
        self.pages: list[Page] = []
        self._styles: dict[str, dict[str, str]] = {}
        self._style = ""
        self._number = self._column = self._columns = 0
        self._spans: dict[int, tuple[int, Any]] = {}
        self._cells: list[Any] = []
        self._marks: dict[str, Any] = {}
        self._cell: dict[str, str] = {}
        self._type = ""
        self._text: list[str] | None = None

    def read(self, file: BinaryIO) -> None:
        """Go through the document. Raises `Stop` behind the wanted sheet."""
        parser = new_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        file.seek(0)
        while piece := file.read(READ_BYTES):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        given = {local(key): value for key, value in attributes.items()}
        if tag == "Worksheet":
            self.pages.append(Page(given.get("Name", "")))
            self._number = self._columns = 0
            self._spans = {}
        elif tag == "Column" and self.pages:
            self._begin_column(given)
        elif tag == "Visible" and self.pages:
            self._text = []
        elif tag == "Style":
            self._style = given.get("ID", "")
            self._styles[self._style] = {}
        elif tag in {"Font", "NumberFormat"} and self._style in self._styles:
            self._styles[self._style].update(given)
        elif tag == "Row" and self.pages:
            self._number = int(given.get("Index", str(self._number + 1)))
            self._column, self._cells = -1, []
            self._marks = {"hidden": True} if given.get("Hidden") == "1" else {}
        elif tag == "Cell":
            self._cell = given
            self._column = int(given.get("Index", str(self._column + 2))) - 1
            self._note_merge()
        elif tag == "Data":
            self._type, self._text = given.get("Type", "String"), []

    def _begin_column(self, given: dict[str, str]) -> None:
        first = int(given.get("Index", str(self._columns + 1))) - 1
        self._columns = first + 1 + int(given.get("Span", "0"))
        if given.get("Hidden") == "1":
            hidden = range(first, min(self._columns, COLUMNS_MAX))
            self.pages[-1].hidden_columns.extend(hidden)

    def _note_merge(self) -> None:
        across = int(self._cell.get("MergeAcross", "0"))
        down = int(self._cell.get("MergeDown", "0"))
        if self._wanted is None and (across or down) and self.pages:
            first = self._number
            merge = (first, first + down, self._column, self._column + across)
            self.pages[-1].merges.append(merge)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "Data":
            text = "".join(self._text or ())[:CELL_CHARACTERS_MAX]
            self._text = None
            self._put(self._value(text))
        elif tag == "Cell":
            self._column += int(self._cell.get("MergeAcross", "0"))
        elif tag == "Visible" and self._text is not None:
            self.pages[-1].hidden = "Hidden" in "".join(self._text)
            self._text = None
        elif tag == "Row" and len(self.pages) - 1 == self._wanted:
            self._end_row()
        elif tag == "Worksheet" and len(self.pages) - 1 == self._wanted:
            raise Stop

    def _end_row(self) -> None:
        for column, (last, value) in list(self._spans.items()):
            if last < self._number:
                del self._spans[column]
                continue
            self._cells.extend([None] * (column + 1 - len(self._cells)))
            if self._cells[column] is None:
                self._cells[column] = value
        if self._cells:
            row = (self._number, self._cells)
            self._take((*row, self._marks) if self._marks else row)

    def _put(self, value: Any) -> None:
        column = self._column
        if value is None or not 0 <= column < COLUMNS_MAX or column < len(self._cells):
            return
        down = int(self._cell.get("MergeDown", "0"))
        if down:
            self._spans[column] = (self._number + down, value)
        self._cells.extend([None] * (column - len(self._cells)))
        self._cells.append(value)
        if self._styles.get(self._cell.get("StyleID", ""), {}).get("StrikeThrough") == "1":
            self._marks.setdefault("struck", []).append(column)

    def _value(self, text: str) -> Any:
        if len(text) > LONG_TEXT_CHARACTERS:
            self._book.long_characters += len(text)
        style = self._styles.get(self._cell.get("StyleID", ""), {})
        if self._type == "DateTime":
            return ["date", text.removesuffix(".000")]
        if self._type == "Error":
            return ["error", text]
        if self._type == "Number":
            number = float(text)
            whole: Any = int(number) if number.is_integer() else number
            shown = shown_by(style.get("Format"))
            return whole if shown is None else shown.show(whole)
        font = style.get("FontName", "")
        return ["font", text, font] if is_old_font(font) and not text.isascii() else text or None
