"""The log under fire: order, uniqueness, immutability, crashes."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from registry.appending import Appending
from registry.award import IssueArtifacts
from registry.codec import decode_fact
from registry.database import Database, make_database
from registry.decision import CorrectDecision
from registry.embedded import EmbeddedPostgres
from registry.errors import AlreadyRecorded, Conflict, Rejected
from registry.fact import Authorship, Claim
from registry.identifiers import new_id
from registry.log import FactLog
from registry.personal_key import make_key_file, read_key_file
from tests.folders import server_folder
from tests.strangers import award, decision, individual

if TYPE_CHECKING:
    from pathlib import Path

    from registry.register import Registry

WRITERS = 8
AWARDS_PER_WRITER = 15


def record_awards(registry: Registry, authorship: Authorship, names: list[str]) -> None:
    for name in names:
        registry.create("award", award(individual(name)), authorship)


def test_positions_are_dense_and_ordered_by_commit(
    registry: Registry, authorship: Authorship
) -> None:
    def write(writer: int) -> None:
        names = [f"Người Thứ {writer}-{number}" for number in range(AWARDS_PER_WRITER)]
        record_awards(registry, authorship, names)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    facts = registry.log.read_after(0, 1_000)
    assert [fact[2] for fact in facts] == list(range(1, WRITERS * AWARDS_PER_WRITER + 1))
    head = registry.log.head()
    assert (head.position, head.facts) == (len(facts), len(facts))


def test_a_fact_committed_late_is_never_behind_a_reader(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    """Two writers, the first still open: the second may not pass it.

    If the log took no lock, the second writer's fact would be read before the first one's, and
    a follower at its position would never see the first.
    """
    first = psycopg.connect(database.conninfo("writer"))
    first.execute("SELECT log.lock_head()")
    second = threading.Thread(
        target=record_awards, args=(registry, authorship, ["Lò Thị Mẩy"]), daemon=True
    )
    second.start()
    time.sleep(0.3)
    assert second.is_alive()
    assert registry.log.read_after(0, 10) == []

    event = StoredEvent(new_id(), 1, "decision-registered.v1", b"{}")
    first.execute(
        "INSERT INTO log.facts VALUES (1, %s, 1, %s, %s, %s)",
        (event.originator_id, event.topic, event.state, database.marks.of(event)),
    )
    first.commit()
    second.join(10)
    first.close()
    assert [fact[2] for fact in registry.log.read_after(0, 10)] == [1, 2]


def test_a_writer_without_the_lock_cannot_leave_a_gap(database: Database) -> None:
    with psycopg.connect(database.conninfo("writer"), autocommit=True) as connection:
        statement = "INSERT INTO log.facts VALUES (%s, %s, 1, 'award-recorded.v1', '{}')"
        connection.execute(statement, (1, new_id()))
        for position in (1, 3, 100):
            with pytest.raises(psycopg.DatabaseError):
                connection.execute(statement, (position, new_id()))
        connection.execute(statement, (2, new_id()))


@pytest.mark.parametrize("role", ["owner", "writer", "reader", "projector", "superuser"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log.facts SET topic = 'award-cancelled.v1'",
        "DELETE FROM log.facts",
        "TRUNCATE log.facts",
        "UPDATE log.claims SET stream = gen_random_uuid()",
        "DELETE FROM log.claims",
        "TRUNCATE log.claims",
        "DELETE FROM log.head",
        "UPDATE log.subject_keys SET wrapped = ''",
        "TRUNCATE log.subject_keys",
    ],
)
def test_nobody_may_change_what_was_recorded(
    database: Database, registry: Registry, authorship: Authorship, role: str, statement: str
) -> None:
    recipient = individual(residence="thôn Sả Xéng")
    recorded = registry.create("award", award(recipient), authorship)
    conninfo = database.administrator
    if role != "superuser":
        conninfo = f"{database.administrator} options='-c role=sovang_{role}'"
    with (
        psycopg.connect(conninfo, autocommit=True) as connection,
        pytest.raises(psycopg.DatabaseError),
    ):
        connection.execute(statement)
    assert registry.facts_of(recorded.stream_id)[0].event.recipient.name == recipient.name


def test_the_writer_may_not_move_the_head_or_destroy_keys(database: Database) -> None:
    with psycopg.connect(database.conninfo("writer"), autocommit=True) as connection:
        for statement in (
            "UPDATE log.head SET position = 0",
            "DELETE FROM log.subject_keys",
            "ALTER TABLE log.facts DISABLE TRIGGER ALL",
            "DROP TABLE log.facts",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_two_simultaneous_grants_of_one_serial_cannot_both_stand(
    registry: Registry, authorship: Authorship
) -> None:
    awards = [
        registry.create("award", award(individual(f"Vàng A {number}")), authorship).stream_id
        for number in range(WRITERS)
    ]
    start = threading.Barrier(WRITERS)

    def grant(stream_id: Any) -> str:
        start.wait()
        try:
            command = IssueArtifacts((("certificate", "BK 000123"),))
            registry.execute("award", stream_id, command, authorship)
        except AlreadyRecorded as error:
            return error.code
        return "granted"

    with ThreadPoolExecutor(WRITERS) as pool:
        outcomes = sorted(pool.map(grant, awards))
    assert outcomes == ["granted"] + ["serial-used-already"] * (WRITERS - 1)


def test_two_clerks_with_the_same_version_before_them_cannot_both_write(
    registry: Registry, authorship: Authorship
) -> None:
    recorded = registry.create("award", award(), authorship)
    issue = IssueArtifacts((("certificate", "BK 1"),))
    registry.execute("award", recorded.stream_id, issue, authorship, expected_version=1)
    again = IssueArtifacts((("frame", "K 1"),))
    with pytest.raises(Conflict):
        registry.execute("award", recorded.stream_id, again, authorship, expected_version=1)


def test_an_award_is_refused_when_its_decision_changed_while_it_was_judged(
    registry: Registry, authorship: Authorship
) -> None:
    paper = registry.create("decision", decision(), authorship)
    work = registry.work(authorship)
    work.create("award", award(decision_id=paper.stream_id))
    correct = CorrectDecision({"decided_on": "2024-05-10"}, "chép nhầm ngày")
    registry.execute("decision", paper.stream_id, correct, authorship)
    with pytest.raises(Conflict):
        work.commit()


@pytest.mark.parametrize("count", [3, 300])
def test_one_taken_name_stops_the_whole_append(
    registry: Registry, authorship: Authorship, count: int
) -> None:
    registry.create("award", award(individual("Tẩn Láo Lở")), authorship)
    before = registry.log.head()
    work = registry.work(authorship)
    for number in range(count):
        work.create("award", award(individual(f"Tẩn Láo {number}")))
    work.create("award", award(individual("TẨN  LÁO LỞ")))
    with pytest.raises((AlreadyRecorded, Conflict)):
        work.commit()
    assert registry.log.head() == before


def test_a_large_and_a_small_append_leave_the_same_log(
    registry: Registry, authorship: Authorship
) -> None:
    """COPY and the single statement: same facts, same claims, same digest rule."""
    work = registry.work(authorship)
    for number in range(250):
        work.create("award", award(individual(f"Sùng Seo {number}", residence="xã Y Tý")))
    committed = work.commit()
    assert committed.last_position - committed.first_position == 249
    registry.create("award", award(individual("Sùng Seo Dờ", residence="xã Y Tý")), authorship)
    with registry.log._pool.connection() as connection:
        digests = "SELECT bit_xor(log.fact_digest(notification_id, originator_id,"
        digests += " originator_version, topic, state)), count(*) FROM log.facts"
        digest, facts = connection.execute(digests).fetchone()  # type: ignore[misc]
        claims = connection.execute("SELECT count(*) FROM log.claims").fetchone()
        keys = connection.execute("SELECT count(*) FROM log.subject_keys").fetchone()
    head = registry.log.head()
    assert (head.facts, head.digest) == (facts, digest)
    assert claims == keys == (251,)
    for stream, version, position, name, state in registry.log.read_after(0, 500):
        fact = decode_fact(stream, version, position, name, bytes(state))
        place = (stream, version, name)
        residence = fact.event.recipient.persons[0].residence
        assert registry.keyring.open(residence, place).value == "xã Y Tý"  # type: ignore[union-attr]


def test_a_thousand_facts_in_one_append_do_not_hang(
    registry: Registry, authorship: Authorship
) -> None:
    """The library's own insert hangs for ever from about 800 events on."""
    work = registry.work(authorship)
    for number in range(1_200):
        work.create("award", award(individual(f"Má Seo {number}"), merit="công lao " * 50))
    done = ThreadPoolExecutor(1).submit(work.commit)
    assert done.result(timeout=30).last_position == 1_200


