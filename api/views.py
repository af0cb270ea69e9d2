"""Shapes of what clients get: one record as JSON, with words beside every code.

Field names are those of requests, so that what was read can be sent back corrected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from registry.award import expected_components
from registry.catalogue import load_catalogue
from registry.messages import (
    describe_remark,
    form_name,
    format_date,
    term,
)

if TYPE_CHECKING:
    from uuid import UUID

    from api.records import AwardRecord, DecisionRecord
    from registry.recipient import Person
    from registry.remark import Remark
    from registry.rules import Source
    from registry.settings import Language

from api.artifact_story import ArtifactStory, artifact_stories

PersonalState = Literal["sealed", "open", "erased"]
Opened = Mapping[tuple[str, str], "str | None"]
"""Sealed values that the reader may see, by person and kind; None where the key is gone."""


@dataclass(frozen=True, slots=True)
class RemarkView:
    """A doubt about a record, which was recorded all the same."""

    code: str
    detail: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where a record was read, and how far it can be trusted."""

    kind: str
    certainty: str
    reference: str | None
    row: int | None


@dataclass(frozen=True, slots=True)
class PersonalView:
    """A sealed value: `value` only for those who may read it."""

    state: PersonalState
    value: str | None = None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person of a recipient."""

    id: str
    name: str | None
    sex: str | None
    born: str | None
    native_place: str | None
    personal: Mapping[str, PersonalView]


@dataclass(frozen=True, slots=True)
class RecipientView:
    """The recipient as printed."""

    kind: str
    name: str
    honorific: str | None
    position: str | None
    unit: str | None
    category: str | None
    persons: Sequence[PersonView]


@dataclass(frozen=True, slots=True)
class GoldenBookView:
    """A number in a golden book."""

    number: str
    book: str | None


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """Who took an artifact in hand."""

    kind: str
    name: str
    relation: str | None
    identity_paper: PersonalView | None


@dataclass(frozen=True, slots=True)
class ArtifactView:
    """A component of an award: `expected` until it is issued under a serial."""

    component: str
    component_name: str
    serial: str | None
    stage: str
    stage_name: str
    issued_on: str | None = None
    printed_on: str | None = None
    delivered_on: str | None = None
    receiver: ReceiverView | None = None
    returned_on: str | None = None
    returned_by: str | None = None
    return_reason: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision. Dates are EDTF; `decided_on_text` says them in words."""

    id: str
    version: int
    number: str
    issuer: str
    decided_on: str | None
    decided_on_text: str | None
    kind: str
    signatory: str | None
    signatory_title: str | None
    summary: str | None
    legal_basis: str | None
    scan_sha256: str | None
    source: SourceView
    recorded_at: datetime
    recorded_by: str
    office: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class AwardView:
    """An award with its artifacts. Dates are EDTF; `awarded_on_text` says them in words.

    `decision_id` is its decision, named or cited; None while no such decision is registered.
    `number_typed` and `issuer_typed` are how the award's source writes it.
    """

    id: str
    version: int
    decision_id: str | None
    number_typed: str | None
    issuer_typed: str | None
    awarded_on: str | None
    awarded_on_text: str | None
    recipient: RecipientView
    form: str
    form_name: str
    form_typed: str | None
    award_class: str | None
    class_name: str | None
    conferral: str
    merit: str | None
    golden_book: GoldenBookView | None
    field_of_activity: str | None
    mode: str | None
    submitting_body: str | None
    note: str | None
    listed: bool
    distinct_because: str | None
    source: SourceView
    artifacts: Sequence[ArtifactView]
    recorded_at: datetime
    recorded_by: str
    office: str
    changed_at: datetime


def decision_to_view(record: DecisionRecord, language: Language) -> DecisionView:
    """A decision as clients see it."""
    content, first = record.state.content, record.facts[0]
    return DecisionView(
        id=str(record.id),
        version=record.version,
        number=content.number,
        issuer=content.issuer,
        decided_on=content.decided_on,
        decided_on_text=_in_words(content.decided_on, language),
        kind=content.kind,
        signatory=content.signatory,
        signatory_title=content.signatory_title,
        summary=content.summary,
        legal_basis=content.legal_basis,
        scan_sha256=content.scan_sha256,
        source=_source(content.source),
        recorded_at=first.recorded_at,
        recorded_by=first.authorship.actor,
        office=first.authorship.office,
        changed_at=record.facts[-1].recorded_at,
    )


