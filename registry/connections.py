"""How long a session may wait for others, and keep others waiting.

Every session of ours waits for a lock for a limited time, and is ended by the server when it
stands still inside a transaction: one process that is stopped must not stop everybody else.
Nothing limits a commit (no `statement_timeout`): a commit whose wait for its replica is cancelled
reports success. Nor does a limit on locks reach one: what a commit waits for is no lock.

A server that is gone, or cut off, is noticed by the kernel (keepalives) where it is reached by
TCP, and at the next use of a connection everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from psycopg.conninfo import conninfo_to_dict, make_conninfo

DatabaseRole = Literal["writer", "reader", "projector"]

CONNECT_SECONDS_MAX: Final = 10
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
