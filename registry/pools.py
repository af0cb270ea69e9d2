"""Pools of connections, which notice at once that a server is gone, and that it is back."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

if TYPE_CHECKING:
    from psycopg import Connection

POOL_CONNECTIONS_MAX: Final = 8
POOL_WAIT_SECONDS_MAX: Final = 5.0
# While one waits for a connection, a new one is tried this often.
_SLICE_SECONDS: Final = 0.25
_GIVE_UP_SECONDS: Final = 0.1


class PoolBusy(PoolTimeout):
    """The server answers, but every connection is in use."""


class WatchedPool(ConnectionPool[psycopg.Connection[Any]]):
    """Lends connections that are alive, from a server that was away as soon as it is back.

    The library's own check sleeps longer after each dead connection that it finds.
    """

    def getconn(self, timeout: float | None = None) -> psycopg.Connection[Any]:
        """Lend a connection. Raises `PoolTimeout`."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            connection = self._connection_by(deadline)
            if not _has_hung_up(connection):
                return connection
            # Another takes its place.
            connection.close()
            self.putconn(connection)

    def _connection_by(self, deadline: float) -> psycopg.Connection[Any]:
        while True:
            left = deadline - time.monotonic()
            try:
                # Each new wait makes the pool try for a new connection, if it has lost some.
                return super().getconn(min(max(left, 0.001), _SLICE_SECONDS))
            except PoolTimeout:
                if left > _SLICE_SECONDS:
                    continue
                if self.get_stats().get("pool_size", 0) >= self.max_size:
                    raise PoolBusy("every connection is in use") from None
                raise


def open_pool(conninfo: str, name: str) -> WatchedPool:
    """A pool of autocommit connections."""
    return WatchedPool(
        conninfo,
        kwargs={"autocommit": True},
        min_size=1,
        max_size=POOL_CONNECTIONS_MAX,
        open=True,
        name=name,
        timeout=POOL_WAIT_SECONDS_MAX,
        reconnect_timeout=_GIVE_UP_SECONDS,
    )


def _has_hung_up(connection: Connection[Any]) -> bool:
    """Whether the server ended a connection since it was last used; asks without a round trip.

    A server that ends a connection says so or hangs up, and only then is it asked for life.
    """
    if connection.closed:
        return True
    ear = select.poll()
    ear.register(connection.fileno(), select.POLLIN)
    if not ear.poll(0):
        return False
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return True
    return False
