"""Follows the log of one database: whatever must be done again whenever something was appended.

It wakes on NOTIFY and looks each second anyway. Whatever fails (a lost connection, a right not
granted yet, what nobody expected) is tried again, after growing pauses and on new connections.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg

from projections.background import Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from psycopg import Connection

POLL_SECONDS: Final = 1.0
# Stopping takes no second.
SLICE_SECONDS: Final = 0.1


class Follower:
    """One connection that works and one that listens, and the loop over both.

    Nothing may be half done when a step fails. Use from one thread.
    """

    def __init__(self, conninfo: str, name: str, *, commits_wait: bool = True) -> None:
        self._conninfo = conninfo
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
                _wait(ear, stop)
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


def _wait(ear: Connection[Any], stop: Event) -> None:
    """Until something was appended, or a second has passed, or `stop` is set."""
    deadline = time.monotonic() + POLL_SECONDS
    while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
        for _ in ear.notifies(timeout=min(left, SLICE_SECONDS), stop_after=1):
            return
