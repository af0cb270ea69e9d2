"""An award: one form and class of commendation given to one recipient under one decision.

The whole story of an award and of the artifacts that go with it, in reading order: events,
states, commands, rules. Pure functions and no library: what an award was on any day is these
functions over its facts.

Rules kept here, with their sources in the domain reference:
  * an old award is judged by the catalogue as in force at its own date, never today's (1.1);
  * what the catalogue only recalls may warn, never reject;
  * a class belongs only to a form that has classes (scenario 7);
  * one line of a register or list is recorded once; the same golden-book number on two awards
    is recorded and reported (scenario 6);
  * a title without artifacts issues none (scenario 13); one live artifact per component;
  * what a posthumous award brings is handed to a representative: name, relation, identity paper
    and date are required, and the recipient stays the deceased (scenario 10).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, assert_never, get_args
from uuid import UUID

from registry import artifact as artifacts
from registry import decision as decisions
from registry.artifact import (
    Artifact,
    ArtifactDelivered,
    ArtifactIssued,
    ArtifactPrinted,
    ArtifactReturnedUndelivered,
    ArtifactSigned,
    Delivered,
    Issued,
    Printed,
    Receiver,
)
from registry.catalogue import AwardForm, Catalogue
from registry.dates import parse_edtf
from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.numbers import normalise_golden_number, normalise_number, normalise_serial
from registry.personal import Clear, Personal
from registry.recipient import Person, Recipient, check_recipient
from registry.remark import Remark
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Change,
    Source,
    check_choice,
    check_date,
    check_source,
    check_text,
    require_text,
)
from registry.text import comparison_key

AwardClass = Literal["I", "II", "III"]
Conferral = Literal["living", "posthumous"]
CONFERRALS: tuple[Conferral, ...] = get_args(Conferral)

# Papers that are printed; insignia, boxes, frames and flags are made.
PRINTED_COMPONENTS = frozenset(
    {"certificate", "board", "confirmation_certificate", "confirmation_letter"}
)


# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GoldenBook:
    """A running number in a golden book: `book` names the book, None the office's main one.

    Gaps and repeated numbers are part of history.
    """

    number: str
    book: str | None = None


@dataclass(frozen=True, slots=True)
class AwardRecorded:
    """An award was entered in the register.

    `awarded_on` is its effective date (EDTF). `form` is a code of the catalogue and `form_typed`
    what the source calls it; `number_typed` and `issuer_typed` are how this source writes the
    decision, where that is not the decision's own paper. `listed` and `distinct_because` say
    which entries would mean the same award, see `meaning_of`. `submitting_body` is who put the
    award forward: exchange and re-issue go through it or its successor.
    """

    decision_id: UUID | None
    number_typed: str | None
    issuer_typed: str | None
    awarded_on: str | None
    recipient: Recipient
    form: str
    form_typed: str | None
    award_class: AwardClass | None
    conferral: Conferral
    merit: str | None
    golden_book: GoldenBook | None
    field_of_activity: str | None
    mode: str | None
    submitting_body: str | None
    note: str | None
    listed: bool
    distinct_because: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class AwardCorrected:
    """The register's text about an award was wrong and is put right; the award is unchanged."""

    changes: tuple[Change, ...]
    personal: tuple[Personal, ...]
    reason: str


Event = AwardRecorded | AwardCorrected | artifacts.Event
EVENTS: Mapping[str, type] = {
    "award-recorded.v1": AwardRecorded,
    "award-corrected.v1": AwardCorrected,
    "artifact-issued.v1": ArtifactIssued,
    "artifact-printed.v1": ArtifactPrinted,
    "artifact-delivered.v1": ArtifactDelivered,
    "artifact-returned-undelivered.v1": ArtifactReturnedUndelivered,
    "artifact-signed.v1": ArtifactSigned,
}


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """Nothing is known of this award."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The award is in the register and stands."""

    content: AwardRecorded
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)


