"""The office's own signing keys: files in its home, each sealed under a passphrase.

    keys/signing/issue-9eeeab1b.key     private keys, by purpose and kid
    keys/signing/log-5d0c2a17.token     says in which token a key is, see `token_keys`
    keys/signing/pdf-1c5e8f30.pem       the certificate of a key for PDF
    keys/signing/key-list               the key list in force, as it was published last
    keys/signing/passphrase             only in a trial set: what opens the files
    keys/signing/.replacing/            new files that count already, see `durable_files`
    keys/signing/roots/...              only in a trial set: the three roots, with theirs

A trial set is made whole at first start, so that everything can be tried. It protects nothing:
passphrases and roots lie beside the keys they guard. An office makes its own roots, on a machine
that is never connected, and keeps passphrases elsewhere (`SOVANG_KEY_PASSPHRASE_FILE`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from registry.durable_files import (
    finish_replacing,
    replace_file,
    replace_together,
    write_file,
)
from registry.errors import NotReady, Rejected
from registry.proofs.key_list import KeyList, ListedKey, sign_key_list
from registry.proofs.keys import (
    SALT_BYTES,
    Algorithm,
    Purpose,
    Signer,
    derive_key_encryption,
    kid_of,
    make_signer,
    new_secret,
    open_secret,
    private_key,
    seal_secret,
)
from registry.proofs.notes import plain_key
from registry.token_keys import (
    format_token_key,
    make_token_key,
    open_token_key,
    parse_token_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEY_SECONDS: Final = 4 * 366 * 86_400
LIST_SECONDS: Final = 366 * 86_400
ROOTS: Final = 3
PASSPHRASE_BYTES_MAX: Final = 1_000

_TRIAL_USES: Final[tuple[tuple[Purpose, Algorithm], ...]] = (
    ("issue", "Ed25519"),
    ("log", "Ed25519"),
    ("log", "ML-DSA-44"),
    ("status", "Ed25519"),
    ("pdf", "P-256"),
)
_FOLDER_MODE: Final = 0o700


@dataclass(slots=True)
class KeySet:
    """Key files of one folder under one passphrase; each is opened when it is first needed.

    `pin_file` holds the PIN of the tokens in which keys are, if any.
    """

    folder: Path
    passphrase: bytes
    pin_file: Path | None = None
    _encryptions: dict[bytes, bytes] = field(default_factory=dict)
    _opened: dict[Path, Signer] = field(default_factory=dict)

    def signer(
        self, key_list: KeyList, use: Purpose, now: int, algorithm: Algorithm | None = None
    ) -> Signer:
        """The newest key for a purpose that counts now. Raises `NotReady` if none is here."""
        listed = [key for key in key_list.keys if key.use == use and key.judge(now) == "valid"]
        for key in reversed(listed):
            name = f"{use}-{key.kid.hex()}"
            for path in (self.folder / f"{name}.key", self.folder / f"{name}.token"):
                if algorithm in {None, key.algorithm} and path.is_file():
                    return self.open_file(path)
        raise NotReady("signing-key-missing", use=use, path=str(self.folder))

    def certificate(self, signer: Signer) -> bytes:
        """The certificate (PEM) of a key that signs PDF. Raises `NotReady`."""
        try:
            return (self.folder / f"{signer.use}-{signer.kid.hex()}.pem").read_bytes()
        except FileNotFoundError as error:
            raise NotReady("signing-key-missing", use=signer.use) from error

    def make(self, use: Purpose, algorithm: Algorithm | None = None) -> Signer:
        """A new key in a new file."""
        secret = new_secret()
        signer = make_signer(use, secret, algorithm)
        salt = next(iter(self._encryptions), None) or os.urandom(SALT_BYTES)
        name = f"{use}-{signer.kid.hex()}"
        write_file(
            self.folder / f"{name}.key", seal_secret(signer, secret, salt, self._derive(salt))
        )
        if use == "pdf":
            write_file(self.folder / f"{name}.pem", trial_certificate(secret))
        return signer

    def make_in_token(self, use: Purpose, token: str, library: str) -> Signer:
        """A new key inside a token, and a file that says where it is. Raises `NotReady`."""
        key = make_token_key(use, token, library, self._pin())
        path = self.folder / f"{use}-{kid_of(key.public).hex()}.token"
        write_file(path, format_token_key(key))
        return self.open_file(path)

    def rewrap(self, passphrase: bytes, paths: Sequence[Path] | None = None) -> list[Signer]:
        """Seal key files under another passphrase, all or some of the folder; all or none changes.

        A passphrase that lies beside the keys goes: it opens nothing more. Raises `NotReady`
        where the old one does not open them, `Rejected` for an empty new one.
        """
        if not passphrase:
            raise Rejected("key-passphrase-empty", field="--new-passphrase-file")
        salt = os.urandom(SALT_BYTES)
        sealed_under = derive_key_encryption(passphrase, salt)
        signers, contents = [], dict[str, bytes]()
        for path in sorted(self.folder.glob("*.key")) if paths is None else paths:
            signer, secret = open_secret(path.read_bytes(), self._derive)
            contents[path.name] = seal_secret(signer, secret, salt, sealed_under)
            # What could not be opened again would be lost for good.
            open_secret(contents[path.name], lambda _: sealed_under)
            signers.append(signer)
        beside = self.folder / "passphrase"
        if paths is None and beside.is_file() and read_passphrase(beside) == self.passphrase:
            contents[beside.name] = b""
        replace_together(self.folder, contents)
        return signers

    def roots(self) -> list[tuple[str, Signer]]:
        """Every root key in the folder, with the name it signs under."""
        return list(self._roots())

    def keep_list(self, note: bytes) -> None:
        """Keep the key list that was published last beside the keys."""
        replace_file(self.folder / "key-list", note)

    def read_list(self) -> bytes | None:
        """The key list kept beside the keys."""
        path = self.folder / "key-list"
        return path.read_bytes() if path.is_file() else None

    def _roots(self) -> Iterator[tuple[str, Signer]]:
        for path in sorted(self.folder.glob("root-*.key")):
            signer = self.open_file(path)
            yield root_name(signer), signer

    def open_file(self, path: Path) -> Signer:
        """The key in a file. Raises `NotReady`."""
        if path not in self._opened:
            content = path.read_bytes()
            if path.suffix == ".token":
                self._opened[path] = open_token_key(parse_token_key(content), self._pin())
            else:
                self._opened[path] = open_secret(content, self._derive)[0]
        return self._opened[path]

    def _pin(self) -> str:
        try:
            if self.pin_file is not None:
                return self.pin_file.read_text(encoding="utf-8")[:PASSPHRASE_BYTES_MAX].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise NotReady("token-pin-missing", path=str(self.pin_file)) from error
        raise NotReady("token-pin-missing", path="SOVANG_TOKEN_PIN_FILE")

    def _derive(self, salt: bytes) -> bytes:
        # Files made together share a salt: one second at start, not one for each file.
        if salt not in self._encryptions:
            self._encryptions[salt] = derive_key_encryption(self.passphrase, salt)
        return self._encryptions[salt]


def root_name(signer: Signer) -> str:
    """The name under which a root signs key lists."""
    return f"root-{signer.kid.hex()}"


def signing_folder(home: Path) -> Path:
    """Where a home keeps its signing keys."""
    return home / "keys" / "signing"


def open_key_set(
    folder: Path, passphrase_file: Path | None = None, pin_file: Path | None = None
) -> KeySet:
    """The keys in a folder. Raises `NotReady` without a folder or a passphrase."""
    if not folder.is_dir():
        raise NotReady("key-set-missing", path=str(folder))
    finish_replacing(folder)
    return KeySet(folder, read_passphrase(passphrase_file or folder / "passphrase"), pin_file)


def read_passphrase(path: Path) -> bytes:
    """The passphrase in a file. Raises `NotReady`."""
    try:
        return path.read_bytes()[:PASSPHRASE_BYTES_MAX].strip()
    except OSError as error:
        raise NotReady("key-passphrase-missing", path=str(path)) from error


def make_trial_set(folder: Path, origin: str, now: int) -> None:
    """Make a complete trial set, with its key list; another start may be faster.

    What is true if we die: the set is made aside and renamed into place, so there is either
    none or a whole one.
    """
    folder.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".signing-", dir=folder.parent))
    try:
        roots = make_key_folder(aside / "roots")
        root_signers = [roots.make("root") for _ in range(ROOTS)]
        keys = make_key_folder(aside)
        listed = [
            ListedKey(use, algorithm, keys.make(use, algorithm).public, now, now + KEY_SECONDS)
            for use, algorithm in _TRIAL_USES
        ]
        key_list = KeyList(
            version=1,
            issued_at=now,
            expires_at=now + LIST_SECONDS,
            log=origin,
            trial=True,
            keys=tuple(listed),
            roots=tuple(plain_key(root_name(signer), signer) for signer in root_signers),
        )
        keys.keep_list(sign_key_list(key_list, roots.roots()[: key_list.threshold]))
        aside.rename(folder)
    except OSError:
        # Somebody else's set is in place already; ours is not needed.
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def make_key_folder(folder: Path) -> KeySet:
    """An empty key set with a passphrase of its own beside it."""
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    passphrase = os.urandom(16).hex().encode()
    write_file(folder / "passphrase", passphrase)
    return KeySet(folder, passphrase)


def trial_certificate(secret: bytes) -> bytes:
    """A certificate that a key signs for itself: good for trying, trusted by nobody."""
    key = private_key("P-256", secret)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - what P-256 is
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sổ Vàng"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Khóa dùng thử / trial key"),
        ]
    )
    begins = datetime.now(UTC) - timedelta(minutes=5)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(seconds=KEY_SECONDS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_documents(), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM)


_signs_documents = partial(
    x509.KeyUsage,
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
