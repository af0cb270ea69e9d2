"""Verifiable credentials (W3C VC 2.0), secured in two ways that other programs check.

    eddsa-jcs-2022   a proof inside the JSON document (Data Integrity 1.0), readable by people
    vc+jwt           one line for every JOSE library (VC-JOSE-COSE)

Both sign with Ed25519. Our documents hold text, lists and objects, never floats, so their
canonical form (RFC 8785) is the same in every language.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import rfc8785

from registry.errors import VerificationFailed
from registry.proofs.keys import verify_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from registry.proofs.keys import Signer

CREDENTIALS_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
JWT_CHARACTERS_MAX: Final = 256 * 1024
# A signature of 64 bytes has 88; turning letters into a number takes their square in time.
PROOF_CHARACTERS_MAX: Final = 100
PUBLIC_KEY_BYTES: Final = 32

_DIGITS: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58: Final = "z"
_ED25519_PREFIX: Final = b"\xed\x01"
_PROOF: Final = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "proofPurpose": "assertionMethod",
}
_JWT_PARTS: Final = 3
_HEADER: Final = {"alg": "EdDSA", "cty": "vc", "typ": "vc+jwt"}
# What a JWT carries beside the credential itself, for libraries that look for it there.
_JWT_CLAIMS: Final = frozenset({"iss", "jti", "nbf", "exp"})


@dataclass(frozen=True, slots=True)
class JwtCodes:
    """Codes of the refusals of `verify_jwt`, which differ by what the text is about."""

    malformed: str = "credential-malformed"
    key_unknown: str = "credential-key-unknown"
    signature: str = "credential-signature"


# Names of issuers and keys ------------------------------------------------------------------


def did_web(public_url: str) -> str:
    """Who issues, as a name that leads to the keys: did:web of the register's address."""
    # Colons set its parts apart; that of a port is written otherwise. What is encoded stays so.
    parts = public_url.partition("://")[2].split("/")
    return ":".join(["did:web", *(quote(part, safe="%") for part in parts)])


def did_document_path(public_url: str) -> str:
    """Where, below the register's address, did:web looks for what the name leads to."""
    return "/did.json" if "/" in public_url.partition("://")[2] else "/.well-known/did.json"


def key_name(issuer: str, kid: bytes) -> str:
    """A key of an issuer."""
    return f"{issuer}#{kid.hex()}"


def did_document(issuer: str, keys: Mapping[bytes, bytes]) -> dict[str, Any]:
    """What the issuer's name leads to: its Ed25519 keys, raw, by kid."""
    methods = [
        {
            "id": key_name(issuer, kid),
            "type": "Multikey",
            "controller": issuer,
            "publicKeyMultibase": to_multikey(public),
        }
        for kid, public in sorted(keys.items())
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": issuer,
        "verificationMethod": methods,
        "assertionMethod": [one["id"] for one in methods],
    }


def to_multikey(public: bytes) -> str:
    """A raw Ed25519 key as multibase text."""
    return _BASE58 + to_base58(_ED25519_PREFIX + public)


