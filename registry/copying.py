"""Rows of the log in bulk, by COPY in PostgreSQL's binary format.

A header, then for each row its number of fields and every field behind its length, then the end.
Written here by hand, because row by row through the driver takes as long as all the rest of an
append. `registry.log` holds the lock meanwhile.
"""

from __future__ import annotations

from itertools import islice
from struct import Struct
from typing import TYPE_CHECKING, Any

from registry.fact import CLAIM_DIGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from eventsourcing.persistence import StoredEvent
    from psycopg import Cursor

_COPY_FACTS = (
    "COPY log.facts (notification_id, originator_id, originator_version, topic, state)"
    " FROM STDIN (FORMAT BINARY)"
)
_COPY_CLAIMS = "COPY log.claims (key, kind, stream) FROM STDIN (FORMAT BINARY)"
_COPY_SUBJECT_KEYS = "COPY log.subject_keys (subject, wrapped) FROM STDIN (FORMAT BINARY)"
_COPY_BEGIN = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END = b"\xff\xff"
_COPY_ROWS = 256
_fact = Struct("!hiqi16siqi").pack
_length = Struct("!i").pack
_claim = Struct(f"!hi{CLAIM_DIGEST_BYTES}si").pack
_stream = Struct("!i16s").pack
_subject = Struct("!hi16si").pack


def copy_facts(cursor: Cursor[Any], events: Sequence[StoredEvent], position: int) -> None:
    """Add facts, the first of them at a position."""
    _copy(cursor, _COPY_FACTS, _fact_rows(events, position))


def copy_claims(cursor: Cursor[Any], claims: Sequence[tuple[bytes, str, UUID, bool]]) -> None:
    """Take names; the database refuses one that is taken."""
    _copy(cursor, _COPY_CLAIMS, _claim_rows(claims))


def copy_subject_keys(cursor: Cursor[Any], keys: Mapping[UUID, bytes]) -> None:
    """Add wrapped keys of new persons."""
    _copy(cursor, _COPY_SUBJECT_KEYS, _subject_rows(keys))


def _fact_rows(events: Sequence[StoredEvent], position: int) -> Iterator[bytes]:
    for event in events:
        name = event.topic.encode()
        stream_id = event.originator_id.bytes  # type: ignore[union-attr]  # ours are UUIDs
        fixed = (5, 8, position, 16, stream_id, 8, event.originator_version, len(name))
        yield b"".join((_fact(*fixed), name, _length(len(event.state)), event.state))
        position += 1


def _claim_rows(claims: Sequence[tuple[bytes, str, UUID, bool]]) -> Iterator[bytes]:
    for key, kind, stream, _ in claims:
        name = kind.encode()
        yield _claim(3, CLAIM_DIGEST_BYTES, key, len(name)) + name + _stream(16, stream.bytes)


def _subject_rows(keys: Mapping[UUID, bytes]) -> Iterator[bytes]:
    for subject, wrapped in keys.items():
        yield _subject(2, 16, subject.bytes, len(wrapped)) + wrapped


def _copy(cursor: Cursor[Any], statement: str, rows: Iterator[bytes]) -> None:
    with cursor.copy(statement) as copy:
        copy.write(_COPY_BEGIN)
        while piece := b"".join(islice(rows, _COPY_ROWS)):
            copy.write(piece)
        copy.write(_COPY_END)
