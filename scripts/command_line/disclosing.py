"""An auditor's own key: made on his machine, and what it opens in a kit."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from registry.disclosure import DisclosePersonalKeys
from registry.durable_files import write_file
from registry.errors import Rejected
from registry.proofs.disclosure import SECRET_BYTES, new_secret, public_of

if TYPE_CHECKING:
    from projections.recount import Recount
    from projections.recount_persons import TellFunction
    from registry.personal import Clear
    from scripts.command_line.session import Session


@dataclass(slots=True)
class Opening:
    """The opening of sealed values in one audit, and how many there were."""

    secret: bytes
    lines: Iterator[bytes]
    tell: TellFunction
    opened: int = 0
    sealed: int = 0

    def begin(self, recount: Recount) -> None:
        """Before the audit. Raises `VerificationFailed` for keys that are not ours."""
        recount.open_persons(self.secret, self.lines, self.tell)

    def end(self, recount: Recount) -> None:
        """After it."""
        if recount.persons is not None:
            self.opened, self.sealed = recount.persons.opened, recount.persons.unopened


def asked_by(
    auditor_key: str | None, auditor: str | None, basis: str | None
) -> DisclosePersonalKeys | None:
    """What an auditor asks for by three options; Raises `Rejected` for some without the others."""
    if auditor_key is None and auditor is None and basis is None:
        return None
    if auditor_key is None or auditor is None or basis is None:
        raise Rejected("disclosure-half-said", field="--auditor-key")
    return DisclosePersonalKeys(auditor, auditor_key, basis)


def make(session: Session, path: Path) -> None:
    """Make an auditor's key in a new file; print the public part."""
    secret = new_secret()
    write_new(path, secret.hex().encode() + b"\n")
    public = public_of(secret)
    if session.as_json:
        session.answer({"public": public, "path": str(path)})
    else:
        session.say("auditor.made", path=path)
        print(public)


def read_secret(path: Path) -> bytes:
    """The secret in an auditor's file. Raises `Rejected`."""
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise Rejected("auditor-key-unreadable", field="--key", path=str(path)) from error
    if len(secret) != SECRET_BYTES:
        raise Rejected("auditor-key-unreadable", field="--key", path=str(path))
    return secret


@contextmanager
def opened_values(path: Path | None) -> Iterator[TellFunction]:
    """Where opened values go: a new file that nobody else may read, or nowhere."""
    if path is None:
        yield lambda _position, _value: None
        return
    write_new(path, b"")
    with path.open("a", encoding="utf-8") as file:

        def tell(position: int, value: Clear) -> None:
            who = {"position": position, "person": value.subject}
            told = {**who, "kind": value.kind, "value": value.value}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")

        yield tell


def write_new(path: Path, content: bytes) -> None:
    """Write a new file that nobody else may read. Raises `Rejected`."""
    try:
        write_file(path, content)
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        raise Rejected("new-file-unusable", field="FILE", path=str(path), reason=reason) from error
