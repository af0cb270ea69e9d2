"""Marks: what the register wrote is told from what anybody inserted, whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given
from hypothesis import strategies as st

from api.identity import TokenBook
from api.refusals import NotSignedIn
from projections import ledger, sealed_log
from projections.rebuild import rebuild
from projections.registers import REGISTERS
from projections.runner import Runner
from projections.sealed_archive import DatabaseArchive, one_moment, write_kit
from registry.codec import encode_facts
from registry.errors import CorruptFact
from registry.fact import Claim, Fact
from registry.identifiers import new_id
from registry.marks import Marks
from registry.user import AddUser, GrantToken, TokenGranted, UserAdded, token_digest
from tests.api_house import open_house
from tests.made_log import publish_list, record, sequencer, tamper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry

TOKEN = "ma-cua-ke-la"
KEY = bytes(range(32))
Place = tuple[UUID, int, str, bytes]


def refusal(read: Callable[[], object]) -> tuple[str, object]:
    with pytest.raises(CorruptFact) as caught:
        read()
    return caught.value.code, caught.value.params["position"]


def a_stranger(registry: Registry, authorship: Authorship) -> tuple[UUID, list[StoredEvent]]:
    """The facts of a user that nobody added, as this program would write them."""
    stream = new_id()
    events = (
        UserAdded("Kẻ Lạ", "leader", authorship.office),
        TokenGranted(token_digest(TOKEN)),
    )
    facts: list[Fact[Any]] = [
        Fact(stream, version, 0, registry.clock(), authorship, event)
        for version, event in enumerate(events, 1)
    ]
    return stream, encode_facts(facts, registry.keyring.sealer(()))


def plant(conninfo: str, registry: Registry, authorship: Authorship) -> int:
    """Insert a stranger with a token by plain statements; returns the first position."""
    stream, events = a_stranger(registry, authorship)
    with psycopg.connect(conninfo) as connection:
        first = connection.execute("SELECT position + 1 FROM log.head").fetchone()
        assert first is not None
        for position, event in enumerate(events, first[0]):
            connection.execute(
                "INSERT INTO log.facts (notification_id, originator_id, originator_version,"
                " topic, state) VALUES (%s, %s, %s, %s, %s)",
                (position, stream, event.originator_version, event.topic, event.state),
            )
        claim = Claim("user", f"token {token_digest(TOKEN)}")
        connection.execute(
            "INSERT INTO log.claims (key, kind, stream) VALUES (%s, %s, %s)",
            (claim.digest, claim.kind, stream),
        )
    return int(first[0])


def the_same(stream: UUID, version: int, name: str, state: bytes) -> StoredEvent:
    return StoredEvent(stream, version, name, state)


# The mark itself ----------------------------------------------------------------------------

places = st.tuples(
    st.uuids(), st.integers(1, 2**62), st.text("abc-.v1", min_size=1), st.binary(max_size=300)
)


@given(st.lists(places, max_size=8))
def test_what_was_marked_is_genuine(facts: list[Place]) -> None:
    marks = Marks(KEY)
    rows = [(n, *one, marks.of(the_same(*one))) for n, one in enumerate(facts, 1)]
    assert marks.genuine(rows) == len(rows)
    assert list(marks.strangers(rows)) == []
    marks.require(rows)


@given(places, places)
def test_a_mark_is_good_for_one_fact_only(one: Place, other: Place) -> None:
    marks = Marks(KEY)
    assert (marks.of(the_same(*one)) == marks.of(the_same(*other))) == (one == other)
    assert marks.of(the_same(*one)) != Marks(bytes(32)).of(the_same(*one))


@given(places, st.sampled_from(["none", "zero", "short", "other"]), st.integers(1, 5))
def test_the_first_stranger_is_named_wherever_it_stands(one: Place, how: str, at: int) -> None:
    marks = Marks(KEY)
    good = marks.of(the_same(*one))
    bad = {"none": None, "zero": bytes(16), "short": good[:15], "other": good[::-1]}[how]
    rows = [(n, *one, bad if n == at else good) for n in range(1, 6)]
    if bad == good:  # a palindrome, once in the life of the universe
        return
    assert marks.genuine(rows) == at - 1
    assert [row[0] for row in marks.strangers(rows)] == [at]
    assert refusal(lambda: marks.require(rows)) == ("fact-unauthenticated", at)


def test_bytes_that_move_from_one_mark_to_the_next_are_noticed() -> None:
    marks = Marks(KEY)
    places_of = [(new_id(), 1, "a.v1", b"{}") for _ in range(2)]
    first, second = (marks.of(the_same(*one)) for one in places_of)
    rows = [(1, *places_of[0], first + second[:1]), (2, *places_of[1], second[1:])]
    assert marks.genuine(rows) == 0


def test_facts_of_an_older_program_need_none_up_to_their_end() -> None:
    marks = Marks(KEY, unmarked_until=2)
    place = (new_id(), 1, "a.v1", b"{}")
    good = marks.of(the_same(*place))
    rows = [(1, *place, None), (2, *place, None), (3, *place, good)]
    assert marks.genuine(rows) == 3
    assert marks.genuine([*rows, (4, *place, None)]) == 3
    # One that has a mark must have the right one, however old it is.
    assert marks.genuine([(1, *place, good[::-1])]) == 0


# Whoever reads ------------------------------------------------------------------------------


@pytest.mark.parametrize("planter", ["writer", "superuser"])
def test_a_planted_fact_is_refused_by_everybody(
    database: Database, registry: Registry, authorship: Authorship, planter: str
) -> None:
    publish_list(database)
    record(registry, authorship, 3)
    by = database.administrator if planter == "superuser" else database.conninfo("writer")
    at = plant(by, registry, authorship)
    record(registry, authorship, 1, "Sau")
    stream = a_stranger_in(database, at)
    # The register, and with it whoever lets people in.
    code = ("fact-unauthenticated", at)
    assert refusal(lambda: registry.load("user", stream)) == code
    assert refusal(lambda: registry.load_all({stream: "user"})) == code
    assert refusal(lambda: registry.log.read_after(0, 100)) == code
    with pytest.raises((CorruptFact, NotSignedIn)):
        TokenBook(registry).user(f"Bearer {TOKEN}")
    # The registers: those who follow, and those who begin anew.
    with_code(database, at)
    assert (
        refusal(lambda: rebuild(database.conninfo("projector"), database.marks, REGISTERS)) == code
    )
    # The sequencer seals what stands in front, and nothing of it.
    sealing = sequencer(database)
    assert sealing.seal() == at - 1
    assert refusal(sealing.seal) == code
    sealing.close()
    with one_moment(database.conninfo("reader")) as connection:
        cursor = connection.cursor()
        assert sealed_log.seal_state(cursor).size == at - 1
        assert refusal(lambda: list(DatabaseArchive(connection, database.marks).facts())) == code
        assert refusal(lambda: sealed_log.read_fact(cursor, database.marks, at)) == code


def a_stranger_in(database: Database, position: int) -> UUID:
    with psycopg.connect(database.administrator) as connection:
        found = connection.execute(
            "SELECT originator_id FROM log.facts WHERE notification_id = %s", (position,)
        ).fetchone()
    assert found is not None
    return UUID(str(found[0]))


def with_code(database: Database, at: int) -> None:
    """Registers that follow stand still in front of a position, and say why."""
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    runner.catch_up()
    runner.close()
    with database.pool("reader").connection() as connection:
        for one in ledger.status(connection.cursor()):
            assert one.position == at - 1
            assert one.failure is not None
            assert (one.failure.code, one.failure.position) == ("fact-unauthenticated", at)


@pytest.mark.parametrize(
    "change",
    [
        "state = convert_to(replace(convert_from(state, 'UTF8'), 'Cán bộ', 'Cán  bộ'), 'UTF8')",
        "topic = 'user-disabled.v1'",
        "originator_version = 7",
        "mark = NULL",
        "mark = decode(repeat('00', 16), 'hex')",
    ],
)
def test_a_changed_fact_is_refused(
    database: Database, registry: Registry, authorship: Authorship, change: str
) -> None:
    record(registry, authorship, 3)
    tamper(database, f"UPDATE log.facts SET {change} WHERE notification_id = 2")  # noqa: S608
    assert refusal(lambda: registry.log.read_after(0, 100)) == ("fact-unauthenticated", 2)


def test_a_mark_of_another_home_is_none(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    record(registry, authorship, 1)
    (_, event) = a_stranger(registry, authorship)
    stranger = Marks(bytes(32))
    with psycopg.connect(database.conninfo("writer")) as connection:
        connection.execute(
            "INSERT INTO log.facts VALUES (2, %s, 1, %s, %s, %s)",
            (event[0].originator_id, event[0].topic, event[0].state, stranger.of(event[0])),
        )
    assert refusal(lambda: registry.log.read_after(0, 100)) == ("fact-unauthenticated", 2)


def test_a_planted_key_list_is_in_force_nowhere(
    database: Database,
) -> None:
    publish_list(database)
    with one_moment(database.conninfo("reader")) as connection:
        before = sealed_log.read_key_list(connection.cursor(), database.marks)
    with psycopg.connect(database.conninfo("writer")) as connection:
        connection.execute(
            "INSERT INTO log.facts (notification_id, originator_id, originator_version, topic,"
            " state) SELECT 2, originator_id, 2, topic, state FROM log.facts"
        )
    with one_moment(database.conninfo("reader")) as connection:
        assert sealed_log.read_key_list(connection.cursor(), database.marks) == before
        assert [
            fact.position for fact in sealed_log.key_list_facts(connection.cursor(), database.marks)
        ] == [1]


def test_a_kit_is_not_made_of_what_the_register_did_not_write(
    database: Database, registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    """A fact that was sealed and lost its mark: an older copy, or somebody's hand."""
    publish_list(database)
    record(registry, authorship, 3)
    sealing = sequencer(database)
    sealing.seal_all()
    sealing.close()
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    runner.catch_up()
    runner.close()
    tamper(database, "UPDATE log.facts SET mark = NULL WHERE notification_id = 3")
    kit = tmp_path / "kit"
    wanted = ("fact-unauthenticated", 3)
    assert refusal(lambda: write_kit(database.conninfo("reader"), database.marks, kit)) == wanted


