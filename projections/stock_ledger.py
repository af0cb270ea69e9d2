"""The stock ledger: opening, what came and went by each kind of movement, closing.

Of each item type and each place, for any days, as known at any moment. What a movement takes
from one place it gives to another or out of the books, so opening and movements always make the
closing; and the closing of a day is what the rules themselves say was there (tests compare).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, get_args

from projections.stock_movements import LedgerLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Cursor

LINES: Final[tuple[LedgerLine, ...]] = get_args(LedgerLine)
COMING: Final = frozenset(LINES[: LINES.index("over") + 1])
_OUTSIDE: Final = frozenset({"received", "over", "used", "destroyed", "short"})

_TOTALS = """
SELECT e.item_id, e.office, e.store, e.condition, e.line,
       coalesce(sum(e.pieces) FILTER (WHERE e.booked_on < %(begin)s::date), 0)::bigint,
       coalesce(sum(e.pieces) FILTER (WHERE e.booked_on >= %(begin)s::date), 0)::bigint
  FROM stock.entry e
 WHERE e.booked_on <= %(end)s::date
   AND (%(item_id)s::uuid IS NULL OR e.item_id = %(item_id)s::uuid)
   AND (%(known_at)s::timestamptz IS NULL OR e.recorded_at <= %(known_at)s::timestamptz)
 GROUP BY e.item_id, e.office, e.store, e.condition, e.line
 ORDER BY e.item_id, e.office, e.store NULLS FIRST, e.condition DESC, e.line
"""
_NAMES = """
SELECT i.id, i.name, i.component FROM stock.item i
 WHERE (%(item_id)s::uuid IS NULL OR i.id = %(item_id)s::uuid)
   AND (%(known_at)s::timestamptz IS NULL OR i.recorded_at <= %(known_at)s::timestamptz)
 ORDER BY i.component, i.name, i.position
"""


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day of a ledger, and the moment at which it was known."""

    begin: date
    end: date
    known_at: datetime | None = None


@dataclass(slots=True)
class Balance:
    """Opening, movements and closing; `movements` has a sum, never negative, for each line."""

    opening: int = 0
    closing: int = 0
    movements: dict[str, int] = field(default_factory=dict)

    @property
    def came(self) -> int:
        """Everything that came in."""
        return sum(n for line, n in self.movements.items() if line in COMING)

    @property
    def went(self) -> int:
        """Everything that went out."""
        return sum(n for line, n in self.movements.items() if line not in COMING)

    @property
    def across(self) -> Balance:
        """The same with only what entered the books or left them; between places all cancels."""
        lines = {line: n for line, n in self.movements.items() if line in _OUTSIDE}
        return Balance(self.opening, self.closing, lines)

    def add(self, line: str, before: int, within: int) -> None:
        """Take in what one line brought before the period and within it."""
        self.opening += before
        self.closing += before + within
        self.movements[line] = self.movements.get(line, 0) + abs(within)


@dataclass(frozen=True, slots=True)
class PlaceLedger:
    """The ledger of one place."""

    office: str
    store: str | None
    condition: str
    balance: Balance


@dataclass(frozen=True, slots=True)
class ItemLedger:
    """The ledger of one item type: each of its places, and all together."""

    item_id: UUID
    name: str
    component: str
    places: Sequence[PlaceLedger]
    total: Balance


def ledger_of(cursor: Cursor[Any], item_id: UUID, period: Period) -> ItemLedger | None:
    """The ledger of an item type; None if the register has none of this id."""
    return next(iter(_ledgers(cursor, period, item_id)), None)


def all_ledgers(cursor: Cursor[Any], period: Period) -> tuple[ItemLedger, ...]:
    """The ledgers of all item types, by component and name."""
    return tuple(_ledgers(cursor, period, None))


def _ledgers(cursor: Cursor[Any], period: Period, item_id: UUID | None) -> Iterable[ItemLedger]:
    places: dict[UUID, dict[tuple[str, str | None, str], PlaceLedger]] = {}
    totals: dict[UUID, Balance] = {}
    parameters: Mapping[str, Any] = {
        "begin": period.begin,
        "end": period.end,
        "known_at": period.known_at,
        "item_id": item_id,
    }
    for item, office, store, condition, line, before, within in cursor.execute(_TOTALS, parameters):
        of_item = places.setdefault(item, {})
        key = office, store, condition
        place = of_item.setdefault(key, PlaceLedger(*key, Balance()))
        place.balance.add(line, before, within)
        totals.setdefault(item, Balance()).add(line, before, within)
    for item, name, component in cursor.execute(_NAMES, parameters):
        own = tuple(places.get(item, {}).values())
        yield ItemLedger(item, name, component, own, totals.get(item, Balance()))
