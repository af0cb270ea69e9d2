"""What stands in the way of a withdrawal and is no award's own business: open service cases.

Which cases there are is known to the registers alone, so they must know all of the log first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.cases import open_cases_of_awards
from registry.errors import NotReady, Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from api.service import Service


def require_registers(service: Service, names: str) -> None:
    """Raise `NotReady` unless the registers know all of the log."""
    if not service.wait_for(service.registry.log.head().position):
        raise NotReady("registers-behind", names=names)


def refuse_open_cases(service: Service, award_ids: Sequence[UUID]) -> None:
    """Raise `Rejected` naming the first open case about one of these awards."""
    require_registers(service, "cases")
    with service.reading() as rows:
        for case in open_cases_of_awards(rows, award_ids):
            raise Rejected("withdraw-case-open", receipt=case.receipt)
