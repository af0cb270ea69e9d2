"""Workbooks of today: .xlsx and .xlsm, of whatever program (ECMA-376, both conformance classes).

Rows come one at a time from the XML: memory stays that of the shared strings (part 1, 18.3 and
18.4), however far apart the cells are. Macros are a part that nobody opens.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from api.sheets.parsing.frames import (
    CELL_CHARACTERS_MAX,
    COLUMNS_MAX,
    LONG_TEXT_CHARACTERS,
    Page,
    Refused,
    filled,
    is_old_font,
    local,
    new_parser,
    shown_date,
)
from api.sheets.parsing.number_formats import ShownNumber, ShownText, date_kind, shown_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.sheets.parsing.frames import Merge, Row
    from api.sheets.parsing.package import Elements, Package

_DIGITS: Final = "0123456789"
_TRUE: Final = ("1", "true")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_INTEGER_MAX: Final = 1 << 53
_SHEET_DATA_END: Final = re.compile(rb"</(?:[A-Za-z0-9_]+:)?sheetData\s*>|<(?:\w+:)?sheetData\s*/>")
_MERGE: Final = re.compile(rb"<(?:[A-Za-z0-9_]+:)?mergeCell\s[^>]*?ref=[\"']([A-Za-z0-9:$]+)[\"']")
_REFERENCE: Final = re.compile(r"\$?([A-Z]+)\$?([0-9]+)")
_MARKER_BYTES: Final = 64


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written `_x000D_` (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


class SharedStrings:
    """Texts that cells name by number; `fonts` holds those set in a font before Unicode."""

    def __init__(self, package: Package, part: str | None) -> None:
        self.texts: list[str] = []
        self.fonts: dict[int, str] = {}
        self._parts: list[str] = []
        self._inside_text = False
        self._phonetic = False
        if part is not None:
            self._read(package, part)

    def _read(self, package: Package, part: str) -> None:
        parser = new_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        for piece in package.pieces(part):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003 - the C function takes no keywords

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = local(name)
        if tag == "t":
            self._inside_text = not self._phonetic
        elif tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "rFont" and is_old_font(given.get("val", "")):
            self.fonts.setdefault(len(self.texts), given["val"])

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "t":
            self._inside_text = False
        elif tag == "si":
            self.texts.append(_unescaped("".join(self._parts)))
        elif tag == "rPh":
            self._phonetic = False

    def _text(self, text: str) -> None:
        if self._inside_text:
            self._parts.append(text)


class Style:
    """What a cell style does to what a cell means; most do nothing."""

    def __init__(self, dates: str, shown: ShownNumber | ShownText | None) -> None:
        self.date_kind = dates
        self.shown = shown
        self.font: str | None = None
        self.struck = False

    @property
    def is_special(self) -> bool:
        """Whether a cell of this style has to be looked at."""
        return self.shown is not None or self.font is not None or self.struck


def _styles(elements: Elements) -> list[Style]:
    """The cell styles of a workbook, by number."""
    codes = {
        int(given["numFmtId"]): given.get("formatCode", "")
        for tag, given in elements
        if tag == "numFmt" and "numFmtId" in given
    }
    fonts = _fonts(elements)
    tags = [tag for tag, _ in elements]
    first = tags.index("cellXfs") + 1 if "cellXfs" in tags else len(tags)
    last = tags.index("cellStyles") if "cellStyles" in tags else len(tags)
    styles = []
    for tag, given in elements[first:last]:
        if tag != "xf":
            continue
        number_format = int(given.get("numFmtId", "0"))
        dates = date_kind(number_format, codes.get(number_format))
        style = Style(dates, None if dates else shown_by(codes.get(number_format)))
        font, struck = fonts.get(int(given.get("fontId", "0")), ("", False))
        style.font = font if is_old_font(font) else None
        style.struck = struck
        styles.append(style)
    return styles


def _fonts(elements: Elements) -> dict[int, tuple[str, bool]]:
    """Name of each font, and whether it strikes text through."""
    fonts: dict[int, tuple[str, bool]] = {}
    inside, number = False, -1
    for tag, given in elements:
        if tag in {"fonts", "fills"}:
            inside = tag == "fonts"
        elif inside and tag == "font":
            number += 1
            fonts[number] = ("", False)
        elif inside and tag == "name" and number >= 0:
            fonts[number] = (given.get("val", ""), fonts[number][1])
        elif inside and tag == "strike" and number >= 0:
            fonts[number] = (fonts[number][0], given.get("val", "1") in _TRUE)
    return fonts


class SheetParser:
    """Turns a sheet's XML into rows, handing each to `take` at its end."""

    def __init__(self, book: Workbook, page: Page, take: Callable[[Row], None]) -> None:
        self._book = book
        self._page = page
        self._take = take
        self._columns: dict[str, int] = {}
        self._number = 0
        self._cells: list[Any] = []
        self._type = self._style = ""
        self._column = 0
        self._text: list[str] = []
        self._listening = self._valued = self._formula = self._phonetic = self._inline = False
        self._hidden = False
        self._struck: list[int] = []

    def parse(self, part: str) -> None:
        """Read a sheet. Raises `Refused`, or what `take` raises."""
        parser = new_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for piece in self._book.package.pieces(part):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = local(name) if ":" in name else name
        if tag == "c":
            self._begin_cell(given)
        elif tag == "v":
            self._listening = self._valued = not self._inline
        elif tag == "t" and not self._phonetic:
            self._listening = self._valued = True
        elif tag == "row":
            self._begin_row(given)
        elif tag == "f":
            self._formula = True
        elif tag == "is":
            # An inline text counts, whatever stale value stands beside it.
            self._inline, self._text = True, []
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "col" and given.get("hidden") in _TRUE:
            self._hide_columns(given)

    def _hide_columns(self, given: dict[str, str]) -> None:
        first, last = int(given.get("min", "1")), int(given.get("max", "1"))
        hidden = self._page.hidden_columns
        hidden += [c for c in range(first - 1, min(last, COLUMNS_MAX)) if c not in hidden]

    def _begin_row(self, given: dict[str, str]) -> None:
        number = int(given["r"]) if "r" in given else self._number + 1
        if number <= self._number:
            # Rows go up, or an interrupted import could not say where it stands.
            raise Refused("file-damaged")
        self._number = number
        self._cells = []
        self._column = -1
        self._hidden = given.get("hidden") in _TRUE

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
        self._valued = self._formula = self._inline = False

    def _column_of(self, letters: str) -> int:
        self._columns[letters] = number = column_number(letters)
        return number

    def _end(self, name: str) -> None:
        tag = local(name) if ":" in name else name
        if tag in {"v", "t"}:
            self._listening = False
        elif tag == "c":
            if self._valued or self._formula:
                self._end_cell()
        elif tag == "row":
            if self._cells:
                self._end_row()
        elif tag == "rPh":
            self._phonetic = False

    def _end_row(self) -> None:
        if not (self._hidden or self._struck):
            self._take((self._number, self._cells))
            return
        marks: dict[str, Any] = {"hidden": True} if self._hidden else {}
        if self._struck:
            marks["struck"] = self._struck
            self._struck = []
        self._take((self._number, self._cells, marks))

    def _end_cell(self) -> None:
        text = "".join(self._text)
        if len(text) > LONG_TEXT_CHARACTERS:
            text = text[:CELL_CHARACTERS_MAX]
            self._book.long_characters += len(text)
        value = self._value(text)
        column = self._column
        if value is None or not 0 <= column < COLUMNS_MAX:
            return
        style = self._book.special.get(self._style)
        if style is not None:
            value = self._styled(value, style)
        cells = self._cells
        if column < len(cells):
            cells[column] = value
            return
        cells.extend([None] * (column - len(cells)))
        cells.append(value)

    def _styled(self, value: Any, style: Style) -> Any:
        if style.struck:
            self._struck.append(self._column)
        if style.shown is not None:
            value = style.shown.show(value)
        if style.font is not None and isinstance(value, str) and not value.isascii():
            return ["font", value, style.font]
        return value

    def _characters(self, text: str) -> None:
        if self._listening:
            self._text.append(text)

    def _value(self, text: str) -> Any:  # noqa: PLR0911 - one return for each type of cell
        kind = self._type
        if kind == "inlineStr" or self._inline:
            return _unescaped(text) or None
        if not text:
            return ["unsaved"] if self._formula and kind != "str" else None
        if kind == "s":
            return self._shared(int(text))
        if kind == "n":
            return self._number_value(text)
        if kind == "b":
            return text in _TRUE
        if kind == "e":
            return ["error", text]
        return ["date", text] if kind == "d" else _unescaped(text)

    def _shared(self, number: int) -> Any:
        strings = self._book.strings
        text = strings.texts[number]
        if strings.fonts and number in strings.fonts and not text.isascii():
            return ["font", text, strings.fonts[number]]
        return text or None

    def _number_value(self, text: str) -> Any:
        number = float(text)
        kinds = self._book.date_kinds
        style = int(self._style or "0")
        if style < len(kinds) and kinds[style]:
            book = self._book
            return shown_date(
                number,
                kinds[style],
                from_1904=book.from_1904,
                from_libreoffice=book.from_libreoffice,
            )
        return int(number) if number.is_integer() and abs(number) < _INTEGER_MAX else number


