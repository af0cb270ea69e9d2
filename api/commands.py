"""From what a client sent to a command of the register: dates, forms and persons understood.

Conversions are named `x_to_y` and raise `Rejected` with the path of the field in the body.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from api.refusals import BadRequest
from api.sheets.forms import FormReader, ReadForm
from registry.award import (
    CorrectAward,
    DeliverArtifact,
    Entered,
    GoldenBook,
    RecordAward,
    ReturnUndelivered,
)
from registry.award.artifact import Receiver
from registry.dates import BadDate, parse_edtf, parse_typed_date
from registry.decision import CorrectDecision, RegisterDecision
from registry.errors import Rejected
from registry.identifiers import new_id
from registry.personal import Clear, PersonalKind, without_sealed
from registry.recipient import Person, Recipient
from registry.rules import Source, check_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.bodies import (
        AwardBody,
        AwardCorrections,
        CorrectAwardBody,
        CorrectDecisionBody,
        DecisionBody,
        DeliverBody,
        PersonBody,
        ReceiverBody,
        RecipientBody,
        ReturnBody,
        SourceBody,
    )
    from registry.award import CorrectableField as AwardField
    from registry.catalogue import Catalogue
    from registry.decision import CorrectableField as DecisionField

_DATE_FIELDS: Final = frozenset({"decided_on", "awarded_on"})


def decision_body_to_command(body: DecisionBody) -> RegisterDecision:
    """A decision to register."""
    return RegisterDecision(
        number=body.number,
        issuer=body.issuer,
        decided_on=typed_to_date("decided_on", body.decided_on),
        source=source_body_to_source(body.source),
        kind=body.kind,
        signatory=body.signatory,
        signatory_title=body.signatory_title,
        summary=body.summary,
        legal_basis=body.legal_basis,
        scan_sha256=body.scan_sha256,
    )


def decision_corrections_to_command(body: CorrectDecisionBody) -> CorrectDecision:
    """What a decision's record should say; only fields that were sent."""
    sent = body.corrections.model_dump(exclude_unset=True)
    for name in sent.keys() & _DATE_FIELDS:
        sent[name] = typed_to_date(f"corrections.{name}", sent[name])
    return CorrectDecision(cast("Mapping[DecisionField, str | None]", sent), body.reason)


def award_body_to_command(
    body: AwardBody, decision_id: UUID | None, catalogue: Catalogue
) -> RecordAward:
    """An award to record, under a decision of the register or under what the source says."""
    form = typed_to_form("form", body.form, catalogue)
    golden = body.golden_book
    return RecordAward(
        recipient=recipient_body_to_recipient(body.recipient),
        form=form.code,
        source=source_body_to_source(body.source),
        decision_id=decision_id,
        number_typed=body.number_typed,
        issuer_typed=body.issuer_typed,
        awarded_on=typed_to_date("awarded_on", body.awarded_on),
        form_typed=None if body.form == form.code else body.form,
        award_class=body.award_class or form.award_class,
        conferral="posthumous" if form.posthumous else body.conferral,
        merit=body.merit,
        golden_book=GoldenBook(golden.number, golden.book) if golden is not None else None,
        field_of_activity=body.field_of_activity,
        mode=body.mode,
        submitting_body=body.submitting_body,
        note=body.note,
        listed=decision_id is not None if body.listed is None else body.listed,
        distinct_because=body.distinct_because,
    )


def award_corrections_to_command(
    body: CorrectAwardBody, award: Entered, catalogue: Catalogue
) -> CorrectAward:
    """What an award's record should say. A full birth date is split: year plain, date sealed."""
    sent = body.corrections.model_dump(exclude_unset=True)
    personal = [
        Clear(_person_of(award, one.person, index), one.kind, _required(one.value, index))
        for index, one in enumerate(body.personal)
    ]
    if "form" in sent:
        _correct_form(sent, body.corrections, catalogue)
    if "awarded_on" in sent:
        sent["awarded_on"] = typed_to_date("corrections.awarded_on", sent["awarded_on"])
    if sent.get("born") is not None:
        sent["born"], full = _birth("corrections.born", sent["born"])
        if full is not None:
            personal.append(Clear(_person_of(award, None, None), "birth-date", full))
    corrections = cast("Mapping[AwardField, str | None]", sent)
    by = parse_identifier(body.decision_id, "decision_id") if body.decision_id else None
    under = award.content.decision_id
    return CorrectAward(corrections, body.reason, tuple(personal), body.error_in, by, under)


def deliver_body_to_command(serial: str, body: DeliverBody, award: Entered) -> DeliverArtifact:
    """A handing over; who receives is a person of the award, or a new one."""
    on = require_date("delivered_on", body.delivered_on)
    return DeliverArtifact(serial, on, receiver_body_to_receiver(body.receiver, award))


