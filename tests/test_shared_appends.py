"""Appends that come together: one transaction, and to each his own answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given
from hypothesis import strategies as st

from registry.appending import BULK_FACTS_MIN, Appended, Appending, groups, joined, parted
from registry.errors import Conflict, OutcomeUnknown
from registry.fact import CLAIM_DIGEST_BYTES, Authorship
from registry.identifiers import new_id
from registry.outages import ClaimTaken
from registry.together import Together
from tests.strangers import decision

if TYPE_CHECKING:
    from registry.database import Database
    from registry.log import FactLog
    from registry.register import Registry

MANY = 12
GATHER_SECONDS_MAX = 10.0


def one(
    stream: UUID | None = None,
    version: int = 1,
    names: Sequence[tuple[bytes, bool]] = (),
    expected: Sequence[tuple[UUID, int]] = (),
) -> Appending:
    """An append of one fact."""
    stream = stream or new_id()
    event = StoredEvent(stream, version, "decision-registered.v1", b"{}")
    return Appending([event], [(key, "number", stream, soft) for key, soft in names], expected, {})


@contextmanager
def held_up(database: Database) -> Iterator[Callable[[], None]]:
    """Nobody can append until the log is let go; gives what lets it go."""
    holder = psycopg.connect(database.conninfo("writer"))
    holder.execute("SELECT log.lock_head()")
    try:
        yield holder.rollback
    finally:
        holder.close()


def append_together(
    database: Database, log: FactLog, wanted: Sequence[Appending]
) -> list[Appended | BaseException]:
    """Let one append wait in front, all of these behind it, and then go on; what each got."""
    with ThreadPoolExecutor(len(wanted) + 1) as pool, held_up(database) as let_go:
        first = pool.submit(log.append, one())
        wait_until(lambda: waits_for_the_log(database) == 1)
        rest: list[Future[Appended]] = []
        for appending in wanted:
            rest.append(pool.submit(log.append, appending))
            wait_until(lambda: len(log._appends._gathered) == len(rest))
        let_go()
        first.result()
        return [future.exception() or future.result() for future in rest]


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + GATHER_SECONDS_MAX
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def waits_for_the_log(database: Database) -> int:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    assert row is not None
    return int(row[0])


def transactions(database: Database) -> dict[UUID, str]:
    """The transaction that each stream's first fact was written in."""
    with psycopg.connect(database.administrator) as connection:
        rows = connection.execute("SELECT originator_id, xmin::text FROM log.facts").fetchall()
    return dict(rows)


def stream_of(appending: Appending) -> Any:
    return appending.events[0].originator_id


def test_what_comes_together_stands_in_one_transaction(
    database: Database, registry: Registry
) -> None:
    wanted = [one(names=[(bytes([number]) * CLAIM_DIGEST_BYTES, False)]) for number in range(MANY)]
    found = append_together(database, registry.log, wanted)
    assert [each.first_position for each in found if isinstance(each, Appended)] == list(
        range(2, MANY + 2)
    )
    written = transactions(database)
    assert len({written[stream_of(each)] for each in wanted}) == 1


def test_one_that_is_refused_harms_none_of_the_others(
    database: Database, registry: Registry
) -> None:
    taken, stale = b"t" * CLAIM_DIGEST_BYTES, new_id()
    holder = one(names=[(taken, False)])
    registry.log.append(holder)
    wanted = [one() for _ in range(MANY)]
    wanted[3] = one(names=[(taken, False)])
    wanted[7] = one(expected=[(stream_of(holder), 9)])
    wanted[9] = one(stream_of(holder), 1)
    found = append_together(database, registry.log, wanted)
    assert isinstance(found[3], ClaimTaken)
    assert found[3].holder == stream_of(holder)
    assert isinstance(found[7], Conflict)
    assert isinstance(found[9], Conflict)
    others = [each for number, each in enumerate(found) if number not in {3, 7, 9}]
    positions = [each.last_position for each in others if isinstance(each, Appended)]
    assert positions == list(range(3, 3 + MANY - 3))
    written = transactions(database)
    assert {stream_of(wanted[number]) in written for number in (3, 7)} == {False}
    assert stale not in written


def test_a_name_that_several_want_at_once_is_given_once(
    database: Database, registry: Registry
) -> None:
    wanted = [one(names=[(b"n" * CLAIM_DIGEST_BYTES, False)]) for _ in range(MANY)]
    found = append_together(database, registry.log, wanted)
    assert isinstance(found[0], Appended)
    assert {type(each) for each in found[1:]} == {ClaimTaken}
    assert registry.log.holders([b"n" * CLAIM_DIGEST_BYTES]) == {
        b"n" * CLAIM_DIGEST_BYTES: stream_of(wanted[0])
    }


def test_a_soft_name_taken_by_the_one_before_is_remarked(
    database: Database, registry: Registry
) -> None:
    wanted = [one(names=[(b"s" * CLAIM_DIGEST_BYTES, True)]) for _ in range(3)]
    first, *later = append_together(database, registry.log, wanted)
    assert isinstance(first, Appended)
    assert not first.held
    for each in later:
        assert isinstance(each, Appended)
        assert each.held == {b"s" * CLAIM_DIGEST_BYTES: stream_of(wanted[0])}


def test_who_relies_on_a_record_that_the_one_before_changed_is_told(
    database: Database, registry: Registry
) -> None:
    record = one()
    registry.log.append(record)
    relying = [(stream_of(record), 1)]
    wanted = [one(expected=relying), one(stream_of(record), 2), one(expected=relying)]
    before, change, after = append_together(database, registry.log, wanted)
    assert isinstance(before, Appended)
    assert isinstance(change, Appended)
    assert isinstance(after, Conflict)


