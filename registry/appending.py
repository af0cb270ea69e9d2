"""What one transaction adds to the log, and which of such additions may share a transaction.

Several appends stand in one transaction as if they had been made one behind the other: each finds
its own versions, names and positions. So nobody shares with one before him what he asks about, or
what both want to be first at: a stream that was written, a name that was taken.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from eventsourcing.persistence import StoredEvent

BULK_FACTS_MIN: Final = 200
"""From this many facts on an append is a COPY, in a transaction of its own."""


@dataclass(frozen=True, slots=True)
class Appending:
    """Everything that one transaction adds to the log.

    `claims` are (key, kind, stream, soft); `expected` says at which version streams that were
    only read must still be; `subject_keys` are wrapped keys of new persons. `asked` are keys of
    claims that were free when the caller asked: the bulk path need not ask again. `erased` are
    persons whose keys are destroyed, `released` names that these streams give up, `heirs` who
    has one of them from then on.
    """

    events: Sequence[StoredEvent]
    claims: Sequence[tuple[bytes, str, UUID, bool]] = ()
    expected: Sequence[tuple[UUID, int]] = ()
    subject_keys: dict[UUID, bytes] = field(default_factory=dict)
    asked: Container[bytes] = ()
    erased: Sequence[UUID] = ()
    released: Sequence[tuple[bytes, UUID]] = ()
    heirs: Sequence[tuple[bytes, UUID]] = ()

    @property
    def is_bulk(self) -> bool:
        """Whether it wants a transaction of its own.

        One statement does not destroy keys nor free names.
        """
        return len(self.events) >= BULK_FACTS_MIN or bool(self.erased or self.released)


@dataclass(frozen=True, slots=True)
class Appended:
    """Positions of what was added, and who held the soft claims that were taken already."""

    first_position: int
    last_position: int
    held: dict[bytes, UUID] = field(default_factory=dict)


def groups(asked: Iterable[Appending]) -> Iterator[list[Appending]]:
    """Those that stand behind each other, cut wherever the next one may not share."""
    shared = _Shared()
    for one in asked:
        if not shared.has_room_for(one):
            yield shared.members
            shared = _Shared()
        shared.add(one)
    if shared.members:
        yield shared.members


def joined(shared: Sequence[Appending]) -> Appending:
    """What all of them add, in their order."""
    if len(shared) == 1:
        return shared[0]
    return Appending(
        [event for one in shared for event in one.events],
        [claim for one in shared for claim in one.claims],
        [stream for one in shared for stream in one.expected],
        {subject: key for one in shared for subject, key in one.subject_keys.items()},
    )


def parted(shared: Sequence[Appending], appended: Appended) -> Iterator[Appended]:
    """What was added for each of them."""
    first = appended.first_position
    for one in shared:
        own = {key for key, *_ in one.claims}
        held = {key: holder for key, holder in appended.held.items() if key in own}
        yield Appended(first, first + len(one.events) - 1, held)
        first += len(one.events)


class _Shared:
    """Appends that share a transaction, and what those behind them may not touch."""

    def __init__(self) -> None:
        self.members: list[Appending] = []
        self._events = 0
        self._streams: set[UUID | str] = set()
        self._names: set[bytes | UUID] = set()

    def has_room_for(self, one: Appending) -> bool:
        return (
            self._events + len(one.events) < BULK_FACTS_MIN
            and self._streams.isdisjoint(_touched(one))
            and self._names.isdisjoint(_named(one))
        )

    def add(self, one: Appending) -> None:
        self.members.append(one)
        self._events += len(one.events)
        self._streams.update(event.originator_id for event in one.events)
        self._names.update(_named(one))


def _touched(one: Appending) -> Iterator[UUID | str]:
    for event in one.events:
        yield event.originator_id
    for stream, _ in one.expected:
        yield stream


def _named(one: Appending) -> Iterator[bytes | UUID]:
    for key, *_ in one.claims:
        yield key
    yield from one.subject_keys
