"""Work queues: what lies with an office, and what is due, as of a day.

Both say what is so now; the day that is asked for decides what is late on it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import page_answer
from api.commands import require_date
from api.moment import refuse_moment
from api.service import Asking, Reads
from projections.custody import CustodyFilter, HeldRow, list_custody
from projections.duties import DutyFilter, DutyRow, list_duties
from projections.holders import HolderRow, list_holders
from projections.paging import PAGE_ROWS_DEFAULT
from registry.dates import parse_edtf
from registry.messages import VIETNAM_TIME, form_with_class, term

if TYPE_CHECKING:
    from registry.settings import Language

DAYS_MAX: Final = 100_000

router = APIRouter(prefix="/api", tags=["queues"])


@router.get("/custody")
def custody(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    longer_than_days: Annotated[int | None, Query(ge=0, le=DAYS_MAX)] = None,
    past_due: bool = False,  # noqa: FBT001, FBT002 - a filter of the query
    purpose: str | None = None,
    owed: bool | None = None,  # noqa: FBT001 - a filter of the query
    on: str | None = None,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Everything that an office keeps for a citizen, what lies longest first."""
    refuse_moment(request.query_params)
    day = _day(asking, on)
    wanted = CustodyFilter(day, longer_than_days, past_due, purpose, owed)
    with asking.service.reading() as rows:
        page = list_custody(rows, wanted, limit, cursor)
    shown = [held_row_to_view(row, day, asking.language) for row in page.rows]
    return page_answer(request, "held", shown, page.next_token, {"on": day})


@router.get("/duties")
def duties(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    kind: str | None = None,
    overdue: bool = False,  # noqa: FBT001, FBT002 - a filter of the query
    on: str | None = None,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """What is due for whom by when, what is due first before the others."""
    refuse_moment(request.query_params)
    day = _day(asking, on)
    with asking.service.reading() as rows:
        page = list_duties(rows, DutyFilter(day, kind, overdue), limit, cursor)
    shown = [duty_row_to_view(row, day, asking.language) for row in page.rows]
    return page_answer(request, "duties", shown, page.next_token, {"on": day})


@router.get("/holders")
def holders(
    request: Request,
    asking: Reads,
    kind: str | None = None,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Artifacts that heirs, a museum or the State hold, what changed last first."""
    refuse_moment(request.query_params)
    with asking.service.reading() as rows:
        page = list_holders(rows, kind, limit, cursor)
    shown = [holder_row_to_view(row, asking.language) for row in page.rows]
    return page_answer(request, "holders", shown, page.next_token)


def holder_row_to_view(row: HolderRow, language: Language) -> dict[str, Any]:
    """An artifact that somebody else holds, in a list."""
    return {
        "serial": row.serial,
        "component": row.component,
        "component_name": term("component", row.component, language),
        "award_id": row.award_id,
        "recipient": row.recipient,
        "form": row.form,
        "form_name": form_with_class(row.form, row.award_class, language),
        "kind": row.kind,
        "kind_name": term("holder-kind", row.kind, language),
        "name": row.name,
        "relation": row.relation,
        "since": row.since,
        "until": row.until,
        "decision": row.decision,
        "kept_at": row.kept_at,
    }


def held_row_to_view(row: HeldRow, on: date, language: Language) -> dict[str, Any]:
    """An artifact in custody, in a list."""
    return {
        "serial": row.serial,
        "component": row.component,
        "component_name": term("component", row.component, language),
        "award_id": row.award_id,
        "name": row.name,
        "form": row.form,
        "form_name": form_with_class(row.form, row.award_class, language),
        "receipt": row.receipt,
        "surrendered_on": row.taken_on,
        "surrendered_by": row.surrendered_by,
        "relation": row.relation,
        "due_on": row.due_on,
        "purpose": row.purpose,
        "purpose_name": term("purpose", row.purpose, language),
        "condition": row.condition,
        "kept_at": row.kept_at,
        "office": row.office,
        "superseded_by": row.superseded_by,
        "held_days": row.held_days(on),
        "past_due": row.is_past_due(on),
    }


def duty_row_to_view(row: DutyRow, on: date, language: Language) -> dict[str, Any]:
    """A duty, in a list."""
    return {
        "kind": row.kind,
        "kind_name": term("duty", row.kind, language),
        "award_id": row.award_id,
        "name": row.name,
        "form": row.form,
        "form_name": form_with_class(row.form, row.award_class, language),
        "body": row.body,
        "serial": row.serial,
        "component": row.component,
        "component_name": term("component", row.component, language) if row.component else None,
        "since": row.since,
        "due_on": row.due_on,
        "overdue": row.is_overdue(on),
        "decision_id": row.decision_id,
    }


def _day(asking: Asking, typed: str | None) -> date:
    """The day asked for, or today in Viet Nam. Raises `Rejected`."""
    if typed is None:
        return asking.service.registry.clock().astimezone(VIETNAM_TIME).date()
    return parse_edtf(require_date("on", typed)).latest
