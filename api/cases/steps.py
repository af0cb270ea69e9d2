"""Routes of the steps of a service case: `POST /api/cases/{id}/{step}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import Response

from api.cases.answers import case_answer, today_of
from api.cases.bodies import (
    AskSupplementBody,
    CheckArchiveBody,
    CloseBody,
    ConfirmBody,
    CorrectionBody,
    IdentifyBody,
    PrioritizeBody,
    ReasonBody,
    ReceiveSupplementBody,
    ReopenBody,
    ResultBody,
    ResumeBody,
    SuspendBody,
    TransferBody,
)
from api.cases.commands import day_of_step, decision_named_by, priority_of
from api.cases.records import read_case
from api.cases.views import CaseView
from api.commands import parse_identifier
from api.http.direct_route import DirectRoute
from api.recording import execute
from api.service import Writes
from registry.cases.service_case import (
    AcceptCorrection,
    AskSupplement,
    CheckArchive,
    CloseCase,
    ConfirmAward,
    EndPriority,
    GivePriority,
    IdentifyAward,
    ReceiveResult,
    ReceiveSupplement,
    ReopenCase,
    ReportDecisionError,
    ResumeCase,
    SuspendCase,
    TakeBack,
    TransferCase,
)
from registry.errors import Rejected

if TYPE_CHECKING:
    from uuid import UUID

    from api.cases.bodies import StepBody
    from api.service import Writing
    from registry.cases.service_case import Command

router = APIRouter(prefix="/api/cases/{case_id}", tags=["cases"], route_class=DirectRoute)
_ANSWER: dict[str, Any] = {"response_model": CaseView}


@router.post("/ask-supplement", **_ANSWER)
def ask_supplement(case_id: str, body: AskSupplementBody, writing: Writes) -> Response:
    """Ask the applicant for papers: the clock stops."""
    command = AskSupplement(_on(body, writing), tuple(body.papers), body.reason)
    return _carry_out(writing, case_id, command, body)


@router.post("/receive-supplement", **_ANSWER)
def receive_supplement(case_id: str, body: ReceiveSupplementBody, writing: Writes) -> Response:
    """Take in papers; if they were asked for, the clock goes on."""
    command = ReceiveSupplement(_on(body, writing), tuple(body.papers))
    return _carry_out(writing, case_id, command, body)


@router.post("/identify", **_ANSWER)
def identify(case_id: str, body: IdentifyBody, writing: Writes) -> Response:
    """Name the award in the register of which the applicant spoke."""
    award_id = parse_identifier(body.award_id, "award_id")
    decision_id = decision_named_by(writing.service.registry, award_id)
    command = IdentifyAward(_on(body, writing), award_id, decision_id)
    return _carry_out(writing, case_id, command, body)


@router.post("/check-archive", **_ANSWER)
def check_archive(case_id: str, body: CheckArchiveBody, writing: Writes) -> Response:
    """Say what the archive has: a hit with its evidence, or a miss."""
    command = CheckArchive(
        _on(body, writing), body.result, body.archive, body.evidence, body.remark
    )
    return _carry_out(writing, case_id, command, body)


@router.post("/confirm", **_ANSWER)
def confirm(case_id: str, body: ConfirmBody, writing: Writes) -> Response:
    """Issue a confirmation letter; the case goes on."""
    award_id = _award_of(writing, case_id)
    command = ConfirmAward(_on(body, writing), body.number, award_id, body.signatory)
    return _carry_out(writing, case_id, command, body)


@router.post("/return", **_ANSWER)
def take_back(case_id: str, body: ReasonBody, writing: Writes) -> Response:
    """Note that the central body sent the case back, for a reason of its own."""
    return _carry_out(writing, case_id, TakeBack(_on(body, writing), body.reason), body)


@router.post("/receive-result", **_ANSWER)
def receive_result(case_id: str, body: ResultBody, writing: Writes) -> Response:
    """Note the central body's answer."""
    command = ReceiveResult(_on(body, writing), body.result, body.number, body.reason)
    return _carry_out(writing, case_id, command, body)


