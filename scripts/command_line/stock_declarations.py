"""The commands on stock, with their arguments; see `declarations` for the others."""
# ruff: noqa: PLC0415, PLR0917, FBT002, D103 - as in `declarations`
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from scripts.command_line.session import session_of as _session

stock = typer.Typer(name="stock", no_args_is_help=True)

Item: TypeAlias = Annotated[str, typer.Argument(metavar="ITEM", help="of.item")]
Pieces: TypeAlias = Annotated[list[str], typer.Argument(metavar="PIECES", help="of.pieces")]
Office: TypeAlias = Annotated[str, typer.Option(help="of.office")]
Store: TypeAlias = Annotated[str | None, typer.Option(help="of.store")]
On: TypeAlias = Annotated[str | None, typer.Option("--on", metavar="DATE", help="of.stock-on")]
Basis: TypeAlias = Annotated[str | None, typer.Option(help="of.stock-basis")]
Reason: TypeAlias = Annotated[str, typer.Option(help="of.reason")]
Condition: TypeAlias = Annotated[Literal["usable", "spoiled"], typer.Option(help="of.condition")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="of.json")]
KnownAt: TypeAlias = Annotated[
    str | None, typer.Option("--known-at", metavar="TIME", help="of.known-at")
]


@stock.command("list")
def list_(
    context: typer.Context,
    office: Annotated[str | None, typer.Option(help="of.held-by")] = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.stock_reading import show_items

    show_items(_session(context, as_json=as_json), office)


@stock.command()
def ledger(
    context: typer.Context,
    item: Annotated[str | None, typer.Argument(metavar="[ITEM]", help="of.item")] = None,
    begin: Annotated[str | None, typer.Option("--from", metavar="DATE", help="of.from-day")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="of.to-day")] = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.stock_reading import show_ledgers

    show_ledgers(_session(context, as_json=as_json), item, begin, end, known_at)


@stock.command()
def where(
    context: typer.Context,
    serial: Annotated[str, typer.Argument(metavar="SERIAL", help="of.stock-serial")],
    as_json: AsJson = False,
) -> None:
    from scripts.command_line.stock_reading import show_serial

    show_serial(_session(context, as_json=as_json), serial)


@stock.command("open")
def open_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="of.item-name")],
    component: Annotated[str, typer.Option(help="of.component")],
    form: Annotated[str | None, typer.Option(help="of.form")] = None,
    award_class: Annotated[str | None, typer.Option("--class", help="of.class")] = None,
    design: Annotated[str | None, typer.Option(help="of.design")] = None,
    numbered: Annotated[bool, typer.Option("--numbered", help="of.numbered")] = False,
    as_json: AsJson = False,
) -> None:
    from registry.stock.commands import OpenItem
    from scripts.command_line.stock_recording import open_item

    item = OpenItem(name, component, numbered, form, award_class, design)
    open_item(_session(context, as_json=as_json), item)


@stock.command()
def receive(
    context: typer.Context,
    item: Item,
    pieces: Pieces,
    office: Office,
    supplier: Annotated[str, typer.Option(help="of.supplier")],
    delivery_note: Annotated[str, typer.Option("--delivery-note", help="of.delivery-note")],
    store: Store = None,
    on: On = None,
    basis: Basis = None,
    as_json: AsJson = False,
) -> None:
    from registry.stock.commands import ReceivePieces
    from scripts.command_line.stock_recording import Acting, record

    record(
        _session(context, as_json=as_json),
        Acting(item, pieces, office, on, basis),
        lambda by, lot, day: ReceivePieces(by, lot, day, supplier, delivery_note, store),
    )


@stock.command()
def move(
    context: typer.Context,
    item: Item,
    pieces: Pieces,
    office: Office,
    to_store: Annotated[str | None, typer.Option("--to-store", help="of.to-store")] = None,
    store: Store = None,
    condition: Condition = "usable",
    on: On = None,
    basis: Basis = None,
    as_json: AsJson = False,
) -> None:
    from registry.stock.commands import MovePieces
    from scripts.command_line.stock_recording import Acting, record

    record(
        _session(context, as_json=as_json),
        Acting(item, pieces, office, on, basis),
        lambda by, lot, day: MovePieces(by, lot, day, to_store, store, condition),
    )


