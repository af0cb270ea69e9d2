"""One leaf's proof to carry along (C2SP tlog-proof): index, path and checkpoint in one text file.

c2sp.org/tlog-proof@v1
extra BASE64(leaf entry)
index 34567
d5TiYvb9b+jP0peGi64FaJ1oi0noRm8+uHAuVj7pQ3U=
...

the checkpoint, as the log and its witnesses signed it
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from registry.errors import VerificationFailed
from registry.proofs.checkpoints import Checkpoint, LogPolicy, verify_checkpoint
from registry.proofs.merkle import HASH_BYTES, PROOF_HASHES_MAX, leaf_hash, verify_inclusion
from registry.proofs.notes import NOTE_BYTES_MAX, decode_base64

MAGIC: Final = "c2sp.org/tlog-proof@v1"
_EXTRA: Final = re.compile(r"extra (\S+)")
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class LogProof:
    """Where a leaf stands, the hashes beside its way to the root, and the signed root.

    `entry` is the leaf itself. Nothing of this is checked yet.
    """

    index: int
    entry: bytes
    path: tuple[bytes, ...]
    checkpoint: bytes

    def __bytes__(self) -> bytes:
        """The file."""
        lines = [MAGIC, f"extra {b64encode(self.entry).decode()}", f"index {self.index}"]
        lines += [b64encode(one).decode() for one in self.path]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint


def parse_proof(content: bytes) -> LogProof:
    """The proof in a file, its form checked. Raises `VerificationFailed`."""
    head, separator, checkpoint = content[: NOTE_BYTES_MAX * 2].partition(b"\n\n")
    if not separator or not head.isascii():
        raise VerificationFailed("proof-malformed")
    magic, *lines = head.decode().split("\n")
    extra = _EXTRA.fullmatch(lines[0]) if lines else None
    index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if magic != MAGIC or extra is None or index is None or len(lines) > PROOF_HASHES_MAX + 2:
        raise VerificationFailed("proof-malformed")
    path = tuple(decode_base64(line, "proof-malformed") for line in lines[2:])
    if any(len(one) != HASH_BYTES for one in path):
        raise VerificationFailed("proof-malformed")
    entry = decode_base64(extra[1], "proof-malformed")
    return LogProof(int(index[1]), entry, path, checkpoint)


def verify_proof(proof: LogProof, policy: LogPolicy) -> Checkpoint:
    """The checkpoint under which the proof's entry stands in the log.

    Raises `VerificationFailed`: what `verify_checkpoint` raises, or `inclusion-wrong`.
    """
    checkpoint = verify_checkpoint(proof.checkpoint, policy)
    verify_inclusion(
        proof.index, checkpoint.size, leaf_hash(proof.entry), proof.path, checkpoint.root
    )
    return checkpoint
