"""Find a list in a file: which sheet, which row is its header, which column means what.

Offices move columns, leave some out, break header lines, put titles above: a header is found by
what it says. The names they use are data, in `columns.json`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from api.sheets.cells import Cell, ReadingNote, Row, SheetError, SheetFile, SheetHead
from registry.text import fold_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from registry.importing import SheetKind
    from registry.recipient import RecipientKind

HEADER_ROW_MAX: Final = 50
HEADER_COLUMNS_MIN: Final = 3
HEADER_CHARACTERS_MAX: Final = 200

_LEGACY_FIELDS: Final = frozenset({"number", "decided_on", "issuer", "golden_number"})
_NAME_FIELDS: Final[Mapping[str, RecipientKind | None]] = {
    "name": None,
    "person_name": "individual",
    "collective_name": "collective",
    "household_name": "household",
}
_IN_BRACKETS: Final = re.compile(r"\([^)]*\)?")

Wanted = Literal["auto", "decision", "legacy"]


@dataclass(frozen=True, slots=True)
class CodeLists:
    """Names of codes, as a sheet of the workbook itself lists them."""

    forms: Mapping[str, str]
    categories: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a list stands in a file and what its columns mean.

    `places` gives the place (from 0) of each field's column, `headers` its text as the sheet
    writes it. `recipient_kind` is what a header says of everybody below it, if it does.
    """

    kind: SheetKind
    sheet_index: int
    sheet_name: str
    header_row: int
    places: Mapping[str, int]
    headers: Mapping[str, str]
    recipient_kind: RecipientKind | None
    codes: CodeLists
    notes: tuple[ReadingNote, ...] = ()


@dataclass(frozen=True, slots=True)
class _Header:
    sheet_index: int
    row: Row
    places: Mapping[str, int]


@cache
def _vocabulary() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(__file__).with_name("columns.json").read_bytes())
    return document


def _header_key(text: str) -> str:
    return " ".join(fold_words(text))


@cache
def _fields_by_header() -> dict[str, str]:
    """Field for each header text, folded; no two fields share a name."""
    columns: dict[str, list[str]] = _vocabulary()["columns"]
    return {_header_key(name): field for field, names in columns.items() for name in names}


def _field(cell: Cell) -> str | None:
    """The field that a header cell names, or None."""
    if not isinstance(cell, str) or len(cell) > HEADER_CHARACTERS_MAX:
        return None
    fields = _fields_by_header()
    return fields.get(_header_key(cell)) or fields.get(_header_key(_IN_BRACKETS.sub(" ", cell)))


def find_layout(file: SheetFile, wanted: Wanted = "auto") -> Layout:
    """Find the list in a file.

    Raises:
        SheetError: `header-not-found` if no row looks like a header, `column-missing` if one
            does but lacks a column that a list cannot do without; both name what was looked for.
    """
    header = _best_header(file.heads)
    if header is None:
        raise SheetError("header-not-found", wanted=_names_of("name", "person_name", "form"))
    places, recipient_kind = _named(header.places)
    _require(places, "name", _NAME_FIELDS)
    _require(places, "form", ("form", "title"))
    texts = _texts(header.row)
    return Layout(
        kind=_kind(places, wanted),
        sheet_index=header.sheet_index,
        sheet_name=file.heads[header.sheet_index].name,
        header_row=header.row[0],
        places=places,
        headers={field: texts[place] for field, place in places.items()},
        recipient_kind=recipient_kind,
        codes=_code_lists(file.heads),
        notes=(*file.notes, *_ignored(texts, places)),
    )


def _best_header(heads: Sequence[SheetHead]) -> _Header | None:
    """The row that names most columns; the first of equals, and one with a name before all."""
    best: _Header | None = None
    best_score = (False, HEADER_COLUMNS_MIN - 1)
    for index, head in enumerate(heads):
        for row in head.rows:
            if row[0] > HEADER_ROW_MAX:
                break
            places = _places(row)
            score = (any(field in places for field in _NAME_FIELDS), len(places))
            if len(places) >= HEADER_COLUMNS_MIN and score > best_score:
                best, best_score = _Header(index, row, places), score
    return best


