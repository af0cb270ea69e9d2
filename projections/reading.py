"""Facts read from the log in bulk, with the digest that proves which ones were read."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

from registry.codec import decode_fact
from registry.errors import CorruptFact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

FactRow: TypeAlias = "tuple[int, UUID, int, str, bytes]"
"""Position, stream, version, name and stored bytes of a fact."""

_FACTS_AFTER = """
SELECT notification_id, originator_id, originator_version, topic, state
  FROM log.facts WHERE notification_id > %s ORDER BY notification_id LIMIT %s
"""
_EARLIER_FACTS = """
SELECT f.notification_id, f.originator_id, f.originator_version, f.topic, f.state
  FROM unnest(%s::uuid[], %s::bigint[]) AS s(stream, version)
  JOIN log.facts f ON f.originator_id = s.stream AND f.originator_version < s.version
 ORDER BY f.originator_id, f.originator_version
"""

_BIGINT = struct.Struct(">q")


@dataclass(frozen=True, slots=True)
class Reading:
    """Facts that follow a position, up to the first that cannot be decoded.

    `digest` covers exactly `facts`; `failure` is the reason why reading stopped early.
    """

    facts: tuple[Fact[Any], ...]
    digest: int
    failure: CorruptFact | None = None


def fact_digest(row: FactRow) -> int:
    """64 bits of SHA-256 over a fact and its place, as `log.fact_digest` computes them."""
    position, stream, version, name, state = row
    place = _BIGINT.pack(position) + stream.bytes + _BIGINT.pack(version)
    digest = sha256(b"%b%b\x00%b" % (place, name.encode(), state)).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def digest_of(rows: Sequence[FactRow]) -> int:
    """XOR of the digests of facts: the same in any order."""
    total = 0
    for row in rows:
        total ^= fact_digest(row)
    return total


def facts_after(cursor: Cursor[Any], position: int, facts_max: int) -> list[FactRow]:
    """Rows of the log behind a position, in order."""
    return cursor.execute(_FACTS_AFTER, (position, facts_max), binary=True).fetchall()


def decode_rows(rows: Sequence[FactRow]) -> Reading:
    """Decode facts, each once, up to the first that this program cannot have written."""
    facts: list[Fact[Any]] = []
    failure = None
    for position, stream, version, name, state in rows:
        try:
            facts.append(decode_fact(stream, version, position, name, state))
        except CorruptFact as error:
            failure = error
            break
    return Reading(tuple(facts), digest_of(rows[: len(facts)]), failure)


def earlier_facts(
    cursor: Cursor[Any], versions: Mapping[UUID, int]
) -> dict[UUID, tuple[Fact[Any], ...]]:
    """Facts of streams below a version each, in order.

    Raises `CorruptFact`.
    """
    parameters = (list(versions), list(versions.values()))
    found: dict[UUID, list[Fact[Any]]] = {}
    for position, stream, version, name, state in cursor.execute(
        _EARLIER_FACTS, parameters, binary=True
    ):
        fact = decode_fact(stream, version, position, name, state)
        found.setdefault(stream, []).append(fact)
    return {stream: tuple(facts) for stream, facts in found.items()}
