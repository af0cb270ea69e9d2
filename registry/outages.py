"""What an error of the database means: the one place where it becomes an error of the registry.

The server names what happened (SQLSTATE), and what it reports as an error was undone by it. Only
an append whose connection broke after the last word was sent leaves its outcome unknown; so does
a server that ends the session (its last message may follow a commit).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout

from registry.errors import Conflict, CorruptFact, NotReady, OutcomeUnknown, RegistryError
from registry.pools import PoolBusy

if TYPE_CHECKING:
    from collections.abc import Callable

RECORD_CHANGED: Final = "SV001"
CLAIM_TAKEN: Final = "SV002"
NOT_AT_HEAD: Final = "SV004"

# Whole states first, then classes (their first two characters).
_BY_STATE: Final[Mapping[str, Callable[[], RegistryError]]] = {
    "53100": lambda: NotReady("disk-full"),
    "53200": lambda: NotReady("database-out-of-memory"),
    "53300": lambda: NotReady("database-connections-exhausted"),
    "53": lambda: NotReady("database-resources-exhausted"),
    "25006": lambda: NotReady("database-read-only"),
    "25P03": lambda: NotReady("session-ended-idle"),
    "25P04": lambda: NotReady("session-ended-idle"),
    "55P03": lambda: NotReady("database-busy"),
    "57014": lambda: NotReady("statement-cancelled"),
    "57P03": lambda: NotReady("database-starting"),
    "28": lambda: NotReady("database-sign-in-refused"),
    "3D000": lambda: NotReady("database-missing"),
    "58": lambda: NotReady("database-storage-failing"),
    "40003": lambda: OutcomeUnknown("connection-lost"),
    "40": lambda: Conflict("record-changed"),
    "XX001": lambda: CorruptFact("database-damaged"),
    "XX002": lambda: CorruptFact("database-damaged"),
    NOT_AT_HEAD: lambda: Conflict("record-changed"),
}
# The server's or the kernel's words where no state, or only a general one, came with them.
_WORDS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"No space left on device|Disk quota exceeded|File too large"), "53100"),
    (re.compile(r"could not extend file"), "53100"),
    (re.compile(r"too many clients already|remaining connection slots"), "53300"),
    (re.compile(r"database system is (starting up|in recovery|not yet accepting)"), "57P03"),
    (re.compile(r"database system is shutting down|not accepting connections"), "57P03"),
    (re.compile(r"authentication failed|no pg_hba.conf entry|role \".*\" does not exist"), "28000"),
    (re.compile(r"database \".*\" does not exist"), "3D000"),
)
_ENDS_THE_SESSION: Final = frozenset({"57P01", "57P02", "57P04", "57P05"})


class ClaimTaken(RegistryError):  # noqa: N818
    """A claim is held by another stream; translated by the record that wanted it."""

    def __init__(self, key: bytes, holder: UUID) -> None:
        self.key = key
        self.holder = holder
        super().__init__("claim-taken", holder=str(holder))


def meaning_of(error: psycopg.Error, *, may_stand: bool = False) -> RegistryError | None:
    """The registry's error for one of the database; None for what nobody expects.

    `may_stand` says that something was on its way to be recorded when the error came.
    """
    if isinstance(error, PoolTimeout):
        return NotReady("database-busy" if isinstance(error, PoolBusy) else "database-unavailable")
    state = _state_of(error)
    if may_stand and error.diag.severity_nonlocalized in {"FATAL", "PANIC"}:
        # What was being written when the server gave up may be found again when it recovers.
        return OutcomeUnknown("disk-full-recording" if state == "53100" else "connection-lost")
    if state is None or state in _ENDS_THE_SESSION or state.startswith("08"):
        return _broken(error, may_stand=may_stand)
    return _told_in_detail(error, state) or _told_by_state(error, state)


def _told_in_detail(error: psycopg.Error, state: str) -> RegistryError | None:
    """What says more than its state."""
    if isinstance(error, psycopg.errors.UniqueViolation):
        return Conflict("record-changed", constraint=error.diag.constraint_name)
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return NotReady("database-rights-missing", reason=str(error).splitlines()[0])
    if state == RECORD_CHANGED:
        return Conflict("record-changed", stream=error.diag.message_detail)
    if state == CLAIM_TAKEN:
        key, _, holder = (error.diag.message_detail or "").partition(" ")
        return ClaimTaken(bytes.fromhex(key), UUID(holder))
    return None


def _told_by_state(error: psycopg.Error, state: str) -> RegistryError | None:
    made = _BY_STATE.get(state) or _BY_STATE.get(state[:2])
    if made is not None:
        return made()
    if isinstance(error, psycopg.OperationalError) and not state.startswith("54"):
        return NotReady("database-refuses", state=state)
    return None


def _state_of(error: psycopg.Error) -> str | None:
    """The state that the server named, made exact by its words where it is a general one."""
    state = error.sqlstate
    if state is None or state in {"XX000", "58030"}:
        for words, meant in _WORDS:
            # A lost connection's words are those of the last attempt to connect.
            if words.search(str(error)):
                return meant
    return state


def _broken(error: psycopg.Error, *, may_stand: bool) -> RegistryError | None:
    if not isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return None
    if may_stand:
        return OutcomeUnknown("connection-lost")
    return NotReady("database-unavailable")
