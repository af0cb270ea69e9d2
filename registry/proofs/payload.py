"""What stands in the QR code of a certificate, signed: COSE_Sign1 (RFC 9052) over CWT claims.

    18([ << {1: -8, 4: kid} >>, {}, << {6: signed at, -70001: {1..7}} >>, signature ])

    1 serial      2 name as printed     3 form of commendation, with its class: ORD-KC-US:III
    4 decision    5 date of the award   6 sixteen random bytes   7 index in the status lists

Some 200 bytes: 55 mm of paper carry them, worn or not. A date that is known to the day is a number
of days (tag 100, RFC 8943); `1985` or `1985-04` is text. The random bytes keep anybody from
trying names until the digest in the public log fits.

Checking is a sequence of states, each with the bytes it has earned the right to look at; every
refusal has one code:

    digits -> bytes        payload-too-long, payload-not-digits, payload-short
    bytes  -> `Envelope`   payload-malformed, payload-header
    Envelope -> `Signed`   payload-key-unknown, payload-signature, payload-claims,
                           payload-key-not-valid-then
    Signed -> its place in the log: payload-needs-log, payload-after-compromise

Nothing is looked up anywhere before the signature holds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from registry.errors import Rejected, VerificationFailed
from registry.proofs.cbor import BYTES_MAX, BadCbor, Tag, Value, decode, encode
from registry.proofs.keys import KEYS_READY_MAX, KID_BYTES, verify_signature

if TYPE_CHECKING:
    from registry.proofs.key_list import KeyList, ListedKey
    from registry.proofs.keys import Signer

SALT_BYTES: Final = 16
SIGNATURE_BYTES: Final = 64
NAME_BYTES_MAX: Final = 160
CUT: Final = "…"

_COSE_SIGN1: Final = 18
_COSE_PARTS: Final = 4
_EPOCH_DAYS: Final = 100
_EPOCH: Final = date(1970, 1, 1)
_SIGNATURE1: Final = b"\x84" + encode("Signature1")
_NOTHING: Final = encode(b"")
_ALGORITHM, _KID = 1, 4
_EDDSA: Final = -8
_ISSUED_AT, _AWARD = 6, -70001
_SERIAL, _NAME, _FORM, _DECISION, _DATE, _SALT, _INDEX = range(1, 8)
_DAYS_MAX: Final = 200 * 366
_DAY_CHARACTERS: Final = len("1985-04-12")


@dataclass(frozen=True, slots=True)
class Claims:
    """What the paper must say. `form` is a code of the catalogue, `:I` and so on for a class."""

    serial: str
    name: str
    form: str
    decision: str | None
    awarded_on: str | None
    status_index: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload whose form was checked and nothing else: not yet anybody's word."""

    content: bytes
    kid: bytes
    protected: bytes
    claims: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A payload whose signature holds, by a key that was valid when it signed."""

    content: bytes
    key: ListedKey
    signed_at: int
    claims: Claims

    @property
    def digest(self) -> bytes:
        """SHA-256 of the exact bytes: what the log's leaf names as `q`."""
        return sha256(self.content).digest()

    @property
    def needs_log(self) -> bool:
        """Whether the signature alone proves nothing, because the key was stolen since."""
        return self.key.compromised_at_leaf is not None


# Making -------------------------------------------------------------------------------------


def sign_claims(claims: Claims, salt: bytes, signed_at: int, signer: Signer) -> bytes:
    """The bytes that go into the QR code. Raises `Rejected` for a name that could deceive."""
    check_letters(claims.name)
    protected = encode({_ALGORITHM: _EDDSA, _KID: signer.kid})
    payload = encode({_ISSUED_AT: signed_at, _AWARD: _claims_to_map(claims, salt)})
    signature = signer.sign(_to_be_signed(protected, payload))
    return encode(Tag(_COSE_SIGN1, (protected, {}, payload, signature)))


def check_letters(name: str) -> None:
    """Raise `Rejected` for letters of two alphabets in one name: a Cyrillic `а` looks Latin."""
    alphabets = {
        unicodedata.name(letter, "?").partition(" ")[0] for letter in name if letter.isalpha()
    }
    if len(alphabets) > 1:
        raise Rejected("letters-of-two-alphabets", field="name", name=name[:100])


def printed_name(name: str) -> str:
    """The name as it is signed: composed letters (NFC), a very long one cut with an ellipsis."""
    name = unicodedata.normalize("NFC", name)
    if len(name.encode()) <= NAME_BYTES_MAX:
        return name
    return name.encode()[: NAME_BYTES_MAX - len(CUT.encode())].decode(errors="ignore") + CUT


