"""How long a session may wait for others and keep others waiting, and a pool that notices at once.

Every session of ours waits for a lock for a limited time, and is ended by the server when it
stands still inside a transaction: one process that is stopped must not stop everybody else.
Nothing limits a commit (no `statement_timeout`): a commit whose wait for its replica is cancelled
reports success. Nor does a limit on locks reach one: what a commit waits for is no lock.

A server that is gone, or cut off, is noticed by the kernel (keepalives) where it is reached by
TCP, and at the next use of a connection everywhere.
"""

from __future__ import annotations

import select
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

if TYPE_CHECKING:
    from psycopg import Connection

DatabaseRole = Literal["writer", "reader", "projector"]

CONNECT_SECONDS_MAX: Final = 10
POOL_CONNECTIONS_MAX: Final = 8
POOL_WAIT_SECONDS_MAX: Final = 5.0
# While one waits for a connection, a new one is tried this often.
_SLICE_SECONDS: Final = 0.25
_GIVE_UP_SECONDS: Final = 0.1
_TCP_LIMITS: Final[Mapping[str, str]] = {
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}


@dataclass(frozen=True, slots=True)
class Waits:
    """Limits of a session: waiting for a lock, and standing still in a transaction."""

    lock_seconds_max: float
    idle_seconds_max: float

    @property
    def options(self) -> str:
        """The limits as the server is told of them when a session begins."""
        milliseconds = {
            "lock_timeout": self.lock_seconds_max,
            "idle_in_transaction_session_timeout": self.idle_seconds_max,
        }
        return " ".join(f"-c {name}={int(one * 1000)}" for name, one in milliseconds.items())


ROLE_WAITS: Final[Mapping[DatabaseRole, Waits]] = {
    # Between two statements of a writer there is hardly any work; readers export, and the
    # projector works out thousands of rows.
    "writer": Waits(5, 10),
    "reader": Waits(5, 60),
    "projector": Waits(30, 60),
}
# A migration may have to wait for another that makes an index on a long log.
MIGRATION_WAITS: Final = Waits(300, 60)


def limited(address: str, waits: Waits, *, name: str, options: str = "") -> str:
    """The address with limits on what its sessions wait for; `name` is what others see of them."""
    given = conninfo_to_dict(address)
    told = (given.get("options"), options, waits.options)
    return make_conninfo(
        address,
        options=" ".join(str(one) for one in told if one),
        application_name=name,
        connect_timeout=given.get("connect_timeout") or CONNECT_SECONDS_MAX,
        **{key: given.get(key, value) for key, value in _TCP_LIMITS.items()},
    )


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
