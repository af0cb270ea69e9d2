"""A sample of the registers' rows at the start of a server, and again every few hours.

Whoever looks something up believes a register's row. A whole comparison is for `log check`; this
takes the price of some hundred facts, and what it finds is told in the log and by health.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from projections.register_check import sample_registers
from projections.registers import REGISTERS
from projections.sealed_archive import one_moment

if TYPE_CHECKING:
    from threading import Event

    from projections.background import Task
    from registry.database import Database

SAMPLE_SECONDS: Final = 21_600.0
RETRY_SECONDS: Final = 300.0

_log = logging.getLogger(__name__)


def sample(database: Database) -> tuple[str, ...]:
    """What is wrong with the rows of some records, drawn at random, as codes; it is logged."""
    found: set[str] = set()

    def tell(code: str, **params: str | int) -> None:
        found.add(code)
        _log.error("a register's row is not what the facts make: %s %s", code, params)

    with one_moment(database.conninfo("reader")) as connection:
        projector = database.conninfo("projector")
        sample_registers(connection, projector, database.marks, REGISTERS, tell=tell)
    return tuple(sorted(found))


def follow(database: Database, task: Task, stop: Event) -> None:
    """Sample until `stop` is set; what was found last stands in `database.row_faults`."""
    pause = 0.0
    while not stop.wait(pause):
        try:
            database.row_faults = sample(database)
            pause = SAMPLE_SECONDS
            task.went_well()
        except Exception as error:  # noqa: BLE001 - told, counted and tried again
            pause = task.failed(error, RETRY_SECONDS)
