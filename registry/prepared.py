"""A first fact prepared away from the register: judged, sealed and encoded, not yet recorded.

Recording an award that names no other record takes nothing but the catalogue to judge, so a
bulk import lets other processes do it, by the same rules. What is left for `Work.adopt` is
what only the register knows: who holds the award's names, and when it was recorded by whom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from registry import award
from registry.award import AwardRecorded, RecordAward
from registry.days import check_days
from registry.encoding import EventEncoder
from registry.errors import Rejected
from registry.fact import Claim, Outcome, World
from registry.identifiers import new_id
from registry.remark import Remark
from registry.sealing import Sealer

if TYPE_CHECKING:
    from registry.catalogue import Catalogue


(_NAME,) = (name for name, event in award.EVENTS.items() if event is AwardRecorded)


class Prepared(msgspec.Struct, frozen=True, array_like=True):
    """The first fact of a new award: `event` is its part of the stored bytes (`codec.enclose`).

    `keys` are the data keys that its personal values were sealed with, not wrapped yet: the
    key that wraps them stays with the register.
    """

    stream_id: UUID
    name: str
    event: bytes
    claims: Sequence[Claim]
    remarks: tuple[Remark, ...]
    keys: Mapping[str, bytes]


class Preparer:
    """Prepares awards that name no record; knows nothing but the catalogue. Use from one thread."""

    def __init__(self, catalogue: Catalogue, today: date) -> None:
        """Prepare; `today` is the day in Viet Nam by the register's clock."""
        self._world = World(catalogue, {})
        self._today = today
        self._sealer = Sealer({})
        self._encode = EventEncoder(self._sealer).encode

    def prepare(self, commands: Sequence[RecordAward]) -> list[Prepared | None]:
        """Judge awards; None for one that names a record, or that the rules refuse or doubt.

        Who is refused is judged once more where it would be recorded, and told why.

        Step by step, each for all of them: a processor that judges, hashes and seals one award
        after the other reads its program anew from memory for each, and takes half as long again.
        """
        outcomes = [self._judged(command) for command in commands]
        claims = [() if one is None else _claims(one) for one in outcomes]
        return [
            None if outcome is None else self._sealed(outcome, names)
            for outcome, names in zip(outcomes, claims, strict=True)
        ]

    def _judged(self, command: RecordAward) -> Outcome | None:
        if award.named_records(command):
            return None
        try:
            check_days("award", command, self._today)
            outcome = award.decide(award.INITIAL, command, self._world)
        except Rejected:
            return None
        # A doubt is a fact of its own; few awards have one.
        return outcome if len(outcome.events) == 1 else None

    def _sealed(self, outcome: Outcome, claims: Sequence[Claim]) -> Prepared:
        stream_id = new_id()
        encoded = self._encode((stream_id, 1, _NAME), outcome.events[0])
        return Prepared(
            stream_id, _NAME, encoded, claims, outcome.remarks, self._sealer.hand_over()
        )


def _claims(outcome: Outcome) -> Sequence[Claim]:
    (event,) = outcome.events
    return award.claims(award.evolve(award.INITIAL, event), event)


def command_again(event: AwardRecorded, decision_id: UUID) -> RecordAward:
    """The command that a prepared event came of, now naming the decision it belongs to.

    Its personal values stay sealed, which is right only for the same record.
    """
    said = {one.name: getattr(event, one.name) for one in fields(RecordAward)}
    return RecordAward(**{**said, "decision_id": decision_id})
