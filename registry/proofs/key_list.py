"""The key list: whose keys count, for what and when; signed by 2 of 3 roots that stay offline.

A signed note whose text is one line of canonical JSON (RFC 8785). A verifier keeps the roots it
trusts and the last list it accepted; `TrustedKeys.accept` leads from one list to the next:

  1. at least `threshold` different roots have signed the very bytes   key-list-threshold
     (a root counts once, whatever the names it signs under)
  2. and as many of the new list's own roots, where it has others      key-list-threshold
  3. the bytes are the one spelling of a list that is well-formed      key-list-malformed
  4. the log is the one that was known before                          key-list-other-log
  5. the version is not lower than the one accepted before             key-list-rolled-back
  6. one version has one content                                       key-list-replaced
  7. every key that was known is in it                                 key-list-key-dropped
  8. and counts for the same: from the same day, to the same or from
     now on to an earlier one; a theft once told is not told otherwise
     but as an earlier one                                             key-list-key-changed
  9. it is not past its end                                            key-list-stale

A key is judged by the time of signing, not by the time of looking: what was signed in 2026 stays
good after the key has ended. A stolen key has `compromised_at_leaf`: the thief chooses the time he
writes into a text, but not its place in the log, so only what the log holds before that leaf
counts.

The order follows The Update Framework's trusted metadata (threshold, rollback, freeze).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

import rfc8785

from registry.errors import Rejected, VerificationFailed
from registry.proofs.keys import ALGORITHMS, PURPOSES, Algorithm, Purpose, Signer, kid_of
from registry.proofs.notes import (
    Note,
    NoteKey,
    parse_note,
    parse_note_key,
    plain_key,
    sign_note,
    verified_by,
)

THRESHOLD: Final = 2
KEYS_MAX: Final = 1_000
# The last second of the year 9999: what is later is no time, and no count is so large.
NUMBER_MAX: Final = 253_402_300_799

KeyVerdict = Literal["valid", "not-valid-then", "needs-log", "compromised"]
KEY_VERDICTS: Final[tuple[KeyVerdict, ...]] = get_args(KeyVerdict)


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A public key, what it may sign, and when; seconds of Unix time, the end not included."""

    use: Purpose
    algorithm: Algorithm
    public: bytes
    valid_from: int
    valid_to: int
    compromised_at_leaf: int | None = None

    @property
    def kid(self) -> bytes:
        """The key's name."""
        return kid_of(self.public)

    def ended(self, now: int, stolen_at_leaf: int | None = None) -> ListedKey:
        """The same key, ended now if it had not before, and stolen from a leaf on if it was."""
        told = [at for at in (self.compromised_at_leaf, stolen_at_leaf) if at is not None]
        return replace(
            self,
            valid_to=min(self.valid_to, max(now, self.valid_from)),
            compromised_at_leaf=min(told, default=None),
        )

    def judge(self, signed_at: int, leaf_index: int | None = None) -> KeyVerdict:
        """Whether what this key signed counts.

        `leaf_index` is the proved place in the log of what was signed, where it is known.
        """
        if not self.valid_from <= signed_at < self.valid_to:
            return "not-valid-then"
        if self.compromised_at_leaf is None:
            return "valid"
        if leaf_index is None:
            return "needs-log"
        return "valid" if leaf_index < self.compromised_at_leaf else "compromised"


