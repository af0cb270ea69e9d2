"""What stands in the way of a withdrawal and is no award's own business.

Open service cases, and what rests on a decision: both are known to the registers alone, so they
must know all of the log first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.cases import open_cases_of_awards
from registry.errors import NotReady, Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from psycopg import Cursor

    from api.service import Service

REGISTERS_ASKED = "awards, cases, decisions"


def require_registers(service: Service) -> None:
    """Raise `NotReady` unless the registers know all of the log."""
    if not service.wait_for(service.registry.log.head().position):
        raise NotReady("registers-behind", names=REGISTERS_ASKED)


def refuse_open_cases(service: Service, award_id: UUID) -> None:
    """Raise `Rejected` naming the first open case about an award."""
    require_registers(service)
    with service.reading() as rows:
        for receipt in open_cases(rows, [award_id]).values():
            raise Rejected("withdraw-case-open", receipt=receipt)


def open_cases(cursor: Cursor[object], award_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The receipt of an open case about each award that has one."""
    cases = open_cases_of_awards(cursor, award_ids)
    return {case.award_id: case.receipt for case in cases if case.award_id is not None}
