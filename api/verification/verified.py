"""Payloads whose signatures held lately, so that what everybody checks is verified once.

A signature is a matter of the bytes and of the key list alone: it stays remembered until there is
another list. Whether the paper is in force is never remembered; that is asked every time. Only
what was genuine is kept, so that nobody can fill this with forgeries.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final

from registry.proofs.digits import digits_of_link, digits_to_bytes
from registry.proofs.payload import Signed, parse_envelope, verify_envelope

if TYPE_CHECKING:
    from registry.proofs.key_list import KeyList

PAYLOADS_MAX: Final = 4_096
# A certificate's link has some 500; spaces around it do not count, but could be many.
CHARACTERS_MAX: Final = 1_000


class VerifiedPayloads:
    """Payloads by the text that was scanned; those asked for longest ago go first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._key_list: KeyList | None = None
        self._signed: OrderedDict[str, Signed] = OrderedDict()

    def __len__(self) -> int:
        return len(self._signed)

    def verify(self, text: str, key_list: KeyList) -> Signed:
        """What a link or its digits carry. Raises `VerificationFailed` as the payload does."""
        known = self._find(text, key_list)
        if known is not None:
            return known
        signed = verify_envelope(parse_envelope(digits_to_bytes(digits_of_link(text))), key_list)
        if len(text) <= CHARACTERS_MAX:
            self._keep(text, key_list, signed)
        return signed

    def _find(self, text: str, key_list: KeyList) -> Signed | None:
        with self._lock:
            # Another object may be another list; `Trust` gives the same one while nothing changed.
            if key_list is not self._key_list:
                self._key_list = key_list
                self._signed.clear()
            if text in self._signed:
                self._signed.move_to_end(text)
            return self._signed.get(text)

    def _keep(self, text: str, key_list: KeyList, signed: Signed) -> None:
        with self._lock:
            # What was verified under an older list meanwhile may not count under this one.
            if key_list is self._key_list:
                self._signed[text] = signed
                if len(self._signed) > PAYLOADS_MAX:
                    self._signed.popitem(last=False)
