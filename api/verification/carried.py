"""What a signed PDF carries and says, and who vouches for its page.

What a file carries (credential, proof) is vouched for by other keys. The page itself is vouched
for by the key that signed the file alone; and once that key was stolen, by the log, if it has the
digest of the file from before: a thief can put any page around somebody's genuine credential.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from registry.errors import VerificationFailed
from registry.proofs.checkpoints import policy_of
from registry.proofs.proof_files import parse_proof, verify_proof

if TYPE_CHECKING:
    from registry.proofs.key_list import KeyList

PDF_BYTES_MAX: Final = 20 << 20
Voucher = Literal["key", "log"]


@dataclass(frozen=True, slots=True)
class Page:
    """What the page says, block by block; by which key, when by its own word, in which file."""

    says: tuple[str, ...]
    kid: bytes
    signed_at: int | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Carried:
    """What a PDF carries: its credential, and the log's proof if it was sealed by then."""

    credential: bytes
    proof: bytes | None
    page: Page


def vouch_for_page(page: Page, key_list: KeyList, proof: bytes | None) -> Voucher:
    """Who vouches for a page: the key that signed its file, or the log that has the digest of it.

    `proof` is the log's proof of the file, where there is one. Raises `VerificationFailed`.
    """
    key, leaf = key_list.find(page.kid, "pdf"), None
    if proof is not None:
        leaf = _proved_leaf(page, key_list, proof)
    if key is None:
        raise VerificationFailed("pdf-key-unknown", kid=page.kid.hex())
    match "not-valid-then" if page.signed_at is None else key.judge(page.signed_at, leaf):
        case "valid":
            return "key" if leaf is None else "log"
        case "needs-log":
            raise VerificationFailed("pdf-page-not-vouched", kid=page.kid.hex())
        case "compromised":
            raise VerificationFailed("pdf-after-compromise", kid=page.kid.hex())
        case _:
            raise VerificationFailed("pdf-key-not-valid-then", kid=page.kid.hex())


def _proved_leaf(page: Page, key_list: KeyList, content: bytes) -> int:
    """The place in the log where this very file stands. Raises `VerificationFailed`."""
    proof = parse_proof(content)
    verify_proof(proof, policy_of(key_list))
    try:
        named = urlsafe_b64decode(json.loads(proof.entry)["f"] + "=")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise VerificationFailed("proof-of-another-file") from error
    if named != page.digest:
        raise VerificationFailed("proof-of-another-file")
    return proof.index
