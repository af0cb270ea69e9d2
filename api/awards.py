"""Routes of awards: recording, reading, correcting, and issuing their artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer, page_answer, record_answer
from api.award_answers import (
    award_view_for,
    changed_award_answer,
    link_of,
    one_award_answer,
)
from api.bodies import CorrectAwardBody, IssueBody, RegisterAwardBody
from api.commands import (
    award_corrections_to_command,
    parse_identifier,
    require_date,
    typed_to_date,
)
from api.decisions import award_body_to_wanted, refuse_version
from api.history_names import read_history
from api.http.direct_route import DirectRoute
from api.http.public_fields import public_part, refuse_filters, shown_to
from api.moment import parse_moment, refuse_moment
from api.recording import carry_out, execute, record_awards, serials_for
from api.records import read_award, refuse_declined, refuse_withdrawn
from api.revoking_bodies import AcceptBody, DeclineBody
from api.rows import award_row_to_view
from api.service import Reads, Writes
from api.stock.use import issue_orders, piece_orders, purpose_of
from api.views import AwardView
from projections.awards import AwardFilter, list_awards
from projections.paging import PAGE_ROWS_DEFAULT
from registry.award import (
    DeclineAward,
    IssueArtifacts,
    TakeDecliningBack,
    expected_components,
)
from registry.errors import Rejected
from registry.messages import has_term
from registry.register import Order

if TYPE_CHECKING:
    from api.bodies import ArtifactBody
    from api.records import AwardRecord
    from api.service import Writing
    from registry.award import Entered
    from registry.register import Registry

router = APIRouter(prefix="/api/awards", tags=["awards"], route_class=DirectRoute)


@router.post("", status_code=201, response_model=AwardView)
def record_award(body: RegisterAwardBody, writing: Writes) -> Response:
    """Record an award, as an old register has it, or under a decision by its id."""
    refuse_version(writing)
    decision_id = None
    if body.decision_id is not None:
        decision_id = parse_identifier(body.decision_id, "decision_id")
        writing.require("record-award", *writing.service.judging.units_of(decision_id))
    wanted = award_body_to_wanted(body, decision_id, writing)
    return one_award_answer(writing, record_awards(writing, [wanted], body.basis))


@router.get("")
def awards(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    form: str | None = None,
    award_class: Annotated[str | None, Query(alias="class")] = None,
    decision: str | None = None,
    commune: str | None = None,
    kind: str | None = None,
    conferral: str | None = None,
    standing: str | None = None,
    year_from: int | None = None,
    year_to: int | None = None,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Awards from the newest recorded to the oldest, filtered."""
    refuse_moment(request.query_params)
    refuse_filters(asking, commune=commune, kind=kind, conferral=conferral)
    wanted = AwardFilter(
        form=form,
        award_class=award_class,
        decision_id=parse_identifier(decision, "decision") if decision else None,
        recipient_kind=kind,
        conferral=conferral,
        standing=standing,
        commune=commune,
        year_from=year_from,
        public=not asking.may("read-register"),
        year_to=year_to,
    )
    with asking.service.reading() as rows:
        page = list_awards(rows, wanted, limit, cursor)
    shown = [shown_to(asking, award_row_to_view(row, asking.language)) for row in page.rows]
    return page_answer(request, "awards", shown, page.next_token)


@router.get("/{award_id}", response_model=AwardView)
def award(request: Request, award_id: str, asking: Reads) -> Response:
    """An award, now or as of a date (`as_of`) and as known at a time (`known_at`)."""
    moment = parse_moment(request.query_params)
    record = read_award(asking.service.registry, parse_identifier(award_id), moment)
    view = award_view_for(asking, record)
    if not asking.may("read-register"):
        refuse_withdrawn(record)
        refuse_declined(asking.service.registry, record.id)
        return json_answer(public_part(view))
    link = link_of(record, view)
    return record_answer(request, view, record.version, is_now=moment.is_now, link=link)


@router.post("/{award_id}/decline", response_model=AwardView)
def decline_award(award_id: str, body: DeclineBody, writing: Writes) -> Response:
    """Its recipient declined the award before it was conferred: an outcome, and no award."""
    on = require_date("declined_on", body.declined_on)
    return _change(writing, award_id, DeclineAward(on, body.paper, body.note), body.basis)


