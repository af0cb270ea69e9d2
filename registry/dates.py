"""Partial dates: a day, a month or a year, perhaps approximate or uncertain.

Stored as text in the form of the Extended Date/Time Format (ISO 8601-2, levels 0 and 1):
`1985`, `1985-04`, `1985-04-12`, each perhaps followed by `~` (approximate) or `?` (uncertain).
Old registers often know no more than the year; a date type would have to invent the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, Literal

from registry.errors import Rejected
from registry.text import fold

YEAR_MIN: Final = 1800
YEAR_MAX: Final = 2200
DATES_CACHED_MAX: Final = 65_536
TYPED_DATE_CHARACTERS_MAX: Final = 64

Precision = Literal["year", "month", "day"]

_MONTHS_PER_YEAR: Final = 12
_EDTF: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?[~?]?")


class BadDate(Rejected, ValueError):  # noqa: N818 - named for what was found
    """A date that cannot be (`date-impossible`) or that says nothing (`date-unreadable`)."""


def _refuse(code: Literal["date-impossible", "date-unreadable"], typed: object) -> BadDate:
    return BadDate(code, typed=str(typed)[:TYPED_DATE_CHARACTERS_MAX])


def _verify_possible(year: int, month: int | None, day: int | None, typed: str) -> None:
    """Raise BadDate unless the calendar has such a day, month or year."""
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise _refuse("date-impossible", typed)
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError as impossible:
        raise _refuse("date-impossible", typed) from impossible


def _last_day(year: int, month: int) -> date:
    if month == _MONTHS_PER_YEAR:
        return date(year, 12, 31)
    return date.fromordinal(date(year, month + 1, 1).toordinal() - 1)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, month or year as EDTF text; cannot be made from anything else.

    Raises:
        BadDate: `text` is not of that form, or no such day exists between 1800 and 2200.
    """

    text: str
    precision: Precision = field(init=False, repr=False, compare=False)
    """How much is known: the year, the month or the day."""
    earliest: date = field(init=False, repr=False, compare=False)
    """First day that is meant; `~` and `?` do not widen it."""
    latest: date = field(init=False, repr=False, compare=False)
    """Last day that is meant, inclusive; `~` and `?` do not widen it."""

    def __post_init__(self) -> None:
        """Refuse text that is no partial date; work out its bounds once."""
        match = _EDTF.fullmatch(self.text)
        if match is None:
            raise _refuse("date-unreadable", self.text)
        year, month, day = (None if part is None else int(part) for part in match.groups())
        _verify_possible(year or 0, month, day, self.text)
        earliest = date(year or 0, month or 1, day or 1)
        latest = earliest if day else _last_day(earliest.year, month or _MONTHS_PER_YEAR)
        set_field = object.__setattr__  # the way into a frozen dataclass
        set_field(self, "precision", "day" if day else "month" if month else "year")
        set_field(self, "earliest", earliest)
        set_field(self, "latest", latest)

    @property
    def approximate(self) -> bool:
        """True when marked `~`: near this date."""
        return self.text.endswith("~")

    @property
    def uncertain(self) -> bool:
        """True when marked `?`: perhaps this date, perhaps another."""
        return self.text.endswith("?")

    @property
    def year(self) -> int:
        """The year, always known."""
        return int(self.text[:4])


@lru_cache(DATES_CACHED_MAX)
def parse_edtf(text: str) -> PartialDate:
    """Return the partial date written as EDTF text.

    Raises:
        BadDate: see PartialDate.
    """
    return PartialDate(text)


@lru_cache(DATES_CACHED_MAX)
def _bounds(text: str) -> tuple[date, date]:
    partial = parse_edtf(text)
    return partial.earliest, partial.latest


def overlaps(period_from: str | None, period_to: str | None, when: str | None) -> bool:
    """Return whether the partial date `when` can lie in a period; always, if it is unknown.

    Bounds are inclusive and may be partial (a period to `1976-07` ends with that month), or
    None where the period is open.

    Raises:
        BadDate: one of the three is not a partial date.
    """
    if when is None:
        return True
    earliest, latest = _bounds(when)
    begun = period_from is None or _bounds(period_from)[0] <= latest
    return begun and (period_to is None or earliest <= _bounds(period_to)[1])


def is_before(on: str | None, other: str | None) -> bool:
    """Whether a partial date certainly lies before another; never for what is no date."""
    if on is None or other is None:
        return False
    try:
        return _bounds(on)[1] < _bounds(other)[0]
    except BadDate:
        return False


