"""One look at the register, on a connection of its own, that nobody waits for long.

Whatever stands still (a lock, a stopped server, a pool that is all lent), whoever asks is answered
within `LOOK_SECONDS_MAX`. A look that hangs is the only one: others who ask share it.
"""

from __future__ import annotations

import shutil
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.health.tiles import TileTrouble, sample_tiles
from api.verification.expiry import Expiry, expiry_of
from projections import ledger
from projections.sealed_log import SealState, seal_state
from registry.codec import decode_fact
from registry.errors import CorruptFact, NotReady, VerificationFailed
from registry.log import Head
from registry.newest_head import end_failure
from registry.outages import meaning_of
from registry.personal_key import verify_key

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from psycopg import Cursor

    from projections.ledger import ProjectionStatus
    from registry.database import Database
    from registry.register import Registry

LOOK_SECONDS_MAX: Final = 2.0
# Shorter than the look: what the server gives up by itself has a code of its own.
_STATEMENT_MILLISECONDS: Final = 1_500
_LOCK_MILLISECONDS: Final = 500
_CONNECT_SECONDS: Final = 2
# Digests over the facts that a register is behind, for each register.
_TAIL_FACTS_MAX: Final = 2_000
_HEAD: Final = "SELECT position, facts, digest FROM log.head"
_FIRST_UNSEALED: Final = (
    "SELECT originator_id, originator_version, notification_id, topic, state"
    " FROM log.facts WHERE notification_id = %s"
)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen: `unsealed_seconds` is how old the first fact behind the last head is."""

    head: Head
    statuses: tuple[ProjectionStatus, ...]
    sealed: SealState
    expiry: Expiry | None
    unsealed_seconds: float
    tile: TileTrouble | None
    free_bytes: int | None
    end_failure: VerificationFailed | None
    row_faults: tuple[str, ...]


class HealthLook:
    """Looks at one register for whoever asks."""

    def __init__(self, database: Database, registry: Registry, home: Path | None) -> None:
        self._database = database
        self._registry = registry
        self._home = home
        self._lock = Lock()
        self._under_way: Future[Look] | None = None
        self._looks = 0
        self._wrong_at: int | None = None

    def now(self) -> Look:
        """What is seen now. Raises `NotReady` or `CorruptFact`, whose code says why nothing is."""
        with self._lock:
            if self._under_way is None or self._under_way.done():
                self._under_way = Future()
                arguments = (self._under_way, self._looks)
                self._looks += 1
                Thread(target=self._look, args=arguments, name="sovang-look", daemon=True).start()
            under_way = self._under_way
        try:
            return under_way.result(LOOK_SECONDS_MAX)
        except FutureTimeout as error:
            raise NotReady("database-silent") from error

    def _look(self, seen: Future[Look], number: int) -> None:
        try:
            seen.set_result(self._seen(number))
        except psycopg.errors.QueryCanceled as error:
            seen.set_exception(_caused(NotReady("database-silent"), error))
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
            seen.set_exception(_caused(NotReady("registers-not-ready"), error))
        except psycopg.Error as error:
            seen.set_exception(_caused(meaning_of(error) or error, error))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            seen.set_exception(error)

    def _seen(self, number: int) -> Look:
        free = None if self._home is None else shutil.disk_usage(_existing(self._home)).free
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            verify_key(connection, self._database.home_key, self._database.key_file)
            cursor = connection.cursor()
            row = cursor.execute(_HEAD).fetchone()
            if row is None:
                raise NotReady("log-not-ready")
            now, sealed = self._registry.clock(), seal_state(cursor)
            # What was found wrong is looked at again until it is right.
            place = number if self._wrong_at is None else self._wrong_at
            tile = sample_tiles(cursor, sealed.size, place)
            self._wrong_at = None if tile is None else place
            return Look(
                Head(*row),
                ledger.status(cursor, _TAIL_FACTS_MAX),
                sealed,
                expiry_of(cursor, self._database.marks, now),
                _unsealed_seconds(cursor, sealed, now),
                tile,
                free,
                end_failure(cursor, self._database.newest_head),
                self._database.row_faults,
            )

    def _conninfo(self) -> str:
        address = self._database.conninfo("reader")
        limits = (
            f"-c statement_timeout={_STATEMENT_MILLISECONDS} -c lock_timeout={_LOCK_MILLISECONDS}"
        )
        options = conninfo_to_dict(address).get("options")
        return make_conninfo(
            address,
            options=f"{options} {limits}",
            application_name="sovang-health",
            connect_timeout=_CONNECT_SECONDS,
        )


def _caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else folder.parent if folder.parent.exists() else folder.root  # type: ignore[return-value]


def _unsealed_seconds(cursor: Cursor[Any], sealed: SealState, now: datetime) -> float:
    """How long the first fact behind the last head has waited; 0 where nothing is ever sealed."""
    if not sealed.size or not sealed.unsealed:
        return 0.0
    row = cursor.execute(_FIRST_UNSEALED, (sealed.size + 1,)).fetchone()
    if row is None:
        return 0.0
    stream_id, version, position, name, state = row
    try:
        fact = decode_fact(stream_id, version, position, name, bytes(state))
    except CorruptFact:
        # Its register says so.
        return 0.0
    return (now - fact.recorded_at).total_seconds()
