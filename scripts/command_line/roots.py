"""The roots, away from the server: made once, brought along for each change of the key list.

On a machine that is never connected: `sovang key roots` makes three, `sovang key sign` adds one
root's signature to a list that the office proposes (`--propose FILE` of every command that changes
keys). `sovang key publish` puts the signed list in force. Only the last needs the register.
"""

from __future__ import annotations

import secrets
import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from registry.durable_files import finish_replacing
from registry.errors import NotReady, Rejected
from registry.key_set import (
    PASSPHRASE_BYTES_MAX,
    ROOTS,
    KeySet,
    open_key_set,
    read_passphrase,
    root_name,
    signing_folder,
)
from registry.proofs.notes import NOTE_BYTES_MAX, plain_key
from registry.proofs.proposals import add_signature, digest_of, read_proposal
from registry.trust import put_in_force
from scripts.command_line.keys import list_json, moment, open_keys, show_list
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from registry.proofs.keys import Signer
    from scripts.command_line.session import Session

ROOT_KEYS_FILE = "roots"
# 128 bits in groups that can be copied from paper.
_PASSPHRASE_GROUPS = 8
_GROUP_BYTES = 2


def make(session: Session, folder: Path) -> None:
    """Make three roots in an empty folder, each under a passphrase of its own, told once."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        reason = error.strerror or ""
        raise Rejected("new-file-unusable", field="DIR", path=str(folder), reason=reason) from error
    made = [_make_one(folder) for _ in range(ROOTS)]
    keys = [str(plain_key(root_name(root), root)) for root, _ in made]
    (folder / ROOT_KEYS_FILE).write_text("".join(f"{key}\n" for key in keys))
    if session.as_json:
        session.answer(
            {
                "roots": [
                    {"file": f"{root_name(root)}.key", "passphrase": words, "key": key}
                    for (root, words), key in zip(made, keys, strict=True)
                ]
            }
        )
        return
    for root, words in made:
        print(session.text("root.made", path=folder / f"{root_name(root)}.key", passphrase=words))
    session.say("root.keep", path=folder / ROOT_KEYS_FILE)


def sign(session: Session, proposal: Path, root: Path, passphrase_file: Path | None) -> None:
    """Say what a proposed list holds, and add a root's signature to it."""
    content = read_file(proposal)
    key_list, _ = read_proposal(content)
    signer = _open(session, root, passphrase_file)
    signed = add_signature(content, root_name(signer), signer)
    proposal.write_bytes(signed)
    count = len(read_proposal(signed)[1].signatures)
    told = {"kid": signer.kid.hex(), "signatures": count, "digest": digest_of(signed)}
    if session.as_json:
        session.answer({**told, "list": list_json(key_list, key_list.issued_at)})
        return
    show_list(session, key_list, key_list.issued_at)
    print(session.text("root.signed", **told))


def rewrap(session: Session, file: Path | None, old: Path | None, new: Path) -> None:
    """Change the passphrase of one key file (a root), or of all keys of this home."""
    passphrase = read_passphrase(new)
    if file is not None:
        key_set, paths = _key_set_of(session, file, old), [file]
    else:
        settings = session.settings
        folder = signing_folder(settings.home)
        key_set, paths = open_key_set(folder, old or settings.key_passphrase_file), None
    kids = [signer.kid.hex() for signer in key_set.rewrap(passphrase, paths)]
    if session.as_json:
        session.answer({"done": "rewrapped", "keys": kids, "passphrase_file": str(new)})
    else:
        session.say("key.rewrapped", count=len(kids), kids=", ".join(kids), path=new)


def publish(session: Session, proposal: Path) -> None:
    """Put a list in force that the roots have signed. Raises `VerificationFailed`."""
    content = read_file(proposal)
    with open_keys(session) as keys:
        key_list = put_in_force(
            keys.database.registry(), keys.key_set, content, keys.now, authorship()
        )
    told = {"version": key_list.version, "until": moment(key_list.expires_at)}
    if session.as_json:
        session.answer({"done": "published", **told, "trial": key_list.trial})
    else:
        session.say("key.published", **told)


def read_file(path: Path) -> bytes:
    """The content of a proposal. Raises `Rejected`."""
    try:
        return path.read_bytes()[: NOTE_BYTES_MAX + 1]
    except OSError as error:
        raise Rejected("proposal-unreadable", field="FILE", path=str(path)) from error


def _make_one(folder: Path) -> tuple[Signer, str]:
    groups = (secrets.token_hex(_GROUP_BYTES) for _ in range(_PASSPHRASE_GROUPS))
    passphrase = "-".join(groups)
    return KeySet(folder, passphrase.encode()).make("root"), passphrase


def _open(session: Session, path: Path, passphrase_file: Path | None) -> Signer:
    return _key_set_of(session, path, passphrase_file).open_file(path)


def _key_set_of(session: Session, path: Path, passphrase_file: Path | None) -> KeySet:
    """The folder of one key file, under the passphrase of that file."""
    finish_replacing(path.parent)
    if not path.is_file():
        raise NotReady("key-set-missing", path=str(path))
    return KeySet(path.parent, _passphrase(session, passphrase_file))


def _passphrase(session: Session, path: Path | None) -> bytes:
    if path is not None:
        return read_passphrase(path)
    asked = getpass(session.text("root.ask")) if sys.stdin.isatty() else sys.stdin.readline()
    return asked.encode()[:PASSPHRASE_BYTES_MAX].strip()
