"""A service case: somebody asks for an exchange, a re-issue, or a confirmation of one award.

Reading order: `events` (what happens), `states` and `clock` (what it comes to),
`progress` (how), then the work by its story: `opening` (intake), `checking`
(papers, archive, confirmation), `sending` (to the centre and back), `moving` (standing
still, another desk), `closing` (the end, and reopening). This module is the front door.

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
from typing import TypeAlias, assert_never
from uuid import UUID

from registry.cases import checking as case_checking
from registry.cases import closing as case_closing
from registry.cases import events as case_events
from registry.cases import moving as case_moving
from registry.cases import opening as case_opening
from registry.cases import priority as case_priority
from registry.cases import sending as case_sending
from registry.cases.checking import (
    AskSupplement,
    CheckArchive,
    ConfirmAward,
    IdentifyAward,
    ReceiveSupplement,
)
from registry.cases.closing import CloseCase, ReopenCase
from registry.cases.events import Event, ServiceCaseOpened, ServiceCasePriorityGiven
from registry.cases.moving import (
    AcceptCorrection,
    ReportDecisionError,
    ResumeCase,
    SuspendCase,
    TransferCase,
)
from registry.cases.opening import OpenCase
from registry.cases.priority import EndPriority, GivePriority
from registry.cases.progress import evolve
from registry.cases.rules import next_day, require_open
from registry.cases.sending import ReceiveResult, SendCase, TakeBack
from registry.cases.states import INITIAL, Open, State, Unopened
from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.numbers import normalise_serial
from registry.personal import Personal
from registry.working_calendar import CALENDAR_ID

__all__ = [
    "EVENTS",
    "INITIAL",
    "AcceptCorrection",
    "AskSupplement",
    "CheckArchive",
    "CloseCase",
    "Command",
    "ConfirmAward",
    "EndPriority",
    "GivePriority",
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
    | GivePriority
    | EndPriority
    | CloseCase
)
Command: TypeAlias = OpenCase | Continuing | ReopenCase


# Rules --------------------------------------------------------------------------------------


def personal_values(event: Event) -> Iterator[Personal]:
    """How to reach an applicant, his identity paper, and why his request goes first."""
    if isinstance(event, ServiceCasePriorityGiven):
        yield event.ground
        if event.evidence is not None:
            yield event.evidence
    if isinstance(event, ServiceCaseOpened):
        applicant = event.applicant
        for value in (applicant.phone, applicant.residence, applicant.identity_paper):
            if value is not None:
                yield value


def named_records(command: Command) -> tuple[Named, ...]:
    """The award that a case is about and its decision, and a correcting decision."""
    match command:
        case OpenCase() | IdentifyAward():
            # The day of an answer is promised by the calendar as the register has it.
            promises = isinstance(command, OpenCase)
            named: list[Named] = [("working-days", CALENDAR_ID)] if promises else []
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


def _continue(  # noqa: C901, PLR0911, PLR0912 - one for each command
    state: Open, command: Continuing, world: World
) -> Outcome:
    on = next_day(state, command.on)
    match command:
        case AskSupplement():
            return case_checking.ask(state, command)
        case ReceiveSupplement():
            return case_checking.receive_papers(state, command)
        case IdentifyAward():
            return case_checking.identify(state, command, on, world)
        case CheckArchive():
            return case_checking.check_archive(state, command)
        case ConfirmAward():
            return case_checking.confirm(state, command, world)
        case SendCase():
            return case_sending.send(state, command, on, world)
        case TakeBack():
            return case_sending.take_back(state, command)
        case SuspendCase():
            return case_moving.suspend(state, command)
        case ResumeCase():
            return case_moving.resume(state, command)
        case ReceiveResult():
            return case_sending.receive_result(state, command)
        case TransferCase():
            return case_moving.transfer(state, command, on)
        case ReportDecisionError():
            return case_moving.report_decision_error(state, command)
        case AcceptCorrection():
            return case_moving.accept_correction(state, command, world)
        case GivePriority():
            return case_priority.give(state, command)
        case EndPriority():
            return case_priority.end(state, command)
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
