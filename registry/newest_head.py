"""The newest head that a home has seen, kept in a file outside the database.

A database can be put back to an earlier time, whole and consistent, by whoever has its files or an
old backup. Nothing in it tells; what tells is a head that somebody kept. So each home keeps one:
the sequencer writes down what it sealed, whoever opens the register compares, and a log that is
shorter or another is refused before anything is read or written.

    SOVANG_HOME/newest-head.json
        marked_from   facts from this position on carry marks (`registry.marks`)
        note          the newest head, as the log signed it
        seen_at       when it was written down

Not in the folder of keys: that one must be empty for a restore, and this file must outlive it.

What is true if we die: a head is written down after it was committed, within a second; the file is
replaced as a whole. So what is remembered may be a little old, which is no harm, and is never newer
than the log.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from registry.durable_files import replace_file
from registry.errors import NotReady, VerificationFailed
from registry.proofs.checkpoints import Checkpoint, parse_checkpoint
from registry.proofs.leaves import StoredFact, leaf_entry
from registry.proofs.merkle import HASH_BYTES, TILE_HASHES, Tree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from psycopg import Cursor

NAME: Final = "newest-head.json"
FORMAT: Final = 1
BYTES_MAX: Final = 100_000
WRITE_SECONDS: Final = 1.0

_NEWEST: Final = "SELECT note FROM log.checkpoints ORDER BY size DESC LIMIT 1"
_FIRST_MARKED: Final = (
    "SELECT coalesce((SELECT notification_id FROM log.facts WHERE mark IS NOT NULL"
    " ORDER BY notification_id LIMIT 1), (SELECT position + 1 FROM log.head))"
)
_END: Final = (
    "SELECT coalesce((SELECT max(notification_id) FROM log.facts), 0),"
    " coalesce((SELECT position FROM log.head), 0),"
    " coalesce((SELECT max(size) FROM log.checkpoints), 0)"
)
_DERIVED: Final = (
    "SELECT (h.position, h.facts, h.digest) = (f.last, f.count, f.digest) FROM log.head h,"
    " (SELECT coalesce(max(notification_id), 0) AS last, count(*) AS count,"
    " coalesce(bit_xor(log.fact_digest(notification_id, originator_id, originator_version, topic,"
    " state)), 0) AS digest FROM log.facts) f"
)
_TILE: Final = "SELECT hashes FROM log.tiles WHERE level = %s AND index = %s"
_FACTS_OF_TILE: Final = (
    "SELECT notification_id, originator_id, originator_version, topic, state FROM log.facts"
    " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a home knows of its log without asking the database."""

    marked_from: int = 1
    note: str = ""
    seen_at: str = ""

    @property
    def head(self) -> Checkpoint | None:
        """The newest head; None before the first."""
        return parse_checkpoint(self.note.encode())[0] if self.note else None

    def as_bytes(self) -> bytes:
        """The content of the file."""
        content = {
            "format": FORMAT,
            "marked_from": self.marked_from,
            "note": self.note,
            "seen_at": self.seen_at,
        }
        return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def parse_remembered(content: bytes) -> Remembered:
    """What the bytes of such a file say. Raises `NotReady`: nobody may guess it."""
    try:
        said = json.loads(content)
        found = Remembered(said["marked_from"], said["note"], said["seen_at"])
        kinds = tuple(map(type, (found.marked_from, found.note, found.seen_at)))
        if (said["format"], *kinds) == (FORMAT, int, str, str) and found.marked_from > 0:
            _ = found.head
            return found
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, VerificationFailed):
        pass
    raise NotReady("newest-head-unreadable")


