"""Tables for people, as narrow as the terminal where words allow it; nothing in them is cut."""

from __future__ import annotations

import shutil
import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GAP = "  "


def table_lines(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    table = [list(headings), *(list(row) for row in rows)]
    widths = column_widths(table, shutil.get_terminal_size().columns)
    for row in table:
        cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            padded = (_pad(part, width) for part, width in zip(parts, widths, strict=True))
            yield GAP.join(padded).rstrip()


def column_widths(table: Sequence[Sequence[str]], columns: int) -> list[int]:
    """How wide each column is: the widest that may be narrower gives way first.

    None is narrower than its longest word.
    """
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    least = [
        max((_width(word) for cell in column for word in cell.split()), default=0)
        for column in zip(*table, strict=True)
    ]
    over = sum(widths) + len(GAP) * (len(widths) - 1) - columns
    while over > 0:
        spare = [width - floor for width, floor in zip(widths, least, strict=True)]
        place = max(range(len(widths)), key=lambda at: (spare[at] > 0, widths[at]))
        if spare[place] <= 0:
            break
        widths[place] -= 1
        over -= 1
    return widths


def _wrapped(cell: str, width: int) -> list[str]:
    if _width(cell) <= width:
        return [cell]
    lines = textwrap.wrap(cell, max(width, 1), break_long_words=False, break_on_hyphens=False)
    return lines or [""]


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(one) else 1 + (east_asian_width(one) in "WF") for one in text)
