"""The log of facts on PostgreSQL: the only write of the whole program.

A recorder of the `eventsourcing` library with its own way to append (the library's tables and
its reads are kept). Why not the library's own insert:
  * its pipelined insert hangs for ever from about 800 events on; ours is one statement, or COPY;
  * claims and expectations must be in the append's own transaction;
  * positions are dense and ordered by commit: `log.lock_head()` is held until the commit, and
    the database itself refuses a fact that does not stand directly behind the head.

What is true if we die:
  before the commit    nothing of the append stands;
  after the commit     all of it stands, and the caller may not know: `OutcomeUnknown`. He
                       repeats the request under the same key and is told what stands.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError, Notification, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg.rows import tuple_row
from psycopg_pool import PoolTimeout

from registry.copying import copy_claims, copy_facts, copy_subject_keys
from registry.datastore import Datastore
from registry.errors import Conflict, NotReady, OutcomeUnknown, RegistryError
from registry.fact import CLAIM_DIGEST_BYTES

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg_pool import ConnectionPool

    from registry.marks import MarkedRow, Marks


BULK_FACTS_MIN = 200

_RECORD_CHANGED = "SV001"
_CLAIM_TAKEN = "SV002"
_NOT_AT_HEAD = "SV004"

_APPEND = (
    "SELECT first_position, held_key, held_by FROM log.append("
    "%b::uuid[], %b::bigint[], %b::text[], %b::bytea[], %b::bytea[],"
    "%b::bytea[], %b::text[], %b::uuid[], %b::boolean[],"
    "%b::uuid[], %b::bigint[], %b::uuid[], %b::bytea[])"
)
_FACTS = (
    "SELECT notification_id, originator_id, originator_version, topic, state, mark FROM log.facts"
)
_SELECT_STREAM = (
    _FACTS + " WHERE originator_id = %s AND originator_version >= %s ORDER BY originator_version"
)
_SELECT_STREAMS = (
    "SELECT f.notification_id, f.originator_id, f.originator_version, f.topic, f.state, f.mark"
    " FROM unnest(%b::uuid[], %b::bigint[]) AS wanted (stream, first_version)"
    " JOIN log.facts f ON f.originator_id = wanted.stream"
    " AND f.originator_version >= wanted.first_version"
    " ORDER BY f.originator_id, f.originator_version"
)
_SELECT_VERSIONS = _FACTS + " WHERE originator_id = %s AND originator_version = ANY(%b::bigint[])"
_SELECT_POSITIONS = _FACTS + " WHERE notification_id = ANY(%b::bigint[])"
_SELECT_AFTER = _FACTS + " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
# The keys come as one text of bytes: making an array of thousands takes the driver long.
_SELECT_HOLDERS = (
    "SELECT key, stream FROM log.claims WHERE key = ANY(ARRAY("
    "SELECT substr(%b, 1 + place * %b::int, %b::int)"
    " FROM generate_series(0, %b::int - 1) AS place))"
)


class ClaimTaken(RegistryError):  # noqa: N818
    """A claim is held by another stream; translated by the record that wanted it."""

    def __init__(self, key: bytes, holder: UUID) -> None:
        self.key = key
        self.holder = holder
        super().__init__("claim-taken", holder=str(holder))


@dataclass(frozen=True, slots=True)
class Appending:
    """Everything that one transaction adds to the log.

    `claims` are (key, kind, stream, soft); `expected` says at which version streams that were
    only read must still be; `subject_keys` are wrapped keys of new persons. `asked` are keys of
    claims that were free when the caller asked: the bulk path need not ask again. `erased` are
    persons whose keys are destroyed.
    """

    events: Sequence[StoredEvent]
    claims: Sequence[tuple[bytes, str, UUID, bool]] = ()
    expected: Sequence[tuple[UUID, int]] = ()
    subject_keys: dict[UUID, bytes] = field(default_factory=dict)
    asked: Container[bytes] = ()
    erased: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """Positions of what was added, and who held the soft claims that were taken already."""

    first_position: int
    last_position: int
    held: dict[bytes, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: last position (0 when empty), number of facts, digest over them."""

    position: int
    facts: int
    digest: int


