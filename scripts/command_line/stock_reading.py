"""`sovang stock list`, `ledger` and `where`: what stock there is, at a shell."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from api.commands import parse_identifier
from api.stock.period import parse_period, period_to_view
from api.stock.views import found_to_view, item_row_to_view, ledger_to_view
from projections.paging import PAGE_ROWS_MAX
from projections.stock import ItemFilter, ItemRow, find_item, find_serial, list_items
from projections.stock_ledger import all_ledgers, ledger_of
from registry.errors import NotFound
from registry.messages import format_number, term
from registry.stock.serial_range import parse_serials
from scripts.command_line.registers import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from psycopg import Cursor

    from projections.stock_ledger import Balance, ItemLedger
    from registry.settings import Language
    from scripts.command_line.session import Session


def show_items(session: Session, office: str | None) -> None:
    """List every item type with what there is of it, or what an office holds."""
    with reading(session) as cursor:
        rows = list(_items(cursor, ItemFilter(office=office)))
    language = session.language
    if session.as_json:
        _answer(session, {"items": [item_row_to_view(row, language) for row in rows]})
        return
    session.table(
        ["column.id", "column.item", "column.usable", "column.spoiled"],
        [
            (row.id, row.name, *_numbers((row.usable, row.spoiled), session.language))
            for row in rows
        ],
    )


def show_ledgers(
    session: Session, item: str | None, begin: str | None, end: str | None, known_at: str | None
) -> None:
    """Opening, movements and closing of one or all item types. Raises `NotFound`."""
    asked = {"from": begin, "to": end, "known_at": known_at}
    query = {name: typed for name, typed in asked.items() if typed is not None}
    item_id = parse_identifier(item, "ITEM") if item is not None else None
    with reading(session) as cursor:
        period = parse_period(query, datetime.now(UTC))
        ledgers: Sequence[ItemLedger] = ()
        if item_id is None:
            ledgers = all_ledgers(cursor, period)
        elif (one := ledger_of(cursor, item_id, period)) is not None:
            ledgers = (one,)
        else:
            raise NotFound("stock-item-unknown", field="ITEM")
    if session.as_json:
        shown = [ledger_to_view(one, session.language) for one in ledgers]
        _answer(session, {**period_to_view(period), "items": shown})
        return
    columns = ("item", "office", "store", "condition", "opening", "in", "out", "closing")
    session.table(
        [f"column.{one}" for one in columns],
        [row for one in ledgers for row in _ledger_rows(one, session.language)],
    )


def show_serial(session: Session, serial: str) -> None:
    """Where a serial is, for each item type that has it. Raises `NotFound`."""
    wanted = parse_serials("SERIAL", serial)
    with reading(session) as cursor:
        found = [
            found_to_view(one, row, session.language)
            for one in find_serial(cursor, wanted)
            if (row := find_item(cursor, one.item_id)) is not None
        ]
    if not found:
        raise NotFound("stock-serial-unknown", field="SERIAL", serial=serial[:100])
    if session.as_json:
        _answer(session, {"serial": serial, "found": found})
        return
    session.table(
        ["column.item", "column.whereabouts", "column.office", "column.store", "column.range"],
        [
            (
                one["item"]["name"],
                one["whereabouts_name"],
                one["office"],
                one["store"],
                f"{one['range']['from']} – {one['range']['to']}",
            )
            for one in found
        ],
    )


@contextmanager
def reading(session: Session) -> Iterator[Cursor[Any]]:
    """A cursor on registers that show everything recorded so far."""
    with session.database() as database:
        bring_up_to_date(session, database)
        with database.pool("reader").connection() as connection, connection.cursor() as cursor:
            yield cursor


def _items(cursor: Cursor[Any], wanted: ItemFilter) -> Iterator[ItemRow]:
    token: str | None = None
    while True:
        page = list_items(cursor, wanted, PAGE_ROWS_MAX, token)
        yield from page.rows
        token = page.next_token
        if token is None:
            return


def _ledger_rows(ledger: ItemLedger, language: Language) -> Iterator[tuple[str | None, ...]]:
    yield ledger.name, None, None, None, *_balance(ledger.total.across, language)
    for one in ledger.places:
        condition = term("stock-condition", one.condition, language)
        yield None, one.office, one.store, condition, *_balance(one.balance, language)


def _balance(balance: Balance, language: Language) -> tuple[str, ...]:
    """Opening, everything in, everything out, closing."""
    parts = (balance.opening, balance.came, balance.went, balance.closing)
    return _numbers(parts, language)


def _numbers(numbers: Sequence[int], language: Language) -> tuple[str, ...]:
    return tuple(format_number(one, language) for one in numbers)


def _answer(session: Session, document: Mapping[str, Any]) -> None:
    """Print what the API would answer: the same words for ids, days and moments."""
    session.answer(msgspec.to_builtins(document))
