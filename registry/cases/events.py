"""What happens to a service case, under permanent names: intake to closing, and reopening.

Every event but the first says `on` which day it happened, `received_on` is that day for the
first. Days are whole: a time limit cannot be counted from "about 1985".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from registry.law.procedures import ApplicantKind, Level
from registry.personal import Personal

CaseKind = Literal["exchange", "reissue", "confirmation"]
CASE_KINDS: tuple[CaseKind, ...] = get_args(CaseKind)
CaseReason = Literal["damaged", "faded", "disaster", "misprinted", "lost", "proof-needed"]
REASONS: Mapping[CaseKind, tuple[CaseReason, ...]] = {
    "exchange": ("damaged", "faded", "disaster", "misprinted"),
    "reissue": ("lost", "disaster"),
    "confirmation": ("proof-needed", "lost", "disaster"),
}
CaseOutcome = Literal[
    "delivered",
    "refused",
    "no-legal-basis",
    "no-procedure",
    "proof-unobtainable",
    "withdrawn",
    "original-returned",
    "transferred",
    "died-without-representative",
]
OUTCOMES: tuple[CaseOutcome, ...] = get_args(CaseOutcome)
PriorityGround = Literal["over-90", "gravely-ill"]
PRIORITY_GROUNDS: tuple[PriorityGround, ...] = get_args(PriorityGround)
ArchiveResult = Literal["hit", "miss"]
CentreResult = Literal["approved", "refused"]


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks: `relation` to the recipient, None for the recipient in person."""

    kind: ApplicantKind
    person: UUID
    name: str
    relation: str | None = None
    phone: Personal | None = None
    residence: Personal | None = None
    identity_paper: Personal | None = None


