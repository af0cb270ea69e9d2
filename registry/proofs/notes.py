"""Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature.

    log.example/2026                 the text, ending with a newline
    65321

    — NAME BASE64(key id ‖ signature)

A verifier knows its keys beforehand. A signature by a name and key id that it knows must hold,
or the whole note is refused; signatures by others are passed over. What is signed depends on the
kind of key: here the text itself; cosignatures are in `checkpoints`.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from registry.errors import VerificationFailed
from registry.proofs.keys import Signer, verify_signature

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
COSIGNATURE_ML_DSA: Final = 0x06

NOTE_BYTES_MAX: Final = 256 * 1024
SIGNATURES_MAX: Final = 64
KEY_ID_BYTES: Final = 4

_SIGNATURE_LINE: Final = re.compile(r"— ([^\s+]{1,255}) ([A-Za-z0-9+/]+={0,2})")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME: Final = re.compile(r"[^\s+]{1,255}")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key with the name under which it signs notes, and the kind of its signatures."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart (C2SP signed-note)."""
        typed = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(typed).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """The key as people hand it on: NAME+KEYID+BASE64."""
        public = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{public}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line; what it signs is the matter of the key's kind."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """The line, without its newline."""
        return f"— {self.name} {b64encode(self.key_id + self.signature).decode()}"

    def is_by(self, key: NoteKey) -> bool:
        """Whether it claims to be this key's."""
        return (self.name, self.key_id) == (key.name, key.key_id)


@dataclass(frozen=True, slots=True)
class Note:
    """A text (with its final newline) and its signatures, none of them checked yet."""

    text: bytes
    signatures: tuple[NoteSignature, ...] = ()

    def __bytes__(self) -> bytes:
        lines = "".join(f"{signature}\n" for signature in self.signatures)
        return self.text + b"\n" + lines.encode()


def parse_note_key(text: str) -> NoteKey:
    """The key that `NoteKey.__str__` wrote. Raises `VerificationFailed`."""
    name, _, rest = text.partition("+")
    key_id, _, public = rest.partition("+")
    raw = decode_base64(public, "note-key-malformed")
    if not _NAME.fullmatch(name) or len(raw) < 1 + KEY_ID_BYTES:
        raise VerificationFailed("note-key-malformed")
    key = NoteKey(name, raw[0], raw[1:])
    if key.key_id.hex() != key_id:
        raise VerificationFailed("note-key-malformed")
    return key


def parse_note(content: bytes) -> Note:
    """The note in these bytes, its form checked. Raises `VerificationFailed`."""
    if len(content) > NOTE_BYTES_MAX:
        raise VerificationFailed("note-too-long", limit=NOTE_BYTES_MAX)
    text, separator, tail = content.rpartition(b"\n\n")
    if not separator or not tail.endswith(b"\n"):
        raise VerificationFailed("note-malformed")
    try:
        written, lines = content.decode(), tail.decode()[:-1].split("\n")
    except UnicodeDecodeError as error:
        raise VerificationFailed("note-malformed") from error
    if _CONTROL.search(written) or len(lines) > SIGNATURES_MAX:
        raise VerificationFailed("note-malformed")
    return Note(text + b"\n", tuple(_parse_signature(line) for line in lines))


def sign_note(text: bytes, signers: Iterable[tuple[NoteKey, Signer]]) -> Note:
    """A note with plain signatures over its text."""
    return Note(text, tuple(_signed(key, signer, text) for key, signer in signers))


def plain_key(name: str, signer: Signer) -> NoteKey:
    """The key under which a signer signs whole texts."""
    return NoteKey(name, ED25519, signer.public)


def verified_by(note: Note, keys: Sequence[NoteKey]) -> frozenset[NoteKey]:
    """Those of the keys whose plain signature the note carries.

    Raises `VerificationFailed` if one of them does not hold: such a note was tampered with.
    """
    found = set()
    for signature in note.signatures:
        for key in keys:
            if signature.is_by(key) and key.kind == ED25519:
                verify_signature("Ed25519", key.public, signature.signature, note.text)
                found.add(key)
    return frozenset(found)


def decode_base64(text: str, code: str) -> bytes:
    """Bytes of standard base64 in its only spelling. Raises `VerificationFailed` with `code`."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError as error:
        raise VerificationFailed(code) from error
    if b64encode(raw).decode() != text:
        raise VerificationFailed(code)
    return raw


def _parse_signature(line: str) -> NoteSignature:
    match = _SIGNATURE_LINE.fullmatch(line)
    raw = decode_base64(match[2], "note-malformed") if match else b""
    if match is None or len(raw) <= KEY_ID_BYTES:
        raise VerificationFailed("note-malformed")
    return NoteSignature(match[1], raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _signed(key: NoteKey, signer: Signer, text: bytes) -> NoteSignature:
    return NoteSignature(key.name, key.key_id, signer.sign(text))
