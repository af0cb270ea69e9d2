"""Checkpoints: the signed heads of the log (C2SP tlog-checkpoint, tlog-cosignature).

    sovang.example/log           origin: which log
    65321                        how many leaves
    WPM8j18pL/SWNo0H...          root, base64
                                 (other logs may add lines of their own; ours does not)

    — sovang.example/log ...     the log's signature, Ed25519 over the text
    — sovang.example/log ...     the log's ML-DSA-44 signature: the tree outlives Ed25519
    — witness.example ...        cosignatures: another office saw this head, and no other before
                                 it that does not begin it

A verifier wants the log's signature and, where the key list says so, a number of witnesses: a
log whose key was stolen can sign any tree, but a witness does not cosign a second history.
"""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from registry.errors import VerificationFailed
from registry.proofs.key_list import KeyList
from registry.proofs.keys import Algorithm, Signer, verify_signature
from registry.proofs.merkle import HASH_BYTES
from registry.proofs.notes import (
    COSIGNATURE,
    COSIGNATURE_ML_DSA,
    ED25519,
    Note,
    NoteKey,
    NoteSignature,
    decode_base64,
    parse_note,
)

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_TIME_BYTES: Final = 8
_TIME_MAX: Final = 2**63 - 1
_NAME_BYTES_MAX: Final = 255
_LINES: Final = 3
LINES_MAX: Final = 64
_COSIGNER_BYTES: Final = {COSIGNATURE: 32, COSIGNATURE_ML_DSA: 1_312}

Cosigned: TypeAlias = "dict[NoteKey, int]"
"""Keys whose signature holds, with the time they state (0 for the log's plain signature)."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head of a log: its origin, how many leaves, the root over them.

    `extensions` are lines that another log adds; they are signed and mean nothing to us.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> bytes:
        """What is signed."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """What a verifier wants of a checkpoint: whose signature, and how many of which witnesses.

    `ends` are sizes behind which a log key no longer counts: it was stolen.
    """

    origin: str
    log_keys: tuple[NoteKey, ...]
    witnesses: tuple[NoteKey, ...] = ()
    witnesses_needed: int = 0
    ends: tuple[tuple[NoteKey, int], ...] = ()


def policy_of(key_list: KeyList) -> LogPolicy:
    """What the key list wants of a checkpoint."""
    keys = {
        key: log_key(key_list.log, key.algorithm, key.public)
        for key in key_list.keys
        if key.use == "log"
    }
    return LogPolicy(
        key_list.log,
        tuple(keys.values()),
        key_list.witnesses,
        key_list.witnesses_needed,
        tuple(
            (note_key, key.compromised_at_leaf)
            for key, note_key in keys.items()
            if key.compromised_at_leaf is not None
        ),
    )


def log_key(origin: str, algorithm: Algorithm, public: bytes) -> NoteKey:
    """The key under which a log signs its heads; with ML-DSA-44 it is a cosigner of its own."""
    kind = COSIGNATURE_ML_DSA if algorithm == "ML-DSA-44" else ED25519
    return NoteKey(origin, kind, public)


def witness_key(name: str, signer: Signer) -> NoteKey:
    """The key under which a witness cosigns."""
    kind = COSIGNATURE_ML_DSA if signer.algorithm == "ML-DSA-44" else COSIGNATURE
    return NoteKey(name, kind, signer.public)


def is_cosigner(key: NoteKey) -> bool:
    """Whether a key is one under which somebody cosigns: of such a kind, as long as they are."""
    return _COSIGNER_BYTES.get(key.kind) == len(key.public)


def parse_checkpoint(content: bytes) -> tuple[Checkpoint, Note]:
    """The head and the note it stands in, form checked, no signature.

    Raises `VerificationFailed`.
    """
    note = parse_note(content)
    return parse_head(note.text), note


def parse_head(text: bytes) -> Checkpoint:
    """The head in the text of a note. Raises `VerificationFailed`."""
    try:
        lines = text.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise VerificationFailed("checkpoint-malformed") from error
    if not _LINES <= len(lines) <= LINES_MAX or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise VerificationFailed("checkpoint-malformed")
    root = decode_base64(lines[2], "checkpoint-malformed")
    if len(root) != HASH_BYTES:
        raise VerificationFailed("checkpoint-malformed")
    return Checkpoint(lines[0], int(lines[1]), root, tuple(lines[_LINES:]))


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer], now: int) -> Note:
    """The head signed by the log itself, with each of its keys."""
    lines = []
    for signer in signers:
        key = log_key(checkpoint.origin, signer.algorithm, signer.public)
        if key.kind == ED25519:
            lines.append(NoteSignature(key.name, key.key_id, signer.sign(checkpoint.text)))
        else:
            lines.append(_cosign(checkpoint, key, signer, now))
    return Note(checkpoint.text, tuple(lines))


def cosign(checkpoint: Checkpoint, name: str, signer: Signer, now: int) -> NoteSignature:
    """A witness's statement that it saw this head at this time, behind no other history."""
    return _cosign(checkpoint, witness_key(name, signer), signer, now)


