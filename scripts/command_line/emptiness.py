"""What may give way to a restore: a register in which nothing was ever recorded.

Any command makes such a one in an empty home. It is taken out of the database, and its keys are
put aside beside the folder of keys: a key is never removed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql

from registry.errors import Rejected
from registry.personal_key import IN_USE, kept_check, key_check, personal_key_path
from registry.sealing import KEY_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from registry.settings import Settings

_ASIDE: Final = "keys-before-restore"


def holds_facts(connection: psycopg.Connection[Any]) -> bool:
    """Whether a database holds a fact or the key of a person."""
    if not _has_log(connection):
        return False
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM log.facts) OR EXISTS (SELECT FROM log.subject_keys)"
    ).fetchone()
    return row is not None and bool(row[0])


def refuse_home_in_use(settings: Settings) -> None:
    """Raise `Rejected` where keys in use stand in a home without a database of its own."""
    keys = settings.home / "keys"
    if not (settings.home / "postgres" / "data").exists() and (keys / IN_USE).exists():
        raise Rejected("restore-home-not-empty", path=str(keys))


def clear_unused(connection: psycopg.Connection[Any], settings: Settings) -> None:
    """Take a register without a fact out of the way. Raises `Rejected` where there is anything."""
    keys = settings.home / "keys"
    used = holds_facts(connection)
    if any(_standing(keys)) and (used or not _are_keys_of(connection, settings)):
        raise Rejected("restore-home-not-empty", path=str(keys))
    if used:
        raise Rejected("restore-database-not-empty")
    if _has_log(connection):
        _drop_register(connection)
    if keys.is_dir() and any(keys.iterdir()):
        keys.rename(keys.with_name(f"{_ASIDE}-{os.urandom(4).hex()}"))


def _standing(folder: Path) -> list[Path]:
    """What stands in a folder, leftovers of a first start that was cut off not counted."""
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def _are_keys_of(connection: psycopg.Connection[Any], settings: Settings) -> bool:
    """Whether the keys of a home are those of the register without a fact in its database."""
    path = personal_key_path(settings.home)
    kept = kept_check(connection) if _has_key_check(connection) else None
    if kept is None:
        return not path.with_name(IN_USE).exists() and not (path.parent / "signing").exists()
    if not path.is_file():
        return True
    with path.open("rb") as file:
        return key_check(file.read(KEY_BYTES)) == kept


def _drop_register(connection: psycopg.Connection[Any]) -> None:
    """Take out a register that holds nothing; whoever writes to it meanwhile keeps it."""
    with connection.transaction():
        connection.execute("LOCK TABLE log.facts, log.subject_keys IN ACCESS EXCLUSIVE MODE")
        if holds_facts(connection):
            raise Rejected("restore-database-not-empty")
        registers = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspowner = 'sovang_projector'::regrole"
        ).fetchall()
        for (name,) in [*registers, ("log",)]:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
        connection.execute("DROP TABLE IF EXISTS public.migrations")


def _has_log(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SELECT to_regclass('log.facts') IS NOT NULL").fetchone()
    return row is not None and bool(row[0])


def _has_key_check(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SELECT to_regclass('log.key_check') IS NOT NULL").fetchone()
    return row is not None and bool(row[0])
