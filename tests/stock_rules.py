"""Stock in tests: an item type, and commands on it in few words. All names are invented."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from registry import stock
from registry.catalogue import load_catalogue
from registry.fact import World
from registry.identifiers import new_id
from registry.stock.commands import (
    AllocatePieces,
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
from registry.stock.holdings import Lot, Place
from registry.stock.record import Opened
from registry.stock.serial_range import parse_serials

if TYPE_CHECKING:
    from registry.stock.serial_range import SerialRange

PROVINCE = "Sở Nội vụ tỉnh Lào Cai"
COMMUNE = "UBND xã Cốc Lầu"
OTHER = "UBND xã Y Tý"
DAY = "2026-03-02"
WORLD = World(load_catalogue(), {})
PURPOSE = Purpose(new_id(), "C2026-0000001-A", "certificate", "ORD-KC-US", "III")


def blanks(*, numbered: bool = True, **fields: Any) -> OpenItem:
    """Blank certificates of an order."""
    command = OpenItem(
        "Phôi bằng Huân chương Kháng chiến hạng Ba",
        "certificate",
        numbered=numbered,
        form="ORD-KC-US",
        award_class="III",
        design="mẫu 1981",
    )
    return replace(command, **fields)


def pieces(*what: int | str) -> Lot:
    """A number of pieces, or serials: "AB 001..AB 100"."""
    if what and isinstance(what[0], int):
        return Lot(what[0])
    ranges = tuple(_serials(str(one)) for one in what)
    return Lot(sum(one.pieces for one in ranges), ranges)


def _serials(text: str) -> SerialRange:
    first, _, last = text.partition("..")
    return parse_serials("serials", first, last or None)


def receive(lot: Lot, on: str = DAY, store: str | None = None) -> ReceivePieces:
    return ReceivePieces(PROVINCE, lot, on, "Ban Thi đua - Khen thưởng TW", "12/PXK", store)


def move(lot: Lot, on: str = DAY, **more: Any) -> MovePieces:
    return MovePieces(PROVINCE, lot, on, **({"to_store": "kho 2"} | more))


def allocate(lot: Lot, to: str = COMMUNE, on: str = DAY, **more: Any) -> AllocatePieces:
    return AllocatePieces(PROVINCE, lot, on, Place(to), "Lò Thị Thử", **more)


def give_back(lot: Lot, origin: str = COMMUNE, on: str = DAY, **more: Any) -> ReturnPieces:
    return ReturnPieces(PROVINCE, lot, on, Place(origin), "không dùng hết", **more)


def use(lot: Lot, office: str = PROVINCE, on: str = DAY, **more: Any) -> UsePiece:
    return UsePiece(office, lot, on, more.pop("purpose", PURPOSE), **more)


def spoil(lot: Lot, office: str = PROVINCE, on: str = DAY, **more: Any) -> SpoilPieces:
    return SpoilPieces(office, lot, on, more.pop("reason", "in lem mực"), **more)


def destroy(lot: Lot, on: str = DAY, **more: Any) -> DestroyPieces:
    papers = {"minutes": "BB 07/BB-SNV", "witnesses": ("Vàng A Thử", "Trần Thị Mẫu")}
    return DestroyPieces(PROVINCE, lot, on, **(papers | more))


def count(lot: Lot, office: str = PROVINCE, on: str = DAY, **more: Any) -> CountPieces:
    return CountPieces(office, lot, on, **more)


def a_bit_of_everything(lot: Lot, one: Lot, on: str = DAY) -> tuple[PiecesCommand, ...]:
    """Every kind of movement once, some of which a rule may refuse."""
    return (
        receive(lot, on),
        receive(lot, on, store="kho 2"),
        allocate(lot, on=on),
        use(one, on=on),
        spoil(one, on=on),
        move(lot, on),
        destroy(one, on),
        give_back(one, on=on),
        count(one, on=on, reason="kiểm kê"),
    )


def after(*commands: OpenItem | PiecesCommand) -> Opened:
    """The item type after commands that must all be accepted."""
    state: Any = stock.INITIAL
    for command in commands:
        for event in stock.decide(state, command, WORLD).events:
            state = stock.evolve(state, event)
    assert isinstance(state, Opened)
    return state