def verify_checkpoint(content: bytes, policy: LogPolicy) -> Checkpoint:
    """The head in these bytes, if it is signed as the policy wants.

    Raises `VerificationFailed`: `checkpoint-other-log`, `checkpoint-unsigned` without a
    signature of the log that counts, `witnesses-missing` with too few witnesses.
    """
    checkpoint, note = parse_checkpoint(content)
    # Every key is looked at: a signature by a known key must hold, needed or not.
    verified = verify_signatures(checkpoint, note, (*policy.log_keys, *policy.witnesses))
    judge_signatures(checkpoint, verified, policy)
    return checkpoint


def judge_signatures(checkpoint: Checkpoint, verified: Cosigned, policy: LogPolicy) -> None:
    """Raise as `verify_checkpoint` unless these signatures are what the policy wants."""
    if checkpoint.origin != policy.origin:
        raise VerificationFailed(
            "checkpoint-other-log", expected=policy.origin, found=checkpoint.origin
        )
    ends, by_log = dict(policy.ends), [key for key in policy.log_keys if key in verified]
    if not any(checkpoint.size <= ends.get(key, checkpoint.size) for key in by_log):
        code = "log-key-compromised" if by_log else "checkpoint-unsigned"
        raise VerificationFailed(code, size=checkpoint.size)
    # Counted by key: one witness under two names is one witness.
    seen_by = {key.public for key in policy.witnesses if key in verified}
    if len(seen_by) < policy.witnesses_needed:
        raise VerificationFailed(
            "witnesses-missing", found=len(seen_by), needed=policy.witnesses_needed
        )


def verify_signatures(checkpoint: Checkpoint, note: Note, keys: Sequence[NoteKey]) -> Cosigned:
    """Those of the keys that signed, with the time stated. Raises if one does not hold."""
    found: Cosigned = {}
    for line in note.signatures:
        for key in keys:
            if line.is_by(key):
                found[key] = _verify_line(checkpoint, key, line)
    return found


def _verify_line(checkpoint: Checkpoint, key: NoteKey, line: NoteSignature) -> int:
    if key.kind == ED25519:
        verify_signature("Ed25519", key.public, line.signature, checkpoint.text)
        return 0
    stated = int.from_bytes(line.signature[:_TIME_BYTES], "big")
    if stated > _TIME_MAX:
        raise VerificationFailed("cosignature-time-wrong", name=key.name[:100])
    message = _cosigned_message(checkpoint, key, stated)
    algorithm: Algorithm = "ML-DSA-44" if key.kind == COSIGNATURE_ML_DSA else "Ed25519"
    verify_signature(algorithm, key.public, line.signature[_TIME_BYTES:], message)
    return stated


def _cosign(checkpoint: Checkpoint, key: NoteKey, signer: Signer, now: int) -> NoteSignature:
    signature = signer.sign(_cosigned_message(checkpoint, key, now))
    return NoteSignature(key.name, key.key_id, now.to_bytes(_TIME_BYTES, "big") + signature)


def _cosigned_message(checkpoint: Checkpoint, key: NoteKey, at: int) -> bytes:
    """What a cosigner signs, by the kind of its key (C2SP tlog-cosignature).

    Raises `VerificationFailed` for a key of no cosigner, and for names that the form has no
    room for.
    """
    if key.kind == COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n".encode() + checkpoint.text
    if key.kind != COSIGNATURE_ML_DSA:
        raise VerificationFailed("note-key-malformed")
    name, origin = key.name.encode(), checkpoint.origin.encode()
    if max(len(name), len(origin)) > _NAME_BYTES_MAX:
        raise VerificationFailed("checkpoint-malformed")
    return (
        b"subtree/v1\n\x00"
        + bytes([len(name)])
        + name
        + struct.pack(">Q", at)
        + bytes([len(origin)])
        + origin
        + struct.pack(">QQ", 0, checkpoint.size)
        + checkpoint.root
    )
