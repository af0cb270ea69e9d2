"""The key list in force: a record of the log, changed only under the roots' signatures.

Every version stays, so that what was signed under an old one can be checked for ever. The list
that is published last is the one that counts; each must be a list that a verifier of the one
before accepts, or it is not published at all (`registry.key_list`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from registry.errors import Conflict, NotFound, NotReady, Rejected
from registry.fact import Authorship, Fact
from registry.identifiers import new_id
from registry.key_list import THE_LIST, KeyListPublished, Published, PublishKeyList
from registry.key_set import LIST_SECONDS, KeySet, make_trial_set, open_key_set, signing_folder
from registry.proofs.key_list import KeyList, parse_key_list, sign_key_list
from registry.proofs.notes import parse_note

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from registry.proofs.keys import Signer
    from registry.register import Registry
    from registry.settings import Settings

RENEW_DAYS_BEFORE: Final = 60
"""Carrying a list to two people in two places takes its time."""

_DAY_SECONDS: Final = 86_400

OWN_AUTHOR: Final = Authorship("Sổ Vàng", "Sổ Vàng", basis="Công bố danh sách khóa")


def log_origin(public_url: str) -> str:
    """The name of a log: its address without the scheme (C2SP tlog-tiles)."""
    parts = urlsplit(public_url)
    return f"{parts.netloc}{parts.path.rstrip('/')}/log"


def list_in_force(registry: Registry) -> KeyList:
    """The version published last. Raises `NotReady` before the first.

    Nothing is verified: this is the office's own database, and what it says counts for the
    office alone. Others use `TrustedKeys`.
    """
    newest = _newest(registry)
    if newest is None:
        raise NotReady("key-list-unpublished")
    return parse_key_list(parse_note(newest).text)


def published_lists(registry: Registry) -> tuple[Fact[KeyListPublished], ...]:
    """The facts of every version, from the first."""
    stream = registry.holder(THE_LIST)
    return registry.facts_of(stream) if stream is not None else ()


def list_known_at(registry: Registry, known_at: datetime | None) -> Fact[KeyListPublished]:
    """The fact of the list that was in force at a moment, or is now. Raises `NotFound`."""
    for fact in reversed(published_lists(registry)):
        if known_at is None or fact.recorded_at <= known_at:
            return fact
    raise NotFound("key-list-unknown")


def publish(registry: Registry, note: bytes, now: int, author: Authorship = OWN_AUTHOR) -> KeyList:
    """Add a version of the key list, if a verifier of the one before would accept it.

    Raises `VerificationFailed`, and `Rejected` for what is in force already.
    """
    key_list = parse_key_list(parse_note(note).text)
    command = PublishKeyList(note.decode(), now)
    registry.execute("key-list", registry.holder(THE_LIST) or new_id(), command, author)
    return key_list


def publish_changed(
    registry: Registry,
    key_set: KeySet,
    changed: KeyList,
    roots: Sequence[tuple[str, Signer]],
    now: int,
    *,
    author: Authorship = OWN_AUTHOR,
) -> KeyList:
    """Sign a changed list as the next version with roots, and publish it. Raises as `publish`."""
    key_list = changed.following(now, LIST_SECONDS)
    note = sign_key_list(key_list, roots[: key_list.threshold])
    return put_in_force(registry, key_set, note, now, author)


def put_in_force(
    registry: Registry, key_set: KeySet, note: bytes, now: int, author: Authorship = OWN_AUTHOR
) -> KeyList:
    """Publish a list that was signed elsewhere. Raises as `publish`."""
    published = publish(registry, note, now, author)
    key_set.keep_list(note)
    return published


def prepare_keys(
    registry: Registry, settings: Settings, now: int | None = None
) -> tuple[KeySet, KeyList]:
    """The keys of this home and the list in force.

    A home without keys beside a log without a list gets a trial set. Raises `NotReady` where one
    is there and the other missing, or the log was sealed before: keys are not replaced silently.
    """
    now = int(time.time()) if now is None else now
    folder = signing_folder(settings.home)
    # Asked first: what another start publishes meanwhile is found below.
    sealed, listed = registry.log.traces_of_keys()
    published = _newest(registry) is not None
    if listed and not published:
        raise NotReady("key-list-lost")
    if not published and not folder.exists():
        if sealed:
            raise NotReady("key-set-missing", path=str(folder))
        make_trial_set(folder, log_origin(settings.public_url), now)
    key_set = open_key_set(folder, settings.key_passphrase_file, settings.token_pin_file)
    if not published:
        _publish_own(registry, key_set, now)
    key_list = list_in_force(registry)
    if key_list.trial and key_list.expires_at - now < RENEW_DAYS_BEFORE * _DAY_SECONDS:
        roots = open_key_set(folder / "roots").roots()
        key_list = publish_changed(registry, key_set, key_list, roots, now)
    return key_set, key_list


def roots_of(home: Path, folder: Path | None) -> list[tuple[str, Signer]]:
    """The roots in a folder brought along, or those of a trial set. Raises `NotReady`."""
    return open_key_set(folder or signing_folder(home) / "roots").roots()


def _newest(registry: Registry) -> bytes | None:
    """The version published last, as it was signed."""
    stream = registry.holder(THE_LIST)
    state = registry.load("key-list", stream).state if stream is not None else None
    return state.notes[-1].encode() if isinstance(state, Published) else None


def _publish_own(registry: Registry, key_set: KeySet, now: int) -> None:
    note = key_set.read_list()
    if note is None:
        raise NotReady("key-list-unpublished")
    try:
        publish(registry, note, now)
    except (Rejected, Conflict):
        # Another first start was faster, with the same folder and so the same list.
        return
