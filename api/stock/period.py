"""The days of a ledger: from the first to the last, as known at a moment.

`from` and `to` may be years or months: the ledger of 2026 is `from=2026&to=2026`. Without them it
is the present year up to today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.commands import naming
from api.moment import parse_moment
from projections.stock_ledger import Period
from registry.dates import parse_edtf, parse_typed_date
from registry.errors import Rejected
from registry.messages import VIETNAM_TIME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from registry.dates import PartialDate


def parse_period(query: Mapping[str, str], now: datetime) -> Period:
    """The period that a query asks for; `as_of` cuts it short. Raises `Rejected`."""
    moment = parse_moment(query)
    today = now.astimezone(VIETNAM_TIME).date()
    first, last = _parse_day("from", query), _parse_day("to", query)
    end = last.latest if last is not None else today
    begin = first.earliest if first is not None else end.replace(month=1, day=1)
    return checked(Period(begin, min(end, moment.as_of or end), moment.known_at))


def year_period(query: Mapping[str, str]) -> Period:
    """The period of a report on a year. Raises `Rejected` without one."""
    if not query.get("year"):
        raise Rejected("report-year-missing", field="year")
    with naming("year"):
        year = parse_edtf(query["year"].strip()[:40])
    moment = parse_moment(query)
    return checked(
        Period(year.earliest, min(year.latest, moment.as_of or year.latest), moment.known_at)
    )


def checked(period: Period) -> Period:
    """The period. Raises `Rejected` if it ends before it begins."""
    if period.end < period.begin:
        raise Rejected(
            "period-reversed",
            field="from",
            begin=period.begin.isoformat(),
            end=period.end.isoformat(),
        )
    return period


def period_to_view(period: Period) -> dict[str, Any]:
    """The period of a ledger, as it is answered."""
    days: dict[str, date] = {"from": period.begin, "to": period.end}
    return {**days, "known_at": period.known_at}


def _parse_day(name: str, query: Mapping[str, str]) -> PartialDate | None:
    with naming(name):
        typed = parse_typed_date(query.get(name))
    return parse_edtf(typed) if typed is not None else None
