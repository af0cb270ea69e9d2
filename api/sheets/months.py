"""Whether a column of dates puts the month first: one day above twelve in second place tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.sheets.cells import Row

MONTHS_PER_YEAR: Final = 12
_DATE: Final = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})\s*")


def is_month_first(rows: Sequence[Row], last_header_row: int, place: int) -> bool:
    """Whether some dates of a column are possible only month first, and none only day first."""
    month_first = day_first = 0
    for number, cells in rows:
        cell = cells[place] if number > last_header_row and place < len(cells) else None
        found = _DATE.fullmatch(cell) if isinstance(cell, str) else None
        if found:
            first, second = int(found[1]), int(found[2])
            month_first += first <= MONTHS_PER_YEAR < second
            day_first += second <= MONTHS_PER_YEAR < first
    return month_first > 0 and day_first == 0


def is_unclear(cell: object) -> bool:
    """Whether a date of a column that puts the month first reads as another day first."""
    found = _DATE.fullmatch(cell) if isinstance(cell, str) else None
    return found is not None and found[1] != found[2]


def day_first(text: str) -> str:
    """A date that puts the month first, with the day first."""
    return _DATE.sub(r"\2/\1/\3", text)
