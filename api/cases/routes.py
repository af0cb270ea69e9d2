"""Routes of service cases: intake, lists and queues, one case, its history, its status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer, page_answer, record_answer
from api.cases.answers import (
    case_answer,
    case_link,
    case_row_to_view,
    case_status,
    case_view_for,
    today_of,
)
from api.cases.bodies import CaseBody
from api.cases.commands import case_body_to_command
from api.cases.records import case_of_receipt, read_case
from api.cases.views import CaseView
from api.commands import parse_identifier, typed_to_date
from api.decisions import refuse_version
from api.history_names import read_history
from api.http.direct_route import DirectRoute
from api.moment import parse_moment, refuse_moment
from api.recording import execute
from api.service import Reads, Writes, client_address
from projections.cases import SOON_DAYS_DEFAULT, CaseFilter, list_cases
from projections.paging import PAGE_ROWS_DEFAULT
from registry.cases.opening import check_day
from registry.identifiers import new_id

if TYPE_CHECKING:
    from datetime import date

    from api.service import Asking

router = APIRouter(prefix="/api/cases", tags=["cases"], route_class=DirectRoute)


@router.post("", status_code=201, response_model=CaseView)
def open_case(body: CaseBody, writing: Writes) -> Response:
    """Receive a request: the case gets a receipt's number, a checklist and a due date."""
    refuse_version(writing)
    command = case_body_to_command(body, writing)
    done, recorded = execute(writing, "service-case", new_id(), command, basis=body.basis, new=True)
    return case_answer(writing, done, recorded, 201)


@router.get("")
def cases(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    kind: str | None = None,
    stage: str | None = None,
    desk: str | None = None,
    route: str | None = None,
    outcome: str | None = None,
    watch: str | None = None,
    award: str | None = None,
    batch: str | None = None,
    priority: bool | None = None,  # noqa: FBT001 - a filter of the query
    queue: str | None = None,
    on: str | None = None,
    within: Annotated[int, Query()] = SOON_DAYS_DEFAULT,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Cases from the newest received to the oldest, filtered.

    `queue` is one of due-soon, overdue, blocked, waiting, open, artifact-overdue, asked for the
    day `on` (today if it is left out): what has priority first, then the most
    urgent; `within` is how many days due-soon looks ahead.
    """
    refuse_moment(request.query_params)
    day = _day(asking, on)
    wanted = CaseFilter(
        kind=kind,
        stage=stage,
        desk=desk,
        route=route,
        outcome=outcome,
        watch=watch,
        award_id=parse_identifier(award, "award") if award else None,
        batch_id=parse_identifier(batch, "batch") if batch else None,
        priority=priority,
        queue=queue,
        on=day,
        soon_days=within,
    )
    with asking.service.reading() as rows:
        page = list_cases(rows, wanted, limit, cursor)
    shown = [case_row_to_view(row, day, asking.language) for row in page.rows]
    return page_answer(request, "cases", shown, page.next_token, {"on": day.isoformat()})


@router.get("/receipts/{receipt}")
def status(request: Request, receipt: str, asking: Reads) -> Response:
    """How far a request is, for whoever has its receipt: no names, plain reasons."""
    asking.service.buckets.take(client_address(request))
    registry = asking.service.registry
    record = read_case(registry, case_of_receipt(registry, receipt))
    view = case_view_for(asking, record)
    return json_answer(case_status(view, asking.language))


@router.get("/{case_id}", response_model=CaseView)
def case(request: Request, case_id: str, asking: Reads) -> Response:
    """A case, now or as of a date (`as_of`) and as known at a time (`known_at`)."""
    moment = parse_moment(request.query_params)
    record = read_case(asking.service.registry, parse_identifier(case_id), moment)
    view = case_view_for(asking, record, moment)
    link = case_link(asking, record)
    return record_answer(request, view, record.version, is_now=moment.is_now, link=link)


@router.get("/{case_id}/history")
def history(request: Request, case_id: str, asking: Reads) -> Response:
    """Everything that was recorded about a case: who, when, on what basis."""
    moment = parse_moment(request.query_params)
    record = read_case(asking.service.registry, parse_identifier(case_id), moment)
    entries = read_history(asking.service.registry, record.facts, asking.language)
    return json_answer({"id": str(record.id), "history": entries})


def _day(asking: Asking, typed: str | None) -> date:
    """The day of a question; today if none is named. Raises `Rejected` for half a date."""
    on = typed_to_date("on", typed)
    return today_of(asking.service.registry) if on is None else check_day("on", on)