# What follows reads dates as clerks type them, after folding ("tháng" is "thang").
_SEPARATOR: Final = r" ?[/.-] ?"
_DAY_FIRST: Final = re.compile(
    rf"(?:(?:ngay )?(?P<day>[0-9]{{1,2}}){_SEPARATOR})?"
    rf"(?:thang |t ?(?=[0-9]))?(?P<month>[0-9]{{1,2}}){_SEPARATOR}(?:nam )?(?P<year>[0-9]{{4}})"
    rf"(?: 0?0:00(?::00)?)?"
)
# A day or a month that the book leaves open: 00, xx, two or three dots, a question mark.
_OPEN: Final = r"(?:00|x{1,2}|\?{1,2}|…|\.{2,3}|_{1,3}|-{2,3})"
_PARTLY_OPEN: Final = re.compile(
    rf"(?:ngay )?{_OPEN} ?[/.-] ?(?:{_OPEN}|(?P<month>[0-9]{{1,2}})) ?[/.-] ?(?P<year>[0-9]{{4}})"
    r"(?P<day>)"
)
_MONTH_OPEN: Final = re.compile(
    rf"(?:thang )?{_OPEN} ?[/.-] ?(?P<year>[0-9]{{4}})(?P<month>)(?P<day>)"
)
_IN_WORDS: Final = re.compile(
    rf"(?:(?:ngay )?(?P<day>[0-9]{{1,2}}),? ?|ngay (?:{_OPEN} )?)?thang (?P<month>[0-9]{{1,2}}),? ?"
    r"(?:nam )?(?P<year>[0-9]{4})"
)
_YEAR_FIRST: Final = re.compile(
    r"(?P<year>[0-9]{4})[/-](?P<month>[0-9]{1,2})(?:[/-](?P<day>[0-9]{1,2}))?"
    r"(?:[ t]00:00(?::00(?:\.0+)?)?)?"
)
_YEAR_ALONE: Final = re.compile(r"(?:nam )?(?P<year>[0-9]{4})(?:\.0)?(?P<month>)(?P<day>)")
_FORMS: Final = (
    _YEAR_ALONE,
    _PARTLY_OPEN,
    _MONTH_OPEN,
    _DAY_FIRST,
    _IN_WORDS,
    _YEAR_FIRST,
)

_APPROXIMATE: Final = re.compile(r"(?:(?:vao )?khoang|chung|do|kh\.|~)(?: chung)? ?(?=[nt0-9])")
_OF_BIRTH: Final = re.compile(r"(?:sinh|s/n|sn)[ :.]*(?=[nt~k0-9x?.…])")
_UNKNOWN: Final = frozenset({"", "-", "?", "khong ro", "chua ro", "khong co", "khong nho"})


def _split_qualifier(folded: str) -> tuple[str, str]:
    """Cut off the words or the sign for "about" and "perhaps"; return the rest and the sign."""
    about = _APPROXIMATE.match(folded)
    if about:
        return folded[about.end() :], "~"
    if folded.endswith("(?)"):
        return folded[:-3].rstrip(), "?"
    if folded.endswith(("?", "~")):
        return folded[:-1].rstrip(), folded[-1]
    return folded, ""


def _format_edtf(year: int, month: int | None, day: int | None) -> str:
    text = f"{year:04}"
    if month is not None:
        text += f"-{month:02}"
    return text if day is None else f"{text}-{day:02}"


@lru_cache(DATES_CACHED_MAX)
def _parse_typed_text(typed: str) -> str | None:
    folded = fold(typed)
    if folded in _UNKNOWN:
        return None
    rest, sign = _split_qualifier(_OF_BIRTH.sub("", folded, count=1).removesuffix("."))
    for form in _FORMS:
        match = form.fullmatch(rest)
        if match:
            year, month, day = (
                int(match[part]) if match[part] else None for part in ("year", "month", "day")
            )
            _verify_possible(year or 0, month, day, typed)
            return _format_edtf(year or 0, month, day) + sign
    raise _refuse("date-unreadable", typed)


def _parse_typed_number(number: float) -> str:
    """Read a number as a year; a spreadsheet's day count (31138) is no year and not guessed."""
    if number != number // 1 or not 1000 <= number <= 9999:  # noqa: PLR2004 - four digits
        raise _refuse("date-unreadable", number)
    _verify_possible(int(number), None, None, str(number))
    return str(int(number))


def parse_typed_date(cell: object) -> str | None:
    """Return what a clerk typed as a date, as EDTF text; None for a cell that says nothing.

    Reads day-first dates with any of / - . between, months and years alone, the words ngày,
    tháng, năm, khoảng and độ, `~` and `?`, a day or month left open (00, xx, dots), ISO forms,
    date objects, and numbers that are years.

    Raises:
        BadDate: `date-impossible` (31/02/1985, month 13, a year outside 1800 to 2200), or
            `date-unreadable` (anything else; two-digit years and day counts are not guessed).
    """
    if cell is None:
        return None
    if isinstance(cell, str):
        if len(cell) > TYPED_DATE_CHARACTERS_MAX and len(cell.strip()) > TYPED_DATE_CHARACTERS_MAX:
            raise _refuse("date-unreadable", cell)
        return _parse_typed_text(cell)
    if isinstance(cell, date):
        _verify_possible(cell.year, cell.month, cell.day, str(cell))
        return _format_edtf(cell.year, cell.month, cell.day)
    if isinstance(cell, int | float):
        return _parse_typed_number(cell)
    raise _refuse("date-unreadable", cell)
