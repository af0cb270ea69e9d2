"""The ledger: how far each projection has come, and whether it missed a fact.

Position, count and digest of the facts that were applied move in the transaction that applies
them. `status` compares them with the head of the log, which counts for itself: a projection
without lag that missed a fact, or saw one twice, is INCOMPLETE and must be rebuilt.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import psycopg
from psycopg import sql

from projections.projection import read_sql
from projections.reading import facts_after_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection, Cursor

    from projections.projection import Projection
    from projections.reading import Reading
    from registry.marks import MarkedRow

SET_UP_LOCK = 5_601_946
# Digests of a longer tail are not computed for a health check; the count is compared then.
TAIL_FACTS_MAX = 20_000
WAIT_SECONDS_MAX = 10.0
RETRY_SECONDS_MIN = 0.1
RETRY_SECONDS_MAX = 60.0

_log = logging.getLogger(__name__)
_POLL_SECONDS_MIN = 0.002
_POLL_SECONDS_MAX = 0.05

Completeness = Literal["complete", "catching-up", "INCOMPLETE"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a projection stands still: a code, and the positions among which it happened."""

    code: str
    position: int
    position_last: int
    failures: int


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """State of a projection; `lag` is the number of facts it is behind the head of the log."""

    name: str
    position: int
    lag: int
    completeness: Completeness
    failure: Failure | None
    rebuilt_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a projection stands: facts up to `position` are applied."""

    name: str
    position: int
    failures: int
    error_until: int


def set_up(connection: Connection[Any], projections: Sequence[Projection]) -> tuple[str, ...]:
    """Create what is missing; return names of projections that are defined otherwise now.

    Runs under a lock, so that many processes may start at once. What an interrupted rebuild
    left behind is dropped, unless the rebuild still runs somewhere.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (SET_UP_LOCK,))
        cursor.execute(read_sql("ledger.sql"))
        known = dict(cursor.execute("SELECT name, definition FROM projection.ledger").fetchall())
        for projection in projections:
            _drop_leftovers(cursor, projection.name)
            if projection.name not in known:
                _create(cursor, projection)
    return tuple(
        projection.name
        for projection in projections
        if known.get(projection.name, projection.definition) != projection.definition
    )


def use_schema(cursor: Cursor[Any], schema: str, *, in_transaction: bool = True) -> None:
    """Let unqualified names of this transaction, or of the session, mean tables of this schema."""
    cursor.execute(
        "SELECT set_config('search_path', quote_ident(%s), %s)", (schema, in_transaction)
    )


def create_schema(cursor: Cursor[Any], schema: str, statements: bytes) -> None:
    """Create a schema and run statements in it."""
    cursor.execute("SELECT format('CREATE SCHEMA %%I', %s::text)", (schema,))
    statement = cursor.fetchone()
    assert statement is not None  # noqa: S101 - format() gives a row
    cursor.execute(statement[0])
    use_schema(cursor, schema)
    cursor.execute(statements)


def rebuild_lock(name: str) -> str:
    """The text whose hash is the advisory lock of whoever rebuilds a projection."""
    return f"sovang rebuild {name}"


def _create(cursor: Cursor[Any], projection: Projection) -> None:
    create_schema(cursor, projection.name, projection.tables)
    if projection.indexes:
        cursor.execute(projection.indexes)
    cursor.execute(
        "INSERT INTO projection.ledger (name, definition) VALUES (%s, %s)",
        (projection.name, projection.definition),
    )


def _drop_leftovers(cursor: Cursor[Any], name: str) -> None:
    with leaving_what_is_in_use(cursor.connection):
        drop_schema(cursor, f"{name}_old")
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", (rebuild_lock(name),))
        if cursor.fetchone() == (True,):
            drop_schema(cursor, f"{name}_next")


@contextmanager
def leaving_what_is_in_use(connection: Connection[Any]) -> Iterator[None]:
    """A transaction that drops tables; those that somebody reads for long are left as they are."""
    try:
        with connection.transaction():
            yield
    except psycopg.errors.LockNotAvailable as error:
        _log.warning("old tables are left: %s", error)


