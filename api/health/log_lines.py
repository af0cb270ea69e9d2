"""The server's log, written by a thread of its own: who reads it slowly holds up nobody.

A pipe whose reader stands still is full after some hundred lines, and then a write waits without
end. Answering must not: lines wait in memory, up to a limit; those above it are counted and told
as soon as there is room again.
"""

from __future__ import annotations

import atexit
import json
from contextlib import suppress
from queue import Full, Queue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

LINES_WAITING_MAX: Final = 10_000
CLOSE_SECONDS_MAX: Final = 2.0


class LogLines:
    """A text stream that never waits. For any thread."""

    def __init__(self, target: TextIO, lines_max: int = LINES_WAITING_MAX) -> None:
        self._target = target
        self._waiting: Queue[str | None] = Queue(lines_max)
        self._lock = Lock()
        self._lost = 0
        self._thread = Thread(target=self._run, name="sovang-log lines", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, text: str) -> int:
        """Let a text be written as soon as the target takes it."""
        try:
            self._waiting.put_nowait(text)
        except Full:
            with self._lock:
                self._lost += 1
        return len(text)

    def flush(self) -> None:
        """Nothing: waiting is what this stream does not do."""

    def close(self) -> None:
        """Write what waits, as far as the target takes it within two seconds."""
        with suppress(Full):
            self._waiting.put_nowait(None)
        self._thread.join(CLOSE_SECONDS_MAX)

    def _run(self) -> None:
        while (text := self._waiting.get()) is not None:
            self._put(text + self._told_lost())

    def _told_lost(self) -> str:
        with self._lock:
            lost, self._lost = self._lost, 0
        return json.dumps({"event": "log lines lost", "count": lost}) + "\n" if lost else ""

    def _put(self, text: str) -> None:
        try:
            self._target.write(text)
            self._target.flush()
        except (OSError, ValueError):
            # Nobody reads it any more; answering goes on.
            return