@pytest.mark.parametrize("count", [3, 300])
def test_both_ways_in_mark(
    database: Database, registry: Registry, authorship: Authorship, count: int
) -> None:
    """One statement, and COPY for many."""
    record(registry, authorship, count)
    with psycopg.connect(database.administrator) as connection:
        found = connection.execute(
            "SELECT count(*) FROM log.facts WHERE octet_length(mark) = 16"
        ).fetchone()
    assert found == (count,)
    assert len(registry.log.read_after(0, 1_000)) == count


def test_the_librarys_way_in_marks_too(registry: Registry, authorship: Authorship) -> None:
    _, events = a_stranger(registry, authorship)
    registry.log.insert_events(events)
    assert [row[1] for row in registry.log.read_after(0, 10)] == [1, 2]


def test_a_genuine_user_is_let_in(registry: Registry, authorship: Authorship) -> None:
    """The other side of the planted one."""
    added = registry.create("user", AddUser("Người Nhà", "clerk", authorship.office), authorship)
    registry.execute("user", added.stream_id, GrantToken(token_digest(TOKEN)), authorship)
    user = TokenBook(registry).user(f"Bearer {TOKEN}")
    assert user is not None
    assert user.id == added.stream_id


# Whoever looks at the server's health --------------------------------------------------------


def test_ready_tells_of_a_planted_fact_and_of_a_lost_end(
    database: Database, authorship: Authorship
) -> None:
    with open_house(database) as house:
        house.decision()
        house.catch_up()
        assert house.done(house.get("/health/ready"))["log"]["failure"] is None
        at = plant(database.conninfo("writer"), house.registry, authorship)
        house.catch_up()
        body = house.get("/health/ready").json()
        assert body["status"] == "degraded"
        assert {one["failure"] for one in body["projections"]} == {"fact-unauthenticated"}
        # Who comes with the planted token comes in nowhere, and the answer is no stack trace.
        refused = house.client.get("/api/awards", headers={"Authorization": f"Bearer {TOKEN}"})
        assert refused.status_code >= 400
        tamper(database, f"DELETE FROM log.facts WHERE notification_id >= {at}")  # noqa: S608
        answer = house.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["log"]["failure"] == "log-head-differs"
