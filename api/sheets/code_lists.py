"""The lists of codes that a workbook carries itself, beside its lists of awards."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from api.sheets.vocabulary import heading_key, vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.sheets.cells import Cell, SheetHead


@dataclass(frozen=True, slots=True)
class CodeLists:
    """Names of codes, as a sheet of the workbook itself lists them."""

    forms: Mapping[str, str]
    categories: Mapping[str, str]


def code_lists_of(heads: Sequence[SheetHead]) -> CodeLists:
    """Codes and names from wherever the workbook lists them, beside each other in either order."""
    lists: dict[str, dict[str, str]] = {"form": {}, "category": {}}
    for head in heads:
        for number, cells in head.rows:
            for place, target, name_first in _code_columns(cells):
                _collect(head, number, place, lists[target], name_first=name_first)
    return CodeLists(lists["form"], lists["category"])


def _code_columns(cells: Sequence[Cell]) -> list[tuple[int, str, bool]]:
    """Places in a row where a heading for codes stands beside a heading for their names."""
    document = vocabulary()
    codes = {heading_key(name) for name in document["codes"]}
    after = {heading_key(name) for name in document["code_codes_after"]}
    lists = {heading_key(n): t for t, names in document["code_lists"].items() for n in names}
    first = {heading_key(n): t for t, names in document["code_names_first"].items() for n in names}
    found = []
    for place, (left, right) in enumerate(pairwise(cells)):
        if not isinstance(left, str) or not isinstance(right, str):
            continue
        left_key, right_key = heading_key(left), heading_key(right)
        if left_key in codes and right_key in lists:
            found.append((place, lists[right_key], False))
        elif right_key in after and left_key in first:
            found.append((place, first[left_key], True))
    return found


def _collect(
    head: SheetHead, header_row: int, place: int, into: dict[str, str], *, name_first: bool
) -> None:
    """Read codes downwards until a row has none."""
    for number, cells in head.rows:
        if number <= header_row:
            continue
        left, right = (*cells[place : place + 2], None, None)[:2]
        name, code = (left, right) if name_first else (right, left)
        if not isinstance(code, str | int) or not isinstance(name, str):
            return
        into.setdefault(str(code).strip(), name.strip())
