"""The log's entries for whoever checks the tree from its leaves up (C2SP tlog-tiles).

    tile/entries/000 ...        256 entries each, in the order of the leaves, or fewer at the edge

An entry is what a leaf hashes (`leaves`): hashes and names, never what was recorded. Before each
stands its length in two bytes. So the whole tree can be built again from the server alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from registry.errors import VerificationFailed
from registry.proofs.merkle import TILE_HASHES
from registry.proofs.tiles import Tile

ENTRY_BYTES_MAX: Final = 65_535
_LENGTH_BYTES: Final = 2


def format_bundle(entries: Iterable[bytes]) -> bytes:
    """A bundle of entries. Raises `VerificationFailed` for one longer than the form can say."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise VerificationFailed("entry-too-long", limit=ENTRY_BYTES_MAX)
        parts += (len(entry).to_bytes(_LENGTH_BYTES, "big"), entry)
    return b"".join(parts)


def parse_bundle(content: bytes) -> list[bytes]:
    """The entries of a bundle, at most 256. Raises `VerificationFailed`."""
    entries, at = list[bytes](), 0
    while at < len(content):
        begin = at + _LENGTH_BYTES
        at = begin + int.from_bytes(content[at:begin], "big")
        if begin > len(content) or at > len(content) or len(entries) == TILE_HASHES:
            raise VerificationFailed("bundle-malformed")
        entries.append(content[begin:at])
    return entries


def bundle_name(leaves: Tile) -> str:
    """The path of the entries behind a tile of leaf hashes, below the log's address."""
    return str(leaves).replace("tile/0/", "tile/entries/", 1)


def leaf_tiles_of(size: int) -> Iterator[Tile]:
    """The tiles of leaf hashes of a tree of this size, each of which has a bundle."""
    full, rest = divmod(size, TILE_HASHES)
    for index in range(full):
        yield Tile(0, index)
    if rest:
        yield Tile(0, full, rest)
