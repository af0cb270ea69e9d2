"""Routes that take back what was entered by mistake (ghi nhầm)."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import json_answer
from api.artifact_orders import carry_out_on, find_artifact
from api.award_answers import changed_award_answer
from api.commands import parse_identifier
from api.conditional import format_etag
from api.http.direct_route import DirectRoute
from api.imports.withdrawing import ImportWithdrawal
from api.outcome import outcome_of
from api.recording import carry_out, execute
from api.records import fold_decision, read_award, read_decision
from api.service import Writes
from api.views import AwardView, decision_to_view, remark_to_view
from api.withdrawals.bodies import (
    CorrectDeliveryBody,
    WithdrawAwardBody,
    WithdrawBody,
    WithdrawManyBody,
)
from api.withdrawals.decisions import Plan, plan_decision
from api.withdrawals.deliveries import delivery_corrections_to_command
from api.withdrawals.judged import Asked, refuse_first, refuse_in_the_way, view_of
from api.withdrawals.obstacles import require_registers, seen_by_registers
from registry.award import WithdrawAward, WithdrawDelivery
from registry.rules import require_text

if TYPE_CHECKING:
    from uuid import UUID

    from api.records import DecisionRecord
    from api.service import Writing
    from api.withdrawals.judged import WithdrawalView

router = APIRouter(tags=["withdrawals"], route_class=DirectRoute)


@router.post("/api/awards/{award_id}/withdraw", response_model=AwardView)
def withdraw_award(award_id: str, body: WithdrawAwardBody, writing: Writes) -> Response:
    """Say that an award was entered by mistake: it never was, and its names are free again."""
    record = read_award(writing.service.registry, parse_identifier(award_id))
    require_registers(writing.service)
    with writing.service.reading() as rows:
        seen = seen_by_registers(rows, [record.id])
    command = seen.command_for(record.id, WithdrawAward(body.reason, body.with_signed))
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


@router.post("/api/decisions/{decision_id}/withdraw")
def withdraw_decision(decision_id: str, body: WithdrawManyBody, writing: Writes) -> Response:
    """Take a decision back with the awards entered under it, or show with `dry_run` what that is.

    All of it is one transaction. Awards that only cite the decision stay.
    """
    record = read_decision(writing.service.registry, parse_identifier(decision_id))
    plan = _plan(writing, record, body)
    if body.dry_run:
        return _decision_answer(writing, record, _view(writing, plan), {"dry_run": True})
    require_text("reason", body.reason or "")
    refuse_in_the_way(plan.judged)
    done, recorded = carry_out(
        writing, plan.orders, basis=body.basis, named=("decision", record.id)
    )
    outcome = {"dry_run": False, **outcome_of(writing, recorded, ())}
    if recorded.stream_id == record.id:
        record = fold_decision(done.facts)
    return _decision_answer(writing, record, _view(writing, plan), outcome)


def _plan(writing: Writing, record: DecisionRecord, body: WithdrawManyBody) -> Plan:
    require_registers(writing.service)
    # Nothing is recorded of a dry run; a reason that is not said yet is no obstacle.
    command = WithdrawAward(body.reason or "?", body.with_signed)
    with writing.service.reading() as rows:
        return plan_decision(_asked(writing, body.basis), rows, record, command)


def _asked(writing: Writing, basis: str | None) -> Asked:
    return Asked(
        writing.service.registry,
        writing.authorship(basis),
        partial(writing.may, "withdraw-award"),
        writing.language,
    )


def _view(writing: Writing, plan: Plan) -> WithdrawalView:
    """What a plan means; a doubt about several awards is told once."""
    doubts = dict.fromkeys(plan.judged.remarks)
    shown = [remark_to_view(one, writing.language) for one in doubts]
    return view_of(plan.judged, plan.citing, shown)


def _decision_answer(
    writing: Writing, record: DecisionRecord, effects: WithdrawalView, outcome: dict[str, Any]
) -> Response:
    body = {
        **asdict(decision_to_view(record, writing.language)),
        "effects": asdict(effects),
        **outcome,
    }
    return json_answer(body, headers={"ETag": format_etag(record.version)})


@router.post("/api/artifacts/{serial}/withdraw-delivery")
def withdraw_delivery(serial: str, body: WithdrawBody, writing: Writes) -> Response:
    """Say that the last delivery was entered by mistake: the artifact is where it was before."""
    record, own = find_artifact(writing.service.registry, serial)
    return carry_out_on(writing, record, own, WithdrawDelivery(own, body.reason), body.basis)


@router.post("/api/artifacts/{serial}/correct-delivery")
def correct_delivery(serial: str, body: CorrectDeliveryBody, writing: Writes) -> Response:
    """Put right day, receiver or paper of the last delivery; what was said stays in the history."""
    record, own = find_artifact(writing.service.registry, serial)
    command = delivery_corrections_to_command(own, body, record.state)
    return carry_out_on(writing, record, own, command, body.basis)


@router.post("/api/imports/{import_id}/withdraw")
def withdraw_import(import_id: str, body: WithdrawManyBody, writing: Writes) -> Response:
    """Take back all that an import recorded, or show with `dry_run` what that is, row by row.

    Nothing is recorded while something is in the way. What was cut off goes on with the same
    request; one that is done answers with its report.
    """
    service = writing.service
    found = _recorded_import(writing, parse_identifier(import_id))
    writing.require("withdraw-import", *service.judging.units_of(found))
    require_registers(service)
    if not body.dry_run:
        require_text("reason", body.reason or "")
    command = WithdrawAward(body.reason or "?", body.with_signed)
    work = ImportWithdrawal(_asked(writing, body.basis), service.reading, found, command)
    report = work.rehearse() if body.dry_run else work.carry_out()
    if not body.dry_run and report.in_the_way_count and report.state != "withdrawing":
        refuse_first(report.in_the_way, report.in_the_way_count)
    return json_answer(asdict(report))


def _recorded_import(writing: Writing, named: UUID) -> UUID:
    """The import that a job carried out, or the one that has this id itself."""
    desk = writing.service.imports
    job = desk.job(named)
    if job is not None and job.report is not None:
        return job.report.import_id
    kept = desk.kept.find(named)
    if kept is not None and kept.import_id is not None:
        return kept.import_id
    return named
