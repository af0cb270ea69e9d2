"""Register of signatures: what each index of the status lists stands for, and whether it holds.

A paper that was signed anew after a correction has several indexes; only its newest counts.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from projections.projection import Batch, Projection, read_sql
from projections.validity import validity
from projections.writing import Row, Table
from registry import award
from registry.artifact import ArtifactSigned
from registry.numbers import normalise_serial
from registry.proofs.status_lists import list_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

_EVENTS = frozenset(award.EVENTS.values())

_TABLE = Table(
    "signature",
    (
        ("status_index", "int8"),
        ("list", "int8"),
        ("award_id", "uuid"),
        ("serial_key", "text"),
        ("position", "int8"),
        ("digest", "bytea"),
        ("in_force", "bool"),
    ),
)
_FIND = """
SELECT award_id, serial_key, position, digest, in_force
  FROM signatures.signature WHERE status_index = %s
"""
_REVOKED: Final = """
SELECT status_index FROM signatures.signature
 WHERE list = %s AND NOT in_force ORDER BY status_index
"""
_FILL: Final = """
SELECT list, count(*) FROM signatures.signature GROUP BY list ORDER BY list DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """A signature by its index; `position` is that of its fact in the log."""

    award_id: UUID
    serial_key: str
    position: int
    digest: bytes
    in_force: bool


def find_signature(cursor: Cursor[Any], status_index: int) -> SignatureRow | None:
    """What an index of the status lists stands for."""
    row = cursor.execute(_FIND, (status_index,)).fetchone()
    return None if row is None else SignatureRow(*row)


def revoked_indexes(cursor: Cursor[Any], number: int) -> tuple[int, ...]:
    """Indexes of one list whose papers are not in force."""
    return tuple(index for (index,) in cursor.execute(_REVOKED, (number,)))


def newest_list(cursor: Cursor[Any]) -> tuple[int, int]:
    """Number of the newest list that is used, and how many of its indexes are."""
    return cursor.execute(_FILL).fetchone() or (0, 0)


def _apply(batch: Batch) -> None:
    stories = batch.stories(batch.by_stream(_EVENTS))
    rows = [row for facts in stories.values() for row in _rows(facts)]
    _TABLE.delete(batch.cursor, "status_index", [row[0] for row in rows])
    _TABLE.copy(batch.cursor, rows)


def _rows(facts: Sequence[Fact[Any]]) -> Iterator[Row]:
    """The signatures of one award's papers, after these facts."""
    signed = [fact for fact in facts if isinstance(fact.event, ArtifactSigned)]
    if not signed:
        return
    newest = {fact.event.serial: fact for fact in signed}
    for fact in signed:
        event = fact.event
        counts = newest[event.serial] is fact and validity(facts, event.serial).in_force
        yield (
            event.status_index,
            list_of(event.status_index),
            fact.stream_id,
            normalise_serial(event.serial),
            fact.position,
            sha256(payload_bytes(event)).digest(),
            counts,
        )


def payload_bytes(event: ArtifactSigned) -> bytes:
    """The exact bytes that were signed."""
    return urlsafe_b64decode(event.payload + "=" * (-len(event.payload) % 4))


PROJECTION = Projection(
    name="signatures",
    version=1,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("signatures.sql"),
    indexes=read_sql("signatures_indexes.sql"),
)
