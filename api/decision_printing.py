"""A whole decision was printed: its papers are recorded as printed at once, or none of them.

A print job only makes a file. What came out of the printer, and what was spoiled on the way, says
who stood beside it. Which papers a decision has is known to the registers alone, so they must
know all of the log first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import json_answer
from api.artifact_orders import day_or_today
from api.bodies import PrintedDecisionBody
from api.commands import parse_identifier
from api.http.direct_route import DirectRoute
from api.outcome import outcome_of
from api.printing import CERTIFICATES
from api.recording import carry_out
from api.records import read_award, read_decision
from api.service import Writes
from api.stock.use import piece_orders, purpose_of, spoil_orders
from projections.artifacts import ArtifactFilter, list_artifacts
from projections.paging import PAGE_ROWS_MAX
from registry.award import PrintArtifact
from registry.errors import NotReady, Rejected
from registry.numbers import normalise_serial
from registry.register import Order

if TYPE_CHECKING:
    from uuid import UUID

    from api.service import Writing
    from projections.artifacts import ArtifactRow
    from registry.fact import Named
    from registry.stock.commands import Purpose

router = APIRouter(prefix="/api/decisions", tags=["artifacts"], route_class=DirectRoute)


@router.post("/{decision_id}/printed")
def print_decision(decision_id: str, body: PrintedDecisionBody, writing: Writes) -> Response:
    """The papers of a decision came out of the printer: all that were not, or those named."""
    record = read_decision(writing.service.registry, parse_identifier(decision_id))
    printed_on = day_or_today(writing, "printed_on", body.printed_on)
    rows = _wanted(_papers_of(writing, record.id), body)
    if not rows:
        raise Rejected("decision-has-no-certificates", field="id")
    orders = [Order("award", one.award_id, PrintArtifact(one.serial, printed_on)) for one in rows]
    orders += _stock_orders(writing, rows, body, printed_on)
    named: Named = ("decision", record.id)
    _, recorded = carry_out(writing, orders, basis=body.basis, named=named)
    serials = [one.serial for one in rows]
    told = {"id": str(record.id), "printed": len(serials), "serials": serials}
    return json_answer(told | outcome_of(writing, recorded, dict.fromkeys(recorded.remarks)))


def _papers_of(writing: Writing, decision_id: UUID) -> list[ArtifactRow]:
    """The papers of a decision that count. Raises `NotReady` unless all of them are known."""
    service = writing.service
    if not service.wait_for(service.registry.log.head().position):
        raise NotReady("registers-behind", names="artifacts")
    wanted, token = ArtifactFilter(decision_id=decision_id, is_live=True), None
    papers: list[ArtifactRow] = []
    with service.reading() as rows:
        while True:
            page = list_artifacts(rows, wanted, PAGE_ROWS_MAX, token)
            papers += [one for one in page.rows if one.component in CERTIFICATES]
            token = page.next_token
            if token is None:
                # From the newest issued to the oldest: a pile lies the other way round.
                return papers[::-1]


def _wanted(papers: list[ArtifactRow], body: PrintedDecisionBody) -> list[ArtifactRow]:
    """Those to record. Raises `Rejected` for a serial that is none of the decision's."""
    if body.papers is None:
        waiting = [one for one in papers if one.stage == "issued"]
        # Asked again, none is waiting: then the rules find what was recorded the first time.
        return waiting or [one for one in papers if one.stage == "printed"]
    known = {one.serial_key: one for one in papers}
    keys = dict.fromkeys(normalise_serial(one.serial) for one in body.papers)
    for key in keys:
        if key not in known:
            raise Rejected("artifact-unknown", field="papers", serial=key[:100])
    return [known[key] for key in keys]


def _stock_orders(
    writing: Writing, rows: list[ArtifactRow], body: PrintedDecisionBody, on: str
) -> list[Order]:
    """What the papers used of the stock, and what was spoiled for them."""
    orders: list[Order] = []
    purposes = {one.serial_key: one for one in rows}
    for paper in body.papers or ():
        if paper.stock is not None:
            purpose = _purpose(writing, purposes[normalise_serial(paper.serial)])
            orders += piece_orders(writing, paper.stock, purpose, on)
    if body.spoiled:
        purpose = _purpose(writing, rows[0])
        orders += spoil_orders(writing, body.spoiled, purpose, on, body.spoiled_because)
    return orders


def _purpose(writing: Writing, row: ArtifactRow) -> Purpose:
    content = read_award(writing.service.registry, row.award_id).state.content
    return purpose_of(row.award_id, content, row.component, row.serial)
