"""Routes of working days: which swaps count, by which source; deciding one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import json_answer
from api.commands import typed_to_date
from api.conditional import format_etag
from api.http.direct_route import DirectRoute
from api.outcome import outcome_of
from api.recording import execute, rehearse
from api.service import Reads, Writes
from api.views import remark_to_view
from api.working_days.bodies import WorkingDaysBody
from api.working_days.calendar import (
    after_decision,
    calendar_facts,
    cases_moved,
    days_decided,
    days_of,
)
from api.working_days.swaps import swap_views
from registry.register import Order
from registry.working_calendar import CALENDAR_ID, DecideWorkingDays, WorkingDaysDecided

if TYPE_CHECKING:
    from api.service import Writing
    from api.working_days.calendar import CaseMoved
    from registry.law.working_days import DaysDecided

CASES_SHOWN_MAX = 200

router = APIRouter(prefix="/api/working-days", tags=["cases"], route_class=DirectRoute)


@router.get("")
def working_days(
    asking: Reads, year: Annotated[int | None, Query(ge=1945, le=2199)] = None
) -> Response:
    """The swaps of working days that count, oldest first; those of a year if one is named.

    Open to all, as procedures are: a citizen may count after us. Who recorded one is for the
    command line and for auditors.
    """
    facts = calendar_facts(asking.service.registry)
    return json_answer({"swaps": swap_views(facts, year)})


@router.post("", status_code=201)
def decide_working_days(body: WorkingDaysBody, writing: Writes) -> Response:
    """Decide on which days offices do not work, and on which they do, by an announcement.

    The answer names the cases whose due day moves.
    """
    registry = writing.service.registry
    command = body_to_command(body.off, body.worked, body.source)
    before = days_decided(registry)
    if body.dry_run:
        order = Order("working-days", CALENDAR_ID, command)
        remarks = rehearse(writing, (order,), basis=body.basis)
        shown = [remark_to_view(one, writing.language) for one in remarks]
        event = WorkingDaysDecided(command.off, command.worked, command.source)
        moved = _moved(writing, before, after_decision(before, event))
        return json_answer({"dry_run": True, "remarks": shown, "moved": moved})
    done, recorded = execute(writing, "working-days", CALENDAR_ID, command, basis=body.basis)
    event = done.facts[-1].event
    # Whoever asks again is told what moved, not that nothing moves any more.
    earlier = days_of(done.facts[:-1])
    answer = {
        "off": event.off,
        "worked": event.worked,
        "source": event.source,
        "version": recorded.version,
        "moved": _moved(writing, earlier, after_decision(earlier, event)),
        **outcome_of(writing, recorded, done.remarks),
    }
    return json_answer(answer, 201, {"ETag": format_etag(recorded.version)})


def body_to_command(off: list[str], worked: list[str], source: str) -> DecideWorkingDays:
    """A decision, its days understood as they were typed. Raises `Rejected`."""
    return DecideWorkingDays(_days("off", off), _days("worked", worked), source)


def _days(name: str, typed: list[str]) -> tuple[str, ...]:
    return tuple(typed_to_date(f"{name}[{n}]", one) or "" for n, one in enumerate(typed))


def _moved(writing: Writing, before: DaysDecided, after: DaysDecided) -> dict[str, Any]:
    with writing.service.reading() as rows:
        moved = cases_moved(writing.service.registry, rows, before, after)
    return moved_view(moved)


def moved_view(moved: list[CaseMoved]) -> dict[str, Any]:
    """How many cases are due on another day, and the first of them."""
    return {"count": len(moved), "cases": moved[:CASES_SHOWN_MAX]}
