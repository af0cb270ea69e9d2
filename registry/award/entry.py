"""Entering an award in the register, and putting right what the register says about it.

Rules kept here, with their sources in the domain reference:
  * an old award is judged by the catalogue as in force at its own date, never today's (1.1);
  * what the catalogue only recalls may warn, never reject; who might not confer the form is
    doubted, and the award held back until that is settled (see `doubts`);
  * a class belongs only to a form that has classes (scenario 7);
  * one line of a register or list is recorded once; the same golden-book number on two awards
    is recorded and reported (scenario 6);
  * a correction changes the register's text, never the award: a text that is wrong in the
    decision itself needs the authority's correcting decision first (scenario 21), and a
    misprinted certificate is exchanged (scenario 20).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from uuid import UUID

from registry import decision as decisions
from registry.award.doubts import content_doubts, doubted, raised, review
from registry.award.recorded import (
    CONFERRALS,
    AwardClass,
    AwardCorrected,
    AwardCorrectedByDecision,
    AwardRecorded,
    Conferral,
    GoldenBook,
    Recorded,
    State,
    Unrecorded,
)
from registry.catalogue import Catalogue
from registry.dates import parse_edtf
from registry.errors import Rejected
from registry.fact import Claim, Outcome, World
from registry.numbers import normalise_golden_number, normalise_number
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

ErrorPlace = Literal["register", "decision", "certificate"]
"""Where a wrong text stands: only in the register, in the decision itself, on the paper."""
ERROR_PLACES: tuple[ErrorPlace, ...] = get_args(ErrorPlace)


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
    """Put right what the register says; fields that are not named stay as they are.

    `decision_id` is the correcting decision of the authority, where its own text was wrong.
    `under` is the award's own decision, where it names one: with it is judged whether its
    authority might confer the form as corrected.
    """

    corrections: Mapping[CorrectableField, str | None]
    reason: str
    personal: tuple[Clear, ...] = ()
    error_in: ErrorPlace = "register"
    decision_id: UUID | None = None
    under: UUID | None = None


# Recording ----------------------------------------------------------------------------------


def record(state: State, command: RecordAward, world: World) -> Outcome:
    """Judge the recording of an award. Raises `Rejected`."""
    if not isinstance(state, Unrecorded):
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
    found = content_doubts(event, world)
    return Outcome((event, *doubted(found)), (*found, *_doubts(event, world)))


def _decision_date(command: RecordAward, world: World) -> str | None:
    """Date of the decision that the award names. Raises `Rejected` unless it stands."""
    if command.decision_id is None:
        return None
    return decisions.standing_decision(world, command.decision_id).content.decided_on


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
    issuer = content.issuer_typed or _decision_issuer(content, world) or ""
    on = parse_edtf(content.awarded_on) if content.awarded_on else None
    remarks = world.catalogue.remarks(content.form, content.award_class, issuer, on)
    return (*doubts, *remarks)


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


def correct(state: Recorded, command: CorrectAward, world: World) -> Outcome:
    """Judge a correction of the register's text. Raises `Rejected`."""
    by = _correcting_decision(command, world)
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
    event: AwardCorrected | AwardCorrectedByDecision
    if by is None or command.decision_id is None:
        event = AwardCorrected(changes, command.personal, reason)
    else:
        event = AwardCorrectedByDecision(
            command.decision_id, by.decided_on, changes, command.personal, reason
        )
    reviewed = review(state.doubts, after, world)
    return Outcome((event, *reviewed), (*raised(reviewed), *_doubts(after, world)))


def _correcting_decision(
    command: CorrectAward, world: World
) -> decisions.DecisionRegistered | None:
    """The correcting decision, which a wrong text of the decision itself needs first.

    A certificate that was misprinted is no error of the register: it is exchanged.
    """
    check_choice("error_in", command.error_in, ERROR_PLACES)
    if command.error_in == "certificate":
        raise Rejected("misprint-is-exchanged", field="error_in")
    if command.decision_id is not None:
        return decisions.resting_on(world, command.decision_id, "correct").content
    if command.error_in == "decision":
        raise Rejected("correcting-decision-missing", field="decision_id")
    return None


def _check_subjects(content: AwardRecorded, values: tuple[Clear, ...]) -> None:
    subjects = {str(person.id) for person in content.recipient.persons}
    for value in values:
        if value.subject not in subjects:
            raise Rejected("personal-value-of-another", field=value.kind)


def corrected(state: State, event: AwardCorrected | AwardCorrectedByDecision) -> State:
    """The award after a correction; whether it stands is another matter."""
    if not isinstance(state, Recorded):
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
