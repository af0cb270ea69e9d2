"""Register of stock: item types, where their pieces are now, every movement, the ledger's entries.

Holdings are carried on from what the register has, not from the whole story: an item type has a
movement for each certificate printed, and rows move in one transaction with the position.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, assert_never

from projections.paging import Page, check_limit, page_of, position_from, where
from projections.projection import Batch, Projection, read_sql
from projections.stock_movements import (
    ENTRY,
    MOVEMENT,
    MOVEMENT_RANGE,
    MovementRow,
    entry_rows,
    movement_row,
    range_rows,
)
from projections.writing import Row, Table
from registry.stock import record as stock_record
from registry.stock.holdings import (
    Account,
    Condition,
    Destroyed,
    Held,
    Holdings,
    Missing,
    Place,
    Stretch,
    Used,
    Whereabouts,
)
from registry.stock.record import Opened, StockItemOpened
from registry.stock.serial_range import SerialRange, Series
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

_EVENTS = frozenset(stock_record.EVENTS.values())
_MOVEMENTS = _EVENTS - {StockItemOpened}

_ITEM = Table(
    "item",
    (
        ("id", "uuid"),
        ("position", "int8"),
        ("version", "int8"),
        ("recorded_at", "timestamptz"),
        ("changed_at", "timestamptz"),
        ("recorded_by", "text"),
        ("office", "text"),
        ("name", "text"),
        ("component", "text"),
        ("form", "text"),
        ("award_class", "text"),
        ("design", "text"),
        ("numbered", "bool"),
    ),
)
_HOLDING = Table(
    "holding",
    (
        ("item_id", "uuid"),
        ("whereabouts", "text"),
        ("office", "text"),
        ("office_key", "text"),
        ("store", "text"),
        ("condition", "text"),
        ("pieces", "int8"),
        ("since", "date"),
        ("series", "text"),
        ("width", "int4"),
        ("prefix", "text"),
        ("first", "int8"),
        ("last", "int8"),
    ),
)
_KNOWN_ITEMS = """
SELECT id, name, component, form, award_class, design, numbered
  FROM item WHERE id = ANY(%s::uuid[])
"""
_KNOWN_HOLDINGS = """
SELECT item_id, whereabouts, office, store, condition, pieces, since, series, width, prefix,
       first, last
  FROM holding WHERE item_id = ANY(%s::uuid[]) ORDER BY item_id, series, width, first
"""
_TOUCH = """
UPDATE item SET version = t.version, changed_at = t.changed_at
  FROM unnest(%s::uuid[], %s::bigint[], %s::timestamptz[]) AS t(id, version, changed_at)
 WHERE item.id = t.id
"""

# The columns of ItemRow, in its order.
_SELECT = """
SELECT i.id, i.position, i.version, i.recorded_at, i.changed_at, i.recorded_by, i.office, i.name,
       i.component, i.form, i.award_class, i.design, i.numbered, h.usable, h.spoiled
  FROM stock.item i
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(h.pieces) FILTER (WHERE h.condition = 'usable'), 0)::bigint,
              coalesce(sum(h.pieces) FILTER (WHERE h.condition = 'spoiled'), 0)::bigint
         FROM stock.holding h
        WHERE h.item_id = i.id AND h.whereabouts = 'held'
          AND (%(office_key)s::text IS NULL OR h.office_key = %(office_key)s)
       ) AS h(usable, spoiled)
"""
_CONDITIONS = {
    "component": "i.component = %(component)s",
    "form": "i.form = %(form)s",
    "before": "i.position < %(before)s",
}
_ORDER = " ORDER BY i.position DESC LIMIT %(rows)s"
_BY_ID = _SELECT + " WHERE i.id = %(id)s"
_OF_SERIAL = """
SELECT item_id, whereabouts, office, store, condition, pieces, since, series, width, prefix,
       first, last
  FROM stock.holding
 WHERE series = %s AND width = %s AND last >= %s AND first <= %s
 ORDER BY item_id
