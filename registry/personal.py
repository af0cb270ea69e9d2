"""Facts about a person that no decision publishes: sealed before they reach the log.

A value is `Clear` only in memory, between a command and its storing or after somebody
with the right to read it has opened it. In the log it is `Sealed` under the person's own
key, bound to its place, so that destroying one key erases one person and nobody can move
a sealed value to another record. See `registry.sealing`.
"""

from __future__ import annotations

from typing import Literal

PersonalKind = Literal["birth-date", "residence", "identity-paper", "phone"]
PERSONAL_KINDS: tuple[PersonalKind, ...] = ("birth-date", "residence", "identity-paper", "phone")


class Personal:
    """A personal value of one person, clear or sealed.

    `subject` is the person's random id; `kind` says what the value is. One fact holds at
    most one value of a kind per person, so (stream, version, event, subject, kind) is a place.
    """

    __slots__ = ("kind", "subject")

    def __init__(self, subject: str, kind: PersonalKind) -> None:
        self.subject = subject
        self.kind = kind


class Clear(Personal):
    """A personal value that can be read."""

    __slots__ = ("value",)

    def __init__(self, subject: str, kind: PersonalKind, value: str) -> None:
        self.subject = subject
        self.kind = kind
        self.value = value

    def __eq__(self, other: object) -> bool:
        """Same person, same kind, same value."""
        return isinstance(other, Clear) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        """Never the value: representations end up in logs."""
        return f"Clear({self.kind} of {self.subject})"

    def _parts(self) -> tuple[str, str, str]:
        return (self.subject, self.kind, self.value)


class Sealed(Personal):
    """A personal value as it is stored; base64url without padding in every part."""

    __slots__ = ("ciphertext", "commitment", "nonce")

    def __init__(
        self, subject: str, kind: PersonalKind, nonce: str, ciphertext: str, commitment: str
    ) -> None:
        self.subject = subject
        self.kind = kind
        self.nonce = nonce
        self.ciphertext = ciphertext
        self.commitment = commitment

    def __eq__(self, other: object) -> bool:
        """Same stored bytes."""
        return isinstance(other, Sealed) and self.as_stored() == other.as_stored()

    def __hash__(self) -> int:
        return hash((self.subject, self.kind, self.nonce, self.ciphertext))

    def __repr__(self) -> str:
        return f"Sealed({self.kind} of {self.subject})"

    def as_stored(self) -> dict[str, str]:
        """The JSON object that stands for this value in a fact."""
        return {
            "ciphertext": self.ciphertext,
            "commitment": self.commitment,
            "kind": self.kind,
            "nonce": self.nonce,
            "subject": self.subject,
        }
