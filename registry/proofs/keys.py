"""Keys that sign: one for each purpose, named by their own digest, sealed while at rest.

`kid` is the first 4 bytes of SHA-256 over the raw public key: short enough for paper. Two keys
with one kid are refused when the second is added to a key list, never while checking.

At rest a key is AES-256-GCM over its 32 secret bytes, under a key that scrypt (N=2^17, r=8, p=1)
makes of a passphrase, with the kid as associated data. Why not the encryption of PKCS#8: its
PBKDF2 has 2,048 rounds, some 1.5 ms for a guess; scrypt takes half a second and 128 MB.

Sources: RFC 8032 (Ed25519), FIPS 186-5 (P-256), FIPS 204 (ML-DSA-44), RFC 7914 (scrypt).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias, assert_never, get_args

import rfc8785
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.errors import NotReady, VerificationFailed

Purpose = Literal["issue", "log", "status", "root", "pdf", "witness"]
Algorithm = Literal["Ed25519", "P-256", "ML-DSA-44"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
ALGORITHMS: Final[tuple[Algorithm, ...]] = get_args(Algorithm)

KID_BYTES: Final = 4
# Public keys kept ready for use: a key list has a few that count.
KEYS_READY_MAX: Final = 64
SECRET_BYTES: Final = 32
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
SCRYPT_COST: Final = 2**17
SCRYPT_BLOCKS: Final = 8
SCRYPT_PARALLEL: Final = 1

_FORMAT: Final = 1
_FIELDS: Final = ("alg", "ciphertext", "kdf", "kid", "nonce", "pub", "salt", "use", "v")
_KDF: Final = "scrypt-17-8-1"

PrivateKey: TypeAlias = "Ed25519PrivateKey | MLDSA44PrivateKey | ec.EllipticCurvePrivateKey"
KeyEncryption: TypeAlias = Callable[[bytes], bytes]
"""Makes the key that opens a key file out of the file's salt."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Something that signs, in a file or in a device: nobody here asks where the secret is."""

    kid: bytes
    use: Purpose
    algorithm: Algorithm
    public: bytes
    sign: Callable[[bytes], bytes]


def kid_of(public: bytes) -> bytes:
    """The name of a key: the first 4 bytes of SHA-256 over its raw public key."""
    return sha256(public).digest()[:KID_BYTES]


def algorithm_for(use: Purpose) -> Algorithm:
    """What a purpose signs with: P-256 where PDF readers must understand it, else Ed25519."""
    return "P-256" if use == "pdf" else "Ed25519"


def new_secret() -> bytes:
    """Secret bytes of a new key, of any algorithm here."""
    return os.urandom(SECRET_BYTES)


def private_key(algorithm: Algorithm, secret: bytes) -> PrivateKey:
    """The private key that 32 secret bytes stand for."""
    match algorithm:
        case "Ed25519":
            return Ed25519PrivateKey.from_private_bytes(secret)
        case "ML-DSA-44":
            return MLDSA44PrivateKey.from_seed_bytes(secret)
        case "P-256":
            # 0 and what lies above the order are no keys; 256 random bits all but never are.
            return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
        case _:
            assert_never(algorithm)


def make_signer(use: Purpose, secret: bytes, algorithm: Algorithm | None = None) -> Signer:
    """A signer that keeps its secret in memory."""
    algorithm = algorithm or algorithm_for(use)
    key = private_key(algorithm, secret)
    public = _public_bytes(key)
    return Signer(kid_of(public), use, algorithm, public, _sign_with(key))


def verify_signature(algorithm: Algorithm, public: bytes, signature: bytes, message: bytes) -> None:
    """Raise `VerificationFailed` unless this key signed this message."""
    try:
        match algorithm:
            case "Ed25519":
                _ed25519_key(public).verify(signature, message)
            case "ML-DSA-44":
                MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
            case "P-256":
                point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
                point.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            case _:
                assert_never(algorithm)
    except (InvalidSignature, ValueError) as error:
        raise VerificationFailed("signature-wrong", kid=kid_of(public).hex()) from error


@lru_cache(maxsize=KEYS_READY_MAX)
def _ed25519_key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def _public_bytes(key: PrivateKey) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return key.public_key().public_bytes_raw()


def _sign_with(key: PrivateKey) -> Callable[[bytes], bytes]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda message: key.sign(message, ec.ECDSA(hashes.SHA256()))
    return key.sign


# At rest ------------------------------------------------------------------------------------


def derive_key_encryption(passphrase: bytes, salt: bytes) -> bytes:
    """The key that opens key files with this salt; takes half a second on purpose."""
    return Scrypt(salt=salt, length=32, n=SCRYPT_COST, r=SCRYPT_BLOCKS, p=SCRYPT_PARALLEL).derive(
        passphrase
    )


def seal_secret(signer: Signer, secret: bytes, salt: bytes, key_encryption: bytes) -> bytes:
    """The content of a key file; `key_encryption` was derived with this salt."""
    nonce = os.urandom(NONCE_BYTES)
    return rfc8785.dumps(
        {
            "alg": signer.algorithm,
            "ciphertext": AESGCM(key_encryption).encrypt(nonce, secret, signer.kid).hex(),
            "kdf": _KDF,
            "kid": signer.kid.hex(),
            "nonce": nonce.hex(),
            "pub": signer.public.hex(),
            "salt": salt.hex(),
            "use": signer.use,
            "v": _FORMAT,
        }
    )


def open_secret(content: bytes, key_encryption_of: KeyEncryption) -> tuple[Signer, bytes]:
    """The signer of a key file, and its secret.

    Raises `NotReady` with `key-file-malformed` or `key-passphrase-wrong`.
    """
    parts = _read_key_file(content)
    kid = bytes.fromhex(parts["kid"])
    opened = AESGCM(key_encryption_of(bytes.fromhex(parts["salt"])))
    try:
        secret = opened.decrypt(
            bytes.fromhex(parts["nonce"]), bytes.fromhex(parts["ciphertext"]), kid
        )
    except InvalidTag as error:
        raise NotReady("key-passphrase-wrong", kid=kid.hex()) from error
    signer = make_signer(parts["use"], secret, parts["alg"])
    # Purpose and algorithm are not sealed: what they make of the secret must be what is named.
    if (signer.kid, signer.public.hex()) != (kid, parts["pub"]):
        raise NotReady("key-file-malformed", kid=kid.hex())
    return signer, secret


def _read_key_file(content: bytes) -> dict[str, Any]:
    try:
        parts: dict[str, Any] = json.loads(content)
        if tuple(sorted(parts)) != _FIELDS or parts["v"] != _FORMAT or parts["kdf"] != _KDF:
            raise NotReady("key-file-malformed")
        for name in ("ciphertext", "kid", "nonce", "pub", "salt"):
            bytes.fromhex(parts[name])
    except (ValueError, TypeError, AttributeError) as error:
        raise NotReady("key-file-malformed") from error
    if parts["use"] not in PURPOSES or parts["alg"] not in ALGORITHMS:
        raise NotReady("key-file-malformed")
    return parts
