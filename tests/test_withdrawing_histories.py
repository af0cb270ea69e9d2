"""Whatever is recorded, withdrawn and recorded again: names and registers follow from the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.artifacts import ArtifactFilter, list_artifacts
from projections.awards import AwardFilter, list_awards
from projections.register_check import check_registers
from projections.registers import REGISTERS
from projections.runner import Runner
from registry import appending as appending_module
from registry.award import DeliverArtifact, IssueArtifacts, WithdrawAward, WithdrawDelivery
from registry.award.artifact import Receiver
from registry.errors import AlreadyRecorded, Rejected
from registry.identifiers import new_id
from tests.conftest import fresh_database
from tests.histories import AUTHORSHIP, award_to
from tests.test_register_check import names_and_keys

if TYPE_CHECKING:
    from registry.database import Database
    from registry.embedded import EmbeddedPostgres
    from registry.register import Registry

RECEIVER = Receiver("recipient", new_id(), "Vàng Seo Một")
NAMES = ("Vàng Seo Một", "Vàng Seo Hai", "Vàng Seo Ba")
SERIALS = ("A-1", "A-2")
GOLDEN = (None, "83", "84")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("record", "record", "issue", "deliver", "undo", "withdraw", "withdraw")),
        st.integers(0, len(NAMES) - 1),
        st.sampled_from(SERIALS),
        st.sampled_from(GOLDEN),
        st.booleans(),
    ),
    min_size=4,
    max_size=25,
)


class Model:
    """What should be so: which names stand, and which serials they have."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.standing: dict[str, UUID] = {}
        self.serials: dict[str, str] = {}
        self.withdrawn: list[UUID] = []
        self.delivered: set[str] = set()

    def take(self, act: str, place: int, serial: str, golden: str | None) -> None:
        name = NAMES[place]
        match act:
            case "record":
                self.record(name, golden)
            case "issue":
                self.issue(name, serial)
            case "deliver":
                self.hand_over(DeliverArtifact(serial, "2026-02-01", RECEIVER), serial)
            case "undo":
                self.hand_over(WithdrawDelivery(serial, "ghi nhầm"), serial)
            case _:
                self.withdraw(name)

    def record(self, name: str, golden: str | None) -> None:
        command = award_to(name, golden=golden, form="ORD-KC-US")
        if name in self.standing:
            with pytest.raises(AlreadyRecorded) as refused:
                self.registry.create("award", command, AUTHORSHIP)
            assert refused.value.holder == self.standing[name]
            return
        self.standing[name] = self.registry.create("award", command, AUTHORSHIP).stream_id

    def issue(self, name: str, serial: str) -> None:
        if name not in self.standing:
            return
        command = IssueArtifacts((("certificate", serial),))
        free = serial not in self.serials and name not in self.serials.values()
        try:
            self.registry.execute("award", self.standing[name], command, AUTHORSHIP)
        except (Rejected, AlreadyRecorded):
            assert not free
        else:
            assert free
            self.serials[serial] = name

    def hand_over(self, command: DeliverArtifact | WithdrawDelivery, serial: str) -> None:
        """Deliver an artifact that is there, or take that back; whichever can be."""
        delivers = isinstance(command, DeliverArtifact)
        name = self.serials.get(serial)
        if name is None or (name in self.delivered) == delivers:
            return
        self.registry.execute("award", self.standing[name], command, AUTHORSHIP)
        self.delivered ^= {name}

    def withdraw(self, name: str) -> None:
        command = WithdrawAward("ghi nhầm")
        if name not in self.standing:
            for one in self.withdrawn[-1:]:
                with pytest.raises(Rejected, match="award-withdrawn"):
                    self.registry.execute("award", one, command, AUTHORSHIP)
            return
        if name in self.delivered:
            with pytest.raises(Rejected, match="withdraw-artifact-delivered"):
                self.registry.execute("award", self.standing[name], command, AUTHORSHIP)
            return
        award_id = self.standing.pop(name)
        self.registry.execute("award", award_id, command, AUTHORSHIP)
        self.withdrawn.append(award_id)
        self.serials = {one: owner for one, owner in self.serials.items() if owner != name}


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
def test_names_and_registers_are_those_that_the_facts_make(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, steps: Any
) -> None:
    with fresh_database(server) as database:
        model = Model(database.registry())
        runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
        runner.catch_up()
        for act, place, serial, golden, in_bulk in steps:
            monkeypatch.setattr(appending_module, "BULK_FACTS_MIN", 1 if in_bulk else 200)
            model.take(act, place, serial, golden)
            if in_bulk:
                runner.catch_up()
        runner.catch_up()
        runner.close()
        assert names_and_keys(database) == []
        assert differing_rows(database) == []
        with database.pool("reader").connection() as connection, connection.cursor() as cursor:
            rows = list_awards(cursor, AwardFilter(), 50).rows
            shown = list_artifacts(cursor, ArtifactFilter(), 50).rows
        assert {row.name: row.id for row in rows} == model.standing
        by_id = {award_id: name for name, award_id in model.standing.items()}
        assert {row.serial: by_id[row.award_id] for row in shown} == model.serials
        assert {by_id[row.award_id] for row in shown if row.stage == "delivered"} == (
            model.delivered
        )


def differing_rows(database: Database) -> list[Any]:
    told: list[Any] = []
    with psycopg.connect(database.conninfo("projector")) as kept:
        kept.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        check_registers(
            kept,
            database.conninfo("projector"),
            database.marks,
            REGISTERS,
            tell=lambda code, **params: told.append((code, params)),
        )
    return told
