"""Work that goes on beside answering: what goes wrong with it is told, counted, seen, tried again.

Every thread of the server is a `Task`. It says when a step went well and when one failed, and is
told how long to pause then: twice as long after each failure in a row, up to a limit. Whatever
comes out of a step, even what nobody expected, ends the step and not the thread.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Final

import psycopg

from registry.errors import RegistryError
from registry.outages import meaning_of

PAUSE_SECONDS_MIN: Final = 0.05
PAUSE_SECONDS_MAX: Final = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaskState:
    """How a task does: its failures in a row and in all, why and since when it fails.

    `alive` is False for a thread that ended though nobody told it to.
    """

    name: str
    alive: bool
    failures: int
    failures_total: int
    code: str | None
    failing_since: datetime | None


class Task:
    """One thing that is done again and again beside answering."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = Lock()
        self._failures = self._failures_total = 0
        self._code: str | None = None
        self._failing_since: datetime | None = None
        self._thread: Thread | None = None

    def went_well(self) -> None:
        """A step is done: failures before it are over."""
        with self._lock:
            self._failures, self._code, self._failing_since = 0, None, None

    def failed(self, error: BaseException, pause_max: float = PAUSE_SECONDS_MAX) -> float:
        """A step failed; how many seconds to pause before the next."""
        code = code_of(error)
        with self._lock:
            self._failures += 1
            self._failures_total += 1
            self._code = code
            self._failing_since = self._failing_since or datetime.now(UTC)
            failures = self._failures
        # The trace of what is expected says nothing more, nor does the same one again.
        expected = isinstance(error, (RegistryError, psycopg.Error))
        trace = None if expected or failures > 1 else error
        words = "background task failed: %s, %s, %d times in a row: %s"
        _log.error(words, self.name, code, failures, error, exc_info=trace)
        return float(min(PAUSE_SECONDS_MIN * 2 ** min(failures - 1, 16), pause_max))

    def state(self) -> TaskState:
        """How it does now."""
        with self._lock:
            alive = self._thread is None or self._thread.is_alive()
            return TaskState(
                self.name,
                alive,
                self._failures,
                self._failures_total,
                self._code,
                self._failing_since,
            )

    @contextmanager
    def running(self, run: Callable[[Event], None]) -> Iterator[None]:
        """Let it run in a thread of its own, until the event that it is given is set."""
        stop = Event()
        self._thread = Thread(target=self._run, args=(run, stop), name=f"sovang-{self.name}")
        self._thread.start()
        try:
            yield
        finally:
            stop.set()
            self._thread.join()

    def _run(self, run: Callable[[Event], None], stop: Event) -> None:
        """Run again what ended before it was told to, whatever it raised."""
        while not stop.is_set():
            try:
                run(stop)
                stop.wait(PAUSE_SECONDS_MIN)
            except BaseException as error:  # noqa: BLE001 - a library's panic is no Exception
                stop.wait(self.failed(error))


def code_of(error: BaseException) -> str:
    """A stable code for whatever went wrong."""
    if isinstance(error, RegistryError):
        return error.code
    meant = meaning_of(error) if isinstance(error, psycopg.Error) else None
    if meant is not None:
        return meant.code
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(error).__name__)
    return f"unexpected-{words.lower()}"
