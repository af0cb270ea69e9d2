"""Follows the log: one runner feeds every projection, one fact at a time or thousands.

It takes a batch (`follower` says when), decodes each fact once, and in one transaction every
projection applies the batch and its position moves. What is true if we
die: before the commit, neither rows nor positions moved; after it, both did.

All day all of them stand at one place and none fails: then they move together, in few round
trips, because whoever recorded something waits for them. Whatever is otherwise is left as it was,
and each moves by itself. There a projection that fails is rolled back alone, reported in the
ledger and tried again with smaller batches and growing pauses; the others go on. Any number of
runners may work at once: the ledger's row is the lock, and the position is looked at again once
it is held.
"""

from __future__ import annotations

import logging
from itertools import groupby
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import TransactionStatus

from projections import ledger
from projections.applied import Applied
from projections.background import code_of
from projections.build import keep_build
from projections.follower import Follower
from projections.projection import Batch
from projections.reading import Reading, decode_rows, facts_after
from projections.rebuild import rebuild
from registry.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from psycopg import Connection, Cursor

    from projections.ledger import Place
    from projections.projection import Projection
    from projections.rebuild import ProgressFunction
    from registry.marks import MarkedRow, Marks

BATCH_FACTS = 5_000
# From this many facts on, an empty register is filled beside and swapped: without indexes a
# COPY is some four times faster.
REBUILD_FACTS_MIN = 20_000

_SHRINK_BITS_PER_FAILURE = 4

_log = logging.getLogger(__name__)


