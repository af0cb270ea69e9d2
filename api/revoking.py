"""Routes that take an award away and give it back: cancel, strip, restore; a judgment noted.

Cancelling a decision takes every award under it along, in one transaction. Asked with
`dry_run`, everything is judged and nothing recorded, so that one sees first what it means.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import json_answer
from api.award_answers import changed_award_answer
from api.commands import parse_identifier, require_date, typed_to_date
from api.conditional import format_etag
from api.recording import carry_out, execute
from api.records import fold_decision, read_award, read_decision
from api.revoking_bodies import (
    CancelAwardBody,
    CancelDecisionBody,
    RestoreBody,
    StripBody,
    VerdictBody,
)
from api.revoking_effects import Effects, effects_of
from api.service import Writes
from api.terms_of_law import recall_due_on, strip_due_on
from api.views import AwardView, decision_to_view, remark_to_view
from registry.award import CancelAward, NoteVerdict, RestoreAward, StripTitle
from registry.decision import CancelDecision, Registered, Standing
from registry.errors import NotReady, Rejected
from registry.messages import VIETNAM_TIME
from registry.register import Order

if TYPE_CHECKING:
    from uuid import UUID

    from api.records import DecisionRecord
    from api.service import Writing

router = APIRouter(prefix="/api", tags=["revoking"])


@router.post("/awards/{award_id}/cancel", response_model=AwardView)
def cancel_award(award_id: str, body: CancelAwardBody, writing: Writes) -> Response:
    """Make one award void, by a decision that cancels; the recall of its artifacts follows."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    by = parse_identifier(body.decision_id, "decision_id")
    command = _cancel_command(writing, body, by)
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


@router.post("/awards/{award_id}/strip", response_model=AwardView)
def strip_title(award_id: str, body: StripBody, writing: Writes) -> Response:
    """Take a state honorary title from its holder; that it was held stays in the register."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    by = parse_identifier(body.decision_id, "decision_id")
    stripped_on = typed_to_date("stripped_on", body.stripped_on)
    due_on, ordered_on = _recall_of(writing, body, stripped_on or _decided_on(writing, by))
    command = StripTitle(by, stripped_on, due_on, ordered_on, body.note)
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


@router.post("/awards/{award_id}/restore", response_model=AwardView)
def restore_award(award_id: str, body: RestoreBody, writing: Writes) -> Response:
    """Let an award stand again that was cancelled or stripped; what was between stays."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    by = parse_identifier(body.decision_id, "decision_id")
    command = RestoreAward(by, typed_to_date("restored_on", body.restored_on), body.note)
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


@router.post("/awards/{award_id}/note-verdict", response_model=AwardView)
def note_verdict(award_id: str, body: VerdictBody, writing: Writes) -> Response:
    """A judgment on a title's holder took effect: from then on runs the time to propose."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    effective_on = require_date("effective_on", body.effective_on)
    due_on, rule = strip_due_on(effective_on)
    command = NoteVerdict(effective_on, body.sentence, body.court, body.judgment, due_on, rule)
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


@router.post("/decisions/{decision_id}/cancel")
def cancel_decision(decision_id: str, body: CancelDecisionBody, writing: Writes) -> Response:
    """Make a decision void with every award under it, or show with `dry_run` what that means."""
    registry = writing.service.registry
    record = read_decision(registry, parse_identifier(decision_id))
    effects = _effects(writing, record)
    if body.dry_run and (body.decision_id is None or body.reason is None):
        return _answer(writing, record, effects, {"dry_run": True, "remarks": []})
    orders = _orders(writing, record, effects, body)
    if body.dry_run:
        outcomes = registry.work(writing.authorship(body.basis)).execute_all(
            orders, writing.expected_version
        )
        remarks = [remark for outcome in outcomes for remark in outcome.remarks]
        shown = [remark_to_view(one, writing.language) for one in remarks]
        return _answer(writing, record, effects, {"dry_run": True, "remarks": shown})
    done, recorded = carry_out(writing, orders, basis=body.basis)
    outcome = {
        "dry_run": False,
        "remarks": [remark_to_view(one, writing.language) for one in done.remarks],
        "position": recorded.position,
        "repeated": recorded.repeated,
        "in_registers": writing.waits and writing.service.wait_for(recorded.position),
    }
    if orders[0].kind == "decision":
        record = fold_decision(done.facts)
    return _answer(writing, record, effects, outcome)


def _effects(writing: Writing, record: DecisionRecord) -> Effects:
    """Everything under a decision. Raises `NotReady` unless the registers know all of it."""
    service = writing.service
    if not service.wait_for(service.registry.log.head().position):
        raise NotReady("registers-behind", names="awards, artifacts")
    with service.reading() as rows:
        return effects_of(rows, record.id, writing.language)


def _orders(
    writing: Writing, record: DecisionRecord, effects: Effects, body: CancelDecisionBody
) -> list[Order]:
    """The decision's cancelling and that of each award which stands.

    A decision that is cancelled already may have awards left that were recorded at the very
    moment of its cancelling: then only these are cancelled.
    """
    by, reason = body.decision_id, body.reason
    if by is None or reason is None:
        missing = "decision_id" if by is None else "reason"
        raise Rejected("value-missing", field=missing)
    deciding = parse_identifier(by, "decision_id")
    cancelled_on = typed_to_date("cancelled_on", body.cancelled_on)
    command = _cancel_command(
        writing, CancelAwardBody(**body.model_dump(exclude={"dry_run"})), deciding
    )
    orders = [Order("award", one, command) for one in effects.award_ids_to_cancel]
    if isinstance(record.state, Standing) or not orders:
        own = CancelDecision(deciding, reason, cancelled_on, body.note)
        orders.insert(0, Order("decision", record.id, own))
    return orders


def _cancel_command(writing: Writing, body: CancelAwardBody, by: UUID) -> CancelAward:
    cancelled_on = typed_to_date("cancelled_on", body.cancelled_on)
    due_on, ordered_on = _recall_of(writing, body, cancelled_on or _decided_on(writing, by))
    return CancelAward(by, body.reason, cancelled_on, due_on, ordered_on, body.note)


def _recall_of(
    writing: Writing, body: CancelAwardBody | StripBody, since: str | None
) -> tuple[str | None, str | None]:
    """Until when artifacts must be back, and the day of the order if there is one.

    A recall that is ordered together with the decision is ordered on its day.
    """
    due_on = typed_to_date("recall_due_on", body.recall_due_on) or recall_due_on(since)
    return due_on, (since or _today(writing)) if body.order_recall else None


def _decided_on(writing: Writing, decision_id: UUID) -> str | None:
    """The day of the decision that something rests on; the rule says so if there is none."""
    state = writing.service.registry.load("decision", decision_id).state
    return state.content.decided_on if isinstance(state, Registered) else None


def _today(writing: Writing) -> str:
    return writing.service.registry.clock().astimezone(VIETNAM_TIME).date().isoformat()


def _answer(
    writing: Writing, record: DecisionRecord, effects: Effects, outcome: dict[str, Any]
) -> Response:
    body = {
        **asdict(decision_to_view(record, writing.language)),
        "effects": asdict(effects.view),
        **outcome,
    }
    return json_answer(body, headers={"ETag": format_etag(record.version)})
