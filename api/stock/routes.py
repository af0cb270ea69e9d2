"""Routes of stock: item types, what comes, goes and is counted, ledgers, where a serial is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer, page_answer, record_answer
from api.commands import parse_identifier
from api.conditional import format_etag
from api.decisions import refuse_version
from api.http.direct_route import DirectRoute
from api.moment import parse_moment, refuse_moment
from api.outcome import outcome_of
from api.recording import execute
from api.service import Reads, Writes
from api.stock.bodies import (
    AllocateBody,
    CountBody,
    DestroyBody,
    ItemBody,
    MoveBody,
    ReceiveBody,
    ReturnPiecesBody,
    SpoilBody,
)
from api.stock.commands import (
    allocate_body_to_command,
    count_body_to_command,
    destroy_body_to_command,
    item_body_to_command,
    move_body_to_command,
    receive_body_to_command,
    return_body_to_command,
    spoil_body_to_command,
)
from api.stock.period import parse_period, period_to_view
from api.stock.views import (
    fold_stock,
    found_to_view,
    item_row_to_view,
    ledger_to_view,
    movement_to_view,
    read_stock,
    stock_to_view,
)
from projections.paging import PAGE_ROWS_DEFAULT
from projections.stock import (
    ItemFilter,
    find_item,
    find_serial,
    list_items,
    list_movements,
    movements_of_serial,
    ranges_of,
)
from projections.stock_ledger import all_ledgers, ledger_of
from registry.errors import NotFound
from registry.identifiers import new_id
from registry.stock.serial_range import parse_serials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Cursor

    from api.recording import Done
    from api.service import Writing
    from projections.stock_movements import MovementRow
    from registry.register import Recorded
    from registry.settings import Language
    from registry.stock.commands import PiecesCommand

router = APIRouter(tags=["stock"], route_class=DirectRoute)


@router.post("/api/stock", status_code=201)
def open_item(body: ItemBody, writing: Writes) -> Response:
    """Open the page of an item type: a component of a form and class, in one design."""
    refuse_version(writing)
    command = item_body_to_command(body)
    done, recorded = execute(writing, "stock", new_id(), command, basis=body.basis, new=True)
    return _item_answer(writing, done, recorded, created=True)


@router.get("/api/stock")
def items(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    component: str | None = None,
    form: str | None = None,
    office: str | None = None,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Item types from the newest opened to the oldest; with an office, what it holds of each."""
    refuse_moment(request.query_params)
    with asking.service.reading() as rows:
        page = list_items(rows, ItemFilter(component, form, office), limit, cursor)
    shown = [item_row_to_view(row, asking.language) for row in page.rows]
    return page_answer(request, "items", shown, page.next_token)


@router.get("/api/stock/{item_id}")
def item(request: Request, item_id: str, asking: Reads) -> Response:
    """An item type and where its pieces are, now or by the end of a day (`as_of`)."""
    moment = parse_moment(request.query_params)
    record = read_stock(asking.service.registry, parse_identifier(item_id), moment)
    view = stock_to_view(record, asking.language)
    return record_answer(request, view, record.version, is_now=moment.is_now)