"""
_MOVEMENT_COLUMNS = ", ".join(f"m.{name}" for name, _ in MOVEMENT.columns)
_MOVEMENTS_OF_ITEM = (
    f"SELECT {_MOVEMENT_COLUMNS} FROM stock.movement m"  # noqa: S608 - names of our own
    " WHERE m.item_id = %(item_id)s AND m.position < %(before)s"
    " ORDER BY m.position DESC LIMIT %(rows)s"
)
_MOVEMENTS_OF_SERIAL = (
    f"SELECT {_MOVEMENT_COLUMNS} FROM stock.movement m"  # noqa: S608 - names of our own
    " JOIN stock.movement_range r USING (item_id, version)"
    " WHERE r.series = %s AND r.width = %s AND r.last >= %s AND r.first <= %s"
    " ORDER BY m.position"
)
_RANGES_OF = """
SELECT r.item_id, r.version, r.prefix, r.first, r.last, r.width
  FROM unnest(%s::uuid[], %s::bigint[]) AS m(item_id, version)
  JOIN stock.movement_range r USING (item_id, version)
 ORDER BY r.item_id, r.version, r.series, r.width, r.first
"""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item type, and how many pieces of it places hold: fit for use, and spoiled."""

    id: UUID
    position: int
    version: int
    recorded_at: datetime
    changed_at: datetime
    recorded_by: str
    office: str
    name: str
    component: str
    form: str | None
    award_class: str | None
    design: str | None
    numbered: bool
    usable: int
    spoiled: int


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which item types to list; None means any. With an office only its pieces are counted."""

    component: str | None = None
    form: str | None = None
    office: str | None = None


@dataclass(frozen=True, slots=True)
class SerialFound:
    """The whereabouts of a serial of one item type, and the stretch of serials it lies in."""

    item_id: UUID
    stretch: Stretch


def find_item(cursor: Cursor[Any], item_id: UUID) -> ItemRow | None:
    """An item type by its id."""
    row = cursor.execute(_BY_ID, {"id": item_id, "office_key": None}).fetchone()
    return None if row is None else ItemRow(*row)


def list_items(
    cursor: Cursor[Any], wanted: ItemFilter, limit: int, token: str | None = None
) -> Page[ItemRow]:
    """Item types from the newest opened to the oldest. Raises `Rejected` for a bad token."""
    parameters = {
        "component": wanted.component,
        "form": wanted.form,
        "before": position_from("stock", token),
        "rows": check_limit(limit) + 1,
    }
    statement = _SELECT + where(_CONDITIONS, parameters) + _ORDER
    office_key = comparison_key(wanted.office) if wanted.office else None
    found = cursor.execute(statement, parameters | {"office_key": office_key})
    rows = [ItemRow(*row) for row in found]
    return page_of("stock", rows, limit, lambda row: (row.position,))


def find_serial(cursor: Cursor[Any], serial: SerialRange) -> tuple[SerialFound, ...]:
    """Where a serial is: one answer for each item type that has it."""
    rows = cursor.execute(_OF_SERIAL, (*serial.series, serial.first, serial.last))
    return tuple(SerialFound(row[0], _stretch(row)) for row in rows)


def movements_of_serial(cursor: Cursor[Any], serial: SerialRange) -> tuple[MovementRow, ...]:
    """Every movement that a serial took part in, from the first."""
    rows = cursor.execute(_MOVEMENTS_OF_SERIAL, (*serial.series, serial.first, serial.last))
    return tuple(MovementRow(*row) for row in rows)


def list_movements(
    cursor: Cursor[Any], item_id: UUID, limit: int, token: str | None = None
) -> Page[MovementRow]:
    """The movements of an item type from the newest recorded. Raises `Rejected`."""
    parameters = {
        "item_id": item_id,
        "before": position_from("stock-movements", token),
        "rows": check_limit(limit) + 1,
    }
    rows = [MovementRow(*row) for row in cursor.execute(_MOVEMENTS_OF_ITEM, parameters)]
    return page_of("stock-movements", rows, limit, lambda row: (row.position,))


def ranges_of(
    cursor: Cursor[Any], movements: Sequence[MovementRow]
) -> dict[tuple[UUID, int], list[SerialRange]]:
    """The serials of movements, by item type and version."""
    keys = [one.item_id for one in movements], [one.version for one in movements]
    found: dict[tuple[UUID, int], list[SerialRange]] = {}
    for item_id, version, *parts in cursor.execute(_RANGES_OF, keys):
        found.setdefault((item_id, version), []).append(SerialRange(*parts))
    return found


# Following the log --------------------------------------------------------------------------


def _apply(batch: Batch) -> None:
    cursor, fresh = batch.cursor, batch.by_stream(_EVENTS)
    states = _known_states(cursor, list(fresh))
    opened = [facts[0] for facts in fresh.values() if isinstance(facts[0].event, StockItemOpened)]
    _ITEM.copy(cursor, [_item_row(fact) for fact in opened])
    last = {item_id: facts[-1] for item_id, facts in fresh.items()}
    changed = [fact.recorded_at for fact in last.values()]
    cursor.execute(_TOUCH, (list(last), [fact.version for fact in last.values()], changed))
    for item_id, facts in fresh.items():
        for fact in facts:
            before = states.get(item_id, stock_record.INITIAL)
            states[item_id] = stock_record.evolve(before, fact.event)
    _HOLDING.delete(cursor, "item_id", list(fresh))
    _HOLDING.copy(cursor, [row for one in states.items() for row in _holding_rows(*one)])
    moved = batch.facts_of(_MOVEMENTS)
    MOVEMENT.copy(cursor, map(movement_row, moved))
    MOVEMENT_RANGE.copy(cursor, (row for fact in moved for row in range_rows(fact)))
    ENTRY.copy(cursor, (row for fact in moved for row in entry_rows(fact)))


def _known_states(cursor: Cursor[Any], item_ids: Sequence[UUID]) -> dict[UUID, stock_record.State]:
    """Item types as the register has them: where pieces are now, not on which days they came."""
    accounts: dict[UUID, dict[Held, Account]] = {}
    stretches: dict[UUID, dict[Series, tuple[Stretch, ...]]] = {}
    for row in cursor.execute(_KNOWN_HOLDINGS, (list(item_ids),)):
        item_id, pieces, since, series, width = row[0], row[5], row[6], row[7], row[8]
        if series is None:
            account = Account((since.toordinal(),), (pieces,))
            accounts.setdefault(item_id, {})[Held(Place(row[2], row[3]), row[4])] = account
        else:
            of_item = stretches.setdefault(item_id, {})
            of_item[series, width] = (*of_item.get((series, width), ()), _stretch(row))
    states: dict[UUID, stock_record.State] = {}
    for item_id, *item in cursor.execute(_KNOWN_ITEMS, (list(item_ids),)).fetchall():
        holdings = Holdings(accounts.get(item_id, {}), stretches.get(item_id, {}))
        states[item_id] = Opened(StockItemOpened(*item), holdings)
    return states


def _item_row(fact: Fact[StockItemOpened]) -> Row:
    item, author = fact.event, fact.authorship
    return (
        fact.stream_id,
        fact.position,
        fact.version,
        fact.recorded_at,
        fact.recorded_at,
        author.actor,
        author.office,
        item.name,
        item.component,
        item.form,
        item.award_class,
        item.design,
        item.numbered,
    )


def _holding_rows(item_id: UUID, state: stock_record.State) -> Iterator[Row]:
    if not isinstance(state, Opened):
        return
    holdings = state.holdings
    for (series, width), stretches in holdings.stretches.items():
        for one in stretches:
            since = date.fromordinal(one.since)
            serials = one.range
            ends = serials.prefix, serials.first, serials.last
            yield item_id, *_place_columns(one.at), serials.pieces, since, series, width, *ends
    if not state.item.numbered:
        held_now = [one for one in holdings.accounts.items() if one[1].pieces]
        for held, account in held_now:
            since = date.fromordinal(account.last_day)
            nothing = (None,) * 5
            yield item_id, *_place_columns(held), account.pieces, since, *nothing


def _place_columns(at: Whereabouts) -> Row:
    """Whereabouts, office, its key, store and condition."""
    match at:
        case Held(place=place, condition=condition):
            return "held", place.office, comparison_key(place.office), place.store, condition
        case Missing(office=office):
            return "missing", office, comparison_key(office), None, None
        case Used():
            return "used", None, None, None, None
        case Destroyed():
            return "destroyed", None, None, None, None
        case _:
            assert_never(at)


def _stretch(row: Row) -> Stretch:
    """The stretch of serials in a row of `holding`."""
    _, whereabouts, office, store, condition, _, since, _, width, prefix, first, last = row
    at = _whereabouts(whereabouts, office, store, condition)
    return Stretch(SerialRange(prefix, first, last, width), at, since.toordinal())


def _whereabouts(name: str, office: str, store: str | None, condition: Condition) -> Whereabouts:
    match name:
        case "held":
            return Held(Place(office, store), condition)
        case "missing":
            return Missing(office)
        case "used":
            return Used()
        case _:
            return Destroyed()


PROJECTION = Projection(
    name="stock",
    version=1,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("stock.sql"),
    indexes=read_sql("stock_indexes.sql"),
)
