"""Rebuild: fill new tables beside the old ones, then swap them in one transaction.

Readers use the old register until the swap and the new one from then on, never half of one.
What is true if we die: before the swap, the old register is untouched and goes on, and the new
one is dropped at the next start; after it, only the old tables are left to be dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg
from psycopg import sql

from projections import ledger
from projections.projection import Batch, Projection
from projections.reading import decode_rows, facts_after
from registry.errors import Conflict

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

    from projections.reading import Reading
    from registry.marks import Marks

BATCH_FACTS = 5_000
# The last facts are applied while the runner waits: few enough to take some milliseconds.
SWAP_FACTS_MAX = 500
# A swap that waits too long lets others go first, and is tried again.
SWAP_ATTEMPTS_MAX = 10

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RebuildProgress:
    """Facts applied so far, of how many there are in the log."""

    names: tuple[str, ...]
    position: int
    head: int


ProgressFunction: TypeAlias = Callable[[RebuildProgress], None]


class Cancelled(Exception):  # noqa: N818 - not an error: the caller wanted it
    """The rebuild was given up on request; the old register stands."""


@dataclass(slots=True)
class _Filling:
    """How far the new tables have come, and how they are filled."""

    marks: Marks
    batch_facts: int
    position: int = 0
    facts: int = 0
    digest: int = 0

    def add(self, reading: Reading) -> None:
        self.position = reading.facts[-1].position
        self.facts += len(reading.facts)
        self.digest ^= reading.digest


def rebuild(
    conninfo: str,
    marks: Marks,
    projections: Sequence[Projection],
    progress: ProgressFunction | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    batch_facts: int = BATCH_FACTS,
) -> None:
    """Rebuild projections together from the first fact on, then swap them in.

    `progress` is called after each batch; `cancelled` is asked before each. Raises `Cancelled`,
    `Conflict` when another process rebuilds one of them or does not let go of it, `CorruptFact`,
    or what a projection raises; the old registers stand then.
    """
    chosen = tuple(sorted(projections, key=lambda one: one.name))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '256MB'")
        with _sole_rebuild(connection, chosen):
            try:
                filling = _Filling(marks, batch_facts)
                _fill(connection, chosen, filling, progress, cancelled)
                _swap_in_the_end(connection, chosen, filling)
            finally:
                _drop(connection, chosen, "next")
        _drop(connection, chosen, "old")


@contextmanager
def _sole_rebuild(connection: Connection[Any], projections: Sequence[Projection]) -> Iterator[None]:
    """Hold the rebuild lock of each projection. The locks go with the connection at the latest."""
    for projection in projections:
        name = ledger.rebuild_lock(projection.name)
        found = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (name,))
        if found.fetchone() != (True,):
            raise Conflict("rebuild-running", projection=projection.name)
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock_all()")


def _fill(
    connection: Connection[Any],
    projections: Sequence[Projection],
    filling: _Filling,
    progress: ProgressFunction | None,
    cancelled: Callable[[], bool],
) -> None:
    """Create the new tables and apply all but the newest facts, then make the indexes."""
    _drop(connection, projections, "next")
    with connection.transaction(), connection.cursor() as cursor:
        for projection in projections:
            ledger.create_schema(cursor, f"{projection.name}_next", projection.tables)
    names = tuple(projection.name for projection in projections)
    head = _head(connection)
    while head - filling.position > SWAP_FACTS_MAX:
        if cancelled():
            raise Cancelled(names)
        with connection.transaction(), connection.cursor() as cursor:
            _apply_next(cursor, projections, filling)
        if filling.position >= head:
            head = _head(connection)
        if progress is not None:
            progress(RebuildProgress(names, filling.position, head))
    _make_indexes(connection, projections)


def _make_indexes(connection: Connection[Any], projections: Sequence[Projection]) -> None:
    for projection in projections:
        if projection.indexes:
            with connection.transaction(), connection.cursor() as cursor:
                ledger.use_schema(cursor, f"{projection.name}_next")
                cursor.execute(projection.indexes)


def _head(connection: Connection[Any]) -> int:
    found = connection.execute("SELECT position FROM log.head").fetchone()
    return found[0] if found is not None else 0


def _apply_next(cursor: Cursor[Any], projections: Sequence[Projection], filling: _Filling) -> bool:
    """Apply the next facts to the new tables; False when there are none."""
    rows = facts_after(cursor, filling.position, filling.batch_facts)
    if not rows:
        return False
    reading = decode_rows(rows, filling.marks)
    if reading.failure is not None:
        raise reading.failure
    batch = Batch(reading.facts, cursor, filling.marks)
    for projection in projections:
        if projection.events & batch.events:
            ledger.use_schema(cursor, f"{projection.name}_next")
            projection.apply(batch)
    filling.add(reading)
    return True


def _swap_in_the_end(
    connection: Connection[Any],
    projections: Sequence[Projection],
    filling: _Filling,
) -> None:
    """Swap, as often as others hold what is needed for too long. Raises `Conflict`."""
    for _ in range(SWAP_ATTEMPTS_MAX):
        try:
            _swap(connection, projections, replace(filling))
        except psycopg.errors.LockNotAvailable as error:
            _log.warning("rebuild waits: %s", error)
            continue
        return
    raise Conflict("rebuild-waited", projection=projections[0].name)


def _swap(
    connection: Connection[Any],
    projections: Sequence[Projection],
    filling: _Filling,
) -> None:
    """Stop the runner for a moment, apply what came meanwhile, and exchange the schemas."""
    names = [projection.name for projection in projections]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM projection.ledger WHERE name = ANY(%s) ORDER BY name FOR UPDATE", (names,)
        )
        while _apply_next(cursor, projections, filling):
            pass
        for projection in projections:
            _exchange(cursor, projection.name)
            cursor.execute(
                "UPDATE projection.ledger SET definition = %s, position = %s, facts = %s,"
                " digest = %s, rebuilt_at = now(), error_code = NULL, error_from = NULL,"
                " error_until = NULL, failures = 0, retry_at = '-infinity' WHERE name = %s",
                (
                    projection.definition,
                    filling.position,
                    filling.facts,
                    filling.digest,
                    projection.name,
                ),
            )


def _exchange(cursor: Cursor[Any], name: str) -> None:
    rename = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
    present, old, following = (
        sql.Identifier(schema) for schema in (name, f"{name}_old", f"{name}_next")
    )
    ledger.drop_schema(cursor, f"{name}_old")
    cursor.execute(rename.format(present, old))
    cursor.execute(rename.format(following, present))


def _drop(connection: Connection[Any], projections: Sequence[Projection], suffix: str) -> None:
    """Drop old or unfinished tables; those that a reader still uses are left to the next start."""
    if connection.broken:
        return
    for projection in projections:
        with ledger.leaving_what_is_in_use(connection), connection.cursor() as cursor:
            ledger.drop_schema(cursor, f"{projection.name}_{suffix}")
