"""Shapes of what clients send. Only shapes: what they mean is in `api.commands`.

Strict: no field that is not named here, no number where text is meant. Lengths are bounded by
the register's own limits, so that nothing longer is carried further than this.

Dates may be EDTF (`1985`, `1985-04`, `1985-04-12`, `1985~`) or written as offices write them
(`12/4/1985`, `4/1985`, `khoảng 1985`).
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from registry.award import AwardClass, Conferral
from registry.award.artifact import ReceiverKind
from registry.award.entry import ErrorPlace
from registry.decision import DecisionKind
from registry.recipient import RecipientKind, Sex
from registry.rules import (
    LINE_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Certainty,
    SourceKind,
)

AWARDS_MAX: Final = 5_000
ARTIFACTS_MAX: Final = 50
SPOILED_SHEETS_MAX: Final = 100
PERSONS_MAX: Final = 2
DATE_CHARACTERS_MAX: Final = 64
ROW_MAX: Final = 10_000_000
SHA256_CHARACTERS: Final = 64
IDENTIFIER_CHARACTERS: Final = 36

Name = Annotated[str, StringConstraints(max_length=NAME_CHARACTERS_MAX)]
Line = Annotated[str, StringConstraints(max_length=LINE_CHARACTERS_MAX)]
Text = Annotated[str, StringConstraints(max_length=TEXT_CHARACTERS_MAX)]
TypedDate = Annotated[str, StringConstraints(max_length=DATE_CHARACTERS_MAX)]
Digest = Annotated[str, StringConstraints(max_length=SHA256_CHARACTERS)]
Identifier = Annotated[str, StringConstraints(max_length=IDENTIFIER_CHARACTERS)]


class Body(BaseModel):
    """What every body has in common."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class CommandBody(Body):
    """A command; `basis` names the decision or document that it rests on."""

    basis: Line | None = None


class PrintDecisionBody(Body):
    """How to print a decision's certificates; without a blank the whole paper is printed.

    With `signed` each certificate becomes a signed file of its own, in a ZIP; else all are pages
    of one file for the printing house, which is not signed.
    """

    signed: bool = False
    blank: Line | None = None
    nudge_x_mm: float | None = None
    nudge_y_mm: float | None = None


class SourceBody(Body):
    """Where the record was read; `row` is the row that its sheet shows."""

    kind: SourceKind = "original-decision"
    certainty: Certainty = "certain"
    reference: Line | None = None
    row: Annotated[int, Field(ge=1, le=ROW_MAX)] | None = None


class DecisionBody(CommandBody):
    """A decision to register: number, issuer and texts exactly as the paper has them."""

    number: Name
    issuer: Name
    decided_on: TypedDate | None = None
    kind: DecisionKind = "award"
    signatory: Name | None = None
    signatory_title: Name | None = None
    summary: Text | None = None
    legal_basis: Text | None = None
    scan_sha256: Digest | None = None
    source: SourceBody = SourceBody()


class DecisionCorrections(Body):
    """What the register should say; fields that are left out stay as they are."""

    number: Name = ""
    issuer: Name = ""
    decided_on: TypedDate | None = None
    signatory: Name | None = None
    signatory_title: Name | None = None
    summary: Text | None = None
    legal_basis: Text | None = None
    scan_sha256: Digest | None = None


class CorrectDecisionBody(CommandBody):
    """Put right what the register says about a decision."""

    corrections: DecisionCorrections
    reason: Text


class PersonBody(Body):
    """A person of a recipient.

    `name` is left out where the recipient's own name is this person's. A full date in `born`
    is published as its year; the date itself is sealed, like `residence`, `identity_paper` and
    `phone`.
    """

    name: Name | None = None
    sex: Sex | None = None
    born: TypedDate | None = None
    native_place: Line | None = None
    residence: Line | None = None
    identity_paper: Line | None = None
    phone: Line | None = None


class RecipientBody(Body):
    """One line of a decision, as printed. An individual without `persons` is one person."""

    kind: RecipientKind = "individual"
    name: Name
    persons: Annotated[list[PersonBody], Field(max_length=PERSONS_MAX)] = []
    honorific: Name | None = None
    position: Line | None = None
    unit: Line | None = None
    category: Line | None = None


class GoldenBookBody(Body):
    """A number in a golden book; `book` names the book if it is not the office's main one."""

    number: Name
    book: Name | None = None


class AwardBody(CommandBody):
    """An award to record.

    `form` is a code of the catalogue or the form's name as offices write it, with or without
    the class. `listed` says whether this is a line of the decision's own list, or of a
    register (the default where no decision is named).
    """

    recipient: RecipientBody
    form: Line
    award_class: AwardClass | None = None
    conferral: Conferral = "living"
    awarded_on: TypedDate | None = None
    number_typed: Name | None = None
    issuer_typed: Name | None = None
    merit: Text | None = None
    golden_book: GoldenBookBody | None = None
    field_of_activity: Line | None = None
    mode: Line | None = None
    submitting_body: Line | None = None
    note: Text | None = None
    listed: bool | None = None
    distinct_because: Line | None = None
    source: SourceBody = SourceBody()
    issue_artifacts: bool = False
    issued_on: TypedDate | None = None