class FactLog(PostgresApplicationRecorder):
    """Appends facts and reads them back in order."""

    def __init__(self, pool: ConnectionPool[Connection[Any]], marks: Marks) -> None:
        self._pool = pool
        self.marks = marks
        super().__init__(Datastore(pool), events_table_name="facts")

    def create_table(self) -> None:
        """Nothing: migrations create the log."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        """Append plain events: the library's way in. Returns their positions.

        Raises `IntegrityError` for a version that is taken, and what `append` raises else.
        """
        if not stored_events:
            return []
        try:
            appended = self.append(Appending(stored_events))
        except Conflict as error:
            raise IntegrityError(str(error)) from error
        return list(range(appended.first_position, appended.last_position + 1))

    def select_events(self, originator_id: UUID | str, **options: Any) -> Sequence[StoredEvent]:
        """Events of a stream as the library reads them; marks are looked at beside."""
        found: Sequence[StoredEvent] = super().select_events(originator_id, **options)
        versions = [event.originator_version for event in found]
        self._genuine(_SELECT_VERSIONS, (originator_id, versions))
        return found

    def select_notifications(self, *wanted: Any, **options: Any) -> Sequence[Notification]:
        """Events of the log as the library reads them; marks are looked at beside."""
        found: Sequence[Notification] = super().select_notifications(*wanted, **options)
        self._genuine(_SELECT_POSITIONS, ([one.id for one in found],))
        return found

    def append(self, appending: Appending) -> Appended:
        """Add facts with their claims and keys in one transaction.

        Raises `ClaimTaken`, `Conflict` (a stream moved on: read it again and decide again) or
        `OutcomeUnknown` (the connection broke: ask again under the same request key).
        """
        # One statement does not destroy keys; what does is a transaction of several.
        bulk = len(appending.events) >= BULK_FACTS_MIN or bool(appending.erased)
        if bulk:
            appending = self._without_held_claims(appending)
        append = _append_by_copy if bulk else _append_by_call
        with (
            _translated_errors(writing=True),
            self._pool.connection() as connection,
            _refused_acknowledgement(connection),
        ):
            return append(connection, appending, self.marks)

    def _without_held_claims(self, appending: Appending) -> Appending:
        """Leave out names that the same record holds already; COPY cannot.

        Raises `ClaimTaken`. A name taken between here and the COPY fails there: `Conflict`, a
        soft one too, so that whoever judges again sees who holds it.
        """
        unasked = [claim[0] for claim in appending.claims if claim[0] not in appending.asked]
        holders = self.holders(unasked) if unasked else {}
        if not holders:
            return appending
        free = []
        for key, kind, stream, soft in appending.claims:
            holder = holders.get(key)
            if holder is None:
                free.append((key, kind, stream, soft))
            elif not soft and (holder != stream or kind == "request"):
                raise ClaimTaken(key, holder)
        return replace(appending, claims=free)

    def read_stream(
        self, stream_id: UUID, first_version: int = 1
    ) -> list[tuple[int, int, str, bytes]]:
        """Version, position, name and bytes of a stream's facts from a version on, in order.

        Raises `CorruptFact` for one that the register did not write, as all that read facts here.
        """
        rows = self._genuine(_SELECT_STREAM, (stream_id, first_version))
        return [(version, position, name, state) for position, _, version, name, state, _ in rows]

    def read_streams(
        self, first_versions: Mapping[UUID, int]
    ) -> list[tuple[UUID, int, int, str, bytes]]:
        """Stream, version, position, name and bytes of several streams' facts, each in order.

        Each stream is read from a version of its own on.
        """
        rows = self._genuine(_SELECT_STREAMS, (list(first_versions), list(first_versions.values())))
        return [
            (stream, version, position, name, state)
            for position, stream, version, name, state, _ in rows
        ]

    def read_after(self, position: int, limit: int) -> list[tuple[UUID, int, int, str, bytes]]:
        """Stream, version, position, name and bytes of the facts behind a position, in order."""
        rows = self._genuine(_SELECT_AFTER, (position, limit))
        return [
            (stream, version, place, name, state) for place, stream, version, name, state, _ in rows
        ]

    def _genuine(self, query: LiteralString, parameters: tuple[Any, ...]) -> list[MarkedRow]:
        """Facts as they are stored, all of them marked."""
        with _translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row, binary=True)
            rows = cursor.execute(query, parameters, prepare=True).fetchall()
        self.marks.require(rows)
        return rows

    def head(self) -> Head:
        """The end of the log."""
        with _translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            row = cursor.execute("SELECT position, facts, digest FROM log.head").fetchone()
        if row is None:
            raise NotReady("log-not-ready")
        return Head(*row)

    def holders(self, keys: Sequence[bytes]) -> dict[bytes, UUID]:
        """Which streams hold these claims; claims that nobody holds are left out."""
        with _translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row, binary=True)
            asked = (b"".join(keys), CLAIM_DIGEST_BYTES, CLAIM_DIGEST_BYTES, len(keys))
            cursor.execute(_SELECT_HOLDERS, asked, prepare=True)
            return {bytes(key): stream for key, stream in cursor}

    def subject_keys(self, subjects: Sequence[UUID]) -> dict[UUID, bytes]:
        """Wrapped keys of these persons; those erased or unknown are left out."""
        with _translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row, binary=True)
            cursor.execute(
                "SELECT subject, wrapped FROM log.subject_keys WHERE subject = ANY(%b::uuid[])",
                (list(subjects),),
                prepare=True,
            )
            return {subject: bytes(wrapped) for subject, wrapped in cursor}

    def known_streams(self, streams: Sequence[UUID]) -> set[UUID]:
        """Those of these streams that have a fact."""
        with _translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row, binary=True)
            cursor.execute(
                "SELECT DISTINCT originator_id FROM log.facts"
                " WHERE originator_id = ANY(%b::uuid[])",
                (list(streams),),
                prepare=True,
            )
            return {stream for (stream,) in cursor}

    def serial_numbers(self, count: int) -> list[int]:
        """So many running numbers never given before; gaps are possible."""
        with _translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            cursor.execute(
                "SELECT nextval('log.serial_number') FROM generate_series(1, %s::bigint)", (count,)
            )
            return [number for (number,) in cursor]


def _append_by_call(connection: Connection[Any], appending: Appending, marks: Marks) -> Appended:
    """One statement, one round trip, one flush."""
    events, claims = appending.events, appending.claims
    rows = (
        connection.cursor(row_factory=tuple_row)
        .execute(
            _APPEND,
            (
                [event.originator_id for event in events],
                [event.originator_version for event in events],
                [event.topic for event in events],
                [event.state for event in events],
                [marks.of(event) for event in events],
                [claim[0] for claim in claims],
                [claim[1] for claim in claims],
                [claim[2] for claim in claims],
                [claim[3] for claim in claims],
                [stream for stream, _ in appending.expected],
                [version for _, version in appending.expected],
                list(appending.subject_keys),
                list(appending.subject_keys.values()),
            ),
            prepare=True,
        )
        .fetchall()
    )
    first = rows[-1][0]
    held = {bytes(key): holder for _, key, holder in rows if key is not None}
    return Appended(first, first + len(events) - 1, held)


def _append_by_copy(connection: Connection[Any], appending: Appending, marks: Marks) -> Appended:
    """The bulk path: COPY under the same lock, with the same claims and checks."""
    with connection.transaction():
        cursor = connection.cursor(row_factory=tuple_row)
        locked = cursor.execute("SELECT log.lock_head()").fetchone()
        assert locked is not None  # noqa: S101 - a function returns its row
        last: int = locked[0]
        if appending.expected:
            streams, versions = zip(*appending.expected, strict=True)
            cursor.execute(
                "SELECT log.check_expected(%b::uuid[], %b::bigint[])",
                (list(streams), list(versions)),
            )
        if appending.claims:
            copy_claims(cursor, appending.claims)
        if appending.subject_keys:
            copy_subject_keys(cursor, appending.subject_keys)
        copy_facts(cursor, appending.events, last + 1, marks)
        if appending.erased:
            cursor.execute("SELECT log.destroy_keys(%b::uuid[])", (list(appending.erased),))
    return Appended(last + 1, last + len(appending.events))


@contextmanager
def _refused_acknowledgement(connection: Connection[Any]) -> Iterator[None]:
    """Treat a commit that did not reach its replica as not acknowledged.

    PostgreSQL reports success with a warning when the wait for synchronous replication is
    cancelled: the facts stand on one server only.
    """
    warnings: list[str] = []

    def notice(diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.sqlstate == "01000" and "synchronous replication" in (
            diagnostic.message_primary or ""
        ):
            warnings.append(diagnostic.message_primary or "")

    connection.add_notice_handler(notice)
    try:
        yield
    finally:
        connection.remove_notice_handler(notice)
    if warnings:
        raise OutcomeUnknown("not-replicated")


@contextmanager
def _translated_errors(*, writing: bool = False) -> Iterator[None]:
    """The one place where errors of the database become errors of the registry.

    A connection that breaks leaves the outcome unknown only if something was being written.
    """
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise Conflict("record-changed", constraint=error.diag.constraint_name) from error
    except PoolTimeout as error:
        raise NotReady("database-unavailable") from error
    except psycopg.OperationalError as error:
        if writing:
            raise OutcomeUnknown("connection-lost") from error
        raise NotReady("database-unavailable") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotReady("database-rights-missing", reason=str(error).splitlines()[0]) from error
    except psycopg.DatabaseError as error:
        if error.sqlstate == _RECORD_CHANGED:
            raise Conflict("record-changed", stream=error.diag.message_detail) from error
        if error.sqlstate == _NOT_AT_HEAD:
            raise Conflict("record-changed") from error
        if error.sqlstate == _CLAIM_TAKEN:
            key, _, holder = (error.diag.message_detail or "").partition(" ")
            raise ClaimTaken(bytes.fromhex(key), UUID(holder)) from error
        raise


__all__ = [
    "Appended",
    "Appending",
    "ClaimTaken",
    "FactLog",
    "Head",
]
