"""Routes of artifacts: what became of the thing that carries a serial."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import page_answer, record_answer
from api.award_answers import artifact_with_serial, changed_artifact_answer
from api.bodies import DeliverBody, PrintBody, ReturnBody
from api.commands import (
    deliver_body_to_command,
    parse_identifier,
    return_body_to_command,
    typed_to_date,
)
from api.moment import parse_moment, refuse_moment
from api.recording import carry_out
from api.records import award_of_serial, read_award
from api.rows import artifact_row_to_view
from api.service import Reads, Writes
from api.stock_use import piece_orders, purpose_of
from projections.artifacts import ArtifactFilter, list_artifacts
from projections.paging import PAGE_ROWS_DEFAULT
from registry.award import PrintArtifact
from registry.errors import NotFound
from registry.messages import VIETNAM_TIME
from registry.numbers import normalise_serial
from registry.register import Order

if TYPE_CHECKING:
    from api.bodies import PieceBody
    from api.records import AwardRecord
    from api.service import Writing

router = APIRouter(prefix="/api/artifacts", tags=["artifacts"])


@router.get("")
def artifacts(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    component: str | None = None,
    stage: str | None = None,
    decision: str | None = None,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Artifacts from the newest issued to the oldest, filtered."""
    refuse_moment(request.query_params)
    decision_id = parse_identifier(decision, "decision") if decision else None
    with asking.service.reading() as rows:
        page = list_artifacts(rows, ArtifactFilter(component, stage, decision_id), limit, cursor)
    shown = [artifact_row_to_view(row, asking.language) for row in page.rows]
    return page_answer(request, "artifacts", shown, page.next_token)


@router.get("/{serial}")
def artifact(request: Request, serial: str, asking: Reads) -> Response:
    """An artifact by its serial in any spelling, with the award it belongs to."""
    moment = parse_moment(request.query_params)
    registry = asking.service.registry
    record = read_award(registry, award_of_serial(registry, serial), moment)
    view = artifact_with_serial(asking, record, _as_recorded(record, serial))
    body = {**asdict(view), "award_id": str(record.id), "version": record.version}
    return record_answer(request, body, record.version, is_now=moment.is_now)


@router.post("/{serial}/print")
def print_artifact(serial: str, body: PrintBody, writing: Writes) -> Response:
    """The paper was printed."""
    printed_on = typed_to_date("printed_on", body.printed_on) or _today(writing)
    record, own = _find(writing, serial)
    command = PrintArtifact(own, printed_on)
    used = _piece(writing, record, own, body.stock, printed_on)
    return _carry_out(writing, record, own, command, body.basis, used)


@router.post("/{serial}/deliver")
def deliver_artifact(serial: str, body: DeliverBody, writing: Writes) -> Response:
    """The artifact was handed to the recipient, or to a representative."""
    record, own = _find(writing, serial)
    command = deliver_body_to_command(own, body, record.state)
    used = _piece(writing, record, own, body.stock, command.delivered_on)
    return _carry_out(writing, record, own, command, body.basis, used)


@router.post("/{serial}/return")
def return_artifact(serial: str, body: ReturnBody, writing: Writes) -> Response:
    """The artifact came back undelivered: in stock again, the award unchanged."""
    record, own = _find(writing, serial)
    command = return_body_to_command(own, body)
    return _carry_out(writing, record, own, command, body.basis)


def _carry_out(  # noqa: PLR0917 - the parts of one request
    writing: Writing,
    record: AwardRecord,
    serial: str,
    command: Any,
    basis: str | None,
    used: tuple[Order, ...] = (),
) -> Response:
    orders = (Order("award", record.id, command), *used)
    done, recorded = carry_out(writing, orders, basis=basis)
    return changed_artifact_answer(writing, done, recorded, serial)


def _piece(
    writing: Writing, record: AwardRecord, serial: str, piece: PieceBody | None, on: str
) -> tuple[Order, ...]:
    """The order that uses the piece of stock which the artifact is made of, if one is named."""
    component = record.state.artifacts[serial].component
    purpose = purpose_of(record.id, record.state.content, component, serial)
    return piece_orders(writing, piece, purpose, on)


def _find(writing: Writing, serial: str) -> tuple[AwardRecord, str]:
    registry = writing.service.registry
    record = read_award(registry, award_of_serial(registry, serial))
    return record, _as_recorded(record, serial)


def _as_recorded(record: AwardRecord, typed: str) -> str:
    """The serial as the register has it. Raises `NotFound` if it was not issued by then."""
    key = normalise_serial(typed)
    for own in record.state.artifacts:
        if normalise_serial(own) == key:
            return own
    raise NotFound("artifact-unknown", field="serial", serial=typed[:100])


def _today(writing: Writing) -> str:
    """Today in Viet Nam."""
    return writing.service.registry.clock().astimezone(VIETNAM_TIME).date().isoformat()
