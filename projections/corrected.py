"""An award's facts with its deliveries as they are known to have been.

A correction counts for every day, from the moment it was recorded on. So where days are asked for,
what was corrected stands in its corrected form in its own place, and what was entered by mistake
is not there; the facts that said so have done their work.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from registry.award.artifact import (
    ArtifactDelivered,
    ArtifactHandedBack,
    DeliveryCorrected,
    DeliveryWithdrawn,
)
from registry.award.delivery import corrected_delivery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from registry.fact import Fact


def put_right(facts: Iterable[Fact[Any]]) -> list[Fact[Any]]:
    """The facts without what was withdrawn of deliveries, and with what was corrected."""
    kept: list[Fact[Any] | None] = []
    places: dict[str, list[int]] = {}
    for fact in facts:
        event = fact.event
        match event:
            case ArtifactDelivered() | ArtifactHandedBack():
                places.setdefault(event.serial, []).append(len(kept))
                kept.append(fact)
            case DeliveryWithdrawn() if places.get(event.serial):
                kept[places[event.serial].pop()] = None
            case DeliveryCorrected() if places.get(event.serial):
                place = places[event.serial][-1]
                kept[place] = _corrected(kept[place], event)
            case _:
                kept.append(fact)
    return [fact for fact in kept if fact is not None]


def _corrected(fact: Fact[Any] | None, event: DeliveryCorrected) -> Fact[Any] | None:
    """The fact of a hand-over as it should have been entered."""
    if fact is None:
        return None
    was = fact.event
    if isinstance(was, ArtifactHandedBack):
        on, receiver = corrected_delivery(was.handed_back_on, was.receiver, event)
        return replace(fact, event=replace(was, handed_back_on=on, receiver=receiver))
    on, receiver = corrected_delivery(was.delivered_on, was.receiver, event)
    return replace(fact, event=replace(was, delivered_on=on, receiver=receiver))
