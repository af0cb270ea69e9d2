"""The server's log, written by a thread of its own: who reads it slowly holds up nobody.

A pipe whose reader stands still is full after some hundred lines, and then a write waits without
end. Answering must not: lines wait in memory, up to a limit; those above it are counted and told
as soon as there is room again. The thread looks ten times a second and is woken by nobody: to wake
another thread for each line took a tenth of what a request costs.
"""

from __future__ import annotations

import atexit
import json
from collections import deque
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

LINES_WAITING_MAX: Final = 10_000
LOOK_SECONDS: Final = 0.1
CLOSE_SECONDS_MAX: Final = 2.0


class LogLines:
    """A text stream that never waits. For any thread."""

    def __init__(self, target: TextIO, lines_max: int = LINES_WAITING_MAX) -> None:
        self._target = target
        self._lines_max = lines_max
        self._waiting: deque[str] = deque()
        self._lost = 0
        self._closing = Event()
        self._thread = Thread(target=self._run, name="sovang-log lines", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, text: str) -> int:
        """Let a text be written as soon as the target takes it."""
        if len(self._waiting) < self._lines_max:
            self._waiting.append(text)
        else:
            self._lost += 1
        return len(text)

    def flush(self) -> None:
        """Nothing: waiting is what this stream does not do."""

    def close(self) -> None:
        """Write what waits, as far as the target takes it within two seconds."""
        self._closing.set()
        self._thread.join(CLOSE_SECONDS_MAX)

    def _run(self) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            self._write_waiting()
        self._write_waiting()

    def _write_waiting(self) -> None:
        texts = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if self._lost:
            # One that is lost while this is worked out may be missing from the count, no more.
            lost, self._lost = self._lost, 0
            texts.append(json.dumps({"event": "log lines lost", "count": lost}) + "\n")
        if texts:
            self._put("".join(texts))

    def _put(self, text: str) -> None:
        try:
            self._target.write(text)
            self._target.flush()
        except (OSError, ValueError):
            # Nobody reads it any more; answering goes on.
            return
