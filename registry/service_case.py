"""A service case: somebody asks for an exchange, a re-issue, or a confirmation of one award.

Reading order: `case_events` (what happens), `case_states` (what it comes to: stage, clock,
permission), `case_opening` (intake), this module (the work on it), `case_sending` (to the
centre and back), `case_closing` (the end, and reopening).

Rules kept here, with their sources in the domain reference:
  * the rule of the day of receipt applies, whatever happens later (1.2, scenario 28);
  * without an archive hit nothing is confirmed and nothing re-issued (section 0, fact 4);
  * a re-issue needs the award confirmed first; a confirmation closes nothing (3.3);
  * an exchange is not sent before the old item is in custody with a receipt (scenario 15);
  * what the decision itself has wrong, a certificate cannot put right (scenario 21);
  * a form that cannot be made anew ends with an outcome, a source and a trigger (scenario 25);
  * each day is one after the last: a clock does not run back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from registry import case_closing, case_events, case_opening, case_sending
from registry import decision as decisions
from registry.case_closing import CloseCase, ReopenCase
from registry.case_events import (
    ArchiveResult,
    Event,
    ServiceCaseArchiveChecked,
    ServiceCaseAwardIdentified,
    ServiceCaseConfirmed,
    ServiceCaseDecisionCorrected,
    ServiceCaseDecisionErrorFound,
    ServiceCaseOpened,
    ServiceCaseResumed,
    ServiceCaseSupplementAsked,
    ServiceCaseSupplementReceived,
    ServiceCaseSuspended,
    ServiceCaseTransferred,
)
from registry.case_opening import OpenCase, routing_of
from registry.case_rules import (
    next_day,
    require_open,
    require_proof,
    require_stage,
    standing_award,
    wrong_stage,
)
from registry.case_sending import ReceiveResult, SendCase, TakeBack
from registry.case_states import (
    INITIAL,
    AwaitingSupplement,
    Open,
    ProofMissing,
    Received,
    SentBack,
    State,
    Suspended,
    Unopened,
    Verified,
    evolve,
    stage_name,
)
from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.numbers import normalise_serial
from registry.personal import Personal
from registry.procedures import find_rule
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    check_choice,
    check_text,
    require_text,
)
from registry.successions import successor_of

__all__ = [
    "EVENTS",
    "INITIAL",
    "AcceptCorrection",
    "AskSupplement",
    "CheckArchive",
    "CloseCase",
    "Command",
    "ConfirmAward",
    "IdentifyAward",
    "OpenCase",
    "ReceiveResult",
    "ReceiveSupplement",
    "ReopenCase",
    "ReportDecisionError",
    "ResumeCase",
    "SendCase",
    "State",
    "SuspendCase",
    "TakeBack",
    "TransferCase",
    "claims",
    "decide",
    "evolve",
    "named_records",
    "personal_values",
    "receipt_claim",
    "taken",
]

EVENTS: Mapping[str, type] = case_events.EVENTS


# Commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskSupplement:
    """Ask the applicant for papers of the checklist, by their codes."""

    on: str
    papers: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiveSupplement:
    """Take in papers that the applicant brought."""

    on: str
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdentifyAward:
    """Name the award in the register of which the applicant spoke."""

    on: str
    award_id: UUID
    decision_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CheckArchive:
    """Say what the archive has; a hit names its evidence."""

    on: str
    result: ArchiveResult
    archive: str
    evidence: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmAward:
    """Issue a confirmation letter. `award_id` is that of the case, as far as it has one."""

    on: str
    number: str
    award_id: UUID | None
    signatory: str | None = None


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


Command: TypeAlias = (
    OpenCase
    | AskSupplement
    | ReceiveSupplement
    | IdentifyAward
    | CheckArchive
    | ConfirmAward
    | SendCase
    | TakeBack
    | SuspendCase
    | ResumeCase
    | ReceiveResult
    | TransferCase
    | ReportDecisionError
    | AcceptCorrection
    | CloseCase
    | ReopenCase
)


# Rules --------------------------------------------------------------------------------------


def personal_values(event: Event) -> Iterator[Personal]:
    """How to reach an applicant, and his identity paper."""
    if isinstance(event, ServiceCaseOpened):
        applicant = event.applicant
        for value in (applicant.phone, applicant.residence, applicant.identity_paper):
            if value is not None:
                yield value


def named_records(command: Command) -> tuple[Named, ...]:
    """The award that a case is about and its decision, and a correcting decision."""
    match command:
        case OpenCase() | IdentifyAward():
            named: list[Named] = []
            if command.award_id is not None:
                named.append(("award", command.award_id))
            if command.decision_id is not None:
                named.append(("decision", command.decision_id))
            return tuple(named)
        case ConfirmAward() | SendCase() | CloseCase():
            return () if command.award_id is None else (("award", command.award_id),)
        case AcceptCorrection():
            return (("decision", command.decision_id),)
        case _:
            return ()


def decide(state: State, command: Command, world: World) -> Outcome:
    """Judge a command on one case. Raises `Rejected`."""
    match command:
        case OpenCase():
            if not isinstance(state, Unopened):
                raise Rejected("service-case-opened-already", receipt=state.file.opened.receipt)
            return case_opening.open_case(command, world)
        case ReopenCase():
            return case_closing.reopen(state, command)
        case _:
            return _continue(require_open(state), command, world)


Continuing: TypeAlias = (
    AskSupplement
    | ReceiveSupplement
    | IdentifyAward
    | CheckArchive
    | ConfirmAward
    | SendCase
    | TakeBack
    | SuspendCase
    | ResumeCase
    | ReceiveResult
    | TransferCase
    | ReportDecisionError
    | AcceptCorrection
    | CloseCase
)


def _continue(  # noqa: C901, PLR0911, PLR0912 - one for each command
    state: Open, command: Continuing, world: World
) -> Outcome:
    on = next_day(state, command.on)
    match command:
        case AskSupplement():
            return _ask(state, command)
        case ReceiveSupplement():
            return _receive_papers(state, command)
        case IdentifyAward():
            return _identify(state, command, on, world)
        case CheckArchive():
            return _check_archive(state, command)
        case ConfirmAward():
            return _confirm(state, command, world)
        case SendCase():
            return case_sending.send(state, command, on, world)
        case TakeBack():
            return case_sending.take_back(state, command)
        case SuspendCase():
            return _suspend(state, command)
        case ResumeCase():
            return _resume(state, command)
        case ReceiveResult():
            return case_sending.receive_result(state, command)
        case TransferCase():
            return _transfer(state, command, on)
        case ReportDecisionError():
            return _report_decision_error(state, command)
        case AcceptCorrection():
            return _accept_correction(state, command, world)
        case CloseCase():
            return case_closing.close(state, command, world)
        case _:
            assert_never(command)


def claims(_after: State, event: Event) -> tuple[Claim, ...]:
    """A receipt's number stands for one case."""
    if isinstance(event, ServiceCaseOpened):
        return (receipt_claim(event.receipt),)
    return ()


