"""A service case stands still, changes its desk, or waits for its decision to be corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry import decision as decisions
from registry.cases.events import (
    ServiceCaseDecisionCorrected,
    ServiceCaseDecisionErrorFound,
    ServiceCaseResumed,
    ServiceCaseSuspended,
    ServiceCaseTransferred,
)
from registry.cases.rules import require_stage, wrong_stage
from registry.cases.states import (
    Open,
    ProofMissing,
    Received,
    SentBack,
    Suspended,
    Verified,
    stage_name,
)
from registry.errors import Rejected
from registry.fact import Outcome, World
from registry.law.instruments import ended_law_doubts
from registry.law.successions import successor_of
from registry.rules import NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, require_text


@dataclass(frozen=True, slots=True)
class SuspendCase:
    """Stop the clock, because the law stands in the way."""

    on: str
    legal_basis: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResumeCase:
    """Let the clock go on."""

    on: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class TransferCase:
    """Give the case to another desk; without one, to the successor of the present desk."""

    on: str
    reason: str
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class ReportDecisionError:
    """Say that the decision itself is wrong."""

    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class AcceptCorrection:
    """Name the correcting decision, which is in the register."""

    on: str
    decision_id: UUID


# Rules --------------------------------------------------------------------------------------


def suspend(state: Open, command: SuspendCase) -> Outcome:
    """Judge a suspension. Raises `Rejected`."""
    if isinstance(state.stage, Suspended):
        raise wrong_stage(state)
    basis = require_text("legal_basis", command.legal_basis, TEXT_CHARACTERS_MAX)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    event = ServiceCaseSuspended(command.on, basis, reason)
    return Outcome((event,), ended_law_doubts(basis, state.file.judged_on))


def resume(state: Open, command: ResumeCase) -> Outcome:
    """Judge a resumption. Raises `Rejected`."""
    if not isinstance(state.stage, Suspended):
        raise Rejected("case-not-suspended", case_stage=stage_name(state))
    basis = require_text("legal_basis", command.legal_basis, TEXT_CHARACTERS_MAX)
    event = ServiceCaseResumed(command.on, basis)
    return Outcome((event,), ended_law_doubts(basis, date.fromisoformat(command.on)))


def transfer(state: Open, command: TransferCase, on: date) -> Outcome:
    """Judge a transfer: the day of receipt and the rule stay."""
    file = state.file
    desk = successor_of(file.desk, on)
    to = command.desk or desk.name
    require_text("desk", to, NAME_CHARACTERS_MAX)
    if to == file.desk:
        raise Rejected("desk-stays-the-same", field="desk", body=to)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    route = successor_of(file.routing.submitted_by or file.routing.route, on).name
    remarks = desk.remarks if command.desk is None else ()
    return Outcome((ServiceCaseTransferred(command.on, to, route, reason),), remarks)


def report_decision_error(state: Open, command: ReportDecisionError) -> Outcome:
    """Judge that the decision is wrong. Raises `Rejected`."""
    require_stage(state, Received, ProofMissing, Verified, SentBack)
    if state.file.decision_wrong:
        raise Rejected("correcting-decision-needed")
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    return Outcome((ServiceCaseDecisionErrorFound(command.on, reason),))


def accept_correction(state: Open, command: AcceptCorrection, world: World) -> Outcome:
    """Judge a correcting decision. Raises `Rejected`."""
    if not state.file.decision_wrong:
        raise Rejected("decision-not-wrong")
    decision = decisions.standing_decision(world, command.decision_id)
    if decision.content.kind != "correct":
        raise Rejected("decision-not-correcting", field="decision_id")
    return Outcome((ServiceCaseDecisionCorrected(command.on, command.decision_id),))
