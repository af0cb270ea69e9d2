"""Follows the log of one database: whatever must be done again whenever something was appended.

It wakes on NOTIFY and looks each second anyway. Whatever fails (a lost connection, a right not
granted yet, what nobody expected) is tried again, after growing pauses and on new connections.
"""

from __future__ import annotations

import select
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg

from projections.background import Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from psycopg import Connection

    from projections.applied import Applied

POLL_SECONDS: Final = 1.0
# Stopping takes no second.
SLICE_SECONDS: Final = 0.1


class Follower:
    """One connection that works and one that listens, and the loop over both.

    Nothing may be half done when a step fails. `applied` says what need not be looked for any more,
    and when somebody here waits for more. Use from one thread.
    """

    def __init__(
        self,
        conninfo: str,
        name: str,
        *,
        commits_wait: bool = True,
        applied: Applied | None = None,
    ) -> None:
        self._conninfo = conninfo
        self._applied = applied
        self.task = Task(name)
        self._commits_wait = commits_wait
        self._work: Connection[Any] | None = None
        self._ear: Connection[Any] | None = None

    def connection(self) -> Connection[Any]:
        """The connection that works, made anew when it was lost."""
        if self._work is None or self._work.closed:
            self._work = psycopg.connect(self._conninfo, autocommit=True)
            if not self._commits_wait:
                self._work.execute("SET synchronous_commit = off")
        return self._work

    def run(self, catch_up: Callable[[], object], stop: Event) -> None:
        """Catch up whenever something was appended, until `stop` is set."""
        while not stop.is_set():
            try:
                # Before catching up: what is appended meanwhile is heard afterwards.
                ear = self._listening()
                catch_up()
                self.task.went_well()
                self._wait(ear, stop)
            except Exception as error:  # noqa: BLE001 - told, counted and tried again
                self.close()
                stop.wait(self.task.failed(error))
        self.close()

    def close(self) -> None:
        """Close the connections; they are made anew when needed."""
        for connection in (self._work, self._ear):
            if connection is not None:
                with suppress(psycopg.Error):
                    connection.close()
        self._work = self._ear = None

    def _listening(self) -> Connection[Any]:
        if self._ear is None or self._ear.closed:
            self._ear = psycopg.connect(self._conninfo, autocommit=True)
            self._ear.execute("LISTEN facts")
        return self._ear

    def _wait(self, ear: Connection[Any], stop: Event) -> None:
        """Until something was appended or is wanted, or a second has passed, or `stop` is set."""
        watched = select.poll()
        watched.register(ear.fileno(), select.POLLIN)
        if self._applied is not None:
            watched.register(self._applied.wanted, select.POLLIN)
        deadline = time.monotonic() + POLL_SECONDS
        while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
            # What came with an earlier answer is not on the socket any more.
            heard = [note.payload for note in ear.notifies(timeout=0)]
            if any(self._is_news(position) for position in heard):
                if self._applied is not None:
                    self._applied.gather()
                return
            ready = [number for number, _ in watched.poll(1_000 * min(left, SLICE_SECONDS))]
            if self._applied is not None and self._applied.wanted in ready:
                self._applied.clear_wanted()
                self._applied.gather()
                return

    def _is_news(self, position: str) -> bool:
        """Whether a position that was announced has not been applied yet."""
        if self._applied is None or not position.isdigit():
            return True
        return int(position) > self._applied.position
