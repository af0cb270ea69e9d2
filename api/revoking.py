"""Routes that take an award away and give it back: cancel, strip, restore; a judgment noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import Response

from api.award_answers import changed_award_answer
from api.commands import parse_identifier, require_date, typed_to_date
from api.http.direct_route import DirectRoute
from api.recording import execute
from api.records import read_award
from api.revoking_bodies import CancelAwardBody, RecallTerms, RestoreBody, StripBody, VerdictBody
from api.service import Writes
from api.terms_of_law import recall_due_on, strip_due_on
from api.views import AwardView
from api.working_days.calendar import days_decided
from registry.award import CancelAward, NoteVerdict, RestoreAward, StripTitle
from registry.decision import Registered
from registry.messages import VIETNAM_TIME

if TYPE_CHECKING:
    from uuid import UUID

    from api.service import Writing
    from registry.decision import CancelReason

router = APIRouter(prefix="/api/awards", tags=["revoking"], route_class=DirectRoute)


@router.post("/{award_id}/cancel", response_model=AwardView)
def cancel_award(award_id: str, body: CancelAwardBody, writing: Writes) -> Response:
    """Make one award void, by a decision that cancels; the recall of its artifacts follows."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    by = parse_identifier(body.decision_id, "decision_id")
    cancelled_on = typed_to_date("cancelled_on", body.cancelled_on)
    command = cancel_command(writing, body, by, body.reason, cancelled_on)
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


@router.post("/{award_id}/strip", response_model=AwardView)
def strip_title(award_id: str, body: StripBody, writing: Writes) -> Response:
    """Take a state honorary title from its holder; that it was held stays in the register."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    by = parse_identifier(body.decision_id, "decision_id")
    stripped_on = typed_to_date("stripped_on", body.stripped_on)
    due_on, ordered_on = _recall_of(writing, body, stripped_on or _decided_on(writing, by))
    command = StripTitle(by, stripped_on, due_on, ordered_on, body.note)
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


@router.post("/{award_id}/restore", response_model=AwardView)
def restore_award(award_id: str, body: RestoreBody, writing: Writes) -> Response:
    """Let an award stand again that was cancelled or stripped; what was between stays."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    by = parse_identifier(body.decision_id, "decision_id")
    command = RestoreAward(by, typed_to_date("restored_on", body.restored_on), body.note)
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


@router.post("/{award_id}/note-verdict", response_model=AwardView)
def note_verdict(award_id: str, body: VerdictBody, writing: Writes) -> Response:
    """A judgment on a title's holder took effect: from then on runs the time to propose."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    effective_on = require_date("effective_on", body.effective_on)
    due_on, rule = strip_due_on(effective_on, days_decided(writing.service.registry))
    command = NoteVerdict(
        effective_on, body.sentence, body.court, body.judgment, due_on, rule, body.ground
    )
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


def cancel_command(
    writing: Writing, body: RecallTerms, by: UUID, reason: CancelReason, cancelled_on: str | None
) -> CancelAward:
    """The cancelling of an award by a decision, with the day until which recall must be done."""
    due_on, ordered_on = _recall_of(writing, body, cancelled_on or _decided_on(writing, by))
    return CancelAward(by, reason, cancelled_on, due_on, ordered_on, body.note)


def _recall_of(
    writing: Writing, body: RecallTerms, since: str | None
) -> tuple[str | None, str | None]:
    """Until when artifacts must be back, and the day of the order if there is one.

    A recall that is ordered together with the decision is ordered on its day.
    """
    due_on = typed_to_date("recall_due_on", body.recall_due_on)
    due_on = due_on or recall_due_on(since, days_decided(writing.service.registry))
    return due_on, (since or _today(writing)) if body.order_recall else None


def _decided_on(writing: Writing, decision_id: UUID) -> str | None:
    """The day of the decision that something rests on; the rule says so if there is none."""
    state = writing.service.registry.load("decision", decision_id).state
    return state.content.decided_on if isinstance(state, Registered) else None


def _today(writing: Writing) -> str:
    return writing.service.registry.clock().astimezone(VIETNAM_TIME).date().isoformat()
