"""Routes that take back what was entered by mistake (ghi nhầm)."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.award_answers import changed_award_answer
from api.commands import parse_identifier
from api.http.direct_route import DirectRoute
from api.recording import execute
from api.records import read_award
from api.service import Writes
from api.views import AwardView
from api.withdrawals.bodies import WithdrawAwardBody
from api.withdrawals.obstacles import refuse_open_cases
from registry.award import WithdrawAward

router = APIRouter(tags=["withdrawals"], route_class=DirectRoute)


@router.post("/api/awards/{award_id}/withdraw", response_model=AwardView)
def withdraw_award(award_id: str, body: WithdrawAwardBody, writing: Writes) -> Response:
    """Say that an award was entered by mistake: it never was, and its names are free again."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    refuse_open_cases(writing.service, [record.id])
    command = WithdrawAward(body.reason, body.with_signed)
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)
