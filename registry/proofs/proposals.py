"""A key list on its way to the roots: the text alone at first, then with their signatures.

The roots are kept apart, on machines that are never connected. So a change of the key list
travels: the office proposes it, each root's keeper reads what he signs and adds his line, the
office publishes it. The order of the signatures does not matter.
"""

from __future__ import annotations

from hashlib import sha256

from registry.errors import Rejected
from registry.proofs.key_list import KeyList, format_key_list, parse_key_list
from registry.proofs.keys import Signer
from registry.proofs.notes import Note, parse_note, plain_key, sign_note


def propose(key_list: KeyList) -> bytes:
    """A list that nobody has signed yet."""
    return format_key_list(key_list)


def read_proposal(content: bytes) -> tuple[KeyList, Note]:
    """The list in a proposal, and its signatures so far, not yet checked.

    Raises `VerificationFailed` for any other content.
    """
    note = parse_note(content) if b"\n\n" in content else Note(content)
    return parse_key_list(note.text), note


def add_signature(content: bytes, name: str, root: Signer) -> bytes:
    """The proposal with the signature of one more root; its own earlier one goes.

    Raises `Rejected` for a key that is no root, `VerificationFailed` for what is no proposal.
    """
    if root.use != "root":
        raise Rejected("key-no-root", field="--root", kid=root.kid.hex())
    _, note = read_proposal(content)
    key = plain_key(name, root)
    (own,) = sign_note(note.text, [(key, root)]).signatures
    others = tuple(line for line in note.signatures if not line.is_by(key))
    return bytes(Note(note.text, (*others, own)))


def digest_of(content: bytes) -> str:
    """What people compare by voice before they sign: SHA-256 of the text, in groups of four."""
    _, note = read_proposal(content)
    digest = sha256(note.text).hexdigest()[:32]
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))