State = Unrecorded | Standing
INITIAL: State = Unrecorded()


# Commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordAward:
    """Enter an award.

    With a `decision_id` the award's date is the decision's unless `awarded_on` says otherwise.
    `listed` tells whether the line is one of the decision's own list (two lines mean the same
    award when honorific, name, position, unit and kind agree) or of a register (when name,
    birth, native place, decision number and date agree). `distinct_because` says why a line
    that looks like a recorded award is another one.
    """

    recipient: Recipient
    form: str
    source: Source
    decision_id: UUID | None = None
    number_typed: str | None = None
    issuer_typed: str | None = None
    awarded_on: str | None = None
    form_typed: str | None = None
    award_class: AwardClass | None = None
    conferral: Conferral = "living"
    merit: str | None = None
    golden_book: GoldenBook | None = None
    field_of_activity: str | None = None
    mode: str | None = None
    submitting_body: str | None = None
    note: str | None = None
    listed: bool = True
    distinct_because: str | None = None


CorrectableField = Literal[
    "name",
    "honorific",
    "position",
    "unit",
    "category",
    "form",
    "award_class",
    "conferral",
    "awarded_on",
    "merit",
    "golden_number",
    "golden_book",
    "field_of_activity",
    "mode",
    "submitting_body",
    "note",
    "sex",
    "born",
    "native_place",
]


