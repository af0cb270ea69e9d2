"""What a service case becomes by what happens: its next stage, its file, its clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TypeAlias, assert_never

from registry.cases.clock import Clock
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
    day_of,
)
from registry.cases.states import (
    Approved,
    AwaitingSupplement,
    CaseFile,
    Closed,
    Open,
    ProofMissing,
    Received,
    Refused,
    Sent,
    SentBack,
    Stage,
    State,
    Suspended,
    Unopened,
    Verified,
    unsuspended,
    working,
)


def evolve(  # noqa: C901, PLR0911 - one for each event
    state: State, event: Event
) -> State:
    """Apply what happened."""
    if isinstance(event, ServiceCaseOpened):
        return _opened(event)
    if isinstance(state, Unopened):
        return state
    on = date.fromisoformat(day_of(event))
    state = replace(state, file=replace(state.file, last_on=on))
    match event:
        case ServiceCaseClosed():
            return Closed(state.file, state.stage, state.clock.moved(on, "ended"), event)
        case ServiceCaseReopened():
            return _reopened(state, event, on)
        case ServiceCaseAwardIdentified():
            file = replace(state.file, award_id=event.award_id, routing=event.routing)
            return replace(state, file=file)
        case ServiceCaseConfirmed():
            return replace(state, file=replace(state.file, confirmation=event))
        case ServiceCaseTransferred():
            routing = replace(state.file.routing, route=event.route)
            return replace(state, file=replace(state.file, desk=event.desk, routing=routing))
        case ServiceCasePriorityGiven():
            return replace(state, file=replace(state.file, priority=event))
        case ServiceCasePriorityEnded():
            return replace(state, file=replace(state.file, priority=None))
        case ServiceCaseDecisionErrorFound():
            return replace(state, file=replace(state.file, decision_wrong=True))
        case ServiceCaseDecisionCorrected():
            return replace(state, file=replace(state.file, decision_wrong=False))
        case _:
            return _moved(state, event, on)


Moving: TypeAlias = (
    ServiceCaseSupplementAsked
    | ServiceCaseSupplementReceived
    | ServiceCaseArchiveChecked
    | ServiceCaseSent
    | ServiceCaseSentBack
    | ServiceCaseSuspended
    | ServiceCaseResumed
    | ServiceCaseResultReceived
)


def _opened(event: ServiceCaseOpened) -> Open:
    received_on = date.fromisoformat(event.received_on)
    file = CaseFile(
        opened=event,
        award_id=event.award_id,
        routing=event.routing,
        desk=event.desk,
        papers=event.papers,
        missing=event.missing,
        decision_wrong=event.decision_wrong,
        confirming_decision=event.confirming_decision,
        judged_on=received_on,
        last_on=received_on,
    )
    return Open(file, Received(), Clock(event.rule, "province", "running", received_on))


def _moved(  # noqa: PLR0911 - one for each event
    state: Open | Closed, event: Moving, on: date
) -> State:
    """The case in its next stage, its clock set accordingly."""
    clock, before = state.clock, working(state.stage)
    stage: Stage
    match event:
        case ServiceCaseSupplementAsked():
            missing = tuple(dict.fromkeys((*state.file.missing, *event.papers)))
            file = replace(state.file, missing=missing)
            stage = AwaitingSupplement(event.papers, before)
            return replace(state, file=file, stage=stage, clock=clock.moved(on, "waiting"))
        case ServiceCaseSupplementReceived():
            file = _with_papers(state.file, event.papers)
            if not isinstance(state.stage, AwaitingSupplement):
                # Brought without being asked for: nobody waited for it, so no clock goes on.
                return replace(state, file=file)
            return replace(state, file=file, stage=before, clock=clock.moved(on, "running"))
        case ServiceCaseArchiveChecked():
            stage = Verified() if event.result == "hit" else ProofMissing()
            return replace(state, file=replace(state.file, archive=event), stage=stage)
        case ServiceCaseSent():
            moved = clock.moved(on, "running", "centre")
            return replace(state, stage=Sent(event.batch_id), clock=moved)
        case ServiceCaseSentBack():
            moved = clock.moved(on, "running", "province")
            return replace(state, stage=SentBack(event.reason), clock=moved)
        case ServiceCaseSuspended():
            stage = Suspended(event.legal_basis, unsuspended(state.stage))
            return replace(state, stage=stage, clock=clock.moved(on, "blocked"))
        case ServiceCaseResumed():
            stage = unsuspended(state.stage)
            waits = isinstance(stage, AwaitingSupplement)
            moved = clock.moved(on, "waiting" if waits else "running")
            return replace(state, stage=stage, clock=moved)
        case ServiceCaseResultReceived():
            stage = Approved() if event.result == "approved" else Refused(event.reason)
            file = replace(state.file, result=event)
            return replace(
                state, file=file, stage=stage, clock=clock.moved(on, "running", "notice")
            )
        case _:
            assert_never(event)


def _reopened(state: Open | Closed, event: ServiceCaseReopened, on: date) -> Open:
    """Where the archive's answer leaves it; what the centre said before has to be asked again."""
    archive = state.file.archive
    stage: Stage = Received()
    if archive is not None:
        stage = Verified() if archive.result == "hit" else ProofMissing()
    routing = replace(state.file.routing, obstacle=event.obstacle)
    file = replace(
        state.file,
        routing=routing,
        result=None,
        confirming_decision=event.confirming_decision,
        judged_on=on,
    )
    return Open(file, stage, state.clock.moved(on, "running", "province"))


def _with_papers(file: CaseFile, papers: tuple[str, ...]) -> CaseFile:
    present = tuple(dict.fromkeys((*file.papers, *papers)))
    missing = tuple(paper for paper in file.missing if paper not in papers)
    return replace(file, papers=present, missing=missing)
