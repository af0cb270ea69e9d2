"""A certificate as a PDF file: is it as it was signed, by our key, what does it carry and say.

A file from nobody knows where is read by a process of its own, see `pdf_reading`.
"""

from __future__ import annotations

import logging
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from api.verification.carried import PDF_BYTES_MAX, Carried, Page
from api.verification.pdf_text import page_blocks, unpacked
from registry.errors import VerificationFailed
from registry.proofs.keys import kid_of

if TYPE_CHECKING:
    from registry.proofs.key_list import KeyList

CREDENTIAL_NAME: Final = "credential.json"
PROOF_NAME: Final = "certificate.tlog-proof"
ATTACHMENT_BYTES_MAX: Final = 1 << 20
_DAMAGED: Final = (PdfError, SignatureValidationError, ValueError, KeyError, TypeError, IndexError)


def verify_pdf(content: bytes, key_list: KeyList) -> Carried:
    """What is carried inside a PDF whose signature holds. Raises `VerificationFailed`.

    Refused: what is no PDF of ours, what was changed, what was added to behind the signature,
    and what was signed by a key that the key list does not name for PDF. Whether that key still
    vouches for the page is another question: `carried.vouch_for_page`.
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