def receipt_claim(receipt: str) -> Claim:
    """The name that a receipt's number takes, however it is spelled."""
    return Claim("service-case", normalise_serial(receipt))


def taken(_claim: Claim, holder: UUID) -> AlreadyRecorded:
    """The error for a receipt's number that another case bears."""
    return AlreadyRecorded("intake-receipt-used-already", holder)


# Papers, award, archive ---------------------------------------------------------------------


def _ask(state: Open, command: AskSupplement) -> Outcome:
    require_stage(state, Received, ProofMissing, Verified, SentBack)
    papers = _papers(state, command.papers)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    return Outcome((ServiceCaseSupplementAsked(command.on, papers, reason),))


def _receive_papers(state: Open, command: ReceiveSupplement) -> Outcome:
    require_stage(state, AwaitingSupplement)
    papers = _papers(state, command.papers)
    return Outcome((ServiceCaseSupplementReceived(command.on, papers),))


def _papers(state: Open, papers: tuple[str, ...]) -> tuple[str, ...]:
    opened = state.file.opened
    if not papers:
        raise Rejected("papers-not-named", field="papers")
    case_opening.check_papers(find_rule(opened.rule), opened.applicant.kind, papers)
    return papers


def _identify(state: Open, command: IdentifyAward, on: date, world: World) -> Outcome:
    require_stage(state, Received, ProofMissing, Verified, AwaitingSupplement, SentBack)
    if state.file.award_id is not None:
        raise Rejected("award-identified-already", award=str(state.file.award_id))
    content = case_opening.require_award(command.award_id, world).content
    opened = state.file.opened
    doubts = case_opening.check_components(opened.components, content, world.catalogue)
    routing, remarks = routing_of(content, opened.kind, on, world)
    event = ServiceCaseAwardIdentified(command.on, command.award_id, routing)
    return Outcome((event,), doubts + remarks)


