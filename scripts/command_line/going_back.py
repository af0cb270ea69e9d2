"""A backup against what the home remembers of the log: is it the same one, and not an older time.

Who restores on another machine brings along what the backup's own home remembered; who restores in
place has what the home saw last, which is newer.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import psycopg

from projections.reading import facts_after
from registry.errors import VerificationFailed
from registry.newest_head import NAME, NewestHead, Remembered, check_continues, recognise
from registry.put_back import PutLogBack
from registry.rules import require_text
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg import Cursor

    from registry.database import Database
    from registry.marks import Marks

FACTS_PER_READ = 5_000


def judge(
    database: Database, home: Path, brought: Remembered | None, older_because: str | None
) -> PutLogBack | None:
    """Compare a database that was just restored with what is remembered of it.

    Returns what is to be recorded of going back, if that was asked for and is done. Raises
    `VerificationFailed`, `CorruptFact` for a fact without its mark, and `Rejected`.
    """
    seen = NewestHead(home / NAME).read()
    with psycopg.connect(database.conninfo("reader"), autocommit=True) as connection:
        cursor = connection.cursor()
        # A backup without a memory of its own is an older program's: its seals are looked at.
        remembered = NewestHead()
        if brought is not None:
            remembered.write(brought)
        known = recognise(cursor, remembered)
        database.marks.unmarked_until = known.marked_from - 1
        _require_marks(cursor, database.marks)
        try:
            check_continues(cursor, seen or Remembered())
        except VerificationFailed:
            if older_because is None:
                raise
            return _going_back(remembered.read(), seen, require_text("reason", older_because))
        finally:
            database.newest_head = remembered
    return None


def keep(database: Database, home: Path, put_back: PutLogBack | None) -> None:
    """Let the home remember the restored log from now on, and the log that it was put back."""
    known = database.newest_head.read() or Remembered()
    NewestHead(home / NAME).write(known)
    if put_back is not None:
        database.registry().create("put-back", put_back, authorship())


def _require_marks(cursor: Cursor[Any], marks: Marks) -> None:
    position = 0
    while rows := facts_after(cursor, position, FACTS_PER_READ):
        marks.require(rows)
        position = rows[-1][0]


def _going_back(now: Remembered | None, seen: Remembered | None, reason: str) -> PutLogBack:
    """What is to be recorded: how far the log goes now, and the head that was seen last."""
    head = now.head if now is not None else None
    last = seen.head if seen is not None else None
    assert last is not None  # noqa: S101 - what is not remembered refuses nothing
    size = head.size if head is not None else 0
    return PutLogBack(size, last.size, b64encode(last.root).decode(), reason)