def _places(row: Row) -> dict[str, int]:
    """Place of each field that a row names; the first column of a name counts."""
    places: dict[str, int] = {}
    for place, cell in enumerate(row[1]):
        field = _field(cell)
        if field is not None:
            places.setdefault(field, place)
    return places


def _named(places: Mapping[str, int]) -> tuple[dict[str, int], RecipientKind | None]:
    """Settle which column is the recipient's name; a collective beside a person is his unit."""
    settled = {field: place for field, place in places.items() if field not in _NAME_FIELDS}
    found = [field for field in _NAME_FIELDS if field in places]
    if not found:
        return settled, None
    settled["name"] = places[found[0]]
    if "collective_name" in found[1:]:
        settled.setdefault("unit", places["collective_name"])
    return settled, _NAME_FIELDS[found[0]]


def _kind(places: Mapping[str, int], wanted: Wanted) -> SheetKind:
    if wanted != "auto":
        return wanted
    return "legacy" if _LEGACY_FIELDS & places.keys() else "decision"


def _require(
    places: Mapping[str, int], field: str, names: Sequence[str] | Mapping[str, Any]
) -> None:
    if not any(one in places for one in (field, *names)):
        raise SheetError("column-missing", wanted=_names_of(*names))


def _names_of(*fields: str) -> str:
    """The commonest names of some fields, as an error shows them."""
    columns: dict[str, list[str]] = _vocabulary()["columns"]
    return ", ".join(f"“{columns[field][0]}”" for field in fields)


def _texts(row: Row) -> list[str]:
    return [" ".join(cell.split()) if isinstance(cell, str) else "" for cell in row[1]]


def _ignored(texts: Sequence[str], places: Mapping[str, int]) -> list[ReadingNote]:
    """Columns with a heading that no field takes: the clerk should know they are left out."""
    used = set(places.values())
    return [
        ReadingNote("column-ignored", {"column": text[:HEADER_CHARACTERS_MAX]})
        for place, text in enumerate(texts)
        if text and place not in used
    ]


def _code_lists(heads: Sequence[SheetHead]) -> CodeLists:
    """Codes and names from wherever the workbook lists them: a code column, a name beside it."""
    lists: dict[str, dict[str, str]] = {"form": {}, "category": {}}
    for head in heads:
        for number, cells in head.rows:
            for place, target in _code_columns(cells):
                _collect(head, number, place, lists[target])
    return CodeLists(lists["form"], lists["category"])


@cache
def _code_headers() -> tuple[frozenset[str], dict[str, str]]:
    vocabulary = _vocabulary()
    codes = frozenset(map(_header_key, vocabulary["codes"]))
    lists: dict[str, list[str]] = vocabulary["code_lists"]
    return codes, {_header_key(name): target for target, names in lists.items() for name in names}


def _code_columns(cells: Sequence[Cell]) -> list[tuple[int, str]]:
    """Places in a row where a heading for codes has a heading for their names on its right."""
    codes, lists = _code_headers()
    found = []
    for place, (left, right) in enumerate(pairwise(cells)):
        if isinstance(left, str) and isinstance(right, str) and _header_key(left) in codes:
            target = lists.get(_header_key(right))
            if target is not None:
                found.append((place, target))
    return found


def _collect(head: SheetHead, header_row: int, place: int, into: dict[str, str]) -> None:
    """Read codes downwards until a row has none."""
    for number, cells in head.rows:
        if number <= header_row:
            continue
        code, name = (*cells[place : place + 2], None, None)[:2]
        if not isinstance(code, str | int) or not isinstance(name, str):
            return
        into.setdefault(str(code).strip(), name.strip())
