"""Awards judged anew after what their authority rests on was corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.awards import award_ids_naming
from registry.award import ReviewAward
from registry.errors import NotReady
from registry.register import Order

if TYPE_CHECKING:
    from uuid import UUID

    from api.service import Writing


def reviews_under(writing: Writing, decision_id: UUID) -> tuple[Order, ...]:
    """The review of every award that names a decision, to be carried out with its correction.

    Raises `NotReady` unless the registers know all of the log: an award left out would be printed
    under an authority that nobody looked at.
    """
    service = writing.service
    if not service.wait_for(service.registry.log.head().position):
        raise NotReady("registers-behind", names="awards")
    with service.reading() as rows:
        found = award_ids_naming(rows, decision_id)
    return tuple(Order("award", one, ReviewAward(decision_id)) for one in found)
