"""Watches who holds the log's lock: says so, takes it back from who stands still, and counts.

Sees the time of the last fact on the way, whichever process recorded it: nothing is recorded here
under an earlier one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import psycopg

from projections.background import Task
from registry.codec import decode_fact
from registry.errors import CorruptFact
from registry.log import LAST_FACT
from registry.log_holder import LogHolder, end_stalled, holder_of_log, tell

if TYPE_CHECKING:
    from threading import Event

    from psycopg import Connection

    from registry.database import Database
    from registry.register import Registry

LOOK_SECONDS: Final = 1.0
# Told from here on, and again whenever it has been held twice as long.
TOLD_SECONDS: Final = 5.0


class LogWatch:
    """Looks each second. Use from one thread; `held` and `taken_back` are for everybody."""

    def __init__(self, database: Database, registry: Registry, *, stalled_seconds: float) -> None:
        self.task = Task("log watch")
        self.held: LogHolder | None = None
        self.taken_back = 0
        self._conninfo = database.watch_conninfo()
        self._registry = registry
        self._stalled_seconds = stalled_seconds
        self._told_seconds = TOLD_SECONDS

    def run(self, stop: Event) -> None:
        """Look until `stop` is set."""
        pause = 0.0
        while not stop.wait(pause):
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    self._look_on(connection, stop)
            except Exception as error:  # noqa: BLE001 - told, counted and tried again
                self.held = None
                pause = self.task.failed(error)

    def _look_on(self, connection: Connection[Any], stop: Event) -> None:
        while True:
            self.look(connection)
            self.task.went_well()
            if stop.wait(LOOK_SECONDS):
                return

    def look(self, connection: Connection[Any]) -> None:
        """Look once."""
        before = self.held
        if before is not None and end_stalled(connection, before, self._stalled_seconds):
            self.taken_back += 1
        self.held = holder_of_log(connection)
        if before is None or self.held is None or self.held.since != before.since:
            self._told_seconds = TOLD_SECONDS
        if self.held is not None and self.held.seconds >= self._told_seconds:
            tell(self.held)
            self._told_seconds = self.held.seconds * 2
        self._see_time(connection)

    def _see_time(self, connection: Connection[Any]) -> None:
        row = connection.execute(LAST_FACT).fetchone()
        if row is None:
            return
        position, stream_id, version, name, state, _ = row
        try:
            self._registry.log.marks.require([row])
            fact = decode_fact(stream_id, version, position, name, bytes(state))
        except CorruptFact:
            # The registers stand still in front of it and say so.
            return
        self._registry.recorded_time.saw(fact.recorded_at)
