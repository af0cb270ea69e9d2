"""Partial dates as the registers keep them: the days between which they lie."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from registry.dates import DATES_CACHED_MAX, YEAR_MAX, YEAR_MIN, BadDate, parse_edtf
from registry.errors import Rejected


@lru_cache(DATES_CACHED_MAX)
def date_bounds(text: str | None) -> tuple[date | None, date | None]:
    """First and last day that an EDTF date can mean; two times None where it is unknown."""
    if text is None:
        return None, None
    try:
        partial = parse_edtf(text)
    except BadDate:
        # A fact is a fact, even if a later program reads dates more strictly.
        return None, None
    return partial.earliest, partial.latest


def year_bounds(year_from: int | None, year_to: int | None) -> tuple[date | None, date | None]:
    """First day of one year and last day of another. Raises `Rejected` for no such year."""
    for field, year in (("year_from", year_from), ("year_to", year_to)):
        if year is not None and not YEAR_MIN <= year <= YEAR_MAX:
            raise Rejected("date-impossible", field=field, typed=year)
    return (
        date(year_from, 1, 1) if year_from is not None else None,
        date(year_to, 12, 31) if year_to is not None else None,
    )
