"""Stock as JSON: an item type with its places, movements, ledgers, with words beside codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.moment import NOW, Moment
from projections.as_of import known, stock_as_of
from projections.stock_ledger import LINES
from registry.errors import NotFound
from registry.messages import form_with_class, format_date, term
from registry.stock.holdings import Held, Missing
from registry.stock.record import Opened, StockItemOpened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from projections.stock import ItemRow, SerialFound
    from projections.stock_ledger import Balance, ItemLedger
    from projections.stock_movements import MovementRow
    from registry.fact import Fact
    from registry.register import Registry
    from registry.settings import Language
    from registry.stock.serial_range import SerialRange

# More ranges than this no page shows; `ranges` says how many there are.
RANGES_SHOWN_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class StockRecord:
    """An item type at a moment: its state, and the facts known then."""

    id: UUID
    state: Opened
    facts: Sequence[Fact[Any]]

    @property
    def version(self) -> int:
        """The version of the last fact known then."""
        return self.facts[-1].version


def read_stock(registry: Registry, item_id: UUID, moment: Moment = NOW) -> StockRecord:
    """An item type. Raises `NotFound` if the register has, or then had, none of this id."""
    facts = registry.facts_of(item_id)
    if not facts or not isinstance(facts[0].event, StockItemOpened):
        raise NotFound("stock-item-unknown")
    state = stock_as_of(facts, moment.as_of, moment.known_at)
    if not isinstance(state, Opened):
        raise NotFound("not-recorded-then")
    return StockRecord(item_id, state, known(facts, moment.known_at))


def fold_stock(facts: Sequence[Fact[Any]]) -> StockRecord:
    """An item type as these facts leave it."""
    state = stock_as_of(facts)
    if not isinstance(state, Opened):
        raise NotFound("stock-item-unknown")
    return StockRecord(facts[0].stream_id, state, facts)


def stock_to_view(record: StockRecord, language: Language) -> dict[str, Any]:
    """An item type with the places where its pieces are."""
    holdings = record.state.holdings
    held = {at: account.pieces for at, account in holdings.accounts.items() if account.pieces}
    missing = {one.at for stretches in holdings.stretches.values() for one in stretches}
    return {
        "id": record.id,
        "version": record.version,
        **_item(record.state.item, language),
        "usable": sum(pieces for at, pieces in held.items() if at.condition == "usable"),
        "spoiled": sum(pieces for at, pieces in held.items() if at.condition == "spoiled"),
        "places": [
            {
                **_held(at, language),
                "pieces": pieces,
                **_serials(holdings.ranges_at(at)),
            }
            for at, pieces in held.items()
        ],
        "missing": [
            {"office": at.office, **_serials(holdings.ranges_at(at))}
            for at in missing
            if isinstance(at, Missing)
        ],
    }


def item_row_to_view(row: ItemRow, language: Language) -> dict[str, Any]:
    """An item type in a list."""
    return {
        "id": row.id,
        "version": row.version,
        **_item(row, language),
        "usable": row.usable,
        "spoiled": row.spoiled,
        "recorded_at": row.recorded_at,
        "changed_at": row.changed_at,
    }


def found_to_view(found: SerialFound, item: ItemRow, language: Language) -> dict[str, Any]:
    """Where a serial of an item type is, and the range it lies in there."""
    at = found.stretch.at
    name = type(at).__name__.lower()
    place = _held(at, language) if isinstance(at, Held) else {}
    if isinstance(at, Missing):
        place = {"office": at.office}
    return {
        "item": {"id": item.id, **_item(item, language)},
        "whereabouts": name,
        "whereabouts_name": term("whereabouts", name, language),
        "office": None,
        "store": None,
        "condition": None,
        **place,
        "range": range_to_view(found.stretch.range),
    }


def movement_to_view(
    row: MovementRow, ranges: Iterable[SerialRange], language: Language
) -> dict[str, Any]:
    """A movement, with the serials it speaks of."""
    return {
        "item_id": row.item_id,
        "version": row.version,
        "kind": row.kind,
        "kind_name": term("stock-movement", row.kind, language),
        "on": row.happened_on,
        "on_text": format_date(row.happened_on, language),
        "booked_on": row.booked_on,
        "pieces": row.pieces,
        "expected": row.expected,
        **_serials(tuple(ranges)),
        "condition": row.condition,
        "from": _place(row.origin_office, row.origin_store),
        "to": _place(row.destination_office, row.destination_store),
        "counterpart": row.counterpart,
        "paper": row.paper,
        "reason": row.reason,
        "artifact": row.artifact,
        "award_id": row.award_id,
        "recorded_at": row.recorded_at,
        "recorded_by": row.recorded_by,
        "office": row.office,
        "basis": row.basis,
    }


def ledger_to_view(ledger: ItemLedger, language: Language) -> dict[str, Any]:
    """A ledger: the whole item type, and each of its places."""
    return {
        "item_id": ledger.item_id,
        "name": ledger.name,
        "component": ledger.component,
        "component_name": term("component", ledger.component, language),
        **balance_to_view(ledger.total),
        "places": [
            {
                "office": one.office,
                "store": one.store,
                "condition": one.condition,
                "condition_name": term("stock-condition", one.condition, language),
                **balance_to_view(one.balance),
            }
            for one in ledger.places
        ],
    }


def balance_to_view(balance: Balance) -> dict[str, int]:
    """Opening, every line, closing; a line that nothing stands in is 0."""
    lines: dict[str, int] = {line: balance.movements.get(line, 0) for line in LINES}
    return {"opening": balance.opening, **lines, "closing": balance.closing}


def range_to_view(serials: SerialRange) -> dict[str, Any]:
    """A range by its first and last serial."""
    return {"from": serials.first_serial, "to": serials.last_serial, "pieces": serials.pieces}


def _item(item: StockItemOpened | ItemRow, language: Language) -> dict[str, Any]:
    form = form_with_class(item.form, item.award_class, language) if item.form else None
    return {
        "name": item.name,
        "component": item.component,
        "component_name": term("component", item.component, language),
        "form": item.form,
        "award_class": item.award_class,
        "form_name": form,
        "design": item.design,
        "numbered": item.numbered,
    }


def _held(at: Held, language: Language) -> dict[str, Any]:
    return {
        "office": at.place.office,
        "store": at.place.store,
        "condition": at.condition,
        "condition_name": term("stock-condition", at.condition, language),
    }


def _serials(ranges: Sequence[SerialRange]) -> dict[str, Any]:
    shown = [range_to_view(one) for one in ranges[:RANGES_SHOWN_MAX]]
    return {"serials": shown, "ranges": len(ranges)}


def _place(office: str | None, store: str | None) -> dict[str, str | None] | None:
    return None if office is None else {"office": office, "store": store}