def test_when_the_connection_breaks_nobody_is_told_that_nothing_stands(
    database: Database, registry: Registry
) -> None:
    wanted = [one() for _ in range(3)]
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
            " BEGIN IF (SELECT count(*) FROM log.facts) > 1 THEN"
            " PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$"
        )
        connection.execute(
            "CREATE TRIGGER break AFTER INSERT ON log.facts"
            " FOR EACH STATEMENT EXECUTE FUNCTION break()"
        )
    found = append_together(database, registry.log, wanted)
    assert {type(each) for each in found} == {OutcomeUnknown}
    assert registry.log.head().facts == 1


def test_many_clerks_with_the_same_numbers_record_each_once(
    registry: Registry, authorship: Authorship
) -> None:
    """Each number is wanted by several at once; every answer is true, and nobody is lost."""
    barrier = threading.Barrier(8)

    def record(clerk: int) -> list[tuple[str, int]]:
        barrier.wait()
        done = []
        for number in range(10):
            try:
                recorded = registry.create(
                    "decision", decision(number=f"{number}/QĐ-CTN"), authorship
                )
            except Exception as error:  # noqa: BLE001 - counted below
                done.append((type(error).__name__, -1))
            else:
                done.append((f"{number}/QĐ-CTN", recorded.position))
            done.append(
                (
                    own := f"{number}-{clerk}/QĐ-CTN",
                    registry.create("decision", decision(number=own), authorship).position,
                )
            )
        return done

    with ThreadPoolExecutor(8) as pool:
        done = [answer for answers in pool.map(record, range(8)) for answer in answers]
    said = {position: number for number, position in done if position > 0}
    assert {name for name, position in done if position < 0} == {"AlreadyRecorded"}
    assert sorted(said) == list(range(1, 91))
    stored = {fact[2]: fact[4] for fact in registry.log.read_after(0, 1_000)}
    assert all(said[position].encode() in stored[position] for position in said)


# What may share -----------------------------------------------------------------------------

STREAMS = [UUID(int=number) for number in range(1, 5)]
NAMES = [bytes([number]) * CLAIM_DIGEST_BYTES for number in range(4)]


@st.composite
def appendings(draw: st.DrawFn) -> Appending:
    stream = draw(st.sampled_from(STREAMS))
    events = [
        StoredEvent(stream, version, "decision-registered.v1", b"{}")
        for version in range(1, draw(st.integers(1, 3)) + 1)
    ]
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2))
    expected = draw(st.lists(st.sampled_from(STREAMS), unique=True, max_size=2))
    return Appending(
        events,
        [(name, "number", stream, draw(st.booleans())) for name in names],
        [(read, 1) for read in expected],
    )


@given(st.lists(appendings(), max_size=12))
def test_nobody_shares_with_one_whose_work_he_asks_about(wanted: list[Appending]) -> None:
    found = list(groups(wanted))
    assert [each for shared in found for each in shared] == wanted
    for shared in found:
        written: set[Any] = set()
        names: set[bytes] = set()
        for each in shared:
            touched = {event.originator_id for event in each.events}
            touched |= {stream for stream, _ in each.expected}
            assert written.isdisjoint(touched)
            assert names.isdisjoint(key for key, *_ in each.claims)
            written |= {event.originator_id for event in each.events}
            names |= {key for key, *_ in each.claims}
        assert sum(len(each.events) for each in shared) < BULK_FACTS_MIN


@given(st.lists(appendings(), min_size=1, max_size=12))
def test_each_is_told_his_own_positions(wanted: list[Appending]) -> None:
    for shared in groups(wanted):
        whole = joined(shared)
        held = {key: STREAMS[0] for key, *_ in whole.claims}
        last = 100 + len(whole.events)
        told = list(parted(shared, Appended(101, last, held)))
        assert told[0].first_position == 101
        assert told[-1].last_position == last
        for each, appended in zip(shared, told, strict=True):
            own = whole.events[appended.first_position - 101 : appended.last_position - 100]
            assert list(own) == list(each.events)
            assert set(appended.held) == {key for key, *_ in each.claims}


# Asking together ----------------------------------------------------------------------------


def test_questions_gather_while_one_is_answered() -> None:
    asked: list[list[int]] = []
    go_on = threading.Event()

    def answer(numbers: Sequence[int]) -> list[int | BaseException]:
        asked.append(list(numbers))
        assert go_on.wait(GATHER_SECONDS_MAX)
        return [number * 2 if number % 5 else ValueError(number) for number in numbers]

    together: Together[int, int] = Together(answer)
    with ThreadPoolExecutor(MANY) as pool:
        futures = []
        for number in range(MANY):
            futures.append(pool.submit(together.ask, number))
            waiting = number
            wait_until(lambda: len(asked) == 1 and len(together._gathered) == waiting)  # noqa: B023
        go_on.set()
        found = [future.exception() or future.result() for future in futures]
    assert asked == [[0], list(range(1, MANY))]
    for number, each in enumerate(found):
        assert str(each) == str(number if number % 5 == 0 else number * 2)


def test_what_fails_is_told_to_all_and_the_next_are_answered() -> None:
    fails = [True]

    def answer(numbers: Sequence[int]) -> list[int]:
        if fails.pop() if fails else False:
            raise KeyboardInterrupt
        return list(numbers)

    together: Together[int, int] = Together(answer)
    with pytest.raises(KeyboardInterrupt):
        together.ask(1)
    assert together.ask(2) == 2


def test_too_few_answers_leave_nobody_waiting() -> None:
    together: Together[int, int] = Together(lambda _numbers: [])
    for _ in range(2):
        with pytest.raises(ValueError, match="zip"):
            together.ask(1)
