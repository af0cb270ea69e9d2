"""Routes of doubts: those that are open, oldest first, and their confirmation with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import page_answer
from api.award_answers import changed_award_answer
from api.commands import parse_identifier
from api.doubts.bodies import ConfirmDoubtsBody
from api.http.direct_route import DirectRoute
from api.moment import refuse_moment
from api.recording import execute
from api.service import Reads, Writes
from api.views import AwardView
from projections.doubts import DoubtFilter, DoubtRow, list_doubts
from projections.paging import PAGE_ROWS_DEFAULT
from registry.award import ConfirmDoubts
from registry.messages import describe_remark, form_with_class

if TYPE_CHECKING:
    from registry.settings import Language

router = APIRouter(prefix="/api", tags=["doubts"], route_class=DirectRoute)


@router.get("/doubts")
def doubts(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    code: str | None = None,
    holds: bool | None = None,  # noqa: FBT001 - a filter of the query
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Open doubts, the oldest first; with `holds` those alone that hold their award back."""
    refuse_moment(request.query_params)
    with asking.service.reading() as rows:
        page = list_doubts(rows, DoubtFilter(code, holds), limit, cursor)
    shown = [doubt_row_to_view(row, asking.language) for row in page.rows]
    return page_answer(request, "doubts", shown, page.next_token)


@router.post("/awards/{award_id}/confirm-doubts", response_model=AwardView)
def confirm_doubts(award_id: str, body: ConfirmDoubtsBody, writing: Writes) -> Response:
    """The award is as it should be, for a reason: nothing holds it back any more."""
    command = ConfirmDoubts(body.reason, tuple(body.codes))
    done, recorded = execute(
        writing, "award", parse_identifier(award_id), command, basis=body.basis
    )
    return changed_award_answer(writing, done, recorded)


def doubt_row_to_view(row: DoubtRow, language: Language) -> dict[str, Any]:
    """A doubt, in a list."""
    return {
        "award_id": row.award_id,
        "name": row.name,
        "form": row.form,
        "form_name": form_with_class(row.form, row.award_class, language),
        "awarded_on": row.awarded_on,
        "office": row.office,
        "code": row.code,
        "detail": describe_remark(row.remark, language),
        "params": dict(row.params),
        "holds_back": row.holds,
        "recorded_at": row.recorded_at,
    }
