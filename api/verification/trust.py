"""Whose keys this register signs with, and which it tells others to trust.

The key list is read again every few seconds: a key that is revoked on another machine, or at the
shell, counts for nothing here from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeAlias

from registry.errors import NotReady
from registry.proofs.key_list import KeyList, parse_key_list
from registry.proofs.notes import parse_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.proofs.keys import Purpose, Signer

READ_AGAIN_SECONDS: Final = 5.0

FindSigner: TypeAlias = "Callable[[KeyList, Purpose], Signer]"
"""Finds what signs for a purpose, by the key list in force. Raises `NotReady`."""
FindCertificate: TypeAlias = "Callable[[Signer], bytes]"
"""Finds the certificate (PEM) of a key that signs PDF. Raises `NotReady`."""


@dataclass(frozen=True, slots=True)
class _Read:
    note: bytes
    key_list: KeyList
    at: float


class Trust:
    """The key list in force as its roots signed it, and what signs with its keys.

    `load` reads the newest list; `find_signer` is None where no secrets are kept.
    """

    def __init__(
        self,
        load: Callable[[], bytes],
        find_signer: FindSigner | None = None,
        find_certificate: FindCertificate | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._load = load
        self._find_signer = find_signer
        self._find_certificate = find_certificate
        self._clock = clock
        self._read: _Read | None = None

    @property
    def note(self) -> bytes:
        """The signed key list."""
        return self._newest().note

    @property
    def key_list(self) -> KeyList:
        """What it says."""
        return self._newest().key_list

    def signer(self, use: Purpose) -> Signer:
        """What signs for a purpose. Raises `NotReady` where there is no such key."""
        if self._find_signer is None:
            raise NotReady("signing-key-missing", use=use)
        return self._find_signer(self.key_list, use)

    @property
    def signs(self) -> bool:
        """Whether there are secrets here at all."""
        return self._find_signer is not None

    def pdf_signer(self) -> tuple[Signer, bytes] | None:
        """What signs PDF, with its certificate; None where there is none."""
        if self._find_signer is None or self._find_certificate is None:
            return None
        signer = self.signer("pdf")
        return signer, self._find_certificate(signer)

    def public_keys(self, use: Purpose) -> dict[bytes, bytes]:
        """Raw public keys for a purpose by kid, those that have ended too."""
        return {key.kid: key.public for key in self.key_list.of(use)}

    def _newest(self) -> _Read:
        read, now = self._read, self._clock()
        if read is None or now - read.at >= READ_AGAIN_SECONDS:
            note = self._load()
            if read is not None and note == read.note:
                read = _Read(note, read.key_list, now)
            else:
                # The office's own database: nothing is verified, see `registry.trust`.
                read = _Read(note, parse_key_list(parse_note(note).text), now)
            self._read = read
        return read
