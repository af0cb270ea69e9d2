"""How a file was read, told so that nothing is left out in silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from api.sheets.reading_notes import left_out_columns

if TYPE_CHECKING:
    from api.sheets.layout import Layout

LISTS_LOGGED_MAX: Final = 50

_LEFT_OUT = frozenset({"sheet-hidden", "sheet-guide", "sheet-without-forms"})
_ENCODINGS = frozenset({"encoding-converted", "encoding-guessed"})


def reading_of(layout: Layout) -> dict[str, Any]:
    """Format, kind, each list with its columns, what was left out, converted or hidden."""
    notes = layout.notes
    return {
        "format": layout.file_format,
        "kind": layout.kind,
        "lists": [_list(part) for part in layout.parts],
        "sheets_left_out": [
            {"sheet": note.params["sheet"], "code": note.code}
            for note in notes
            if note.code in _LEFT_OUT
        ],
        "encodings": [dict(note.params) for note in notes if note.code in _ENCODINGS],
        "hidden_rows": [dict(note.params) for note in notes if note.code == "rows-hidden"],
        "hidden_columns": [dict(note.params) for note in notes if note.code == "columns-hidden"],
        "month_first": [
            note.params["column"] for note in notes if note.code == "dates-month-first"
        ],
    }


def reading_for_log(layout: Layout) -> str:
    """The same as JSON for the log: without previews, which show a cell, and bounded."""
    reading = reading_of(layout)
    lists = reading["lists"]
    reading["encodings"] = [{"encoding": one["encoding"]} for one in reading["encodings"]]
    reading["lists"] = lists[:LISTS_LOGGED_MAX]
    reading["lists_left_out"] = len(lists) - len(reading["lists"])
    return json.dumps(reading, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _list(part: Layout) -> dict[str, Any]:
    used = [
        {"column": part.headers.get(field, ""), "field": field}
        for field in part.places
        if field not in {"identity", "year"}
    ]
    marks = [{"column": mark.heading, "field": "form"} for mark in part.marks]
    unused = [{"column": text, "field": None} for text in left_out_columns(part)]
    return {
        "sheet": part.sheet_name,
        "header_rows": [part.header_row, part.last_header_row],
        "columns": [*used, *marks, *unused],
        "form_from_title": part.title.form if "form" not in part.places else None,
        "recipient_kind": part.recipient_kind,
    }
