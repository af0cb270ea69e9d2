"""The keys in a backup: sealed under the office's passphrase, or in plain where that was said.

    personal.key, signing-keys.tar                  in plain
    personal.key.sealed, signing-keys.tar.sealed    under the passphrase

A sealed file is AES-256-GCM under a key that scrypt makes of the passphrase, as the files of the
signing keys are; the file's name is bound to it. Where the passphrase comes from: the file that
`SOVANG_BACKUP_PASSPHRASE_FILE` names, else the terminal, else it is made and told once. A register
on trial keys has its keys in plain, and is told so each time: what it protects is no secret.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from getpass import getpass
from typing import TYPE_CHECKING, Any, Final

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.errors import NotReady, Rejected
from registry.key_set import read_passphrase
from registry.proofs.keys import NONCE_BYTES, SALT_BYTES, derive_key_encryption

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.command_line.session import Session

SEALED: Final = ".sealed"
SEALED_BYTES_MAX: Final = 50_000_000

_FORMAT: Final = 1
_ALGORITHM: Final = "A256GCM"
_KDF: Final = "scrypt-17-8-1"
_FIELDS: Final = ("alg", "ciphertext", "kdf", "name", "nonce", "salt", "v")
_MADE_BYTES: Final = 20


class Sealing:
    """Seals and opens the secrets of one backup; the passphrase is stretched once for a salt."""

    def __init__(self, passphrase: bytes) -> None:
        if not passphrase:
            raise Rejected("backup-passphrase-empty")
        self._passphrase = passphrase
        self._salt = os.urandom(SALT_BYTES)
        self._derived: dict[bytes, AESGCM] = {}

    def seal(self, name: str, content: bytes) -> bytes:
        """The sealed file for the content of a file of this name."""
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = self._key(self._salt).encrypt(nonce, content, name.encode())
        sealed: dict[str, Any] = {
            "alg": _ALGORITHM,
            "ciphertext": ciphertext.hex(),
            "kdf": _KDF,
            "name": name,
            "nonce": nonce.hex(),
            "salt": self._salt.hex(),
            "v": _FORMAT,
        }
        return bytes(rfc8785.dumps(sealed))

    def open(self, name: str, content: bytes) -> bytes:
        """What was sealed under this name. Raises `Rejected` and `NotReady`."""
        try:
            sealed = json.loads(content)
            fits = tuple(sorted(sealed)) == _FIELDS and sealed["v"] == _FORMAT
            fits = fits and (sealed["alg"], sealed["kdf"]) == (_ALGORITHM, _KDF)
            salt, nonce, ciphertext = (
                bytes.fromhex(sealed[field]) for field in ("salt", "nonce", "ciphertext")
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Rejected("backup-altered", field="DIR", path=name) from error
        if not fits or len(nonce) != NONCE_BYTES or len(salt) != SALT_BYTES:
            raise Rejected("backup-altered", field="DIR", path=name)
        try:
            return self._key(salt).decrypt(nonce, ciphertext, name.encode())
        except InvalidTag as error:
            raise NotReady("backup-passphrase-wrong", path=name) from error

    def _key(self, salt: bytes) -> AESGCM:
        if salt not in self._derived:
            self._derived[salt] = AESGCM(derive_key_encryption(self._passphrase, salt))
        return self._derived[salt]


def sealing_for_backup(session: Session, *, plain: bool, trial: bool) -> Sealing | None:
    """What seals the keys of a new backup; None where they are kept in plain, which is said."""
    given = session.settings.backup_passphrase_file
    if given is not None and not plain:
        return Sealing(read_passphrase(given))
    if plain or trial:
        session.say("backup.plain-keys" if plain else "backup.trial-keys")
        return None
    if _at_terminal():
        typed = getpass(session.text("backup.ask-new"), sys.stderr)
        if typed:
            if getpass(session.text("backup.ask-again"), sys.stderr) != typed:
                raise Rejected("backup-passphrase-differs")
            return Sealing(typed.encode())
    made = secrets.token_hex(_MADE_BYTES)
    session.say("backup.passphrase", passphrase=made)
    return Sealing(made.encode())


def sealing_for_restore(session: Session) -> Sealing:
    """What opens the keys of a backup. Raises `NotReady` with `backup-passphrase-missing`."""
    given = session.settings.backup_passphrase_file
    if given is not None:
        return Sealing(read_passphrase(given))
    if not _at_terminal():
        raise NotReady("backup-passphrase-missing")
    return Sealing(getpass(session.text("backup.ask"), sys.stderr).encode())


def read_secret_file(path: Path) -> bytes:
    """The content of a file of a backup, which is small. Raises `Rejected`."""
    with path.open("rb") as file:
        content = file.read(SEALED_BYTES_MAX + 1)
    if len(content) > SEALED_BYTES_MAX:
        raise Rejected("backup-altered", field="DIR", path=str(path))
    return content


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
