"""Facts read from the log in bulk, with the digest that proves which ones were read.

None that the register did not write goes through here: `decode_rows` ends before the first.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from registry.codec import decode_fact
from registry.errors import CorruptFact
from registry.marks import fact_bodies, stranger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact
    from registry.marks import MarkedRow, Marks

_FACTS_AFTER = """
SELECT notification_id, originator_id, originator_version, topic, state, mark
  FROM log.facts WHERE notification_id > %s ORDER BY notification_id LIMIT %s
"""
_EARLIER_FACTS = """
SELECT f.notification_id, f.originator_id, f.originator_version, f.topic, f.state, f.mark
  FROM unnest(%s::uuid[], %s::bigint[]) AS s(stream, version)
  JOIN log.facts f ON f.originator_id = s.stream AND f.originator_version < s.version
 ORDER BY f.originator_id, f.originator_version
"""
_FACTS_OF_STREAMS = """
SELECT notification_id, originator_id, originator_version, topic, state, mark
  FROM log.facts WHERE originator_id = ANY(%s::uuid[]) ORDER BY notification_id
"""

_position = struct.Struct(">q").pack
_number = int.from_bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """Facts that follow a position, up to the first that is not the register's or not readable.

    `digest` covers exactly `facts`; `failure` is the reason why reading stopped early.
    """

    facts: tuple[Fact[Any], ...]
    digest: int
    marks: Marks
    failure: CorruptFact | None = None


def digest_of(rows: Sequence[MarkedRow], bodies: Sequence[bytes] | None = None) -> int:
    """64 bits of SHA-256 over each fact and its place, as `log.fact_digest` has them, in one XOR.

    The same in any order. `bodies` are `fact_bodies` of the rows, where somebody has them.
    """
    total = 0
    for row, body in zip(rows, fact_bodies(rows) if bodies is None else bodies, strict=True):
        total ^= _number(sha256(_position(row[0]) + body).digest()[:8], "big", signed=True)
    return total


def facts_after(cursor: Cursor[Any], position: int, facts_max: int) -> list[MarkedRow]:
    """Rows of the log behind a position, in order; nobody has looked at their marks."""
    return cursor.execute(_FACTS_AFTER, (position, facts_max), binary=True).fetchall()


def facts_after_text(position: int, facts_max: int) -> bytes:
    """The question of `facts_after` as it stands among other statements of one message."""
    return (_FACTS_AFTER % (int(position), int(facts_max))).encode()


def facts_of_streams(cursor: Cursor[Any], streams: Sequence[UUID]) -> list[MarkedRow]:
    """Rows of these streams in the order of the log; nobody has looked at their marks."""
    return cursor.execute(_FACTS_OF_STREAMS, (list(streams),), binary=True).fetchall()


def decode_rows(rows: Sequence[MarkedRow], marks: Marks) -> Reading:
    """Decode facts, each once, up to the first that the register did not or cannot have written."""
    facts: list[Fact[Any]] = []
    bodies = fact_bodies(rows)
    genuine = marks.genuine(rows, bodies)
    failure = stranger(rows[genuine]) if genuine < len(rows) else None
    for position, stream, version, name, state, _ in rows[:genuine]:
        try:
            facts.append(decode_fact(stream, version, position, name, state))
        except CorruptFact as error:
            failure = error
            break
    return Reading(
        tuple(facts), digest_of(rows[: len(facts)], bodies[: len(facts)]), marks, failure
    )


def earlier_facts(
    cursor: Cursor[Any], versions: Mapping[UUID, int], marks: Marks
) -> dict[UUID, tuple[Fact[Any], ...]]:
    """Facts of streams below a version each, in order.

    Raises `CorruptFact`.
    """
    parameters = (list(versions), list(versions.values()))
    found: dict[UUID, list[Fact[Any]]] = {}
    rows = cursor.execute(_EARLIER_FACTS, parameters, binary=True).fetchall()
    marks.require(rows)
    for position, stream, version, name, state, _ in rows:
        fact = decode_fact(stream, version, position, name, state)
        found.setdefault(stream, []).append(fact)
    return {stream: tuple(facts) for stream, facts in found.items()}