def receiver_body_to_receiver(body: ReceiverBody, award: Entered) -> Receiver:
    """Who takes in hand or gives away: a person of the award, or a new one."""
    recipient = award.content.recipient
    person = new_id()
    if body.kind == "recipient" and recipient.persons:
        person = recipient.persons[0].id
    name = body.name
    if name is None:
        name = recipient.name if body.kind == "recipient" else ""
    paper = sealed_value(str(person), "identity-paper", body.identity_paper)
    return Receiver(body.kind, person, name, body.relation, paper)


def return_body_to_command(serial: str, body: ReturnBody) -> ReturnUndelivered:
    """A return to stock."""
    on = require_date("returned_on", body.returned_on)
    return ReturnUndelivered(serial, on, body.reason, body.returned_by)


def source_body_to_source(body: SourceBody) -> Source:
    """Where the record was read."""
    return Source(body.kind, body.certainty, body.reference, body.row)


def recipient_body_to_recipient(body: RecipientBody) -> Recipient:
    """The line as printed; persons get ids of ours."""
    persons = tuple(
        _person(person, f"recipient.persons[{index}]") for index, person in enumerate(body.persons)
    )
    if body.kind == "individual" and not persons:
        persons = (Person(new_id()),)
    return Recipient(
        kind=body.kind,
        name=body.name,
        persons=persons,
        honorific=body.honorific,
        position=body.position,
        unit=body.unit,
        category=body.category,
    )


def typed_to_date(field: str, typed: str | None) -> str | None:
    """A date as EDTF; None for one that says nothing. Raises `Rejected` naming the field."""
    with naming(field):
        return parse_typed_date(typed)


def require_date(field: str, typed: str) -> str:
    """A date that must say something. Raises `Rejected` naming the field."""
    date = typed_to_date(field, typed)
    if date is None:
        raise Rejected("value-missing", field=field)
    return date


def typed_to_form(field: str, typed: str, catalogue: Catalogue) -> ReadForm:
    """A form by its code or its name. Raises `Rejected` if it is none, or may be several."""
    form = catalogue.find(typed)
    if form is not None:
        return ReadForm(form.code, None)
    if not typed.strip():
        raise Rejected("form-missing", field=field)
    read = FormReader(catalogue, {}, {}).read(typed)
    if isinstance(read, ReadForm):
        return read
    raise Rejected(read.code, field=field, **read.params)


def parse_identifier(text: str, field: str = "id") -> UUID:
    """An id as it stands in an address or a body. Raises `BadRequest`."""
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest("identifier-malformed", field=field) from None


@contextmanager
def naming(field: str) -> Iterator[None]:
    """Let a date that cannot be used name its field."""
    try:
        yield
    except BadDate as error:
        raise Rejected(error.code, field=field, **without_sealed(field, error.params)) from None


def _person(body: PersonBody, path: str) -> Person:
    person = new_id()
    subject = str(person)
    born, full = (None, None)
    if body.born is not None:
        born, full = _birth(f"{path}.born", body.born)
    return Person(
        id=person,
        name=body.name,
        sex=body.sex,
        born=born,
        native_place=body.native_place,
        birth_date=sealed_value(subject, "birth-date", full),
        residence=sealed_value(subject, "residence", body.residence),
        identity_paper=sealed_value(subject, "identity-paper", body.identity_paper),
        phone=sealed_value(subject, "phone", body.phone),
    )


def _birth(field: str, typed: str) -> tuple[str | None, str | None]:
    """The year that is published and the full date that is sealed, where it is known."""
    born = typed_to_date(field, typed)
    if born is None:
        return None, None
    when = parse_edtf(born)
    if when.precision == "year":
        return born, None
    mark = born[-1] if born[-1] in "~?" else ""
    return f"{when.year}{mark}", born


def sealed_value(subject: str, kind: PersonalKind, value: str | None) -> Clear | None:
    """A personal value of a person, to be sealed; None for one that says nothing."""
    if value is None or not value.strip():
        return None
    check_text(kind.replace("-", "_"), value)
    return Clear(subject, kind, value)


def _required(value: str, index: int) -> str:
    if not value.strip():
        raise Rejected("value-missing", field=f"personal[{index}].value")
    check_text(f"personal[{index}].value", value)
    return value


def _person_of(award: Entered, named: str | None, index: int | None) -> str:
    """The person that a sealed value is about. Raises `Rejected`, or `BadRequest` for no id."""
    field = "corrections.born" if index is None else f"personal[{index}].person"
    persons = award.content.recipient.persons
    if named is not None:
        return str(parse_identifier(named, field))
    if not persons:
        raise Rejected("no-person-to-correct", field=field)
    if len(persons) > 1 and index is not None:
        raise Rejected("value-missing", field=field)
    return str(persons[0].id)


def _correct_form(
    sent: dict[str, str | None], corrections: AwardCorrections, catalogue: Catalogue
) -> None:
    form = typed_to_form("corrections.form", corrections.form, catalogue)
    sent["form"] = form.code
    if form.award_class is not None and "award_class" not in sent:
        sent["award_class"] = form.award_class