@dataclass(frozen=True, slots=True)
class KeyList:
    """One version of the key list.

    `log` is the origin of the sealed log. `witnesses_needed` of the `witnesses` must have
    cosigned a checkpoint before a careful verifier relies on it. `trial` says that the keys were
    made by the program itself on first start: good for trying it out, not for the state.
    """

    version: int
    issued_at: int
    expires_at: int
    log: str
    trial: bool
    keys: tuple[ListedKey, ...]
    roots: tuple[NoteKey, ...]
    threshold: int = THRESHOLD
    witnesses: tuple[NoteKey, ...] = ()
    witnesses_needed: int = 0

    def find(self, kid: bytes, use: Purpose) -> ListedKey | None:
        """The key of this name for this purpose."""
        return next((key for key in self.keys if key.use == use and key.kid == kid), None)

    def of(self, use: Purpose, algorithm: Algorithm = "Ed25519") -> tuple[ListedKey, ...]:
        """All keys for a purpose, those that have ended too."""
        return tuple(key for key in self.keys if (key.use, key.algorithm) == (use, algorithm))

    def with_key(self, key: ListedKey) -> KeyList:
        """The list with one more key. Raises `Rejected` if its name is taken."""
        if any(other.kid == key.kid for other in self.keys):
            raise Rejected("key-id-taken", kid=key.kid.hex())
        return replace(self, keys=(*self.keys, key))

    def with_ended(self, kid: bytes, now: int, stolen_at_leaf: int | None = None) -> KeyList:
        """The list with one key that signs no more. Raises `Rejected` if there is none such.

        What ended or was told stolen before stays so: nothing of it is put off.
        """
        if all(key.kid != kid for key in self.keys):
            raise Rejected("key-unknown", kid=kid.hex())
        keys = (key.ended(now, stolen_at_leaf) if key.kid == kid else key for key in self.keys)
        return replace(self, keys=tuple(keys))

    def following(self, issued_at: int, lifetime: int) -> KeyList:
        """The same content as the next version, from now on for so many seconds."""
        return replace(
            self, version=self.version + 1, issued_at=issued_at, expires_at=issued_at + lifetime
        )


def sign_key_list(key_list: KeyList, roots: Iterable[tuple[str, Signer]]) -> bytes:
    """The list as a note with the signatures of these roots, each with its name."""
    signers = [(plain_key(name, signer), signer) for name, signer in roots]
    return bytes(sign_note(format_key_list(key_list), signers))


class TrustedKeys:
    """What a verifier trusts: its roots, and the last key list that it accepted."""

    def __init__(self, roots: Sequence[NoteKey], threshold: int = THRESHOLD) -> None:
        self._roots = tuple(roots)
        self._threshold = threshold
        self._accepted: tuple[bytes, KeyList] | None = None

    @property
    def key_list(self) -> KeyList:
        """The list accepted last. Raises `VerificationFailed` before the first."""
        if self._accepted is None:
            raise VerificationFailed("key-list-missing")
        return self._accepted[1]

    @property
    def has_begun(self) -> bool:
        """Whether a list was accepted."""
        return self._accepted is not None

    def accept(self, content: bytes, now: int) -> KeyList:
        """Go on to this list, or raise `VerificationFailed` and stay with the one before."""
        note = parse_note(content)
        _check_threshold(note, self._roots, self._threshold)
        key_list = parse_key_list(note.text)
        _check_threshold(note, key_list.roots, key_list.threshold)
        self._check_order(note.text, key_list)
        if now >= key_list.expires_at:
            raise VerificationFailed("key-list-stale", version=key_list.version)
        self._accepted = note.text, key_list
        self._roots, self._threshold = key_list.roots, key_list.threshold
        return key_list

    def _check_order(self, text: bytes, key_list: KeyList) -> None:
        if self._accepted is None:
            return
        known_text, known = self._accepted
        if key_list.log != known.log:
            raise VerificationFailed("key-list-other-log", expected=known.log, found=key_list.log)
        if key_list.version < known.version:
            raise VerificationFailed(
                "key-list-rolled-back", version=key_list.version, known=known.version
            )
        if key_list.version == known.version and text != known_text:
            raise VerificationFailed("key-list-replaced", version=key_list.version)
        _check_keys(known, key_list)


def _check_keys(known: KeyList, key_list: KeyList) -> None:
    """Raise unless whatever a known key has signed until now counts as it did, or is told stolen.

    However many versions lie between: what each may change, all of them together may.
    """
    kept = {key.kid: key for key in key_list.keys}
    for key in known.keys:
        if key.kid not in kept:
            raise VerificationFailed("key-list-key-dropped", kid=key.kid.hex())
        if not _may_become(key, kept[key.kid], known.issued_at):
            raise VerificationFailed("key-list-key-changed", kid=key.kid.hex())