@stock.command()
def allocate(
    context: typer.Context,
    item: Item,
    pieces: Pieces,
    office: Office,
    to: Annotated[str, typer.Option("--to", metavar="OFFICE", help="of.to-office")],
    to_store: Annotated[str | None, typer.Option("--to-store", help="of.to-store")] = None,
    handed_to: Annotated[str | None, typer.Option("--handed-to", help="of.handed-to")] = None,
    store: Store = None,
    on: On = None,
    basis: Basis = None,
    as_json: AsJson = False,
) -> None:
    from registry.stock.commands import AllocatePieces
    from registry.stock.holdings import Place
    from scripts.command_line.stock_recording import Acting, record

    record(
        _session(context, as_json=as_json),
        Acting(item, pieces, office, on, basis),
        lambda by, lot, day: AllocatePieces(by, lot, day, Place(to, to_store), handed_to, store),
    )


@stock.command("return")
def return_(
    context: typer.Context,
    item: Item,
    pieces: Pieces,
    office: Office,
    origin: Annotated[str, typer.Option("--from", metavar="OFFICE", help="of.from-office")],
    reason: Reason,
    from_store: Annotated[str | None, typer.Option("--from-store", help="of.from-store")] = None,
    store: Store = None,
    condition: Condition = "usable",
    on: On = None,
    basis: Basis = None,
    as_json: AsJson = False,
) -> None:
    from registry.stock.commands import ReturnPieces
    from registry.stock.holdings import Place
    from scripts.command_line.stock_recording import Acting, record

    place = Place(origin, from_store)
    record(
        _session(context, as_json=as_json),
        Acting(item, pieces, office, on, basis),
        lambda by, lot, day: ReturnPieces(by, lot, day, place, reason, store, condition),
    )


@stock.command()
def spoil(
    context: typer.Context,
    item: Item,
    pieces: Pieces,
    office: Office,
    reason: Reason,
    store: Store = None,
    on: On = None,
    basis: Basis = None,
    as_json: AsJson = False,
) -> None:
    from registry.stock.commands import SpoilPieces
    from scripts.command_line.stock_recording import Acting, record

    record(
        _session(context, as_json=as_json),
        Acting(item, pieces, office, on, basis),
        lambda by, lot, day: SpoilPieces(by, lot, day, reason, store),
    )


@stock.command()
def destroy(
    context: typer.Context,
    item: Item,
    pieces: Pieces,
    office: Office,
    minutes: Annotated[str, typer.Option(help="of.minutes")],
    witness: Annotated[list[str], typer.Option(help="of.witness")],
    store: Store = None,
    condition: Condition = "spoiled",
    on: On = None,
    basis: Basis = None,
    as_json: AsJson = False,
) -> None:
    from registry.stock.commands import DestroyPieces
    from scripts.command_line.stock_recording import Acting, record

    record(
        _session(context, as_json=as_json),
        Acting(item, pieces, office, on, basis),
        lambda by, lot, day: DestroyPieces(by, lot, day, minutes, tuple(witness), store, condition),
    )


@stock.command()
def count(
    context: typer.Context,
    item: Item,
    pieces: Pieces,
    office: Office,
    reason: Annotated[str | None, typer.Option(help="of.reason")] = None,
    counted_by: Annotated[
        list[str] | None, typer.Option("--counted-by", help="of.counted-by")
    ] = None,
    store: Store = None,
    condition: Condition = "usable",
    on: On = None,
    basis: Basis = None,
    as_json: AsJson = False,
) -> None:
    from registry.stock.commands import CountPieces
    from scripts.command_line.stock_recording import Acting, record

    counters = tuple(counted_by or ())
    record(
        _session(context, as_json=as_json),
        Acting(item, pieces, office, on, basis),
        lambda by, lot, day: CountPieces(by, lot, day, reason, counters, store, condition),
    )
