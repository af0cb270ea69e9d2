"""The PDF itself signed (PAdES-B-B, P-256), for readers that know nothing of our log.

Ed25519 would not do: PDF readers and OpenSSL 3.0 refuse it in a CMS signature (docs/adr/0010).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from asn1crypto import pem, x509
from asn1crypto.algos import SignedDigestAlgorithm
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign import Signer as SigningKey
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

if TYPE_CHECKING:
    from api.verification.trust import Trust
    from registry.proofs.keys import Signer

FIELD: Final = "SoVang"
# A DER signature by P-256 is at most this long; room is kept before it is made.
_SIGNATURE_BYTES_MAX: Final = 72
# All of a CMS signature but the certificate and its issuer's name; some 550 in fact.
_CMS_BYTES_MAX: Final = 1_024


class PdfKey(SigningKey):
    """One of our keys as pyHanko wants it: wherever its secret is, it only signs."""

    def __init__(self, signer: Signer, certificate: bytes) -> None:
        _, _, der = pem.unarmor(certificate)
        super().__init__(
            signing_cert=x509.Certificate.load(der),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
            signature_mechanism=SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        )
        self._signer = signer
        # Working it out by a trial signature, as the library would, costs as much as signing. The
        # issuer's name is in the certificate too, and each byte is two digits.
        self.digits_reserved = 2 * (2 * len(der) + _CMS_BYTES_MAX)

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002
    ) -> bytes:
        """A signature over these bytes; in a dry run only as many bytes."""
        assert digest_algorithm == "sha256"  # noqa: S101 - what the signature below asks for
        return bytes(_SIGNATURE_BYTES_MAX) if dry_run else self._signer.sign(data)


def sign_pdf(trust: Trust, content: bytes) -> bytes:
    """The file with a signature added, or as it is where there is no key for PDF."""
    found = trust.pdf_signer()
    return content if found is None else sign_file(PdfKey(*found), content)


def sign_file(key: PdfKey, content: bytes) -> bytes:
    """The file with a signature by this key added."""
    described = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    signed = BytesIO()
    PdfSigner(described, key).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(content)),
        output=signed,
        bytes_reserved=key.digits_reserved,
    )
    return signed.getvalue()
