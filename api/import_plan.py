"""What a readable row would record, with the names that its awards would take.

The names are worked out by the thread that reads, so that judging finds them ready.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, TypeAlias, cast
from uuid import UUID

from api.sheets.rows import (
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

DECISIONS_REMEMBERED_MAX: Final = 4_096


@dataclass(slots=True)
class Plan:
    """A readable row and the names it would take.

    `identity` is its decision's. A line of a decision's list has no `meanings` until the record
    of its decision is known, because the same line under another decision is another award.
    """

    row: int
    mention: DecisionMention | None
    awards: Sequence[RecordAward]
    warnings: Sequence[Problem]
    identity: Claim | None
    golden: Sequence[Sequence[Claim]]
    listed: bool
    meanings: Sequence[Claim] = ()
    decision_id: UUID | None = None

    def settle(self, decision_id: UUID | None) -> None:
        """Say which record a list's decision has, or that it has none yet."""
        if not self.listed or decision_id == self.decision_id:
            return
        self.decision_id = decision_id
        self.meanings = ()
        if decision_id is not None:
            self.meanings = [
                meaning(replace(award, decision_id=decision_id)) for award in self.awards
            ]


PlannedRow: TypeAlias = Plan | UnreadableRow | SkippedLine


def plan_row(read: ReadRow) -> PlannedRow:
    """Work out the names that a readable row would take; other rows stay as they are."""
    if not isinstance(read, ReadableRow):
        return read
    listed = read.awards[0].listed
    return Plan(
        row=read.row,
        mention=read.mention,
        awards=read.awards,
        warnings=read.warnings,
        identity=None if read.mention is None else _identity(read.mention),
        golden=[golden_claim(award.golden_book) for award in read.awards],
        listed=listed,
        meanings=() if listed else [meaning(award) for award in read.awards],
    )


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
