"""Names of the static files of a log, and which there are at a size (C2SP tlog-tiles, height 8).

tile/0/x001/x234/067         tile 1,234,067 of level 0, full: 256 hashes
tile/1/004.p/17              tile 4 of level 1 while it has 17 hashes
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from registry.errors import NotFound
from registry.proofs.merkle import HASH_BYTES, TILE_HASHES, TILE_HEIGHT

LEVEL_MAX: Final = 63
INDEX_MAX: Final = 2**63 - 1

_PATH: Final = re.compile(r"((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile by its place; `width` is how many hashes it has."""

    level: int
    index: int
    width: int = TILE_HASHES

    @property
    def bytes(self) -> int:
        """The length of its content."""
        return self.width * HASH_BYTES

    @property
    def is_full(self) -> bool:
        """Whether it will never change."""
        return self.width == TILE_HASHES

    def is_in(self, size: int) -> bool:
        """Whether a tree of this size has so many hashes there."""
        if self.level * TILE_HEIGHT >= LEVEL_MAX:
            return False
        there = (size >> (self.level * TILE_HEIGHT)) - self.index * TILE_HASHES
        return 0 < self.width <= there

    def __str__(self) -> str:
        """The path below the log's address."""
        first, *others = _thousands(self.index)
        index = "/".join([*[f"x{part:03d}" for part in reversed(others)], f"{first:03d}"])
        partial = "" if self.is_full else f".p/{self.width}"
        return f"tile/{self.level}/{index}{partial}"


def parse_tile(level: str, path: str) -> Tile:
    """The tile that a path names. Raises `NotFound` for any other spelling."""
    match = _PATH.fullmatch(path)
    if match is None or not level.isdecimal() or len(level) > len(str(LEVEL_MAX)):
        raise NotFound("tile-unknown")
    index = int(match[1].replace("x", "").replace("/", ""))
    tile = Tile(int(level), index, int(match[2] or TILE_HASHES))
    fits = tile.level <= LEVEL_MAX and index <= INDEX_MAX and tile.width <= TILE_HASHES
    if not fits or str(tile) != f"tile/{level}/{path}":
        raise NotFound("tile-unknown")
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of this size, the partial ones at their present width."""
    level = 0
    while count := size >> (level * TILE_HEIGHT):
        full, rest = divmod(count, TILE_HASHES)
        for index in range(full):
            yield Tile(level, index)
        if rest:
            yield Tile(level, full, rest)
        level += 1


def edge_of(size: int) -> Iterator[Tile]:
    """The tiles of a tree of this size that still grow: at most one of each level."""
    level = 0
    while count := size >> (level * TILE_HEIGHT):
        full, rest = divmod(count, TILE_HASHES)
        if rest:
            yield Tile(level, full, rest)
        level += 1


def tiles_for_proof(index: int, size: int) -> set[tuple[int, int]]:
    """Level and index of the tiles that hold what proves a leaf in a tree of this size.

    Those above the leaf, and those at the right edge of the tree.
    """
    found = set()
    level = 0
    while size >> (level * TILE_HEIGHT):
        for place in (index, size):
            found.add((level, place >> ((level + 1) * TILE_HEIGHT)))
        level += 1
    return found


def _thousands(index: int) -> Iterator[int]:
    """The groups of three digits, the last group first."""
    yield index % 1_000
    while index := index // 1_000:
        yield index % 1_000
