"""Who holds the log's lock, since when, and how it is taken back from a process that stands still.

The server ends a session that waits for its client inside a transaction, but not one that waits
inside a COPY, nor somebody else's. So whoever waited in vain, and the server's watch, look: a
session that holds the log, is waited for by its server, and did not move between two looks is
ended. That undoes its transaction and nothing else. One that commits waits for no client, and is
left alone however long that takes.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import psycopg

if TYPE_CHECKING:
    from psycopg import Connection

LOOKS_APART_SECONDS: Final = 1.0

# Whoever locks the head's row has locked its table in a weaker way; so have those who wait for
# the row, but they wait. As the account that signed in: others' sessions are hidden otherwise.
_HOLDER: Final = """
SELECT a.pid, a.application_name, a.xact_start,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8,
       a.wait_event_type IS NOT DISTINCT FROM 'Client',
       coalesce(c.bytes_processed, 0), a.query_start
  FROM pg_locks l
  JOIN pg_class t ON t.oid = l.relation
  JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN pg_stat_progress_copy c ON c.pid = l.pid
 WHERE l.locktype = 'relation' AND l.granted AND l.mode <> 'AccessShareLock'
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND n.nspname = 'log' AND t.relname = 'head'
   AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
   AND NOT EXISTS (SELECT FROM pg_locks w WHERE w.pid = l.pid AND NOT w.granted)
 ORDER BY a.xact_start LIMIT 1
"""
_END: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid = %s AND xact_start = %s AND wait_event_type = 'Client'"
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LogHolder:
    """A session that holds the log's lock.

    Two looks at one that stands still differ only in `seconds`, how long its transaction lasts.
    """

    pid: int
    application: str
    since: datetime
    seconds: float
    waits_for_client: bool
    copied: int
    asked_at: datetime | None

    def stands_still_since(self, before: LogHolder) -> bool:
        """Whether nothing came from its client since an earlier look."""
        return (
            before.waits_for_client
            and self.waits_for_client
            and (before.pid, before.since, before.copied, before.asked_at)
            == (self.pid, self.since, self.copied, self.asked_at)
        )


def holder_of_log(connection: Connection[Any]) -> LogHolder | None:
    """Who holds the lock now; None if it is free."""
    row = connection.execute(_HOLDER).fetchone()
    return None if row is None else LogHolder(*row)


def end_stalled(connection: Connection[Any], before: LogHolder, seconds_max: float) -> bool:
    """Look again, and end the holder if it has not moved and has had the log for too long."""
    now = holder_of_log(connection)
    if now is None or now.seconds < seconds_max or not now.stands_still_since(before):
        return False
    connection.execute(_END, (now.pid, now.since))
    _log.error(
        "log taken back from %s (pid %s), which stood still since %s, %.0f s",
        now.application,
        now.pid,
        now.since.isoformat(),
        now.seconds,
    )
    return True


def free_log(conninfo: str, seconds_max: float) -> None:
    """Say who holds the log; take it back if he has stood still for so long.

    For whoever waited in vain. What cannot be looked at is left as it is.
    """
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            before = holder_of_log(connection)
            if before is None:
                return
            tell(before)
            if before.waits_for_client and before.seconds >= seconds_max:
                time.sleep(min(LOOKS_APART_SECONDS, seconds_max))
                end_stalled(connection, before, seconds_max)
    except psycopg.Error as error:
        _log.warning("who holds the log cannot be seen: %s", error)


def tell(holder: LogHolder) -> None:
    """Write into the server's log who holds the register's."""
    _log.warning(
        "log held by %s (pid %s) since %s, %.0f s",
        holder.application,
        holder.pid,
        holder.since.isoformat(),
        holder.seconds,
    )
