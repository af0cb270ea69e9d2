"""`prove`: the proof of any leaf at any past size, from the tiles of a database; 95th percentile.

Compared with the limit that the register sets itself. Every proof reads its tiles anew: nothing
is kept from one to the next but what PostgreSQL keeps.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import psycopg

from projections.sealed_log import inclusion
from registry.proofs.merkle import MemoryTiles, Tree, append, leaf_hashes, verify_inclusion
from scripts.benchmarks.measuring import Bench, Result, percentile

if TYPE_CHECKING:
    from registry.database import Database

DEFAULT_LEAVES = 1_000_000
PROOFS = 400
LIMIT_MILLISECONDS = 5.0
SEED = 1


def run(bench: Bench) -> list[Result]:
    """Prove random leaves at random sizes."""
    size = bench.rows_or(DEFAULT_LEAVES)
    bench.say(f"prove: {PROOFS} proofs at {size} leaves")
    hashes = leaf_hashes(b"%d" % number for number in range(size))
    tiles = MemoryTiles()
    append(tiles, 0, hashes)
    chance = random.Random(SEED)  # noqa: S311 - which leaves to prove is no secret
    with bench.make_database() as database:
        _store(database, tiles)
        with psycopg.connect(database.conninfo("reader"), autocommit=True) as connection:
            cursor, times = connection.cursor(), []
            for _ in range(PROOFS):
                past = chance.randint(1, size)
                index = chance.randrange(past)
                began = time.perf_counter()
                proof = inclusion(cursor, index, past)
                times.append((time.perf_counter() - began) * 1_000)
                root = Tree(tiles, size).root(past)
                verify_inclusion(index, past, hashes[index], proof, root)
    name = f"limit of {LIMIT_MILLISECONDS:g} ms"
    value = percentile(times)
    return [Result("prove", value, "ms", name, LIMIT_MILLISECONDS, smaller_is_better=True)]


def _store(database: Database, tiles: MemoryTiles) -> None:
    with (
        psycopg.connect(database.conninfo("projector"), autocommit=True) as connection,
        connection.cursor() as cursor,
        cursor.copy("COPY log.tiles (level, index, hashes) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(("int2", "int8", "bytea"))
        for (level, index), hashes in tiles.items():
            copy.write_row((level, index, hashes))