def _check_archive(state: Open, command: CheckArchive) -> Outcome:
    require_stage(state, Received, ProofMissing, Verified, SentBack)
    check_choice("result", command.result, ("hit", "miss"))
    archive = require_text("archive", command.archive)
    check_text("remark", command.remark, TEXT_CHARACTERS_MAX)
    check_text("evidence", command.evidence, TEXT_CHARACTERS_MAX)
    if command.result == "hit":
        require_text("evidence", command.evidence, TEXT_CHARACTERS_MAX)
    event = ServiceCaseArchiveChecked(
        command.on, command.result, archive, command.evidence, command.remark
    )
    return Outcome((event,))


def _confirm(state: Open, command: ConfirmAward, world: World) -> Outcome:
    file = state.file
    if isinstance(state.stage, Suspended | AwaitingSupplement):
        raise wrong_stage(state)
    require_proof(state)
    if file.confirmation is not None:
        raise Rejected("confirmed-already", number=file.confirmation.number)
    if standing_award(state, command.award_id, world) is None:
        raise Rejected("award-not-identified")
    number = require_text("number", command.number, NAME_CHARACTERS_MAX)
    check_text("signatory", command.signatory, NAME_CHARACTERS_MAX)
    return Outcome((ServiceCaseConfirmed(command.on, number, command.signatory),))


# Standing still, another desk, a wrong decision ---------------------------------------------


def _suspend(state: Open, command: SuspendCase) -> Outcome:
    if isinstance(state.stage, Suspended):
        raise wrong_stage(state)
    basis = require_text("legal_basis", command.legal_basis, TEXT_CHARACTERS_MAX)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    return Outcome((ServiceCaseSuspended(command.on, basis, reason),))


def _resume(state: Open, command: ResumeCase) -> Outcome:
    if not isinstance(state.stage, Suspended):
        raise Rejected("case-not-suspended", case_stage=stage_name(state))
    basis = require_text("legal_basis", command.legal_basis, TEXT_CHARACTERS_MAX)
    return Outcome((ServiceCaseResumed(command.on, basis),))


def _transfer(state: Open, command: TransferCase, on: date) -> Outcome:
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


def _report_decision_error(state: Open, command: ReportDecisionError) -> Outcome:
    require_stage(state, Received, ProofMissing, Verified, SentBack)
    if state.file.decision_wrong:
        raise Rejected("correcting-decision-needed")
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    return Outcome((ServiceCaseDecisionErrorFound(command.on, reason),))


def _accept_correction(state: Open, command: AcceptCorrection, world: World) -> Outcome:
    if not state.file.decision_wrong:
        raise Rejected("decision-not-wrong")
    decision = world.records.get(command.decision_id)
    if not isinstance(decision, decisions.Standing):
        raise Rejected("decision-unknown", field="decision_id")
    if decision.content.kind != "correct":
        raise Rejected("decision-not-correcting", field="decision_id")
    return Outcome((ServiceCaseDecisionCorrected(command.on, command.decision_id),))
