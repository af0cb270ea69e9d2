"""The Merkle tree of RFC 6962 over SHA-256, kept in C2SP tiles of 256 hashes.

A tile holds hashes of one level: leaf hashes at level 0, above it one hash for each full tile
below. Tiles only ever grow at the right end of each level, so that what a tile was at any past
size is a beginning of what it is now: every proof for every past size can be made from the tiles
of today, and nothing else is kept.

`Tree` makes roots and proofs; `verify_inclusion` and `verify_consistency` check them with nothing
but the proof, and raise `VerificationFailed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from struct import Struct
from typing import Final, Protocol

from registry.errors import VerificationFailed

HASH_BYTES: Final = 32
TILE_HEIGHT: Final = 8
TILE_HASHES: Final = 1 << TILE_HEIGHT
TILE_BYTES: Final = TILE_HASHES * HASH_BYTES
# A tree of 2^63 leaves has proofs of 63 hashes; a longer one is no proof.
PROOF_HASHES_MAX: Final = 63

EMPTY_ROOT: Final = sha256(b"").digest()
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
# Copying a hash that has begun is quicker than beginning one: OpenSSL looks up nothing.
_begin_leaf: Final = sha256(_LEAF).copy
_begin_node: Final = sha256(_NODE).copy
_pairs: Final = Struct(f"{2 * HASH_BYTES}s").iter_unpack


class Tiles(Protocol):
    """Where the hashes of a tree are kept."""

    def get(self, level: int, index: int) -> bytes:
        """The hashes of a tile, one behind the other; empty if there is none yet."""

    def put(self, level: int, index: int, hashes: bytes) -> None:
        """Keep a tile that is new, or longer than it was."""


class MemoryTiles(dict[tuple[int, int], bytes]):
    """Tiles in memory, by level and index."""

    def get(self, level: int, index: int) -> bytes:  # type: ignore[override]
        """The hashes of a tile."""
        return super().get((level, index), b"")

    def put(self, level: int, index: int, hashes: bytes) -> None:
        """Keep a tile."""
        self[level, index] = hashes


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf (RFC 6962, 2.1)."""
    return sha256(_LEAF + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The hashes of many leaves."""
    hashes = []
    for entry in entries:
        begun = _begin_leaf()
        begun.update(entry)
        hashes.append(begun.digest())
    return hashes


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962, 2.1)."""
    return sha256(_NODE + left + right).digest()


def append(tiles: Tiles, size: int, hashes: Sequence[bytes]) -> int:
    """Add leaf hashes to a tree of this size; returns the new size."""
    level, start, new = 0, size, b"".join(hashes)
    while new:
        index, offset = divmod(start, TILE_HASHES)
        begun = tiles.get(level, index)[: offset * HASH_BYTES] if offset else b""
        if len(begun) != offset * HASH_BYTES:
            raise VerificationFailed("tile-too-short", level=level, index=index)
        content = begun + new
        for place, tile in enumerate(_split(content, TILE_BYTES), index):
            tiles.put(level, place, tile)
        whole = len(content) - len(content) % TILE_BYTES
        level, start, new = level + 1, index, _perfect_roots(content[:whole], TILE_HASHES)
    return size + len(hashes)


class Tree:
    """A tree as it was at a size; the tiles may have grown since."""

    def __init__(self, tiles: Tiles, size: int) -> None:
        self._tiles = tiles
        self.size = size

    def root(self, size: int | None = None) -> bytes:
        """The root at this size, or at any smaller one."""
        return self._range_hash(0, self.size if size is None else self._checked(size))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that the leaf is in the tree (RFC 6962, 2.1.1): from the leaf upwards."""
        end = self.size if size is None else self._checked(size)
        if not 0 <= index < end:
            raise VerificationFailed("proof-out-of-range", index=index, size=end)
        start, path = 0, []
        while end - start > 1:
            middle = start + _split_at(end - start)
            if index < middle:
                path.append((middle, end))
                end = middle
            else:
                path.append((start, middle))
                start = middle
        return [self._range_hash(*part) for part in reversed(path)]

    def consistency(self, old_size: int, size: int | None = None) -> list[bytes]:
        """The proof that the older tree is the beginning of this one (RFC 6962, 2.1.2)."""
        end = self.size if size is None else self._checked(size)
        if not 0 <= old_size <= end:
            raise VerificationFailed("proof-out-of-range", index=old_size, size=end)
        if old_size in {0, end}:
            return []
        start, whole, path = 0, True, []
        while old_size != end:
            middle = start + _split_at(end - start)
            if old_size <= middle:
                path.append((middle, end))
                end = middle
            else:
                path.append((start, middle))
                start, whole = middle, False
        if not whole:
            path.append((start, end))
        return [self._range_hash(*part) for part in reversed(path)]

    def _checked(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise VerificationFailed("proof-out-of-range", index=size, size=self.size)
        return size

    def _range_hash(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) of a range that the recursion of RFC 6962 produces."""
        if start == end:
            return EMPTY_ROOT
        # The largest perfect subtrees from the left; their hashes fold from the right.
        parts, position = [], start
        while position < end:
            height = (end - position).bit_length() - 1
            parts.append(self._perfect(height, position >> height))
            position += 1 << height
        root = parts.pop()
        while parts:
            root = node_hash(parts.pop(), root)
        return root

    def _perfect(self, height: int, index: int) -> bytes:
        """The hash over the leaves from index * 2^height on, 2^height of them."""
        level, above = divmod(height, TILE_HEIGHT)
        count = 1 << above
        tile, offset = divmod(index * count, TILE_HASHES)
        hashes = self._tiles.get(level, tile)[offset * HASH_BYTES : (offset + count) * HASH_BYTES]
        if len(hashes) != count * HASH_BYTES:
            raise VerificationFailed("tile-too-short", level=level, index=tile)
        return _perfect_roots(hashes, count)


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise `VerificationFailed` unless the leaf hash stands there (RFC 9162, 2.1.3.2)."""
    _check_hashes([leaf, root, *proof])
    if not 0 <= index < size:
        raise VerificationFailed("inclusion-wrong", index=index, size=size)
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise VerificationFailed("inclusion-wrong", index=index, size=size)
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last or found != root:
        raise VerificationFailed("inclusion-wrong", index=index, size=size)


def verify_consistency(
    old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `VerificationFailed` unless the old tree begins the new one (RFC 9162, 2.1.4.2).

    From the empty tree nothing can be proved; whoever knows of no tree yet has nothing to check.
    """
    _check_hashes(proof)
    wrong = VerificationFailed("consistency-wrong", old=old_size, size=size)
    if not 0 < old_size <= size:
        raise wrong
    if old_size == size:
        if proof or old_root != root:
            raise wrong
        return
    hashes = iter([old_root, *proof] if old_size & (old_size - 1) == 0 else proof)
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = next(hashes, b"")
    for sibling in hashes:
        if last == 0:
            raise wrong
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if not proof or last or (old, new) != (old_root, root):
        raise wrong


def tile_root(hashes: bytes) -> bytes:
    """The hash over a full tile, which the tile above it holds."""
    return _perfect_roots(hashes, TILE_HASHES)


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if len(hashes) > PROOF_HASHES_MAX + 2 or any(len(one) != HASH_BYTES for one in hashes):
        raise VerificationFailed("proof-malformed")


def _perfect_roots(hashes: bytes, count: int) -> bytes:
    """The roots over each `count` hashes, one behind the other; `count` is a power of two."""
    while count > 1:
        hashes, count = b"".join(_node_hashes(hashes)), count >> 1
    return hashes


def _node_hashes(hashes: bytes) -> list[bytes]:
    """The hash of each pair."""
    nodes = []
    for (pair,) in _pairs(hashes):
        begun = _begin_node()
        begun.update(pair)
        nodes.append(begun.digest())
    return nodes


def _split_at(count: int) -> int:
    """The largest power of two below a count."""
    return 1 << ((count - 1).bit_length() - 1)


def _split(content: bytes, width: int) -> Iterator[bytes]:
    for start in range(0, len(content), width):
        yield content[start : start + width]