@dataclass(frozen=True, slots=True)
class CorrectAward:
    """Put right what the register says; fields that are not named stay as they are."""

    corrections: Mapping[CorrectableField, str | None]
    reason: str
    personal: tuple[Clear, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueArtifacts:
    """Enter artifacts for components of the award: pairs of component and serial."""

    items: tuple[tuple[str, str], ...]
    issued_on: str | None = None


@dataclass(frozen=True, slots=True)
class PrintArtifact:
    """Record that the paper with this serial was printed."""

    serial: str
    printed_on: str


@dataclass(frozen=True, slots=True)
class DeliverArtifact:
    """Record that somebody took the artifact with this serial in hand."""

    serial: str
    delivered_on: str
    receiver: Receiver


@dataclass(frozen=True, slots=True)
class ReturnUndelivered:
    """Record that the artifact with this serial came back undelivered."""

    serial: str
    returned_on: str
    reason: str
    returned_by: str | None = None


@dataclass(frozen=True, slots=True)
class SignArtifact:
    """Record what was signed for the paper with this serial; fields as in `ArtifactSigned`."""

    serial: str
    kid: str
    status_index: int
    payload: str


Command = (
    RecordAward
    | CorrectAward
    | IssueArtifacts
    | PrintArtifact
    | DeliverArtifact
    | ReturnUndelivered
    | SignArtifact
)


# Rules --------------------------------------------------------------------------------------


def personal_values(event: Event) -> Iterator[Personal]:
    """Personal values of recipients, and identity papers of those who took something in hand."""
    match event:
        case AwardRecorded(recipient=recipient):
            for person in recipient.persons:
                yield from person.personal_values()
        case AwardCorrected(personal=values):
            yield from values
        case ArtifactDelivered(receiver=receiver):
            if receiver.identity_paper is not None:
                yield receiver.identity_paper
        case ArtifactIssued() | ArtifactPrinted() | ArtifactReturnedUndelivered():
            return
        case ArtifactSigned():
            return
        case _:
            assert_never(event)


def named_records(command: Command) -> tuple[Named, ...]:
    """An award may be recorded only while its decision stands."""
    if isinstance(command, RecordAward) and command.decision_id is not None:
        return (("decision", command.decision_id),)
    return ()


def decide(  # noqa: PLR0911 - one for each command
    state: State, command: Command, world: World
) -> Outcome:
    """Judge a command on one award. Raises `Rejected`."""
    match command:
        case RecordAward():
            return _record(state, command, world)
        case CorrectAward():
            return _correct(_standing(state), command, world)
        case IssueArtifacts():
            return _issue(_standing(state), command, world)
        case PrintArtifact():
            return _print(_standing(state), command)
        case DeliverArtifact():
            return _deliver(_standing(state), command)
        case ReturnUndelivered():
            return _return(_standing(state), command)
        case SignArtifact():
            return _sign(_standing(state), command)
        case _:
            assert_never(command)


def evolve(state: State, event: Event) -> State:
    """Apply what happened."""
    match event:
        case AwardRecorded():
            return Standing(event)
        case AwardCorrected():
            return _corrected(state, event)
        case (
            ArtifactIssued()
            | ArtifactPrinted()
            | ArtifactDelivered()
            | ArtifactReturnedUndelivered()
            | ArtifactSigned()
        ):
            return _artifact_moved(state, event)
        case _:
            assert_never(event)


def claims(after: State, event: Event) -> tuple[Claim, ...]:
    """One record per meaning, one artifact per serial; golden-book numbers are watched.

    What an award meant before a correction stays claimed: the paper that spelled it so is
    still the same award when it is typed in again.
    """
    match event:
        case AwardRecorded() | AwardCorrected():
            content = after.content if isinstance(after, Standing) else None
            if content is None:
                return ()
            return (Claim("award", meaning_of(content)), *golden_claim(content.golden_book))
        case ArtifactIssued():
            return (Claim("serial", normalise_serial(event.serial)),)
        case ArtifactPrinted() | ArtifactDelivered() | ArtifactReturnedUndelivered():
            return ()
        case ArtifactSigned():
            return (Claim("status-index", str(event.status_index)),)
        case _:
            assert_never(event)


def taken(claim: Claim, holder: UUID) -> AlreadyRecorded:
    """The error for an award or a serial that another record holds already."""
    if claim.kind == "serial":
        return AlreadyRecorded("serial-used-already", holder, serial=claim.key)
    if claim.kind == "status-index":
        return AlreadyRecorded("status-index-taken", holder, index=claim.key)
    return AlreadyRecorded("award-recorded-already", holder)


# Recording ----------------------------------------------------------------------------------


def _record(state: State, command: RecordAward, world: World) -> Outcome:
    if isinstance(state, Standing):
        raise Rejected("award-recorded-already")
    check_recipient(command.recipient)
    decided_on = _decision_date(command, world)
    awarded_on = command.awarded_on or decided_on
    event = AwardRecorded(
        decision_id=command.decision_id,
        number_typed=command.number_typed,
        issuer_typed=command.issuer_typed,
        awarded_on=awarded_on,
        recipient=command.recipient,
        form=command.form,
        form_typed=command.form_typed,
        award_class=command.award_class,
        conferral=command.conferral,
        merit=command.merit,
        golden_book=command.golden_book,
        field_of_activity=command.field_of_activity,
        mode=command.mode,
        submitting_body=command.submitting_body,
        note=command.note,
        listed=command.listed,
        distinct_because=command.distinct_because,
        source=command.source,
    )
    _check_content(event, world.catalogue)
    return Outcome((event,), _doubts(event, world))


def _decision_date(command: RecordAward, world: World) -> str | None:
    """Date of the decision that the award names. Raises `Rejected` unless it stands."""
    if command.decision_id is None:
        return None
    decision = world.records.get(command.decision_id)
    if not isinstance(decision, decisions.Standing):
        raise Rejected("decision-unknown", field="decision_id")
    return decision.content.decided_on


def _check_content(content: AwardRecorded, catalogue: Catalogue) -> None:
    _check_form(content, catalogue)
    check_choice("conferral", content.conferral, CONFERRALS)
    check_date("awarded_on", content.awarded_on)
    check_text("number_typed", content.number_typed, NAME_CHARACTERS_MAX)
    check_text("issuer_typed", content.issuer_typed, NAME_CHARACTERS_MAX)
    check_text("form_typed", content.form_typed)
    check_text("merit", content.merit, TEXT_CHARACTERS_MAX)
    check_text("field_of_activity", content.field_of_activity)
    check_text("mode", content.mode)
    check_text("submitting_body", content.submitting_body)
    check_text("note", content.note, TEXT_CHARACTERS_MAX)
    check_source(content.source)
    if content.golden_book is not None:
        require_text("golden_number", content.golden_book.number, NAME_CHARACTERS_MAX)
        check_text("golden_book", content.golden_book.book, NAME_CHARACTERS_MAX)


def _check_form(content: AwardRecorded, catalogue: Catalogue) -> None:
    form = catalogue.find(content.form)
    if form is None:
        raise Rejected("form-unknown", field="form", typed=content.form[:100])
    if content.award_class is not None and content.award_class not in form.class_codes:
        raise Rejected(
            "class-not-allowed",
            field="award_class",
            form=form.name_vi,
            typed=content.award_class,
            allowed=", ".join(form.class_codes) or None,
        )


def _doubts(content: AwardRecorded, world: World) -> tuple[Remark, ...]:
    """What somebody should look at, though nothing forbids it."""
    form = world.catalogue.form(content.form)
    doubts = []
    if form.class_codes and content.award_class is None:
        doubts.append(Remark("class-missing", (("form", form.name_vi),)))
    if _born_after_award(content):
        doubts.append(Remark("born-after-award", ()))
    issuer = content.issuer_typed or _decision_issuer(content, world) or ""
    on = parse_edtf(content.awarded_on) if content.awarded_on else None
    remarks = world.catalogue.remarks(content.form, content.award_class, issuer, on)
    return (*doubts, *remarks)


def _born_after_award(content: AwardRecorded) -> bool:
    if content.awarded_on is None:
        return False
    awarded = parse_edtf(content.awarded_on).latest
    return any(
        person.born is not None and parse_edtf(person.born).earliest > awarded
        for person in content.recipient.persons
    )


def _decision_issuer(content: AwardRecorded, world: World) -> str | None:
    decision = world.records.get(content.decision_id) if content.decision_id else None
    return decision.content.issuer if isinstance(decision, decisions.Standing) else None


def meaning_of(content: AwardRecorded) -> str:
    """The text that makes two entries the same award.

    Spellings fold (tone placement, y/i, case, spaces, dashes), diacritics do not: Hoa and Hòa
    are two people. Full birth dates take no part, because they are sealed.
    """
    recipient = content.recipient
    persons = recipient.persons
    if content.listed:
        place: tuple[str, ...] = (
            "list",
            str(content.decision_id or ""),
            recipient.kind,
            comparison_key(recipient.honorific or ""),
            comparison_key(recipient.position or ""),
            comparison_key(recipient.unit or ""),
        )
    else:
        number = normalise_number(content.number_typed or "")
        place = ("register", number, content.awarded_on or "")
    return "|".join(
        (
            *place,
            content.form,
            content.award_class or "",
            comparison_key(recipient.name),
            "+".join(person.born or "" for person in persons),
            "+".join(comparison_key(person.native_place or "") for person in persons),
            comparison_key(content.distinct_because or ""),
        )
    )


def golden_claim(golden: GoldenBook | None) -> tuple[Claim, ...]:
    """Watch over a golden-book number: the same one on two awards is reported."""
    if golden is None:
        return ()
    book = comparison_key(golden.book or "")
    return (Claim("golden-number", f"{book}|{normalise_golden_number(golden.number)}", soft=True),)


# Correcting ---------------------------------------------------------------------------------


def _correct(state: Standing, command: CorrectAward, world: World) -> Outcome:
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    before = state.content
    changes = tuple(
        Change(name, read_field(before, name), after)
        for name, after in sorted(command.corrections.items())
        if read_field(before, name) != after
    )
    if not changes and not command.personal:
        raise Rejected("nothing-to-correct")
    _check_subjects(before, command.personal)
    after = _apply(before, changes)
    check_recipient(after.recipient)
    _check_content(after, world.catalogue)
    return Outcome((AwardCorrected(changes, command.personal, reason),), _doubts(after, world))


def _check_subjects(content: AwardRecorded, values: tuple[Clear, ...]) -> None:
    subjects = {str(person.id) for person in content.recipient.persons}
    for value in values:
        if value.subject not in subjects:
            raise Rejected("personal-value-of-another", field=value.kind)


def _corrected(state: State, event: AwardCorrected) -> State:
    if not isinstance(state, Standing):
        return state
    content = _apply(state.content, event.changes)
    persons = tuple(_with_personal(one, event.personal) for one in content.recipient.persons)
    recipient = replace(content.recipient, persons=persons)
    return replace(state, content=replace(content, recipient=recipient))


def _with_personal(person: Person, values: tuple[Personal, ...]) -> Person:
    own: dict[str, Any] = {
        value.kind.replace("-", "_"): value for value in values if value.subject == str(person.id)
    }
    return replace(person, **own)


_RECIPIENT_FIELDS = frozenset({"name", "honorific", "position", "unit", "category"})
_PERSON_FIELDS = frozenset({"sex", "born", "native_place"})


def read_field(content: AwardRecorded, name: str) -> str | None:
    """The present text of a field that `CorrectAward` may change."""
    holder: object = content
    if name in _RECIPIENT_FIELDS:
        holder = content.recipient
    elif name in _PERSON_FIELDS:
        persons = content.recipient.persons
        if not persons:
            raise Rejected("no-person-to-correct", field=name)
        holder = persons[0]
    elif name in {"golden_number", "golden_book"}:
        attribute = {"golden_number": "number", "golden_book": "book"}[name]
        return getattr(content.golden_book, attribute, None)
    value = getattr(holder, name)
    return value if value is None else str(value)


def _apply(content: AwardRecorded, changes: tuple[Change, ...]) -> AwardRecorded:
    values: dict[str, Any] = {change.field: change.after for change in changes}
    recipient = content.recipient
    if of_person := {name: values[name] for name in values.keys() & _PERSON_FIELDS}:
        first, *others = recipient.persons
        recipient = replace(recipient, persons=(replace(first, **of_person), *others))
    of_recipient = {name: values[name] for name in values.keys() & _RECIPIENT_FIELDS}
    golden = _golden_after(content.golden_book, values)
    left = values.keys() - _PERSON_FIELDS - _RECIPIENT_FIELDS - {"golden_number", "golden_book"}
    return replace(
        content,
        recipient=replace(recipient, **of_recipient),
        golden_book=golden,
        **{name: values[name] for name in left},
    )


def _golden_after(golden: GoldenBook | None, values: Mapping[str, str | None]) -> GoldenBook | None:
    number = values.get("golden_number", golden.number if golden else None)
    book = values.get("golden_book", golden.book if golden else None)
    return GoldenBook(number, book) if number else None


# Artifacts ----------------------------------------------------------------------------------


def _standing(state: State) -> Standing:
    if not isinstance(state, Standing):
        raise Rejected("award-unknown")
    return state


def expected_components(content: AwardRecorded, catalogue: Catalogue) -> tuple[str, ...]:
    """Components that belong to the award by the catalogue as in force at its date."""
    on = parse_edtf(content.awarded_on) if content.awarded_on else None
    return catalogue.components(content.form, content.recipient.kind, on)


def _issue(state: Standing, command: IssueArtifacts, world: World) -> Outcome:
    form = world.catalogue.form(state.content.form)
    expected = expected_components(state.content, world.catalogue)
    if not expected:
        raise Rejected("form-without-artifacts", field="component", form=form.name_vi)
    check_date("issued_on", command.issued_on)
    issued = {one.component: one.serial for one in state.artifacts.values()}
    events = []
    remarks = []
    for component, serial in command.items:
        require_text("serial", serial, NAME_CHARACTERS_MAX)
        if component in issued:
            raise Rejected(
                "component-issued-already",
                field="component",
                component=component,
                serial=issued[component],
            )
        if component not in expected:
            remarks.append(_unexpected(component, expected, form))
        issued[component] = serial
        events.append(ArtifactIssued(serial, component, command.issued_on))
    if not events:
        raise Rejected("nothing-to-issue", field="component")
    return Outcome(tuple(events), tuple(remarks))


def _unexpected(component: str, expected: tuple[str, ...], form: AwardForm) -> Remark:
    """A component the form does not have: refused if the catalogue read it, else doubted."""
    params = {"component": component, "form": form.name_vi, "allowed": ", ".join(expected)}
    if form.components_confidence == "read":
        raise Rejected("component-not-of-form", field="component", **params)
    return Remark("component-not-of-form", tuple(params.items()))


def _artifact(state: Standing, serial: str) -> Artifact:
    key = normalise_serial(serial)
    for one in state.artifacts.values():
        if normalise_serial(one.serial) == key:
            return one
    raise Rejected("artifact-unknown", field="serial", serial=serial[:100])


def _print(state: Standing, command: PrintArtifact) -> Outcome:
    one = _artifact(state, command.serial)
    check_date("printed_on", command.printed_on)
    if one.component not in PRINTED_COMPONENTS:
        raise Rejected("component-not-printed", field="serial", component=one.component)
    if not isinstance(one.stage, Issued):
        raise _wrong_stage(one)
    return Outcome((ArtifactPrinted(one.serial, command.printed_on),))


def _deliver(state: Standing, command: DeliverArtifact) -> Outcome:
    one = _artifact(state, command.serial)
    check_date("delivered_on", command.delivered_on)
    if isinstance(one.stage, Delivered):
        raise _wrong_stage(one)
    _check_receiver(state.content, command.receiver)
    return Outcome((ArtifactDelivered(one.serial, command.delivered_on, command.receiver),))


def _check_receiver(content: AwardRecorded, receiver: Receiver) -> None:
    require_text("receiver.name", receiver.name, NAME_CHARACTERS_MAX)
    check_text("receiver.relation", receiver.relation)
    if receiver.kind == "recipient":
        if content.conferral == "posthumous":
            raise Rejected("representative-required", field="receiver.kind")
        return
    require_text("receiver.relation", receiver.relation)
    if receiver.identity_paper is None:
        raise Rejected("identity-paper-missing", field="receiver.identity_paper")


def _return(state: Standing, command: ReturnUndelivered) -> Outcome:
    one = _artifact(state, command.serial)
    check_date("returned_on", command.returned_on)
    check_text("returned_by", command.returned_by)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    if not isinstance(one.stage, Issued | Printed):
        raise _wrong_stage(one)
    event = ArtifactReturnedUndelivered(
        one.serial, command.returned_on, command.returned_by, reason
    )
    return Outcome((event,))


def _sign(state: Standing, command: SignArtifact) -> Outcome:
    one = _artifact(state, command.serial)
    if one.component not in PRINTED_COMPONENTS:
        raise Rejected("component-not-printed", field="serial", component=one.component)
    event = ArtifactSigned(one.serial, command.kid, command.status_index, command.payload)
    return Outcome((event,))


def _wrong_stage(one: Artifact) -> Rejected:
    stage = artifacts.stage_name(one.stage)
    return Rejected("artifact-stage", field="serial", serial=one.serial, stage=stage)


def _artifact_moved(state: State, event: artifacts.Event) -> State:
    if not isinstance(state, Standing):
        return state
    moved = artifacts.evolve(state.artifacts.get(event.serial), event)
    if moved is None:
        return state
    return replace(state, artifacts={**state.artifacts, event.serial: moved})
