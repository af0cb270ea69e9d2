"""Whose keys this register signs with, and which it tells others to trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.proofs.key_list import KeyList
    from registry.proofs.keys import Purpose, Signer


@dataclass(frozen=True, slots=True)
class Trust:
    """The key list as its roots signed it, and those of its keys whose secrets are here."""

    note: bytes
    key_list: KeyList
    signers: Mapping[Purpose, Signer]

    def signer(self, use: Purpose) -> Signer:
        """What signs for a purpose. Raises `NotReady` where there is no such key."""
        signer = self.signers.get(use)
        if signer is None:
            raise NotReady("signing-key-missing", use=use)
        return signer

    def public_keys(self, use: Purpose) -> dict[bytes, bytes]:
        """Raw public keys for a purpose by kid, those that have ended too."""
        return {key.kid: key.public for key in self.key_list.of(use)}
