"""Partial dates: what they mean, and how clerks type them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from registry.dates import (
    TYPED_DATE_CHARACTERS_MAX,
    BadDate,
    PartialDate,
    overlaps,
    parse_edtf,
    parse_typed_date,
)
from registry.errors import Rejected

days = st.dates(date(1800, 1, 1), date(2200, 12, 31))
signs = st.sampled_from(["", "~", "?"])
partials = st.builds(
    lambda day, length, sign: day.isoformat()[:length] + sign,
    days,
    st.sampled_from([4, 7, 10]),
    signs,
)


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision"),
    [
        ("1985", date(1985, 1, 1), date(1985, 12, 31), "year"),
        ("1985-04", date(1985, 4, 1), date(1985, 4, 30), "month"),
        ("1985-12", date(1985, 12, 1), date(1985, 12, 31), "month"),
        ("1984-02", date(1984, 2, 1), date(1984, 2, 29), "month"),
        ("1985-04-12", date(1985, 4, 12), date(1985, 4, 12), "day"),
        ("1985~", date(1985, 1, 1), date(1985, 12, 31), "year"),
        ("1985-04?", date(1985, 4, 1), date(1985, 4, 30), "month"),
        ("1985-04-12~", date(1985, 4, 12), date(1985, 4, 12), "day"),
        ("1800", date(1800, 1, 1), date(1800, 12, 31), "year"),
        ("2200", date(2200, 1, 1), date(2200, 12, 31), "year"),
    ],
)
def test_meaning_of_a_partial_date(text: str, earliest: date, latest: date, precision: str) -> None:
    when = parse_edtf(text)
    assert (when.earliest, when.latest, when.precision) == (earliest, latest, precision)
    assert when.year == earliest.year
    assert when.approximate == text.endswith("~")
    assert when.uncertain == text.endswith("?")
    assert when == PartialDate(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1985-02-30", "date-impossible"),
        ("1985-13", "date-impossible"),
        ("1985-00", "date-impossible"),
        ("1985-01-00", "date-impossible"),
        ("0000", "date-impossible"),
        ("1799", "date-impossible"),
        ("2201-01-01", "date-impossible"),
        ("", "date-unreadable"),
        ("85", "date-unreadable"),
        ("1985-4", "date-unreadable"),
        ("1985/04", "date-unreadable"),
        ("1985-04-12T00:00", "date-unreadable"),
        ("1985~?", "date-unreadable"),
        ("1985\n", "date-unreadable"),
        ("١٩٨٥", "date-unreadable"),
        (" 1985", "date-unreadable"),
    ],
)
@pytest.mark.parametrize("make", [parse_edtf, PartialDate])
def test_text_that_is_no_partial_date_is_refused(make: object, text: str, code: str) -> None:
    assert callable(make)
    with pytest.raises(BadDate) as refused:
        make(text)
    assert refused.value.code == code
    assert isinstance(refused.value, ValueError)
    assert isinstance(refused.value, Rejected)


TYPED = [
    ("12/03/1985", "1985-03-12"),
    ("12-3-1985", "1985-03-12"),
    ("12.3.1985", "1985-03-12"),
    ("12 / 3 / 1985", "1985-03-12"),
    ("12–3–1985", "1985-03-12"),
    ("3/1985", "1985-03"),
    ("03-1985", "1985-03"),
    ("1985", "1985"),
    (" 1985 ", "1985"),
    ("1985.0", "1985"),
    ("khoảng 1985", "1985~"),
    ("Khoảng năm 1985", "1985~"),
    ("khoảng tháng 3/1985", "1985-03~"),
    ("KHOẢNG 12/3/1985", "1985-03-12~"),
    ("độ 1985", "1985~"),
    ("~1985", "1985~"),
    ("1985~", "1985~"),
    ("1985?", "1985?"),
    ("3/1985 ?", "1985-03?"),
    ("1985 (?)", "1985?"),
    ("1985-04", "1985-04"),
    ("1985-04-12", "1985-04-12"),
    ("1985-04-12~", "1985-04-12~"),
    ("1985-04-12 00:00:00", "1985-04-12"),
    ("1985-04-12T00:00:00", "1985-04-12"),
    ("ngày 12 tháng 3 năm 1985", "1985-03-12"),
    ("Ngày 12, tháng 3, năm 1985", "1985-03-12"),
    ("12 tháng 3 năm 1985", "1985-03-12"),
    ("ngày 12/3/1985", "1985-03-12"),
    ("tháng 3/1985", "1985-03"),
    ("tháng 3 năm 1985", "1985-03"),
    ("năm 1985", "1985"),
    ("29/2/1984", "1984-02-29"),
    (1985, "1985"),
    (1985.0, "1985"),
    (date(1985, 3, 12), "1985-03-12"),
    (datetime(1985, 3, 12, tzinfo=UTC), "1985-03-12"),
    (None, None),
    ("", None),
    (" \n", None),
    ("không rõ", None),
    ("-", None),
]


@pytest.mark.parametrize(("cell", "meaning"), TYPED)
def test_what_clerks_type(cell: object, meaning: str | None) -> None:
    assert parse_typed_date(cell) == meaning
    if isinstance(cell, str):
        assert parse_typed_date(unicodedata.normalize("NFD", cell)) == meaning


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("31/02/1985", "date-impossible"),
        ("29/2/1985", "date-impossible"),
        ("13/1985", "date-impossible"),
        ("3/13/1985", "date-impossible"),
        ("0/1985", "date-impossible"),
        ("0/1/1985", "date-impossible"),
        ("1/1/0000", "date-impossible"),
        ("0000", "date-impossible"),
        ("1799", "date-impossible"),
        ("2201", "date-impossible"),
        (1799, "date-impossible"),
        (date(1799, 1, 1), "date-impossible"),
        ("12/03/85", "date-unreadable"),
        ("3/85", "date-unreadable"),
        ("85", "date-unreadable"),
        ("năm 85", "date-unreadable"),
        ("ngày 3/1985", "date-unreadable"),
        ("31138", "date-unreadable"),
        (31138, "date-unreadable"),
        (31138.0, "date-unreadable"),
        (1985.5, "date-unreadable"),
        (0, "date-unreadable"),
        (-1985, "date-unreadable"),
        (float("nan"), "date-unreadable"),
        (float("inf"), "date-unreadable"),
        (10**400, "date-unreadable"),
        (True, "date-unreadable"),
        (time(12), "date-unreadable"),
        ("đầu năm 1985", "date-unreadable"),
        ("1985-1986", "date-unreadable"),
        ("khoảng", "date-unreadable"),
        ("x", "date-unreadable"),
        ("1" * 10_000, "date-unreadable"),
    ],
)
def test_what_cannot_be_or_cannot_be_read(cell: object, code: str) -> None:
    with pytest.raises(BadDate) as refused:
        parse_typed_date(cell)
    assert refused.value.code == code
    assert len(str(refused.value.params["typed"])) <= TYPED_DATE_CHARACTERS_MAX


def test_a_date_with_much_space_around_is_read() -> None:
    assert parse_typed_date(" " * 1_000 + "1985" + " " * 1_000) == "1985"


@given(day=days, separator=st.sampled_from("/-. "), sign=signs)
def test_typed_dates_are_day_first(day: date, separator: str, sign: str) -> None:
    assume(separator != " ")
    typed = f"{day.day}{separator}{day.month}{separator}{day.year}{sign}"
    assert parse_typed_date(typed) == day.isoformat() + sign


@given(text=partials)
def test_partial_dates_read_back_what_they_say(text: str) -> None:
    when = parse_edtf(text)
    assert when.text == text == parse_typed_date(text)
    assert when.earliest <= when.latest
    assert when.earliest.isoformat().startswith(text.rstrip("~?"))
    assert when.latest.isoformat().startswith(text.rstrip("~?"))


@given(text=st.text(st.characters(codec=None)) | st.text("0123456789/-.~? ngaythngm", max_size=14))
def test_typed_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    try:
        meaning = parse_typed_date(text)
    except BadDate:
        return
    assert meaning is None or parse_edtf(meaning).text == meaning


@pytest.mark.parametrize(
    ("period_from", "period_to", "when", "can_be"),
    [
        ("1981-07", "1992-09", "1985", True),
        ("1981-07", "1992-09", "1981", True),
        ("1981-07", "1992-09", "1981-06", False),
        ("1981-07", "1992-09", "1981-07-01", True),
        ("1981-07", "1992-09", "1992-09-30", True),
        ("1981-07", "1992-09", "1992-10-01", False),
        ("1981-07", "1992-09", "1992", True),
        ("1981-07", "1992-09", None, True),
        ("1981-07", None, "2026", True),
        (None, "1992-09", "1945", True),
        (None, "1992-09", "1993~", False),
        (None, None, "1985", True),
    ],
)
def test_overlaps(
    period_from: str | None, period_to: str | None, when: str | None, *, can_be: bool
) -> None:
    assert overlaps(period_from, period_to, when) is can_be


@given(first=partials, second=partials, day=days)
def test_a_day_inside_two_periods_proves_that_they_overlap(
    first: str, second: str, day: date
) -> None:
    text = day.isoformat()
    if overlaps(first, first, text) and overlaps(second, second, text):
        assert overlaps(first, first, second)
    assert overlaps(first, first, second) == overlaps(second, second, first)


def test_overlaps_refuses_bounds_that_are_no_dates() -> None:
    with pytest.raises(BadDate):
        overlaps("once", None, "1985")


@pytest.mark.parametrize(
    ("typed", "edtf"),
    [
        ("00/00/1931", "1931"),
        ("xx/05/1931", "1931-05"),
        ("…/…/1931", "1931"),
        ("../../1931", "1931"),
        ("?/?/1931", "1931"),
        ("00/04/1985", "1985-04"),
        ("ngày    tháng 4 năm 1985", "1985-04"),
        ("ngày … tháng 4 năm 1985", "1985-04"),
        ("sinh năm 1940", "1940"),
        ("1985.0", "1985"),
    ],
)
def test_a_day_or_month_that_a_book_leaves_open(typed: str, edtf: str) -> None:
    assert parse_typed_date(typed) == edtf


@pytest.mark.parametrize("typed", ["12/04/85", "193?", "31", "12/00/1931", "12/xx/1931"])
def test_what_is_not_certain_is_not_read(typed: str) -> None:
    with pytest.raises(BadDate):
        parse_typed_date(typed)
