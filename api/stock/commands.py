"""From what a client sent about stock to commands of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.commands import typed_to_date
from registry.errors import Rejected
from registry.messages import VIETNAM_TIME, has_term
from registry.stock.commands import (
    AllocatePieces,
    CountPieces,
    DestroyPieces,
    MovePieces,
    OpenItem,
    ReceivePieces,
    ReturnPieces,
    SpoilPieces,
)
from registry.stock.holdings import Lot, Place
from registry.stock.serial_range import parse_serials, pieces_of

if TYPE_CHECKING:
    from api.service import Writing
    from api.stock.bodies import (
        AllocateBody,
        CountBody,
        DestroyBody,
        ItemBody,
        MoveBody,
        PiecesBody,
        PlaceBody,
        ReceiveBody,
        ReturnPiecesBody,
        SpoilBody,
    )


def item_body_to_command(body: ItemBody) -> OpenItem:
    """An item type to open. Raises `Rejected` for a component that is none."""
    return OpenItem(
        name=body.name,
        component=known_component(body.component),
        numbered=body.numbered,
        form=body.form or None,
        award_class=body.award_class,
        design=body.design or None,
    )


def receive_body_to_command(body: ReceiveBody, writing: Writing) -> ReceivePieces:
    """Pieces into a store of the writer's office."""
    return ReceivePieces(
        *_on_pieces(body, writing), body.supplier, body.delivery_note, body.store or None
    )


def move_body_to_command(body: MoveBody, writing: Writing) -> MovePieces:
    """Pieces to another store of the writer's office."""
    pieces = _on_pieces(body, writing)
    return MovePieces(*pieces, body.to_store or None, body.store or None, body.condition)


def allocate_body_to_command(body: AllocateBody, writing: Writing) -> AllocatePieces:
    """Pieces from the writer's office to another."""
    pieces = _on_pieces(body, writing)
    return AllocatePieces(*pieces, _place(body.to), body.handed_to or None, body.store or None)


def return_body_to_command(body: ReturnPiecesBody, writing: Writing) -> ReturnPieces:
    """Pieces from another office back to the writer's."""
    pieces = _on_pieces(body, writing)
    origin = _place(body.origin)
    return ReturnPieces(*pieces, origin, body.reason, body.store or None, body.condition)


def spoil_body_to_command(body: SpoilBody, writing: Writing) -> SpoilPieces:
    """Pieces of the writer's office that can no longer be used."""
    return SpoilPieces(*_on_pieces(body, writing), body.reason, body.store or None)


def destroy_body_to_command(body: DestroyBody, writing: Writing) -> DestroyPieces:
    """Pieces of the writer's office that were destroyed."""
    return DestroyPieces(
        *_on_pieces(body, writing),
        body.minutes,
        tuple(body.witnesses),
        body.store or None,
        body.condition,
    )


def count_body_to_command(body: CountBody, writing: Writing) -> CountPieces:
    """What was found in a store of the writer's office."""
    return CountPieces(
        *_on_pieces(body, writing),
        body.reason,
        tuple(body.counted_by),
        body.store or None,
        body.condition,
    )


def known_component(component: str) -> str:
    """The component. Raises `Rejected` if no award has any such."""
    if not has_term("component", component):
        raise Rejected("component-unknown", field="component", typed=component[:100])
    return component


def today(writing: Writing) -> str:
    """Today in Viet Nam."""
    return writing.service.registry.clock().astimezone(VIETNAM_TIME).date().isoformat()


def _on_pieces(body: PiecesBody, writing: Writing) -> tuple[str, Lot, str]:
    """Whose office acts, on which pieces, when."""
    on = typed_to_date("on", body.on) or today(writing)
    return writing.writer.office, _lot(body), on


def _lot(body: PiecesBody) -> Lot:
    """The pieces of a body. Raises `Rejected` unless they are said in one way."""
    if (body.quantity is None) == (not body.serials):
        raise Rejected("quantity-or-serials", field="quantity")
    if body.quantity is not None:
        return Lot(body.quantity)
    ranges = tuple(
        parse_serials(f"serials[{index}]", one.begin, one.end)
        for index, one in enumerate(body.serials)
    )
    return Lot(pieces_of(ranges), ranges)


def _place(body: PlaceBody) -> Place:
    return Place(body.office, body.store or None)