def test_the_same_request_again_adds_nothing_and_answers_the_same(registry: Registry) -> None:
    asked = Authorship("can-bo-thu", "Sở Nội vụ", request="phieu-1", request_digest="a")
    first = registry.create("award", award(), asked)
    again = registry.create("award", award(), asked)
    assert again.repeated
    assert (again.stream_id, again.version, again.position) == (first.stream_id, 1, 1)
    other = Authorship("can-bo-thu", "Sở Nội vụ", request="phieu-1", request_digest="b")
    with pytest.raises(Rejected, match="request-key-reused"):
        registry.create("award", award(individual("Chảo Láo Tả")), other)
    somebody_else = Authorship("can-bo-khac", "Sở Nội vụ", request="phieu-1", request_digest="b")
    assert not registry.create("award", award(individual("Chảo Láo Tả")), somebody_else).repeated


def test_repeating_one_command_on_one_record_is_noticed(registry: Registry) -> None:
    asked = Authorship("can-bo-thu", "Sở Nội vụ", request="in-1", request_digest="a")
    plain = Authorship("can-bo-thu", "Sở Nội vụ")
    recorded = registry.create("award", award(), plain)
    issue = IssueArtifacts((("certificate", "BK 7"),))
    registry.execute("award", recorded.stream_id, issue, asked)
    assert registry.execute("award", recorded.stream_id, issue, asked).repeated
    assert registry.load("award", recorded.stream_id).version == 2


