"""What stands in the way of a withdrawal and is no award's own business.

Open service cases, and what rests on a decision: both are known to the registers alone, so they
must know all of the log first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from projections.awards import golden_heirs
from projections.cases import open_cases_of_awards
from registry.award import WithdrawAward
from registry.errors import NotReady, Rejected

if TYPE_CHECKING:
    from psycopg import Cursor

    from api.service import Service

REGISTERS_ASKED = "awards, cases, decisions"


@dataclass(frozen=True, slots=True)
class Seen:
    """Receipts of open cases by award, and who else bears an award's golden-book number."""

    open_cases: Mapping[UUID, str]
    golden_heirs: Mapping[UUID, UUID]

    def command_for(self, award_id: UUID, command: WithdrawAward) -> WithdrawAward:
        """The command for one of the awards. Raises `Rejected` for one with an open case."""
        receipt = self.open_cases.get(award_id)
        if receipt is not None:
            raise Rejected("withdraw-case-open", receipt=receipt)
        return replace(command, golden_heir=self.golden_heirs.get(award_id))


def require_registers(service: Service) -> None:
    """Raise `NotReady` unless the registers know all of the log."""
    if not service.wait_for(service.registry.log.head().position):
        raise NotReady("registers-behind", names=REGISTERS_ASKED)


def seen_by_registers(cursor: Cursor[Any], award_ids: Sequence[UUID]) -> Seen:
    """What the registers know of awards that are to be withdrawn together."""
    return Seen(open_cases(cursor, award_ids), golden_heirs(cursor, award_ids))


def open_cases(cursor: Cursor[Any], award_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The receipt of an open case about each award that has one."""
    cases = open_cases_of_awards(cursor, award_ids)
    return {case.award_id: case.receipt for case in cases if case.award_id is not None}
