"""Signatures that are remembered: never under another key list, never what was forged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from api.verification import verified
from api.verification.verified import CHARACTERS_MAX, VerifiedPayloads
from registry.errors import VerificationFailed
from registry.proofs.digits import bytes_to_digits
from registry.proofs.payload import verify_envelope
from tests.test_proofs_payload import KEYS, made

if TYPE_CHECKING:
    from registry.proofs.key_list import KeyList
    from registry.proofs.payload import Envelope, Signed

TEXT = bytes_to_digits(made())


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Payloads whose signature was really checked, from now on."""
    seen: list[bytes] = []

    def watching(envelope: Envelope, key_list: KeyList) -> Signed:
        seen.append(envelope.content)
        return verify_envelope(envelope, key_list)

    monkeypatch.setattr(verified, "verify_envelope", watching)
    return seen


def test_what_was_genuine_is_checked_once(checks: list[bytes]) -> None:
    memory = VerifiedPayloads()
    assert len({memory.verify(TEXT, KEYS) for _ in range(10)}) == 1
    assert len(checks) == 1


def test_another_key_list_judges_anew(checks: list[bytes]) -> None:
    memory = VerifiedPayloads()
    memory.verify(TEXT, KEYS)
    without = replace(KEYS, version=2, keys=())
    with pytest.raises(VerificationFailed, match="payload-key-unknown"):
        memory.verify(TEXT, without)
    memory.verify(TEXT, KEYS)
    assert len(checks) == 3


def test_forgeries_and_long_texts_are_not_kept(checks: list[bytes]) -> None:
    memory = VerifiedPayloads()
    forged = bytes_to_digits(made()[:-1] + b"\0")
    for _ in range(3):
        with pytest.raises(VerificationFailed):
            memory.verify(forged, KEYS)
        memory.verify(TEXT + " " * CHARACTERS_MAX, KEYS)
    assert (len(checks), len(memory)) == (6, 0)


def test_memory_is_bounded_and_keeps_what_is_asked_for(
    checks: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verified, "PAYLOADS_MAX", 3)
    memory = VerifiedPayloads()
    for spaces in range(6):
        memory.verify(TEXT, KEYS)
        memory.verify(TEXT + " " * (spaces + 1), KEYS)
    assert len(memory) == 3
    assert len(checks) == 7
