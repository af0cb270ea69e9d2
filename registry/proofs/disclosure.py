"""Persons' data keys in a kit, for the eyes of one auditor; everybody else sees sealed values.

`auditor-keys.jsonl` is lines of canonical JSON. The first names the auditor's public key and one
that was made for this kit; every other holds one person's key:

    {"auditor": ..., "kit": ..., "v": 1}
    {"key": ..., "person": ...}

From the two keys (X25519, RFC 7748; HKDF-SHA-256 over both public keys) follows the one that opens
the lines (AES-256-GCM, bound to the person). Whoever has the auditor's secret file opens the kit;
the office that made it keeps nothing that could.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.errors import Rejected, VerificationFailed

SECRET_BYTES: Final = 32
NONCE_BYTES: Final = 12

_PUBLIC: Final = "sovang-auditor+"
_CONTEXT: Final = b"sovang/auditor/v1\x00"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person's key as a kit holds it; `Box.open` opens it."""

    person: UUID
    sealed: bytes


class Box:
    """Seals and opens the lines of one kit."""

    def __init__(self, shared: bytes, auditor: bytes, kit: bytes) -> None:
        info = _CONTEXT + auditor + kit
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(shared)
        self._cipher = AESGCM(key)

    def seal(self, person: UUID, key: bytes) -> bytes:
        """A person's key, for the auditor alone."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, person.bytes)

    def open(self, one: PersonKey) -> bytes:
        """A person's key. Raises `VerificationFailed` for an altered one."""
        nonce, ciphertext = one.sealed[:NONCE_BYTES], one.sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, one.person.bytes)
        except (InvalidTag, ValueError) as error:
            raise VerificationFailed("auditor-keys-altered", person=str(one.person)) from error


def new_secret() -> bytes:
    """The secret of an auditor."""
    return os.urandom(SECRET_BYTES)


def public_of(secret: bytes) -> str:
    """What the auditor gives to the office: his public key, as text."""
    return format_public(_raw(X25519PrivateKey.from_private_bytes(secret)))


def format_public(public: bytes) -> str:
    """An auditor's public key in its one spelling."""
    return _PUBLIC + public.hex()


def parse_public(text: str) -> bytes:
    """The key that an auditor gave as text. Raises `Rejected`."""
    try:
        public = bytes.fromhex(text.strip().removeprefix(_PUBLIC))
        X25519PublicKey.from_public_bytes(public)
    except ValueError as error:
        raise Rejected("auditor-key-malformed", field="--auditor-key") from error
    return public


def auditor_of(lines: Iterator[bytes]) -> str | None:
    """For whom such a file is, None if it has no lines. Raises `VerificationFailed`."""
    first = next(lines, None)
    if first is None:
        return None
    return _PUBLIC + str(_parse(first, {"auditor", "kit", "v"})["auditor"])


def write_lines(auditor: str, keys: Iterable[tuple[UUID, bytes]]) -> Iterator[bytes]:
    """The file for an auditor, his public key as `public_of` gives it. Raises `Rejected`.

    Persons come in the order of their ids.
    """
    theirs, own = parse_public(auditor), X25519PrivateKey.generate()
    kit = _raw(own)
    box = Box(own.exchange(X25519PublicKey.from_public_bytes(theirs)), theirs, kit)
    yield _line({"auditor": theirs.hex(), "kit": kit.hex(), "v": _FORMAT})
    for person, key in keys:
        yield _line({"key": box.seal(person, key).hex(), "person": str(person)})


def read_lines(secret: bytes, lines: Iterator[bytes]) -> tuple[Box, Iterator[PersonKey]]:
    """What opens persons' keys, and those keys; each line is checked when it comes.

    Raises `VerificationFailed` for a file for somebody else, or one that was altered.
    """
    head = _parse(next(lines, b""), {"auditor", "kit", "v"})
    own = X25519PrivateKey.from_private_bytes(secret)
    auditor, kit = bytes.fromhex(head["auditor"]), bytes.fromhex(head["kit"])
    if auditor != _raw(own):
        raise VerificationFailed("auditor-key-of-another")
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(kit))
    except ValueError as error:
        raise VerificationFailed("auditor-keys-altered", person="–") from error
    box = Box(shared, auditor, kit)
    return box, _checked(box, lines)


def _checked(box: Box, lines: Iterator[bytes]) -> Iterator[PersonKey]:
    before = None
    for line in lines:
        stored = _parse(line, {"key", "person"})
        one = PersonKey(UUID(stored["person"]), bytes.fromhex(stored["key"]))
        box.open(one)
        if before is not None and one.person <= before:
            raise VerificationFailed("auditor-keys-altered", person=str(one.person))
        before = one.person
        yield one


def _parse(line: bytes, names: set[str]) -> dict[str, Any]:
    """One line, in its one spelling. Raises `VerificationFailed`."""
    malformed = VerificationFailed("auditor-keys-altered", person="–")
    try:
        stored = json.loads(line)
        if stored.keys() != names or _line(stored) != line or stored.get("v", _FORMAT) != _FORMAT:
            raise malformed
        # One spelling, or a changed bit could hide in a capital letter.
        if any(
            bytes.fromhex(stored[name]).hex() != stored[name] for name in names - {"v", "person"}
        ):
            raise malformed
        if "person" in names and str(UUID(stored["person"])) != stored["person"]:
            raise malformed
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise malformed from error
    return dict(stored)


def _line(stored: dict[str, Any]) -> bytes:
    return rfc8785.dumps(stored) + b"\n"


def _raw(key: X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()