@router.get("/api/stock/{item_id}/movements")
def movements(
    request: Request,
    item_id: str,
    asking: Reads,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """The movements of an item type from the newest recorded to the oldest."""
    refuse_moment(request.query_params)
    found = parse_identifier(item_id)
    with asking.service.reading() as rows:
        page = list_movements(rows, found, limit, cursor)
        shown = _movement_views(rows, page.rows, asking.language)
    return page_answer(request, "movements", shown, page.next_token)


@router.post("/api/stock/{item_id}/receive")
def receive(item_id: str, body: ReceiveBody, writing: Writes) -> Response:
    """Pieces came from a supplier or a higher body, with a delivery note."""
    return _record(writing, item_id, receive_body_to_command(body, writing), body.basis)


@router.post("/api/stock/{item_id}/move")
def move(item_id: str, body: MoveBody, writing: Writes) -> Response:
    """Pieces went to another store of the office."""
    return _record(writing, item_id, move_body_to_command(body, writing), body.basis)


@router.post("/api/stock/{item_id}/allocate")
def allocate(item_id: str, body: AllocateBody, writing: Writes) -> Response:
    """Pieces were given to another office."""
    return _record(writing, item_id, allocate_body_to_command(body, writing), body.basis)


@router.post("/api/stock/{item_id}/return")
def give_back(item_id: str, body: ReturnPiecesBody, writing: Writes) -> Response:
    """Another office gave pieces back."""
    return _record(writing, item_id, return_body_to_command(body, writing), body.basis)


@router.post("/api/stock/{item_id}/spoil")
def spoil(item_id: str, body: SpoilBody, writing: Writes) -> Response:
    """Pieces can no longer be used; they wait for their destruction."""
    return _record(writing, item_id, spoil_body_to_command(body, writing), body.basis)


@router.post("/api/stock/{item_id}/destroy")
def destroy(item_id: str, body: DestroyBody, writing: Writes) -> Response:
    """Pieces were destroyed before witnesses, with minutes."""
    return _record(writing, item_id, destroy_body_to_command(body, writing), body.basis)


@router.post("/api/stock/{item_id}/count")
def count(item_id: str, body: CountBody, writing: Writes) -> Response:
    """A store was counted; what was not found, or found again, is booked with its reason."""
    return _record(writing, item_id, count_body_to_command(body, writing), body.basis)


@router.get("/api/stock/{item_id}/ledger")
def ledger(request: Request, item_id: str, asking: Reads) -> Response:
    """The ledger of an item type from one day (`from`) to another (`to`), by places."""
    found = parse_identifier(item_id)
    period = parse_period(request.query_params, asking.service.registry.clock())
    with asking.service.reading() as rows:
        shown = ledger_of(rows, found, period)
    if shown is None:
        raise NotFound("stock-item-unknown")
    return json_answer({**period_to_view(period), **ledger_to_view(shown, asking.language)})


@router.get("/api/stock-ledger")
def ledgers(request: Request, asking: Reads) -> Response:
    """The ledgers of all item types from one day to another."""
    period = parse_period(request.query_params, asking.service.registry.clock())
    with asking.service.reading() as rows:
        shown = [ledger_to_view(one, asking.language) for one in all_ledgers(rows, period)]
    return json_answer({**period_to_view(period), "items": shown})


@router.get("/api/stock-serials/{serial:path}")
def serial_whereabouts(request: Request, serial: str, asking: Reads) -> Response:
    """Where a serial is and how it came there, for each item type that has it."""
    refuse_moment(request.query_params)
    wanted = parse_serials("serial", serial)
    with asking.service.reading() as rows:
        found = find_serial(rows, wanted)
        if not found:
            raise NotFound("stock-serial-unknown", field="serial", serial=serial[:100])
        way = _movement_views(rows, movements_of_serial(rows, wanted), asking.language)
        shown = [
            found_to_view(one, row, asking.language)
            for one in found
            if (row := find_item(rows, one.item_id)) is not None
        ]
    return json_answer({"serial": serial, "found": shown, "movements": way})


def _record(writing: Writing, item_id: str, command: PiecesCommand, basis: str | None) -> Response:
    found = parse_identifier(item_id)
    done, recorded = execute(writing, "stock", found, command, basis=basis)
    return _item_answer(writing, done, recorded)


def _item_answer(
    writing: Writing, done: Done, recorded: Recorded, *, created: bool = False
) -> Response:
    record = fold_stock(done.facts)
    body = {
        **stock_to_view(record, writing.language),
        **outcome_of(writing, recorded, done.remarks),
    }
    headers = {"ETag": format_etag(record.version)}
    if created:
        headers["Location"] = f"/api/stock/{record.id}"
    return json_answer(body, 201 if created else 200, headers)


def _movement_views(
    cursor: Cursor[Any], rows: Sequence[MovementRow], language: Language
) -> list[dict[str, Any]]:
    ranges = ranges_of(cursor, rows)
    return [
        movement_to_view(row, ranges.get((row.item_id, row.version), ()), language) for row in rows
    ]
