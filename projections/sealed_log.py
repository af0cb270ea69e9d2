"""What can be read of the sealed log: heads, tiles, key lists, and the proof of any fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from registry.errors import NotFound, NotReady
from registry.proofs.bundles import format_bundle
from registry.proofs.checkpoints import parse_checkpoint
from registry.proofs.copies import key_list_in
from registry.proofs.key_list import KeyList, parse_key_list
from registry.proofs.leaves import StoredFact, leaf_entry
from registry.proofs.merkle import TILE_HASHES, Tree
from registry.proofs.notes import NOTE_BYTES_MAX, parse_note
from registry.proofs.proof_files import LogProof
from registry.proofs.stamps import digest_of_head
from registry.proofs.tiles import Tile, tiles_for_proof

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from psycopg import Cursor

    from registry.marks import MarkedRow, Marks

_TILE: Final = (
    "SELECT substring(hashes FOR %(bytes)s) FROM log.tiles"
    " WHERE level = %(level)s AND index = %(index)s AND octet_length(hashes) >= %(bytes)s"
)
_TILES: Final = (
    "SELECT t.level, t.index, t.hashes FROM log.tiles t"
    " JOIN unnest(%b::smallint[], %b::bigint[]) AS e(level, index) USING (level, index)"
)
# A head with its witnesses' lines behind its own; they came later, and change nothing in it.
_HEADS: Final = (
    "SELECT c.size, c.note, c.sealed_at, string_agg(s.line || E'\\n', '' ORDER BY s.witness)"
    "  FROM log.checkpoints c LEFT JOIN log.cosignatures s USING (size)"
    " WHERE c.size > %(after)s AND c.size <= %(last)s"
    " GROUP BY c.size HAVING count(s.line) >= %(witnesses)s ORDER BY c.size LIMIT %(heads)s"
)
_KEY_LISTS: Final = (
    "SELECT notification_id, originator_id, originator_version, topic, state, mark FROM log.facts"
    " WHERE topic = 'key-list-published.v1' ORDER BY notification_id"
)
HEADS_PER_READ: Final = 1_000
_SIZE_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Head:
    """A published head: how many leaves, the note with all signatures, when it was sealed."""

    size: int
    note: bytes
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class SealState:
    """How far sealing has come: `unsealed` facts stand behind the last head."""

    size: int
    sealed_at: datetime | None
    age_seconds: float | None
    unsealed: int


class DatabaseTiles:
    """The tiles of the tree, each read once: those that are known to be needed all together."""

    def __init__(self, cursor: Cursor[Any], needed: Iterable[tuple[int, int]] = ()) -> None:
        self._cursor = cursor
        self._read: dict[tuple[int, int], bytes] = {}
        if needed:
            self._fetch(list(needed))

    def get(self, level: int, index: int) -> bytes:
        """The hashes of a tile."""
        if (level, index) not in self._read:
            self._fetch([(level, index)])
        return self._read[level, index]

    def put(self, level: int, index: int, hashes: bytes) -> None:
        """Not here: only the sequencer writes."""
        raise NotImplementedError

    def _fetch(self, needed: list[tuple[int, int]]) -> None:
        levels, indexes = zip(*needed, strict=True)
        self._read.update(dict.fromkeys(needed, b""))
        found = self._cursor.execute(
            _TILES, (list(levels), list(indexes)), prepare=True, binary=True
        )
        self._read.update(((level, index), bytes(hashes)) for level, index, hashes in found)


def seal_state(cursor: Cursor[Any]) -> SealState:
    """How far sealing has come."""
    found = cursor.execute(
        "SELECT coalesce(c.size, 0), c.sealed_at,"
        "       extract(epoch FROM clock_timestamp() - c.sealed_at)::float8,"
        "       h.position - coalesce(c.size, 0)"
        "  FROM log.head h LEFT JOIN LATERAL"
        "       (SELECT size, sealed_at FROM log.checkpoints ORDER BY size DESC LIMIT 1) c ON true"
    ).fetchone()
    if found is None:
        raise NotReady("log-not-ready")
    return SealState(*found)


def latest_head(cursor: Cursor[Any], witnesses: int = 0) -> Head:
    """The last head that so many witnesses cosigned. Raises `NotReady` before the first."""
    if witnesses:
        found = cursor.execute(
            "SELECT size FROM log.cosignatures GROUP BY size HAVING count(*) >= %s"
            " ORDER BY size DESC LIMIT 1",
            (witnesses,),
        ).fetchone()
    else:
        found = cursor.execute(
            "SELECT size FROM log.checkpoints ORDER BY size DESC LIMIT 1"
        ).fetchone()
    if found is None:
        raise NotReady("log-not-sealed")
    return head_at(cursor, found[0])


def head_at(cursor: Cursor[Any], size: int) -> Head:
    """The head of exactly this size. Raises `NotFound`."""
    for head in heads(cursor, size - 1, size):
        return head
    raise NotFound("checkpoint-unknown", size=size)


def heads(
    cursor: Cursor[Any], after: int = 0, last: int = _SIZE_MAX, witnesses: int = 0
) -> Iterator[Head]:
    """Published heads in order, read a bounded number at a time."""
    while True:
        rows = cursor.execute(
            _HEADS,
            {"after": after, "last": last, "witnesses": witnesses, "heads": HEADS_PER_READ},
        ).fetchall()
        for size, note, sealed_at, lines in rows:
            yield Head(size, bytes(note) + (lines or "").encode(), sealed_at)
        if len(rows) < HEADS_PER_READ:
            return
        after = rows[-1][0]


def read_tile(cursor: Cursor[Any], tile: Tile) -> bytes:
    """The content of a tile at its width. Raises `NotFound` if the tree is not so far."""
    asked = {"level": tile.level, "index": tile.index, "bytes": tile.bytes}
    found = cursor.execute(_TILE, asked).fetchone()
    if found is None:
        raise NotFound("tile-unknown")
    return bytes(found[0])


def read_bundle(cursor: Cursor[Any], marks: Marks, leaves: Tile) -> bytes:
    """The entries behind a tile of leaf hashes. Raises `NotFound` if the tree is not so far."""
    if leaves.level != 0 or not leaves.is_in(seal_state(cursor).size):
        raise NotFound("tile-unknown")
    first = leaves.index * TILE_HASHES + 1
    facts = _read_facts(cursor, marks, range(first, first + leaves.width))
    return format_bundle(leaf_entry(facts[position]) for position in sorted(facts))


def key_list_facts(cursor: Cursor[Any], marks: Marks) -> list[StoredFact]:
    """The facts that published a key list, in order; one that the register did not write is none.

    Whoever finds such a fact where it stands in the log tells of it; here it changes nothing.
    """
    found = cursor.execute(_KEY_LISTS, binary=True).fetchall()
    foreign = {row[0] for row in marks.strangers(found)}
    return [stored_fact(row) for row in found if row[0] not in foreign]


def stored_fact(row: MarkedRow) -> StoredFact:
    """A fact as it is stored, without its mark."""
    position, stream, version, name, state, _ = row
    return StoredFact(position, stream, version, name, bytes(state))


def read_key_list(cursor: Cursor[Any], marks: Marks, version: int | None = None) -> bytes:
    """A version of the key list as it was signed, the last by default. Raises `NotFound`."""
    for fact in reversed(key_list_facts(cursor, marks)):
        note = key_list_in(fact)
        if version in {None, parse_key_list(parse_note(note).text).version}:
            return note
    raise NotFound("key-list-unknown")


def head_with_digest(cursor: Cursor[Any], digest: bytes) -> int:
    """The size of the head of which this is the digest. Raises `NotFound`."""
    for head in heads(cursor):
        if digest_of_head(parse_checkpoint(head.note)[0].text) == digest:
            return head.size
    raise NotFound("stamp-head-unknown")


def add_stamp(cursor: Cursor[Any], size: int, token: bytes) -> None:
    """Keep what an authority said about a head; the caller has checked it, the first one stays."""
    cursor.execute(
        "INSERT INTO log.stamps (size, token) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (size, token),
    )


def stamps(cursor: Cursor[Any]) -> list[tuple[int, bytes]]:
    """The tokens that are kept, each with the size of its head, in order."""
    found = cursor.execute("SELECT size, token FROM log.stamps ORDER BY size").fetchall()
    return [(size, bytes(token)) for size, token in found]


def list_in_force(cursor: Cursor[Any], marks: Marks) -> KeyList:
    """The key list published last, not verified. Raises `NotReady` before the first."""
    try:
        return parse_key_list(parse_note(read_key_list(cursor, marks)).text)
    except NotFound as error:
        raise NotReady("key-list-unpublished") from error


def read_fact(cursor: Cursor[Any], marks: Marks, position: int) -> StoredFact:
    """A fact as it is stored. Raises `NotFound`, and `CorruptFact` if it is not the register's."""
    return _read_facts(cursor, marks, (position,))[position]


