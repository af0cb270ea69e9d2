"""The stock ledger on a real database: it balances and closes with what the rules say was there."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.as_of import stock_as_of
from projections.stock import find_item, find_serial, movements_of_serial, ranges_of
from projections.stock_ledger import Balance, Period, all_ledgers, ledger_of
from projections.stock_movements import MovementRow
from registry.errors import Rejected
from registry.remembered import Snapshot
from registry.stock.holdings import Held, Place, Used
from registry.stock.record import Opened, Unopened
from tests import stock_rules
from tests.histories import AUTHORSHIP, follower  # noqa: F401 - a fixture
from tests.stock_rules import COMMUNE, OTHER, PROVINCE, allocate, blanks, pieces, receive, use

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from psycopg import Cursor

    from projections.runner import Runner
    from registry.database import Database
    from registry.register import Registry

DAYS = ("2026-01-05", "2026-02", "2026-03-02", "2026", "2026-05-09")


def record(registry: Registry, item: UUID, *commands: Any) -> None:
    for command in commands:
        registry.execute("stock", item, command, AUTHORSHIP)


def opened(registry: Registry, **fields: Any) -> UUID:
    return registry.create("stock", blanks(**fields), AUTHORSHIP).stream_id


@contextmanager
def reading(database: Database) -> Iterator[Cursor[Any]]:
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        yield cursor


def signed(balance: Balance) -> int:
    """Opening and everything that came, less everything that went."""
    out = {"moved_out", "allocated_out", "returned_out", "spoiled_out", "used", "destroyed"}
    moved = (-n if line in out | {"short"} else n for line, n in balance.movements.items())
    return balance.opening + sum(moved)


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 24), st.integers(0, 6), st.sampled_from(DAYS)),
        min_size=5,
        max_size=25,
    ),
    numbered=st.booleans(),
    begin=st.dates(date(2025, 12, 30), date(2026, 6, 1)),
    days=st.integers(0, 90),
    known=st.floats(0, 1),
)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_ledger_balances_and_closes_with_what_was_there(
    *,
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
    steps: list[tuple[int, int, int, str]],
    numbered: bool,
    begin: date,
    days: int,
    known: float,
) -> None:
    """Items pile up from one example to the next; each is looked at by itself."""
    item = opened(registry, numbered=numbered, design=f"mẫu {time.time_ns()}")
    begun = receive(pieces("AB 000..AB 024") if numbered else pieces(25), on="2026-01")
    record(registry, item, begun)
    for kind, first, length, day in steps:
        some = f"AB {first:03d}..AB {first + length:03d}"
        lot = pieces(some if numbered else length + 1)
        one = pieces(f"AB {first:03d}" if numbered else 1)
        command = stock_rules.a_bit_of_everything(lot, one, on=day)[kind]
        with suppress(Rejected):
            record(registry, item, command)
    follower.catch_up()
    facts = registry.facts_of(item)
    end = begin + timedelta(days)
    known_at = facts[int(known * (len(facts) - 1))].recorded_at
    with reading(database) as cursor:
        for moment in (None, known_at):
            ledger = ledger_of(cursor, item, Period(begin, end, moment))
            assert ledger is not None
            for place in ledger.places:
                assert place.balance.opening >= 0
                assert place.balance.closing == signed(place.balance) >= 0, place
                assert place.balance.closing == there(facts, place, end, moment)
                assert place.balance.opening == there(facts, place, begin - timedelta(1), moment)
            assert ledger.total.closing == signed(ledger.total) == signed(ledger.total.across)
            assert ledger.total.closing == sum(one.balance.closing for one in ledger.places)
        row = find_item(cursor, item)
    assert row is not None
    state = registry.load("stock", item).state
    assert row.usable + row.spoiled == sum(one.pieces for one in state.holdings.accounts.values())


def there(facts: Any, place: Any, on: date, known_at: datetime | None) -> int:
    """What a place held by the rules, by two ways: the days of an account, and a fold to a day."""
    held = Held(Place(place.office, place.store), place.condition)
    state, whole = stock_as_of(facts, on, known_at), stock_as_of(facts, None, known_at)
    assert isinstance(state, Opened)
    assert isinstance(whole, Opened)
    pieces_then = state.holdings.account(held).pieces
    assert whole.holdings.account(held).on(on.toordinal()) == pieces_then
    if state.item.numbered:
        serials = state.holdings.ranges_at(held)
        assert sum(one.pieces for one in serials) == pieces_then
    return pieces_then


def test_a_ledger_by_hand(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    item = opened(registry)
    record(
        registry,
        item,
        receive(pieces("AB 001..AB 100"), on="2025-12"),
        allocate(pieces("AB 001..AB 030"), on="2026-01-10"),
        use(pieces("AB 007"), COMMUNE, on="2026-01-20"),
        stock_rules.spoil(pieces("AB 100"), on="2026-02-01"),
        receive(pieces("AB 101..AB 120"), on="2026-02-02"),
    )
    follower.catch_up()
    with reading(database) as cursor:
        ledger = ledger_of(cursor, item, Period(date(2026, 1, 1), date(2026, 1, 31)))
        assert ledger_of(cursor, AWARD, Period(date(2026, 1, 1), date(2026, 1, 31))) is None
    assert ledger is not None
    found = {
        (one.office, one.condition): (
            one.balance.opening,
            one.balance.movements,
            one.balance.closing,
        )
        for one in ledger.places
    }
    assert found == {
        (PROVINCE, "usable"): (100, {"received": 0, "allocated_out": 30}, 70),
        (COMMUNE, "usable"): (0, {"allocated_in": 30, "used": 1}, 29),
    }
    assert (ledger.total.opening, ledger.total.closing) == (100, 99)


AWARD = stock_rules.PURPOSE.award_id


def test_what_was_known_then(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    registry.clock = lambda: datetime(2026, 3, 1, tzinfo=UTC)
    item = opened(registry, numbered=False)
    record(registry, item, receive(pieces(10), on="2026-02-01"))
    registry.clock = lambda: datetime(2026, 5, 1, tzinfo=UTC)
    record(registry, item, allocate(pieces(4), on="2026-02-15"))
    follower.catch_up()
    march = datetime(2026, 4, 1, tzinfo=UTC)
    with reading(database) as cursor:
        closings = [
            [one.total.closing for one in all_ledgers(cursor, Period(day, day, moment))]
            for day, moment in (
                (date(2026, 2, 20), None),
                (date(2026, 2, 20), march),
                (date(2026, 1, 20), None),
                (date(2026, 2, 20), datetime(2026, 2, 25, tzinfo=UTC)),
            )
        ]
        at_march = ledger_of(cursor, item, Period(date(2026, 2, 20), date(2026, 2, 20), march))
    assert closings == [[10], [10], [0], []]
    assert at_march is not None
    assert [(one.office, one.balance.closing) for one in at_march.places] == [(PROVINCE, 10)]
    facts = registry.facts_of(item)
    assert isinstance(stock_as_of(facts, None, datetime(2026, 2, 1, tzinfo=UTC)), Unopened)


def test_two_clerks_allocate_one_range_and_one_wins(registry: Registry) -> None:
    item = opened(registry)
    record(registry, item, receive(pieces("AB 001..AB 100")))
    barrier, refused = Barrier(2), []

    def give(to: str) -> None:
        barrier.wait()
        try:
            record(registry, item, allocate(pieces("AB 001..AB 050"), to))
        except Rejected as error:
            refused.append(error)

    clerks = [Thread(target=give, args=(office,)) for office in (COMMUNE, OTHER)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert [error.code for error in refused] == ["serial-of-another-office"]
    holdings = registry.load("stock", item).state.holdings
    winner = refused[0].params["office"]
    assert holdings.account(Held(Place(str(winner)))).pieces == 50
    assert holdings.account(Held(Place(PROVINCE))).pieces == 50


def test_a_serial_is_found_with_its_way(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    item = opened(registry)
    record(
        registry,
        item,
        receive(pieces("AB 001..AB 100")),
        allocate(pieces("AB 011..AB 020")),
        use(pieces("AB 013"), COMMUNE),
    )
    follower.catch_up()
    serial = pieces("ab-013").ranges[0]
    with reading(database) as cursor:
        found = find_serial(cursor, serial)
        assert [(one.item_id, one.stretch.at) for one in found] == [(item, Used())]
        assert found[0].stretch.range.first_serial == "AB 013"
        assert find_serial(cursor, pieces("AB 0013").ranges[0]) == ()
        way = movements_of_serial(cursor, serial)
        assert [one.kind for one in way] == ["received", "allocated", "used"]
        assert isinstance(way[2], MovementRow)
        assert (way[2].artifact, way[2].award_id) == (stock_rules.PURPOSE.artifact, AWARD)
        ranges = ranges_of(cursor, way)
        assert [one.last_serial for one in ranges[item, 2]] == ["AB 100"]


def test_an_item_type_is_opened_once_in_any_spelling(registry: Registry) -> None:
    opened(registry, design="Mẫu  2014")
    with pytest.raises(Rejected) as caught:
        opened(registry, design="mẫu 2014", name="tên khác")
    assert caught.value.code == "stock-item-opened-already"


def test_a_million_pieces_are_received_in_an_instant(
    database: Database,
    registry: Registry,
    follower: Runner,  # noqa: F811
) -> None:
    item = opened(registry)
    begun = time.perf_counter()
    record(registry, item, receive(pieces("HC 0000001..HC 1000000")))
    follower.catch_up()
    with reading(database) as cursor:
        found = find_serial(cursor, pieces("HC 0777777").ranges[0])
        rows = cursor.execute("SELECT count(*), sum(pieces) FROM stock.holding").fetchone()
    assert time.perf_counter() - begun < 1
    assert found[0].stretch.range.pieces == 1_000_000
    assert rows == (1, 1_000_000)


def test_a_long_record_is_remembered_and_never_wrong(
    database: Database, registry: Registry
) -> None:
    item = opened(registry)
    record(registry, item, receive(pieces("AB 0001..AB 9000")))
    work = registry.work(AUTHORSHIP)
    for number in range(1, 301):
        work.execute("stock", item, use(pieces(f"AB {number:04d}")))
    work.commit()
    other = database.registry()
    for writer in (registry, other, registry, other):
        following = writer.load("stock", item).version - 1
        record(writer, item, use(pieces(f"AB {following:04d}")))
    remembered, folded = other.load("stock", item), database.registry().load("stock", item)
    assert remembered == folded
    assert (folded.version, folded.state.holdings.account(Held(Place(PROVINCE))).pieces) == (
        306,
        8696,
    )
    assert registry.load("award", item).version == 0


def test_what_the_log_lost_is_not_remembered(registry: Registry) -> None:
    """After a failover that lost the newest facts, others may stand at their versions."""
    item = opened(registry)
    record(registry, item, receive(pieces("AB 0001..AB 9000")))
    work = registry.work(AUTHORSHIP)
    for number in range(1, 301):
        work.execute("stock", item, use(pieces(f"AB {number:04d}")))
    work.commit()
    before = registry.load("stock", item)
    facts = registry.facts_of(item)
    kept = Snapshot("stock", None, replace(facts[-1], position=facts[-1].position + 1))
    registry._long_records.keep(item, kept)
    assert registry.load("stock", item) == before
