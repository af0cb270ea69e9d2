"""The runner: nothing missed, nothing applied twice, one failure stops nobody else."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from psycopg import sql

from projections import follower as follower_module
from projections import ledger, reading, runner
from projections.applied import GATHER_SECONDS_MAX, Applied
from projections.awards import AwardFilter, list_awards
from projections.projection import Batch, Projection
from projections.registers import REGISTERS
from projections.runner import Runner
from registry import user
from registry.award import EVENTS as AWARD_EVENTS
from registry.codec import encode_facts
from registry.fact import Fact
from registry.identifiers import new_id
from registry.kinds import subjects_of
from tests.histories import (
    AUTHORSHIP,
    award_to,
    record_award,
    register_decision,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from registry.database import Database
    from registry.marks import MarkedRow, Marks
    from registry.register import Registry


PROBE_TABLE = b"CREATE TABLE seen (position bigint NOT NULL, name text NOT NULL)"


def note(batch: Batch) -> None:
    """Keep every position that was handed over, however often."""
    for fact in batch.facts:
        batch.cursor.execute(
            "INSERT INTO seen VALUES (%s, %s)", (fact.position, type(fact.event).__name__)
        )


def probe(name: str, apply: Callable[[Batch], None] = note, version: int = 1) -> Projection:
    events = frozenset({*AWARD_EVENTS.values(), *user.EVENTS.values()})
    return Projection(name, version, events, apply, PROBE_TABLE)


@contextmanager
def following(database: Database, *projections: Projection, **options: Any) -> Iterator[Runner]:
    follower = Runner(database.conninfo("projector"), database.marks, projections, **options)
    try:
        yield follower
    finally:
        follower.close()


def statuses(database: Database) -> dict[str, ledger.ProjectionStatus]:
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        return {one.name: one for one in ledger.status(cursor)}


def seen(database: Database, schema: str) -> list[int]:
    with database.pool("reader").connection() as connection:
        rows = connection.execute(f"SELECT position FROM {schema}.seen ORDER BY 1").fetchall()  # noqa: S608
        return [position for (position,) in rows]


def record_awards(registry: Registry, count: int, prefix: str = "Vàng Seo") -> int:
    return max(
        record_award(registry, award_to(f"{prefix} {number}")).position for number in range(count)
    )


def test_digest_of_a_fact_is_the_databases_own(database: Database, registry: Registry) -> None:
    record_awards(registry, 3)
    with psycopg.connect(database.administrator) as connection, connection.cursor() as cursor:
        rows = reading.facts_after(cursor, 0, 100)
        theirs = cursor.execute(
            "SELECT log.fact_digest(notification_id, originator_id, originator_version, topic,"
            " state) FROM log.facts ORDER BY notification_id"
        ).fetchall()
        head = cursor.execute("SELECT digest FROM log.head").fetchone()
    assert [(reading.digest_of([row]),) for row in rows] == theirs
    assert (reading.digest_of(rows),) == head


def test_rows_and_ledger_move_together(database: Database, registry: Registry) -> None:
    record_awards(registry, 5)
    with following(database, *REGISTERS, batch_facts=2) as follower:
        assert follower.catch_up() == 3
    assert {one.completeness for one in statuses(database).values()} == {"complete"}
    assert {one.lag for one in statuses(database).values()} == {0}
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        assert len(list_awards(cursor, AwardFilter(), 10).rows) == 5


def test_lag_is_told_and_what_is_behind_may_still_be_whole(
    database: Database, registry: Registry
) -> None:
    record_awards(registry, 2)
    with following(database, probe("probe")) as follower:
        follower.catch_up()
        record_awards(registry, 3, "Giàng A")
    one = statuses(database)["probe"]
    assert (one.lag, one.completeness) == (3, "catching-up")


def test_a_skipped_fact_is_noticed(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_awards(registry, 4)
    whole = reading.decode_rows
    monkeypatch.setattr(
        runner, "decode_rows", lambda rows, marks: whole([r for r in rows if r[0] != 2], marks)
    )
    with following(database, probe("probe")) as follower:
        follower.catch_up()
    assert seen(database, "probe") == [1, 3, 4]
    one = statuses(database)["probe"]
    assert (one.lag, one.completeness) == (0, "INCOMPLETE")


def test_a_doubled_fact_is_noticed_even_in_place_of_another(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_awards(registry, 4)
    whole = reading.decode_rows

    def doubled(rows: Sequence[MarkedRow], marks: Marks) -> reading.Reading:
        return whole([rows[0], rows[0], *rows[2:]] if rows else [], marks)

    monkeypatch.setattr(runner, "decode_rows", doubled)
    with following(database, probe("probe")) as follower:
        follower.catch_up()
    assert seen(database, "probe") == [1, 1, 3, 4]
    assert statuses(database)["probe"].completeness == "INCOMPLETE"


def test_incomplete_is_seen_from_behind_too(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_awards(registry, 3)
    whole = reading.decode_rows
    with monkeypatch.context() as patch:
        patch.setattr(runner, "decode_rows", lambda rows, marks: whole(rows[1:], marks))
        with following(database, probe("probe")) as follower:
            follower.catch_up()
    record_awards(registry, 2, "Lý Láo")
    one = statuses(database)["probe"]
    assert (one.lag, one.completeness) == (2, "INCOMPLETE")


# A fact that commits late -------------------------------------------------------------------


def stored_award(registry: Registry, name: str) -> StoredEvent:
    """Bytes of an award that is not in the log yet."""
    state = registry.work(AUTHORSHIP)
    stream_id, outcome = state.create("award", award_to(name))
    fact: Fact[Any] = Fact(stream_id, 1, 0, registry.clock(), AUTHORSHIP, outcome.events[0])
    return encode_facts([fact], registry.keyring.sealer(subjects_of([fact.event])))[0]


def insert_fact(
    connection: psycopg.Connection[Any], marks: Marks, position: int, event: StoredEvent
) -> None:
    connection.execute(
        "INSERT INTO log.facts VALUES (%s, %s, %s, %s, %s, %s)",
        (
            position,
            event.originator_id,
            event.originator_version,
            event.topic,
            event.state,
            marks.of(event),
        ),
    )


def test_a_fact_that_commits_late_is_not_missed(database: Database, registry: Registry) -> None:
    """The first writer is still open when the second wants to append: the second waits."""
    late = stored_award(registry, "Thào Seo Chứ")
    second = threading.Thread(target=record_awards, args=(registry, 1, "Vàng A"))
    with (
        following(database, probe("probe")) as follower,
        psycopg.connect(database.conninfo("writer")) as first,
    ):
        follower.catch_up()
        first.execute("SELECT log.lock_head()")
        insert_fact(first, database.marks, 1, late)
        second.start()
        second.join(timeout=0.3)
        assert second.is_alive()
        follower.catch_up()
        assert seen(database, "probe") == []
        first.commit()
        second.join(timeout=10)
        follower.catch_up()
    assert seen(database, "probe") == [1, 2]
    assert statuses(database)["probe"].completeness == "complete"


def test_without_the_logs_lock_it_would_be_missed_and_reported(
    database: Database, registry: Registry
) -> None:
    """The same two writers, the second past every lock: what the test above protects from."""
    late, early = (stored_award(registry, name) for name in ("Thào Seo Chứ", "Vàng A Páo"))
    with (
        following(database, probe("probe")) as follower,
        psycopg.connect(database.administrator) as first,
        psycopg.connect(database.administrator) as second,
    ):
        follower.catch_up()
        for connection, position, event in ((first, 1, late), (second, 2, early)):
            connection.execute("SET session_replication_role = replica")
            insert_fact(connection, database.marks, position, event)
        second.execute("UPDATE log.head SET position = 2")
        second.commit()
        follower.catch_up()
        first.execute(
            "UPDATE log.head SET (facts, digest) = (SELECT count(*), bit_xor(log.fact_digest("
            "notification_id, originator_id, originator_version, topic, state)) FROM log.facts)"
        )
        first.commit()
        follower.catch_up()
    assert seen(database, "probe") == [2]
    one = statuses(database)["probe"]
    assert (one.lag, one.completeness) == (0, "INCOMPLETE")


# Failures -----------------------------------------------------------------------------------


class KilledError(BaseException):
    """Stands for the death of the process: nobody catches it."""


def test_death_in_mid_batch_leaves_rows_and_position_together(
    database: Database, registry: Registry
) -> None:
    record_awards(registry, 4)

    def die(batch: Batch) -> None:
        note(batch)
        raise KilledError

    with following(database, probe("probe_a"), probe("probe_b", die)) as follower:
        with pytest.raises(KilledError):
            follower.catch_up()
        assert seen(database, "probe_a") == seen(database, "probe_b") == []
        assert {one.position for one in statuses(database).values()} == {0}
    with following(database, probe("probe_a"), probe("probe_b")) as follower:
        follower.catch_up()
    assert seen(database, "probe_a") == seen(database, "probe_b") == [1, 2, 3, 4]
    assert {one.completeness for one in statuses(database).values()} == {"complete"}


def test_a_projection_that_fails_stops_nobody_else(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "RETRY_SECONDS_MAX", 0.0)
    record_awards(registry, 40)

    def stumble(batch: Batch) -> None:
        note(batch)
        if any(fact.position == 23 for fact in batch.facts):
            raise ArithmeticError

    with following(database, probe("good"), probe("lame", stumble)) as follower:
        for _ in range(60):
            follower.catch_up() if statuses_are_unknown(follower) else follower.step()
        found = statuses(database)
    assert seen(database, "good") == list(range(1, 41))
    assert found["good"].completeness == "complete"
    assert found["lame"].position == 22
    assert seen(database, "lame") == list(range(1, 23))
    failure = found["lame"].failure
    assert failure is not None
    assert (failure.code, failure.position) == ("unexpected-arithmetic-error", 23)
    with following(database, probe("good"), probe("lame")) as follower:
        follower.catch_up()
    assert seen(database, "lame") == list(range(1, 41))
    repaired = statuses(database)["lame"]
    assert (repaired.completeness, repaired.failure) == ("complete", None)


def statuses_are_unknown(follower: Runner) -> bool:
    """Whether the runner has not set up its ledger yet."""
    return not follower._prepared


def test_a_failed_projection_waits_longer_each_time(database: Database, registry: Registry) -> None:
    record_awards(registry, 1)

    def fail(_batch: Batch) -> None:
        raise ArithmeticError

    with following(database, probe("lame", fail)) as follower:
        follower.catch_up()
        waits = []
        for _ in range(3):
            with psycopg.connect(database.conninfo("projector")) as connection:
                wait = connection.execute(
                    "UPDATE projection.ledger l SET retry_at = now() FROM projection.ledger o"
                    " WHERE o.name = l.name RETURNING extract(epoch FROM o.retry_at - now())"
                ).fetchone()
            assert wait is not None
            waits.append(float(wait[0]))
            follower.step()
    assert waits[0] < waits[1] < waits[2]
    assert statuses(database)["lame"].failure == ledger.Failure(
        "unexpected-arithmetic-error", 1, 1, 4
    )


def test_bytes_that_nobody_wrote_stop_everything_at_their_place(
    database: Database, registry: Registry
) -> None:
    record_awards(registry, 2)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        insert_fact(
            connection, database.marks, 3, StoredEvent(new_id(), 1, "award-recorded.v1", b"{}")
        )
    with following(database, probe("probe")) as follower:
        follower.catch_up()
    one = statuses(database)["probe"]
    assert seen(database, "probe") == [1, 2]
    assert one.failure is not None
    assert (one.failure.code, one.failure.position) == ("fact-malformed", 3)


# Several runners, waking, waiting -----------------------------------------------------------


def test_two_runners_apply_nothing_twice(database: Database, registry: Registry) -> None:
    record_awards(registry, 60)
    with (
        following(database, probe("probe"), batch_facts=3) as one,
        following(database, probe("probe"), batch_facts=4) as other,
    ):
        one.prepare()
        threads = [threading.Thread(target=each.catch_up) for each in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        one.catch_up()
    assert seen(database, "probe") == list(range(1, 61))
    assert statuses(database)["probe"].completeness == "complete"


@pytest.fixture
def running(database: Database) -> Iterator[Runner]:
    stop = threading.Event()
    follower = Runner(database.conninfo("projector"), database.marks, (probe("probe"),))
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    yield follower
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()


def wait_for(database: Database, position: int, seconds: float = 10) -> bool:
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        deadline = time.monotonic() + seconds
        while cursor.execute("SELECT to_regclass('projection.ledger')").fetchone() == (None,):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return ledger.wait_for(cursor, position, seconds)


@pytest.mark.usefixtures("running")
def test_what_a_command_wrote_can_be_waited_for(database: Database, registry: Registry) -> None:
    position = 0
    for number in range(3):
        position = record_award(registry, award_to(f"Lù Thị {number}")).position
        assert wait_for(database, position)
        assert seen(database, "probe") == list(range(1, position + 1))
    assert not wait_for(database, position + 1, seconds=0.05)


def test_who_waits_in_the_process_of_the_runner_is_told(
    database: Database, registry: Registry
) -> None:
    applied = Applied()
    with following(database, *REGISTERS, applied=applied) as follower:
        for prefix in ("Vàng Seo", "Lý Láo"):
            position = record_awards(registry, 2, prefix)
            assert not applied.wait(position, 0.0)
            waiting = threading.Thread(target=follower.catch_up)
            waiting.start()
            assert applied.wait(position, 30.0)
            waiting.join()
            assert {one.lag for one in statuses(database).values()} == {0}


def test_a_step_waits_for_as_many_as_the_last_one_answered_and_not_for_ever() -> None:
    applied = Applied()
    waiting = [threading.Thread(target=applied.wait, args=(1, 30.0)) for _ in range(3)]
    for one in waiting:
        one.start()
    while len(applied._targets) < len(waiting):
        time.sleep(0.001)
    applied.advance(1)
    for one in waiting:
        one.join()
    assert (applied._answered, applied._targets) == (3, [])
    began = time.monotonic()
    applied.gather()
    assert time.monotonic() - began >= GATHER_SECONDS_MAX
    # Who comes alone from now on finds nobody to be waited for behind his first step.
    alone = threading.Thread(target=applied.wait, args=(2, 30.0))
    alone.start()
    while not applied._targets:
        time.sleep(0.001)
    applied.advance(2)
    alone.join()
    assert applied._answered == 1


def test_projections_move_together_again_after_one_was_behind(
    database: Database, registry: Registry
) -> None:
    applied = Applied()
    record_awards(registry, 2)
    with following(database, probe("first")) as follower:
        follower.catch_up()
    with following(database, probe("first"), probe("second"), applied=applied) as follower:
        follower.catch_up()
        position = record_awards(registry, 2, "Lý Láo")
        follower.catch_up()
        assert applied.wait(position, 0.0)
    assert seen(database, "first") == seen(database, "second") == [1, 2, 3, 4]


def test_one_that_fails_is_not_waited_for_and_the_others_are(
    database: Database, registry: Registry
) -> None:
    applied, told = Applied(), []

    def refuse(_batch: Batch) -> None:
        raise ValueError("not today")

    def look(batch: Batch) -> None:
        note(batch)
        told.append(applied.wait(batch.facts[-1].position, 0.0))

    with following(database, probe("bad", refuse), probe("good", look), applied=applied) as one:
        position = record_awards(registry, 1)
        one.catch_up()
        assert applied.wait(position, 0.0)
    assert told
    assert not any(told)
    assert seen(database, "good") == [1]
    assert seen(database, "bad") == []


def test_who_waits_wakes_the_runner_even_if_it_hears_nothing(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour between looks, and no announcement heard: only who waits can be the reason."""
    monkeypatch.setattr(follower_module, "POLL_SECONDS", 3_600.0)
    monkeypatch.setattr(psycopg.Connection, "notifies", lambda *_, **__: iter(()))
    applied, stop = Applied(), threading.Event()
    one = Runner(database.conninfo("projector"), database.marks, (probe("probe"),), applied=applied)
    one.catch_up()
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    try:
        for prefix in ("Vàng Seo", "Lý Láo"):
            assert applied.wait(record_awards(registry, 2, prefix), 60.0)
    finally:
        stop.set()
        thread.join()
    assert seen(database, "probe") == [1, 2, 3, 4]


