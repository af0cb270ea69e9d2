"""Routes of artifacts: what became of the thing that carries a serial."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import page_answer, record_answer
from api.artifact_orders import (
    carry_out_on,
    day_or_today,
    find_artifact,
    piece_of,
    serial_as_recorded,
)
from api.bodies import DeliverBody, PrintBody, ReturnBody
from api.commands import (
    deliver_body_to_command,
    parse_identifier,
    return_body_to_command,
)
from api.family import artifact_document
from api.http.direct_route import DirectRoute
from api.moment import parse_moment, refuse_moment
from api.records import award_of_serial, read_award, refuse_withdrawn
from api.rows import artifact_row_to_view
from api.service import Reads, Writes
from api.stock.use import purpose_of, spoil_orders
from projections.artifacts import ArtifactFilter, list_artifacts
from projections.paging import PAGE_ROWS_DEFAULT
from registry.award import PrintArtifact

router = APIRouter(prefix="/api/artifacts", tags=["artifacts"], route_class=DirectRoute)


@router.get("")
def artifacts(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    component: str | None = None,
    stage: str | None = None,
    decision: str | None = None,
    live: bool | None = None,  # noqa: FBT001 - a filter of the query
    succession: str | None = None,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Artifacts from the newest issued to the oldest, filtered."""
    refuse_moment(request.query_params)
    decision_id = parse_identifier(decision, "decision") if decision else None
    wanted = ArtifactFilter(component, stage, decision_id, live, succession)
    with asking.service.reading() as rows:
        page = list_artifacts(rows, wanted, limit, cursor)
    shown = [artifact_row_to_view(row, asking.language) for row in page.rows]
    return page_answer(request, "artifacts", shown, page.next_token)


@router.get("/{serial}")
def artifact(request: Request, serial: str, asking: Reads) -> Response:
    """An artifact by its serial in any spelling, with the award it belongs to."""
    moment = parse_moment(request.query_params)
    registry = asking.service.registry
    record = read_award(registry, award_of_serial(registry, serial), moment)
    refuse_withdrawn(record)
    body = artifact_document(asking, record, serial_as_recorded(record, serial))
    return record_answer(request, body, record.version, is_now=moment.is_now)


@router.post("/{serial}/print")
def print_artifact(serial: str, body: PrintBody, writing: Writes) -> Response:
    """The paper was printed: recorded when the sheet came out, with the sheets that were spoiled.

    Making the file records nothing: a file may be made ten times and never be printed.
    """
    printed_on = day_or_today(writing, "printed_on", body.printed_on)
    record, own = find_artifact(writing.service.registry, serial)
    command = PrintArtifact(own, printed_on)
    used = piece_of(writing, record, own, body.stock, printed_on)
    component = record.state.artifacts[own].component
    purpose = purpose_of(record.id, record.state.content, component, own)
    spoiled = spoil_orders(writing, body.spoiled, purpose, printed_on, body.spoiled_because)
    return carry_out_on(writing, record, own, command, body.basis, (*used, *spoiled))


@router.post("/{serial}/deliver")
def deliver_artifact(serial: str, body: DeliverBody, writing: Writes) -> Response:
    """The artifact was handed to the recipient, or to a representative."""
    record, own = find_artifact(writing.service.registry, serial)
    command = deliver_body_to_command(own, body, record.state)
    used = piece_of(writing, record, own, body.stock, command.delivered_on)
    return carry_out_on(writing, record, own, command, body.basis, used)


@router.post("/{serial}/return")
def return_artifact(serial: str, body: ReturnBody, writing: Writes) -> Response:
    """The artifact came back undelivered: in stock again, the award unchanged."""
    record, own = find_artifact(writing.service.registry, serial)
    command = return_body_to_command(own, body)
    return carry_out_on(writing, record, own, command, body.basis)
