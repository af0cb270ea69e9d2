"""The stock page: what each place had, got, gave and has, in a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.service import check_query, service_of
from api.stock.period import parse_period
from api.web.pages import language_of, render_page
from projections.stock_ledger import COMING, LINES, all_ledgers
from registry.messages import format_date, format_number, term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.stock_ledger import Balance, ItemLedger, PlaceLedger
    from registry.settings import Language

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """A row of a ledger; `came` and `went` are followed by what they are made of."""

    place: str
    opening: str
    came: str
    came_by: Sequence[str]
    went: str
    went_by: Sequence[str]
    closing: str


@dataclass(frozen=True, slots=True)
class LedgerSection:
    """The ledger of one item type."""

    name: str
    component: str
    total: BalanceLine
    places: Sequence[BalanceLine]


@router.get("/stock")
def stock_page(request: Request) -> Response:
    """The ledgers of all item types in a period; without one, the present year up to today."""
    check_query(request)
    service, language = service_of(request), language_of(request)
    period = parse_period(request.query_params, service.registry.clock())
    with service.reading() as rows:
        sections = [_section(one, language) for one in all_ledgers(rows, period)]
    typed = {name: request.query_params.get(name, "") for name in ("from", "to", "known_at")}
    return render_page(
        request,
        "stock.html",
        whole=True,
        sections=sections,
        begin=format_date(period.begin.isoformat(), language),
        end=format_date(period.end.isoformat(), language),
        typed=typed,
    )


def _section(ledger: ItemLedger, language: Language) -> LedgerSection:
    return LedgerSection(
        ledger.name,
        term("component", ledger.component, language),
        _line("", ledger.total.across, language),
        [_line(_place(one, language), one.balance, language) for one in ledger.places],
    )


def _place(one: PlaceLedger, language: Language) -> str:
    parts = [one.office, one.store]
    if one.condition != "usable":
        parts.append(term("stock-condition", one.condition, language))
    return ", ".join(part for part in parts if part)


def _line(place: str, balance: Balance, language: Language) -> BalanceLine:
    told = [
        (line, f"{term('stock-line', line, language)}: {format_number(pieces, language)}")
        for line in LINES
        if (pieces := balance.movements.get(line, 0))
    ]
    return BalanceLine(
        place,
        format_number(balance.opening, language),
        format_number(balance.came, language),
        [words for line, words in told if line in COMING],
        format_number(balance.went, language),
        [words for line, words in told if line not in COMING],
        format_number(balance.closing, language),
    )
