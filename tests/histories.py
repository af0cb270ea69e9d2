"""Small invented histories, recorded through the register's own way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from projections.registers import REGISTERS
from projections.runner import Runner
from registry.award import GoldenBook, RecordAward
from registry.decision import RegisterDecision
from registry.fact import Authorship
from registry.identifiers import new_id
from registry.recipient import Person, Recipient
from registry.rules import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from registry.database import Database
    from registry.register import Recorded, Registry

AUTHORSHIP = Authorship(actor="can-bo-thu", office="Sở Nội vụ tỉnh Lào Cai")
PAPER = Source("original-decision")
BOOK = Source("golden-book", reference="so-vang.csv", row=7)


@pytest.fixture
def follower(database: Database) -> Iterator[Runner]:
    """A runner of all registers, which follows when told to."""
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    runner.catch_up()
    yield runner
    runner.close()


def register_decision(
    registry: Registry,
    number: str,
    issuer: str = "Chủ tịch nước",
    decided_on: str | None = "1985-04-12",
) -> UUID:
    """Record a decision; return its id."""
    command = RegisterDecision(number, issuer, decided_on, PAPER)
    return registry.create("decision", command, AUTHORSHIP).stream_id


def award_to(
    name: str,
    *,
    born: str | None = "1930",
    place: str | None = "xã Bản Cái, huyện Bắc Hà, tỉnh Hoàng Liên Sơn",
    decision_id: UUID | None = None,
    golden: str | None = None,
    form: str = "CERT-CCVN",
) -> RecordAward:
    """The command that records an award of one person."""
    return RecordAward(
        Recipient("individual", name, (Person(new_id(), born=born, native_place=place),)),
        form,
        BOOK,
        decision_id=decision_id,
        golden_book=GoldenBook(golden) if golden else None,
        listed=False,
        awarded_on=None if decision_id else "1985",
    )


def record_award(registry: Registry, command: RecordAward) -> Recorded:
    """Record an award."""
    return registry.create("award", command, AUTHORSHIP)
