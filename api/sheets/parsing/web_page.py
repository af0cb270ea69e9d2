"""Web pages and SpreadsheetML that programs call .xls: text that holds a table."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
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
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from api.sheets.parsing.frames import Book, Row

READ_CHARACTERS: Final = 1 << 17
SNIFFED_BYTES: Final = 1 << 14
SPAN_MAX: Final = 10_000
_CHARSET: Final = re.compile(
    rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9._-]+)", re.IGNORECASE
)
_SPREADSHEET_ML: Final = b"urn:schemas-microsoft-com:office:spreadsheet"
_FONT: Final = re.compile(r"font-family\s*:\s*[\"']?([^;\"']+)", re.IGNORECASE)
_STRUCK: Final = frozenset({"s", "strike", "del"})
_BREAKS: Final = frozenset({"br", "p", "div", "li"})
_SILENT: Final = frozenset({"script", "style", "title"})


def open_markup(file: BinaryIO) -> Book:
    """A page or a SpreadsheetML document. Raises `Refused` for other text."""
    start = file.read(SNIFFED_BYTES)
    file.seek(0)
    if _SPREADSHEET_ML in start and b"<Workbook" in start:
        from api.sheets.parsing.spreadsheet_xml import SpreadsheetXml  # noqa: PLC0415

        return SpreadsheetXml(file)
    return WebPage(file, _encoding(start))


def _encoding(start: bytes) -> str:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    named = _CHARSET.search(start)
    name = named[1].decode() if named else "utf-8"
    try:
        codecs.lookup(name)
    except LookupError:
        return "utf-8"
    return name


class WebPage:
    """An open page; each table of it is a page of the book."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self.facts: dict[str, Any] = {"format": "html"}
        self.long_characters = 0
        survey = _Tables(self, None, lambda _row: None)
        survey.read()
        self.pages = [Page("", merges=merges) for merges in survey.merges]
        if not self.pages:
            raise Refused("file-not-a-sheet")
        if len(self.pages) > 1:
            for number, page in enumerate(self.pages, start=1):
                page.name = str(number)

    def characters(self) -> Any:
        """The page's text, piece by piece; a byte that is no letter becomes U+FFFD."""
        self._file.seek(0)
        reader = codecs.getreader(self._encoding)(self._file, "replace")
        while piece := reader.read(READ_CHARACTERS):
            yield piece

    def read(self, index: int, take: Callable[[Row], None]) -> None:
        """Hand every row of a table to `take`."""
        try:
            _Tables(self, index, filled(self.pages[index].merges, take)).read()
        except Stop:
            return


class _Tables(HTMLParser):
    """One way through a page; nested tables are part of the cell that holds them."""

    def __init__(self, page: WebPage, wanted: int | None, take: Callable[[Row], None]) -> None:
        super().__init__(convert_charrefs=True)
        self._page = page
        self._wanted = wanted
        self._take = take
        self.merges: list[list[tuple[int, int, int, int]]] = []
        self._depth = self._silent = 0
        self._number = 0
        self._cells: list[Any] | None = None
        self._taken: dict[int, int] = {}
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._marks: dict[str, Any] = {}
        self._font = ""
        self._struck = False

    def read(self) -> None:
        """Go through the page. Raises `Stop` behind the wanted table."""
        for piece in self._page.characters():
            self.feed(piece)
        self.close()
        self._end_row()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See what begins."""
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._begin_table()
        elif self._depth == 1 and tag == "tr":
            self._end_row()
            self._begin_row(_style(attrs))
        elif self._depth == 1 and tag in {"td", "th"}:
            self._begin_cell(attrs)
        elif self._text is not None:
            self._begin_inside(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """See what ends."""
        if tag in _SILENT and self._silent:
            self._silent -= 1
        elif tag == "table" and self._depth:
            self._end_row()
            self._depth -= 1
            if not self._depth and len(self.merges) - 1 == self._wanted:
                raise Stop
        elif self._depth == 1 and tag == "tr":
            self._end_row()
        elif self._depth == 1 and tag in {"td", "th"}:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        """Collect text of a cell; line breaks of the source are spaces."""
        if self._text is not None and not self._silent:
            self._text.append(" ".join(data.split("\n")) if "\n" in data else data)

    def _begin_table(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self.merges.append([])
            self._number = 0
            self._taken = {}

    def _begin_row(self, style: str) -> None:
        self._number += 1
        self._cells = []
        self._marks = {"hidden": True} if "display:none" in style.replace(" ", "") else {}

    def _begin_cell(self, attrs: list[tuple[str, str | None]]) -> None:
        self._end_cell()
        if self._cells is None:
            self._begin_row("")
        given = {name: value or "" for name, value in attrs}
        self._span = (_count(given.get("rowspan")), _count(given.get("colspan")))
        font = _FONT.search(given.get("style", ""))
        self._font = font[1].strip() if font else ""
        self._struck = "line-through" in given.get("style", "")
        self._text = []

    def _begin_inside(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert self._text is not None  # noqa: S101 - asked by the caller
        if tag in _BREAKS and (self._text or tag == "br"):
            self._text.append("\n")
        elif tag in _STRUCK:
            self._struck = True
        given = {name: value or "" for name, value in attrs}
        font = given.get("face", "") if tag == "font" else ""
        named = _FONT.search(given.get("style", ""))
        self._font = font or (named[1].strip() if named else self._font)

    def _end_cell(self) -> None:
        if self._text is None or self._cells is None:
            return
        text = "\n".join(line.strip() for line in "".join(self._text).split("\n")).strip()
        self._text = None
        cells = self._cells
        column = len(cells)
        while self._taken.get(column, 0) >= self._number:
            cells.append(None)
            column += 1
        if column >= COLUMNS_MAX:
            return
        cells.append(self._value(text[:CELL_CHARACTERS_MAX]))
        if self._struck and text:
            self._marks.setdefault("struck", []).append(column)
        self._note_span(column)

    def _value(self, text: str) -> Any:
        if len(text) > LONG_TEXT_CHARACTERS:
            self._page.long_characters += len(text)
        if is_old_font(self._font) and not text.isascii():
            return ["font", text, self._font]
        return text or None

    def _note_span(self, column: int) -> None:
        rows, columns = self._span
        last = min(column + columns, COLUMNS_MAX) - 1
        if rows > 1 or columns > 1:
            self.merges[-1].append((self._number, self._number + rows - 1, column, last))
        assert self._cells is not None  # noqa: S101 - a cell was put there
        self._cells.extend([None] * (last - column))
        if rows > 1:
            for place in range(column, last + 1):
                self._taken[place] = self._number + rows - 1

    def _end_row(self) -> None:
        self._end_cell()
        cells, self._cells = self._cells, None
        if cells is None or not self.merges or len(self.merges) - 1 != self._wanted:
            return
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            row = (self._number, cells)
            self._take((*row, self._marks) if self._marks else row)


def _style(attrs: list[tuple[str, str | None]]) -> str:
    return next((value or "" for name, value in attrs if name == "style"), "").lower()


def _count(text: str | None) -> int:
    return (
        min(int(text), SPAN_MAX) if text and text.isascii() and text.isdigit() and int(text) else 1
    )
