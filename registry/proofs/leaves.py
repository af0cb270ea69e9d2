"""What a fact is in the tree: one leaf, canonical JSON (RFC 8785) that holds hashes only.

    c    commitments of the personal values, in the order in which they stand in the fact
    f    SHA-256 of a signed file, where the fact records one
    o    stream, ov  version in it, t  stored name
    q    SHA-256 of the exact bytes of the QR code, where the fact signs one
    s    SHA-256 of the stored bytes
    v    form of the leaf, 1

`q` is the point: the leaf names the very bytes on the paper, so no canonicalisation stands
between a family and the log, and the hash outlives the signature. A commitment tells nothing once
its person's key is gone, because its salt went with the key.

A leaf's index is the fact's position less one; both are dense, and neither needs saying.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from registry.errors import VerificationFailed

SIGNING_NAMES: Final = frozenset({"artifact-signed.v1"})
"""Stored names of facts that sign a QR code; its bytes are `payload` in their event."""

FILE_NAMES: Final = frozenset({"artifact-file-signed.v1"})
"""Stored names of facts that record a signed file; its SHA-256 is `sha256` in their event."""

_NAME: Final = re.compile(r"[a-z0-9.-]{1,100}")
# In canonical JSON a quotation mark inside a text has a backslash before it, so this can only be
# a member of an object; and a sealed value has another member before it.
_COMMITMENT: Final = b',"commitment":"'


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact as it is stored: its place, its name, its exact bytes."""

    position: int
    stream: UUID
    version: int
    name: str
    state: bytes


def leaf_entry(fact: StoredFact) -> bytes:
    """The leaf of a fact; the same bytes for the same fact, always and everywhere."""
    listed = b",".join(b'"%b"' % one for one in commitments(fact.state))
    payload = signed_payload(fact) if fact.name in SIGNING_NAMES else None
    paper = b"" if payload is None else b',"q":"%b"' % _base64(sha256(payload).digest())
    digest = signed_file(fact) if fact.name in FILE_NAMES else None
    file = b"" if digest is None else b',"f":"%b"' % _base64(digest)
    return b'{"c":[%b]%b,"o":"%b","ov":%d%b,"s":"%b","t":"%b","v":1}' % (
        listed,
        file,
        str(fact.stream).encode(),
        fact.version,
        paper,
        _base64(sha256(fact.state).digest()),
        _plain(fact.name),
    )


def commitments(state: bytes) -> list[bytes]:
    """The commitments of the sealed values in stored bytes, in their order."""
    _, *behind = state.split(_COMMITMENT)
    return [one.partition(b'"')[0] for one in behind]


def signed_payload(fact: StoredFact) -> bytes | None:
    """The exact bytes of the QR code that a fact signs; None if it holds none."""
    try:
        text = (event_of(fact) or {})["payload"]
        return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, KeyError, TypeError):
        return None


def signed_file(fact: StoredFact) -> bytes | None:
    """The digest of the file that a fact records; None if it holds none."""
    try:
        return bytes.fromhex((event_of(fact) or {})["sha256"])
    except (ValueError, KeyError, TypeError):
        return None


def event_of(fact: StoredFact) -> dict[str, Any] | None:
    """What happened, as a fact's stored bytes have it; None if they hold no event."""
    try:
        event = json.loads(fact.state)["event"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


@lru_cache
def _plain(name: str) -> bytes:
    """A stored name, which JSON writes as it is. Raises `VerificationFailed` for any other."""
    if not _NAME.fullmatch(name):
        raise VerificationFailed("fact-name-unfit", name=name[:100])
    return name.encode()


def _base64(digest: bytes) -> bytes:
    return urlsafe_b64encode(digest).rstrip(b"=")
