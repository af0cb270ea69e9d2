"""Stock: the rules by which pieces of an item type come, go and are used.

One record for each item type: `registry.stock.record` has its events and states,
`registry.stock.commands` its commands, `registry.stock.places` finds where pieces are. The rules:
  * a serial is in one place; a piece is used once;
  * nobody gives, spoils, destroys or uses what his office does not hold;
  * nothing leaves a place on a day on which it was not there yet;
  * a count says what was found; a difference needs its reason and is a movement of its own;
  * pieces that are spoiled stay in the books until they are destroyed with minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    check_choice,
    check_text,
    require_text,
)
from registry.stock.commands import (
    AllocatePieces,
    Command,
    CountPieces,
    DestroyPieces,
    MovePieces,
    OpenItem,
    PiecesCommand,
    Purpose,
    ReceivePieces,
    ReturnPieces,
    SpoilPieces,
    UsePiece,
)
from registry.stock.holdings import Held, Lot, Missing, Place
from registry.stock.places import (
    CONDITIONS,
    booked_day,
    ends_of,
    known_place,
    known_serials,
    not_at,
    same_office,
    taken_from,
)
from registry.stock.record import (
    EVENTS,
    INITIAL,
    Event,
    Movement,
    Opened,
    State,
    StockAllocated,
    StockCounted,
    StockDestroyed,
    StockItemOpened,
    StockMoved,
    StockReceived,
    StockReturned,
    StockSpoiled,
    StockUsed,
    Unopened,
    evolve,
)
from registry.stock.serial_range import check_ranges, minus, pieces_of
from registry.text import comparison_key

if TYPE_CHECKING:
    from uuid import UUID

    from registry.personal import Personal

__all__ = ["EVENTS", "INITIAL", "claims", "decide", "evolve", "named_records", "taken"]

PIECES_MAX: Final = 1_000_000_000
RANGES_MAX: Final = 1_000
WITNESSES_MAX: Final = 20
_CLASSES: Final = ("I", "II", "III")


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: who hands over, counts and witnesses signs papers with his name."""
    return ()


def named_records(_command: Command) -> tuple[Named, ...]:
    """An item type is judged by itself."""
    return ()


def claims(_after: State, event: Event) -> tuple[Claim, ...]:
    """One page for each item type: component, form, class and design."""
    if not isinstance(event, StockItemOpened):
        return ()
    parts = (event.component, event.form or "", event.award_class or "")
    return (Claim("stock", "|".join((*parts, comparison_key(event.design or "")))),)


def taken(_claim: Claim, holder: UUID) -> AlreadyRecorded:
    """The error for an item type that has its page already."""
    return AlreadyRecorded("stock-item-opened-already", holder)


def decide(state: State, command: Command, world: World) -> Outcome:
    """Judge a command on one item type. Raises `Rejected`."""
    if isinstance(command, OpenItem):
        return Outcome((_open(state, command, world),))
    if not isinstance(state, Opened):
        raise Rejected("stock-item-unknown")
    _check_lot(state.item, command.lot, least=0 if isinstance(command, CountPieces) else 1)
    return Outcome((_movement(state, command),))


def _movement(  # noqa: PLR0911 - one for each command
    state: Opened, command: PiecesCommand
) -> Movement:
    match command:
        case ReceivePieces():
            return _receive(state, command)
        case MovePieces():
            return _move(state, command)
        case AllocatePieces():
            return _allocate(state, command)
        case ReturnPieces():
            return _return(state, command)
        case UsePiece():
            return _use(state, command)
        case SpoilPieces():
            return _spoil(state, command)
        case DestroyPieces():
            return _destroy(state, command)
        case CountPieces():
            return _count(state, command)
        case _:
            assert_never(command)


