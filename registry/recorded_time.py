"""The time under which facts are recorded: the clock's, but never before that of facts in front.

Who asks what the register knew at a time cuts the log at one place; a clock that went back would
leave facts behind the cut that claim to lie in front of it. The latest time is remembered by the
process, read from the log once, and told by whoever sees later facts of other processes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# Clocks of two machines differ by less; nobody need be told.
TOLERATED: Final = timedelta(seconds=2)


class RecordedTime:
    """Remembers the latest time of a log; `last` reads it there, None when the log is empty."""

    def __init__(self, last: Callable[[], datetime | None]) -> None:
        self._last = last
        self._lock = Lock()
        self._latest: datetime | None = None
        self._has_read = False

    def at(self, now: datetime) -> datetime:
        """When something is recorded that is recorded now."""
        if not self._has_read:
            found = self._last()
            if found is not None:
                self.saw(found)
            self._has_read = True
        with self._lock:
            return now if self._latest is None or self._latest <= now else self._latest

    def saw(self, recorded_at: datetime) -> None:
        """Note the time of a fact that is in the log."""
        with self._lock:
            if self._latest is None or recorded_at > self._latest:
                self._latest = recorded_at

    def seconds_behind(self, now: datetime) -> int:
        """How far the clock is behind the log; 0 where that is not worth saying."""
        with self._lock:
            behind = timedelta() if self._latest is None else self._latest - now
        return round(behind.total_seconds()) if behind > TOLERATED else 0
