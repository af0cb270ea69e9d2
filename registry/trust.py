"""The key list in force: kept in the log's database, changed only under the roots' signatures.

Every version stays, so that what was signed under an old one can be checked for ever. The list
that is published last is the one that counts; each must be a list that a verifier of the one
before accepts, or it is not published at all.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from psycopg.errors import UniqueViolation

from registry.errors import Conflict, NotReady
from registry.key_set import LIST_SECONDS, KeySet, make_trial_set, open_key_set, signing_folder
from registry.proofs.key_list import KeyList, TrustedKeys, parse_key_list, sign_key_list
from registry.proofs.notes import parse_note

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from psycopg import Connection

    from registry.proofs.keys import Signer
    from registry.settings import Settings

RENEW_SECONDS_BEFORE: Final = 30 * 86_400


def log_origin(public_url: str) -> str:
    """The name of a log: its address without the scheme (C2SP tlog-tiles)."""
    parts = urlsplit(public_url)
    return f"{parts.netloc}{parts.path.rstrip('/')}/log"


def key_lists(connection: Connection[Any]) -> list[bytes]:
    """Every published version as it was signed, in order."""
    found = connection.execute("SELECT note FROM log.key_lists ORDER BY version")
    return [bytes(note) for (note,) in found.fetchall()]


def list_in_force(connection: Connection[Any]) -> KeyList:
    """The version published last. Raises `NotReady` before the first.

    Nothing is verified: this is the office's own database, and what it says counts for the
    office alone. Others use `TrustedKeys`.
    """
    found = connection.execute(
        "SELECT note FROM log.key_lists ORDER BY version DESC LIMIT 1"
    ).fetchone()
    if found is None:
        raise NotReady("key-list-unpublished")
    return parse_key_list(parse_note(bytes(found[0])).text)


def publish(connection: Connection[Any], note: bytes, now: int) -> KeyList:
    """Add a version of the key list, if a verifier of the one before would accept it.

    Raises `VerificationFailed`, and `Conflict` when somebody else published meanwhile.
    """
    before = key_lists(connection)
    first = parse_key_list(parse_note(before[0] if before else note).text)
    trusted = TrustedKeys(first.roots, first.threshold)
    for old in before:
        trusted.accept(old, parse_key_list(parse_note(old).text).issued_at)
    key_list = trusted.accept(note, now)
    try:
        connection.execute(
            "INSERT INTO log.key_lists (version, note) VALUES (%s, %s)", (key_list.version, note)
        )
    except UniqueViolation as error:
        raise Conflict("key-list-changed") from error
    return key_list


def publish_changed(
    connection: Connection[Any],
    key_set: KeySet,
    changed: KeyList,
    roots: Sequence[tuple[str, Signer]],
    now: int,
) -> KeyList:
    """Sign a changed list as the next version with roots, and publish it. Raises as `publish`."""
    key_list = changed.following(now, LIST_SECONDS)
    note = sign_key_list(key_list, roots[: key_list.threshold])
    return put_in_force(connection, key_set, note, now)


def put_in_force(connection: Connection[Any], key_set: KeySet, note: bytes, now: int) -> KeyList:
    """Publish a list that was signed elsewhere. Raises as `publish`."""
    published = publish(connection, note, now)
    key_set.keep_list(note)
    return published


def prepare_keys(
    connection: Connection[Any], settings: Settings, now: int | None = None
) -> tuple[KeySet, KeyList]:
    """The keys of this home and the list in force.

    A home without keys beside a database without a list gets a trial set. Raises `NotReady`
    where one is there and the other missing: keys are not replaced silently.
    """
    now = int(time.time()) if now is None else now
    folder = signing_folder(settings.home)
    published = connection.execute("SELECT count(*) FROM log.key_lists").fetchone()
    if published == (0,) and not folder.exists():
        make_trial_set(folder, log_origin(settings.public_url), now)
    key_set = open_key_set(folder, settings.key_passphrase_file)
    if published == (0,):
        _publish_own(connection, key_set, now)
    key_list = list_in_force(connection)
    if key_list.trial and key_list.expires_at - now < RENEW_SECONDS_BEFORE:
        roots = open_key_set(folder / "roots").roots()
        key_list = publish_changed(connection, key_set, key_list, roots, now)
    return key_set, key_list


def roots_of(home: Path, folder: Path | None) -> list[tuple[str, Signer]]:
    """The roots in a folder brought along, or those of a trial set. Raises `NotReady`."""
    return open_key_set(folder or signing_folder(home) / "roots").roots()


def _publish_own(connection: Connection[Any], key_set: KeySet, now: int) -> None:
    note = key_set.read_list()
    if note is None:
        raise NotReady("key-list-unpublished")
    try:
        publish(connection, note, now)
    except Conflict:
        # Another first start was faster, with the same folder and so the same list.
        return
