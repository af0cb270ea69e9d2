"""What a readable row would record, with the names that its awards would take.

All that needs only the row and the catalogue is done where rows are read, for a large file in
other processes: a line of a register is judged, sealed and encoded there (`registry.prepared`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast
from uuid import UUID

import msgspec

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
from registry.personal import Clear
from registry.prepared import Prepared, prepare_award

if TYPE_CHECKING:
    from registry.catalogue import Catalogue

DECISIONS_REMEMBERED_MAX: Final = 4_096


@dataclass(slots=True)
class Plan:
    """A readable row, the names it would take, and its awards as far as they could be prepared.

    `identity` is its decision's name. A line of a decision's list has no `meanings` until the
    record of its decision is known, because the same line under another decision is another
    award; nothing of it is `prepared`, or else each of its awards is. From another process a
    row comes `packed`: hardly one is looked at again.
    """

    row: int
    listed: bool
    identity: Claim | None
    prepared: Sequence[Prepared]
    warnings: Sequence[Problem]
    meanings: Sequence[Claim]
    golden: Sequence[Claim]
    packed: bytes = b""
    unpacked: ReadableRow | None = None
    decision_id: UUID | None = None

    def __post_init__(self) -> None:
        """Take the names of prepared awards from them."""
        if self.prepared:
            self.meanings = [one.claims[0] for one in self.prepared]
            self.golden = [claim for one in self.prepared for claim in one.claims[1:]]

    @property
    def read(self) -> ReadableRow:
        """The row as it was read."""
        if self.unpacked is None:
            self.unpacked = _UNPACK(self.packed)
        return self.unpacked

    def pack(self) -> None:
        """Make the row ready to be sent to another process, with nothing in it twice."""
        self.packed, self.unpacked = _PACK(self.unpacked), None
        if self.prepared:
            self.meanings = self.golden = ()

    def settle(self, decision_id: UUID | None) -> None:
        """Say which record a list's decision has, or that it has none yet."""
        if not self.listed or decision_id == self.decision_id:
            return
        self.decision_id = decision_id
        self.meanings = ()
        if decision_id is not None:
            self.meanings = [
                meaning(replace(award, decision_id=decision_id)) for award in self.read.awards
            ]


PlannedRow: TypeAlias = Plan | UnreadableRow | SkippedLine


def plan_row(read: ReadRow, catalogue: Catalogue) -> PlannedRow:
    """Prepare what a readable row would record; other rows stay as they are."""
    if not isinstance(read, ReadableRow):
        return read
    listed = read.awards[0].listed
    prepared = () if listed else _prepare(read.awards, catalogue)
    return Plan(
        row=read.row,
        listed=listed,
        identity=None if read.mention is None else _identity(read.mention),
        prepared=prepared,
        warnings=read.warnings,
        meanings=() if listed or prepared else [meaning(award) for award in read.awards],
        golden=[]
        if prepared
        else [claim for award in read.awards for claim in golden_claim(award.golden_book)],
        unpacked=read,
    )


def _prepare(awards: Sequence[RecordAward], catalogue: Catalogue) -> Sequence[Prepared]:
    """All awards of a row, or none: a row stands or falls as a whole."""
    prepared = [prepare_award(award, catalogue) for award in awards]
    return [one for one in prepared if one is not None] if all(prepared) else ()


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


def _store_clear(value: Any) -> list[str]:
    """A personal value on its way between two processes of ours, not yet sealed."""
    if isinstance(value, Clear):
        return [value.subject, value.kind, value.value]
    raise NotImplementedError(type(value).__name__)


def _load_clear(_kind: type, stored: Any) -> Clear:
    return Clear(*stored)


_PACK: Final = msgspec.msgpack.Encoder(enc_hook=_store_clear).encode
_UNPACK: Final = msgspec.msgpack.Decoder(ReadableRow, dec_hook=_load_clear).decode
