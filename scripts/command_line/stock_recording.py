"""`sovang stock open`, `receive`, `move` and their like: recording at a shell.

A shell has no office of its own, so every command names the office that acts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from api.commands import parse_identifier, typed_to_date
from api.stock.commands import known_component
from api.stock.views import read_stock, stock_to_view
from registry.errors import Rejected
from registry.messages import VIETNAM_TIME, format_number
from registry.rules import check_text
from registry.stock.holdings import Lot
from registry.stock.serial_range import parse_serials, pieces_of
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from registry.register import Registry
    from registry.stock.commands import OpenItem, PiecesCommand
    from scripts.command_line.session import Session

RANGE_MARK = ".."


@dataclass(frozen=True, slots=True)
class Acting:
    """Which office acts on which pieces of which item type, when and on what basis."""

    item: str
    pieces: Sequence[str]
    office: str
    on: str | None
    basis: str | None


def open_item(session: Session, item: OpenItem) -> None:
    """Open an item type and say its id. Raises `Rejected`."""
    known_component(item.component)
    with session.database() as database:
        recorded = database.registry().create("stock", item, authorship())
    if session.as_json:
        session.answer({"id": str(recorded.stream_id), "name": item.name})
    else:
        session.say("stock.opened", name=item.name, id=recorded.stream_id)


def record(
    session: Session, acting: Acting, make: Callable[[str, Lot, str], PiecesCommand]
) -> None:
    """Record a movement and say what is left. Raises `Rejected` and `NotFound`."""
    item_id = parse_identifier(acting.item, "ITEM")
    check_text("basis", acting.basis)
    with session.database() as database:
        registry = database.registry()
        lot = _lot(acting.pieces, numbered=read_stock(registry, item_id).state.item.numbered)
        author = replace(authorship(), office=acting.office, basis=acting.basis)
        registry.execute("stock", item_id, make(acting.office, lot, _day(registry, acting)), author)
        shown = stock_to_view(read_stock(registry, item_id), session.language)
    if session.as_json:
        session.answer(msgspec.to_builtins(shown))
        return
    usable, spoiled = (
        format_number(shown[name], session.language) for name in ("usable", "spoiled")
    )
    session.say("stock.recorded", name=shown["name"], usable=usable, spoiled=spoiled)


def _day(registry: Registry, acting: Acting) -> str:
    today = registry.clock().astimezone(VIETNAM_TIME).date().isoformat()
    return typed_to_date("--on", acting.on) or today


def _lot(typed: Sequence[str], *, numbered: bool) -> Lot:
    """Pieces as typed: one number, or serials and ranges of them. Raises `Rejected`."""
    if numbered:
        ends = (one.partition(RANGE_MARK) for one in typed)
        ranges = tuple(parse_serials("PIECES", first, last or None) for first, _, last in ends)
        return Lot(pieces_of(ranges), ranges)
    if len(typed) != 1 or not (typed[0].isascii() and typed[0].isdigit()):
        raise Rejected("stock-serials-unwanted", field="PIECES")
    return Lot(int(typed[0][:20]))
