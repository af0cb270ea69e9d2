"""What somebody saw of a log before, against the log of today: nothing of it may be missing.

An office that is alone can rewrite its log from the beginning and sign all of it again; whoever
kept a head, on paper or in an older kit, notices. Seen before must be, in the log of today:

  the log         the same origin                                    `since-other-log`
  the last head   no larger than the log is now                      `since-larger`
                  the beginning of its tree: a consistency proof is
                  made from the tiles of today and checked           `since-forked`
  every head      still there, word by word                          `since-head-missing`
  every line      of a log, a witness: still under its head          `since-signature-missing`
  every stamp     still there                                        `since-stamp-missing`

Each has a code of its own, because each has another cause.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from registry.errors import VerificationFailed
from registry.proofs.checkpoints import Checkpoint, parse_checkpoint, parse_head
from registry.proofs.merkle import TILE_HASHES, TILE_HEIGHT, Tree, verify_consistency
from registry.proofs.tiles import Tile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from registry.proofs.auditing import Archive, Audit


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen before: the last head, every head with its lines, every stamp."""

    last: Checkpoint
    heads: dict[int, tuple[bytes, frozenset[str]]] = field(default_factory=dict)
    stamps: frozenset[tuple[int, bytes]] = frozenset()


def seen_head(content: bytes) -> Seen:
    """A head that was kept: the note, or only its three lines, typed from paper.

    Raises `VerificationFailed`.
    """
    if b"\n\n" not in content.strip():
        return Seen(parse_head(content.strip() + b"\n"))
    head, _ = parse_checkpoint(content)
    return Seen(head, _lines_of([content]))


def seen_archive(archive: Archive) -> Seen:
    """Everything that an older kit shows. Raises `VerificationFailed`."""
    notes = list(archive.heads())
    if not notes:
        raise VerificationFailed("log-not-sealed")
    last = max((parse_checkpoint(note)[0] for note in notes), key=lambda head: head.size)
    return Seen(last, _lines_of(notes), frozenset(archive.stamps()))


def check_since(archive: Archive, found: Audit, seen: Seen) -> None:
    """Tell everything that was seen before and is not in the archive of today."""
    today = {}
    try:
        notes = list(archive.heads())
        today = {head.size: head for head in (parse_checkpoint(note)[0] for note in notes)}
        lines = _lines_of(notes)
        stamps = frozenset(archive.stamps())
    except VerificationFailed as error:
        found.blame_error(error)
        return
    newest = today[max(today)] if today else None
    last = seen.last
    if newest is None or last.size > newest.size:
        found.blame("since-larger", size=last.size, found=newest.size if newest else 0)
    elif last.origin != newest.origin:
        found.blame("since-other-log", expected=last.origin, found=newest.origin)
        return
    elif not _continues(archive, last, newest):
        found.blame("since-forked", size=last.size)
    for size, (text, kept) in sorted(seen.heads.items()):
        _check_head(found, size, text, kept, lines)
    for size, token in sorted(seen.stamps):
        if (size, token) not in stamps:
            found.blame("since-stamp-missing", size=size)


def _check_head(
    found: Audit,
    size: int,
    text: bytes,
    kept: frozenset[str],
    lines: dict[int, tuple[bytes, frozenset[str]]],
) -> None:
    today = lines.get(size)
    if today is None or today[0] != text:
        found.blame("since-head-missing", size=size)
        return
    for line in sorted(kept - today[1]):
        found.blame("since-signature-missing", size=size, name=line.split(" ")[1])


def _continues(archive: Archive, old: Checkpoint, new: Checkpoint) -> bool:
    """Whether the tiles of today prove that the new head continues the old one."""
    try:
        proof = Tree(_ArchiveTiles(archive, new.size), new.size).consistency(old.size)
        verify_consistency(old.size, new.size, old.root, new.root, proof)
    except VerificationFailed:
        return False
    return True


class _ArchiveTiles:
    """The tiles of an archive as a tree reads them."""

    def __init__(self, archive: Archive, size: int) -> None:
        self._archive = archive
        self._size = size

    def get(self, level: int, index: int) -> bytes:
        """The hashes of a tile; empty if there is none."""
        count = self._size >> (level * TILE_HEIGHT)
        width = min(TILE_HASHES, count - index * TILE_HASHES)
        return (self._archive.tile(Tile(level, index, width)) or b"") if width > 0 else b""

    def put(self, level: int, index: int, hashes: bytes) -> None:
        """Not here: an archive is read."""
        raise NotImplementedError


def _lines_of(notes: Iterable[bytes]) -> dict[int, tuple[bytes, frozenset[str]]]:
    found = {}
    for content in notes:
        head, note = parse_checkpoint(content)
        found[head.size] = (note.text, frozenset(str(line) for line in note.signatures))
    return found
