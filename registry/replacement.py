"""What a service case allows to be made anew: the word between a case and an award.

The award's rules ask a case for its permission when an artifact is exchanged or issued again;
they know nothing else of cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias
from uuid import UUID

ReplacementKind = Literal["exchange", "reissue"]


@dataclass(frozen=True, slots=True)
class Mandate:
    """These components of this award may be replaced, in this way."""

    award_id: UUID
    kind: ReplacementKind
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing may be replaced yet, or ever: `code` names the rule that says so."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


Permission: TypeAlias = Mandate | Withheld


class Permitting(Protocol):
    """The state of a service case, as an award sees it."""

    @property
    def permission(self) -> Permission:
        """What may be replaced now."""