class Runner:
    """Feeds projections from the log of one database. Use from one thread."""

    def __init__(
        self,
        conninfo: str,
        marks: Marks,
        projections: Sequence[Projection],
        *,
        batch_facts: int = BATCH_FACTS,
        applied: Applied | None = None,
    ) -> None:
        self._conninfo = conninfo
        self._marks = marks
        self._applied = applied if applied is not None else Applied()
        self._projections = {projection.name: projection for projection in projections}
        self._batch_facts = batch_facts
        # Rows and position are lost or kept together, and can be made again from the log.
        self._follower = Follower(
            conninfo, "projections", commits_wait=False, applied=self._applied
        )
        self.task = self._follower.task
        self._prepared = False
        self._is_at_end = False
        self._path: tuple[Connection[Any], str] | None = None

    def prepare(self, progress: ProgressFunction | None = None) -> tuple[str, ...]:
        """Create what is missing and rebuild what is defined otherwise; return what was rebuilt.

        Registers that are empty while the log is long are filled the same way. Raises
        `Conflict` while another process rebuilds one of them.
        """
        connection = self._follower.connection()
        changed = set(ledger.set_up(connection, tuple(self._projections.values())))
        with connection.cursor() as cursor:
            changed |= _empty_behind_long_log(cursor)
        chosen = [one for name, one in self._projections.items() if name in changed]
        rebuilt = self._rebuild(chosen, progress)
        if len(rebuilt) == len(chosen):
            with connection.cursor() as cursor:
                keep_build(cursor)
        self._prepared = True
        return rebuilt

    def _rebuild(
        self, chosen: Sequence[Projection], progress: ProgressFunction | None
    ) -> tuple[str, ...]:
        """Rebuild together; when that fails, one by one, leaving out those that fail."""
        if not chosen:
            return ()
        names = [projection.name for projection in chosen]
        try:
            rebuild(self._conninfo, self._marks, chosen, progress, batch_facts=self._batch_facts)
        except (psycopg.OperationalError, psycopg.InterfaceError, Conflict):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            if len(chosen) > 1:
                return tuple(n for one in chosen for n in self._rebuild([one], progress))
            _log.exception("projection %s cannot be rebuilt", names[0])
            self._leave_out(names[0], error)
            return ()
        return tuple(names)

    def _leave_out(self, name: str, error: Exception) -> None:
        """Report a register that cannot be rebuilt; one with an older definition stands still.

        An empty one is filled by following the log, which finds the fact that fails.
        """
        connection = self._follower.connection()
        with connection.transaction(), connection.cursor() as cursor:
            ledger.record_failure(cursor, [name], code_of(error), 0, 0)
            if not ledger.is_defined_as(cursor, name, self._projections[name].definition):
                del self._projections[name]

    def catch_up(self) -> int:
        """Apply everything that is in the log now; return how many steps it took."""
        if not self._prepared:
            self.prepare()
        steps = 0
        while self.step():
            steps += 1
            if self._is_at_end:
                break
        return steps

    def step(self) -> bool:
        """Move every projection that is due by one batch; False if none could move.

        Raises `psycopg.OperationalError` when the connection is lost.
        """
        connection = self._follower.connection()
        self._is_at_end = False
        together = self._step_together(connection)
        if together is not None:
            return together
        with connection.cursor() as cursor:
            due = ledger.due_places(cursor, tuple(self._projections))
        moved = False
        # Those in front first: one that is far behind must not hold up the others.
        for position, places in _groups(due):
            moved |= self._advance(connection, position, places)
        if moved:
            with connection.cursor() as cursor:
                self._applied.advance(ledger.position_reached(cursor))
        return moved

    def run(self, stop: Event) -> None:
        """Follow the log until `stop` is set; whatever the database refuses is tried again."""
        self._follower.run(self.catch_up, stop)

    def close(self) -> None:
        """Close the connections; they are made anew when needed."""
        self._follower.close()

    def _step_together(self, connection: Connection[Any]) -> bool | None:
        """Move all projections by one batch; None if each must be moved by itself."""
        try:
            places, rows = self._begin_together(connection)
            if not places:
                return False
            here = (places[0].position, 0)
            together = {(place.position, place.failures) for place in places} == {here}
            reading = decode_rows(rows, self._marks)
            if len(places) < len(self._projections) or not together or not reading.facts:
                return None
            if reading.failure is not None:
                return None
            self._apply_together(connection, reading)
        except psycopg.OperationalError:
            self._path = None
            raise
        except Exception:  # noqa: BLE001 - each by itself, they meet it again and tell it
            self._path = None
            return None
        finally:
            if connection.info.transaction_status != TransactionStatus.IDLE:
                connection.rollback()
        self._is_at_end = len(rows) < self._batch_facts
        return True

    def _begin_together(
        self, connection: Connection[Any]
    ) -> tuple[list[Place], Sequence[MarkedRow]]:
        """Begin, lock what is behind, read the facts that it lacks."""
        expected = self._applied.position
        with connection.cursor() as cursor:
            places, rows = ledger.begin_together(cursor, tuple(self._projections), expected)
            if not places:
                return places, ()
            if places[0].position != expected or len(rows) >= ledger.EXPECTED_FACTS_MAX:
                rows = facts_after(cursor, places[0].position, self._batch_facts)
            return places, rows[: self._batch_facts]

    def _apply_together(self, connection: Connection[Any], reading: Reading) -> None:
        with connection.cursor() as cursor:
            batch = Batch(reading.facts, cursor, self._marks)
            for projection in self._projections.values():
                if projection.events & batch.events:
                    self._use_schema(cursor, projection.name)
                    projection.apply(batch)
            ledger.commit_together(cursor, tuple(self._projections), reading)
        self._applied.advance(reading.facts[-1].position)

    def _use_schema(self, cursor: Cursor[Any], name: str) -> None:
        """Let names mean tables of a schema, beyond this transaction: the next needs the same.

        What an aborted transaction set is not set any more.
        """
        if self._path != (cursor.connection, name):
            ledger.use_schema(cursor, name, in_transaction=False)
            self._path = (cursor.connection, name)

    def _advance(self, connection: Connection[Any], position: int, places: Sequence[Place]) -> bool:
        names = [place.name for place in places]
        with connection.transaction(), connection.cursor() as cursor:
            locked = ledger.lock_places(cursor, names, position)
            if not locked:
                return False
            rows = facts_after(cursor, position, self._batch_size(places[0]))
            if not rows:
                return False
            reading = decode_rows(rows, self._marks)
            if not reading.facts:
                failure = reading.failure
                code = failure.code if failure is not None else "fact-malformed"
                ledger.record_failure(cursor, locked, code, position + 1, position + 1)
                return False
            return self._apply(cursor, locked, reading)

    def _batch_size(self, place: Place) -> int:
        """Smaller after each failure, until the one fact that fails stands alone."""
        shift = place.failures * _SHRINK_BITS_PER_FAILURE
        return max(1, self._batch_facts >> shift)

    def _apply(self, cursor: Cursor[Any], names: Sequence[str], reading: Reading) -> bool:
        batch = Batch(reading.facts, cursor, self._marks)
        applied = [name for name in names if self._apply_to(self._projections[name], batch)]
        if applied:
            ledger.advance(cursor, applied, reading)
        return bool(applied)

    def _apply_to(self, projection: Projection, batch: Batch) -> bool:
        if not projection.events & batch.events:
            return True
        cursor = batch.cursor
        try:
            with cursor.connection.transaction():
                ledger.use_schema(cursor, projection.name)
                projection.apply(batch)
        except Exception as error:
            if cursor.connection.broken or isinstance(error, psycopg.OperationalError):
                raise
            first, last = batch.facts[0].position, batch.facts[-1].position
            _log.exception("projection %s failed in %d..%d", projection.name, first, last)
            ledger.record_failure(cursor, [projection.name], code_of(error), first, last)
            return False
        return True


def _groups(due: Sequence[Place]) -> list[tuple[int, list[Place]]]:
    """Projections at the same position, and in the same trouble, share a batch."""

    def key(place: Place) -> tuple[int, int]:
        return (-place.position, place.failures)

    return [
        (-position, list(places))
        for (position, _), places in groupby(sorted(due, key=key), key=key)
    ]


def _empty_behind_long_log(cursor: Cursor[Any]) -> set[str]:
    cursor.execute(
        "SELECT l.name FROM projection.ledger l, log.head h"
        " WHERE l.position = 0 AND h.position >= %s",
        (REBUILD_FACTS_MIN,),
    )
    return {name for (name,) in cursor}
