"""What a kit holds a second time, each as a file of its own, for whoever wants to read just that.

    decisions/STREAM/000001.json       a fact of a decision: its exact stored bytes
    status/000000/000000000012.jwt     a version of a status list as it was signed, by its position
    log/keys/000000000001              a version of the key list as the roots signed it, likewise

All stand in the facts already. A copy that differs from its fact is told by the audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.errors import VerificationFailed
from registry.proofs.leaves import StoredFact, event_of

LIST_NAMES: Final = frozenset({"status-list-published.v1"})
"""Stored names of facts that publish a status list; its text is `credential` in their event."""

KEY_LIST_NAMES: Final = frozenset({"key-list-published.v1"})
"""Stored names of facts that publish a key list; its text is `note` in their event."""

_DECISION: Final = "decision-"


def copies_of(fact: StoredFact) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files that repeat a fact. Raises `VerificationFailed`."""
    if fact.name in LIST_NAMES:
        number, credential = list_in(fact)
        yield f"status/{number:06d}/{fact.position:012d}.jwt", credential.encode()
    elif fact.name in KEY_LIST_NAMES:
        yield key_list_name(fact.position), key_list_in(fact)
    elif fact.name.startswith(_DECISION):
        yield f"decisions/{fact.stream}/{fact.version:06d}.json", fact.state


def list_in(fact: StoredFact) -> tuple[int, str]:
    """Number and signed text of the list that a fact publishes. Raises `VerificationFailed`."""
    event = event_of(fact) or {}
    number, credential = event.get("number"), event.get("credential")
    if type(number) is not int or number < 0 or type(credential) is not str:
        raise VerificationFailed("status-list-malformed")
    return number, credential


def key_list_in(fact: StoredFact) -> bytes:
    """The key list that a fact publishes, as it was signed. Raises `VerificationFailed`."""
    note = (event_of(fact) or {}).get("note")
    if type(note) is not str:
        raise VerificationFailed("key-list-malformed")
    return note.encode()


def key_list_name(position: int) -> str:
    """The file of the key list that the fact at a position publishes."""
    return f"log/keys/{position:012d}"
