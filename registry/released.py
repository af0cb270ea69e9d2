"""Names that are free again, because the record that bore them was entered by mistake.

A claim is released with the fact that withdraws its record, and says from then on who bore the
name last. What is not about the register's text stays taken for ever: a request that was carried
out, a place in the status lists and a signed file, which strangers hold proofs of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from registry.award import AwardWithdrawn
from registry.decision import DecisionWithdrawn
from registry.kinds import DECIDERS, KIND_OF_EVENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from registry.fact import Claim, ClaimKind

WITHDRAWALS: Final = frozenset({AwardWithdrawn, DecisionWithdrawn})
RELEASED_KINDS: Final[frozenset[ClaimKind]] = frozenset(
    {"award", "decision", "golden-number", "receipt", "serial"}
)


def withdraws(events: Iterable[object]) -> bool:
    """Whether one of these events withdraws its record."""
    return any(type(event) in WITHDRAWALS for event in events)


def names_of(events: Sequence[Any]) -> Iterator[Claim]:
    """The names that a record took with its events, in order, and that go when it is withdrawn."""
    decider = DECIDERS[KIND_OF_EVENT[type(events[0])]]
    state: Any = decider.INITIAL
    for event in events:
        state = decider.evolve(state, event)
        yield from (one for one in decider.claims(state, event) if one.kind in RELEASED_KINDS)


def heir_of(claim: Claim, event: object) -> UUID | None:
    """Who has a name from the withdrawal of its bearer on; None where it is simply free."""
    if claim.kind == "golden-number" and isinstance(event, AwardWithdrawn):
        return event.golden_heir
    return None
