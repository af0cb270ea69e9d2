"""The manifest of a backup: what is in it, and the signature of the log's own key over that.

    manifest.json   files with their digests; where the log ends; the check value of the key to
                    personal values; the newest signed head
    manifest.sig    the log's Ed25519 key over a context and the very bytes of manifest.json

The signature is checked against the key list in the restored log, and that list against roots
that whoever restores brings along (`--roots`): without them a backup proves no more than that
it belongs together. What each protects against: docs/adr/0011.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import rfc8785

from registry.errors import NotReady, Rejected, VerificationFailed
from registry.homes import MANIFEST
from registry.key_set import open_key_set, signing_folder
from registry.proofs.followed_lists import FollowedLists
from registry.proofs.keys import verify_signature
from registry.trust import list_in_force, published_lists
from scripts.command_line.archive import DUMP, KEY, NEWEST_HEAD, PORTABLE, SIGNING, sha256_of
from scripts.command_line.backup_secrets import SEALED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from registry.database import Database
    from registry.proofs.keys import Signer
    from registry.proofs.notes import NoteKey
    from registry.register import Registry
    from registry.settings import Settings

SIGNATURE: Final = "manifest.sig"
FORMAT: Final = 2
FORMAT_UNSIGNED: Final = 1
"""Of the program before: the key in plain, no check value, no signature."""

KEY_CHECK_MIGRATION: Final = "0006_key_check.sql"
MANIFEST_BYTES_MAX: Final = 1_000_000
_CONTEXT: Final = b"sovang/backup-manifest/v1\x00"
_FILES: Final = {DUMP, NEWEST_HEAD, PORTABLE, KEY, KEY + SEALED, SIGNING, SIGNING + SEALED}


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup whose files are as its manifest says; `signature` was not looked at yet."""

    folder: Path
    content: bytes
    manifest: dict[str, Any]
    signature: bytes | None

    @property
    def is_of_older_program(self) -> bool:
        """Whether a program made it that signed nothing."""
        return bool(self.manifest["format"] == FORMAT_UNSIGNED)

    def has(self, name: str) -> bool:
        """Whether a file belongs to the backup."""
        return name in self.manifest["files"]


def read_backup(folder: Path) -> Backup:
    """A backup, with every file as its manifest says. Raises `Rejected`."""
    try:
        with (folder / MANIFEST).open("rb") as file:
            content = file.read(MANIFEST_BYTES_MAX)
        manifest: dict[str, Any] = json.loads(content)
        _check_form(folder, manifest)
        for name, said in manifest["files"].items():
            if name not in _FILES or sha256_of(folder / name) != said["sha256"]:
                raise Rejected("backup-altered", field="DIR", path=str(folder / name))
        signature = folder / SIGNATURE
        signed = signature.read_bytes()[:MANIFEST_BYTES_MAX] if signature.is_file() else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Rejected("backup-not-found", field="DIR", path=str(folder)) from None
    return Backup(folder, content, manifest, signed)


def _check_form(folder: Path, manifest: dict[str, Any]) -> None:
    """Raise `Rejected` unless the manifest is of a form that is known, and names what it must."""
    if manifest["format"] not in {FORMAT, FORMAT_UNSIGNED}:
        raise Rejected("backup-format-unknown", field="DIR", path=str(folder))
    files = manifest["files"]
    log, data = manifest["log"], DUMP in files or PORTABLE in files
    if not data or (KEY in files) == (KEY + SEALED in files) or not isinstance(log["rows"], dict):
        raise Rejected("backup-altered", field="DIR", path=str(folder / MANIFEST))
    # Who takes away the signature may not say that an older program made the backup.
    if manifest["format"] == FORMAT_UNSIGNED and KEY_CHECK_MIGRATION in manifest["migrations"]:
        raise Rejected("backup-altered", field="DIR", path=str(folder / MANIFEST))
    if manifest["format"] == FORMAT:
        bytes.fromhex(manifest["key_check"])
        datetime.fromisoformat(manifest["made_at"])


def sign_manifest(signer: Signer, content: bytes) -> bytes:
    """The file that says who made a manifest."""
    signature = signer.sign(_CONTEXT + content)
    return bytes(rfc8785.dumps({"kid": signer.kid.hex(), "signature": signature.hex(), "v": 1}))


def manifest_signer(database: Database, settings: Settings) -> tuple[Signer | None, bool]:
    """The log's own key, and whether this register stands on trial keys or none.

    None where no key list was ever published. Raises `NotReady` if the key is not to be had here.
    """
    try:
        key_list = list_in_force(database.registry())
    except NotReady:
        return None, True
    folder = signing_folder(settings.home)
    key_set = open_key_set(folder, settings.key_passphrase_file, settings.token_pin_file)
    return key_set.signer(key_list, "log", int(time.time()), "Ed25519"), key_list.trial


def verify_manifest(
    backup: Backup, registry: Registry, roots: Sequence[NoteKey], *, unsigned: bool
) -> None:
    """Raise `VerificationFailed` unless the log's own key signed the manifest.

    A register without a key list has nobody who could sign; then, and where `unsigned` says that
    the caller answers for it, a manifest without a signature is taken, but never against roots.
    """
    lists = FollowedLists(roots)
    for fact in published_lists(registry):
        lists.go_on(fact.position, fact.event.note.encode())
    lists.pinned.finish()
    if backup.signature is None:
        keyless = lists.trusted is None or backup.is_of_older_program
        if roots or not (keyless or unsigned):
            raise VerificationFailed("backup-unsigned")
        return
    if lists.trusted is None:
        raise VerificationFailed("backup-signature-wrong")
    try:
        said = json.loads(backup.signature)
        kid, signature = bytes.fromhex(said["kid"]), bytes.fromhex(said["signature"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise VerificationFailed("backup-signature-wrong") from error
    key = lists.trusted.key_list.find(kid, "log")
    made_at = int(datetime.fromisoformat(backup.manifest["made_at"]).timestamp())
    if key is None or key.algorithm != "Ed25519" or key.judge(made_at) != "valid":
        raise VerificationFailed("backup-signature-wrong")
    try:
        verify_signature("Ed25519", key.public, signature, _CONTEXT + backup.content)
    except VerificationFailed as error:
        raise VerificationFailed("backup-signature-wrong") from error