class Workbook:
    """An open workbook: names and parts of its sheets, shared strings, styles."""

    def __init__(self, package: Package, part: str) -> None:
        self.package = package
        self.facts: dict[str, Any] = {"format": "xlsx"}
        self.long_characters = 0
        elements = package.elements(part)
        relations = package.related(part)
        self._parts: list[str] = []
        self.pages: list[Page] = []
        self._find_sheets(elements, relations)
        self.from_1904 = any(
            tag == "workbookPr" and given.get("date1904") in _TRUE for tag, given in elements
        )
        self.from_libreoffice = _is_of_libreoffice(package)
        by_type = {kind.rpartition("/")[2].lower(): target for kind, target in relations.values()}
        styles = by_type.get("styles", "xl/styles.xml")
        self._styles = _styles(package.elements(styles)) if styles in package else []
        self.date_kinds = [style.date_kind for style in self._styles]
        self.special = {str(n): style for n, style in enumerate(self._styles) if style.is_special}
        if self._styles and self._styles[0].is_special:
            self.special[""] = self._styles[0]
        strings = by_type.get("sharedstrings", "xl/sharedStrings.xml")
        self.strings = SharedStrings(package, strings if strings in package else None)

    def _find_sheets(self, elements: Elements, relations: dict[str, tuple[str, str]]) -> None:
        for tag, given in elements:
            part = relations.get(given.get("id", ""), ("", ""))[1] if tag == "sheet" else ""
            if part and part in self.package:
                hidden = given.get("state", "visible") in {"hidden", "veryHidden"}
                page = Page(given.get("name", ""), hidden, self._merges(part))
                self.pages.append(page)
                self._parts.append(part)

    def _merges(self, part: str) -> list[Merge]:
        """Merged cells: named behind the rows, where the parser only comes in the end."""
        tail = b""
        found = False
        for piece in self.package.pieces(part):
            if found:
                tail += piece
                continue
            window = tail[-_MARKER_BYTES:] + piece
            end = _SHEET_DATA_END.search(window)
            found = end is not None
            tail = window[end.end() :] if end is not None else window
        return [merge for ref in _MERGE.findall(tail) if (merge := _merge(ref.decode()))]

    def read(self, index: int, take: Callable[[Row], None]) -> None:
        """Hand every row of a sheet that is not empty to `take`."""
        page = self.pages[index]
        SheetParser(self, page, filled(page.merges, take)).parse(self._parts[index])


def column_number(letters: str) -> int:
    """A column's place from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _merge(reference: str) -> Merge | None:
    corners = _REFERENCE.findall(reference.upper())
    if len(corners) != 2:  # noqa: PLR2004 - two corners
        return None
    (left, top), (right, bottom) = corners
    return int(top), int(bottom), column_number(left), column_number(right)


def _is_of_libreoffice(package: Package) -> bool:
    part = "docProps/app.xml"
    if part not in package:
        return False
    application = package.whole(part)
    return b"LibreOffice" in application or b"OpenOffice" in application
