"""Marks: each fact carries proof that the register wrote it, made with a key outside the database.

Whoever may write to the database may insert a row; he cannot mark it. The key follows from the
home's own (`personal.key`), which no database ever sees. A mark covers stream, version, name and
stored bytes: what a fact says, and its place in its record. Its position is not covered: that is
allotted by the database, under the lock of the append, and sealed a moment later.

A mark is the first half of SHA-256 over the key and the fact. Cutting the digest in half is what
makes so plain a construction safe: whoever sees half a state of the hash cannot go on from it
(chopped Merkle-Damgard; Coron, Dodis, Malinaud, Puniya, CRYPTO 2005). It costs a third of HMAC,
and a fact is marked and looked at many thousand times a second.

Facts of a program that made no marks end at a position that is remembered outside the database
(`registry.newest_head`); up to there the sealed log vouches for them.
"""

from __future__ import annotations

from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING, Final, TypeAlias

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.errors import CorruptFact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from eventsourcing.persistence import StoredEvent

MARK_BYTES: Final = 16
_CONTEXT: Final = b"sovang fact mark v1"
_KEY_BYTES: Final = 32
_version = Struct(">q").pack

MarkedRow: TypeAlias = "tuple[int, UUID, int, str, bytes, bytes | None]"
"""Position, stream, version, name, stored bytes and mark of a fact."""


class Marks:
    """Marks facts, and tells those that are not the register's. May be used from any thread.

    `unmarked_until` is the position up to which facts need none: an older program wrote them.
    """

    def __init__(self, home_key: bytes, unmarked_until: int = 0) -> None:
        derivation = HKDF(SHA256(), _KEY_BYTES, salt=None, info=_CONTEXT)
        self._key = derivation.derive(home_key)
        self.unmarked_until = unmarked_until

    def mark(self, place: bytes, name: bytes, state: bytes) -> bytes:
        """The mark of a fact; `place` its stream and version, as `of` has them.

        Names hold no zero byte: PostgreSQL refuses it.
        """
        return sha256(b"%b%b%b\x00%b" % (self._key, place, name, state)).digest()[:MARK_BYTES]

    def of(self, event: StoredEvent) -> bytes:
        """The mark of an event that is to be stored."""
        stream: UUID = event.originator_id  # type: ignore[assignment]  # ours are UUIDs
        place = stream.bytes + _version(event.originator_version)
        return self.mark(place, event.topic.encode(), event.state)

    def genuine(self, rows: Sequence[MarkedRow], bodies: Sequence[bytes] | None = None) -> int:
        """How many rows from the first on the register wrote; all of them if nothing is wrong.

        `bodies` are `fact_bodies` of the rows, where somebody has them.
        """
        made = self._made(fact_bodies(rows) if bodies is None else bodies)
        # In a time that tells where they differ: who tries marks out leaves a fact for each try.
        if made == [row[5] for row in rows]:
            return len(rows)
        return next(self._wrong(rows, made), len(rows))

    def require(self, rows: Sequence[MarkedRow]) -> None:
        """Raise `CorruptFact` for the first row that the register did not write."""
        count = self.genuine(rows)
        if count < len(rows):
            raise stranger(rows[count])

    def strangers(self, rows: Sequence[MarkedRow]) -> list[MarkedRow]:
        """Every row that the register did not write."""
        return [rows[place] for place in self._wrong(rows, self._made(fact_bodies(rows)))]

    def _made(self, bodies: Sequence[bytes]) -> list[bytes]:
        key = self._key
        return [sha256(key + body).digest()[:MARK_BYTES] for body in bodies]

    def _wrong(self, rows: Sequence[MarkedRow], made: Sequence[bytes]) -> Iterator[int]:
        """The places of rows whose mark is missing or is not the one that was made."""
        for place, (row, mark) in enumerate(zip(rows, made, strict=True)):
            if row[5] != mark and (row[5] is not None or row[0] > self.unmarked_until):
                yield place


def fact_bodies(rows: Sequence[MarkedRow]) -> list[bytes]:
    """What marks and digests cover of each fact: its stream, version, name and stored bytes."""
    return [
        b"%b%b%b\x00%b" % (stream.bytes, _version(version), name.encode(), state)
        for _, stream, version, name, state, _ in rows
    ]


def stranger(row: MarkedRow) -> CorruptFact:
    """The error for a fact that the register did not write."""
    return CorruptFact("fact-unauthenticated", position=row[0], name=row[3][:100])