def _may_become(key: ListedKey, later: ListedKey, since: int) -> bool:
    same = replace(later, valid_to=key.valid_to, compromised_at_leaf=key.compromised_at_leaf)
    ends = later.valid_to == key.valid_to or since <= later.valid_to < key.valid_to
    stolen_at, stolen_later_at = key.compromised_at_leaf, later.compromised_at_leaf
    told = stolen_at is None or (stolen_later_at is not None and stolen_later_at <= stolen_at)
    return same == key and ends and told


def _check_threshold(note: Note, roots: Sequence[NoteKey], threshold: int) -> None:
    # Counted by key, not by name: one root under two names is still one root.
    signed = {key.public for key in verified_by(note, roots)}
    if len(signed) < max(threshold, 1):
        raise VerificationFailed("key-list-threshold", found=len(signed), needed=threshold)


# Bytes --------------------------------------------------------------------------------------


def format_key_list(key_list: KeyList) -> bytes:
    """The signed text: one line of canonical JSON."""
    document: dict[str, Any] = {
        "expires": key_list.expires_at,
        "issued": key_list.issued_at,
        "keys": [_stored(key) for key in key_list.keys],
        "log": key_list.log,
        "roots": [str(root) for root in key_list.roots],
        "threshold": key_list.threshold,
        "trial": key_list.trial,
        "version": key_list.version,
        "witnesses": [str(witness) for witness in key_list.witnesses],
        "witnesses_needed": key_list.witnesses_needed,
    }
    return rfc8785.dumps(document) + b"\n"


def parse_key_list(text: bytes) -> KeyList:
    """The list in a signed text. Raises `VerificationFailed` for any other spelling of it."""
    try:
        document = json.loads(text)
        key_list = KeyList(
            version=document["version"],
            issued_at=document["issued"],
            expires_at=document["expires"],
            log=document["log"],
            trial=document["trial"],
            keys=tuple(_listed(key) for key in document["keys"][:KEYS_MAX]),
            roots=tuple(parse_note_key(root) for root in document["roots"]),
            threshold=document["threshold"],
            witnesses=tuple(parse_note_key(witness) for witness in document["witnesses"]),
            witnesses_needed=document["witnesses_needed"],
        )
        _check_types(key_list)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise VerificationFailed("key-list-malformed") from error
    # What was read must be all that was signed: no unknown field, no second spelling.
    if _spelled(key_list) != text or len({key.kid for key in key_list.keys}) != len(key_list.keys):
        raise VerificationFailed("key-list-malformed")
    return key_list


def _spelled(key_list: KeyList) -> bytes | None:
    """The one spelling of a list; None where a text of it is none, such as half a letter."""
    try:
        return format_key_list(key_list)
    except (rfc8785.CanonicalizationError, UnicodeError):
        return None


def _stored(key: ListedKey) -> dict[str, str | int]:
    stored: dict[str, str | int] = {
        "alg": key.algorithm,
        "from": key.valid_from,
        "kid": key.kid.hex(),
        "pub": key.public.hex(),
        "to": key.valid_to,
        "use": key.use,
    }
    if key.compromised_at_leaf is not None:
        stored["compromised_at_leaf"] = key.compromised_at_leaf
    return stored


def _listed(stored: dict[str, Any]) -> ListedKey:
    if stored["use"] not in PURPOSES or stored["alg"] not in ALGORITHMS:
        raise ValueError(stored["use"])
    return ListedKey(
        stored["use"],
        stored["alg"],
        bytes.fromhex(stored["pub"]),
        stored["from"],
        stored["to"],
        stored.get("compromised_at_leaf"),
    )


def _check_types(key_list: KeyList) -> None:
    """Raise `ValueError` unless what will be compared are numbers and texts."""
    numbers = [key_list.version, key_list.issued_at, key_list.expires_at]
    numbers += [key_list.threshold, key_list.witnesses_needed]
    for key in key_list.keys:
        numbers += [key.valid_from, key.valid_to, key.compromised_at_leaf or 0]
    if any(type(number) is not int or not 0 <= number <= NUMBER_MAX for number in numbers):
        raise ValueError(numbers)
    if not (type(key_list.log) is str and type(key_list.trial) is bool):
        raise ValueError(key_list.log)
    if not 1 <= key_list.threshold <= len({root.public for root in key_list.roots}):
        raise ValueError(key_list.threshold)
