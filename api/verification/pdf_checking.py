"""A certificate as a PDF file: is it as it was signed, by our key, what does it carry and say.

What a file carries (credential, proof) is vouched for by other keys. The page itself is vouched
for by the key that signed the file alone; and once that key was stolen, by the log, if it has the
digest of the file from before: a thief can put any page around somebody's genuine credential.
"""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from api.verification.pdf_text import page_blocks, unpacked
from registry.errors import VerificationFailed
from registry.proofs.checkpoints import policy_of
from registry.proofs.keys import kid_of
from registry.proofs.proof_files import parse_proof, verify_proof

if TYPE_CHECKING:
    from registry.proofs.key_list import KeyList

CREDENTIAL_NAME: Final = "credential.json"
PROOF_NAME: Final = "certificate.tlog-proof"
PDF_BYTES_MAX: Final = 20 << 20
ATTACHMENT_BYTES_MAX: Final = 1 << 20
_DAMAGED: Final = (PdfError, SignatureValidationError, ValueError, KeyError, TypeError, IndexError)


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


def verify_pdf(content: bytes, key_list: KeyList) -> Carried:
    """What is carried inside a PDF whose signature holds. Raises `VerificationFailed`.

    Refused: what is no PDF of ours, what was changed, what was added to behind the signature,
    and what was signed by a key that the key list does not name for PDF. Whether that key still
    vouches for the page is another question: `vouch_for_page`.
    """
    if len(content) > PDF_BYTES_MAX:
        raise VerificationFailed("pdf-too-large", limit=PDF_BYTES_MAX)
    # The library tells of every chain that it cannot build; ours is the key list.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    try:
        reader = PdfFileReader(BytesIO(content))
        signatures = reader.embedded_signatures
        if len(signatures) != 1:
            raise VerificationFailed("pdf-not-signed")
        kid = _verify_signature(signatures[0], key_list)
        credential = _attachment(reader, CREDENTIAL_NAME)
        if credential is None:
            raise VerificationFailed("pdf-without-credential")
        told = signatures[0].self_reported_timestamp
        signed_at = None if told is None else int(told.timestamp())
        page = Page(tuple(page_blocks(reader)), kid, signed_at, sha256(content).digest())
        return Carried(credential, _attachment(reader, PROOF_NAME), page)
    except (*_DAMAGED, RecursionError) as error:
        raise VerificationFailed("pdf-malformed") from error


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


def _verify_signature(embedded: Any, key_list: KeyList) -> bytes:
    """The name of the key that signed the file. Raises `VerificationFailed`."""
    certificate = embedded.signer_cert
    context = ValidationContext(trust_roots=[certificate], allow_fetching=False)
    status = validate_pdf_signature(embedded, context, skip_diff=True)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    if not (status.intact and status.valid and whole):
        raise VerificationFailed("pdf-signature")
    public = load_der_x509_certificate(certificate.dump()).public_key()
    if not isinstance(public, EllipticCurvePublicKey):
        raise VerificationFailed("pdf-key-unknown")
    kid = kid_of(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    if key_list.find(kid, "pdf") is None:
        raise VerificationFailed("pdf-key-unknown", kid=kid.hex())
    return kid


def _attachment(reader: PdfFileReader, name: str) -> bytes | None:
    """A file inside the PDF, if it has one of this name. Raises `VerificationFailed`."""
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    places = [at for at in range(0, len(names), 2) if names[at] == name]
    if not places:
        return None
    if len(places) > 1:
        # Another program could show the other one.
        raise VerificationFailed("pdf-malformed")
    content = unpacked(names[places[0] + 1]["/EF"]["/F"])
    if len(content) > ATTACHMENT_BYTES_MAX:
        raise VerificationFailed("pdf-malformed")
    return content
