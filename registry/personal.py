"""Facts about a person that no decision publishes: sealed before they reach the log.

A value is `Clear` only in memory, between a command and its storing or after somebody
with the right to read it has opened it. In the log it is `Sealed` under the person's own
key, bound to its place, so that destroying one key erases one person and nobody can move
a sealed value to another record. See `registry.sealing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeVar, get_args

PersonalKind = Literal[
    "birth-date", "residence", "identity-paper", "phone", "priority-ground", "priority-evidence"
]
"""What is known of a person; why a request of his goes first says how old or how ill he is."""
PERSONAL_KINDS: tuple[PersonalKind, ...] = get_args(PersonalKind)

# Fields of bodies, commands and sheets whose values are sealed, or whose full value is (`born`).
SEALED_FIELDS: Final = frozenset(
    {
        "born",
        "born_male",
        "born_female",
        *PERSONAL_KINDS,
        *(kind.replace("-", "_") for kind in PERSONAL_KINDS),
    }
)
# Parameters of an error that repeat what somebody typed.
_REPEATED: Final = frozenset({"typed", "text"})

ParamT = TypeVar("ParamT")


def is_sealed_field(field: str | None) -> bool:
    """Whether a path, such as `recipient.persons[0].born`, names a value that is sealed."""
    if field is None:
        return False
    return field.rpartition(".")[2] in SEALED_FIELDS or field.startswith("personal[")


def without_sealed(field: str | None, params: Mapping[str, ParamT]) -> dict[str, ParamT]:
    """The parameters of an error, without what was typed where that is sealed.

    A mistyped birth date is most of the birth date; errors end in answers, logs and reports.
    """
    if not is_sealed_field(field):
        return dict(params)
    return {name: value for name, value in params.items() if name not in _REPEATED}


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
