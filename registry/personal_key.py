"""The office's key to personal values, and the one database that it belongs to.

    keys/personal.key   32 random bytes that wrap the data key of every person
    keys/in-use         says that the key belongs to a register; whose, says its check value
    log.key_check       the check value in the database: HMAC-SHA256 under the key, one row

Rules
- A key is made for an empty register only: one fact or one person's key, and it is never made.
- Whoever opens a register shows the key that its check value came from, or is refused.
- A key in use never begins a second register: what is empty then has lost its data.

What is true if we die, in the order of a first start: a key file that belongs to nothing (the
next start takes it); a check value in the database (the next start compares); the mark beside the
key (made again if it is missing). No person's key is wrapped before the check value is committed.

A database of an older program has no check value: the key must open every person's key first.
"""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry.durable_files import flush_folder, write_file
from registry.errors import CorruptFact, NotReady
from registry.sealing import KEY_BYTES, Keyring

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

KEY_FILE: Final = "personal.key"
IN_USE: Final = "in-use"

_FOLDER_MODE: Final = 0o700
_CHECK: Final = b"sovang/personal-key-check/v1\x00"
_BINDING_LOCK: Final = 5_601_946
_KEYS_READ_AT_ONCE: Final = 10_000


def personal_key_path(home: Path) -> Path:
    """Where a home keeps its key to personal values."""
    return home / "keys" / KEY_FILE


def key_check(key: bytes) -> bytes:
    """The check value of a key: tells keys apart and gives none away."""
    return hmac.digest(key, _CHECK, sha256)


def read_key_file(path: Path) -> bytes:
    """The key in a file.

    Raises `NotReady`: `personal-key-missing`, `key-encryption-key-malformed`.
    """
    try:
        # One byte more than a key: enough to tell that it is none.
        with path.open("rb") as file:
            key = file.read(KEY_BYTES + 1)
    except FileNotFoundError as error:
        raise NotReady("personal-key-missing", path=str(path)) from error
    except OSError as error:
        reason = error.strerror
        raise NotReady("personal-key-missing", path=str(path), reason=reason) from error
    if len(key) != KEY_BYTES:
        raise NotReady("key-encryption-key-malformed", path=str(path))
    return key


def make_key_file(path: Path) -> bytes:
    """A new key in a new file, or the key of somebody who was faster."""
    path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{os.getpid()}-{os.urandom(4).hex()}")
    write_file(aside, os.urandom(KEY_BYTES))
    try:
        # Linked into place when it is whole: a crash leaves no key file or a whole one.
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
    # Before anything is sealed under it, or a power cut takes the name and leaves the values.
    for folder in (path.parent, path.parent.parent):
        flush_folder(folder)
    return read_key_file(path)


def agree_on_key(
    connection: Connection[Any], home: Path, before_new: Callable[[], None] = lambda: None
) -> bytes:
    """The key of this home, which is that of this database; an empty register is given it.

    `before_new` is asked before a key is made, and raises if none may be. Raises `NotReady`:
    `personal-key-missing`, `personal-key-wrong`, `key-encryption-key-malformed`,
    `register-missing`.
    """
    path = personal_key_path(home)
    kept = kept_check(connection)
    if kept is None:
        # One after the other: whoever comes second finds what the first agreed on.
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_BINDING_LOCK,))
            kept = kept_check(connection)
            if kept is None:
                key = _first_key(connection, path, before_new)
                keep_check(connection, key)
                kept = key_check(key)
    key = read_key_file(path)
    _compare(key, kept, path)
    _mark_in_use(path, kept)
    return key


def kept_check(connection: Connection[Any]) -> bytes | None:
    """The check value in a database; None before the first."""
    row = connection.execute("SELECT value FROM log.key_check").fetchone()
    return bytes(row[0]) if row is not None else None


def keep_check(connection: Connection[Any], key: bytes) -> None:
    """Give a database the check value of its key."""
    connection.execute("INSERT INTO log.key_check (value) VALUES (%s)", (key_check(key),))


def verify_key(connection: Connection[Any], key: bytes, path: Path | None = None) -> None:
    """Raise `NotReady` unless key, key file and database still belong together.

    `path` is the key's file, or None where the key came from none.
    """
    kept = kept_check(connection)
    if path is not None:
        _compare(read_key_file(path), key_check(key), path)
    if kept is not None:
        _compare(key, kept, path)


def verify_persons_keys(connection: Connection[Any], key: bytes) -> None:
    """Raise `NotReady` with `personal-key-wrong` unless the key opens every person's key."""
    keyring = Keyring(key, lambda _: {})
    shut = count = 0
    with connection.transaction(), connection.cursor(name="persons_keys") as cursor:
        cursor.itersize = _KEYS_READ_AT_ONCE
        for subject, wrapped in cursor.execute("SELECT subject, wrapped FROM log.subject_keys"):
            count += 1
            try:
                keyring.unwrap(subject, bytes(wrapped))
            except CorruptFact:
                shut += 1
    if shut:
        raise NotReady("personal-key-wrong", shut=shut, persons=count)


def is_empty_register(connection: Connection[Any]) -> bool:
    """Whether a register has neither a fact nor a person's key: nothing is lost with it."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM log.facts) OR EXISTS (SELECT FROM log.subject_keys)"
    ).fetchone()
    return row is not None and not row[0]


def _first_key(connection: Connection[Any], path: Path, before_new: Callable[[], None]) -> bytes:
    """The key for a database that has no check value yet."""
    if not is_empty_register(connection):
        key = read_key_file(path)
        verify_persons_keys(connection, key)
        return key
    if path.with_name(IN_USE).exists():
        raise NotReady("register-missing", path=str(path.parent))
    if path.exists():
        return read_key_file(path)
    before_new()
    return make_key_file(path)


def _compare(key: bytes, kept: bytes, path: Path | None) -> None:
    if not hmac.compare_digest(key_check(key), kept):
        raise NotReady("personal-key-wrong", path=str(path) if path is not None else None)


def _mark_in_use(path: Path, kept: bytes) -> None:
    mark = path.with_name(IN_USE)
    if mark.exists():
        return
    # A folder of keys may be closed to writing; then only the database tells.
    with suppress(OSError):
        write_file(mark, kept.hex().encode())
        flush_folder(mark.parent)
