"""Movements of stock as rows: what each event says, and what it adds to which place's ledger."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, assert_never

from projections.writing import Row, Table
from registry.stock.holdings import Held, Place, Transfer
from registry.stock.record import (
    Movement,
    StockAllocated,
    StockCounted,
    StockDestroyed,
    StockMoved,
    StockReceived,
    StockReturned,
    StockSpoiled,
    StockUsed,
    transfers,
)
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from registry.fact import Fact

LedgerLine = Literal[
    "received",
    "moved_in",
    "allocated_in",
    "returned_in",
    "spoiled_in",
    "over",
    "moved_out",
    "allocated_out",
    "returned_out",
    "spoiled_out",
    "used",
    "destroyed",
    "short",
]
"""Why a place has more or fewer pieces; what comes in stands first."""

_TWO_SIDED: Final = frozenset({"moved", "allocated", "returned", "spoiled"})

MOVEMENT: Final = Table(
    "movement",
    (
        ("item_id", "uuid"),
        ("version", "int8"),
        ("position", "int8"),
        ("recorded_at", "timestamptz"),
        ("recorded_by", "text"),
        ("office", "text"),
        ("basis", "text"),
        ("kind", "text"),
        ("happened_on", "text"),
        ("booked_on", "date"),
        ("pieces", "int8"),
        ("condition", "text"),
        ("origin_office", "text"),
        ("origin_store", "text"),
        ("destination_office", "text"),
        ("destination_store", "text"),
        ("counterpart", "text"),
        ("paper", "text"),
        ("reason", "text"),
        ("artifact", "text"),
        ("award_id", "uuid"),
        ("expected", "int8"),
    ),
)
MOVEMENT_RANGE: Final = Table(
    "movement_range",
    (
        ("item_id", "uuid"),
        ("version", "int8"),
        ("series", "text"),
        ("width", "int4"),
        ("prefix", "text"),
        ("first", "int8"),
        ("last", "int8"),
    ),
)
ENTRY: Final = Table(
    "entry",
    (
        ("item_id", "uuid"),
        ("version", "int8"),
        ("recorded_at", "timestamptz"),
        ("booked_on", "date"),
        ("line", "text"),
        ("office", "text"),
        ("office_key", "text"),
        ("store", "text"),
        ("condition", "text"),
        ("pieces", "int8"),
    ),
)


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A movement in the register; `expected` is what the books had where somebody counted.

    `counterpart` is the supplier, who was handed the pieces, or the witnesses; `paper` the
    delivery note or the minutes.
    """

    item_id: UUID
    version: int
    position: int
    recorded_at: datetime
    recorded_by: str
    office: str
    basis: str | None
    kind: str
    happened_on: str
    booked_on: date
    pieces: int
    condition: str
    origin_office: str | None = None
    origin_store: str | None = None
    destination_office: str | None = None
    destination_store: str | None = None
    counterpart: str | None = None
    paper: str | None = None
    reason: str | None = None
    artifact: str | None = None
    award_id: UUID | None = None
    expected: int | None = None


def movement_row(fact: Fact[Movement]) -> Row:
    """The row of a movement, in the order of the table's columns."""
    event, author = fact.event, fact.authorship
    row = MovementRow(
        item_id=fact.stream_id,
        version=fact.version,
        position=fact.position,
        recorded_at=fact.recorded_at,
        recorded_by=author.actor,
        office=author.office,
        basis=author.basis,
        happened_on=event.happened_on,
        booked_on=date.fromisoformat(event.booked_on),
        **_told(event),
    )
    return tuple(getattr(row, field.name) for field in fields(row))


def range_rows(fact: Fact[Movement]) -> Iterator[Row]:
    """The serials that a movement speaks of; of a count, those that it did not find or did."""
    for transfer in transfers(fact.event):
        for one in transfer.lot.ranges:
            series, width = one.series
            yield fact.stream_id, fact.version, series, width, one.prefix, one.first, one.last


def entry_rows(fact: Fact[Movement]) -> Iterator[Row]:
    """What a movement adds to the ledgers of places, and takes from them."""
    booked_on = date.fromisoformat(fact.event.booked_on)
    for transfer in transfers(fact.event):
        for held, line, pieces in _sides(transfer):
            yield (
                fact.stream_id,
                fact.version,
                fact.recorded_at,
                booked_on,
                line,
                held.place.office,
                comparison_key(held.place.office),
                held.place.store,
                held.condition,
                pieces,
            )


def _sides(transfer: Transfer) -> Iterator[tuple[Held, str, int]]:
    two_sided = transfer.kind in _TWO_SIDED
    if isinstance(transfer.source, Held):
        line = f"{transfer.kind}_out" if two_sided else transfer.kind
        yield transfer.source, line, -transfer.lot.pieces
    if isinstance(transfer.target, Held):
        line = f"{transfer.kind}_in" if two_sided else transfer.kind
        yield transfer.target, line, transfer.lot.pieces


def _told(event: Movement) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind of event
    """What one kind of movement says and others do not."""
    match event:
        case StockReceived():
            return {
                **_moved("received", event.lot.pieces, "usable", None, event.place),
                "counterpart": event.supplier,
                "paper": event.delivery_note,
            }
        case StockMoved():
            places = event.origin, event.destination
            return _moved("moved", event.lot.pieces, event.condition, *places)
        case StockAllocated():
            places = event.origin, event.destination
            moved = _moved("allocated", event.lot.pieces, "usable", *places)
            return {**moved, "counterpart": event.handed_to}
        case StockReturned():
            places = event.origin, event.destination
            moved = _moved("returned", event.lot.pieces, event.condition, *places)
            return {**moved, "reason": event.reason}
        case StockUsed():
            moved = _moved("used", event.lot.pieces, "usable", event.place, None)
            return {**moved, "artifact": event.artifact, "award_id": event.award_id}
        case StockSpoiled():
            moved = _moved("spoiled", event.lot.pieces, "usable", event.place, event.place)
            return {**moved, "reason": event.reason}
        case StockDestroyed():
            moved = _moved("destroyed", event.lot.pieces, event.condition, event.place, None)
            return {**moved, "counterpart": _names(event.witnesses), "paper": event.minutes}
        case StockCounted():
            return {
                **_moved("counted", event.counted, event.condition, event.place, event.place),
                "expected": event.expected,
                "counterpart": _names(event.counted_by),
                "reason": event.reason,
            }
        case _:
            assert_never(event)


def _moved(
    kind: str, pieces: int, condition: str, origin: Place | None, destination: Place | None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "pieces": pieces,
        "condition": condition,
        "origin_office": origin.office if origin else None,
        "origin_store": origin.store if origin else None,
        "destination_office": destination.office if destination else None,
        "destination_store": destination.store if destination else None,
    }


def _names(names: Sequence[str]) -> str | None:
    return "; ".join(names) or None