def drop_schema(cursor: Cursor[Any], schema: str) -> None:
    """Drop a schema with its tables, if it is there."""
    found = cursor.execute(
        "SELECT format('DROP SCHEMA %%I CASCADE', nspname) FROM pg_namespace WHERE nspname = %s",
        (schema,),
    ).fetchone()
    if found is not None:
        cursor.execute(found[0])


def is_defined_as(cursor: Cursor[Any], name: str, definition: str) -> bool:
    """Whether the tables of a projection were made by this definition."""
    found = cursor.execute(
        "SELECT FROM projection.ledger WHERE name = %s AND definition = %s", (name, definition)
    )
    return found.fetchone() is not None


def due_places(cursor: Cursor[Any], names: Sequence[str]) -> list[Place]:
    """Projections that are behind the log and not waiting for a retry; takes no lock."""
    cursor.execute(
        "SELECT l.name, l.position, l.failures, coalesce(l.error_until, 0)"
        "  FROM projection.ledger l, log.head h"
        " WHERE l.name = ANY(%s) AND l.position < h.position AND l.retry_at <= now()",
        (list(names),),
    )
    return [Place(*row) for row in cursor]


def lock_places(cursor: Cursor[Any], names: Sequence[str], position: int) -> list[str]:
    """Lock those that still stand at a position; those in other hands are left to them."""
    cursor.execute(
        "SELECT name FROM projection.ledger WHERE name = ANY(%s) AND position = %s"
        " ORDER BY name FOR UPDATE SKIP LOCKED",
        (list(names), position),
    )
    return [name for (name,) in cursor]


EXPECTED_FACTS_MAX: Final = 100
"""Facts that come with the beginning of a step; where there are more, they are read in bulk."""

# What runs all day is one message to the server, several statements in it: values stand in the
# text. Pipelines save round trips too, but wait a dozen times for as many answers.
_BEGIN_TOGETHER = sql.SQL(
    "BEGIN; SELECT l.name, l.position, l.failures, coalesce(l.error_until, 0)"
    "  FROM projection.ledger l, log.head h"
    " WHERE l.name = ANY({names}) AND l.position < h.position"
    " ORDER BY l.name FOR UPDATE OF l SKIP LOCKED"
)
_COMMIT_TOGETHER = sql.SQL(
    "UPDATE projection.ledger SET position = {last}, facts = facts + {facts},"
    " digest = digest # {digest}::bigint WHERE name = ANY({names}); COMMIT"
)


def begin_together(
    cursor: Cursor[Any], names: Sequence[str], expected: int
) -> tuple[list[Place], list[MarkedRow]]:
    """Begin a transaction, lock the projections that are behind; leave out those in other hands.

    The first facts behind the position where they are expected come in the same answer, at most
    `EXPECTED_FACTS_MAX`.
    """
    cursor.execute(_beginning(tuple(names)) + facts_after_text(expected, EXPECTED_FACTS_MAX))
    cursor.nextset()
    places = [Place(*row) for row in cursor]
    cursor.nextset()
    return places, cursor.fetchall()


@lru_cache
def _beginning(names: tuple[str, ...]) -> bytes:
    return _BEGIN_TOGETHER.format(names=list(names)).as_bytes() + b"; "


def commit_together(cursor: Cursor[Any], names: Sequence[str], reading: Reading) -> None:
    """Say that projections without a failure applied these facts, and commit."""
    last, facts = reading.facts[-1].position, len(reading.facts)
    cursor.execute(
        _COMMIT_TOGETHER.format(last=last, facts=facts, digest=reading.digest, names=list(names))
    )


def advance(cursor: Cursor[Any], names: Sequence[str], reading: Reading) -> None:
    """Say that these projections applied these facts; a failure behind them is forgotten."""
    cursor.execute(
        "UPDATE projection.ledger SET position = %(last)s, facts = facts + %(facts)s,"
        " digest = digest # %(digest)s::bigint,"
        " failures = CASE WHEN %(last)s < error_until THEN failures ELSE 0 END,"
        " error_code = CASE WHEN %(last)s < error_until THEN error_code END,"
        " error_from = CASE WHEN %(last)s < error_until THEN error_from END,"
        " error_until = CASE WHEN %(last)s < error_until THEN error_until END"
        " WHERE name = ANY(%(names)s)",
        {
            "last": reading.facts[-1].position,
            "facts": len(reading.facts),
            "digest": reading.digest,
            "names": list(names),
        },
    )


