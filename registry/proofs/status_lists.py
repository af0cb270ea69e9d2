"""Which certificates are no longer in force, for checking without asking: Bitstring Status List.

One list has 131,072 bits (W3C Bitstring Status List 1.0, the least that is allowed, so that the
size of a list says nothing), index 0 the left-most bit of the first byte; a set bit says that the
certificate with this index is not in force. Indexes are given out at random: neighbours share
nothing. A certificate's number counts through all lists: list = number // 131,072.

A list is a credential of its own, valid for seven days and no longer, so that whoever serves an
old one is found out. Checking, each refusal with one code:

    text -> JWT            status-list-malformed
    JWT  -> its payload    status-list-key-unknown, status-list-signature
    payload -> `StatusList`   status-list-malformed, status-list-key-not-valid-then,
                           status-list-of-another, status-list-not-yet, status-list-stale,
                           status-list-rolled-back
    in the log             status-list-of-another, status-list-key-not-valid-then
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from gzip import compress
from typing import TYPE_CHECKING, Any, Final

from registry.errors import VerificationFailed
from registry.proofs.credentials import (
    CREDENTIALS_CONTEXT,
    JwtCodes,
    format_moment,
    parse_moment,
    signed_by,
    verify_jwt,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from registry.proofs.key_list import KeyList

BITS: Final = 131_072
VALID_FOR: Final = timedelta(days=7)
# A phone whose clock is a little slow has a list from the future.
CLOCKS_APART_MAX: Final = timedelta(minutes=5)
PATH: Final = "/log/status/{number}"

_BYTES: Final = BITS // 8
_GZIP: Final = 16 + zlib.MAX_WBITS
_MULTIBASE: Final = "u"
_CODES: Final = JwtCodes(
    malformed="status-list-malformed",
    key_unknown="status-list-key-unknown",
    signature="status-list-signature",
)


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list as its signature vouches for it."""

    number: int
    valid_from: datetime
    valid_until: datetime
    bits: bytes

    def is_set(self, index: int) -> bool:
        """Whether the certificate with this index is not in force. The list must be its list."""
        bit = index % BITS
        return bool(self.bits[bit // 8] & (0x80 >> bit % 8))


def list_of(index: int) -> int:
    """Number of the list that has this index."""
    return index // BITS


def bits_of(indexes: Iterable[int]) -> bytes:
    """The bits of one list in which these indexes are set."""
    bits = bytearray(_BYTES)
    for index in indexes:
        bit = index % BITS
        bits[bit // 8] |= 0x80 >> bit % 8
    return bytes(bits)


def encode_bits(bits: bytes) -> str:
    """The bits as a credential carries them: gzip, base64url, multibase prefix `u`."""
    return _MULTIBASE + urlsafe_b64encode(compress(bits, mtime=0)).decode().rstrip("=")


def decode_bits(text: str) -> bytes:
    """The bits of a list. Raises `VerificationFailed`; never unpacks more than a list has."""
    try:
        packed = urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
        unpacking = zlib.decompressobj(_GZIP)
        bits = unpacking.decompress(packed, _BYTES + 1)
    except (ValueError, zlib.error) as error:
        raise VerificationFailed("status-list-malformed") from error
    if text[:1] != _MULTIBASE or len(bits) != _BYTES or not unpacking.eof:
        raise VerificationFailed("status-list-malformed")
    return bits


def list_address(public_url: str, number: int) -> str:
    """Where a list is published, which is also its name."""
    return public_url + PATH.format(number=number)


def list_credential(
    issuer: str, public_url: str, number: int, bits: bytes, valid_from: datetime
) -> dict[str, Any]:
    """The credential of a list, not yet signed."""
    address = list_address(public_url, number)
    return {
        "@context": [CREDENTIALS_CONTEXT],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": format_moment(valid_from),
        "validUntil": format_moment(valid_from + VALID_FOR),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode_bits(bits),
        },
    }


def status_entry(public_url: str, index: int) -> dict[str, str]:
    """What a credential says of where its status stands."""
    address = list_address(public_url, list_of(index))
    return {
        "id": f"{address}#{index % BITS}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index % BITS),
        "statusListCredential": address,
    }


def read_list(jwt: str, keys: Mapping[bytes, bytes]) -> StatusList:
    """The list in a signed text, its signature checked; whether it is in date is not.

    `keys` are the raw public keys of purpose `status` by kid. Raises `VerificationFailed`.
    """
    credential = verify_jwt(jwt, keys, _CODES)
    try:
        subject = credential["credentialSubject"]
        number = int(credential["id"].rpartition("/")[2])
        valid_from = parse_moment(credential["validFrom"])
        valid_until = parse_moment(credential["validUntil"])
        encoded = subject["encodedList"]
        of_revocation = subject["statusPurpose"] == "revocation"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VerificationFailed("status-list-malformed") from error
    if not isinstance(encoded, str) or not of_revocation:
        raise VerificationFailed("status-list-malformed")
    return StatusList(number, valid_from, valid_until, decode_bits(encoded))


def verify_published(number: int, jwt: str, key_list: KeyList, leaf_index: int) -> StatusList:
    """The list in a text that the log has at this place. Raises `VerificationFailed`.

    Whether it is out of date is not asked: it was published, and later ones follow it.
    """
    keys = {key.kid: key for key in key_list.of("status")}
    found = read_list(jwt, {kid: key.public for kid, key in keys.items()})
    if found.number != number:
        raise VerificationFailed("status-list-of-another", number=found.number, expected=number)
    kid = signed_by(jwt)
    if keys[kid].judge(int(found.valid_from.timestamp()), leaf_index) != "valid":
        raise VerificationFailed("status-list-key-not-valid-then", kid=kid.hex())
    return found


def verify_current(jwt: str, key_list: KeyList) -> StatusList:
    """The list in a text that is shown without its place in the log. Raises `VerificationFailed`.

    A stolen key may have signed it yesterday, whatever day it says: it counts for nothing then.
    """
    keys = {key.kid: key for key in key_list.of("status")}
    found = read_list(jwt, {kid: key.public for kid, key in keys.items()})
    kid = signed_by(jwt)
    if keys[kid].judge(int(found.valid_from.timestamp())) != "valid":
        raise VerificationFailed("status-list-key-not-valid-then", kid=kid.hex())
    return found


def verify_list(
    found: StatusList, index: int, now: datetime, newest_seen: datetime | None = None
) -> None:
    """Check that a list may answer for an index now. Raises `VerificationFailed`.

    `newest_seen` is the beginning of the newest list of this number that the caller has had:
    an older one than that is somebody's attempt to hide what has happened since.
    """
    if found.number != list_of(index):
        raise VerificationFailed(
            "status-list-of-another", number=found.number, expected=list_of(index)
        )
    if now + CLOCKS_APART_MAX < found.valid_from:
        raise VerificationFailed("status-list-not-yet", valid_from=found.valid_from.isoformat())
    if newest_seen is not None and found.valid_from < newest_seen:
        raise VerificationFailed("status-list-rolled-back", seen=newest_seen.isoformat())
    if now >= found.valid_until:
        raise VerificationFailed("status-list-stale", valid_until=found.valid_until.isoformat())