def _claims_to_map(claims: Claims, salt: bytes) -> Mapping[int, Value]:
    values: dict[int, Value] = {
        _SERIAL: claims.serial,
        _NAME: claims.name,
        _FORM: claims.form,
        _SALT: salt,
        _INDEX: claims.status_index,
    }
    if claims.decision is not None:
        values[_DECISION] = claims.decision
    if claims.awarded_on is not None:
        values[_DATE] = _date_to_value(claims.awarded_on)
    return values


def _date_to_value(text: str) -> Value:
    if len(text) != _DAY_CHARACTERS:
        return text
    return Tag(_EPOCH_DAYS, (date.fromisoformat(text) - _EPOCH).days)


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure of RFC 9052, 4.4: a list of the context, the header, nothing, the claims."""
    return _SIGNATURE1 + encode(protected) + _NOTHING + encode(payload)


# Checking -----------------------------------------------------------------------------------


def parse_envelope(content: bytes) -> Envelope:
    """Check the form of a payload. Raises `VerificationFailed`."""
    if len(content) > BYTES_MAX:
        raise VerificationFailed("payload-too-long", limit=BYTES_MAX)
    match _decoded(content, "payload-malformed"):
        case Tag(18, (bytes() as protected, unprotected, bytes() as claims, bytes() as signature)):
            # Whatever stood here would not be signed.
            if unprotected != {} or len(signature) != SIGNATURE_BYTES:
                raise VerificationFailed("payload-header")
            return Envelope(content, _kid_of(protected), protected, claims, signature)
        case _:
            raise VerificationFailed("payload-malformed")


def verify_envelope(envelope: Envelope, key_list: KeyList) -> Signed:
    """Check signature, claims and key, in this order. Raises `VerificationFailed`."""
    key = key_list.find(envelope.kid, "issue")
    if key is None:
        raise VerificationFailed("payload-key-unknown", kid=envelope.kid.hex())
    _verify_signature(envelope, key)
    signed_at, claims = _read_claims(envelope.claims)
    if key.judge(signed_at) == "not-valid-then":
        raise VerificationFailed("payload-key-not-valid-then", kid=envelope.kid.hex())
    return Signed(envelope.content, key, signed_at, claims)


def read_claims(envelope: Envelope) -> Claims:
    """What a payload says, whoever signed it: for comparing, never for believing.

    Raises `VerificationFailed`.
    """
    _, claims = _read_claims(envelope.claims)
    return claims


def verify_place(signed: Signed, leaf_index: int | None) -> None:
    """Check that a stolen key was not yet stolen when the log got this payload.

    Raises `VerificationFailed`.
    """
    match signed.key.judge(signed.signed_at, leaf_index):
        case "needs-log":
            raise VerificationFailed("payload-needs-log", kid=signed.key.kid.hex())
        case "compromised":
            raise VerificationFailed("payload-after-compromise", kid=signed.key.kid.hex())
        case "valid" | "not-valid-then":
            return


def _decoded(content: bytes, code: str) -> Value:
    try:
        return decode(content)
    except BadCbor as error:
        raise VerificationFailed(code, reason=str(error)) from error


@lru_cache(maxsize=KEYS_READY_MAX)
def _kid_of(protected: bytes) -> bytes:
    """The key's name in the one header that is accepted; all papers of a key have the same."""
    match _decoded(protected, "payload-header"):
        case {1: -8, 4: bytes() as kid, **others} if not others and len(kid) == KID_BYTES:
            return kid
        case _:
            raise VerificationFailed("payload-header")


def _verify_signature(envelope: Envelope, key: ListedKey) -> None:
    message = _to_be_signed(envelope.protected, envelope.claims)
    try:
        verify_signature("Ed25519", key.public, envelope.signature, message)
    except VerificationFailed as error:
        raise VerificationFailed("payload-signature", kid=envelope.kid.hex()) from error


def _read_claims(content: bytes) -> tuple[int, Claims]:
    """Claims of a payload whose signature holds; our own programs wrote nothing else."""
    match _decoded(content, "payload-claims"):
        case {6: int() as signed_at, -70001: Mapping() as award, **others} if not others:
            return signed_at, _map_to_claims(award)
        case _:
            raise VerificationFailed("payload-claims")


def _map_to_claims(award: Mapping[int, Value]) -> Claims:
    match award:
        case {
            1: str() as serial,
            2: str() as name,
            3: str() as form,
            6: bytes(),
            7: int() as index,
            **others,
        } if not others.keys() - {_DECISION, _DATE}:
            decision = others.get(_DECISION)
            if not isinstance(decision, str | None):
                raise VerificationFailed("payload-claims")
            return Claims(serial, name, form, decision, _value_to_date(others.get(_DATE)), index)
        case _:
            raise VerificationFailed("payload-claims")


def _value_to_date(value: Value | None) -> str | None:
    match value:
        case None | str():
            return value
        case Tag(100, int() as days) if abs(days) <= _DAYS_MAX:
            return (_EPOCH + timedelta(days)).isoformat()
        case _:
            raise VerificationFailed("payload-claims")
