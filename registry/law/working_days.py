"""Working days in Viet Nam: the days that count in time limits given in working days.

Saturdays, Sundays and public holidays do not count, Tết and the Hùng Kings' day by the lunar
calendar included; the kept library `holidays` knows them and the days off in lieu. Days on which
offices swap a day off for a day worked are announced some months ahead, or some days: those that
were known when this program was made stand in `data/working-days.json`, each with its source, and
count before the library; what was announced since is decided in the register
(`registry.working_calendar`) and given here as `decided`, which counts before both.

Limits: before 1901 and after 2099 the lunar calendar is not known, and only weekends and days of
the solar calendar are left out; Saturdays never count, though offices worked on them until 1999.
Works without network; a year is worked out once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from registry.award_form import read_json

ONE_DAY: Final = timedelta(days=1)
DAYS_MAX: Final = 40_000
_SATURDAY: Final = 5

DaysDecided: TypeAlias = Mapping[date, bool]
"""Days that were decided beside the calendar: whether offices work on them."""
NONE_DECIDED: Final[DaysDecided] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Swap:
    """Offices do not work on the days `off`, and work on the days `worked` instead."""

    off: tuple[date, ...]
    worked: tuple[date, ...]
    source: str
    certainty: Literal["read", "recalled"]


def is_working_day(day: date, decided: DaysDecided = NONE_DECIDED) -> bool:
    """Whether offices work on a day."""
    works = decided.get(day)
    if works is None:
        works = _announced().get(day)
    return day not in _days_off(day.year) if works is None else works


def add_working_days(start: date, days: int, decided: DaysDecided = NONE_DECIDED) -> date:
    """The day on which the last of so many working days after `start` falls.

    The first day counted is the one after `start`; a negative number counts back.
    """
    step = ONE_DAY if days >= 0 else -ONE_DAY
    day, left = start, abs(days)
    while left:
        day += step
        left -= is_working_day(day, decided)
    return day


def working_days_between(start: date, end: date, decided: DaysDecided = NONE_DECIDED) -> int:
    """Working days after `start` up to and including `end`; none if `end` is not later."""
    days = min((end - start).days, DAYS_MAX)
    return sum(is_working_day(start + ONE_DAY * n, decided) for n in range(1, days + 1))


def next_working_day(day: date, decided: DaysDecided = NONE_DECIDED) -> date:
    """The day itself, or the first working day after it."""
    while not is_working_day(day, decided):
        day += ONE_DAY
    return day


@cache
def announced_swaps() -> tuple[Swap, ...]:
    """The swaps that this program knows, oldest first."""
    swaps = (
        Swap(_days(one["off"]), _days(one["worked"]), one["source"], one["certainty"])
        for one in read_json("working-days.json")["swaps"]
    )
    return tuple(sorted(swaps, key=lambda swap: swap.off + swap.worked))


@cache
def _announced() -> dict[date, bool]:
    swaps = announced_swaps()
    off = {day: False for swap in swaps for day in swap.off}
    return off | {day: True for swap in swaps for day in swap.worked}


def _days(texts: list[str]) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, texts))


@cache
def _days_off(year: int) -> frozenset[date]:
    from holidays.countries.vietnam import Vietnam  # noqa: PLC0415 - the rules load no library

    # A Saturday worked in December may stand for a day off of the next year.
    calendar = Vietnam(years=(year, year + 1))  # type: ignore[no-untyped-call]
    first = date(year, 1, 1)
    every = (first + ONE_DAY * n for n in range((date(year, 12, 31) - first).days + 1))
    return frozenset(
        day
        for day in every
        if day in calendar or (day.weekday() >= _SATURDAY and not calendar.is_working_day(day))
    )
