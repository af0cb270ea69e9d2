"""Long records are not folded from their beginning again and again.

Facts never change, so the state at a version may be kept. What was kept is used only while the
log still has the very same fact at that version: if a database was put back to an earlier time,
it is as if nothing had been kept.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from uuid import UUID

    from registry.fact import Fact, RecordKind

# Shorter records cost less to fold than to keep.
FACTS_MIN: Final = 200
RECORDS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a record of some kind after its fact `last`."""

    kind: RecordKind
    state: Any
    last: Fact[Any]


class LongRecords:
    """The states of the long records that were asked for last. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[UUID, Snapshot] = OrderedDict()

    def get(self, kind: RecordKind, stream_id: UUID) -> Snapshot | None:
        """What is kept of a record of a kind."""
        with self._lock:
            kept = self._kept.get(stream_id)
            if kept is None or kept.kind != kind:
                return None
            self._kept.move_to_end(stream_id)
            return kept

    def keep(self, stream_id: UUID, snapshot: Snapshot) -> None:
        """Keep a record if it is long, in the place of one that nobody asked for lately."""
        if snapshot.last.version < FACTS_MIN:
            return
        with self._lock:
            self._kept[stream_id] = snapshot
            self._kept.move_to_end(stream_id)
            if len(self._kept) > RECORDS_MAX:
                self._kept.popitem(last=False)
