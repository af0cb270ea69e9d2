"""The yearly report on artifacts in stock: the ledger of every item type and place, as a table.

A row for each item type, then one for each of its places. As JSON its columns carry the names of
fields, as a sheet the words of the language that is asked for.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer
from api.service import Reads
from api.sheet_files import open_writer, write_all
from api.stock.period import period_to_view, year_period
from api.stock.views import balance_to_view
from projections.stock_ledger import LINES, all_ledgers
from registry.messages import term

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from psycopg import Cursor

    from api.service import Asking
    from api.sheet_files import Cell
    from projections.stock_ledger import Period
    from registry.settings import Language

router = APIRouter(prefix="/api/reports", tags=["reports"])

FIELDS: Final = ("name", "component", "office", "store", "condition", "opening", *LINES, "closing")
_WORKBOOK_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/artifacts")
@router.get("/artifacts.json")
def artifacts_report(request: Request, asking: Reads) -> Response:
    """The artifact ledger of a year (`year`), as of a day and as known at a time."""
    period = year_period(request.query_params)
    return json_answer(report_document(_rows(asking, period), period))


@router.get("/artifacts.xlsx")
def artifacts_workbook(request: Request, asking: Reads) -> Response:
    """The same as a workbook."""
    period = year_period(request.query_params)
    rows = _rows(asking, period)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "artifacts.xlsx"
        write_report(path, rows, asking.language)
        content = path.read_bytes()
    name = f"artifacts-{period.begin.year}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=_WORKBOOK_TYPE)


def report_rows(cursor: Cursor[Any], period: Period) -> Iterator[dict[str, Any]]:
    """The rows of the report; a row without an office is that of the whole item type."""
    for item in all_ledgers(cursor, period):
        about = {"item_id": str(item.item_id), "name": item.name, "component": item.component}
        nowhere = {"office": None, "store": None, "condition": None}
        yield {**about, **nowhere, **balance_to_view(item.total)}
        for place in item.places:
            where = {
                "office": place.office,
                "store": place.store,
                "condition": place.condition,
            }
            yield {**about, **where, **balance_to_view(place.balance)}


def report_document(rows: list[dict[str, Any]], period: Period) -> dict[str, Any]:
    """The report as one JSON document."""
    return {"report": "artifacts", **period_to_view(period), "rows": rows}


def write_report(path: Path, rows: list[dict[str, Any]], language: Language) -> int:
    """Write the report as a sheet, in the words of a language; return the number of rows."""
    headings = [term("stock-line", field, language) for field in FIELDS]
    with open_writer(path, headings) as writer:
        return write_all(writer, (_cells(row, language) for row in rows))


def _rows(asking: Asking, period: Period) -> list[dict[str, Any]]:
    with asking.service.reading() as cursor:
        return list(report_rows(cursor, period))


def _cells(row: Mapping[str, Any], language: Language) -> list[Cell]:
    words = {"component": "component", "condition": "stock-condition"}
    return [
        term(words[field], row[field], language) if field in words and row[field] else row[field]
        for field in FIELDS
    ]