@router.post("/{award_id}/accept-after-all", response_model=AwardView)
def accept_after_all(award_id: str, body: AcceptBody, writing: Writes) -> Response:
    """Who had declined the award accepts it after all."""
    on = require_date("accepted_on", body.accepted_on)
    return _change(writing, award_id, TakeDecliningBack(on, body.paper, body.note), body.basis)


def _change(
    writing: Writing, award_id: str, command: DeclineAward | TakeDecliningBack, basis: str | None
) -> Response:
    record = read_award(writing.service.registry, parse_identifier(award_id))
    done, recorded = execute(writing, "award", record.id, command, basis=basis)
    return changed_award_answer(writing, done, recorded)


@router.get("/{award_id}/history")
def history(request: Request, award_id: str, asking: Reads) -> Response:
    """Everything that was recorded about an award: who, when, before and after, on what basis."""
    moment = parse_moment(request.query_params)
    record = read_award(asking.service.registry, parse_identifier(award_id), moment)
    entries = read_history(asking.service.registry, record.facts, asking.language)
    return json_answer({"id": str(record.id), "history": entries})


@router.post("/{award_id}/correct", response_model=AwardView)
def correct_award(award_id: str, body: CorrectAwardBody, writing: Writes) -> Response:
    """Put right what the register says; the award and its earlier text stay in the history."""
    registry = writing.service.registry
    record = read_award(registry, parse_identifier(award_id))
    command = award_corrections_to_command(body, record.state, registry.catalogue)
    done, recorded = execute(writing, "award", record.id, command, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


@router.post("/{award_id}/artifacts", response_model=AwardView)
def issue_artifacts(award_id: str, body: IssueBody, writing: Writes) -> Response:
    """Issue artifacts of an award; without a list, every component that is still expected."""
    registry = writing.service.registry
    record = read_award(registry, parse_identifier(award_id))
    issued_on = typed_to_date("issued_on", body.issued_on)
    asked = [(one.component, one.serial) for one in body.artifacts]
    _check_components(body.artifacts)
    if not asked:
        asked = [(component, None) for component in _missing(registry, record.state)]
    items = _with_serials(registry, asked, issued_on)
    orders = (
        Order("award", record.id, IssueArtifacts(items, issued_on)),
        *_pieces(writing, record, items, body),
    )
    done, recorded = carry_out(writing, orders, basis=body.basis)
    return changed_award_answer(writing, done, recorded)


def _pieces(
    writing: Writing, record: AwardRecord, items: tuple[tuple[str, str], ...], body: IssueBody
) -> tuple[Order, ...]:
    """The orders that use pieces of stock: those named, and those whose serials are issued."""
    issued_on = typed_to_date("issued_on", body.issued_on)
    content = record.state.content
    purposes = [purpose_of(record.id, content, component, own) for component, own in items]
    named = {index: one.stock for index, one in enumerate(body.artifacts) if one.stock is not None}
    used = [
        order
        for index, piece in named.items()
        for order in piece_orders(writing, piece, purposes[index], issued_on)
    ]
    unnamed = [one for index, one in enumerate(purposes) if index not in named]
    return (*used, *issue_orders(writing, unnamed, issued_on))


def _check_components(artifacts: list[ArtifactBody]) -> None:
    for index, one in enumerate(artifacts):
        if not has_term("component", one.component):
            field = f"artifacts[{index}].component"
            raise Rejected("component-unknown", field=field, typed=one.component)


def _missing(registry: Registry, state: Entered) -> list[str]:
    issued = {one.component for one in state.artifacts.values()}
    expected = expected_components(state.content, registry.catalogue)
    return [component for component in expected if component not in issued]


def _with_serials(
    registry: Registry, asked: list[tuple[str, str | None]], issued_on: str | None
) -> tuple[tuple[str, str], ...]:
    """Each component with the serial it was given, or one that the registry allots."""
    without = [component for component, serial in asked if serial is None]
    allotted = iter(serials_for(registry, without, issued_on))
    return tuple((one, next(allotted) if serial is None else serial) for one, serial in asked)
