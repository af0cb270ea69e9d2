"""What is left of a destroyed key in the files of the database, and how it is taken away.

A deleted row keeps its bytes until its table is written anew. The write-ahead log keeps what was
once inserted until its segments go, and PostgreSQL renames old segments for later use instead of
removing them: so for a moment it is told to remove them, and every segment that was there, the
spare ones too, is written through and let go.

A server of one's own may not let us: `CHECKPOINT`, `pg_switch_wal`, `pg_ls_waldir` and `ALTER
SYSTEM` are rights of its superuser. And nobody but its operator knows of archives and standbys.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

SEGMENTS_MAX: Final = 2_000
PASSES_MAX: Final = 5
RELOAD_SECONDS: Final = 0.3


def take_away_destroyed_keys(administrator: str) -> bool:
    """Leave no copy of a destroyed key in the database's files.

    False if the write-ahead log may still hold one, because the server did not let it go.
    """
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("VACUUM (FULL) log.subject_keys")
        try:
            with _removing_segments(connection):
                return _let_go(connection)
        except psycopg.errors.InsufficientPrivilege:
            return False


@contextmanager
def _removing_segments(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Let the server remove old segments instead of renaming them."""
    shown = connection.execute("SHOW wal_recycle").fetchone()
    if shown is not None and shown[0] == "off":
        yield
        return
    connection.execute("ALTER SYSTEM SET wal_recycle = off")
    try:
        _reload(connection)
        # One checkpoint under the new value: from here on nothing takes another name.
        connection.execute("CHECKPOINT")
        yield
    finally:
        connection.execute("ALTER SYSTEM RESET wal_recycle")
        _reload(connection)


def _reload(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SELECT pg_reload_conf()")
    time.sleep(RELOAD_SECONDS)


def _let_go(connection: psycopg.Connection[Any]) -> bool:
    """Write through every segment that is there now; whether all of them are gone."""
    before = _segments(connection)
    for _ in range(PASSES_MAX):
        for _ in range(min(len(before & _segments(connection)), SEGMENTS_MAX)):
            # A segment that nothing was written to is not left.
            connection.execute("SELECT pg_logical_emit_message(false, 'sovang', '')")
            connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
        if not before & _segments(connection):
            return True
    return False


def _segments(connection: psycopg.Connection[Any]) -> set[str]:
    """Names of the segments of the write-ahead log."""
    found = connection.execute(
        "SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'"
    ).fetchall()
    return {name for (name,) in found}
