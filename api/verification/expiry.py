"""How long the key list is still good, told while there is time to carry another to the roots.

Past its end nobody who checks a certificate or the log relies on it any more, so health, metrics
and the server's log tell of it `RENEW_DAYS_BEFORE` days ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import structlog

from projections.sealed_log import list_in_force
from registry.errors import NotReady
from registry.trust import RENEW_DAYS_BEFORE

if TYPE_CHECKING:
    from threading import Event

    from psycopg import Cursor

    from projections.background import Task
    from registry.database import Database
    from registry.marks import Marks

LOOK_SECONDS: Final = 21_600.0
LOOK_AGAIN_SECONDS_MAX: Final = 300.0
DAY_SECONDS: Final = 86_400

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Expiry:
    """When the list in force ends; `days_left` is negative once it has."""

    version: int
    expires_at: datetime
    days_left: int

    @property
    def is_due(self) -> bool:
        """Whether a new list should be signed now."""
        return self.days_left < RENEW_DAYS_BEFORE


def expiry_of(cursor: Cursor[Any], marks: Marks, now: datetime) -> Expiry | None:
    """When the list in force ends; None before the first."""
    try:
        key_list = list_in_force(cursor, marks)
    except NotReady:
        return None
    expires_at = datetime.fromtimestamp(key_list.expires_at, UTC)
    left = (expires_at - now).total_seconds()
    return Expiry(key_list.version, expires_at, int(left // DAY_SECONDS))


def warn(database: Database, now: datetime) -> None:
    """Write a warning into the server's log if a new list should be signed now."""
    with database.pool("reader").connection() as connection:
        expiry = expiry_of(connection.cursor(), database.marks, now)
    if expiry is not None and expiry.is_due:
        _log.warning(
            "the key list ends: sovang key renew",
            version=expiry.version,
            expires_at=expiry.expires_at.isoformat(),
            days_left=expiry.days_left,
        )


def watch(database: Database, task: Task, stop: Event) -> None:
    """Look now and some times a day until `stop` is set; sooner after a look that failed."""
    pause = 0.0
    while not stop.wait(pause):
        try:
            warn(database, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - told, counted and tried again
            pause = task.failed(error, LOOK_AGAIN_SECONDS_MAX)
        else:
            task.went_well()
            pause = LOOK_SECONDS