def _open(state: State, command: OpenItem, world: World) -> StockItemOpened:
    if not isinstance(state, Unopened):
        raise Rejected("stock-item-opened-already")
    check_text("design", command.design)
    if command.form is not None and world.catalogue.find(command.form) is None:
        raise Rejected("award-form-unknown", field="form", form=command.form[:100])
    if command.award_class is not None:
        check_choice("award_class", command.award_class, _CLASSES)
    return StockItemOpened(
        name=require_text("name", command.name, NAME_CHARACTERS_MAX),
        component=require_text("component", command.component),
        form=command.form,
        award_class=command.award_class,
        design=command.design,
        numbered=command.numbered,
    )


def _receive(state: Opened, command: ReceivePieces) -> StockReceived:
    for asked in command.lot.ranges:
        for known in state.holdings.over(asked):
            raise Rejected("serial-received-already", field="serials", **ends_of(known.range))
    return StockReceived(
        lot=command.lot,
        place=known_place(state.holdings, "store", Place(command.office, command.store)),
        supplier=require_text("supplier", command.supplier),
        delivery_note=require_text("delivery_note", command.delivery_note),
        happened_on=command.happened_on,
        booked_on=booked_day(command.happened_on, 0),
    )


def _move(state: Opened, command: MovePieces) -> StockMoved:
    held, booked_on = taken_from(
        state.holdings, command, Place(command.office, command.store), command.condition
    )
    destination = known_place(
        state.holdings, "to_store", Place(held.place.office, command.to_store)
    )
    if destination == held.place:
        raise Rejected("stock-there-already", field="to_store")
    return StockMoved(
        command.lot, held.condition, held.place, destination, command.happened_on, booked_on
    )


def _allocate(state: Opened, command: AllocatePieces) -> StockAllocated:
    held, booked_on = taken_from(state.holdings, command, Place(command.office, command.store))
    destination = known_place(state.holdings, "to", command.destination)
    if same_office(destination.office, held.place.office):
        raise Rejected("stock-office-same", field="to.office", office=destination.office)
    check_text("handed_to", command.handed_to)
    return StockAllocated(
        lot=command.lot,
        origin=held.place,
        destination=destination,
        handed_to=command.handed_to,
        happened_on=command.happened_on,
        booked_on=booked_on,
    )


def _return(state: Opened, command: ReturnPieces) -> StockReturned:
    held, booked_on = taken_from(state.holdings, command, command.origin, command.condition)
    destination = known_place(state.holdings, "store", Place(command.office, command.store))
    if same_office(destination.office, held.place.office):
        raise Rejected("stock-office-same", field="from.office", office=destination.office)
    return StockReturned(
        lot=command.lot,
        condition=held.condition,
        origin=held.place,
        destination=destination,
        reason=require_text("reason", command.reason, TEXT_CHARACTERS_MAX),
        happened_on=command.happened_on,
        booked_on=booked_on,
    )


def _use(state: Opened, command: UsePiece) -> StockUsed:
    _check_purpose(state.item, command.purpose)
    if command.lot.pieces != 1:
        raise Rejected("stock-one-piece-each", field="stock")
    try:
        place = Place(command.office, command.store)
        held, booked_on = taken_from(state.holdings, command, place)
    except Rejected as error:
        # Whoever issues or prints named a piece, not a list of serials.
        raise Rejected(error.code, field="stock", **error.params) from None
    return StockUsed(
        lot=command.lot,
        place=held.place,
        artifact=command.purpose.artifact,
        award_id=command.purpose.award_id,
        happened_on=command.happened_on,
        booked_on=booked_on,
    )


def _check_purpose(item: StockItemOpened, purpose: Purpose) -> None:
    """Raise `Rejected` if the piece is not what the artifact is made of."""
    if item.component != purpose.component:
        raise Rejected(
            "stock-of-other-component",
            field="stock",
            component=purpose.component,
            other=item.name,
        )
    if item.form not in {None, purpose.form}:
        raise Rejected("stock-of-other-form", field="stock", form=purpose.form, other=item.name)
    if item.award_class not in {None, purpose.award_class}:
        raise Rejected("stock-of-other-class", field="stock", other=item.name)