def award_to_view(
    record: AwardRecord, decision_id: UUID | None, language: Language, opened: Opened | None
) -> AwardView:
    """An award as clients see it; `opened` is None for who may not read sealed values."""
    content, first = record.state.content, record.facts[0]
    golden, award_class = content.golden_book, content.award_class
    persons = tuple(_person(one, opened) for one in content.recipient.persons)
    recipient = content.recipient
    return AwardView(
        id=str(record.id),
        version=record.version,
        decision_id=str(decision_id) if decision_id else None,
        number_typed=content.number_typed,
        issuer_typed=content.issuer_typed,
        awarded_on=content.awarded_on,
        awarded_on_text=_in_words(content.awarded_on, language),
        recipient=RecipientView(
            recipient.kind,
            recipient.name,
            recipient.honorific,
            recipient.position,
            recipient.unit,
            recipient.category,
            persons,
        ),
        form=content.form,
        form_name=form_name(content.form, language),
        form_typed=content.form_typed,
        award_class=award_class,
        class_name=term("class", award_class, language) if award_class else None,
        conferral=content.conferral,
        merit=content.merit,
        golden_book=GoldenBookView(golden.number, golden.book) if golden else None,
        field_of_activity=content.field_of_activity,
        mode=content.mode,
        submitting_body=content.submitting_body,
        note=content.note,
        listed=content.listed,
        distinct_because=content.distinct_because,
        source=_source(content.source),
        artifacts=artifact_views(record, language, opened),
        recorded_at=first.recorded_at,
        recorded_by=first.authorship.actor,
        office=first.authorship.office,
        changed_at=record.facts[-1].recorded_at,
    )


def artifact_views(
    record: AwardRecord, language: Language, opened: Opened | None
) -> tuple[ArtifactView, ...]:
    """Artifacts of an award: those issued, and the components still expected, in print order."""
    stories = artifact_stories(record)
    issued = {story.component for story in stories}
    expected = expected_components(record.state.content, load_catalogue())
    waiting = [ArtifactStory(one) for one in expected if one not in issued]
    order = {component: place for place, component in enumerate(expected)}
    every = sorted([*stories, *waiting], key=lambda one: order.get(one.component, len(order)))
    return tuple(_artifact(story, language, opened) for story in every)


def remark_to_view(remark: Remark, language: Language) -> RemarkView:
    """A doubt with its sentence."""
    return RemarkView(remark.code, describe_remark(remark, language), dict(remark.params))


def _artifact(story: ArtifactStory, language: Language, opened: Opened | None) -> ArtifactView:
    receiver = story.receiver
    return ArtifactView(
        component=story.component,
        component_name=term("component", story.component, language),
        serial=story.serial,
        stage=story.stage,
        stage_name=term("stage", story.stage, language),
        issued_on=story.issued_on,
        printed_on=story.printed_on,
        delivered_on=story.delivered_on,
        receiver=ReceiverView(
            receiver.kind,
            receiver.name,
            receiver.relation,
            _personal(str(receiver.person), "identity-paper", opened)
            if receiver.identity_paper is not None
            else None,
        )
        if receiver is not None
        else None,
        returned_on=story.returned_on,
        returned_by=story.returned_by,
        return_reason=story.return_reason,
    )


def _person(person: Person, opened: Opened | None) -> PersonView:
    subject = str(person.id)
    sealed = {value.kind: value for value in person.personal_values()}
    return PersonView(
        id=subject,
        name=person.name,
        sex=person.sex,
        born=person.born,
        native_place=person.native_place,
        personal={
            kind.replace("-", "_"): _personal(subject, kind, opened) for kind in sorted(sealed)
        },
    )


def _personal(subject: str, kind: str, opened: Opened | None) -> PersonalView:
    if opened is None:
        return PersonalView("sealed")
    value = opened.get((subject, kind))
    return PersonalView("erased") if value is None else PersonalView("open", value)


def _source(source: Source) -> SourceView:
    return SourceView(source.kind, source.certainty, source.reference, source.row)


def _in_words(date: str | None, language: Language) -> str | None:
    return format_date(date, language) if date is not None else None