def to_base58(content: bytes) -> str:
    """Bitcoin's base58: each leading zero byte is a 1."""
    number, text = int.from_bytes(content, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _DIGITS[digit] + text
    return "1" * (len(content) - len(content.lstrip(b"\x00"))) + text


def from_base58(text: str) -> bytes:
    """The bytes that `to_base58` wrote so. Raises `ValueError`."""
    number = 0
    for letter in text:
        number = number * 58 + _DIGITS.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


# eddsa-jcs-2022 -----------------------------------------------------------------------------


def add_proof(
    document: Mapping[str, Any], sign: Callable[[bytes], bytes], method: str, created: str
) -> dict[str, Any]:
    """The document with a proof by the key that `method` names."""
    options: dict[str, Any] = {
        "type": _PROOF["type"],
        "cryptosuite": _PROOF["cryptosuite"],
        "created": created,
        "verificationMethod": method,
        "proofPurpose": _PROOF["proofPurpose"],
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    value = _BASE58 + to_base58(sign(_hash_data(document, options)))
    return {**document, "proof": {**options, "proofValue": value}}


def verify_proof(document: Mapping[str, Any], keys: Mapping[bytes, bytes]) -> None:
    """Check the proof of a document. Raises `VerificationFailed`.

    `keys` are raw public keys by kid; the kid is what `verificationMethod` ends with. A key
    that the document brings along counts for nothing.
    """
    codes = JwtCodes()
    proof = document.get("proof")
    if not isinstance(proof, dict) or any(proof.get(name) != one for name, one in _PROOF.items()):
        raise VerificationFailed(codes.malformed)
    options = {name: one for name, one in proof.items() if name != "proofValue"}
    unsecured = {name: one for name, one in document.items() if name != "proof"}
    if options.get("@context") != unsecured.get("@context"):
        raise VerificationFailed(codes.malformed)
    try:
        kid = bytes.fromhex(proof["verificationMethod"].rpartition("#")[2])
        value = proof["proofValue"]
        known = value.startswith(_BASE58) and len(value) <= PROOF_CHARACTERS_MAX
        signature = from_base58(value.removeprefix(_BASE58)) if known else b""
        message = _hash_data(unsecured, options)
    except (
        KeyError,
        ValueError,
        AttributeError,
        RecursionError,
        rfc8785.CanonicalizationError,
    ) as error:
        raise VerificationFailed(codes.malformed) from error
    _verify(kid, signature, message, keys, codes)


def signed_with(document: Mapping[str, Any]) -> bytes:
    """The name of the key that signed; only for a document that `verify_proof` has accepted."""
    return bytes.fromhex(document["proof"]["verificationMethod"].rpartition("#")[2])


def _hash_data(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """What is signed: the hash of the options, then that of the document."""
    return b"".join(sha256(rfc8785.dumps(dict(one))).digest() for one in (options, document))


# vc+jwt -------------------------------------------------------------------------------------


def sign_jwt(document: Mapping[str, Any], signer: Signer, method: str) -> str:
    """The document as a signed line."""
    issuer = document["issuer"]
    claims = {
        **document,
        "iss": issuer["id"] if isinstance(issuer, dict) else issuer,
        "jti": document["id"],
        "nbf": int(parse_moment(document["validFrom"]).timestamp()),
    }
    if "validUntil" in document:
        claims["exp"] = int(parse_moment(document["validUntil"]).timestamp())
    parts = (rfc8785.dumps({**_HEADER, "kid": method}), rfc8785.dumps(claims))
    signed = ".".join(_to_base64(part) for part in parts)
    return f"{signed}.{_to_base64(signer.sign(signed.encode()))}"


def verify_jwt(
    text: str, keys: Mapping[bytes, bytes], codes: JwtCodes | None = None
) -> dict[str, Any]:
    """The credential in a signed line. Raises `VerificationFailed`.

    `keys` are raw public keys by kid, as for `verify_proof`.
    """
    codes = codes or JwtCodes()
    if len(text) > JWT_CHARACTERS_MAX or text.count(".") != _JWT_PARTS - 1:
        raise VerificationFailed(codes.malformed)
    signed, _, signature = text.rpartition(".")
    head, _, claims = signed.partition(".")
    try:
        header = json.loads(_from_base64(head))
        kid = bytes.fromhex(header["kid"].rpartition("#")[2])
        if {name: one for name, one in header.items() if name != "kid"} != _HEADER:
            raise VerificationFailed(codes.malformed)
        _verify(kid, _from_base64(signature), signed.encode(), keys, codes)
        credential = json.loads(_from_base64(claims))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise VerificationFailed(codes.malformed) from error
    if not isinstance(credential, dict):
        raise VerificationFailed(codes.malformed)
    return {name: one for name, one in credential.items() if name not in _JWT_CLAIMS}


def signed_by(text: str) -> bytes:
    """The name of the key that signed a line; only for one that `verify_jwt` has accepted."""
    header = json.loads(_from_base64(text.partition(".")[0]))
    return bytes.fromhex(header["kid"].rpartition("#")[2])


def _verify(
    kid: bytes, signature: bytes, message: bytes, keys: Mapping[bytes, bytes], codes: JwtCodes
) -> None:
    public = keys.get(kid)
    if public is None:
        raise VerificationFailed(codes.key_unknown, kid=kid.hex())
    try:
        verify_signature("Ed25519", public, signature, message)
    except VerificationFailed as error:
        raise VerificationFailed(codes.signature, kid=kid.hex()) from error


def _to_base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _from_base64(text: str) -> bytes:
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    # One spelling only: unused bits and foreign letters are not passed over.
    if _to_base64(content) != text:
        raise ValueError(text[:40])
    return content


# Times --------------------------------------------------------------------------------------


def format_moment(moment: datetime) -> str:
    """A moment as credentials write it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> datetime:
    """The moment that `format_moment` wrote. Raises `ValueError`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
