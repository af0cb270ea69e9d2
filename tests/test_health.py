"""Ready tells the truth, at once, whatever stands still; and clocks that go back are noticed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from api.health import look, troubles
from api.health.log_watch import LogWatch
from api.health.look import HealthLook
from projections import sealed_log
from registry.connections import ROLE_WAITS
from registry.database import Database, make_database
from registry.embedded import EmbeddedPostgres
from registry.pools import POOL_CONNECTIONS_MAX
from registry.remark import Remark
from tests.api_house import House, a_decision, an_award, open_house, problem
from tests.conftest import TEST_KEY
from tests.folders import server_folder
from tests.made_log import publish_list, record, sequencer
from tests.strangers import award, decision, individual
from tests.test_outages import provoke

if TYPE_CHECKING:
    from httpx2 import Response

    from registry.fact import Authorship
    from registry.register import Registry

SEALED_FACTS = 600


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def told(answer: Response) -> dict[str, dict[str, Any]]:
    """Problems by code; each has a sentence."""
    problems = {one["code"]: one for one in answer.json()["problems"]}
    assert all(one["detail"] not in {"", code} for code, one in problems.items()), problems
    return problems


def administrator(database: Database) -> psycopg.Connection[Any]:
    return psycopg.connect(database.administrator, autocommit=True)


# At once ------------------------------------------------------------------------------------


def test_ready_needs_no_connection_of_a_pool(house: House) -> None:
    pool = house.database.pool("reader")
    lent = [pool.getconn(20) for _ in range(POOL_CONNECTIONS_MAX)]
    assert house.get("/health/ready").status_code == 200
    for connection in lent:
        pool.putconn(connection)


def test_ready_waits_for_no_lock(house: House) -> None:
    with psycopg.connect(house.database.administrator) as other:
        other.execute("LOCK TABLE log.head IN ACCESS EXCLUSIVE MODE")
        answer = house.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["status"] == "unavailable"
        assert set(told(answer)) == {"database-busy"}
    assert house.get("/health/ready").status_code == 200


def test_ready_waits_for_no_server_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "LOOK_SECONDS_MAX", 0.5)
    with server_folder() as folder, EmbeddedPostgres(folder) as server:
        make_database(server.conninfo("postgres", "postgres"), "still")
        database = Database(server.conninfo("still", "postgres"), home_key=TEST_KEY)
        database.migrate()
        with open_house(database) as house:
            monkeypatch.setattr(look, "LOOK_SECONDS_MAX", 30)
            assert house.get("/health/ready").status_code == 200
            pid = server.server_pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            try:
                monkeypatch.setattr(look, "LOOK_SECONDS_MAX", 0.5)
                for _ in range(3):
                    answer = house.get("/health/ready")
                    assert answer.status_code == 503
                    assert set(told(answer)) <= {"database-silent", "database-unavailable"}
                assert "sovang_database_up 0.0" in house.get("/metrics").text
            finally:
                os.kill(pid, signal.SIGCONT)
            monkeypatch.setattr(look, "LOOK_SECONDS_MAX", 30)
            answers = [house.get("/health/ready").status_code for _ in range(3)]
            assert 200 in answers
        database.close()


def test_a_look_that_hangs_is_the_only_one(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "LOOK_SECONDS_MAX", 0.05)
    looks = HealthLook(database, registry, None)
    go_on, begun = threading.Event(), []

    def hanging(number: int) -> Any:
        begun.append(number)
        go_on.wait(60)
        return "seen"

    monkeypatch.setattr(looks, "_seen", hanging)
    for _ in range(5):
        with pytest.raises(Exception, match="database-silent"):
            looks.now()
    assert begun == [0]
    monkeypatch.setattr(look, "LOOK_SECONDS_MAX", 60)
    go_on.set()
    assert looks.now() == "seen"  # type: ignore[comparison-overlap]


# The truth ----------------------------------------------------------------------------------


def test_a_full_disk_is_told_by_the_command_and_by_ready(house: House) -> None:
    house.token()
    provoke(house.database, "RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'no room'")
    answer = house.post("/api/decisions", a_decision())
    problem(answer, 503, "disk-full")
    assert answer.headers["Retry-After"]
    ready = house.get("/health/ready")
    assert ready.status_code == 503
    assert told(ready)["disk-full"]["level"] == "error"
    with administrator(house.database) as connection:
        connection.execute("DROP FUNCTION provoke CASCADE")
    house.decision()
    assert house.get("/health/ready").status_code == 200


def test_a_disk_that_is_almost_full_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    with open_house(database, home=tmp_path) as house:
        assert house.get("/health/ready").status_code == 200
        monkeypatch.setattr(troubles, "FREE_BYTES_MIN", 1 << 62)
        answer = house.get("/health/ready")
    assert answer.status_code == 503
    assert set(told(answer)) == {"disk-almost-full"}


def test_registers_that_nobody_made_are_told(database: Database) -> None:
    with open_house(database) as house:
        with administrator(database) as connection:
            connection.execute("DROP SCHEMA projection CASCADE")
        assert set(told(house.get("/health/ready"))) == {"registers-not-ready"}


@pytest.fixture
def sealed(house: House, authorship: Authorship) -> House:
    """A register whose log is sealed: two full tiles and a beginning."""
    publish_list(house.database)
    record(house.registry, authorship, SEALED_FACTS)
    sealer = sequencer(house.database)
    sealer.seal_all()
    sealer.close()
    house.catch_up()
    return house


def found_within_a_round(house: House, tiles: int) -> dict[str, dict[str, Any]]:
    """What ready tells when every tile had its turn."""
    problems: dict[str, dict[str, Any]] = {}
    for _ in range(tiles):
        problems |= told(house.get("/health/ready"))
    return problems


def test_tiles_that_follow_from_the_facts_are_no_trouble(sealed: House) -> None:
    assert found_within_a_round(sealed, 4) == {}


@pytest.mark.parametrize(("level", "index"), [(0, 0), (0, 1), (0, 2), (1, 0)])
def test_a_damaged_tile_is_found(sealed: House, level: int, index: int) -> None:
    with administrator(sealed.database) as connection:
        connection.execute("ALTER TABLE log.tiles DISABLE TRIGGER USER")
        connection.execute(
            "UPDATE log.tiles SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)"
            " WHERE level = %s AND index = %s",
            (level, index),
        )
    problems = found_within_a_round(sealed, 3)
    assert problems.keys() & {"log-tile-wrong", "log-head-wrong"}
    assert sealed.get("/health/ready").status_code == 503


def test_a_changed_fact_is_found(sealed: House) -> None:
    with administrator(sealed.database) as connection:
        connection.execute("ALTER TABLE log.facts DISABLE TRIGGER USER")
        connection.execute(
            "UPDATE log.facts SET topic = 'award-cancelled.v1' WHERE notification_id = 300"
        )
    assert found_within_a_round(sealed, 3)["log-tile-wrong"]["params"] == {"level": 0, "index": 1}


def test_facts_that_wait_to_be_sealed_are_told(sealed: House) -> None:
    sealed.decision()
    sealed.catch_up()
    assert told(sealed.get("/health/ready")) == {}
    clock = sealed.registry.clock
    sealed.registry.clock = lambda: clock() + timedelta(minutes=2)
    answer = sealed.get("/health/ready")
    assert answer.status_code == 503
    behind = told(answer)["sealing-behind"]["params"]
    assert behind["count"] == answer.json()["sealed"]["unsealed"] > 0
    assert 60 < behind["seconds"] < 300


def test_who_holds_the_log_is_told_and_measured(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("api.health.log_watch.TOLD_SECONDS", 0.0)
    monkeypatch.setattr(troubles, "LOG_HELD_SECONDS", 0.0)
    registry = database.registry()
    watch = LogWatch(database, registry, stalled_seconds=0.0)
    watching = psycopg.connect(database.watch_conninfo(), autocommit=True)
    with open_house(database, tasks=[watch.task], watch=watch) as house, watching:
        with psycopg.connect(database.administrator, application_name="a terminal") as idle:
            idle.execute("SELECT log.lock_head()")
            watch.look(watching)
            answer = house.get("/health/ready")
            metrics = house.get("/metrics").text
            watch.look(watching)
            with pytest.raises(psycopg.Error):
                idle.execute("SELECT 1")
        watch.look(watching)
        after = house.get("/metrics").text
    # Others wait for it, but the register answers.
    assert answer.status_code == 200
    held = told(answer)["log-held"]["params"]
    assert held["application"] == "a terminal"
    assert 'sovang_log_held_seconds{application="a terminal"}' in metrics
    assert "log held by a terminal" in caplog.text
    assert "sovang_log_taken_back_total 1.0" in after
    assert "a terminal" not in after


# Clocks -------------------------------------------------------------------------------------


def recorded_times(registry: Registry) -> list[Any]:
    return [
        registry.facts_of(stream)[version - 1].recorded_at
        for stream, version, *_ in registry.log.read_after(0, 100)
    ]


def test_a_clock_that_went_back_dates_nothing_before_facts_in_front(
    registry: Registry, authorship: Authorship
) -> None:
    before = registry.create("decision", decision(), authorship)
    assert before.remarks == ()
    clock = registry.clock
    registry.clock = lambda: clock() - timedelta(hours=3)
    late = registry.create("award", award(individual("Lò Thị Mẩy")), authorship)
    times = recorded_times(registry)
    assert times[1] == times[0]
    (remark,) = late.remarks
    assert remark.code == "clock-behind-log"
    assert 10_700 < int(dict(remark.params)["seconds"]) <= 10_800
    # In bulk too.
    work = registry.work(authorship)
    for number in range(300):
        work.create(
            "award",
            award(individual(f"Lý A {number}")),
        )
    assert Remark("clock-behind-log", remark.params).code in {
        one.code for one in work.commit().remarks
    }
    assert max(recorded_times(registry)) == times[0]


def test_another_process_knows_the_time_of_the_log(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    registry.create("decision", decision(), authorship)
    other = Database(database.administrator, home_key=TEST_KEY).registry()
    clock = other.clock
    other.clock = lambda: clock() - timedelta(hours=3)
    other.create("award", award(individual("Lò Thị Mẩy")), authorship)
    registry.create("award", award(individual("Lò Thị Sua")), authorship)
    # What a third one recorded since then is seen by the watch.
    watch = LogWatch(database, other, stalled_seconds=ROLE_WAITS["writer"].idle_seconds_max)
    with psycopg.connect(database.watch_conninfo(), autocommit=True) as connection:
        watch.look(connection)
    other.create("award", award(individual("Lò Thị Dợ")), authorship)
    times = recorded_times(registry)
    assert times == sorted(times)
    assert times[3] == times[2] > times[1] == times[0]


def test_over_http_a_clock_that_went_back_is_remarked_and_told_by_ready(house: House) -> None:
    house.decision()
    clock = house.registry.clock
    house.registry.clock = lambda: clock() - timedelta(hours=3)
    answer = house.done(house.post("/api/awards", an_award()))
    assert "clock-behind-log" in str(answer)
    ready = house.get("/health/ready")
    assert ready.status_code == 200
    assert told(ready)["clock-behind-log"]["level"] == "warning"


def test_sealed_log_heads_are_what_is_sampled(sealed: House) -> None:
    with sealed.database.pool("reader").connection() as connection:
        assert sealed_log.latest_head(connection.cursor()).size > 2 * 256
