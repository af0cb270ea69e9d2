"""Shapes of what clients get: one record as JSON, with words beside every code.

Field names are those of requests, so that what was read can be sent back corrected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from api.artifact_views import ArtifactView, artifact_views
from api.personal_views import Opened, PersonalView, personal_to_view
from registry import award, decision
from registry.award.doubts import HOLDING
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
class TakenAwayView:
    """By which decision, since when and why something does not stand; declined by no decision.

    `reason` is a point of Art. 93(2) where it was cancelled; `recall_due_on` the day until
    which an award's artifacts must be back.
    """

    decision_id: str | None
    on: str | None
    on_text: str | None
    reason: str | None
    reason_name: str | None
    recall_due_on: str | None
    recall_due_on_text: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class WithdrawnView:
    """Why a record that was entered by mistake was withdrawn, by whom and when.

    `decision_id` or `import_id` is what was withdrawn as a whole.
    """

    reason: str
    withdrawn_at: datetime
    withdrawn_by: str
    office: str
    decision_id: str | None = None
    import_id: str | None = None


@dataclass(frozen=True, slots=True)
class VerdictView:
    """A court's judgment on the holder of a title, and what is due by when."""

    effective_on: str
    effective_on_text: str
    court: str | None
    judgment: str | None
    sentence: str
    ground: str | None
    ground_name: str | None
    strip_due_on: str | None
    strip_due_on_text: str | None


@dataclass(frozen=True, slots=True)
class DoubtView:
    """Something that does not fit about an award, until it is confirmed or put right."""

    code: str
    detail: str
    params: Mapping[str, str]
    holds_back: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision. Dates are EDTF; `decided_on_text` says them in words.

    `standing` is `standing`, `cancelled` or `withdrawn`; `taken_away` says by what it was
    cancelled, `withdrawn` why it never was, `doubts` what does not fit about the cancelling.
    """

    id: str
    version: int
    number: str
    issuer: str
    decided_on: str | None
    decided_on_text: str | None
    kind: str
    standing: str
    standing_name: str
    taken_away: TakenAwayView | None
    withdrawn: WithdrawnView | None
    doubts: Sequence[RemarkView]
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
    `number_typed` and `issuer_typed` are how the award's source writes it. `standing` is
    `standing`, `cancelled`, `stripped` or `withdrawn`; `taken_away` says by what, `withdrawn` why
    it never was. While it is `held_back` nothing of it is printed, signed or told as in force:
    `doubts` say why.
    """

    id: str
    version: int
    standing: str
    standing_name: str
    taken_away: TakenAwayView | None
    withdrawn: WithdrawnView | None
    held_back: bool
    held_back_text: str | None
    doubts: Sequence[DoubtView]
    verdict: VerdictView | None
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
        standing=decision.standing_name(record.state),
        standing_name=term("standing", decision.standing_name(record.state), language),
        taken_away=_cancelled(record.state, language),
        withdrawn=_withdrawn(record),
        doubts=[remark_to_view(one, language) for one in decision.order_doubts(record.state)],
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
    recipient, held = content.recipient, award.held_by(record.state)
    return AwardView(
        id=str(record.id),
        version=record.version,
        standing=award.standing_name(record.state),
        standing_name=term("standing", award.standing_name(record.state), language),
        taken_away=_taken_away(record.state, language),
        withdrawn=_withdrawn(record),
        held_back=held is not None,
        held_back_text=None if held is None else term("paper-status", "held-back", language),
        doubts=_doubts(record, language),
        verdict=_verdict(record.state, language),
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


def _doubts(record: AwardRecord, language: Language) -> list[DoubtView]:
    """The open doubts, each with the moment when it was raised."""
    if isinstance(record.state, award.Withdrawn):
        return []
    raised = {
        doubt: fact.recorded_at
        for fact in record.facts
        if isinstance(fact.event, award.AwardDoubted)
        for doubt in fact.event.doubts
    }
    return [
        DoubtView(
            one.code,
            describe_remark(one, language),
            dict(one.params),
            one.code in HOLDING,
            raised[one],
        )
        for one in record.state.doubts.open
    ]


def remark_to_view(remark: Remark, language: Language) -> RemarkView:
    """A doubt with its sentence."""
    return RemarkView(remark.code, describe_remark(remark, language), dict(remark.params))


def _withdrawn(record: AwardRecord | DecisionRecord) -> WithdrawnView | None:
    """Who took a record back, and why: the last fact of one that was."""
    by = record.state.by if isinstance(record.state, award.Withdrawn | decision.Withdrawn) else None
    if by is None:
        return None
    fact = record.facts[-1]
    said = fact.authorship
    whole = by.decision_id if isinstance(by, award.AwardWithdrawn) else None
    return WithdrawnView(
        by.reason,
        fact.recorded_at,
        said.actor,
        said.office,
        str(whole) if whole else None,
        str(by.import_id) if by.import_id else None,
    )


def _taken_away(state: award.Entered, language: Language) -> TakenAwayView | None:
    match state:
        case award.Cancelled(by=by):
            return TakenAwayView(
                str(by.decision_id),
                by.cancelled_on,
                _in_words(by.cancelled_on, language),
                by.reason,
                term("cancel-reason", by.reason, language),
                by.recall_due_on,
                _in_words(by.recall_due_on, language),
                by.note,
            )
        case award.Stripped(by=by):
            on, words = by.stripped_on, _in_words(by.stripped_on, language)
            due, due_words = by.recall_due_on, _in_words(by.recall_due_on, language)
            return TakenAwayView(
                str(by.decision_id), on, words, None, None, due, due_words, by.note
            )
        case award.Declined(by=by):
            words = _in_words(by.declined_on, language)
            return TakenAwayView(None, by.declined_on, words, None, by.paper, None, None, by.note)
        case award.Standing() | award.Withdrawn():
            return None
        case _:
            assert_never(state)


def _cancelled(state: decision.Entered, language: Language) -> TakenAwayView | None:
    if not isinstance(state, decision.Cancelled):
        return None
    by = state.by
    return TakenAwayView(
        str(by.decision_id),
        by.cancelled_on,
        _in_words(by.cancelled_on, language),
        by.reason,
        term("cancel-reason", by.reason, language),
        None,
        None,
        by.note,
    )


def _verdict(state: award.Entered, language: Language) -> VerdictView | None:
    noted = state.verdict if isinstance(state, award.Standing) else None
    if noted is None:
        return None
    ground = noted.ground if isinstance(noted, award.VerdictNotedOnGround) else None
    return VerdictView(
        noted.effective_on,
        format_date(noted.effective_on, language),
        noted.court,
        noted.judgment,
        noted.sentence,
        ground,
        term("verdict-ground", ground, language) if ground else None,
        noted.strip_due_on,
        _in_words(noted.strip_due_on, language),
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
            kind.replace("-", "_"): personal_to_view(subject, kind, opened)
            for kind in sorted(sealed)
        },
    )


def _source(source: Source) -> SourceView:
    return SourceView(source.kind, source.certainty, source.reference, source.row)


def _in_words(date: str | None, language: Language) -> str | None:
    return format_date(date, language) if date is not None else None
