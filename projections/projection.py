"""What a projection is: tables, and one function that applies a batch of facts to them.

`apply` must depend on nothing but the facts, so that following the log one fact at a time and
rebuilding from thousands give the same tables. Where a row depends on earlier facts of its
stream, `Batch.stories` reads them from the log rather than trusting what the row says.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact
    from registry.marks import Marks


# Behind every version that a stream will have.
VERSION_MAX: Final = 2**62


class Batch:
    """Facts in the order of the log, decoded once for all projections.

    `cursor` must be in the transaction that applies the batch.
    """

    def __init__(self, facts: Sequence[Fact[Any]], cursor: Cursor[Any], marks: Marks) -> None:
        self.facts = facts
        self.cursor = cursor
        self._marks = marks
        self.events = frozenset(type(fact.event) for fact in facts)
        self._earlier: dict[UUID, tuple[Fact[Any], ...]] = {}

    def facts_of(self, events: frozenset[type]) -> list[Fact[Any]]:
        """Facts whose event is one of these."""
        return [fact for fact in self.facts if type(fact.event) in events]

    def by_stream(self, events: frozenset[type]) -> dict[UUID, list[Fact[Any]]]:
        """The same, gathered by stream."""
        streams: dict[UUID, list[Fact[Any]]] = {}
        for fact in self.facts:
            if type(fact.event) in events:
                streams.setdefault(fact.stream_id, []).append(fact)
        return streams

    def stories(self, streams: Iterable[UUID]) -> dict[UUID, tuple[Fact[Any], ...]]:
        """Every fact of these streams from their first to their last in this batch."""
        wanted = set(streams)
        fresh: dict[UUID, list[Fact[Any]]] = {}
        for fact in self.facts:
            if fact.stream_id in wanted:
                fresh.setdefault(fact.stream_id, []).append(fact)
        self._read_earlier({stream: facts[0].version for stream, facts in fresh.items()})
        return {stream: (*self._earlier.get(stream, ()), *facts) for stream, facts in fresh.items()}

    def until_now(self, streams: Iterable[UUID]) -> dict[UUID, tuple[Fact[Any], ...]]:
        """Every fact of these streams up to the end of this batch, whether it has any of them.

        Facts behind this batch are in the log already while a register is rebuilt.
        """
        from projections.reading import earlier_facts  # noqa: PLC0415 - queries need it not

        found = earlier_facts(self.cursor, dict.fromkeys(streams, VERSION_MAX), self._marks)
        last = self.facts[-1].position
        return {
            stream: tuple(fact for fact in facts if fact.position <= last)
            for stream, facts in found.items()
        }

    def _read_earlier(self, first_versions: Mapping[UUID, int]) -> None:
        missing = {
            stream: version
            for stream, version in first_versions.items()
            if version > 1 and stream not in self._earlier
        }
        if missing:
            from projections.reading import earlier_facts  # noqa: PLC0415 - queries need it not

            self._earlier |= earlier_facts(self.cursor, missing, self._marks)


@dataclass(frozen=True, slots=True)
class Projection:
    """A register: its name is the name of its schema.

    `events` are those that may change it; a batch without any of them is not handed to `apply`.
    `indexes` are made after the tables are filled. Change `version` whenever `apply` makes
    other rows of the same facts: the register is then rebuilt. `rests_on` are the bytes of what
    else decides over its rows, such as data files.
    """

    name: str
    version: int
    events: frozenset[type]
    apply: Callable[[Batch], None]
    tables: bytes
    indexes: bytes = b""
    rests_on: bytes = b""

    @property
    def definition(self) -> str:
        """Digest of everything that decides which rows the facts make."""
        digest = sha256(str(self.version).encode())
        for part in (self.tables, self.indexes):
            digest.update(sha256(part).digest())
        if self.rests_on:
            digest.update(sha256(self.rests_on).digest())
        return digest.hexdigest()


def read_sql(name: str) -> bytes:
    """The content of a file of `projections/sql`."""
    return files("projections").joinpath("sql", name).read_bytes()
