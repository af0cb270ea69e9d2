"""`sovang key`: keys for each purpose, in a list that the office's roots sign.

Every change is a new version of the list, signed by two of three roots. In earnest the change is
written down (`--propose FILE`) and carried to the roots, see `roots`; in a trial set they lie
beside the other keys. `--roots DIR` takes roots that were brought along.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.moment import parse_moment
from api.verification.expiry import DAY_SECONDS
from projections.sealed_log import seal_state
from registry.errors import NotReady, Rejected
from registry.key_set import KEY_SECONDS, LIST_SECONDS, KeySet
from registry.messages import VIETNAM_TIME, format_date, format_time
from registry.proofs.checkpoints import is_cosigner
from registry.proofs.key_list import KeyList, ListedKey, parse_key_list
from registry.proofs.keys import Purpose, Signer, algorithm_for
from registry.proofs.notes import parse_note, parse_note_key
from registry.proofs.proposals import add_signature, digest_of, propose
from registry.trust import RENEW_DAYS_BEFORE, list_known_at, prepare_keys, publish_changed, roots_of
from scripts.command_line.disclosing import write_new
from scripts.command_line.sealing import read_roots
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database
    from scripts.command_line.session import Session


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs a change: the roots in a folder, or those that a proposal is carried to."""

    roots: Path | None = None
    proposal: Path | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """Where a key is made that must not lie in a file."""

    label: str
    library: Path


def token_of(label: str | None, library: Path | None) -> Token | None:
    """The token that two options name. Raises `Rejected` for one without the other."""
    if label is None and library is None:
        return None
    if label is None or library is None:
        raise Rejected("token-half-named", field="--token")
    return Token(label, library)


def new(session: Session, use: Purpose, signing: Signing, token: Token | None) -> None:
    """Make a key for a purpose and publish it; the older ones stay good for what they signed."""
    if token is not None and algorithm_for(use) != "Ed25519":
        raise Rejected("token-use-unfit", field="--use", use=use)
    with open_keys(session, signing) as keys:
        # Without the roots no key is made that nobody would know.
        keys.check_roots()
        if token is None:
            signer = keys.key_set.make(use)
        else:
            signer = keys.key_set.make_in_token(use, token.label, str(token.library))
        ends = keys.now + KEY_SECONDS
        added = ListedKey(use, signer.algorithm, signer.public, keys.now, ends)
        keys.publish(keys.key_list.with_key(added))
    _tell(session, signing, "key.made", kid=signer.kid.hex(), use=use)


def retire(session: Session, kid: str, signing: Signing) -> None:
    """End a key now: what it signed stays good, it signs nothing more."""
    with open_keys(session, signing) as keys:
        keys.publish(keys.key_list.with_ended(_parse_kid(kid), keys.now))
    _tell(session, signing, "key.retired", kid=kid)


def revoke(session: Session, kid: str, signing: Signing) -> None:
    """Declare a key stolen: of what it signed, only what the log holds until now counts.

    The thief chooses the time that he writes into a text, but not its place in the log.
    """
    with open_keys(session, signing) as keys:
        with keys.database.pool("reader").connection() as connection:
            size = seal_state(connection.cursor()).size
        keys.publish(keys.key_list.with_ended(_parse_kid(kid), keys.now, stolen_at_leaf=size))
    _tell(session, signing, "key.revoked", kid=kid, size=size)


def renew(session: Session, signing: Signing) -> None:
    """Let the roots sign the same keys again, from now on for another year."""
    with open_keys(session, signing) as keys:
        keys.publish(keys.key_list)
        version = keys.key_list.version + 1
    _tell(session, signing, "key.renewed", version=version)


def add_witness(session: Session, key: str, needed: int, signing: Signing) -> None:
    """Take a witness into the list, and say how many a careful verifier wants."""
    added = parse_note_key(key)
    if not is_cosigner(added):
        raise Rejected("key-no-cosigner", field="KEY")
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


def show_all(session: Session, as_of: str | None, known_at: str | None) -> None:
    """List the keys that counted on a day, by the list that was known at a moment.

    Raises `NotFound` for a moment before the first list.
    """
    asked = {"as_of": as_of, "known_at": known_at}
    moment_asked = parse_moment({name: text for name, text in asked.items() if text is not None})
    with open_keys(session) as keys:
        fact = list_known_at(keys.database.registry(), moment_asked.known_at)
        at = keys.now if moment_asked.as_of is None else _end_of(moment_asked.as_of)
    key_list = parse_key_list(parse_note(fact.event.note.encode()).text)
    if session.as_json:
        published = {"position": fact.position, "published_at": fact.recorded_at.isoformat()}
        by = {"published_by": fact.authorship.actor, "basis": fact.authorship.basis}
        session.answer({**list_json(key_list, at), **published, **by})
        return
    show_list(session, key_list, at)
    when = format_time(fact.recorded_at, session.language)
    session.say("key.known", position=fact.position, at=when, actor=fact.authorship.actor)
    days = (key_list.expires_at - at) // DAY_SECONDS
    if moment_asked.is_now and days < RENEW_DAYS_BEFORE:
        session.say("key.renew-soon", days=max(days, 0))


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
                _day(session, key.valid_from),
                _day(session, key.valid_to),
                session.text(f"key.{key.judge(now)}"),
            )
            for key in key_list.keys
        ],
    )
    session.say("key.list", version=key_list.version, log=key_list.log,
                until=_day(session, key_list.expires_at))  # fmt: skip
    if key_list.trial:
        session.say("audit.trial")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of this home, the list in force, and where the roots are that change it."""

    database: Database
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
            registry, author = self.database.registry(), authorship()
            publish_changed(registry, self.key_set, changed, signers, self.now, author=author)
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
    with session.database() as database:
        key_set, key_list = prepare_keys(database.registry(), session.settings, now)
        yield Keys(database, key_set, key_list, now, session.settings.home, signing or Signing())


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


def _end_of(day: date) -> int:
    return int(datetime.combine(day, datetime.max.time(), VIETNAM_TIME).timestamp())


def _day(session: Session, seconds: int) -> str:
    """The day in Viet Nam, as people read it."""
    day = datetime.fromtimestamp(seconds, VIETNAM_TIME).date()
    return format_date(day.isoformat(), session.language)
