"""Working days in Viet Nam, and the invariants of counting them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.law.working_days import (
    add_working_days,
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
    ],
)
def test_offices_work_on_these_days_and_not_on_those(day: date, works: bool) -> None:
    assert is_working_day(day) is works


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
