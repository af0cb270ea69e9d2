"""What a service case has come to: its file, its stage, its clock, and what it permits.

The clock counts the days of the step the case is in, the province's or the centre's. It runs
only while the office works on the case: not while the applicant is asked for papers
(`waiting`), not while the law stands in the way (`blocked`). Late and legally blocked are
different things (scenario 18). Days used are kept for each step and never shrink.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, TypeAlias, assert_never
from uuid import UUID

from registry.case_events import (
    Event,
    Routing,
    ServiceCaseArchiveChecked,
    ServiceCaseAwardIdentified,
    ServiceCaseClosed,
    ServiceCaseConfirmed,
    ServiceCaseDecisionCorrected,
    ServiceCaseDecisionErrorFound,
    ServiceCaseOpened,
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
from registry.procedures import TimeLimit, find_rule
from registry.replacement import Mandate, Permission, Withheld

ClockState = Literal["running", "waiting", "blocked", "ended"]
ClockStep = Literal["province", "centre", "notice"]


@dataclass(frozen=True, slots=True)
class Clock:
    """How the time of the present step goes: `since` when the present state of it lasts.

    `spent` are the days used by each step before `since`.
    """

    rule: str
    step: ClockStep
    state: ClockState
    since: date
    spent: Mapping[str, int] = field(default_factory=dict)

    @property
    def limit(self) -> TimeLimit | None:
        """The time limit of the present step; None where none is known."""
        rule = find_rule(self.rule)
        return None if rule is None else rule.limit_of(self.step)

    @property
    def due_on(self) -> date | None:
        """The last day in time; None while the clock stands still or no limit is known."""
        limit = self.limit
        if self.state != "running" or limit is None:
            return None
        return limit.due_on(self.since, self.spent.get(self.step, 0))

    def days_used(self, on: date) -> int:
        """Days used of all steps until a day."""
        return sum(self._spent_until(on).values())

    def moved(self, on: date, state: ClockState, step: ClockStep | None = None) -> Clock:
        """The clock in another state, or another step, from a day on."""
        return Clock(self.rule, step or self.step, state, on, self._spent_until(on))

    def _spent_until(self, on: date) -> dict[str, int]:
        spent = dict(self.spent)
        limit = self.limit
        if self.state == "running" and limit is not None:
            spent[self.step] = spent.get(self.step, 0) + limit.days_between(self.since, on)
        return spent


# Stages -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """Received; the archive has not been searched yet."""


@dataclass(frozen=True, slots=True)
class ProofMissing:
    """The archive has no proof of the award."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The archive has the award."""


@dataclass(frozen=True, slots=True)
class Sent:
    """With the central body."""

    batch_id: UUID


@dataclass(frozen=True, slots=True)
class SentBack:
    """Sent back by the central body."""

    reason: str


@dataclass(frozen=True, slots=True)
class Approved:
    """The central body agreed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The central body refused."""

    reason: str | None


Working: TypeAlias = Received | ProofMissing | Verified | Sent | SentBack | Approved | Refused


@dataclass(frozen=True, slots=True)
class AwaitingSupplement:
    """The applicant was asked for papers."""

    papers: tuple[str, ...]
    before: Working


@dataclass(frozen=True, slots=True)
class Suspended:
    """The law stands in the way for now."""

    legal_basis: str
    before: Working | AwaitingSupplement