@router.post("/suspend", **_ANSWER)
def suspend(case_id: str, body: SuspendBody, writing: Writes) -> Response:
    """Stop the clock, because the law stands in the way."""
    command = SuspendCase(_on(body, writing), body.legal_basis, body.reason)
    return _carry_out(writing, case_id, command, body)


@router.post("/resume", **_ANSWER)
def resume(case_id: str, body: ResumeBody, writing: Writes) -> Response:
    """Let the clock go on."""
    command = ResumeCase(_on(body, writing), body.legal_basis)
    return _carry_out(writing, case_id, command, body)


@router.post("/transfer", **_ANSWER)
def transfer(case_id: str, body: TransferBody, writing: Writes) -> Response:
    """Give the case to another desk, or to the successor of the present one."""
    command = TransferCase(_on(body, writing), body.reason, body.desk)
    return _carry_out(writing, case_id, command, body)


@router.post("/report-decision-error", **_ANSWER)
def report_decision_error(case_id: str, body: ReasonBody, writing: Writes) -> Response:
    """Say that the decision itself is wrong: it has to be corrected first."""
    command = ReportDecisionError(_on(body, writing), body.reason)
    return _carry_out(writing, case_id, command, body)


@router.post("/accept-correction", **_ANSWER)
def accept_correction(case_id: str, body: CorrectionBody, writing: Writes) -> Response:
    """Name the correcting decision, which is in the register."""
    decision_id = parse_identifier(body.decision_id, "decision_id")
    return _carry_out(writing, case_id, AcceptCorrection(_on(body, writing), decision_id), body)


@router.post("/prioritize", **_ANSWER)
def prioritize(case_id: str, body: PrioritizeBody, writing: Writes) -> Response:
    """Let the case go before others: who applies is over ninety, or gravely ill."""
    record = read_case(writing.service.registry, parse_identifier(case_id))
    given = priority_of(record.state.file.opened.applicant, body, _on(body, writing))
    if given is None:
        raise Rejected("value-missing", field="priority_ground")
    command = GivePriority(given.on, given.ground, given.evidence)
    return _carry_out(writing, case_id, command, body)


@router.post("/end-priority", **_ANSWER)
def end_priority(case_id: str, body: ReasonBody, writing: Writes) -> Response:
    """Let the case wait its turn again."""
    return _carry_out(writing, case_id, EndPriority(_on(body, writing), body.reason), body)


@router.post("/close", **_ANSWER)
def close(case_id: str, body: CloseBody, writing: Writes) -> Response:
    """End the case with an outcome and a reason."""
    command = CloseCase(
        _on(body, writing),
        body.outcome,
        body.reason,
        _award_of(writing, case_id),
        body.legal_source,
        body.watch,
        body.transferred_to,
    )
    return _carry_out(writing, case_id, command, body)


@router.post("/reopen", **_ANSWER)
def reopen(case_id: str, body: ReopenBody, writing: Writes) -> Response:
    """Open a closed case again, on a basis."""
    command = ReopenCase(_on(body, writing), body.legal_basis, body.confirming_decision)
    return _carry_out(writing, case_id, command, body)


def _on(body: StepBody, writing: Writing) -> str:
    return day_of_step("on", body.on, today_of(writing.service.registry))


def _award_of(writing: Writing, case_id: str) -> UUID | None:
    """The award that the case has now; the rule looks whether it still has it when recording."""
    record = read_case(writing.service.registry, parse_identifier(case_id))
    return record.state.file.award_id


def _carry_out(writing: Writing, case_id: str, command: Command, body: StepBody) -> Response:
    done, recorded = execute(
        writing, "service-case", parse_identifier(case_id), command, basis=body.basis
    )
    return case_answer(writing, done, recorded)
