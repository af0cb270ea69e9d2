"""Routes of decisions, and of the awards that a decision makes."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer, page_answer, record_answer
from api.award_answers import batch_answer, one_award_answer
from api.bodies import (
    AwardBody,
    AwardListBody,
    CorrectDecisionBody,
    DecisionBody,
    OneOrMoreAwards,
)
from api.commands import (
    award_body_to_command,
    decision_body_to_command,
    decision_corrections_to_command,
    parse_identifier,
    typed_to_date,
)
from api.conditional import format_etag
from api.doubts.reviewing import review_late, reviews_under
from api.http.direct_route import DirectRoute
from api.http.public_fields import public_part, refuse_filters, shown_to
from api.moment import parse_moment, refuse_moment
from api.outcome import outcome_of
from api.recording import (
    Wanted,
    asked_awards,
    carry_out,
    execute,
    record_awards,
    refuse_lines,
)
from api.records import fold_decision, read_decision, refuse_withdrawn
from api.refusals import BadRequest
from api.rows import decision_row_to_view
from api.service import Reads, Writes
from api.views import DecisionView, decision_to_view
from projections.decisions import DecisionFilter, list_decisions
from projections.paging import PAGE_ROWS_DEFAULT
from registry.errors import Rejected
from registry.identifiers import new_id
from registry.numbers import normalise_number
from registry.register import Order
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from api.recording import Done
    from api.service import Writing
    from registry.register import Recorded

router = APIRouter(prefix="/api/decisions", tags=["decisions"], route_class=DirectRoute)


@router.post("", status_code=201, response_model=DecisionView)
def register_decision(body: DecisionBody, writing: Writes) -> Response:
    """Register a decision: issuer, number exactly as written, date that may be partial."""
    refuse_version(writing)
    command = decision_body_to_command(body)
    done, recorded = execute(writing, "decision", new_id(), command, basis=body.basis, new=True)
    return _decision_answer(writing, done, recorded, created=True)


@router.get("")
def decisions(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    number: str | None = None,
    issuer: str | None = None,
    kind: str | None = None,
    year_from: int | None = None,
    year_to: int | None = None,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Decisions from the newest recorded to the oldest, by number in any spelling, issuer, year."""
    refuse_moment(request.query_params)
    refuse_filters(asking, kind=kind)
    wanted = DecisionFilter(
        kind=kind,
        issuer_key=comparison_key(issuer) if issuer else None,
        number_key=normalise_number(number) if number else None,
        year_from=year_from,
        year_to=year_to,
    )
    with asking.service.reading() as rows:
        page = list_decisions(rows, wanted, limit, cursor)
    shown = [shown_to(asking, decision_row_to_view(row, asking.language)) for row in page.rows]
    return page_answer(request, "decisions", shown, page.next_token)


@router.get("/{decision_id}", response_model=DecisionView)
def decision(request: Request, decision_id: str, asking: Reads) -> Response:
    """A decision, now or as of a date (`as_of`) and as known at a time (`known_at`)."""
    moment = parse_moment(request.query_params)
    found = parse_identifier(decision_id)
    record = read_decision(asking.service.registry, found, moment)
    view = decision_to_view(record, asking.language)
    if not asking.may("read-register"):
        refuse_withdrawn(record)
        return json_answer(public_part(view))
    return record_answer(request, view, record.version, is_now=moment.is_now)


@router.post("/{decision_id}/correct", response_model=DecisionView)
def correct_decision(decision_id: str, body: CorrectDecisionBody, writing: Writes) -> Response:
    """Put right what the register says about a decision; before and after stay in its history.

    Under another issuer its awards are judged anew, in the same transaction.
    """
    command = decision_corrections_to_command(body)
    found = parse_identifier(decision_id)
    reviewed = "issuer" in command.corrections
    known = writing.service.registry.log.head().position
    reviews = reviews_under(writing, found) if reviewed else ()
    orders = (Order("decision", found, command), *reviews)
    done, recorded = carry_out(writing, orders, basis=body.basis)
    if reviewed and not recorded.repeated:
        review_late(writing, found, known, recorded.position)
    done = replace(done, remarks=tuple(dict.fromkeys(done.remarks)))
    return _decision_answer(writing, done, recorded)


@router.post("/{decision_id}/awards", status_code=201)
def record_awards_of_decision(decision_id: str, body: OneOrMoreAwards, writing: Writes) -> Response:
    """Record one award of a decision, or up to 5,000 together: all of them or none."""
    refuse_version(writing)
    registry = writing.service.registry
    found = parse_identifier(decision_id)
    read_decision(registry, found)
    if isinstance(body, AwardBody):
        wanted = [award_body_to_wanted(body, found, writing)]
        return one_award_answer(writing, record_awards(writing, wanted, body.basis))
    lines = body.awards if isinstance(body, AwardListBody) else body
    wanted = _lines_to_wanted(lines, found, writing)
    basis = None
    if isinstance(body, AwardListBody):
        basis = body.basis
        issued_on = typed_to_date("issued_on", body.issued_on)
        wanted = asked_awards(wanted, body.issue_artifacts, issued_on)
    return batch_answer(writing, found, record_awards(writing, wanted, basis))


def award_body_to_wanted(body: AwardBody, decision_id: UUID | None, writing: Writing) -> Wanted:
    """An award to record and whether its artifacts are issued with it."""
    command = award_body_to_command(body, decision_id, writing.service.registry.catalogue)
    issued_on = typed_to_date("issued_on", body.issued_on)
    return Wanted(command, body.issue_artifacts, issued_on)


def _lines_to_wanted(
    lines: Sequence[AwardBody], decision_id: UUID, writing: Writing
) -> list[Wanted]:
    """Every line of a list understood. Raises `InvalidBody` naming all that cannot be."""
    wanted, errors = [], []
    for index, line in enumerate(lines):
        try:
            wanted.append(award_body_to_wanted(line, decision_id, writing))
        except Rejected as error:
            errors.append((index, error))
    refuse_lines(errors)
    return wanted


def refuse_version(writing: Writing) -> None:
    """A record that is being made has no version that a client could have seen."""
    if writing.expected_version is not None:
        raise BadRequest("if-match-on-new-record", field="If-Match")


def _decision_answer(
    writing: Writing, done: Done, recorded: Recorded, *, created: bool = False
) -> Response:
    record = fold_decision(done.facts)
    body = {
        **asdict(decision_to_view(record, writing.language)),
        **outcome_of(writing, recorded, done.remarks),
    }
    headers = {"ETag": format_etag(record.version)}
    if created:
        headers["Location"] = f"/api/decisions/{record.id}"
    return json_answer(body, 201 if created else 200, headers)
