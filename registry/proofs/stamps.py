"""Time stamps over heads of the log (RFC 3161): an authority of another house says when it saw one.

A head names every fact before it, so one stamp tells of all of them that they were there at its
time. What is stamped is SHA-256 of the head's text, that which the log itself signs:

    request   version, digest, a random number            written by us
    answer    whether it was granted, and a token         of the authority; `stamp_in`
    token     digest, number and time, signed (CMS)       kept beside the head; `verify_stamp`

Signature and certificates are pyHanko's to check; here stands what must be so of the token.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Final

from asn1crypto import cms, core, tsp, x509

from registry.errors import VerificationFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

STAMP_BYTES_MAX: Final = 64 * 1024
NONCE_BITS: Final = 63

_GRANTED: Final = frozenset({"granted", "granted_with_mods"})
_DAMAGED: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


class _Answer(core.Sequence):  # type: ignore[misc]  # the library ships no types
    """What an authority answers. The library's own wants a token even of one that refuses."""

    _fields: ClassVar[list[Any]] = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class StampRequest:
    """What an authority is asked: a digest, and a number that its answer must repeat."""

    digest: bytes
    nonce: int

    def __bytes__(self) -> bytes:
        """The request (DER). The authority is asked to send its certificate along."""
        imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": self.digest}
        request = tsp.TimeStampReq(
            {"version": "v1", "message_imprint": imprint, "nonce": self.nonce, "cert_req": True}
        )
        return bytes(request.dump())


def digest_of_head(text: bytes) -> bytes:
    """What is stamped of a head."""
    return sha256(text).digest()


def parse_request(content: bytes) -> StampRequest:
    """The request that `StampRequest` wrote. Raises `VerificationFailed`."""
    try:
        read = tsp.TimeStampReq.load(content, strict=True)
        digest = read["message_imprint"]["hashed_message"].native
        request = StampRequest(digest, read["nonce"].native)
        if bytes(request) == content:
            return request
    except _DAMAGED as error:
        raise VerificationFailed("stamp-request-malformed") from error
    raise VerificationFailed("stamp-request-malformed")


def stamp_in(answer: bytes) -> bytes:
    """The token in an authority's answer (DER). Raises `VerificationFailed` if it has none."""
    try:
        read = _Answer.load(answer[: STAMP_BYTES_MAX + 1], strict=True)
        status = str(read["status"]["status"].native)
        if status in _GRANTED:
            return bytes(read["time_stamp_token"].dump())
    except _DAMAGED as error:
        raise VerificationFailed("stamp-malformed") from error
    raise VerificationFailed("stamp-refused", status=status)


def verify_stamp(
    token: bytes, digest: bytes, roots: Sequence[bytes] = (), nonce: int | None = None
) -> datetime:
    """The time at which an authority saw a head. Raises `VerificationFailed`.

    `roots` are the certificates (DER) from which the authority's must follow; without them only
    the token itself is checked, by the certificate that it carries.
    """
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    try:
        signed, told = _read_token(token)
        imprint = told["message_imprint"]
        method = imprint["hash_algorithm"]["algorithm"].native
        if (method, imprint["hashed_message"].native) != ("sha256", digest):
            raise VerificationFailed("stamp-other-head")
        if nonce is not None and told["nonce"].native != nonce:
            raise VerificationFailed("stamp-nonce")
        at = told["gen_time"].native
        _verify_signature(signed, digest, [x509.Certificate.load(one) for one in roots], at)
    except _DAMAGED as error:
        raise VerificationFailed("stamp-malformed") from error
    if not isinstance(at, datetime):
        raise VerificationFailed("stamp-malformed")
    return at


def _read_token(token: bytes) -> tuple[Any, Any]:
    """The signed part of a token, and what it tells."""
    read = cms.ContentInfo.load(token, strict=True)
    if read["content_type"].native != "signed_data" or read.dump(force=True) != token:
        raise VerificationFailed("stamp-malformed")
    told = read["content"]["encap_content_info"]["content"].parsed
    if not isinstance(told, tsp.TSTInfo):
        raise VerificationFailed("stamp-malformed")
    return read["content"], told


def _verify_signature(signed: Any, digest: bytes, roots: Sequence[Any], at: datetime) -> None:
    # Not before there is a stamp: these take half a second to load.
    from pyhanko.sign.validation.errors import SignatureValidationError  # noqa: PLC0415
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data  # noqa: PLC0415
    from pyhanko.sign.validation.status import TimestampSignatureStatus  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    # Certificates are judged by the time of the stamp: it outlives them.
    context = ValidationContext(trust_roots=list(roots), allow_fetching=False, moment=at)
    try:
        checked = asyncio.run(validate_tst_signed_data(signed, context, lambda _method: digest))
    except SignatureValidationError as error:
        raise VerificationFailed("stamp-signature") from error
    status = TimestampSignatureStatus(**checked)
    if not (status.intact and status.valid):
        raise VerificationFailed("stamp-signature")
    if roots and not status.trusted:
        raise VerificationFailed("stamp-untrusted")
