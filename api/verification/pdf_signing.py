"""The PDF itself signed (PAdES-B-B, P-256), for readers that know nothing of our log.

Ed25519 would not do: PDF readers and OpenSSL 3.0 refuse it in a CMS signature (docs/adr/0010).
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from asn1crypto import cms, pem, x509
from asn1crypto.algos import SignedDigestAlgorithm
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign import Signer as SigningKey
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

if TYPE_CHECKING:
    from api.verification.trust import Trust
    from registry.proofs.keys import Signer

FIELD: Final = "SoVang"
FIELD_READ: Final = "Chữ ký số của cơ quan"
KEYS_KEPT_MAX: Final = 4
# A DER signature by P-256 is at most this long; room is kept before it is made.
_SIGNATURE_BYTES_MAX: Final = 72
# All of a CMS signature but the certificate and its issuer's name; some 550 in fact.
_CMS_BYTES_MAX: Final = 1_024


_SET_TAG: Final = b"\x31"
# Stands for a file's digest where the form of a signature is made.
_ANY_DIGEST: Final = sha256(b"sovang/any-digest/v1").digest()


class PdfKey(SigningKey):
    """One of our keys as pyHanko wants it: wherever its secret is, it only signs.

    The library needs 13 ms for a CMS signature, nearly all of them to encode what is the same
    each time. So it makes one, as a form; digest and signature are put into it for every file.
    """

    def __init__(self, signer: Signer, certificate: bytes) -> None:
        _, _, der = pem.unarmor(certificate)
        super().__init__(
            signing_cert=x509.Certificate.load(der),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
            signature_mechanism=SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        )
        self._signer = signer
        self._form = b""
        # Working it out by a trial signature, as the library would, costs as much as signing. The
        # issuer's name is in the certificate too, and each byte is two digits.
        self.digits_reserved = 2 * (2 * len(der) + _CMS_BYTES_MAX)

    async def async_sign(self, data_digest: bytes, *others: Any, **more: Any) -> cms.ContentInfo:
        """A signature over the digest of a file."""
        if not self._form:
            made = await super().async_sign(_ANY_DIGEST, *others, **more | {"dry_run": True})
            self._form = made.dump()
            assert self._form.count(_ANY_DIGEST) == 1  # noqa: S101 - it is the message's digest
        filled = cms.ContentInfo.load(self._form.replace(_ANY_DIGEST, data_digest))
        (one,) = filled["content"]["signer_infos"]
        # Signed as the set that they are, not under their tag in the message (RFC 5652, 5.4).
        attributes = _SET_TAG + one["signed_attrs"].dump()[1:]
        one["signature"] = self._signer.sign(attributes)
        return filled

    async def async_sign_raw(
        self,
        _data: bytes,
        _digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002
    ) -> bytes:
        """As many bytes as a signature has: it is asked for while a form is made, only."""
        assert dry_run  # noqa: S101 - see above
        return bytes(_SIGNATURE_BYTES_MAX)


def sign_pdf(trust: Trust, content: bytes) -> bytes:
    """The file with a signature added, or as it is where there is no key for PDF."""
    found = trust.pdf_signer()
    return content if found is None else sign_file(_kept_key(*found), content)


_kept_key = lru_cache(KEYS_KEPT_MAX)(PdfKey)


def sign_file(key: PdfKey, content: bytes) -> bytes:
    """The file with a signature by this key added."""
    described = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    signed = BytesIO()
    # It is outside the page: nothing to see, and a name for who hears the file read (PDF/UA).
    field = SigFieldSpec(FIELD, readable_field_name=FIELD_READ)
    PdfSigner(described, key, new_field_spec=field).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(content)),
        output=signed,
        bytes_reserved=key.digits_reserved,
    )
    return signed.getvalue()
