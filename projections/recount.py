"""What the registers must say, counted from the facts alone: for an auditor without a database.

Every fact is decoded as strictly as the register decodes it, so that bytes which this program
could not have written are found even where they were sealed that way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from registry.artifact import ArtifactIssued
from registry.award import AwardRecorded
from registry.codec import decode_fact
from registry.decision import DecisionRegistered
from registry.errors import CorruptFact

if TYPE_CHECKING:
    from registry.proofs.auditing import Archive, Audit
    from registry.proofs.leaves import StoredFact

_REGISTER_OF = {
    DecisionRegistered: "decisions",
    AwardRecorded: "awards",
    ArtifactIssued: "artifacts",
}


class Recount:
    """An archive whose facts are counted while they are audited."""

    def __init__(self, archive: Archive) -> None:
        self.key_lists = archive.key_lists
        self.heads = archive.heads
        self.tile = archive.tile
        self.strays = archive.strays
        self._facts = archive.facts
        self.counts = dict.fromkeys(_REGISTER_OF.values(), 0)
        self._corrupt: list[CorruptFact] = []

    def facts(self) -> Iterator[StoredFact]:
        """The facts, each decoded on its way."""
        for fact in self._facts():
            self._count(fact)
            yield fact

    def tell(self, found: Audit) -> None:
        """Add what could not be decoded to an audit's findings."""
        for error in self._corrupt:
            found.blame(error.code, **error.params)

    def _count(self, fact: StoredFact) -> None:
        try:
            decoded = decode_fact(fact.stream, fact.version, fact.position, fact.name, fact.state)
        except CorruptFact as error:
            self._corrupt.append(error)
            return
        register = _REGISTER_OF.get(type(decoded.event))
        if register is not None:
            self.counts[register] += 1
