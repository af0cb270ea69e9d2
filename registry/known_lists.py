"""The newest key list that this machine has seen for each log: an older one is somebody's trick.

    STATE/key-lists/SHA256-OF-ORIGIN      the list as its roots signed it

Whoever checks offline is given a key list by the same hand that gives the certificate. A list from
before a theft would make the thief's work good; so a list must follow the one that was seen last,
by the rules of `registry.proofs.key_list`: newer, with every key that was known, signed by the
roots that counted then. Roots that the caller names himself count for more than what was seen.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from registry.durable_files import replace_file
from registry.errors import Rejected, VerificationFailed
from registry.proofs.key_list import KeyList, TrustedKeys, parse_key_list
from registry.proofs.notes import NOTE_BYTES_MAX, parse_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.proofs.notes import NoteKey


class KnownLists:
    """What was seen, in a folder; without a folder nothing is remembered.

    `remembers` says whether the list accepted last is kept: a folder may not be writable.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.remembers = False

    def accept(
        self, content: bytes, roots: Sequence[NoteKey], now: int, version_min: int = 0
    ) -> KeyList:
        """The list in these bytes, if it may follow what was seen; it is remembered then.

        Raises `VerificationFailed` for one that may not, `Rejected` for a spoilt memory.
        """
        listed = parse_key_list(parse_note(content).text)
        trusted = self._trusted(listed, roots)
        key_list = trusted.accept(content, now)
        if key_list.version < version_min:
            raise VerificationFailed(
                "key-list-too-old", version=key_list.version, needed=version_min
            )
        self._keep(key_list.log, content)
        return key_list

    def path(self, log: str) -> Path | None:
        """Where the list of a log is kept."""
        if self._folder is None:
            return None
        return self._folder / sha256(log.encode()).hexdigest()

    def _trusted(self, listed: KeyList, roots: Sequence[NoteKey]) -> TrustedKeys:
        """Whom to trust: the named roots, else those of the list seen last, else its own."""
        fresh = TrustedKeys(roots or listed.roots, listed.threshold)
        seen = self._seen(listed.log)
        if seen is None:
            return fresh
        content, known = seen
        trusted = TrustedKeys(roots or known.roots, known.threshold)
        try:
            trusted.accept(content, known.issued_at)
        except VerificationFailed:
            # What was seen is not by the roots that the caller knows: they count for more.
            return fresh
        return trusted

    def _seen(self, log: str) -> tuple[bytes, KeyList] | None:
        path = self.path(log)
        try:
            if path is None:
                return None
            with path.open("rb") as file:
                content = file.read(NOTE_BYTES_MAX + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Rejected("known-list-spoilt", path=str(path)) from error
        try:
            known = parse_key_list(parse_note(content).text)
            if known.log == log:
                return content, known
        except VerificationFailed as error:
            raise Rejected("known-list-spoilt", path=str(path)) from error
        raise Rejected("known-list-spoilt", path=str(path))

    def _keep(self, log: str, content: bytes) -> None:
        path = self.path(log)
        if path is None:
            return
        try:
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(path, content)
            self.remembers = True
        except OSError:
            # Looked at from a machine that keeps nothing: the verdict is the same.
            self.remembers = False
