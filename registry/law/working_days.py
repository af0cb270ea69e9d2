"""Working days in Viet Nam: the days that count in time limits given in working days.

Saturdays, Sundays and public holidays do not count, Tết and the Hùng Kings' day by the lunar
calendar included; the kept library `holidays` knows them, the days off in lieu and the swaps of
days that the Government announced. `data/working-days.json` adds what an office decides for
itself: `off` are days on which it does not work, `worked` are days on which it does.

Limits: swaps are announced some months ahead, so the days of a coming year may still change;
before 1901 and after 2099 the lunar calendar is not known, and only weekends and days of the
solar calendar are left out; Saturdays never count, though offices worked on them until 1999.
Works without network; a year is worked out once.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from registry.award_form import read_json

ONE_DAY: Final = timedelta(days=1)
DAYS_MAX: Final = 40_000
_SATURDAY: Final = 5


def is_working_day(day: date) -> bool:
    """Whether offices work on a day."""
    local = _local_decisions().get(day)
    return day not in _days_off(day.year) if local is None else local


def add_working_days(start: date, days: int) -> date:
    """The day on which the last of so many working days after `start` falls.

    The first day counted is the one after `start`; a negative number counts back.
    """
    step = ONE_DAY if days >= 0 else -ONE_DAY
    day, left = start, abs(days)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """Working days after `start` up to and including `end`; none if `end` is not later."""
    days = min((end - start).days, DAYS_MAX)
    return sum(is_working_day(start + ONE_DAY * n) for n in range(1, days + 1))


def next_working_day(day: date) -> date:
    """The day itself, or the first working day after it."""
    while not is_working_day(day):
        day += ONE_DAY
    return day


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


@cache
def _local_decisions() -> dict[date, bool]:
    """Days that an office's own decision names: whether it works on them."""
    entries: dict[str, list[dict[str, Any]]] = read_json("working-days.json")["decisions"]
    return {
        date.fromisoformat(entry["day"]): works
        for name, works in (("off", False), ("worked", True))
        for entry in entries[name]
    }
