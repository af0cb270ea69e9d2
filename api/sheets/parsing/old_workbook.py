"""Workbooks of Excel 97 to 2003 (.xls, BIFF8), by xlrd, which keeps fonts and formats."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import xlrd
from xlrd.biffh import error_text_from_code

from api.sheets.parsing.frames import (
    CELL_CHARACTERS_MAX,
    COLUMNS_MAX,
    LONG_TEXT_CHARACTERS,
    Page,
    Refused,
    filled,
    is_old_font,
    shown_date,
)
from api.sheets.parsing.number_formats import ShownNumber, ShownText, date_kind, shown_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from api.sheets.parsing.frames import Row

_INTEGER_MAX: Final = 1 << 53


class _Style:
    """What a cell format does to what a cell means."""

    def __init__(self, book: Any, number: int) -> None:
        xf = book.xf_list[number]
        form = book.format_map.get(xf.format_key)
        code = form.format_str if form is not None else None
        self.date_kind = date_kind(xf.format_key, code)
        self.shown: ShownNumber | ShownText | None = None if self.date_kind else shown_by(code)
        font = book.font_list[xf.font_index]
        self.font = font.name if is_old_font(font.name) else None
        self.struck = bool(font.struck_out)


class OldWorkbook:
    """An open .xls file."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._book = xlrd.open_workbook(
                file_contents=file.read(),
                formatting_info=True,
                on_demand=True,
                logfile=io.StringIO(),
            )
        except xlrd.XLRDError as error:
            encrypted = "encrypted" in str(error).lower()
            raise Refused("file-encrypted" if encrypted else "file-damaged") from error
        self.facts: dict[str, Any] = {"format": "xls"}
        self.long_characters = 0
        self._styles: dict[int, _Style] = {}
        self.pages = [
            Page(name, self._book._sheet_visibility[index] != 0)  # noqa: SLF001 - no other way
            for index, name in enumerate(self._book.sheet_names())
        ]
        self._numbers = list(range(len(self.pages)))

    def read(self, index: int, take: Callable[[Row], None]) -> None:
        """Hand every row of a sheet that is not empty to `take`."""
        sheet = self._book.sheet_by_index(index)
        page = self.pages[index]
        page.merges = [
            (top + 1, bottom, left, right - 1) for top, bottom, left, right in sheet.merged_cells
        ]
        page.hidden_columns = [c for c, info in sheet.colinfo_map.items() if info.hidden]
        give = filled(page.merges, take)
        for number in range(sheet.nrows):
            row = self._row(sheet, number)
            if row is not None:
                give(row)

    def _row(self, sheet: Any, number: int) -> Row | None:
        cells: list[Any] = []
        struck: list[int] = []
        filled_cells = 0
        for column in range(min(sheet.ncols, COLUMNS_MAX)):
            kind = sheet.cell_type(number, column)
            if kind in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}:
                continue
            style = self._style(sheet.cell_xf_index(number, column))
            value = self._value(kind, sheet.cell_value(number, column), style)
            if value is None:
                continue
            cells.extend([None] * (column - len(cells)))
            cells.append(value)
            filled_cells += 1
            if style.struck:
                struck.append(column)
        if not filled_cells:
            return None
        marks: dict[str, Any] = {"struck": struck} if struck else {}
        info = sheet.rowinfo_map.get(number)
        if info is not None and info.hidden:
            marks["hidden"] = True
        return (number + 1, cells, marks) if marks else (number + 1, cells)

    def _style(self, number: int) -> _Style:
        style = self._styles.get(number)
        if style is None:
            self._styles[number] = style = _Style(self._book, number)
        return style

    def _value(self, kind: int, value: Any, style: _Style) -> Any:
        if kind == xlrd.XL_CELL_ERROR:
            return ["error", error_text_from_code.get(value, "#ERR")]
        if kind == xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        if kind == xlrd.XL_CELL_TEXT:
            return self._text(value, style)
        if style.date_kind:
            return shown_date(value, style.date_kind, from_1904=bool(self._book.datemode))
        whole = value.is_integer() and abs(value) < _INTEGER_MAX
        number = int(value) if whole else value
        return number if style.shown is None else style.shown.show(number)

    def _text(self, value: str, style: _Style) -> Any:
        if len(value) > LONG_TEXT_CHARACTERS:
            value = value[:CELL_CHARACTERS_MAX]
            self.long_characters += len(value)
        if style.shown is not None:
            value = style.shown.show(value)
        if style.font is not None and not value.isascii():
            return ["font", value, style.font]
        return value or None
