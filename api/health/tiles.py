"""A sample of the sealed log's tiles, derived again from the facts: another place at each look.

Leaf hashes of one tile from its facts, the hash over each full tile above it, and the root of the
newest head. What `sovang log check` derives in whole costs some milliseconds here, and in time
every tile has its turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from projections.reading import facts_after
from projections.sealed_log import DatabaseTiles, latest_head, stored_fact
from registry.errors import VerificationFailed
from registry.proofs.checkpoints import parse_checkpoint
from registry.proofs.leaves import leaf_entry
from registry.proofs.merkle import (
    HASH_BYTES,
    TILE_BYTES,
    TILE_HASHES,
    Tree,
    leaf_hashes,
    tile_root,
)

if TYPE_CHECKING:
    from psycopg import Cursor

# Neighbouring looks are far apart, and every tile comes: it shares no divisor with a small count.
_STRIDE: Final = 1_000_003


@dataclass(frozen=True, slots=True)
class TileTrouble:
    """A tile, or the head over them, that does not follow from the facts."""

    code: str
    level: int = 0
    index: int = 0


def sample_tiles(cursor: Cursor[Any], size: int, number: int) -> TileTrouble | None:
    """Derive the tiles over one place of the log; the first that is wrong."""
    if not size:
        return None
    index = number * _STRIDE % (-(-size // TILE_HASHES))
    tiles = DatabaseTiles(cursor)
    if not _follows_from_facts(cursor, tiles, index, size):
        return TileTrouble("log-tile-wrong", 0, index)
    return _wrong_above(tiles, index) or _wrong_head(cursor)


def _follows_from_facts(cursor: Cursor[Any], tiles: DatabaseTiles, index: int, size: int) -> bool:
    first = index * TILE_HASHES
    rows = facts_after(cursor, first, min(TILE_HASHES, size - first))
    hashes = b"".join(leaf_hashes(leaf_entry(stored_fact(row)) for row in rows))
    return tiles.get(0, index).startswith(hashes) and len(rows) == min(TILE_HASHES, size - first)


def _wrong_above(tiles: DatabaseTiles, index: int) -> TileTrouble | None:
    level, content = 0, tiles.get(0, index)
    while len(content) == TILE_BYTES:
        level, index, place = level + 1, *divmod(index, TILE_HASHES)
        root, content = tile_root(content), tiles.get(level, index)
        if content[place * HASH_BYTES :][:HASH_BYTES] != root:
            return TileTrouble("log-tile-wrong", level, index)
    return None


def _wrong_head(cursor: Cursor[Any]) -> TileTrouble | None:
    head = latest_head(cursor)
    checkpoint, _ = parse_checkpoint(head.note)
    try:
        follows = Tree(DatabaseTiles(cursor), head.size).root() == checkpoint.root
    except VerificationFailed:
        # A tile is missing, or shorter than it was.
        follows = False
    return None if follows else TileTrouble("log-head-wrong", index=head.size)
