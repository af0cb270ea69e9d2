"""A hand-over as it should have been entered: what a correction makes of day and receiver."""

from __future__ import annotations

from typing import Literal, get_args

from registry.award.artifact import DeliveryCorrected, Receiver, ReceiverKind

DeliveryField = Literal["delivered_on", "receiver_kind", "receiver", "relation"]
FIELDS: tuple[DeliveryField, ...] = get_args(DeliveryField)


def corrected_delivery(
    on: str, receiver: Receiver, event: DeliveryCorrected
) -> tuple[str, Receiver]:
    """The day of a hand-over and who took the artifact, after a correction."""
    said = {
        "delivered_on": on,
        "receiver_kind": receiver.kind,
        "receiver": receiver.name,
        "relation": receiver.relation,
    } | {change.field: change.after for change in event.changes}
    kept = receiver.identity_paper if receiver.person == event.person else None
    kind: ReceiverKind = "recipient" if said["receiver_kind"] == "recipient" else "representative"
    after = Receiver(
        kind, event.person, said["receiver"] or "", said["relation"], event.identity_paper or kept
    )
    return said["delivered_on"] or on, after
