"""From what a client sent about a service case to a command: days, forms and persons understood."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from api.cases.answers import today_of
from api.commands import parse_identifier, sealed_value, typed_to_date, typed_to_form
from registry.award.recorded import Recorded
from registry.cases.events import Applicant, ServiceCasePriorityGiven, StatedAward
from registry.cases.opening import OpenCase, format_case_receipt
from registry.cases.priority import sealed_ground
from registry.errors import Rejected
from registry.identifiers import new_id
from registry.messages import has_term

if TYPE_CHECKING:
    from datetime import date

    from api.cases.bodies import ApplicantBody, CaseBody, PrioritizeBody, StatedAwardBody
    from api.service import Writing
    from registry.catalogue import Catalogue
    from registry.register import Registry


def day_of_step(field: str, typed: str | None, today: date) -> str:
    """The day of a step as EDTF, today if none is given. Raises `Rejected` for one to come."""
    on = typed_to_date(field, typed)
    if on is None:
        return today.isoformat()
    if on > today.isoformat():
        raise Rejected("day-in-the-future", field=field, typed=on)
    return on


def case_body_to_command(body: CaseBody, writing: Writing) -> OpenCase:
    """A request to receive, with a receipt's number of its own. Raises `Rejected`."""
    registry = writing.service.registry
    today = today_of(registry)
    award_id = parse_identifier(body.award_id, "award_id") if body.award_id else None
    stated = None
    if body.stated is not None:
        stated = _stated(body.stated, registry.catalogue)
    for index, component in enumerate(body.components):
        if not has_term("component", component):
            field = f"components[{index}]"
            raise Rejected("component-unknown", field=field, typed=component)
    (number,) = registry.log.serial_numbers(1)
    applicant = _applicant(body.applicant)
    received_on = day_of_step("received_on", body.received_on, today)
    return OpenCase(
        receipt=format_case_receipt(today.year, number),
        kind=body.kind,
        reason=body.reason,
        applicant=applicant,
        received_on=received_on,
        desk=body.desk or writing.writer.office,
        award_id=award_id,
        decision_id=None if award_id is None else decision_named_by(registry, award_id),
        stated=stated,
        components=tuple(body.components),
        reason_text=body.reason_text,
        papers=tuple(body.papers),
        decision_wrong=body.decision_wrong,
        confirming_decision=body.confirming_decision,
        priority=priority_of(applicant, body, received_on),
    )


def priority_of(
    applicant: Applicant, body: CaseBody | PrioritizeBody, on: str
) -> ServiceCasePriorityGiven | None:
    """Why a case goes before others, sealed under the key of who applies; None if it does not."""
    subject = str(applicant.person)
    typed = body.priority_ground
    ground = sealed_value(subject, "priority-ground", sealed_ground(typed) if typed else None)
    evidence = sealed_value(subject, "priority-evidence", body.priority_evidence)
    return None if ground is None else ServiceCasePriorityGiven(on, ground, evidence)


def decision_named_by(registry: Registry, award_id: UUID) -> UUID | None:
    """The decision that an award names; None if it names none, or is not in the register."""
    state = registry.load("award", award_id).state
    return state.content.decision_id if isinstance(state, Recorded) else None


def _stated(body: StatedAwardBody, catalogue: Catalogue) -> StatedAward:
    form = typed_to_form("stated.form", body.form, catalogue)
    return StatedAward(
        recipient=body.recipient,
        form=form.code,
        award_class=body.award_class or form.award_class,
        number_typed=body.number_typed,
        issuer_typed=body.issuer_typed,
        awarded_on=typed_to_date("stated.awarded_on", body.awarded_on),
        native_place=body.native_place,
        submitting_body=body.submitting_body,
    )


def _applicant(body: ApplicantBody) -> Applicant:
    person = new_id()
    subject = str(person)
    return Applicant(
        kind=body.kind,
        person=person,
        name=body.name,
        relation=body.relation,
        phone=sealed_value(subject, "phone", body.phone),
        residence=sealed_value(subject, "residence", body.residence),
        identity_paper=sealed_value(subject, "identity-paper", body.identity_paper),
    )
