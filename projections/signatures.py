"""Register of signatures: what each index of the status lists stands for, and whether it holds.

A paper that was signed anew after a correction has several indexes; only its newest counts.

Each row has all that a stranger is told, and what the holder's name and year of birth are compared
with, so that checking a certificate is one look-up. It is believed only while it tells of its
award's last version: a register that is behind the log answers nothing, and the facts are read
instead.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec
import psycopg

from projections.as_of import award_as_of
from projections.looking_up import NUMBER_MAX, LookUp
from projections.projection import Batch, Projection, read_sql
from projections.standing import Holder, Standing, form_of, holder_of, standing_of
from projections.writing import Row, Table, jsonb_bytes
from registry import award
from registry.award.artifact import ArtifactSigned
from registry.numbers import normalise_serial
from registry.proofs.status_lists import list_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from psycopg import Connection, Cursor

    from registry.fact import Fact

_EVENTS = frozenset(award.EVENTS.values())
_read_standing = msgspec.json.Decoder(Standing).decode
_read_holder = msgspec.json.Decoder(Holder).decode

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
        ("version", "int8"),
        ("form", "text"),
        ("standing", "jsonb"),
        ("holder", "jsonb"),
    ),
)
_TRUE: Final = b"\x01"
# Of the tables that are being filled, which a rebuild has beside those that are read.
_SIGNED_BEFORE: Final = "SELECT award_id FROM signature WHERE award_id = ANY(%s::uuid[])"
_FIND = """
SELECT award_id, serial_key, position, digest, in_force
  FROM signatures.signature WHERE status_index = %s
"""
_CURRENT: Final = LookUp(
    b"current-signature",
    b"""
SELECT position, digest, in_force, form, standing::text, holder::text
  FROM signatures.signature s
 WHERE status_index = $1 AND version = (SELECT max(f.originator_version) FROM log.facts f
                                         WHERE f.originator_id = s.award_id)
""",
)
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


@dataclass(frozen=True, slots=True)
class CurrentSignature:
    """A signature with what is told of its paper now; `in_force` as for the status lists."""

    position: int
    digest: bytes
    in_force: bool
    form: str
    standing: Standing
    stored_holder: bytes

    @property
    def holder(self) -> Holder:
        """Whom the award names; few ask, so it is read only then."""
        return _read_holder(self.stored_holder)


def find_current_signature(
    connection: Connection[Any], status_index: int
) -> CurrentSignature | None:
    """What an index of the status lists stands for now; None where only the facts can tell."""
    if not 0 <= status_index <= NUMBER_MAX:
        return None
    try:
        row = _CURRENT.find(connection, status_index)
    except psycopg.ProgrammingError:
        # No register yet, or one that an older program made.
        return None
    if row is None:
        return None
    position, digest, in_force, form, standing, holder = row
    return CurrentSignature(
        int.from_bytes(position, "big"),
        digest,
        in_force == _TRUE,
        form.decode(),
        _read_standing(standing),
        holder,
    )


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
    fresh = batch.by_stream(_EVENTS)
    stories = batch.stories(_signed_streams(batch, fresh))
    rows = [row for facts in stories.values() for row in _rows(facts)]
    _TABLE.delete(batch.cursor, "status_index", [row[0] for row in rows])
    _TABLE.copy(batch.cursor, rows)


def _signed_streams(batch: Batch, fresh: Mapping[UUID, Sequence[Fact[Any]]]) -> set[UUID]:
    """Awards with signed papers: most have none, and nothing of them need be read."""
    now = {
        stream
        for stream, facts in fresh.items()
        if any(isinstance(fact.event, ArtifactSigned) for fact in facts)
    }
    before = batch.cursor.execute(_SIGNED_BEFORE, (list(fresh),))
    return now | {stream for (stream,) in before}


def signatures_of(facts: Sequence[Fact[Any]]) -> Iterator[tuple[Fact[Any], bool]]:
    """The signatures of one award's papers, and whether each is in force after these facts."""
    for fact, counts, _ in _with_standing(facts):
        yield fact, counts


def _with_standing(facts: Sequence[Fact[Any]]) -> Iterator[tuple[Fact[Any], bool, Standing]]:
    signed = [fact for fact in facts if isinstance(fact.event, ArtifactSigned)]
    newest = {fact.event.serial: fact for fact in signed}
    for fact in signed:
        serial = fact.event.serial
        standing = standing_of(facts, serial)
        yield fact, newest[serial] is fact and standing.held.in_force, standing


def _rows(facts: Sequence[Fact[Any]]) -> Iterator[Row]:
    state = award_as_of(facts)
    assert isinstance(state, award.Entered)  # noqa: S101 - only an award's papers are signed
    holder = jsonb_bytes(msgspec.json.encode(holder_of(state.content)))
    for fact, counts, standing in _with_standing(facts):
        event: ArtifactSigned = fact.event
        yield (
            event.status_index,
            list_of(event.status_index),
            fact.stream_id,
            normalise_serial(event.serial),
            fact.position,
            sha256(payload_bytes(event)).digest(),
            counts,
            facts[-1].version,
            form_of(state.content),
            jsonb_bytes(msgspec.json.encode(standing)),
            holder,
        )


def payload_bytes(event: ArtifactSigned) -> bytes:
    """The exact bytes that were signed."""
    return urlsafe_b64decode(event.payload + "=" * (-len(event.payload) % 4))


PROJECTION = Projection(
    name="signatures",
    version=4,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("signatures.sql"),
    indexes=read_sql("signatures_indexes.sql"),
)