@dataclass(frozen=True, slots=True)
class StatedAward:
    """What the applicant says of an award that is not in the register, as he says it."""

    recipient: str
    form: str
    award_class: str | None = None
    number_typed: str | None = None
    issuer_typed: str | None = None
    awarded_on: str | None = None
    native_place: str | None = None
    submitting_body: str | None = None


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a case goes, worked out from its award, of which `form` is the catalogue's code.

    `level` is who makes the artifacts anew, `route` the body through which the case goes: that
    which submitted the award, or its successor. `obstacle` is the code of what stands in the
    way (`registry.law.unavailable`).
    """

    form: str
    level: Level
    submitted_by: str | None
    route: str
    obstacle: str | None


@dataclass(frozen=True, slots=True)
class ServiceCaseOpened:
    """A request was received: a receipt was given, with the day by which it will be answered.

    `rule` is the version of the procedure in force on the day of receipt; it stays. `papers`
    are those of its checklist that were handed in, `missing` those required that were not.
    `decision_wrong` says that the decision itself bears the error, not only the certificate;
    `confirming_decision` names a decision of the State President that confirms an award of the
    Liberation Front.
    """

    receipt: str
    kind: CaseKind
    award_id: UUID | None
    stated: StatedAward | None
    components: tuple[str, ...]
    reason: CaseReason
    reason_text: str | None
    applicant: Applicant
    received_on: str
    desk: str
    rule: str
    routing: Routing
    papers: tuple[str, ...]
    missing: tuple[str, ...]
    decision_wrong: bool
    confirming_decision: str | None
    due_on: str | None


@dataclass(frozen=True, slots=True)
class ServiceCaseSupplementAsked:
    """The applicant was asked for papers; the clock stops."""

    on: str
    papers: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ServiceCaseSupplementReceived:
    """The applicant brought papers; the clock goes on."""

    on: str
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceCaseAwardIdentified:
    """The award of which the applicant spoke was found, or recorded, in the register."""

    on: str
    award_id: UUID
    routing: Routing


@dataclass(frozen=True, slots=True)
class ServiceCaseArchiveChecked:
    """The archive was searched for proof of the award; `evidence` is the paper that was found."""

    on: str
    result: ArchiveResult
    archive: str
    evidence: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class ServiceCaseConfirmed:
    """A confirmation letter was issued; it replaces no artifact and closes nothing."""

    on: str
    number: str
    signatory: str | None


@dataclass(frozen=True, slots=True)
class ServiceCaseSent:
    """The case went to the central body in a batch, with its list and data file."""

    on: str
    batch_id: UUID
    sent_to: str


@dataclass(frozen=True, slots=True)
class ServiceCaseSentBack:
    """The central body sent this case of a batch back, for a reason of its own."""

    on: str
    batch_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class ServiceCaseSuspended:
    """The law stands in the way for now: the clock stops, and the case is not late."""

    on: str
    legal_basis: str
    reason: str


@dataclass(frozen=True, slots=True)
class ServiceCaseResumed:
    """What stood in the way is gone; the clock goes on."""

    on: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class ServiceCaseResultReceived:
    """The central body answered."""

    on: str
    result: CentreResult
    number: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ServiceCaseTransferred:
    """Another desk has the case from now on; the day of receipt and the rule stay."""

    on: str
    desk: str
    route: str
    reason: str


@dataclass(frozen=True, slots=True)
class ServiceCaseDecisionErrorFound:
    """The decision itself is wrong: its authority has to correct it before anything is made."""

    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class ServiceCaseDecisionCorrected:
    """The correcting decision is in the register."""

    on: str
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class ServiceCasePriorityGiven:
    """The case goes before others, for the age or the illness of who applies; why is sealed."""

    on: str
    ground: Personal
    evidence: Personal | None


@dataclass(frozen=True, slots=True)
class ServiceCasePriorityEnded:
    """The case waits its turn again."""

    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class ServiceCaseClosed:
    """The case ended with an outcome that the applicant was told.

    Without a legal basis it names the source of that, and the trigger on which to look at it
    again.
    """

    on: str
    outcome: CaseOutcome
    reason: str
    legal_source: str | None
    watch: str | None
    transferred_to: str | None


@dataclass(frozen=True, slots=True)
class ServiceCaseReopened:
    """A closed case is open again, on a basis; the first day of receipt stays."""

    on: str
    legal_basis: str
    confirming_decision: str | None
    obstacle: str | None


Event = (
    ServiceCaseOpened
    | ServiceCaseSupplementAsked
    | ServiceCaseSupplementReceived
    | ServiceCaseAwardIdentified
    | ServiceCaseArchiveChecked
    | ServiceCaseConfirmed
    | ServiceCaseSent
    | ServiceCaseSentBack
    | ServiceCaseSuspended
    | ServiceCaseResumed
    | ServiceCaseResultReceived
    | ServiceCaseTransferred
    | ServiceCaseDecisionErrorFound
    | ServiceCaseDecisionCorrected
    | ServiceCasePriorityGiven
    | ServiceCasePriorityEnded
    | ServiceCaseClosed
    | ServiceCaseReopened
)
EVENTS: Mapping[str, type] = {
    "service-case-opened.v1": ServiceCaseOpened,
    "service-case-supplement-asked.v1": ServiceCaseSupplementAsked,
    "service-case-supplement-received.v1": ServiceCaseSupplementReceived,
    "service-case-award-identified.v1": ServiceCaseAwardIdentified,
    "service-case-archive-checked.v1": ServiceCaseArchiveChecked,
    "service-case-confirmed.v1": ServiceCaseConfirmed,
    "service-case-sent.v1": ServiceCaseSent,
    "service-case-sent-back.v1": ServiceCaseSentBack,
    "service-case-suspended.v1": ServiceCaseSuspended,
    "service-case-resumed.v1": ServiceCaseResumed,
    "service-case-result-received.v1": ServiceCaseResultReceived,
    "service-case-transferred.v1": ServiceCaseTransferred,
    "service-case-decision-error-found.v1": ServiceCaseDecisionErrorFound,
    "service-case-decision-corrected.v1": ServiceCaseDecisionCorrected,
    "service-case-priority-given.v1": ServiceCasePriorityGiven,
    "service-case-priority-ended.v1": ServiceCasePriorityEnded,
    "service-case-closed.v1": ServiceCaseClosed,
    "service-case-reopened.v1": ServiceCaseReopened,
}


def day_of(event: Event) -> str:
    """The day on which an event happened."""
    return event.received_on if isinstance(event, ServiceCaseOpened) else event.on