def record_failure(
    cursor: Cursor[Any], names: Sequence[str], code: str, first: int, last: int
) -> None:
    """Say that these projections failed among these positions; they wait longer each time."""
    cursor.execute(
        "UPDATE projection.ledger SET error_code = %s, error_from = %s,"
        " error_until = greatest(%s, coalesce(error_until, 0)), failures = failures + 1,"
        " retry_at = now() + make_interval(secs => least(%s, %s * 2.0 ^ least(failures, 20)))"
        " WHERE name = ANY(%s)",
        (code, first, last, RETRY_SECONDS_MAX, RETRY_SECONDS_MIN, list(names)),
    )


_STATUS = """
SELECT l.name, l.position, l.facts, l.digest, h.position, h.facts, h.digest,
       l.error_code, l.error_from, l.error_until, l.failures, l.rebuilt_at,
       tail.facts, tail.digest
  FROM projection.ledger l CROSS JOIN log.head h
  CROSS JOIN LATERAL (
        SELECT count(*) AS facts,
               coalesce(bit_xor(log.fact_digest(f.notification_id, f.originator_id,
                        f.originator_version, f.topic, f.state)), 0) AS digest
          FROM log.facts f
         WHERE f.notification_id > l.position AND h.position - l.position <= %s
       ) AS tail
 ORDER BY l.name
"""


def status(
    cursor: Cursor[Any], tail_facts_max: int = TAIL_FACTS_MAX
) -> tuple[ProjectionStatus, ...]:
    """Lag, completeness and failure of every projection, from one look at the database.

    Digests of a tail longer than `tail_facts_max` are not computed.
    """
    rows = cursor.execute(_STATUS, (tail_facts_max,))
    return tuple(_status_of(row, tail_facts_max) for row in rows)


def _status_of(row: tuple[Any, ...], tail_facts_max: int) -> ProjectionStatus:
    name, position, facts, digest, head_position, head_facts, head_digest, *rest = row
    code, first, last, failures, rebuilt_at, tail_facts, tail_digest = rest
    lag = head_position - position
    if lag > tail_facts_max:
        # Positions are dense, so this many facts are missing; their digest is not looked at.
        tail_facts, tail_digest = lag, digest ^ head_digest
    whole = facts + tail_facts == head_facts and digest ^ tail_digest == head_digest
    completeness: Completeness = "complete" if lag == 0 else "catching-up"
    return ProjectionStatus(
        name,
        position,
        lag,
        completeness if whole else "INCOMPLETE",
        Failure(code, first, last, failures) if code is not None else None,
        rebuilt_at,
    )


def wait_for(
    cursor: Cursor[Any],
    position: int,
    seconds_max: float = WAIT_SECONDS_MAX,
    names: Sequence[str] | None = None,
) -> bool:
    """Wait until projections have applied a position; False when the time is over.

    Read-your-writes: a command returns its position, the query that follows waits for it.
    Those that stand still because of an error are not waited for. `cursor` must see what
    others commit (autocommit).
    """
    deadline = time.monotonic() + seconds_max
    pause = _POLL_SECONDS_MIN
    while not _reached(cursor, position, names):
        if time.monotonic() + pause > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, _POLL_SECONDS_MAX)
    return True


def position_reached(cursor: Cursor[Any]) -> int:
    """Up to where all have come that do not stand still because of an error."""
    found = cursor.execute("SELECT min(position) FROM projection.ledger WHERE failures = 0")
    row = found.fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def _reached(cursor: Cursor[Any], position: int, names: Sequence[str] | None) -> bool:
    found = cursor.execute(
        "SELECT min(position) >= %s FROM projection.ledger"
        " WHERE failures = 0 AND (%s::text[] IS NULL OR name = ANY(%s::text[]))",
        (position, names, names),
    ).fetchone()
    return found is not None and bool(found[0])
