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
from registry.marks import MARK_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from eventsourcing.persistence import StoredEvent
    from psycopg import Cursor

    from registry.marks import Marks

_COPY_FACTS = (
    "COPY log.facts (notification_id, originator_id, originator_version, topic, state, mark)"
    " FROM STDIN (FORMAT BINARY)"
)
_COPY_CLAIMS = "COPY log.claims (key, kind, stream) FROM STDIN (FORMAT BINARY)"
_COPY_SUBJECT_KEYS = "COPY log.subject_keys (subject, wrapped) FROM STDIN (FORMAT BINARY)"
_COPY_BEGIN = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END = b"\xff\xff"
_COPY_ROWS = 256
# Behind the stored bytes stands the mark.
_fact = Struct("!hiqi16si8si").pack
_length = Struct("!i").pack
_version = Struct("!q").pack
_MARK_LENGTH = _length(MARK_BYTES)
_claim = Struct(f"!hi{CLAIM_DIGEST_BYTES}si").pack
_stream = Struct("!i16s").pack
_subject = Struct("!hi16si").pack


def copy_facts(
    cursor: Cursor[Any], events: Sequence[StoredEvent], position: int, marks: Marks
) -> None:
    """Add facts, the first of them at a position, each with its mark."""
    _copy(cursor, _COPY_FACTS, _fact_rows(events, position, marks.mark))


def copy_claims(cursor: Cursor[Any], claims: Sequence[tuple[bytes, str, UUID, bool]]) -> None:
    """Take names; the database refuses one that is taken."""
    _copy(cursor, _COPY_CLAIMS, _claim_rows(claims))


def copy_subject_keys(cursor: Cursor[Any], keys: Mapping[UUID, bytes]) -> None:
    """Add wrapped keys of new persons."""
    _copy(cursor, _COPY_SUBJECT_KEYS, _subject_rows(keys))


def _fact_rows(
    events: Sequence[StoredEvent], position: int, mark: Callable[[bytes, bytes, bytes], bytes]
) -> Iterator[bytes]:
    for event in events:
        name, state = event.topic.encode(), event.state
        stream_id = event.originator_id.bytes  # type: ignore[union-attr]  # ours are UUIDs
        version = _version(event.originator_version)
        fixed = _fact(6, 8, position, 16, stream_id, 8, version, len(name))
        own = mark(stream_id + version, name, state)
        yield b"".join((fixed, name, _length(len(state)), state, _MARK_LENGTH, own))
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
