"""`sovang key`: keys for each purpose, in a list that the office's roots sign.

Every change is a new version of the list, signed by two of three roots. In earnest the change is
written down (`--propose FILE`) and carried to the roots, see `roots`; in a trial set they lie
beside the other keys. `--roots DIR` takes roots that were brought along.
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
from registry.key_set import KEY_SECONDS, LIST_SECONDS, KeySet
from registry.proofs.key_list import KeyList, ListedKey
from registry.proofs.keys import Purpose, Signer
from registry.proofs.notes import parse_note_key
from registry.proofs.proposals import add_signature, digest_of, propose
from registry.trust import prepare_keys, publish_changed, roots_of
from scripts.command_line.disclosing import write_new
from scripts.command_line.sealing import read_roots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from scripts.command_line.session import Session


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs a change: the roots in a folder, or those that a proposal is carried to."""

    roots: Path | None = None
    proposal: Path | None = None


def new(session: Session, use: Purpose, signing: Signing) -> None:
    """Make a key for a purpose and publish it; the older ones stay good for what they signed."""
    with open_keys(session, signing) as keys:
        # Without the roots no key is made that nobody would know.
        keys.check_roots()
        signer = keys.key_set.make(use)
        ends = keys.now + KEY_SECONDS
        added = ListedKey(use, signer.algorithm, signer.public, keys.now, ends)
        keys.publish(keys.key_list.with_key(added))
    _tell(session, signing, "key.made", kid=signer.kid.hex(), use=use)


def retire(session: Session, kid: str, signing: Signing) -> None:
    """End a key now: what it signed stays good, it signs nothing more."""
    with open_keys(session, signing) as keys:
        keys.publish(keys.key_list.with_changed(_parse_kid(kid), valid_to=keys.now))
    _tell(session, signing, "key.retired", kid=kid)


def revoke(session: Session, kid: str, signing: Signing) -> None:
    """Declare a key stolen: of what it signed, only what the log holds until now counts.

    The thief chooses the time that he writes into a text, but not its place in the log.
    """
    with open_keys(session, signing) as keys:
        size = seal_state(keys.connection.cursor()).size
        stolen = {"valid_to": keys.now, "compromised_at_leaf": size}
        keys.publish(keys.key_list.with_changed(_parse_kid(kid), **stolen))
    _tell(session, signing, "key.revoked", kid=kid, size=size)


def add_witness(session: Session, key: str, needed: int, signing: Signing) -> None:
    """Take a witness into the list, and say how many a careful verifier wants."""
    added = parse_note_key(key)
    with open_keys(session, signing) as keys:
        witnesses = (*[one for one in keys.key_list.witnesses if one != added], added)
        if needed > len({one.public for one in witnesses}):
            raise Rejected("log-witnesses-too-few", field="--needed", needed=needed)
        keys.publish(replace(keys.key_list, witnesses=witnesses, witnesses_needed=needed))
    _tell(session, signing, "key.witness", name=added.name, needed=needed)


def adopt_roots(session: Session, path: Path, signing: Signing) -> None:
    """Let other roots sign from now on: so an office leaves its trial set."""
    roots = read_roots(path)
    with open_keys(session, signing) as keys:
        if len({root.public for root in roots}) < keys.key_list.threshold:
            raise NotReady("root-keys-missing", found=len(roots), needed=keys.key_list.threshold)
        keys.publish(replace(keys.key_list, roots=roots, trial=False))
    _tell(session, signing, "key.proposed", roots=len(roots))


def show_all(session: Session) -> None:
    """List the keys of the list in force."""
    with open_keys(session) as keys:
        key_list, now = keys.key_list, keys.now
    if session.as_json:
        session.answer(list_json(key_list, now))
        return
    show_list(session, key_list, now)


def show_list(session: Session, key_list: KeyList, now: int) -> None:
    """Print a key list for people; states are those of a moment."""
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
class Keys:
    """The keys of this home, the list in force, and where the roots are that change it."""

    connection: Connection[Any]
    key_set: KeySet
    key_list: KeyList
    now: int
    home: Path
    signing: Signing

    def check_roots(self) -> None:
        """Raise `NotReady` unless a change can be signed, here or elsewhere."""
        if self.signing.proposal is None:
            self._root_signers()

    def publish(self, changed: KeyList) -> None:
        """Sign a changed list with the roots and publish it, or write it down for them."""
        if self.signing.proposal is None:
            signers = self._root_signers()
            publish_changed(self.connection, self.key_set, changed, signers, self.now)
            return
        content = propose(changed.following(self.now, LIST_SECONDS))
        # Roots that lie here sign at once: those of a trial set must let go of it.
        here = self.signing.roots is not None or self.key_list.trial
        for name, root in roots_of(self.home, self.signing.roots) if here else ():
            content = add_signature(content, name, root)
        write_new(self.signing.proposal, content)

    def _root_signers(self) -> list[tuple[str, Signer]]:
        own, needed = {root.public for root in self.key_list.roots}, self.key_list.threshold
        found = roots_of(self.home, self.signing.roots)
        signers = [(name, root) for name, root in found if root.public in own]
        if len(signers) < needed:
            raise NotReady("root-keys-missing", found=len(signers), needed=needed)
        return signers


@contextmanager
def open_keys(session: Session, signing: Signing | None = None) -> Iterator[Keys]:
    """The keys of a home, and what changes them. Raises `NotReady`."""
    now = int(time.time())
    with (
        session.database() as database,
        database.pool("writer").connection() as connection,
    ):
        key_set, key_list = prepare_keys(connection, session.settings, now)
        yield Keys(connection, key_set, key_list, now, session.settings.home, signing or Signing())


def _parse_kid(kid: str) -> bytes:
    try:
        return bytes.fromhex(kid)
    except ValueError as error:
        raise Rejected("key-unknown", field="KID", kid=kid[:20]) from error


def _tell(session: Session, signing: Signing, code: str, **params: str | int) -> None:
    if signing.proposal is not None:
        digest = digest_of(signing.proposal.read_bytes())
        code, params = "key.proposed", {"path": str(signing.proposal), "digest": digest, **params}
    if session.as_json:
        session.answer({"done": code.removeprefix("key."), **params})
    else:
        session.say(code, **params)


def list_json(key_list: KeyList, now: int) -> dict[str, Any]:
    """A key list as a document; states are those of a moment."""
    return {
        "version": key_list.version,
        "log": key_list.log,
        "trial": key_list.trial,
        "expires_at": moment(key_list.expires_at),
        "threshold": key_list.threshold,
        "roots": [str(root) for root in key_list.roots],
        "witnesses": [str(witness) for witness in key_list.witnesses],
        "witnesses_needed": key_list.witnesses_needed,
        "keys": [
            {
                "kid": key.kid.hex(),
                "use": key.use,
                "algorithm": key.algorithm,
                "valid_from": moment(key.valid_from),
                "valid_to": moment(key.valid_to),
                "compromised_at_leaf": key.compromised_at_leaf,
                "state": key.judge(now),
            }
            for key in key_list.keys
        ],
    }


def moment(seconds: int) -> str:
    """A moment of a key list, as people and programs read it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _day(seconds: int) -> str:
    return moment(seconds)[:10]
