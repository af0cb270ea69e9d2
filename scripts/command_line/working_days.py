"""`sovang working-days`: the swaps of working days that count, and recording one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from api.commands import typed_to_date
from api.working_days.calendar import after_decision, calendar_facts, cases_moved, days_of
from api.working_days.routes import moved_view
from api.working_days.swaps import swap_views
from registry.messages import describe_remark, format_date, term
from registry.register import Order
from registry.working_calendar import CALENDAR_ID, DecideWorkingDays, WorkingDaysDecided
from scripts.command_line.registers import bring_up_to_date
from scripts.command_line.session import Session, authorship

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from api.working_days.calendar import CaseMoved


def show(session: Session, year: int | None) -> None:
    """Print the swaps that count, of a year if one is named."""
    with session.database() as database:
        views = swap_views(calendar_facts(database.registry()), year, actors=True)
    if session.as_json:
        session.answer({"swaps": msgspec.to_builtins(views)})
        return
    session.table(
        ["column.days-off", "column.days-worked", "column.source", "column.certainty"],
        [
            (
                _days(session, one.off),
                _days(session, one.worked),
                one.source,
                term("rule-certainty", one.certainty, session.language),
            )
            for one in views
        ],
    )


def add(
    session: Session, off: Sequence[str], worked: Sequence[str], source: str, *, dry_run: bool
) -> None:
    """Record a swap and name the cases whose due day moves. Raises `Rejected`."""
    command = DecideWorkingDays(_typed("--off", off), _typed("--worked", worked), source)
    with session.database() as database:
        bring_up_to_date(session, database)
        registry = database.registry()
        before = days_of(calendar_facts(registry))
        work = registry.work(authorship())
        (outcome,) = work.execute_all((Order("working-days", CALENDAR_ID, command),))
        (event,) = outcome.events
        assert isinstance(event, WorkingDaysDecided)  # noqa: S101 - the only one there is
        with database.pool("reader").connection() as connection:
            after = after_decision(before, event)
            moved = cases_moved(registry, connection.cursor(), before, after)
        if not dry_run:
            work.commit()
            bring_up_to_date(session, database)
    remarks = [describe_remark(one, session.language) for one in outcome.remarks]
    if session.as_json:
        shown = msgspec.to_builtins({"dry_run": dry_run, "moved": moved_view(moved)})
        session.answer({"off": event.off, "worked": event.worked, "remarks": remarks, **shown})
        return
    for remark in remarks:
        print(remark)
    _tell(session, moved)
    session.say("working-days.not-recorded" if dry_run else "working-days.recorded")


def _tell(session: Session, moved: Iterable[CaseMoved]) -> None:
    rows = [
        (one.receipt, _day(session, one.before.isoformat()), _day(session, one.after.isoformat()))
        for one in moved
    ]
    session.say("working-days.moved", count=len(rows))
    if rows:
        session.table(["column.receipt", "column.due-before", "column.due-after"], rows)


def _typed(name: str, days: Sequence[str]) -> tuple[str, ...]:
    return tuple(typed_to_date(name, one) or "" for one in days)


def _days(session: Session, days: Iterable[str]) -> str:
    return ", ".join(_day(session, one) for one in days)


def _day(session: Session, day: str) -> str:
    return format_date(day, session.language)
