"""What a readable row would record, with the names that its awards would take.

All that needs only the row and the catalogue is done where rows are read, for a large file in
other processes: a line of a register is judged, sealed and encoded there (`registry.prepared`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Final, TypeAlias, cast
from uuid import UUID

import msgspec

from api.sheets.row_results import (
    DecisionMention,
    Problem,
    ReadableRow,
    ReadRow,
    SkippedLine,
    UnreadableRow,
)
from registry.award import AwardRecorded, RecordAward, golden_claim, meaning_of
from registry.decision import identity_claim
from registry.fact import Claim
from registry.prepared import Prepared, Preparer

DECISIONS_REMEMBERED_MAX: Final = 4_096


class Plan(msgspec.Struct, array_like=True):
    """A readable row, the names it would take, and its awards as far as they could be prepared.

    `identity` is its decision's name, `name` what the report calls the row by. Either all awards
    of the row are `prepared` and have their names with them, or none is and it has to be judged
    as it was `read`. A line of a decision's list has no `meanings` until the record of its
    decision is known, because the same line under another decision is another award.
    """

    row: int
    name: str
    listed: bool
    identity: Claim | None
    warnings: Sequence[Problem]
    prepared: Sequence[Prepared] = ()
    read: ReadableRow | None = None
    meanings: Sequence[Claim] = ()
    golden: Sequence[Claim] = ()
    decision_id: UUID | None = None
    notes: Sequence[tuple[str, Mapping[str, str | int]]] = ()

    def take_names(self) -> None:
        """Take over the names of the prepared awards."""
        if self.prepared:
            self.meanings = [one.claims[0] for one in self.prepared]
            self.golden = [claim for one in self.prepared for claim in one.claims[1:]]

    def settle(self, decision_id: UUID | None) -> None:
        """Say which record a list's decision has, or that it has none yet."""
        if not self.listed or decision_id == self.decision_id:
            return
        self.decision_id = decision_id
        self.meanings = ()
        if decision_id is not None and self.read is not None:
            self.meanings = [
                meaning(replace(award, decision_id=decision_id)) for award in self.read.awards
            ]


PlannedRow: TypeAlias = Plan | UnreadableRow | SkippedLine


def plan_rows(rows: Iterable[ReadRow], preparer: Preparer) -> list[PlannedRow]:
    """Prepare what readable rows would record; other rows stay as they are."""
    planned = [_plan(row) if isinstance(row, ReadableRow) else row for row in rows]
    plans = [plan for plan in planned if isinstance(plan, Plan)]
    prepared = iter(preparer.prepare([award for plan in plans for award in _alone(plan)]))
    for plan in plans:
        _settle_names(plan, [one for one in islice(prepared, len(_alone(plan))) if one is not None])
    return planned


def _plan(read: ReadableRow) -> Plan:
    award = read.awards[0]
    identity = None if read.mention is None else _identity(read.mention)
    name, notes = award.recipient.name, read.notes
    return Plan(read.row, name, award.listed, identity, read.warnings, read=read, notes=notes)


def _alone(plan: Plan) -> Sequence[RecordAward]:
    """The row's awards that may be judged away from the register: a list's name its decision."""
    return () if plan.listed or plan.read is None else plan.read.awards


def _settle_names(plan: Plan, prepared: Sequence[Prepared]) -> None:
    """All awards of a row are prepared, or none: a row stands or falls as a whole."""
    assert plan.read is not None  # noqa: S101 - just made
    awards = plan.read.awards
    if len(prepared) == len(awards):
        plan.prepared, plan.read = prepared, None
        return
    plan.meanings = () if plan.listed else [meaning(award) for award in awards]
    plan.golden = [claim for award in awards for claim in golden_claim(award.golden_book)]


def meaning(award: RecordAward) -> Claim:
    """The name that recording an award takes.

    `meaning_of` reads nothing of the fact that the command does not have under the same name.
    """
    return Claim("award", meaning_of(cast("AwardRecorded", award)))


@lru_cache(DECISIONS_REMEMBERED_MAX)
def _identity(mention: DecisionMention) -> Claim:
    return identity_claim(mention.issuer, mention.number, mention.decided_on)


@dataclass(slots=True)
class Seen:
    """What a dry run would have recorded so far: the row by a short digest of each name taken.

    A real run does not need it: the register itself knows. Two names share 64 bits of digest
    once in some ten million imports of a million rows.
    """

    rows: dict[int, int] = field(default_factory=dict)
    decision_ids: dict[Claim, UUID] = field(default_factory=dict)

    def row_of(self, claim: Claim) -> int | None:
        """The row that took a name in this dry run, or None."""
        return self.rows.get(_short(claim)) if self.rows else None

    def take(self, claim: Claim, row: int) -> None:
        """Note that a row would take a name."""
        self.rows.setdefault(_short(claim), row)


def _short(claim: Claim) -> int:
    return int.from_bytes(claim.digest[:8], "big")
