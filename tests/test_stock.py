"""The rules of stock: each refusal by its name, and books that balance whatever happens."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import stock
from registry.errors import Rejected
from registry.stock.commands import PiecesCommand
from registry.stock.holdings import Account, Destroyed, Held, Lot, Missing, Place, Used, Whereabouts
from registry.stock.record import Opened, StockCounted, transfers
from registry.stock.serial_range import SerialRange, parse_serials
from tests.stock_rules import (
    COMMUNE,
    OTHER,
    PROVINCE,
    PURPOSE,
    WORLD,
    after,
    allocate,
    blanks,
    count,
    destroy,
    give_back,
    move,
    pieces,
    receive,
    spoil,
    use,
)

HUNDRED = pieces("AB 001..AB 100")


def refused(state: Opened, command: Any) -> Rejected:
    with pytest.raises(Rejected) as caught:
        stock.decide(state, command, WORLD)
    return caught.value


def held(office: str, store: str | None = None, condition: Any = "usable") -> Held:
    return Held(Place(office, store), condition)


def ends(state: Opened, at: Whereabouts) -> list[str]:
    ranges = state.holdings.ranges_at(at)
    return [f"{one.first_serial}..{one.last_serial}" for one in ranges]


# Serials ------------------------------------------------------------------------------------


def test_serials_keep_their_width_and_prefix_as_printed() -> None:
    serials = parse_serials("serials", "AB 000998", "ab-001002")
    assert (serials.pieces, serials.first_serial, serials.last_serial) == (
        5,
        "AB 000998",
        "AB 001002",
    )
    assert serials.series == ("AB-", 6)
    assert parse_serials("serials", "0123").series != parse_serials("serials", "123").series


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("AB 001", "AC 002", "serials-of-two-series"),
        ("AB 001", "AB 0002", "serials-of-two-series"),
        ("AB 009", "AB 002", "serials-reversed"),
        ("AB", None, "serial-without-number"),
        ("AB 1234567890123", None, "serial-without-number"),
        ("", None, "serial-without-number"),
        ("A" * 100 + "1", None, "text-too-long"),
    ],
)
def test_serials_that_are_no_range(first: str, last: str | None, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_serials("serials", first, last)
    assert (caught.value.code, caught.value.field) == (code, "serials")


# One place for each serial ------------------------------------------------------------------


def test_a_serial_goes_from_hand_to_hand_and_is_in_one_place() -> None:
    state = after(
        blanks(),
        receive(HUNDRED),
        allocate(pieces("AB 011..AB 020")),
        use(pieces("AB 013"), COMMUNE),
        give_back(pieces("AB 018..AB 020")),
        spoil(pieces("AB 001")),
    )
    assert ends(state, held(PROVINCE)) == ["AB 002..AB 010", "AB 018..AB 100"]
    assert ends(state, held(PROVINCE, condition="spoiled")) == ["AB 001..AB 001"]
    assert ends(state, held(COMMUNE)) == ["AB 011..AB 012", "AB 014..AB 017"]
    assert ends(state, Used()) == ["AB 013..AB 013"]
    gone = after_more(state, destroy(pieces("AB 001")))
    assert ends(gone, Destroyed()) == ["AB 001..AB 001"]
    assert gone.holdings.account(held(PROVINCE, condition="spoiled")).pieces == 0


def after_more(state: Opened, *commands: PiecesCommand) -> Opened:
    for command in commands:
        for event in stock.decide(state, command, WORLD).events:
            evolved = stock.evolve(state, event)
            assert isinstance(evolved, Opened)
            state = evolved
    return state


GIVEN = after(
    blanks(),
    receive(HUNDRED),
    allocate(pieces("AB 011..AB 020")),
    move(pieces("AB 031..AB 040")),
    use(pieces("AB 050")),
    spoil(pieces("AB 060")),
    spoil(pieces("AB 061")),
    destroy(pieces("AB 061")),
)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (use(pieces("AB 015")), "serial-of-another-office"),
        (spoil(pieces("AB 015")), "serial-of-another-office"),
        (allocate(pieces("AB 005..AB 015")), "serial-of-another-office"),
        (use(pieces("AB 005"), COMMUNE), "serial-of-another-office"),
        (give_back(pieces("AB 005")), "serial-of-another-office"),
        (use(pieces("AB 101")), "serial-outside-ranges"),
        (use(pieces("XY 001")), "serial-outside-ranges"),
        (allocate(pieces("AB 095..AB 105")), "serial-outside-ranges"),
        (use(pieces("AB 050")), "piece-used-already"),
        (allocate(pieces("AB 041..AB 055")), "piece-used-already"),
        (use(pieces("AB 060")), "serial-spoiled-already"),
        (destroy(pieces("AB 001")), "serial-not-spoiled"),
        (use(pieces("AB 061")), "serial-destroyed-already"),
        (use(pieces("AB 031"), store="kho 9"), "serial-in-another-store"),
        (allocate(pieces("AB 001", "AB 031")), "serials-in-several-stores"),
        (receive(pieces("AB 100..AB 110")), "serial-received-already"),
        (allocate(pieces("AB 001..AB 005", "AB 005")), "stock-serial-named-twice"),
        (allocate(pieces("AB 001"), to="sở nội vụ  tỉnh Lào Cai"), "stock-office-same"),
        (give_back(pieces("AB 001"), origin=PROVINCE), "stock-office-same"),
        (move(pieces("AB 031")), "stock-there-already"),
        (move(pieces("AB 001"), condition="lost"), "not-a-choice"),
        (use(pieces("AB 001", "AB 002")), "stock-one-piece-each"),
        (use(pieces(1)), "stock-serials-needed"),
        (allocate(Lot(0)), "pieces-out-of-range"),
        (spoil(pieces("AB 001"), reason=" "), "reason-missing"),
        (destroy(pieces("AB 060"), minutes=""), "stock-minutes-missing"),
        (destroy(pieces("AB 060"), witnesses=()), "stock-witnesses-missing"),
        (destroy(pieces("AB 060"), witnesses=("A", " ")), "value-missing"),
        (destroy(pieces("AB 060"), witnesses=("A",) * 21), "items-too-many"),
        (use(pieces("AB 001"), on="2026-03-01"), "stock-day-too-early"),
        (use(pieces("AB 001"), on="2025"), "stock-day-too-early"),
        (use(pieces("AB 001"), on="hôm qua"), "date-unreadable"),
        (replace(receive(pieces("AB 200")), supplier=""), "supplier-missing"),
        (replace(receive(pieces("AB 200")), delivery_note=""), "delivery-note-missing"),
        (allocate(pieces("AB 001"), to=" "), "office-missing"),
        (
            use(pieces("AB 001"), purpose=replace(PURPOSE, component="frame")),
            "stock-of-other-component",
        ),
        (use(pieces("AB 001"), purpose=replace(PURPOSE, form="MED-KC-US")), "stock-of-other-form"),
        (use(pieces("AB 001"), purpose=replace(PURPOSE, award_class="I")), "stock-of-other-class"),
        (
            spoil(Lot(1, (SerialRange("AB ", 5, 4, 3),))),
            "serials-reversed",
        ),
        (spoil(Lot(1, (SerialRange("AB ", 5, 1005, 3),))), "serials-reversed"),
        (spoil(Lot(1, (SerialRange("AB 1", 5, 5, 3),))), "serial-without-number"),
    ],
)
def test_what_may_not_happen_has_its_name_and_changes_nothing(command: Any, code: str) -> None:
    assert refused(GIVEN, command).code == code


def test_a_serial_of_another_office_names_office_and_range() -> None:
    error = refused(GIVEN, use(pieces("AB 015")))
    assert error.params == {
        "serial": "AB 015",
        "office": COMMUNE,
        "first": "AB 011",
        "last": "AB 020",
    }


def test_pieces_without_numbers_are_counted_and_never_fewer_than_none() -> None:
    state = after(
        blanks(numbered=False), receive(pieces(10), store="kho 1"), move(pieces(4), store="kho 1")
    )
    assert state.holdings.account(held(PROVINCE, "kho 2")).pieces == 4
    error = refused(state, allocate(pieces(7), store="kho 1"))
    assert (error.code, error.params["held"], error.params["pieces"]) == ("stock-short", 6, 7)
    assert refused(state, allocate(pieces(1))).code == "stock-short"
    assert refused(state, use(pieces("AB 001"))).code == "stock-serials-unwanted"
    assert refused(state, allocate(pieces(0))).code == "pieces-out-of-range"
    assert refused(state, receive(pieces(10**9 + 1))).code == "pieces-out-of-range"


def test_places_are_one_in_any_spelling() -> None:
    state = after(blanks(), receive(HUNDRED, store="Kho 1"))
    written = replace(use(pieces("AB 001")), office="SỞ NỘI VỤ tỉnh Lào Cai", store="kho  1")
    event = stock.decide(state, written, WORLD).events[0]
    assert event.place == Place(PROVINCE, "Kho 1")


# Days ---------------------------------------------------------------------------------------


def test_a_partial_date_is_booked_on_the_first_day_it_can_mean() -> None:
    state = after(blanks(numbered=False), receive(pieces(5), on="2026-03-10"))
    booked = [
        stock.decide(state, allocate(pieces(5), on=on), WORLD).events[0].booked_on
        for on in ("2026", "2026-03", "2026-03-10", "2026-04", "2027~")
    ]
    assert booked == ["2026-03-10", "2026-03-10", "2026-03-10", "2026-04-01", "2027-01-01"]
    assert refused(state, allocate(pieces(5), on="2026-02")).code == "stock-day-too-early"


def test_a_late_entry_takes_nothing_that_was_needed_afterwards() -> None:
    state = after(
        blanks(numbered=False),
        receive(pieces(5), on="2026-01-05"),
        allocate(pieces(5), on="2026-02-01"),
        receive(pieces(3), on="2026-03-01"),
    )
    assert refused(state, spoil(pieces(1), on="2026-01-20")).code == "stock-day-too-early"
    event = stock.decide(state, spoil(pieces(1), on="2026"), WORLD).events[0]
    assert event.booked_on == "2026-03-01"


def test_a_serial_leaves_no_place_before_it_came_there_whatever_else_is_there() -> None:
    state = after(
        blanks(),
        receive(HUNDRED, on="2026-01-05"),
        receive(pieces("AB 101..AB 110"), on="2026-03-01"),
    )
    early = use(pieces("AB 101"), on="2026-02-01")
    assert refused(state, early).code == "stock-day-too-early"
    event = stock.decide(state, replace(early, happened_on="2026"), WORLD).events[0]
    assert event.booked_on == "2026-03-01"


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(-5, 9)), max_size=20))
def test_an_account_is_the_sum_of_its_changes_up_to_each_day(
    changes: list[tuple[int, int]],
) -> None:
    account = Account()
    for day, change in changes:
        account = account.changed(day, change)
    balances = {day: sum(c for d, c in changes if d <= day) for day in range(32)}
    assert {day: account.on(day) for day in range(32)} == balances
    for wanted in range(1, 12):
        lasting = [day for day in range(32) if min(list(balances.values())[day:]) >= wanted]
        assert account.free_from(wanted) == (lasting[0] if lasting else None)


# Counting -----------------------------------------------------------------------------------


def test_a_count_that_agrees_needs_no_reason_and_moves_nothing() -> None:
    state = after(blanks(), receive(HUNDRED))
    event = stock.decide(state, count(HUNDRED, counted_by=("Lý A Thử",)), WORLD).events[0]
    assert isinstance(event, StockCounted)
    assert (event.expected, event.counted, transfers(event)) == (100, 100, ())


def test_a_difference_needs_its_reason_and_what_is_found_again_comes_back() -> None:
    state = after(blanks(), receive(HUNDRED))
    found = pieces("AB 001..AB 040", "AB 051..AB 100")
    error = refused(state, count(found))
    assert (error.code, error.params) == ("count-reason-missing", {"expected": 100, "counted": 90})
    state = after_more(state, count(found, reason="ẩm mốc, đang tìm"))
    assert ends(state, Missing(PROVINCE)) == ["AB 041..AB 050"]
    assert refused(state, use(pieces("AB 045"))).code == "serial-not-found-when-counted"
    again = replace(found, pieces=91, ranges=(*found.ranges, pieces("AB 044").ranges[0]))
    state = after_more(state, count(again, reason="tìm thấy trong tủ"))
    assert state.holdings.account(held(PROVINCE)).pieces == 91
    assert ends(state, Missing(PROVINCE)) == ["AB 041..AB 043", "AB 045..AB 050"]


@pytest.mark.parametrize(
    ("counted", "code"),
    [
        (pieces("AB 001", "AB 011"), "serial-of-another-office"),
        (pieces("AB 001", "AB 031"), "serial-in-another-store"),
        (pieces("AB 050"), "piece-used-already"),
        (pieces("AB 060"), "serial-spoiled-already"),
        (pieces("AB 061"), "serial-destroyed-already"),
        (pieces("AB 101"), "serial-outside-ranges"),
        (pieces(3), "stock-serials-needed"),
    ],
)
def test_a_count_finds_nothing_that_the_books_have_elsewhere(counted: Lot, code: str) -> None:
    assert refused(GIVEN, count(counted, reason="kiểm kê")).code == code


def test_a_count_of_an_earlier_day_says_nothing_of_today() -> None:
    state = after(blanks(numbered=False), receive(pieces(9)), spoil(pieces(1), on="2026-03-05"))
    early = count(pieces(9), on="2026-03-04")
    assert refused(state, replace(early, reason="x")).code == "stock-day-too-early"
    event = stock.decide(state, count(pieces(0), on="2026-03", reason="mất"), WORLD).events[0]
    assert (event.short, event.over, event.booked_on) == (Lot(8), Lot(0), "2026-03-05")


# Item types ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "name-missing"),
        ({"component": ""}, "component-missing"),
        ({"form": "NO-SUCH"}, "award-form-unknown"),
        ({"award_class": "IV"}, "not-a-choice"),
        ({"design": "mẫu\x00"}, "text-unprintable"),
    ],
)
def test_an_item_type_that_cannot_be(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Rejected) as caught:
        stock.decide(stock.INITIAL, blanks(**fields), WORLD)
    assert caught.value.code == code


def test_an_item_type_is_opened_once_and_before_anything_else() -> None:
    state = after(blanks())
    assert refused(state, blanks()).code == "stock-item-opened-already"
    with pytest.raises(Rejected) as caught:
        stock.decide(stock.INITIAL, receive(HUNDRED), WORLD)
    assert caught.value.code == "stock-item-unknown"


# The books balance --------------------------------------------------------------------------

_OFFICES = (PROVINCE, COMMUNE, OTHER)
_DAYS = st.sampled_from(["2026-01-05", "2026-02-03", "2026-02", "2026", "2026", "2026-05-09"])
_STORES = st.sampled_from([None, None, "kho 1"])
_NUMBERED = st.lists(
    st.tuples(st.integers(0, 69), st.integers(0, 7)).map(
        lambda one: SerialRange("A", one[0], one[0] + one[1], 3)
    ),
    min_size=1,
    max_size=2,
).map(lambda ranges: Lot(sum(one.pieces for one in ranges), tuple(ranges)))
_COUNTED = st.integers(0, 12).map(Lot)


def _commands(lots: st.SearchStrategy[Lot]) -> st.SearchStrategy[Any]:
    offices = st.sampled_from(_OFFICES)
    others = st.sampled_from([COMMUNE, COMMUNE, OTHER])
    conditions = st.sampled_from(["usable", "spoiled"])
    return st.one_of(
        st.builds(receive, lots, on=_DAYS, store=_STORES),
        st.builds(move, lots, on=_DAYS, store=_STORES, to_store=_STORES, condition=conditions),
        st.builds(allocate, lots, to=others, on=_DAYS, store=_STORES),
        st.builds(give_back, lots, origin=others, on=_DAYS, condition=conditions),
        st.builds(use, lots.map(_first_piece), office=offices, on=_DAYS, store=_STORES),
        st.builds(spoil, lots, office=offices, on=_DAYS, store=_STORES),
        st.builds(destroy, lots, on=_DAYS, store=_STORES, condition=conditions),
        st.builds(count, lots, office=offices, on=_DAYS, store=_STORES, reason=st.just("kiểm kê")),
    )


def _first_piece(lot: Lot) -> Lot:
    ranges = tuple(replace(one, last=one.first) for one in lot.ranges[:1])
    return Lot(1, ranges)


class Shelf:
    """The same pieces kept one by one: what the ranges must agree with."""

    def __init__(self) -> None:
        self.serials: dict[str, Whereabouts] = {}
        self.pieces: dict[Whereabouts | None, int] = {}

    def apply(self, event: Any) -> None:
        for transfer in transfers(event):
            assert transfer.lot.pieces > 0
            for sign, at in ((-1, transfer.source), (1, transfer.target)):
                self.pieces[at] = self.pieces.get(at, 0) + sign * transfer.lot.pieces
            for one in transfer.lot.ranges:
                for number in range(one.first, one.last + 1):
                    serial = one.serial(number)
                    assert self.serials.get(serial) == transfer.source, serial
                    assert transfer.target is not None
                    self.serials[serial] = transfer.target


def _check_books(state: Opened, shelf: Shelf) -> None:
    for at, account in state.holdings.accounts.items():
        assert account.pieces == shelf.pieces.get(at, 0)
        assert min(account.balances, default=0) >= 0, (at, account)
        assert list(account.days) == sorted(set(account.days))
    in_books = {}
    for stretches in state.holdings.stretches.values():
        for before, following in pairwise(stretches):
            assert before.range.last < following.range.first
        for one in stretches:
            for number in range(one.range.first, one.range.last + 1):
                in_books[one.range.serial(number)] = one.at
    assert in_books == shelf.serials
    assert sum(shelf.pieces.values()) == 0


@settings(max_examples=150)
@given(
    st.booleans().flatmap(
        lambda numbered: st.tuples(
            st.just(numbered),
            st.lists(_commands(_NUMBERED if numbered else _COUNTED), min_size=5, max_size=30),
        )
    )
)
def test_the_books_balance_after_every_movement(history: tuple[bool, list[Any]]) -> None:
    """At every prefix: each serial in one place, no balance below none on any day."""
    numbered, commands = history
    state, shelf = after(blanks(numbered=numbered)), Shelf()
    begun = receive(pieces("A000..A059") if numbered else pieces(30), on="2026-01")
    for command in [begun, *commands]:
        try:
            events = stock.decide(state, command, WORLD).events
        except Rejected:
            continue
        for event in events:
            shelf.apply(event)
            evolved = stock.evolve(state, event)
            assert isinstance(evolved, Opened)
            state = evolved
        _check_books(state, shelf)


def test_a_million_pieces_are_one_range() -> None:
    state = after(blanks())
    million = pieces("HC 0000001..HC 1000000")
    begun = time.perf_counter()
    state = after_more(
        state,
        receive(million),
        allocate(pieces("HC 0000001..HC 0500000")),
        use(pieces("HC 0250000"), COMMUNE),
        count(pieces("HC 0500001..HC 0999999"), reason="thiếu một tờ"),
    )
    assert time.perf_counter() - begun < 0.1
    assert sum(len(one) for one in state.holdings.stretches.values()) == 5
    assert state.holdings.account(held(COMMUNE)).on(date(2026, 3, 2).toordinal()) == 499_999
