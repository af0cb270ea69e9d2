"""Signatures, the Merkle tree and what is proved with them: pure functions over bytes.

Whoever checks needs only this package: no database, no network, no clock of its own. Every
check raises `VerificationFailed` with a code that names the reason; bytes are verified first and
parsed after.

Reading order: `keys` (what signs), `notes` (signed texts), `key_list` and `proposals` (whose keys
count, and when), `merkle` (the tree), `tiles` (how it is kept), `checkpoints` (its signed heads),
`stamps` (when another house saw one), `leaves` (what a fact is in it), `proof_files` (one fact's
proof to carry along); then what a certificate carries: `cbor` and `digits` (its bytes), `payload`
(what is signed in its QR code), `credentials` (the same for other programs), `status_lists` (what
is no longer in force); and the audit: `kits` and `copies` (what is handed over), `disclosure` (what
one auditor may open), `followed_lists` and `auditing` (what is derived from it again).
"""