Stage: TypeAlias = Working | AwaitingSupplement | Suspended
StageName = Literal[
    "received",
    "proof-missing",
    "verified",
    "sent",
    "sent-back",
    "approved",
    "refused",
    "awaiting-supplement",
    "suspended",
    "closed",
]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What is known of a case in any stage."""

    opened: ServiceCaseOpened
    award_id: UUID | None
    routing: Routing
    desk: str
    papers: tuple[str, ...]
    missing: tuple[str, ...]
    decision_wrong: bool
    last_on: date
    archive: ServiceCaseArchiveChecked | None = None
    confirmation: ServiceCaseConfirmed | None = None
    result: ServiceCaseResultReceived | None = None


@dataclass(frozen=True, slots=True)
class Unopened:
    """Nothing is known of this case."""

    @property
    def permission(self) -> Permission:
        """Nothing."""
        return Withheld("service-case-unknown")


@dataclass(frozen=True, slots=True)
class Open:
    """A case that somebody works on, or waits with."""

    file: CaseFile
    stage: Stage
    clock: Clock

    @property
    def permission(self) -> Permission:
        """What may be replaced now: `Mandate`, or the rule that says not yet."""
        return _permission(self)


@dataclass(frozen=True, slots=True)
class Closed:
    """A case that ended."""

    file: CaseFile
    stage: Stage
    clock: Clock
    closing: ServiceCaseClosed

    @property
    def permission(self) -> Permission:
        """Nothing any more."""
        return Withheld("case-closed", {"receipt": self.file.opened.receipt})


State = Unopened | Open | Closed
INITIAL: State = Unopened()


def stage_name(  # noqa: C901, PLR0911 - one for each stage
    state: Open | Closed,
) -> StageName:
    """The stage in one word, as registers and pages show it."""
    if isinstance(state, Closed):
        return "closed"
    match state.stage:
        case Received():
            return "received"
        case ProofMissing():
            return "proof-missing"
        case Verified():
            return "verified"
        case Sent():
            return "sent"
        case SentBack():
            return "sent-back"
        case Approved():
            return "approved"
        case Refused():
            return "refused"
        case AwaitingSupplement():
            return "awaiting-supplement"
        case Suspended():
            return "suspended"
        case _:
            assert_never(state.stage)


# What happened ------------------------------------------------------------------------------


def evolve(state: State, event: Event) -> State:  # noqa: PLR0911 - one for each event
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
            stage = Suspended(event.legal_basis, _unsuspended(state.stage))
            return replace(state, stage=stage, clock=clock.moved(on, "blocked"))
        case ServiceCaseResumed():
            stage = _unsuspended(state.stage)
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
    file = replace(state.file, routing=routing, result=None)
    return Open(file, stage, state.clock.moved(on, "running", "province"))


def _unsuspended(stage: Stage) -> Working | AwaitingSupplement:
    return stage.before if isinstance(stage, Suspended) else stage


def working(stage: Stage) -> Working:
    """The stage without what made it wait."""
    while isinstance(stage, AwaitingSupplement | Suspended):
        stage = stage.before
    return stage


def _with_papers(file: CaseFile, papers: tuple[str, ...]) -> CaseFile:
    present = tuple(dict.fromkeys((*file.papers, *papers)))
    missing = tuple(paper for paper in file.missing if paper not in papers)
    return replace(file, papers=present, missing=missing)


# Permission ---------------------------------------------------------------------------------

# What the old item is in the checklist: its custody is kept by the award, not by the checklist.
OLD_ITEM = "old-item"


def _permission(state: Open) -> Permission:
    withheld = hindrance(state)
    if withheld is not None:
        return withheld
    file, kind = state.file, state.file.opened.kind
    if file.award_id is None or kind == "confirmation":
        return Withheld("award-not-identified")
    if file.routing.level == "centre" and not isinstance(state.stage, Approved):
        if isinstance(state.stage, Refused):
            return Withheld("case-refused")
        return Withheld("result-not-received")
    return Mandate(file.award_id, kind, file.opened.components)


def hindrance(state: Open) -> Withheld | None:  # noqa: PLR0911 - one for each rule
    """The first rule that keeps a case from going further, whoever decides; None if none does."""
    file, kind = state.file, state.file.opened.kind
    archive = file.archive
    lacking = papers_lacking(file)
    if kind == "confirmation":
        return Withheld("case-only-confirms")
    if file.decision_wrong:
        return Withheld("correcting-decision-needed")
    if file.routing.obstacle is not None:
        return Withheld("case-without-legal-basis", {"obstacle": file.routing.obstacle})
    if isinstance(state.stage, Suspended):
        return Withheld("case-suspended", {"legal_basis": state.stage.legal_basis})
    if isinstance(state.stage, AwaitingSupplement) or lacking:
        return Withheld("papers-missing", {"papers": ", ".join(lacking)})
    if file.award_id is None:
        return Withheld("award-not-identified")
    if archive is None or archive.result == "miss":
        return Withheld("archive-not-checked" if archive is None else "no-proof-in-archive")
    if kind == "reissue" and file.confirmation is None:
        return Withheld("confirmation-missing")
    return None


def papers_lacking(file: CaseFile) -> tuple[str, ...]:
    """Required papers that are not there, beside the old item itself."""
    return tuple(paper for paper in file.missing if paper != OLD_ITEM)
