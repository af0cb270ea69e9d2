"""Pieces that become artifacts: the stock's part of issuing, printing and handing over.

An artifact's event and the movement of its piece are one transaction. A client may name the piece
(`stock`). Where an artifact is issued under a serial that lies in a range of its item type, that
piece is meant without being named: it must be the writer's office that holds it, unused.

Which item type has a serial is looked up in the register of stock; whether the piece is there and
whose it is, is judged by the item type's own record.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.commands import parse_identifier
from api.stock.commands import today
from api.stock.views import read_stock
from projections.stock import find_item, find_serial, movements_of_serial
from registry.award import Withdrawn
from registry.award.artifact_state import Issued, find
from registry.errors import Rejected
from registry.fact import Claim
from registry.numbers import normalise_serial
from registry.register import Order
from registry.stock.commands import Purpose, SpoilPieces, UsePiece
from registry.stock.holdings import Lot
from registry.stock.serial_range import ends_in_digits, parse_serials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from api.bodies import PieceBody
    from api.service import Writing
    from projections.stock import ItemRow
    from registry.award import AwardRecorded
    from registry.stock.serial_range import SerialRange


def purpose_of(award_id: UUID, content: AwardRecorded, component: str, serial: str) -> Purpose:
    """The artifact of an award that a piece is to become."""
    return Purpose(award_id, serial, component, content.form, content.award_class)


def piece_orders(
    writing: Writing, piece: PieceBody | None, purpose: Purpose, on: str | None
) -> tuple[Order, ...]:
    """The order that uses the piece a client names; none if he names none. Raises `Rejected`."""
    if piece is None:
        return ()
    if piece.serial is None:
        if piece.item is None:
            raise Rejected("stock-piece-missing", field="stock")
        item_id = parse_identifier(piece.item, "stock.item")
        return (_order(writing, item_id, Lot(1), purpose, on, piece.store),)
    serial = parse_serials("stock.serial", piece.serial)
    if piece.item is not None:
        item_id = read_stock(
            writing.service.registry, parse_identifier(piece.item, "stock.item")
        ).id
    else:
        item_id = _item_with(writing, serial, purpose)
    return (_order(writing, item_id, Lot(1, (serial,)), purpose, on, piece.store),)


def spoil_orders(
    writing: Writing, spoiled: Sequence[PieceBody], purpose: Purpose, on: str, reason: str | None
) -> tuple[Order, ...]:
    """The orders that put aside the sheets that were spoiled while one was printed.

    Raises `Rejected` for a sheet that is not named, and where it is not said what happened.
    """
    if spoiled and reason is None:
        raise Rejected("value-missing", field="spoiled_because")
    orders = []
    for piece in spoiled:
        for order in piece_orders(writing, piece, purpose, on):
            # Found as the sheet that is used would be, which has the same form and class.
            use: UsePiece = order.command
            command = SpoilPieces(use.office, use.lot, on, reason or "", use.store)
            orders.append(replace(order, command=command))
    return tuple(orders)


def issue_orders(
    writing: Writing, purposes: Sequence[Purpose], on: str | None
) -> tuple[Order, ...]:
    """The orders that use those pieces under whose serials artifacts are issued.

    A piece that was issued so by mistake, under an award that was withdrawn, is used already: it is
    the same piece, and now it becomes what it is.
    """
    orders = []
    for purpose in purposes:
        if ends_in_digits(purpose.artifact):
            serial = parse_serials("serial", purpose.artifact)
            fitting = [
                one
                for one in _items_with(writing, serial)
                if _fits(one, purpose) and not _is_issued_by_mistake(writing, one.id, serial)
            ]
            if len(fitting) > 1:
                raise Rejected("stock-serial-ambiguous", field="serial", serial=purpose.artifact)
            lot = Lot(1, (serial,))
            orders += [_order(writing, one.id, lot, purpose, on, None) for one in fitting]
    return tuple(orders)


def _is_issued_by_mistake(writing: Writing, item_id: UUID, serial: SerialRange) -> bool:
    """Whether the piece became an artifact of its own serial that never was.

    One that was printed is spoiled paper: it becomes nothing else.
    """
    key = normalise_serial(serial.first_serial)
    with writing.service.reading() as cursor:
        moved = [one for one in movements_of_serial(cursor, serial) if one.item_id == item_id]
    if not moved or normalise_serial(moved[-1].artifact or "") != key:
        return False
    # Who bore the serial last, which may be another award than the first to use the piece.
    registry = writing.service.registry
    last = registry.holder(Claim("serial", key), or_last=True)
    state = None if last is None else registry.load("award", last).state
    if not isinstance(state, Withdrawn):
        return False
    return isinstance(find(state.artifacts, key).stage, Issued)


def _order(  # noqa: PLR0917 - the parts of one command
    writing: Writing,
    item_id: UUID,
    lot: Lot,
    purpose: Purpose,
    on: str | None,
    store: str | None,
) -> Order:
    happened_on = on or today(writing)
    command = UsePiece(writing.writer.office, lot, happened_on, purpose, store or None)
    return Order("stock", item_id, command)


def _item_with(writing: Writing, serial: SerialRange, purpose: Purpose) -> UUID:
    """The one item type that a named serial can mean. Raises `Rejected`.

    Where none fits the award, one of the component is taken, and its rules say what is wrong.
    """
    typed = serial.first_serial
    found = _items_with(writing, serial)
    of_component = [one for one in found if one.component == purpose.component]
    items = [one for one in found if _fits(one, purpose)] or of_component or found
    if not items:
        raise Rejected("stock-serial-unknown", field="stock.serial", serial=typed)
    if len(items) > 1:
        raise Rejected("stock-serial-ambiguous", field="stock.serial", serial=typed)
    return items[0].id


def _items_with(writing: Writing, serial: SerialRange) -> list[ItemRow]:
    with writing.service.reading() as cursor:
        found = [find_item(cursor, one.item_id) for one in find_serial(cursor, serial)]
    return [one for one in found if one is not None]


def _fits(item: ItemRow, purpose: Purpose) -> bool:
    return (
        item.component == purpose.component
        and item.form in {None, purpose.form}
        and item.award_class in {None, purpose.award_class}
    )
