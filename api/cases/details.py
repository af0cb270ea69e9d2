"""What an event of a service case says, in words, for its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, assert_never

from registry.cases.events import (
    Event,
    ServiceCaseArchiveChecked,
    ServiceCaseAwardIdentified,
    ServiceCaseClosed,
    ServiceCaseConfirmed,
    ServiceCaseDecisionCorrected,
    ServiceCaseDecisionErrorFound,
    ServiceCaseOpened,
    ServiceCasePriorityEnded,
    ServiceCasePriorityGiven,
    ServiceCaseReopened,
    ServiceCaseResultReceived,
    ServiceCaseResumed,
    ServiceCaseSent,
    ServiceCaseSentBack,
    ServiceCaseSupplementAsked,
    ServiceCaseSupplementReceived,
    ServiceCaseSuspended,
    ServiceCaseTransferred,
)
from registry.law.unavailable import obstacle_by_code
from registry.messages import format_date, term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from registry.settings import Language

Said: TypeAlias = "list[tuple[str, str | None]]"


def case_reason(event: ServiceCaseOpened, language: Language) -> str:
    """Why somebody asks, in words."""
    reason = term("case-reason", event.reason, language)
    return f"{reason}: {event.reason_text}" if event.reason_text else reason


def case_details(event: Event, language: Language) -> Said:
    """What an event says beside its reason, its day first."""
    if isinstance(event, ServiceCaseOpened):
        return _of_opening(event, language)
    return [("on", format_date(event.on, language)), *_of_step(event, language)]


def _of_opening(event: ServiceCaseOpened, language: Language) -> Said:
    return [
        ("intake_receipt", event.receipt),
        ("case_kind", term("case-kind", event.kind, language)),
        ("components", _words("component", event.components, language)),
        ("applicant", event.applicant.name),
        ("relation", event.applicant.relation),
        ("received_on", format_date(event.received_on, language)),
        ("desk", event.desk),
        ("route", event.routing.route),
        ("rule", event.rule),
        ("papers", _words("paper", event.papers, language)),
        ("missing", _words("paper", event.missing, language)),
        ("confirming_decision", event.confirming_decision),
        ("obstacle", _obstacle(event.routing.obstacle)),
        ("answer_due_on", format_date(event.due_on, language) if event.due_on else None),
    ]


def _of_step(  # noqa: C901, PLR0911, PLR0912 - one for each kind of event
    event: Event, language: Language
) -> Said:
    match event:
        case ServiceCaseOpened() | ServiceCaseDecisionErrorFound():
            return []
        case ServiceCaseSupplementAsked() | ServiceCaseSupplementReceived():
            return [("papers", _words("paper", event.papers, language))]
        case ServiceCaseAwardIdentified():
            return [("award_id", str(event.award_id)), ("route", event.routing.route)]
        case ServiceCaseArchiveChecked():
            return [
                ("result", term("archive-result", event.result, language)),
                ("archive", event.archive),
                ("evidence", event.evidence),
                ("remark", event.remark),
            ]
        case ServiceCaseConfirmed():
            return [("letter_number", event.number), ("signatory", event.signatory)]
        case ServiceCaseSent():
            return [("sent_to", event.sent_to), ("batch_id", str(event.batch_id))]
        case ServiceCaseSentBack():
            return [("batch_id", str(event.batch_id))]
        case ServiceCaseSuspended() | ServiceCaseResumed():
            return [("legal_basis", event.legal_basis)]
        case ServiceCaseResultReceived():
            return [
                ("result", term("case-result", event.result, language)),
                ("letter_number", event.number),
            ]
        case ServiceCaseTransferred():
            return [("desk", event.desk), ("route", event.route)]
        case ServiceCasePriorityGiven():
            hidden = (event.ground, event.evidence)
            return [(one.kind.replace("-", "_"), "•••") for one in hidden if one is not None]
        case ServiceCasePriorityEnded():
            return []
        case ServiceCaseDecisionCorrected():
            return [("correcting_decision", str(event.decision_id))]
        case ServiceCaseClosed():
            return [
                ("outcome", term("case-outcome", event.outcome, language)),
                ("legal_source", event.legal_source),
                ("watch", event.watch),
                ("transferred_to", event.transferred_to),
            ]
        case ServiceCaseReopened():
            return [
                ("legal_basis", event.legal_basis),
                ("confirming_decision", event.confirming_decision),
                ("obstacle", _obstacle(event.obstacle)),
            ]
        case _:
            assert_never(event)


def _words(vocabulary: str, codes: Iterable[str], language: Language) -> str | None:
    return ", ".join(term(vocabulary, code, language) for code in codes) or None


def _obstacle(code: str | None) -> str | None:
    one = obstacle_by_code(code or "")
    return one.source if one is not None else code