def _spoil(state: Opened, command: SpoilPieces) -> StockSpoiled:
    held, booked_on = taken_from(state.holdings, command, Place(command.office, command.store))
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    return StockSpoiled(command.lot, held.place, reason, command.happened_on, booked_on)


def _destroy(state: Opened, command: DestroyPieces) -> StockDestroyed:
    if not command.minutes.strip():
        raise Rejected("stock-minutes-missing", field="minutes")
    check_text("minutes", command.minutes)
    if not command.witnesses:
        raise Rejected("stock-witnesses-missing", field="witnesses")
    held, booked_on = taken_from(
        state.holdings, command, Place(command.office, command.store), command.condition
    )
    return StockDestroyed(
        lot=command.lot,
        condition=held.condition,
        place=held.place,
        minutes=command.minutes,
        witnesses=_names("witnesses", command.witnesses),
        happened_on=command.happened_on,
        booked_on=booked_on,
    )


# Counting -----------------------------------------------------------------------------------


def _count(state: Opened, command: CountPieces) -> StockCounted:
    check_choice("condition", command.condition, CONDITIONS)
    place = known_place(state.holdings, "store", Place(command.office, command.store))
    held = Held(place, command.condition)
    account = state.holdings.account(held)
    short, over, since = _difference(state, held, command.lot)
    reason = command.reason
    if short.pieces or over.pieces:
        if reason is None or not reason.strip():
            raise Rejected(
                "count-reason-missing",
                field="reason",
                expected=account.pieces,
                counted=command.lot.pieces,
            )
        check_text("reason", reason, TEXT_CHARACTERS_MAX)
    return StockCounted(
        place=place,
        condition=command.condition,
        expected=account.pieces,
        counted=command.lot.pieces,
        short=short,
        over=over,
        reason=reason,
        counted_by=_names("counted_by", command.counted_by),
        happened_on=command.happened_on,
        # What moved later is not in what was counted: such a count says nothing of today.
        booked_on=booked_day(command.happened_on, max(account.last_day, since)),
    )


def _difference(state: Opened, held: Held, counted: Lot) -> tuple[Lot, Lot, int]:
    """What is missing, what was found again, and since when the latter was missing."""
    if not state.item.numbered:
        more = counted.pieces - state.holdings.account(held).pieces
        return Lot(max(-more, 0)), Lot(max(more, 0)), 0
    in_books = state.holdings.ranges_at(held)
    short, over = minus(in_books, counted.ranges), minus(counted.ranges, in_books)
    since = 0
    for asked in over:
        for stretch in known_serials(state.holdings, asked):
            missing = isinstance(stretch.at, Missing) and same_office(
                stretch.at.office, held.place.office
            )
            if not missing:
                raise not_at(stretch, asked, held.place, held.condition)
            since = max(since, stretch.since)
    return Lot(pieces_of(short), short), Lot(pieces_of(over), over), since


def _check_lot(item: StockItemOpened, lot: Lot, *, least: int) -> None:
    if item.numbered and not lot.ranges and lot.pieces:
        raise Rejected("stock-serials-needed", field="serials")
    if lot.ranges and not item.numbered:
        raise Rejected("stock-serials-unwanted", field="serials")
    if len(lot.ranges) > RANGES_MAX:
        raise Rejected("items-too-many", field="serials", limit=RANGES_MAX)
    check_ranges("serials", lot.ranges)
    if not least <= lot.pieces <= PIECES_MAX:
        raise Rejected("pieces-out-of-range", field="quantity", typed=lot.pieces, limit=PIECES_MAX)


def _names(field: str, names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) > WITNESSES_MAX:
        raise Rejected("items-too-many", field=field, limit=WITNESSES_MAX)
    for index, name in enumerate(names):
        if not name.strip():
            raise Rejected("value-missing", field=f"{field}[{index}]")
        check_text(f"{field}[{index}]", name, NAME_CHARACTERS_MAX)
    return names
