"""Personal values sealed under the person's own key.

Each person has a data key (AES-256-GCM), wrapped by the registry's key-encryption key and kept
in `log.subject_keys`, outside the log. A sealed value is bound by associated data to its
stream, version, event name, person and kind: moved anywhere else, it does not open. Its
commitment is SHA-256 over a salt and the value; the salt is inside the ciphertext, so it goes
with the key, and what stays in the log tells nothing.

To erase a person is to destroy one row of `log.subject_keys`.

Design and figures: verification design, section 2.7. AES-GCM: NIST SP 800-38D.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from hashlib import sha256
from struct import iter_unpack
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.errors import CorruptFact, NotReady
from registry.personal import Clear, Personal, Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

KEY_BYTES = 32
NONCE_BYTES = 12
SALT_BYTES = 16
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
COMMITMENT_CONTEXT = b"sovang/personal/v1\x00"

Place: TypeAlias = tuple[UUID, int, str]
"""Stream, version and event name of the fact that holds a value."""


class Keyring:
    """Wraps and unwraps the data keys of persons.

    `load` reads wrapped keys by person from the database; a person without one was erased, or
    is new.
    """

    def __init__(
        self, key_encryption_key: bytes, load: Callable[[Sequence[UUID]], dict[UUID, bytes]]
    ) -> None:
        if len(key_encryption_key) != KEY_BYTES:
            raise NotReady("key-encryption-key-malformed")
        self._wrapping = AESGCM(key_encryption_key)
        self._load = load

    def sealer(self, subjects: Iterable[str]) -> Sealer:
        """Something that seals values of these persons, with one look at the database."""
        return Sealer(self.keys_of(subjects))

    def keys_of(self, subjects: Iterable[str]) -> dict[str, AESGCM]:
        """Data keys of those persons who have one, with one look at the database."""
        wanted = [UUID(subject) for subject in subjects]
        wrapped = self._load(wanted) if wanted else {}
        return {str(subject): AESGCM(self.unwrap(subject, key)) for subject, key in wrapped.items()}

    def open(self, value: Personal, place: Place) -> Clear | None:
        """The value in the clear, or None if the person's key was destroyed.

        Raises `CorruptFact` if the value was altered or belongs to another place.
        """
        return open_value(self.keys_of([value.subject]), value, place)

    def unwrap(self, subject: UUID, wrapped: bytes) -> bytes:
        """A person's data key itself, for whoever is given it. Raises `CorruptFact`."""
        nonce, ciphertext = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._wrapping.decrypt(nonce, ciphertext, subject.bytes)
        except InvalidTag as error:
            raise CorruptFact("subject-key-altered", subject=str(subject)) from error

    def wrapped(self, keys: Mapping[str, bytes]) -> dict[UUID, bytes]:
        """Data keys of new persons as they are kept."""
        # Drawn at once: each draw lets other threads go first.
        random = iter_unpack(f"{NONCE_BYTES}s", os.urandom(NONCE_BYTES * len(keys)))
        return {
            person: self._wrap(nonce, person, key)
            for (nonce,), person, key in zip(random, map(UUID, keys), keys.values(), strict=True)
        }

    def _wrap(self, nonce: bytes, subject: UUID, key: bytes) -> bytes:
        return nonce + self._wrapping.encrypt(nonce, key, subject.bytes)


class Sealer:
    """Seals the values of one append.

    Keys made for new persons gather in `new_keys`, which the same append must store, wrapped: a
    fact never stands without the key that opens it.
    """

    def __init__(self, keys: dict[str, AESGCM]) -> None:
        self._keys = keys
        self.new_keys: dict[str, bytes] = {}

    def hand_over(self) -> dict[str, bytes]:
        """The keys made since this was last asked; their persons are forgotten here."""
        made, self.new_keys = self.new_keys, {}
        self._keys.clear()
        return made

    def seal(self, value: Clear, place: Place) -> Sealed:
        """Seal a value for its place under its person's key."""
        # Drawn at once, a new person's key with it: each draw is a call of the system.
        random = os.urandom(SALT_BYTES + NONCE_BYTES + KEY_BYTES)
        nonce, key_if_new = random[SALT_BYTES:-KEY_BYTES], random[-KEY_BYTES:]
        content = random[:SALT_BYTES] + value.value.encode()
        key = self._keys.get(value.subject) or self._new_key(value.subject, key_if_new)
        ciphertext = key.encrypt(nonce, content, _bound_to(place, value))
        return Sealed(
            value.subject, value.kind, _text(nonce), _text(ciphertext), _text(_commitment(content))
        )

    def _new_key(self, subject: str, key_if_new: bytes) -> AESGCM:
        made = self.new_keys.get(subject, key_if_new)
        self.new_keys[subject] = made
        self._keys[subject] = key = AESGCM(made)
        return key


def open_value(keys: Mapping[str, AESGCM], value: Personal, place: Place) -> Clear | None:
    """The value in the clear, or None if its person has no key (any more).

    Raises `CorruptFact` if the value was altered or belongs to another place.
    """
    if isinstance(value, Clear):
        return value
    key = keys.get(value.subject)
    if key is None or not isinstance(value, Sealed):
        return None
    try:
        nonce, ciphertext = _bytes(value.nonce), _bytes(value.ciphertext)
        content = key.decrypt(nonce, ciphertext, _bound_to(place, value))
    except (InvalidTag, ValueError) as error:
        raise CorruptFact("sealed-value-altered", kind=value.kind) from error
    if _text(_commitment(content)) != value.commitment:
        raise CorruptFact("sealed-value-altered", kind=value.kind)
    return Clear(value.subject, value.kind, content[SALT_BYTES:].decode())


def _bound_to(place: Place, value: Personal) -> bytes:
    stream_id, version, name = place
    return f"{stream_id}|{version}|{name}|{value.subject}|{value.kind}".encode()


def _commitment(salted: bytes) -> bytes:
    return sha256(COMMITMENT_CONTEXT + salted).digest()


def _text(content: bytes) -> str:
    return b2a_base64(content, newline=False).translate(_URL_SAFE).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
