"""A first fact prepared away from the register: judged, sealed and encoded, not yet recorded.

Recording an award that names no other record takes nothing but the catalogue to judge, so a
bulk import lets other processes do it, by the same rules. What is left for `Work.adopt` is
what only the register knows: who holds the award's names, and when it was recorded by whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from registry import award
from registry.codec import EventEncoder
from registry.errors import Rejected
from registry.fact import Claim, World
from registry.identifiers import new_id
from registry.remark import Remark
from registry.sealing import Sealer

if TYPE_CHECKING:
    from registry.award import RecordAward
    from registry.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Prepared:
    """The first fact of a new award: `event` is its part of the stored bytes (`codec.enclose`).

    `keys` are the data keys that its personal values were sealed with, not wrapped yet: the
    key that wraps them stays with the register.
    """

    stream_id: UUID
    name: str
    event: bytes
    claims: Sequence[Claim]
    remarks: tuple[Remark, ...]
    keys: Sequence[tuple[UUID, bytes]]


def prepare_award(command: RecordAward, catalogue: Catalogue) -> Prepared | None:
    """Judge an award that names no record; None if it does, or if the rules refuse it.

    Who is refused is judged once more where it would be recorded, and told why.
    """
    if award.named_records(command):
        return None
    try:
        outcome = award.decide(award.INITIAL, command, World(catalogue, {}))
    except Rejected:
        return None
    (event,) = outcome.events
    stream_id, sealer = new_id(), Sealer({}, lambda _subject, key: key)
    name, encoded = EventEncoder(sealer).encode(stream_id, 1, event)
    claims = award.claims(award.evolve(award.INITIAL, event), event)
    return Prepared(
        stream_id, name, encoded, claims, outcome.remarks, tuple(sealer.new_keys.items())
    )
