"""Cancelling a decision: every award under it goes along, in one transaction.

Asked with `dry_run`, everything is judged and nothing recorded, so that one sees first what it
means. Which awards are under a decision is known to the registers alone, because lines of old
registers only cite theirs: so the registers must know all of the log first.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import json_answer
from api.commands import parse_identifier, typed_to_date
from api.conditional import format_etag
from api.http.direct_route import DirectRoute
from api.outcome import outcome_of
from api.recording import carry_out, rehearse
from api.records import fold_decision, read_decision
from api.revoking import cancel_command
from api.revoking_bodies import CancelDecisionBody
from api.revoking_effects import Effects, effects_of
from api.service import Writes
from api.views import decision_to_view, remark_to_view
from registry.decision import CancelDecision, Standing
from registry.errors import NotReady, Rejected
from registry.register import Order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.records import DecisionRecord
    from api.service import Writing
    from api.views import RemarkView
    from registry.fact import Named
    from registry.remark import Remark

router = APIRouter(prefix="/api/decisions", tags=["revoking"], route_class=DirectRoute)


@router.post("/{decision_id}/cancel")
def cancel_decision(decision_id: str, body: CancelDecisionBody, writing: Writes) -> Response:
    """Make a decision void with every award under it, or show with `dry_run` what that means."""
    record = read_decision(writing.service.registry, parse_identifier(decision_id))
    effects = _effects(writing, record)
    if body.dry_run and (body.decision_id is None or body.reason is None):
        return _answer(writing, record, effects, {"dry_run": True, "remarks": []})
    orders = _orders(writing, record, effects, body)
    # Asked again, only awards are left to cancel; it is the decision that the client saw.
    named: Named = ("decision", record.id)
    if body.dry_run:
        remarks = rehearse(writing, orders, basis=body.basis, named=named)
        shown = _distinct(remarks, writing)
        return _answer(writing, record, effects, {"dry_run": True, "remarks": shown})
    done, recorded = carry_out(writing, orders, basis=body.basis, named=named)
    outcome = {
        "dry_run": False,
        **outcome_of(writing, recorded, dict.fromkeys(done.remarks)),
    }
    if recorded.stream_id == record.id:
        record = fold_decision(done.facts)
    return _answer(writing, record, effects, outcome)


def _distinct(remarks: Iterable[Remark], writing: Writing) -> list[RemarkView]:
    """Each doubt once, though it may be about every award."""
    return [remark_to_view(one, writing.language) for one in dict.fromkeys(remarks)]


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
    command = cancel_command(writing, body, deciding, reason, cancelled_on)
    orders = [Order("award", one, command) for one in effects.award_ids_to_cancel]
    if isinstance(record.state, Standing) or not orders:
        own = CancelDecision(deciding, reason, cancelled_on, body.note)
        orders.insert(0, Order("decision", record.id, own))
    return orders


def _answer(
    writing: Writing, record: DecisionRecord, effects: Effects, outcome: dict[str, Any]
) -> Response:
    body = {
        **asdict(decision_to_view(record, writing.language)),
        "effects": asdict(effects.view),
        **outcome,
    }
    return json_answer(body, headers={"ETag": format_etag(record.version)})
