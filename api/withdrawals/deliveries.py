"""What a client says was wrong of a delivery, as the command that puts it right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.commands import sealed_value, typed_to_date
from registry.award import CorrectDelivery
from registry.identifiers import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from api.withdrawals.bodies import CorrectDeliveryBody
    from registry.award import Entered
    from registry.award.delivery import DeliveryField


def delivery_corrections_to_command(
    serial: str, body: CorrectDeliveryBody, award: Entered
) -> CorrectDelivery:
    """The command for what was sent; the rule says whether there is anything to correct.

    A paper that is sent may be another person's than was entered, so it gets an id of its own.
    """
    sent = body.receiver.model_dump(exclude_unset=True)
    corrections: dict[DeliveryField, str | None] = {}
    if body.delivered_on is not None:
        corrections["delivered_on"] = typed_to_date("delivered_on", body.delivered_on)
    if sent.get("kind") is not None:
        corrections["receiver_kind"] = sent["kind"]
        if sent["kind"] == "recipient":
            corrections["relation"] = None
            corrections["receiver"] = award.content.recipient.name
    if sent.get("name") is not None:
        corrections["receiver"] = sent["name"]
    if "relation" in sent:
        corrections["relation"] = sent["relation"]
    person = _person(serial, body, award)
    paper = sealed_value(str(person), "identity-paper", body.receiver.identity_paper)
    return CorrectDelivery(serial, corrections, person, paper, body.reason)


def _person(serial: str, body: CorrectDeliveryBody, award: Entered) -> UUID:
    """Who took the artifact: the recipient, somebody with another paper, or the same as before."""
    persons = award.content.recipient.persons
    if body.receiver.kind == "recipient" and persons:
        return persons[0].id
    deliveries = award.artifacts[serial].deliveries
    if body.receiver.identity_paper is not None or body.receiver.kind is not None or not deliveries:
        return new_id()
    return deliveries[-1].receiver.person