class NewestHead:
    """The file of one home; without a path it is remembered as long as the process lives.

    One thread at a time; several processes may write, each what it has seen.
    """

    def __init__(
        self, path: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = path
        self._clock = clock
        self._known: Remembered | None = None
        self._written_at = float("-inf")
        self._waits = False

    def read(self) -> Remembered | None:
        """What is remembered; None where nobody has written yet. Raises `NotReady`."""
        if self.path is None:
            return self._known
        try:
            with self.path.open("rb") as file:
                content = file.read(BYTES_MAX)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NotReady("newest-head-unreadable", path=str(self.path)) from error
        try:
            self._known = parse_remembered(content)
        except NotReady as error:
            raise NotReady(error.code, path=str(self.path)) from None
        return self._known

    @property
    def known(self) -> Remembered | None:
        """What this process knows of it without looking at the file."""
        return self._known

    def remember(self, note: bytes) -> None:
        """Keep a head that was committed; on the disk within a second (`flush`)."""
        known = self._known or self.read() or Remembered()
        seen_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._known, self._waits = replace(known, note=note.decode(), seen_at=seen_at), True
        self.flush(at_once=False)

    def flush(self, *, at_once: bool = True) -> None:
        """Write down what waits, at most once a second unless it must be at once."""
        if not self._waits or self._known is None:
            return
        if at_once or self._clock() - self._written_at >= WRITE_SECONDS:
            try:
                self.write(self._known)
            except OSError as error:
                # What is remembered is older then; sealing need not stand still for that.
                _log.warning("the newest head is not written down: %s", error)

    def write(self, remembered: Remembered) -> None:
        """Remember this instead of what was. Raises `OSError`."""
        if self.path is not None:
            replace_file(self.path, remembered.as_bytes())
        self._known, self._waits = remembered, False
        self._written_at = self._clock()


# Against the log -----------------------------------------------------------------------------


def newest_note(cursor: Cursor[Any]) -> bytes | None:
    """The newest head that the log says it has."""
    found = cursor.execute(_NEWEST).fetchone()
    return bytes(found[0]) if found is not None else None


def check_continues(cursor: Cursor[Any], remembered: Remembered) -> None:
    """Raise `VerificationFailed` unless the log goes on from what is remembered of it."""
    head, note = remembered.head, newest_note(cursor)
    if head is None:
        return
    newest = parse_checkpoint(note)[0] if note is not None else None
    if newest is None or newest.size < head.size:
        raise VerificationFailed(
            "log-shorter-than-remembered",
            size=head.size,
            found=newest.size if newest is not None else 0,
            seen_at=remembered.seen_at,
        )
    kept = newest.root if newest.size == head.size else _root(cursor, newest.size, head.size)
    if kept != head.root or newest.origin != head.origin:
        raise VerificationFailed(
            "log-differs-from-remembered", size=head.size, seen_at=remembered.seen_at
        )


def check_end(cursor: Cursor[Any]) -> None:
    """Raise `VerificationFailed` unless the facts reach as far as seals and registers say."""
    found = cursor.execute(_END).fetchone()
    assert found is not None  # noqa: S101 - aggregates give a row
    last, head, sealed = found
    if last < sealed:
        raise VerificationFailed("log-tail-missing", position=last + 1, size=sealed)
    if last != head:
        raise VerificationFailed("log-head-differs", position=last, found=head)


def head_position(cursor: Cursor[Any]) -> int:
    """The last position that the log says it has; 0 for an empty one."""
    found = cursor.execute("SELECT position FROM log.head").fetchone()
    return int(found[0]) if found is not None else 0


def head_is_derived(cursor: Cursor[Any]) -> bool:
    """Whether number and digest of all facts are what the log's own count of them says."""
    found = cursor.execute(_DERIVED).fetchone()
    return found is not None and bool(found[0])


def end_failure(cursor: Cursor[Any], newest: NewestHead) -> VerificationFailed | None:
    """Why the log does not reach as far as is known of it; a look that takes no time."""
    try:
        check_continues(cursor, newest.known or Remembered())
        check_end(cursor)
    except VerificationFailed as error:
        return error
    return None


def recognise(cursor: Cursor[Any], newest: NewestHead) -> Remembered:
    """Compare the log with what the home remembers of it, and remember where it is now.

    A home that remembers nothing learns it here: of facts that carry no marks those that are
    sealed must be what was sealed. Raises `VerificationFailed` and `NotReady`.
    """
    remembered = newest.read()
    if remembered is None:
        remembered = Remembered(first_marked(cursor))
        if remembered.marked_from > 1:
            _check_vouched(cursor, remembered.marked_from - 1)
            _log.warning(
                "facts up to %d carry no marks: the sealed log vouches for them",
                remembered.marked_from - 1,
            )
        try:
            newest.write(remembered)
        except OSError as error:
            # Without it the next start would believe whatever it finds.
            path = str(newest.path)
            raise NotReady("newest-head-unwritable", path=path, reason=error.strerror) from error
    check_continues(cursor, remembered)
    check_end(cursor)
    note = newest_note(cursor)
    if note is not None and note.decode() != remembered.note:
        newest.remember(note)
        newest.flush()
    return remembered


def first_marked(cursor: Cursor[Any]) -> int:
    """The position from which on the facts of a log carry marks; behind its end if none do."""
    found = cursor.execute(_FIRST_MARKED).fetchone()
    assert found is not None  # noqa: S101 - the head is a row
    return int(found[0])


class _KeptTiles:
    """The tiles of the tree as they are kept."""

    def __init__(self, cursor: Cursor[Any]) -> None:
        self._cursor = cursor

    def get(self, level: int, index: int) -> bytes:
        """The hashes of a tile; empty if there is none."""
        found = self._cursor.execute(_TILE, (level, index)).fetchone()
        return bytes(found[0]) if found is not None else b""

    def put(self, level: int, index: int, hashes: bytes) -> None:
        """Not here: only the sequencer writes."""
        raise NotImplementedError


def _root(cursor: Cursor[Any], size: int, at: int) -> bytes:
    """The root of the tree as it was at an earlier size; empty where tiles are missing."""
    try:
        return Tree(_KeptTiles(cursor), size).root(at)
    except VerificationFailed:
        return b""


def _check_vouched(cursor: Cursor[Any], last: int) -> None:
    """Raise `VerificationFailed` unless sealed facts up to a position are what was sealed."""
    note = newest_note(cursor)
    size = min(last, parse_checkpoint(note)[0].size) if note is not None else 0
    tiles = _KeptTiles(cursor)
    for start in range(0, size, TILE_HASHES):
        width = min(TILE_HASHES, size - start)
        rows = cursor.execute(_FACTS_OF_TILE, (start, width)).fetchall()
        made = b"".join(leaf_hash(leaf_entry(StoredFact(*row))) for row in rows)
        kept = tiles.get(0, start // TILE_HASHES)[: width * HASH_BYTES]
        if made != kept:
            raise VerificationFailed("fact-differs", position=_first_difference(made, kept, start))


def _first_difference(made: bytes, kept: bytes, start: int) -> int:
    for place in range(0, max(len(made), len(kept)), HASH_BYTES):
        if made[place : place + HASH_BYTES] != kept[place : place + HASH_BYTES]:
            return start + place // HASH_BYTES + 1
    return start + 1
