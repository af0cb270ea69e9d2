"""What the registers must say, told again from the facts alone: for whoever has no database.

Every fact is decoded as strictly as the register decodes it, so that bytes which this program
could not have written are found even where they were sealed that way. Decisions and awards are
then told again, each from its first fact to its last, by the rules themselves; and with the awards
every bit of every status list (`recount_lists`). Between the two the facts wait in a file of
their own: memory holds one record, whatever the size.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from projections.paper_recount import PaperRecount
from projections.recount_lists import ListRecount
from projections.recount_names import NameRecount, UnwrapFunction
from projections.recount_persons import PersonRecount, TellFunction
from registry import award, decision
from registry.award.artifact_state import stage_name
from registry.codec import decode_fact
from registry.disclosure import PersonalKeysDisclosed
from registry.errors import CorruptFact
from registry.status_list import StatusListPublished

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    import psycopg

    from registry.fact import Fact
    from registry.proofs.auditing import Archive, Audit
    from registry.proofs.leaves import StoredFact

Counts: TypeAlias = dict[str, Counter[str]]

_TOLD: Final = frozenset(decision.EVENTS) | frozenset(award.EVENTS)


class Recount:
    """An archive whose facts up to a position are told again while it is audited.

    A context manager: at its end the file of facts is gone.
    """

    def __init__(self, archive: Archive, until: int) -> None:
        self.key_lists = archive.key_lists
        self.heads = archive.heads
        self.stamps = archive.stamps
        self.tile = archive.tile
        self.strays = archive.strays
        self.differing_copies = archive.differing_copies
        self._facts = archive.facts
        self._until = until
        self._corrupt: list[CorruptFact] = []
        # Without a name as soon as it is open: however the process ends, the facts in it are gone.
        with tempfile.TemporaryDirectory(prefix="sovang-recount-") as folder:
            self._waiting = sqlite3.connect(Path(folder) / "facts", isolation_level=None)
            self._waiting.execute("PRAGMA synchronous = OFF")
            self._waiting.execute("PRAGMA journal_mode = MEMORY")
            self._waiting.execute("CREATE TABLE fact (stream, version, position, name, state)")
        self._lists = ListRecount(self._waiting)
        self._papers = PaperRecount(self._waiting)
        self.persons: PersonRecount | None = None
        self.names: NameRecount | None = None
        self.disclosed_to: set[str] = set()
        self._waiting.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._waiting.close()

    def open_persons(self, secret: bytes, lines: Iterator[bytes], tell: TellFunction) -> None:
        """Let an auditor's key open what it opens. Raises `VerificationFailed`."""
        self.persons = PersonRecount(self._waiting, secret, lines, tell)

    def compare_names(self, kept: psycopg.Connection[Any], unwrap: UnwrapFunction) -> None:
        """Let names and persons' keys of a database be compared with what all its facts make."""
        self.names = NameRecount(self._waiting, kept, unwrap)

    def facts(self) -> Iterator[StoredFact]:
        """The facts, each decoded on its way."""
        for fact in self._facts():
            self._look_at(fact)
            yield fact

    def said(self, found: Audit) -> dict[str, Any]:
        """What the registers must say; what could not be decoded is told in the audit."""
        for error in self._corrupt:
            found.blame(error.code, **error.params)
        counts: Counts = {name: Counter() for name in ("artifacts", "awards", "decisions")}
        rows = self._waiting.execute("SELECT * FROM fact ORDER BY stream, version")
        for stream, facts in groupby(rows, lambda row: row[0]):
            self._tell(UUID(bytes=stream), list(facts), counts)
        if self.names is not None:
            self.names.check(found)
        self._lists.check(found)
        self._papers.check(found)
        if self.persons is not None:
            self.persons.check(found)
        return {"position": self._until, **{name: dict(one) for name, one in counts.items()}}

    def _look_at(self, fact: StoredFact) -> None:
        try:
            read = decode_fact(fact.stream, fact.version, fact.position, fact.name, fact.state)
        except CorruptFact as error:
            self._corrupt.append(error)
            return
        if self.persons is not None:
            self.persons.add(read)
        if isinstance(read.event, PersonalKeysDisclosed):
            self.disclosed_to.add(read.event.auditor_key)
        if isinstance(read.event, StatusListPublished) and fact.position <= self._until:
            self._lists.add_list(fact.position, read.event)
        told = fact.name in _TOLD and fact.position <= self._until
        if told or self.names is not None:
            row = (fact.stream.bytes, fact.version, fact.position, fact.name, fact.state)
            self._waiting.execute("INSERT INTO fact VALUES (?, ?, ?, ?, ?)", row)

    def _tell(self, stream: UUID, rows: list[tuple[Any, ...]], counts: Counts) -> None:
        """Tell one record from its facts, and count where it ends."""
        facts = [decode_fact(stream, version, *rest) for _, version, *rest in rows]
        if self.names is not None:
            self.names.add(facts)
        facts = [fact for fact in facts if fact.position <= self._until]
        name = rows[0][3]
        if facts and name in decision.EVENTS:
            _tell_decision(facts, counts)
            self._papers.add_decision(facts)
        elif facts and name in award.EVENTS:
            _tell_award(facts, counts)
            self._lists.add_award(facts)
            self._papers.add_award(facts)


def _tell_decision(facts: list[Fact[Any]], counts: Counts) -> None:
    told = decision.INITIAL
    for fact in facts:
        told = decision.evolve(told, fact.event)
    if isinstance(told, decision.Registered):
        counts["decisions"][decision.standing_name(told)] += 1


def _tell_award(facts: list[Fact[Any]], counts: Counts) -> None:
    state = award.INITIAL
    for fact in facts:
        state = award.evolve(state, fact.event)
    if isinstance(state, award.Recorded):
        counts["awards"][award.standing_name(state)] += 1
        counts["artifacts"].update(stage_name(one.stage) for one in state.artifacts.values())
