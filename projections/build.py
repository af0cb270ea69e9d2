"""Which program made the registers, so that a reader need not load what makes them.

Whoever prepares the registers (creates what is missing, rebuilds what is defined otherwise)
leaves the digest of its own code behind. A command that finds the digest of its own code there
knows that the registers are as it would make them; any other prepares them itself.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import psycopg

if TYPE_CHECKING:
    from psycopg import Cursor

_KEEP: Final = """
INSERT INTO projection.prepared (only_row, build) VALUES (true, %s)
ON CONFLICT (only_row) DO UPDATE SET build = excluded.build
 WHERE projection.prepared.build <> excluded.build
"""
# Every register stands at the head of the log, with exactly its facts, and none has failed.
_IS_CURRENT: Final = """
SELECT bool_and(l.position = h.position AND l.facts = h.facts AND l.digest = h.digest
                AND l.error_code IS NULL)
  FROM projection.prepared p, projection.ledger l, log.head h WHERE p.build = %s
"""


def build_digest() -> str:
    """Digest of the code and the tables of this package."""
    package = files("projections")
    parts = [
        file
        for folder in (package, package.joinpath("sql"))
        for file in folder.iterdir()
        if file.name.endswith((".py", ".sql"))
    ]
    digest = sha256()
    for part in sorted(parts, key=lambda file: file.name):
        digest.update(f"{part.name} ".encode() + sha256(part.read_bytes()).digest())
    return digest.hexdigest()


def keep_build(cursor: Cursor[Any]) -> None:
    """Say that this program prepared the registers."""
    cursor.execute(_KEEP, (build_digest(),))


def is_current(cursor: Cursor[Any]) -> bool:
    """Whether the registers show all of the log and are as this program makes them."""
    try:
        row = cursor.execute(_IS_CURRENT, (build_digest(),)).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return False
    return row is not None and bool(row[0])
