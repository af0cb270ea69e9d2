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

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError, Notification, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg.rows import tuple_row

from registry.append_ways import (
    Append,
    Fate,
    append_by_call,
    append_by_copy,
    refused_acknowledgement,
    translated_errors,
)
from registry.appending import (
    Appended,
    Appending,
    groups,
    joined,
    parted,
)
from registry.datastore import Datastore
from registry.errors import Conflict, CorruptFact, NotReady, OutcomeUnknown
from registry.fact import CLAIM_DIGEST_BYTES
from registry.outages import ClaimTaken
from registry.together import Together

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg_pool import ConnectionPool

    from registry.marks import MarkedRow, Marks


# Who sends nothing because it is said that nothing can be recorded would never find out.
TROUBLE_SECONDS = 60.0

_FACTS = (
    "SELECT notification_id, originator_id, originator_version, topic, state, mark FROM log.facts"
)
_SELECT_STREAM = (
    _FACTS + " WHERE originator_id = %s AND originator_version >= %s ORDER BY originator_version"
)
_SELECT_NEWEST = (
    "SELECT wanted.stream, (SELECT f.originator_version FROM log.facts f"
    " WHERE f.originator_id = wanted.stream ORDER BY f.originator_version DESC LIMIT 1)"
    " FROM unnest(%b::uuid[]) AS wanted (stream)"
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
LAST_FACT = _FACTS + " ORDER BY notification_id DESC LIMIT 1"
# The keys come as one text of bytes: making an array of thousands takes the driver long.
_SELECT_HOLDERS = (
    "SELECT key, stream, released FROM log.claims WHERE key = ANY(ARRAY("
    "SELECT substr(%b, 1 + place * %b::int, %b::int)"
    " FROM generate_series(0, %b::int - 1) AS place))"
)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: last position (0 when empty), number of facts, digest over them."""

    position: int
    facts: int
    digest: int


class FactLog(PostgresApplicationRecorder):
    """Appends facts and reads them back in order."""

    def __init__(
        self,
        pool: ConnectionPool[Connection[Any]],
        marks: Marks,
        waited_in_vain: Callable[[], object] = lambda: None,
    ) -> None:
        """`waited_in_vain` is called when an append gave up waiting for the log's lock."""
        self._pool = pool
        self.marks = marks
        self._waited_in_vain = waited_in_vain
        self._trouble: tuple[str, float] | None = None
        self._appends: Together[Appending, Appended] = Together(self._append_together)
        self._versions: Together[UUID, int] = Together(self._versions_together)
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

        Small appends that come together share a transaction and its flush to the disk, each with
        its own answer. Raises `ClaimTaken`, `Conflict` (a stream moved on: read it again and
        decide again), `NotReady` (nothing was recorded), or `OutcomeUnknown` (the connection
        broke: ask again under the same request key).
        """
        try:
            if appending.is_bulk:
                appended = self._append_alone(self._without_held_claims(appending), append_by_copy)
            else:
                appended = self._appends.ask(appending)
        except (NotReady, OutcomeUnknown, CorruptFact) as error:
            self._trouble = error.code, time.monotonic()
            if error.code == "database-busy":
                self._waited_in_vain()
            raise
        self._trouble = None
        return appended

    def _append_alone(self, appending: Appending, append: Append) -> Appended:
        fate = Fate()
        with (
            translated_errors(fate),
            self._pool.connection() as connection,
            refused_acknowledgement(connection),
        ):
            return append(connection, appending, self.marks, fate)

    def _append_together(self, asked: Sequence[Appending]) -> list[Appended | BaseException]:
        """Append what several threads want; each is told what became of his own.

        Where the database refuses what they share, each is tried by himself: only he is refused
        whose versions or names do not hold. What is true of all of them, or may stand, is not
        tried again.
        """
        found: list[Appended | BaseException] = []
        for shared in groups(asked):
            try:
                appended = self._append_alone(joined(shared), append_by_call)
            except (ClaimTaken, Conflict, psycopg.Error) as error:
                found += [error] if len(shared) == 1 else [self._tried(one) for one in shared]
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                found += [error] * len(shared)
            else:
                found += parted(shared, appended)
        return found

    def _tried(self, appending: Appending) -> Appended | BaseException:
        try:
            return self._append_alone(appending, append_by_call)
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            return error

    def trouble(self) -> str | None:
        """Why nothing could be recorded at the last attempt, if that was not long ago."""
        trouble = self._trouble
        if trouble is None or time.monotonic() - trouble[1] > TROUBLE_SECONDS:
            return None
        return trouble[0]

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

    def version_of(self, stream_id: UUID) -> int:
        """The version that a stream has reached; 0 where it has no fact. One look at an index.

        Threads that ask at the same time look together.
        """
        return self._versions.ask(stream_id)

    def _versions_together(self, streams: Sequence[UUID]) -> list[int]:
        with translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row, binary=True)
            wanted = list(dict.fromkeys(streams))
            found: dict[UUID, int | None] = dict(
                cursor.execute(_SELECT_NEWEST, (wanted,), prepare=True).fetchall()
            )
        return [found[stream] or 0 for stream in streams]

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
        return _in_order_of_decoding(self._genuine(_SELECT_AFTER, (position, limit)))

    def _genuine(self, query: LiteralString, parameters: tuple[Any, ...]) -> list[MarkedRow]:
        """Facts as they are stored, all of them marked."""
        with translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row, binary=True)
            rows = cursor.execute(query, parameters, prepare=True).fetchall()
        self.marks.require(rows)
        return rows

    def read_last(self) -> list[tuple[UUID, int, int, str, bytes]]:
        """The last fact, as `read_after` gives it; nothing of an empty log."""
        return _in_order_of_decoding(self._genuine(LAST_FACT, ()))

    def head(self) -> Head:
        """The end of the log."""
        with translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            row = cursor.execute("SELECT position, facts, digest FROM log.head").fetchone()
        if row is None:
            raise NotReady("log-not-ready")
        return Head(*row)

    def traces_of_keys(self) -> tuple[bool, bool]:
        """Whether a head of this log was ever signed, and whether a key list is among its facts."""
        with translated_errors(), self._pool.connection() as connection:
            row = connection.execute(
                "SELECT EXISTS (SELECT FROM log.checkpoints),"
                " EXISTS (SELECT FROM log.facts WHERE topic = 'key-list-published.v1')"
            ).fetchone()
        return (bool(row[0]), bool(row[1])) if row is not None else (False, False)

    def holders(self, keys: Sequence[bytes], *, or_last: bool = False) -> dict[bytes, UUID]:
        """Which streams hold these claims; claims that nobody holds are left out.

        With `or_last` also who held a name last that is free again.
        """
        with translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row, binary=True)
            asked = (b"".join(keys), CLAIM_DIGEST_BYTES, CLAIM_DIGEST_BYTES, len(keys))
            cursor.execute(_SELECT_HOLDERS, asked, prepare=True)
            return {
                bytes(key): stream for key, stream, released in cursor if or_last or not released
            }

    def subject_keys(self, subjects: Sequence[UUID]) -> dict[UUID, bytes]:
        """Wrapped keys of these persons; those erased or unknown are left out."""
        with translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row, binary=True)
            cursor.execute(
                "SELECT subject, wrapped FROM log.subject_keys WHERE subject = ANY(%b::uuid[])",
                (list(subjects),),
                prepare=True,
            )
            return {subject: bytes(wrapped) for subject, wrapped in cursor}

    def known_streams(self, streams: Sequence[UUID]) -> set[UUID]:
        """Those of these streams that have a fact."""
        with translated_errors(), self._pool.connection() as connection:
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
        with translated_errors(), self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            cursor.execute(
                "SELECT nextval('log.serial_number') FROM generate_series(1, %s::bigint)", (count,)
            )
            return [number for (number,) in cursor]


def _in_order_of_decoding(
    rows: Sequence[MarkedRow],
) -> list[tuple[UUID, int, int, str, bytes]]:
    return [
        (stream, version, place, name, state) for place, stream, version, name, state, _ in rows
    ]


__all__ = [
    "Appended",
    "Appending",
    "ClaimTaken",
    "FactLog",
    "Head",
]
