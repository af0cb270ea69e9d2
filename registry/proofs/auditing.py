"""The audit: everything that can be derived again is, and what differs is named with its place.

What is audited is an `Archive`: an exported kit, or the database itself. Nothing in it is
trusted. From the roots (brought along, or read from the first key list and told as such) follow

  key lists      each accepted by a verifier of the one before, and as the log's own fact has it;
                 the last not past its end
  heads          signed by a log key of the last list, the origin its log; no line that no list
                 knows, so that a changed bit cannot make a signature a stranger's
  leaves         derived from the stored bytes of every fact, compared with the tiles
  tiles          derived from the leaves, compared one by one
  roots          of every head ever signed, derived from the tiles at that size
  witnesses      as many as the key list wants, on the last head at least
  stamps         what an authority said about a head; by its certificate, if the auditor brings it
  papers         the signature in every QR code that a fact signs, and its key by its place
  status lists   the signature on every version that a fact publishes, and its key by its place
  copies         files that repeat a fact for whoever wants to read it alone

The tree is taken from the tiles as they are kept, not from the facts: so a changed fact is named
as such, and a changed tile as that. Memory holds the right edge of the tree and one tile of
facts, whatever the size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final, Protocol

from registry.errors import VerificationFailed
from registry.proofs.checkpoints import (
    Checkpoint,
    LogPolicy,
    judge_signatures,
    parse_checkpoint,
    policy_of,
    verify_signatures,
)
from registry.proofs.copies import LIST_NAMES, list_in
from registry.proofs.followed_lists import FollowedLists
from registry.proofs.key_list import KeyList
from registry.proofs.leaves import SIGNING_NAMES, StoredFact, leaf_entry, signed_payload
from registry.proofs.merkle import (
    HASH_BYTES,
    TILE_HASHES,
    MemoryTiles,
    Tree,
    append,
    leaf_hash,
)
from registry.proofs.notes import NoteKey
from registry.proofs.payload import parse_envelope, verify_envelope, verify_place
from registry.proofs.stamps import digest_of_head, verify_stamp
from registry.proofs.status_lists import verify_published
from registry.proofs.tiles import Tile

FINDINGS_MAX: Final = 100


class Archive(Protocol):
    """What is audited; each part read once, in order. Reading raises `VerificationFailed`."""

    def key_lists(self) -> Iterable[tuple[int, bytes]]:
        """Every key list as it was signed, from the first, with the position of its fact."""

    def heads(self) -> Iterable[bytes]:
        """Every signed head, from the smallest."""

    def stamps(self) -> Iterable[tuple[int, bytes]]:
        """Every stamp (RFC 3161) of a head, with the head's size."""

    def facts(self) -> Iterator[StoredFact]:
        """Every fact, from the first."""

    def tile(self, tile: Tile) -> bytes | None:
        """All that is kept for a tile, None if there is nothing."""

    def differing_copies(self, fact: StoredFact) -> Iterable[str]:
        """Names of files that should repeat this fact and do not."""

    def strays(self, size: int) -> Iterable[str]:
        """Names of what is kept beside the log of this size and does not belong to it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: a code, and where; `position` counts facts from 1."""

    code: str
    params: dict[str, str | int]


