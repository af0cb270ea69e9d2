"""What a clerk should know about how a file was read: sheets and columns left out or hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.sheets.cells import ReadingNote, SheetFile, SheetHead, column_letters
from api.sheets.vocabulary import HEADING_CHARACTERS_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.sheets.layout import Layout

ROWS_NAMED_MAX: Final = 20


def sheet_notes(file: SheetFile, left_out: Mapping[int, str]) -> list[ReadingNote]:
    """Sheets with a list that is left out: the clerk should know."""
    return [
        ReadingNote(code, {"sheet": file.heads[index].name}) for index, code in left_out.items()
    ]


def column_notes(layouts: Sequence[Layout]) -> list[ReadingNote]:
    """Columns with a heading that no field takes: the clerk should know they are left out."""
    notes: dict[str, ReadingNote] = {}
    for layout in layouts:
        for text in left_out_columns(layout):
            shown = text[:HEADING_CHARACTERS_MAX]
            notes.setdefault(shown, ReadingNote("column-ignored", {"column": shown}))
    return list(notes.values())


_UNUSED_FIELDS: Final = frozenset({"identity", "year"})


def left_out_columns(layout: Layout) -> list[str]:
    """Headings of the columns that become nothing."""
    if layout.header is None:
        return []
    used = {place for name, place in layout.places.items() if name not in _UNUSED_FIELDS}
    used |= {mark.place for mark in layout.marks}
    used |= {mark.number_place for mark in layout.marks if mark.number_place is not None}
    return [text for place, text in enumerate(layout.header.texts) if text and place not in used]


def mark_notes(file: SheetFile, layouts: Sequence[Layout]) -> list[ReadingNote]:
    """Hidden rows and columns, and columns whose dates put the month first."""
    notes = []
    for index in dict.fromkeys(layout.sheet_index for layout in layouts):
        head = file.heads[index]
        first = min(one.header_row for one in layouts if one.sheet_index == index)
        rows = [n for n, mark in head.marks.items() if mark.is_hidden and n > first]
        if rows:
            named = ", ".join(map(str, rows[:ROWS_NAMED_MAX]))
            more = "…" if len(rows) > ROWS_NAMED_MAX else ""
            params = {"sheet": head.name, "rows": named + more}
            notes.append(ReadingNote("rows-hidden", params))
        columns = _hidden_columns(head, [one for one in layouts if one.sheet_index == index])
        if columns:
            params = {"sheet": head.name, "columns": ", ".join(columns)}
            notes.append(ReadingNote("columns-hidden", params))
    for layout in layouts:
        for name in layout.month_first:
            column = layout.headers.get(name, name)
            notes.append(ReadingNote("dates-month-first", {"column": column}))
    return notes


def _hidden_columns(head: SheetHead, layouts: Sequence[Layout]) -> list[str]:
    """Hidden columns that hold something, by their letters and headings."""
    headers = [one.header.texts for one in layouts if one.header is not None]
    named = []
    for column in head.hidden_columns:
        cells = (cells[column] for _, cells in head.rows if column < len(cells))
        if all(cell is None or cell == "" for cell in cells):
            continue
        headings = (texts[column] for texts in headers if column < len(texts))
        heading = next((text for text in headings if text), "")
        letters = column_letters(column)
        named.append(f"{letters} ({heading})" if heading else letters)
    more = ["…"] if len(named) > ROWS_NAMED_MAX else []
    return [*named[:ROWS_NAMED_MAX], *more]
