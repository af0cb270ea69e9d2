"""Routes of batches: cases that go to the central body together, and their list.

A batch is sent in one transaction: all its cases or none. What comes of each case is its own:
one may be sent back with a reason while the others go on (scenario 30).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import json_answer
from api.cases.answers import today_of
from api.cases.bodies import BatchBody
from api.cases.commands import day_of_step
from api.cases.list import BATCH_COLUMNS, batch_lines, csv_bytes, list_form, workbook_bytes
from api.cases.records import read_cases
from api.commands import parse_identifier
from api.http.direct_route import DirectRoute
from api.outcome import outcome_of
from api.recording import carry_out
from api.refusals import FieldProblem, InvalidBody
from api.service import Reads, Writes
from projections.cases import sendings_of_batch
from registry.cases.service_case import SendCase
from registry.errors import NotFound, Rejected
from registry.identifiers import new_id
from registry.register import Order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from api.cases.list import BatchLine
    from api.service import Asking, Writing

router = APIRouter(prefix="/api/case-batches", tags=["cases"], route_class=DirectRoute)

WORKBOOK_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE: Final = "text/csv; charset=utf-8"


@router.post("", status_code=201)
def send_batch(body: BatchBody, writing: Writes) -> Response:
    """Send cases to the central body, all of them or none."""
    registry, case_ids = writing.service.registry, _case_ids(body)
    on = day_of_step("on", body.on, today_of(registry))
    batch_id, cases = new_id(), read_cases(registry, case_ids)
    for case in cases:
        # Which cases go is said by the body, so it was not known in front of it.
        writing.require("send-batch", *case.units)
    orders = [
        Order(
            "service-case", case.id, SendCase(on, batch_id, case.state.file.award_id, body.sent_to)
        )
        for case in cases
    ]
    try:
        done, recorded = carry_out(writing, orders, basis=body.basis)
    except Rejected as error:
        _refuse_lines(writing, orders, error)
        raise
    batch_id = recorded.events[0].batch_id
    answer = {
        "id": str(batch_id),
        "on": recorded.events[0].on,
        "sent_to": recorded.events[0].sent_to,
        "case_ids": [str(one) for one in case_ids],
        **outcome_of(writing, recorded, done.remarks),
    }
    return json_answer(answer, 201, {"Location": f"/api/case-batches/{batch_id}"})


@router.get("/{batch_id}.xlsx")
def batch_workbook(batch_id: str, asking: Reads) -> Response:
    """The list of the batch as a workbook."""
    name, lines, form = _lines(asking, batch_id)
    return _file(workbook_bytes(lines, form), WORKBOOK_TYPE, f"{name}.xlsx")


@router.get("/{batch_id}.csv")
def batch_data_file(batch_id: str, asking: Reads) -> Response:
    """The data file of the batch."""
    name, lines, _ = _lines(asking, batch_id)
    return _file(csv_bytes(lines), CSV_TYPE, f"{name}.csv")


@router.get("/{batch_id}")
def batch(batch_id: str, asking: Reads) -> Response:
    """A batch, and what became of each of its cases."""
    name, lines, form = _lines(asking, batch_id)
    shown = [dict(zip(BATCH_COLUMNS, line.cells, strict=True)) | line.outcome for line in lines]
    return json_answer({"id": name, "form": form, "cases": shown})


def _case_ids(body: BatchBody) -> list[UUID]:
    ids = [parse_identifier(one, f"case_ids[{n}]") for n, one in enumerate(body.case_ids)]
    if len(set(ids)) != len(ids):
        raise Rejected("cases-named-twice", field="case_ids")
    return ids


def _refuse_lines(writing: Writing, orders: Sequence[Order], error: Rejected) -> None:
    """Name every case of the batch that cannot go, if that is why the batch cannot."""
    if error.field == "Idempotency-Key":
        return
    work = writing.service.registry.work(writing.authorship())
    work.load_all(orders)
    problems = []
    for index, order in enumerate(orders):
        try:
            with work.attempt():
                work.execute(order.kind, order.stream_id, order.command)
        except Rejected as refusal:
            problems.append(FieldProblem(f"case_ids[{index}]", refusal.code, refusal.params))
    if problems:
        raise InvalidBody(problems)


def _lines(asking: Asking, batch_id: str) -> tuple[str, list[BatchLine], str | None]:
    """The batch by its id, its lines, and the number of its form."""
    identifier = parse_identifier(batch_id)
    with asking.service.reading() as rows:
        sendings = sendings_of_batch(rows, identifier)
        if not sendings:
            raise NotFound("batch-unknown")
        form = list_form(sendings[0].sent_on)
        return str(identifier), batch_lines(rows, sendings), form


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-cache",
    }
    return Response(content, headers=headers, media_type=media_type)
