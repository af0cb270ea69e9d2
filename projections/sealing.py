"""Seals the log: every fact becomes a leaf of the tree, and every state of the tree is signed.

The sequencer wakes when something was appended (`follower`). In one transaction it reads the facts
behind the last head, extends the tiles, and signs and stores the new head: one fact live, thousands
when catching up, the same code. One sequencer works at a time, whoever runs
it; the others find the lock taken and wait.

What is true if we die:
  before the commit    nothing of the batch is sealed; the signed head was shown to nobody, and
                       the next sequencer makes it again, with the same root;
  after the commit     tiles and head are on disk, and only now can anybody read the head.
So no two heads of one size ever differ, and no published head lacks its tiles.

An attacker who controls this database can stop the sealing, which the age of the last head shows,
or rewrite facts, which every check against a head that anybody kept finds. He cannot sign, nor
let us sign what the register did not write (`registry.marks`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from projections.follower import Follower
from projections.reading import facts_after
from projections.sealed_log import list_in_force, stored_fact
from registry.errors import CorruptFact
from registry.marks import stranger
from registry.newest_head import NewestHead
from registry.proofs.checkpoints import Checkpoint, sign_checkpoint
from registry.proofs.leaves import leaf_entry
from registry.proofs.merkle import MemoryTiles, Tree, append, leaf_hashes
from registry.proofs.tiles import edge_of

if TYPE_CHECKING:
    from threading import Event

    from psycopg import Cursor

    from registry.key_set import KeySet
    from registry.marks import MarkedRow, Marks
    from registry.proofs.key_list import KeyList
    from registry.proofs.keys import Signer

SEAL_LOCK: Final = 5_601_947
# 64 full tiles: some 70 ms of work.
BATCH_FACTS: Final = 16_384
GATHER_SECONDS: Final = 0.25

_SIZE: Final = "SELECT coalesce(max(size), 0) FROM log.checkpoints"
_EDGE: Final = (
    "SELECT t.level, t.index, t.hashes FROM log.tiles t"
    " JOIN unnest(%s::smallint[], %s::bigint[]) AS e(level, index) USING (level, index)"
)
_KEEP: Final = (
    "INSERT INTO log.tiles (level, index, hashes)"
    " SELECT * FROM unnest(%b::smallint[], %b::bigint[], %b::bytea[])"
    " ON CONFLICT (level, index) DO UPDATE SET hashes = EXCLUDED.hashes"
)

SignersOf = Callable[["KeyList", int], "Sequence[Signer]"]
"""The keys that sign a head now, by the key list in force."""


def log_signers(key_set: KeySet) -> SignersOf:
    """The log's own keys: Ed25519, and ML-DSA-44 where the list has one."""

    def signers(key_list: KeyList, now: int) -> list[Signer]:
        found = [key_set.signer(key_list, "log", now, "Ed25519")]
        if key_list.of("log", "ML-DSA-44"):
            found.append(key_set.signer(key_list, "log", now, "ML-DSA-44"))
        return found

    return signers


class Sequencer:
    """Seals the log of one database. Use from one thread."""

    def __init__(
        self,
        conninfo: str,
        marks: Marks,
        signers: SignersOf,
        *,
        newest_head: NewestHead | None = None,
        batch_facts: int = BATCH_FACTS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._marks = marks
        self._signers = signers
        self._newest_head = newest_head or NewestHead()
        self._batch_facts = batch_facts
        self._clock = clock
        self._follower = Follower(conninfo, "sealing")
        self.task = self._follower.task

    def seal(self) -> int:
        """Seal one batch; return how many facts that were.

        Raises `NotReady` without a key that counts, `CorruptFact` where positions have a gap or a
        fact is not the register's, `VerificationFailed` where the tiles are not those of the last
        head.
        """
        connection = self._follower.connection()
        with connection.transaction(), connection.cursor() as cursor:
            locked = cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (SEAL_LOCK,)).fetchone()
            if locked != (True,):
                return 0
            size = _number(cursor, _SIZE)
            rows = self._genuine(facts_after(cursor, size, self._batch_facts))
            note = self._extend(cursor, size, rows) if rows else None
        # Only now: what was not committed must not be remembered.
        if note is not None:
            self._newest_head.remember(note)
        else:
            self._newest_head.flush(at_once=False)
        return len(rows)

    def _genuine(self, rows: Sequence[MarkedRow]) -> Sequence[MarkedRow]:
        """The rows in front of the first that the register did not write: nobody signs that one."""
        count = self._marks.genuine(rows)
        if rows and not count:
            raise stranger(rows[0])
        return rows[:count]

    def seal_all(self) -> int:
        """Seal everything that is in the log now; return how many facts that were."""
        total = 0
        while sealed := self.seal():
            total += sealed
        return total

    def run(self, stop: Event) -> None:
        """Follow the log until `stop` is set; whatever fails is tried again.

        Nothing was half done then; the age of the last head tells everybody. What comes while it
        seals and shortly after is sealed together: signing costs more than recording.
        """

        def seal_and_gather() -> None:
            if self.seal_all():
                stop.wait(GATHER_SECONDS)

        self._follower.run(seal_and_gather, stop)
        self._newest_head.flush()

    def close(self) -> None:
        """Close the connections; they are made anew when needed."""
        self._newest_head.flush()
        self._follower.close()

    def _extend(self, cursor: Cursor[Any], size: int, rows: Sequence[MarkedRow]) -> bytes:
        """Seal these rows behind the last head; the new one as it was signed."""
        if (rows[0][0], rows[-1][0]) != (size + 1, size + len(rows)):
            raise CorruptFact("positions-have-a-gap", position=size + 1)
        tiles = _edge(cursor, size)
        hashes = leaf_hashes(leaf_entry(stored_fact(row)) for row in rows)
        grown = append(tiles, size, hashes)
        _keep(cursor, tiles)
        key_list, now = list_in_force(cursor, self._marks), int(self._clock())
        checkpoint = Checkpoint(key_list.log, grown, Tree(tiles, grown).root())
        note = bytes(sign_checkpoint(checkpoint, self._signers(key_list, now), now))
        cursor.execute("INSERT INTO log.checkpoints (size, note) VALUES (%s, %s)", (grown, note))
        cursor.execute("NOTIFY sealed")
        return note


def _edge(cursor: Cursor[Any], size: int) -> MemoryTiles:
    """The tiles that the next leaf extends, as they are kept."""
    edge = list(edge_of(size))
    cursor.execute(
        _EDGE, ([tile.level for tile in edge], [tile.index for tile in edge]), binary=True
    )
    return MemoryTiles({(level, index): bytes(hashes) for level, index, hashes in cursor})


def _keep(cursor: Cursor[Any], tiles: MemoryTiles) -> None:
    levels, indexes = zip(*tiles, strict=True)
    cursor.execute(_KEEP, (list(levels), list(indexes), list(tiles.values())))


def _number(cursor: Cursor[Any], query: str) -> int:
    found = cursor.execute(query).fetchone()
    assert found is not None  # noqa: S101 - an aggregate gives a row
    return int(found[0])