class RegisterAwardBody(AwardBody):
    """An award to record, with the id of its decision if that is in the register."""

    decision_id: Identifier | None = None


class AwardListBody(CommandBody):
    """Awards of one decision, recorded together or not at all."""

    awards: Annotated[list[AwardBody], Field(min_length=1, max_length=AWARDS_MAX)]
    issue_artifacts: bool = False
    issued_on: TypedDate | None = None


def _shape(value: Any) -> str:
    if isinstance(value, list):
        return "bare-list"
    return "award-list" if isinstance(value, dict) and "awards" in value else "one-award"


OneOrMoreAwards = Annotated[
    Annotated[AwardBody, Tag("one-award")]
    | Annotated[AwardListBody, Tag("award-list")]
    | Annotated[
        Annotated[list[AwardBody], Field(min_length=1, max_length=AWARDS_MAX)], Tag("bare-list")
    ],
    Discriminator(_shape),
]


class AwardCorrections(Body):
    """What the register should say; fields that are left out stay as they are."""

    name: Name = ""
    honorific: Name | None = None
    position: Line | None = None
    unit: Line | None = None
    category: Line | None = None
    form: Line = ""
    award_class: AwardClass | None = None
    conferral: Conferral = "living"
    awarded_on: TypedDate | None = None
    merit: Text | None = None
    golden_number: Name | None = None
    golden_book: Name | None = None
    field_of_activity: Line | None = None
    mode: Line | None = None
    submitting_body: Line | None = None
    note: Text | None = None
    sex: Sex | None = None
    born: TypedDate | None = None
    native_place: Line | None = None


class PersonalBody(Body):
    """A sealed value put right; `person` may be left out where the award has one person."""

    person: Identifier | None = None
    kind: Literal["birth-date", "residence", "identity-paper", "phone"]
    value: Line


class CorrectAwardBody(CommandBody):
    """Put right what the register says about an award; the award itself is unchanged.

    `error_in` says where the wrong text stands. Where that is the decision itself, its
    authority's correcting decision must be in the register: `decision_id`.
    """

    corrections: AwardCorrections = AwardCorrections()
    error_in: ErrorPlace = "register"
    decision_id: Identifier | None = None
    personal: Annotated[list[PersonalBody], Field(max_length=PERSONS_MAX * 4)] = []
    reason: Text


class PieceBody(Body):
    """The piece of stock that an artifact is made of: its serial, or its item type without one.

    `store` is a store of the writer's own office, where pieces without serials are taken from.
    """

    serial: Name | None = None
    item: Identifier | None = None
    store: Name | None = None


class ArtifactBody(Body):
    """A component to issue; without a serial the registry allots one."""

    component: Name
    serial: Name | None = None
    stock: PieceBody | None = None


class IssueBody(CommandBody):
    """Artifacts to issue; none named means every component that is still expected."""

    artifacts: Annotated[list[ArtifactBody], Field(max_length=ARTIFACTS_MAX)] = []
    issued_on: TypedDate | None = None


class PrintBody(CommandBody):
    """The paper came out of the printer as it should, today unless it says when.

    `stock` is the sheet that became the paper; `spoiled` are those that were spoiled before it.
    """

    printed_on: TypedDate | None = None
    stock: PieceBody | None = None
    spoiled: Annotated[list[PieceBody], Field(max_length=SPOILED_SHEETS_MAX)] = []
    spoiled_because: Line | None = None


class PrintedPaperBody(Body):
    """One paper that was printed, and the sheet that became it."""

    serial: Name
    stock: PieceBody | None = None


class PrintedDecisionBody(CommandBody):
    """The papers of a decision came out of the printer: those named, or all that were not yet."""

    printed_on: TypedDate | None = None
    papers: Annotated[list[PrintedPaperBody], Field(max_length=AWARDS_MAX)] | None = None
    spoiled: Annotated[list[PieceBody], Field(max_length=SPOILED_SHEETS_MAX)] = []
    spoiled_because: Line | None = None


class ReceiverBody(Body):
    """Who took the artifact in hand; a representative with relation and identity paper."""

    kind: ReceiverKind
    name: Name | None = None
    relation: Line | None = None
    identity_paper: Line | None = None


class DeliverBody(CommandBody):
    """The artifact was handed over."""

    delivered_on: TypedDate
    receiver: ReceiverBody
    stock: PieceBody | None = None


class ReturnBody(CommandBody):
    """The artifact came back undelivered."""

    returned_on: TypedDate
    reason: Text
    returned_by: Line | None = None
