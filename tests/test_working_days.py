"""Working days in Viet Nam, and the invariants of counting them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from holidays.countries.vietnam import Vietnam
from hypothesis import given
from hypothesis import strategies as st

from registry.law.working_days import (
    add_working_days,
    announced_swaps,
    is_working_day,
    next_working_day,
    working_days_between,
)

DAYS = st.dates(date(1975, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 21), False),  # Saturday
        (date(2026, 9, 2), False),  # National Day
        (date(2025, 1, 29), False),  # first day of Tết
        (date(2024, 2, 10), False),  # first day of Tết, a Saturday
        (date(2025, 4, 7), False),  # the Hùng Kings' day by the lunar calendar
        (date(2006, 4, 7), True),  # the same lunar day before it was a holiday
        (date(2025, 4, 26), True),  # a Saturday worked for 2 May
        (date(2025, 5, 2), False),
        (date(2014, 12, 27), True),  # a Saturday worked for a day of the next year
        (date(2015, 1, 2), False),
        # Every swap announced from 2024 to 2026, by the day off and the day worked for it.
        (date(2024, 4, 29), False),
        (date(2024, 5, 4), True),
        (date(2026, 1, 2), False),  # the library has it as a working day
        (date(2026, 1, 10), True),
        (date(2026, 8, 31), False),
        (date(2026, 8, 22), True),
        # What lies beside them is as ever.
        (date(2024, 4, 30), False),
        (date(2024, 5, 3), True),
        (date(2026, 1, 1), False),
        (date(2026, 1, 3), False),
        (date(2026, 1, 5), True),
        (date(2026, 9, 1), False),
        (date(2026, 9, 3), True),
        (date(2026, 8, 29), False),
    ],
)
def test_offices_work_on_these_days_and_not_on_those(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_our_data_differ_from_the_library_in_one_swap_alone() -> None:
    """A library that learns of another swap is seen here, and given a source in our data."""
    calendar = Vietnam(years=(2024, 2025, 2026, 2027))  # type: ignore[no-untyped-call]
    first = date(2024, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(2026, 12, 31) - first).days + 1)]
    differing = {day for day in days if is_working_day(day) != calendar.is_working_day(day)}
    assert differing == {date(2026, 1, 2), date(2026, 1, 10)}
    sourced = {day for swap in announced_swaps() for day in swap.worked}
    assert {day for day in calendar.weekend_workdays if day >= first} <= sourced
    assert all(swap.source and swap.certainty == "read" for swap in announced_swaps())


def test_what_was_decided_counts_before_the_calendar() -> None:
    decided = {date(2027, 1, 4): False, date(2027, 1, 9): True}
    friday = date(2027, 1, 1)
    assert next_working_day(friday) == date(2027, 1, 4)
    assert next_working_day(friday, decided) == date(2027, 1, 5)
    assert add_working_days(friday, 5) == date(2027, 1, 8)
    assert add_working_days(friday, 5, decided) == date(2027, 1, 9)
    assert working_days_between(friday, date(2027, 1, 9), decided) == 5


def test_days_are_counted_from_the_day_after() -> None:
    friday = date(2026, 10, 2)
    assert add_working_days(friday, 1) == date(2026, 10, 5)
    assert add_working_days(date(2025, 1, 20), 5) == date(2025, 2, 3), "over Tết"
    assert working_days_between(friday, friday) == 0
    assert working_days_between(friday, date(2026, 10, 5)) == 1
    assert working_days_between(date(2026, 10, 5), friday) == 0
    assert next_working_day(date(2026, 10, 3)) == date(2026, 10, 5)
    assert next_working_day(friday) == friday


@given(DAYS, st.integers(0, 90))
def test_adding_and_counting_agree(start: date, days: int) -> None:
    end = add_working_days(start, days)
    assert working_days_between(start, end) == days
    assert days == 0 or is_working_day(end)


@given(DAYS, st.integers(1, 60))
def test_counting_back_ends_on_a_working_day_before(start: date, days: int) -> None:
    end = add_working_days(start, -days)
    assert is_working_day(end)
    assert working_days_between(end - timedelta(days=1), start - timedelta(days=1)) == days
