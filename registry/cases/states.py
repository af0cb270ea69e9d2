"""What a service case has come to: its file, its stage, its clock, and what it permits.

What makes it wait is nested around the stage that it waits in, so that going on needs no guess.
`progress` says how it gets from one to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias, assert_never
from uuid import UUID

from registry.cases.clock import Clock
from registry.cases.events import (
    Routing,
    ServiceCaseArchiveChecked,
    ServiceCaseClosed,
    ServiceCaseConfirmed,
    ServiceCaseOpened,
    ServiceCasePriorityGiven,
    ServiceCaseResultReceived,
)
from registry.replacement import Mandate, Permission, Withheld

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
    """What is known of a case in any stage.

    `judged_on` is the day whose law says what stands in its way: of receipt, or of reopening.
    """

    opened: ServiceCaseOpened
    award_id: UUID | None
    routing: Routing
    desk: str
    papers: tuple[str, ...]
    missing: tuple[str, ...]
    decision_wrong: bool
    confirming_decision: str | None
    judged_on: date
    last_on: date
    archive: ServiceCaseArchiveChecked | None = None
    confirmation: ServiceCaseConfirmed | None = None
    result: ServiceCaseResultReceived | None = None
    priority: ServiceCasePriorityGiven | None = None


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


def unsuspended(stage: Stage) -> Working | AwaitingSupplement:
    """The stage without what the law put in its way."""
    return stage.before if isinstance(stage, Suspended) else stage


def working(stage: Stage) -> Working:
    """The stage without what made it wait."""
    while isinstance(stage, AwaitingSupplement | Suspended):
        stage = stage.before
    return stage


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
