"""Shapes of what clients send about service cases. Only shapes, as in `api.bodies`.

Every step may say `on` which day it happened; without it, today.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from api.bodies import Body, CommandBody, Identifier, Line, Name, Text, TypedDate
from registry.cases.events import (
    ArchiveResult,
    CaseKind,
    CaseOutcome,
    CaseReason,
    CentreResult,
    PriorityGround,
)
from registry.law.procedures import ApplicantKind

COMPONENTS_MAX: Final = 20
PAPERS_MAX: Final = 50
CASES_PER_BATCH_MAX: Final = 1_000

Papers = Annotated[list[Name], Field(max_length=PAPERS_MAX)]


class ApplicantBody(Body):
    """Who asks; without a relation it is the recipient in person. Contacts are sealed."""

    kind: ApplicantKind = "person"
    name: Name
    relation: Line | None = None
    phone: Line | None = None
    residence: Line | None = None
    identity_paper: Line | None = None


class StatedAwardBody(Body):
    """What the applicant says of an award that is not in the register."""

    recipient: Name
    form: Line
    award_class: Name | None = None
    number_typed: Name | None = None
    issuer_typed: Name | None = None
    awarded_on: TypedDate | None = None
    native_place: Line | None = None
    submitting_body: Line | None = None


class CaseBody(CommandBody):
    """A request to receive: for an award of the register, or for what is said of one.

    `papers` are codes of the procedure's checklist. With `priority_ground` it goes before others.
    Without `desk` it is the clerk's office.
    """

    kind: CaseKind
    reason: CaseReason
    reason_text: Text | None = None
    award_id: Identifier | None = None
    stated: StatedAwardBody | None = None
    components: Annotated[list[Name], Field(max_length=COMPONENTS_MAX)] = Field([])
    applicant: ApplicantBody
    received_on: TypedDate | None = None
    desk: Name | None = None
    papers: Papers = Field([])
    decision_wrong: bool = False
    confirming_decision: Line | None = None
    priority_ground: PriorityGround | None = None
    priority_evidence: Text | None = None


class StepBody(CommandBody):
    """A step of a case."""

    on: TypedDate | None = None


class AskSupplementBody(StepBody):
    """The applicant is asked for papers."""

    papers: Papers
    reason: Text


class ReceiveSupplementBody(StepBody):
    """The applicant brought papers."""

    papers: Papers


class IdentifyBody(StepBody):
    """The award of which the applicant spoke."""

    award_id: Identifier


class CheckArchiveBody(StepBody):
    """What the archive has; a hit names its evidence."""

    result: ArchiveResult
    archive: Line
    evidence: Text | None = None
    remark: Text | None = None


class ConfirmBody(StepBody):
    """A confirmation letter is issued."""

    number: Name
    signatory: Name | None = None


class ReasonBody(StepBody):
    """A step that says why."""

    reason: Text


class SuspendBody(StepBody):
    """The law stands in the way."""

    legal_basis: Text
    reason: Text


class ResumeBody(StepBody):
    """What stood in the way is gone."""

    legal_basis: Text


class ResultBody(StepBody):
    """The central body answered."""

    result: CentreResult
    number: Name | None = None
    reason: Text | None = None


class TransferBody(StepBody):
    """The case goes to another desk; without one, to the successor of the present desk."""

    desk: Name | None = None
    reason: Text


class CorrectionBody(StepBody):
    """The correcting decision, which is in the register."""

    decision_id: Identifier


class CloseBody(StepBody):
    """The case ends."""

    outcome: CaseOutcome
    reason: Text
    legal_source: Text | None = None
    watch: Line | None = None
    transferred_to: Line | None = None


class ReopenBody(StepBody):
    """A closed case is opened again."""

    legal_basis: Text
    confirming_decision: Line | None = None


class PrioritizeBody(StepBody):
    """The case goes before others; why is sealed."""

    priority_ground: PriorityGround
    priority_evidence: Text | None = None


class BatchBody(StepBody):
    """Cases that go to the central body together, by their ids."""

    case_ids: Annotated[list[Identifier], Field(min_length=1, max_length=CASES_PER_BATCH_MAX)]
    sent_to: Line | None = None
