"""`seal`: leaves into a signed tree, against bare SHA-256 over the same leaves.

Bare means one call for each leaf, with the byte that RFC 6962 puts before it, and nothing else. A
tree over n leaves has n hashes of leaves and n - 1 of nodes, so half that speed is what a tree
without any cost of its own would reach. `seal-stored` is the whole way on
a database: facts read, leaves made, tiles, head and signature committed; against reading the
same facts and hashing their stored bytes, which no sealing can do without.
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from projections.reading import facts_after
from projections.sealing import BATCH_FACTS, Sequencer
from registry.proofs.checkpoints import Checkpoint, sign_checkpoint
from registry.proofs.key_list import THRESHOLD, KeyList, ListedKey, sign_key_list
from registry.proofs.keys import Signer, make_signer
from registry.proofs.leaves import StoredFact, leaf_entry
from registry.proofs.merkle import MemoryTiles, Tree, append, leaf_hashes
from registry.proofs.notes import plain_key
from registry.trust import publish
from scripts.benchmarks.material import make_batches
from scripts.benchmarks.measuring import Bench, Result, compare, rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.database import Database

DEFAULT_LEAVES = 1_000_000
DEFAULT_FACTS = 60_000
ORIGIN = "benchmark"
APPEND_FACTS = 5_000


def run(bench: Bench) -> list[Result]:
    """Seal leaves in memory, and facts on a database."""
    bench.say(f"seal: {bench.rows_or(DEFAULT_LEAVES)} leaves")
    signer = make_signer("log", bytes(range(32)))
    leaves = make_leaves(bench.rows_or(DEFAULT_LEAVES))
    value, baseline = compare(lambda: _seal(leaves, signer), lambda: _bare(leaves))
    results = [Result("seal", value, "leaves/s", "bare SHA-256 over the leaves", baseline)]
    with bench.make_database() as database:
        bench.say(f"seal-stored: {bench.rows_or(DEFAULT_FACTS)} facts")
        value, baseline = _stored(database, signer, bench.rows_or(DEFAULT_FACTS))
    name = "reading the facts and SHA-256 of each"
    return [*results, Result("seal-stored", value, "facts/s", name, baseline)]


def make_leaves(count: int) -> list[bytes]:
    """Leaves of invented facts, as long as those of awards with one sealed value."""
    sealed = b'{"event":{"ciphertext":"","commitment":"%043d"}}'
    return [
        leaf_entry(StoredFact(number, UUID(int=number), 1, "award-recorded.v1", sealed % number))
        for number in range(count)
    ]


def _seal(leaves: Sequence[bytes], signer: Signer) -> float:
    def work() -> None:
        tiles, size = MemoryTiles(), 0
        for start in range(0, len(leaves), BATCH_FACTS):
            size = append(tiles, size, leaf_hashes(leaves[start : start + BATCH_FACTS]))
        checkpoint = Checkpoint(ORIGIN, size, Tree(tiles, size).root())
        sign_checkpoint(checkpoint, [signer], int(time.time()))

    return rate(len(leaves), work)


def _bare(leaves: Sequence[bytes]) -> float:
    return rate(len(leaves), lambda: [sha256(b"\x00" + leaf).digest() for leaf in leaves])


def _stored(database: Database, signer: Signer, facts: int) -> tuple[float, float]:
    registry = database.registry()
    for batch in make_batches(registry, facts, min(APPEND_FACTS, facts)):
        registry.log.append(batch.appending)
    _publish(database, signer)
    sequencer = Sequencer(database.conninfo("projector"), database.marks, lambda *_: [signer])
    with psycopg.connect(database.conninfo("projector"), autocommit=True) as connection:
        # Sealed once and for all, there is no second round; both read what was read before.
        baseline = max(rate(facts, lambda: _read(connection)) for _ in range(2))
    value = rate(facts, sequencer.seal_all)
    sequencer.close()
    return value, baseline


def _read(connection: psycopg.Connection[Any]) -> None:
    cursor, position = connection.cursor(), 0
    while rows := facts_after(cursor, position, BATCH_FACTS):
        for row in rows:
            sha256(row[4]).digest()
        position = rows[-1][0]


def _publish(database: Database, signer: Signer) -> None:
    now = int(time.time())
    roots = [(f"root-{name}", make_signer("root", bytes([name]) * 32)) for name in (1, 2)]
    key = ListedKey("log", signer.algorithm, signer.public, now - 1, now + 86_400)
    named = tuple(plain_key(*root) for root in roots)
    listed = KeyList(1, now, now + 86_400, ORIGIN, trial=True, keys=(key,), roots=named)
    publish(database.registry(), sign_key_list(listed, roots[:THRESHOLD]), now)
