"""The route of the artifacts' own terms: what the centre has to send, what is to be passed on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import page_answer
from api.cases.answers import today_of
from api.commands import typed_to_date
from api.moment import refuse_moment
from api.service import Reads
from api.working_days.calendar import days_decided
from projections.artifact_terms import TERM_STEPS, TermFilter, TermStep, list_terms
from projections.paging import PAGE_ROWS_DEFAULT
from registry.cases.opening import check_day
from registry.catalogue import load_catalogue
from registry.law.procedures import deciding_level, rule_for
from registry.law.working_days import ONE_DAY
from registry.messages import form_with_class, term
from registry.rules import check_choice

if TYPE_CHECKING:
    from datetime import date

    from projections.artifact_terms import TermRow
    from registry.law.procedures import TimeLimit
    from registry.law.working_days import DaysDecided
    from registry.settings import Language

router = APIRouter(prefix="/api/artifact-terms", tags=["queues"])

# A term of some working days is over within so many days, whatever holidays lie between.
DAYS_BACK_MAX: Final = 400


@router.get("")
def artifact_terms(  # noqa: PLR0917 - the filters of a list
    request: Request,
    asking: Reads,
    step: str = "pass-on",
    overdue: bool = False,  # noqa: FBT001, FBT002 - a filter of the query
    on: str | None = None,
    limit: Annotated[int, Query()] = PAGE_ROWS_DEFAULT,
    cursor: str | None = None,
) -> Response:
    """Awards whose artifacts the centre has to send (`send-artifacts`), artifacts to `pass-on`."""
    refuse_moment(request.query_params)
    check_choice("step", step, TERM_STEPS)
    registry = asking.service.registry
    typed = typed_to_date("on", on)
    day = today_of(registry) if typed is None else check_day("on", typed)
    days, rule = days_decided(registry), rule_for("issue", day)
    term_limit, first = rule.limit_of(step), rule.valid_from
    if term_limit is None or first is None:
        return page_answer(request, "terms", [], None, {"on": day, "rule": rule.id})
    until = last_over(term_limit, day, days) if overdue else day
    wanted = TermFilter(_step(step), _forms_of_the_centre(), first, until)
    with asking.service.reading() as rows:
        page = list_terms(rows, wanted, limit, cursor)
    shown = [_view(row, term_limit, day, days, asking.language) for row in page.rows]
    more = {"on": day, "rule": rule.id, "source": term_limit.source}
    return page_answer(request, "terms", shown, page.next_token, more)


def last_over(limit: TimeLimit, on: date, days: DaysDecided) -> date:
    """The last day such that a term that began on it was over before a day."""
    start = on
    for _ in range(DAYS_BACK_MAX):
        start -= ONE_DAY
        if limit.due_on(start, decided=days) < on:
            break
    return start


def _step(step: str) -> TermStep:
    return "send-artifacts" if step == "send-artifacts" else "pass-on"


def _forms_of_the_centre() -> list[str]:
    """Forms whose artifacts the central body makes, as far as artifacts go with them."""
    return [
        form.code
        for form in load_catalogue().forms
        if form.components and deciding_level(form) == "centre"
    ]


def _view(
    row: TermRow, limit: TimeLimit, on: date, days: DaysDecided, language: Language
) -> dict[str, Any]:
    due_on = limit.due_on(row.since, decided=days)
    component = term("component", row.component, language) if row.component else None
    return {
        **asdict(row),
        "form_name": form_with_class(row.form, row.award_class, language),
        "component_name": component,
        "due_on": due_on,
        "overdue": due_on < on,
    }