def test_claims_say_nothing_of_persons(database: Database, registry: Registry) -> None:
    registry.create("award", award(individual("Lù Thị Súa")), Authorship("a", "b"))
    with psycopg.connect(database.administrator) as connection:
        rows = connection.execute("SELECT encode(key, 'escape'), kind FROM log.claims").fetchall()
    assert [kind for _, kind in rows] == ["award"]
    assert "súa" not in rows[0][0].lower()
    assert registry.holder(Claim("award", "something else")) is None


_WRITER = """
import sys
from registry.database import Database
from registry.personal_key import read_key_file
from pathlib import Path
from tests.folders import server_folder
from tests.strangers import award, individual
from registry.fact import Authorship

database = Database(sys.argv[1], home_key=read_key_file(Path(sys.argv[2])))
registry = database.registry()
bulk = sys.argv[3] == "bulk"
number = 0
while True:
    work = registry.work(Authorship("a", "b"))
    for _ in range(400 if bulk else 1):
        number += 1
        work.create("award", award(individual(f"{sys.argv[4]} {number}", residence="xã Bản Cái")))
    work.commit()
    print(number, flush=True)
"""


@pytest.mark.parametrize("size", ["single", "bulk"])
def test_what_was_acknowledged_survives_kill_of_writer_and_server(
    tmp_path: Path, size: str
) -> None:
    """kill -9 of writer and server in mid-append: acknowledged facts stand, and nothing half."""
    with server_folder() as folder:
        key_file = tmp_path / "personal.key"
        with EmbeddedPostgres(folder) as server:
            make_database(server.conninfo("postgres", "postgres"), "crash")
            administrator = server.conninfo("crash", "postgres")
            database = Database(administrator, home_key=make_key_file(key_file))
            database.migrate()
            database.close()
            writer = subprocess.Popen(
                [sys.executable, "-c", _WRITER, administrator, str(key_file), size, "Lý A"],
                stdout=subprocess.PIPE,
                text=True,
            )
            assert writer.stdout is not None
            acknowledged = 0
            stop_at = time.monotonic() + 2.0
            while time.monotonic() < stop_at:
                acknowledged = int(writer.stdout.readline())
            postmaster = int((folder / _pid_file(folder)).read_text().split("\n")[0])
            os.kill(postmaster, signal.SIGKILL)
            writer.kill()
            rest, _ = writer.communicate()
            acknowledged = int(rest.split()[-1]) if rest.split() else acknowledged
        with EmbeddedPostgres(folder) as server:
            administrator = server.conninfo("crash", "postgres")
            database = Database(administrator, home_key=read_key_file(key_file))
            registry = database.registry()
            head = registry.log.head()
            facts = registry.log.read_after(0, 1_000_000)
            step = 400 if size == "bulk" else 1
            assert head.position == len(facts)
            assert acknowledged <= len(facts) <= acknowledged + step
            assert len(facts) % step == 0
            stream, version, _, name, state = facts[-1]
            fact = decode_fact(stream, version, 1, name, bytes(state))
            residence = fact.event.recipient.persons[0].residence
            assert registry.keyring.open(residence, (stream, version, name)) is not None
            database.close()


def _pid_file(folder: Path) -> Path:
    return next(folder.glob("**/postmaster.pid")).relative_to(folder)


def test_the_library_reads_our_log(registry: Registry, authorship: Authorship) -> None:
    """The recorder is the library's: its notification selection sees our facts."""
    registry.create("decision", decision(), authorship)
    registry.create("award", award(), authorship)
    log: FactLog = registry.log
    notifications = log.select_notifications(start=1, limit=10)
    assert [one.topic for one in notifications] == ["decision-registered.v1", "award-recorded.v1"]
    assert log.max_notification_id() == 2
    assert log.select_events(notifications[0].originator_id)[0].originator_version == 1


def test_an_empty_append_is_nothing(registry: Registry, authorship: Authorship) -> None:
    assert registry.work(authorship).commit().last_position == 0
    assert registry.log.append(Appending(())).last_position == 0


def test_a_second_register_on_one_database_can_go(database: Database) -> None:
    """The library closes a datastore's pool when its recorder is collected; ours is shared."""
    first, second = database.registry(), database.registry()
    assert first.log.head() == second.log.head()
    del second
    gc.collect()
    assert first.log.head().position == 0
