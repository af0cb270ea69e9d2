"""`sovang key`: keys for each purpose, in a list that the office's roots sign.

Every change is a new version of the list, signed by two of three roots. In earnest the roots are
brought along for that (`--roots DIR`: their key files and the passphrase) and taken away again;
in a trial set they lie beside the other keys.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from projections.sealed_log import seal_state
from registry.errors import NotReady, Rejected
from registry.key_set import KEY_SECONDS, KeySet
from registry.proofs.key_list import KeyList, ListedKey
from registry.proofs.keys import Purpose, Signer
from registry.proofs.notes import parse_note_key
from registry.trust import prepare_keys, publish_changed, roots_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from scripts.command_line.session import Session


def new(session: Session, use: Purpose, roots: Path | None) -> None:
    """Make a key for a purpose and publish it; the older ones stay good for what they signed."""
    with _keys(session, roots) as keys:
        # Without the roots no key is made that nobody would know.
        keys.root_signers()
        signer = keys.key_set.make(use)
        ends = keys.now + KEY_SECONDS
        added = ListedKey(use, signer.algorithm, signer.public, keys.now, ends)
        keys.publish(keys.key_list.with_key(added))
    _tell(session, "key.made", kid=signer.kid.hex(), use=use)


def retire(session: Session, kid: str, roots: Path | None) -> None:
    """End a key now: what it signed stays good, it signs nothing more."""
    with _keys(session, roots) as keys:
        keys.publish(keys.key_list.with_changed(_parse_kid(kid), valid_to=keys.now))
    _tell(session, "key.retired", kid=kid)


def revoke(session: Session, kid: str, roots: Path | None) -> None:
    """Declare a key stolen: of what it signed, only what the log holds until now counts.

    The thief chooses the time that he writes into a text, but not its place in the log.
    """
    with _keys(session, roots) as keys:
        size = seal_state(keys.connection.cursor()).size
        stolen = {"valid_to": keys.now, "compromised_at_leaf": size}
        keys.publish(keys.key_list.with_changed(_parse_kid(kid), **stolen))
    _tell(session, "key.revoked", kid=kid, size=size)


def add_witness(session: Session, key: str, needed: int, roots: Path | None) -> None:
    """Take a witness into the list, and say how many a careful verifier wants."""
    added = parse_note_key(key)
    with _keys(session, roots) as keys:
        witnesses = (*[one for one in keys.key_list.witnesses if one != added], added)
        if needed > len({one.public for one in witnesses}):
            raise Rejected("log-witnesses-too-few", field="--needed", needed=needed)
        keys.publish(replace(keys.key_list, witnesses=witnesses, witnesses_needed=needed))
    _tell(session, "key.witness", name=added.name, needed=needed)


def show_all(session: Session) -> None:
    """List the keys of the list in force."""
    with _keys(session) as keys:
        key_list, now = keys.key_list, keys.now
    if session.as_json:
        session.answer(_list_json(key_list, now))
        return
    headings = ("key", "use", "algorithm", "from", "to", "state")
    session.table(
        [f"column.{heading}" for heading in headings],
        [
            (
                key.kid.hex(),
                session.text(f"use.{key.use}"),
                key.algorithm,
                _day(key.valid_from),
                _day(key.valid_to),
                session.text(f"key.{key.judge(now)}"),
            )
            for key in key_list.keys
        ],
    )
    session.say("key.list", version=key_list.version, log=key_list.log,
                until=_day(key_list.expires_at))  # fmt: skip
    if key_list.trial:
        session.say("audit.trial")


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of this home, the list in force, and where the roots are that change it."""

    connection: Connection[Any]
    key_set: KeySet
    key_list: KeyList
    now: int
    home: Path
    roots: Path | None

    def root_signers(self) -> list[tuple[str, Signer]]:
        """The roots that sign the next list. Raises `NotReady` with too few of them."""
        signers, needed = roots_of(self.home, self.roots), self.key_list.threshold
        if len(signers) < needed:
            raise NotReady("root-keys-missing", found=len(signers), needed=needed)
        return signers

    def publish(self, changed: KeyList) -> None:
        """Sign a changed list with the roots and publish it."""
        signers = self.root_signers()
        publish_changed(self.connection, self.key_set, changed, signers, self.now)


@contextmanager
def _keys(session: Session, roots: Path | None = None) -> Iterator[_Keys]:
    now = int(time.time())
    with (
        session.database() as database,
        database.pool("writer").connection() as connection,
    ):
        key_set, key_list = prepare_keys(connection, session.settings, now)
        yield _Keys(connection, key_set, key_list, now, session.settings.home, roots)


def _parse_kid(kid: str) -> bytes:
    try:
        return bytes.fromhex(kid)
    except ValueError as error:
        raise Rejected("key-unknown", field="KID", kid=kid[:20]) from error


def _tell(session: Session, code: str, **params: str | int) -> None:
    if session.as_json:
        session.answer({"done": code.removeprefix("key."), **params})
    else:
        session.say(code, **params)


def _list_json(key_list: KeyList, now: int) -> dict[str, Any]:
    return {
        "version": key_list.version,
        "log": key_list.log,
        "trial": key_list.trial,
        "expires_at": _moment(key_list.expires_at),
        "threshold": key_list.threshold,
        "roots": [str(root) for root in key_list.roots],
        "witnesses": [str(witness) for witness in key_list.witnesses],
        "witnesses_needed": key_list.witnesses_needed,
        "keys": [
            {
                "kid": key.kid.hex(),
                "use": key.use,
                "algorithm": key.algorithm,
                "valid_from": _moment(key.valid_from),
                "valid_to": _moment(key.valid_to),
                "compromised_at_leaf": key.compromised_at_leaf,
                "state": key.judge(now),
            }
            for key in key_list.keys
        ],
    }


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _day(seconds: int) -> str:
    return _moment(seconds)[:10]
