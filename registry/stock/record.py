"""Stock of one item type: what can happen to its pieces, and where that leaves them.

An item type is a component in one design: the blank certificate of a form and a period, the
insignia of a class, a box, a frame, a flag. Its pieces are counted, and where they carry
numbers, known by ranges of serials. Blanks and insignia are things protected by the State
(reference, section 2.1): each must be accounted for from its receipt to its use or destruction.

Every event says two days. `happened_on` is what the paper says and may be partial; `booked_on`
is the day on which the ledger counts it: the first day that the paper can mean and on which the
pieces were there. So a ledger never shows less than nothing on any day.

The rules are in `registry.stock`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from registry.stock.holdings import (
    Condition,
    Destroyed,
    Held,
    Holdings,
    Lot,
    Missing,
    Place,
    Transfer,
    Used,
)

# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StockItemOpened:
    """An item type got its page in the stock book; `numbered` if its pieces carry serials."""

    name: str
    component: str
    form: str | None
    award_class: str | None
    design: str | None
    numbered: bool


@dataclass(frozen=True, slots=True)
class StockReceived:
    """Pieces came from a supplier or a higher body, with a delivery note."""

    lot: Lot
    place: Place
    supplier: str
    delivery_note: str
    happened_on: str
    booked_on: str


@dataclass(frozen=True, slots=True)
class StockMoved:
    """Pieces went from one store of an office to another."""

    lot: Lot
    condition: Condition
    origin: Place
    destination: Place
    happened_on: str
    booked_on: str


@dataclass(frozen=True, slots=True)
class StockAllocated:
    """Pieces were given to another office, into the hands of somebody."""

    lot: Lot
    origin: Place
    destination: Place
    handed_to: str | None
    happened_on: str
    booked_on: str


@dataclass(frozen=True, slots=True)
class StockReturned:
    """An office gave pieces back."""

    lot: Lot
    condition: Condition
    origin: Place
    destination: Place
    reason: str
    happened_on: str
    booked_on: str


@dataclass(frozen=True, slots=True)
class StockUsed:
    """A piece became the artifact of an award: the blank was printed, the insignia issued."""

    lot: Lot
    place: Place
    artifact: str
    award_id: UUID
    happened_on: str
    booked_on: str


@dataclass(frozen=True, slots=True)
class StockSpoiled:
    """Pieces can no longer be used; they stay where they are until they are destroyed."""

    lot: Lot
    place: Place
    reason: str
    happened_on: str
    booked_on: str


@dataclass(frozen=True, slots=True)
class StockDestroyed:
    """Pieces were destroyed before witnesses, with minutes."""

    lot: Lot
    condition: Condition
    place: Place
    minutes: str
    witnesses: tuple[str, ...]
    happened_on: str
    booked_on: str


@dataclass(frozen=True, slots=True)
class StockCounted:
    """A place was counted. What was not found, or found again, is booked with its reason."""

    place: Place
    condition: Condition
    expected: int
    counted: int
    short: Lot
    over: Lot
    reason: str | None
    counted_by: tuple[str, ...]
    happened_on: str
    booked_on: str


Movement: TypeAlias = (
    StockReceived
    | StockMoved
    | StockAllocated
    | StockReturned
    | StockUsed
    | StockSpoiled
    | StockDestroyed
    | StockCounted
)
Event: TypeAlias = StockItemOpened | Movement
EVENTS: Mapping[str, type] = {
    "stock-item-opened.v1": StockItemOpened,
    "stock-received.v1": StockReceived,
    "stock-moved.v1": StockMoved,
    "stock-allocated.v1": StockAllocated,
    "stock-returned.v1": StockReturned,
    "stock-used.v1": StockUsed,
    "stock-spoiled.v1": StockSpoiled,
    "stock-destroyed.v1": StockDestroyed,
    "stock-counted.v1": StockCounted,
}


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unopened:
    """No such item type."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An item type and where its pieces are."""

    item: StockItemOpened
    holdings: Holdings


State: TypeAlias = Unopened | Opened
INITIAL: State = Unopened()


def evolve(state: State, event: Event) -> State:
    """Apply what happened."""
    if isinstance(event, StockItemOpened):
        return Opened(event, Holdings())
    if not isinstance(state, Opened):
        return state
    holdings = state.holdings
    for transfer in transfers(event):
        holdings = holdings.applied(transfer, day_of(event))
    return replace(state, holdings=holdings)


def day_of(event: Movement) -> int:
    """The day on which the ledger counts a movement, as an ordinal of `datetime.date`."""
    return date.fromisoformat(event.booked_on).toordinal()


def transfers(  # noqa: PLR0911 - one for each kind of event
    event: Movement,
) -> tuple[Transfer, ...]:
    """What an event moves from where to where: the one truth of state and ledger."""
    match event:
        case StockReceived(lot=lot, place=place):
            return (Transfer("received", lot, None, Held(place)),)
        case StockMoved(lot=lot, condition=condition, origin=origin, destination=destination):
            moved = Held(origin, condition), Held(destination, condition)
            return (Transfer("moved", lot, *moved),)
        case StockAllocated(lot=lot, origin=origin, destination=destination):
            return (Transfer("allocated", lot, Held(origin), Held(destination)),)
        case StockReturned(lot=lot, condition=condition, origin=origin, destination=destination):
            moved = Held(origin, condition), Held(destination, condition)
            return (Transfer("returned", lot, *moved),)
        case StockUsed(lot=lot, place=place):
            return (Transfer("used", lot, Held(place), Used()),)
        case StockSpoiled(lot=lot, place=place):
            return (Transfer("spoiled", lot, Held(place), Held(place, "spoiled")),)
        case StockDestroyed(lot=lot, condition=condition, place=place):
            return (Transfer("destroyed", lot, Held(place, condition), Destroyed()),)
        case StockCounted():
            return _differences(event)
        case _:
            assert_never(event)


def _differences(event: StockCounted) -> tuple[Transfer, ...]:
    held = Held(event.place, event.condition)
    missing = Missing(event.place.office)
    found = []
    if event.short.pieces:
        found.append(Transfer("short", event.short, held, missing))
    if event.over.pieces:
        found.append(Transfer("over", event.over, missing, held))
    return tuple(found)