def test_what_is_announced_is_heard_at_once_and_only_while_it_is_news(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "POLL_SECONDS", 3_600.0)
    applied, stop, position = Applied(), threading.Event(), 0
    one = Runner(database.conninfo("projector"), database.marks, (probe("probe"),), applied=applied)
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    try:
        for prefix in ("Vàng Seo", "Lý Láo", "Thào A"):
            position = record_awards(registry, 1, prefix)
            assert wait_for(database, position, 60)
    finally:
        stop.set()
        thread.join()
    follower = one._follower
    assert not follower._is_news(str(position))
    assert follower._is_news(str(position + 1))
    assert follower._is_news("")


@pytest.mark.usefixtures("running")
def test_a_lost_connection_is_made_anew(database: Database, registry: Registry) -> None:
    assert wait_for(database, record_awards(registry, 1))
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'sovang-projector'"
        )
    assert wait_for(database, record_awards(registry, 1, "Sùng Láo"))
    assert seen(database, "probe") == [1, 2]


def test_another_definition_is_rebuilt_at_the_start(database: Database, registry: Registry) -> None:
    register_decision(registry, "212 QĐ/CTN")
    record_awards(registry, 2)
    with following(database, probe("probe")) as follower:
        follower.catch_up()
        assert statuses(database)["probe"].rebuilt_at is None
    with following(database, probe("probe", version=2)) as follower:
        assert follower.prepare() == ("probe",)
    one = statuses(database)["probe"]
    assert one.rebuilt_at is not None
    assert one.completeness == "complete"
    assert len(seen(database, "probe")) == 3


def test_a_runner_outlives_a_right_that_comes_late(database: Database, registry: Registry) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(
            sql.SQL("REVOKE CREATE ON DATABASE {} FROM sovang_projector").format(
                sql.Identifier(connection.info.dbname)
            )
        )
        stop = threading.Event()
        follower = Runner(database.conninfo("projector"), database.marks, (probe("probe"),))
        thread = threading.Thread(target=follower.run, args=(stop,))
        thread.start()
        time.sleep(0.3)
        connection.execute(
            sql.SQL("GRANT CREATE ON DATABASE {} TO sovang_projector").format(
                sql.Identifier(connection.info.dbname)
            )
        )
    try:
        assert wait_for(database, record_awards(registry, 1))
    finally:
        stop.set()
        thread.join(timeout=10)