@dataclass(slots=True)
class Audit:
    """What an audit found, and how far it came."""

    size: int = 0
    heads: int = 0
    facts: int = 0
    unsealed: int = 0
    witnessed_size: int = 0
    stamped_size: int = 0
    stamped_at: datetime | None = None
    key_list: KeyList | None = None
    roots_pinned: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def blame(self, code: str, **params: str | int) -> None:
        """Keep a finding; of very many only the first."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(code, params))

    def forgive(self, code: str) -> None:
        """Take findings of this code back: who checks knows why it is so."""
        self.findings[:] = [one for one in self.findings if one.code != code]

    def blame_error(self, error: VerificationFailed, **params: str | int) -> None:
        """Keep what was raised, with its place."""
        self.blame(error.code, **{**error.params, **params})


def audit(
    archive: Archive, roots: Sequence[NoteKey] = (), *, now: int, authorities: Sequence[bytes] = ()
) -> Audit:
    """Derive everything again; raises nothing for what is wrong, but tells it.

    `authorities` are certificates (DER) of those who stamp heads, brought by the auditor.
    """
    found = Audit(roots_pinned=bool(roots))
    known = _check_key_lists(archive, found, roots, now)
    if found.key_list is not None:
        heads = _check_heads(archive, found, policy_of(found.key_list), known)
        _check_stamps(archive, found, heads, authorities)
        _check_tree(archive, found, heads)
        for name in archive.strays(found.size):
            found.blame("archive-stray", name=name)
    return found


def _check_key_lists(
    archive: Archive, found: Audit, roots: Sequence[NoteKey], now: int
) -> frozenset[NoteKey]:
    """Go from list to list; return every key that any of them lets sign a head."""
    lists = FollowedLists(roots)
    try:
        for position, content in archive.key_lists():
            lists.go_on(position, content)
        lists.pinned.finish()
    except VerificationFailed as error:
        found.blame_error(error, position=lists.position)
        return frozenset()
    if lists.trusted is None:
        found.blame("key-list-missing")
        return frozenset()
    found.key_list = lists.trusted.key_list
    if now >= found.key_list.expires_at:
        version = found.key_list.version
        found.blame("key-list-stale", version=version, position=lists.position)
    return frozenset(lists.known)


def _check_heads(
    archive: Archive, found: Audit, policy: LogPolicy, known: frozenset[NoteKey]
) -> list[Checkpoint]:
    """The heads that are signed, in order; those that are not are told and left out."""
    heads: list[Checkpoint] = []
    try:
        for content in archive.heads():
            found.heads += 1
            checked = _check_head(content, found, policy, known)
            if checked is None:
                continue
            head, witnessed = checked
            if heads and head.size <= heads[-1].size:
                found.blame("checkpoints-disordered", size=head.size)
                continue
            heads.append(head)
            if witnessed:
                found.witnessed_size = head.size
    except VerificationFailed as error:
        found.blame_error(error)
    found.size = heads[-1].size if heads else 0
    if not heads:
        found.blame("log-not-sealed")
    elif policy.witnesses_needed and not found.witnessed_size:
        found.blame("witnesses-missing", found=0, needed=policy.witnesses_needed)
    return heads


def _check_head(
    content: bytes, found: Audit, policy: LogPolicy, known: frozenset[NoteKey]
) -> tuple[Checkpoint, bool] | None:
    """The head in a note, if the log signed it, and whether enough witnesses did."""
    try:
        head, note = parse_checkpoint(content)
        verified = verify_signatures(head, note, tuple(known))
        judge_signatures(head, verified, replace(policy, witnesses_needed=0))
    except VerificationFailed as error:
        found.blame_error(error, head=found.heads)
        return None
    if not all(any(line.is_by(key) for key in known) for line in note.signatures):
        found.blame("signature-unknown", size=head.size)
    seen_by = {key.public for key in policy.witnesses if key in verified}
    return head, len(seen_by) >= policy.witnesses_needed


def _check_stamps(
    archive: Archive, found: Audit, heads: Sequence[Checkpoint], authorities: Sequence[bytes]
) -> None:
    """What authorities said about heads; the newest that holds is told."""
    known = {head.size: head for head in heads}
    for size, token in archive.stamps():
        if size not in known:
            found.blame("stamp-without-head", size=size)
            continue
        try:
            at = verify_stamp(token, digest_of_head(known[size].text), authorities)
        except VerificationFailed as error:
            found.blame_error(error, size=size)
        else:
            found.stamped_size, found.stamped_at = size, at


class _EdgeTiles(MemoryTiles):
    """Keeps the right edge of the tree; a tile that is full is compared and let go."""

    def __init__(self, archive: Archive, found: Audit) -> None:
        super().__init__()
        self._archive = archive
        self._found = found

    def put(self, level: int, index: int, hashes: bytes) -> None:
        """Keep a tile while it grows."""
        tile = Tile(level, index, len(hashes) // HASH_BYTES)
        if tile.is_full:
            self.compare(tile, hashes)
            self.pop((level, index), None)
        else:
            self[level, index] = hashes

    def compare(self, tile: Tile, hashes: bytes) -> None:
        """Tell of a tile that is kept otherwise than it follows from those below."""
        # The lowest tiles are what everything else is derived from; facts are compared with them.
        if tile.level and self._archive.tile(tile) != hashes:
            self._found.blame("tile-differs", path=str(tile))

    def compare_edge(self) -> None:
        """The same for the tiles that still grow."""
        for (level, index), hashes in sorted(self.items()):
            self.compare(Tile(level, index, len(hashes) // HASH_BYTES), hashes)


def _check_tree(archive: Archive, found: Audit, heads: Sequence[Checkpoint]) -> None:
    """Leaves against tiles, tiles against tiles, and the root of every head."""
    tiles, facts, waiting = _EdgeTiles(archive, found), _Facts(archive, found), list(heads[::-1])
    size = 0
    while size < found.size:
        width = min(TILE_HASHES, found.size - size)
        derived = facts.leaves(width)
        kept = _kept(archive, found, Tile(0, size // TILE_HASHES, width), derived)
        for place, (leaf, hashes) in enumerate(zip(kept, derived, strict=True), size + 1):
            if hashes is not None and leaf != hashes:
                found.blame("fact-differs", position=place)
        # Heads stand at any size: the tiles grow from one to the next.
        while kept:
            step = len(kept) if not waiting else min(len(kept), waiting[-1].size - size)
            size = append(tiles, size, kept[:step])
            kept = kept[step:]
            if waiting and waiting[-1].size == size:
                head = waiting.pop()
                if Tree(tiles, size).root() != head.root:
                    found.blame("root-differs", size=size)
    tiles.compare_edge()
    facts.finish()


def _kept(
    archive: Archive, found: Audit, tile: Tile, derived: Sequence[bytes | None]
) -> list[bytes]:
    """The leaf hashes as they are kept; where they are not whole, those derived."""
    content = archive.tile(tile)
    if content is None or len(content) != tile.bytes:
        found.blame("tile-missing" if content is None else "tile-differs", path=str(tile))
        return [leaf or bytes(HASH_BYTES) for leaf in derived]
    return [content[start : start + HASH_BYTES] for start in range(0, len(content), HASH_BYTES)]


class _Facts:
    """The facts of an archive, counted; what is missing or cannot be read is told."""

    def __init__(self, archive: Archive, found: Audit) -> None:
        self._archive = archive
        self._facts = archive.facts()
        self._found = found
        self._position = 0

    def leaves(self, count: int) -> list[bytes | None]:
        """Leaf hashes of the next facts; None in place of those that are not there."""
        return [
            self._leaf(position)
            for position in range(self._position + 1, self._position + count + 1)
        ]

    def finish(self) -> None:
        """Count what stands behind the last head."""
        try:
            self._found.unsealed = sum(1 for _ in self._facts)
        except VerificationFailed as error:
            self._found.blame_error(error)

    def _leaf(self, position: int) -> bytes | None:
        self._position = position
        try:
            fact = next(islice(self._facts, 1), None)
            if fact is None:
                self._found.blame("fact-missing", position=position)
                return None
            self._found.facts += 1
            if fact.position != position:
                self._found.blame("fact-misplaced", position=position, found=fact.position)
            if fact.name in SIGNING_NAMES:
                self._check_paper(fact, position)
            elif fact.name in LIST_NAMES:
                self._check_list(fact, position)
            for name in self._archive.differing_copies(fact):
                self._found.blame("copy-differs", name=name, position=position)
            return leaf_hash(leaf_entry(fact))
        except VerificationFailed as error:
            self._found.blame_error(error, position=position)
            return None

    def _check_list(self, fact: StoredFact, position: int) -> None:
        """Tell of a status list whose signature does not hold, or counts no more at this place."""
        assert self._found.key_list is not None  # noqa: S101 - the tree is checked under a list
        try:
            verify_published(*list_in(fact), self._found.key_list, position - 1)
        except VerificationFailed as error:
            self._found.blame_error(error, position=position)

    def _check_paper(self, fact: StoredFact, position: int) -> None:
        """Tell of a QR code whose signature does not hold, or counts no more at this place."""
        assert self._found.key_list is not None  # noqa: S101 - the tree is checked under a list
        try:
            envelope = parse_envelope(signed_payload(fact) or b"")
            verify_place(verify_envelope(envelope, self._found.key_list), position - 1)
        except VerificationFailed as error:
            self._found.blame_error(error, position=position)