def _read_facts(
    cursor: Cursor[Any], marks: Marks, positions: Sequence[int]
) -> dict[int, StoredFact]:
    rows = cursor.execute(
        "SELECT notification_id, originator_id, originator_version, topic, state, mark"
        " FROM log.facts WHERE notification_id = ANY(%b::bigint[])",
        (list(positions),),
        binary=True,
    ).fetchall()
    marks.require(rows)
    facts = {row[0]: stored_fact(row) for row in rows}
    for position in positions:
        if position not in facts:
            raise NotFound("fact-unknown", position=position)
    return facts


def proof_of(cursor: Cursor[Any], marks: Marks, position: int, witnesses: int = 0) -> LogProof:
    """The proof that a fact is in the log, under the last head with so many witnesses.

    Raises `NotFound`, and `NotReady` while no such head covers it: the sequencer needs a second.
    """
    return proofs_of(cursor, marks, (position,), witnesses)[0]


def proofs_of(
    cursor: Cursor[Any], marks: Marks, positions: Sequence[int], witnesses: int = 0
) -> tuple[LogProof, ...]:
    """The proofs of several facts under one head, each tile read once. Raises as `proof_of`."""
    facts, head = _read_facts(cursor, marks, positions), latest_head(cursor, witnesses)
    needed: set[tuple[int, int]] = set()
    for position in positions:
        if position > head.size:
            raise NotReady("fact-not-sealed", position=position, size=head.size)
        needed |= tiles_for_proof(position - 1, head.size)
    tree = Tree(DatabaseTiles(cursor, needed), head.size)
    return tuple(
        LogProof(
            position - 1,
            leaf_entry(facts[position]),
            tuple(tree.inclusion(position - 1)),
            head.note,
        )
        for position in positions
    )


def inclusion(cursor: Cursor[Any], index: int, size: int) -> list[bytes]:
    """The hashes that prove a leaf in the tree as it was at any size up to now."""
    return Tree(DatabaseTiles(cursor, tiles_for_proof(index, size)), size).inclusion(index)


def consistency_with(cursor: Cursor[Any], head: Head, old_size: int) -> list[bytes]:
    """The proof that a head continues the tree as it was at an older size."""
    return Tree(DatabaseTiles(cursor), head.size).consistency(old_size)


def add_cosignature(cursor: Cursor[Any], size: int, witness: str, line: str) -> None:
    """Keep what a witness said about a head; the same again changes nothing.

    The caller has checked the signature; a line that makes the note too long is refused.
    """
    checkpoint, note = parse_checkpoint(head_at(cursor, size).note)
    if len(bytes(note)) + len(line.encode()) > NOTE_BYTES_MAX:
        raise NotReady("note-too-long", limit=NOTE_BYTES_MAX)
    cursor.execute(
        "INSERT INTO log.cosignatures (size, witness, line) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (checkpoint.size, witness, line),
    )
