"""`sovang custody` and `sovang duties`: what lies with the office, and what is due.

Every row that fits is printed, page by page: these lists are worked through, not looked into.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from api.moment import parse_moment
from api.queues import duty_row_to_view, held_row_to_view
from projections.custody import CustodyFilter, list_custody
from projections.duties import DutyFilter, list_duties
from projections.paging import PAGE_ROWS_MAX
from registry.messages import VIETNAM_TIME, format_date
from scripts.command_line.registers import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from psycopg import Cursor

    from projections.paging import Page
    from scripts.command_line.session import Session

RowT = TypeVar("RowT")


def custody(
    session: Session, longer_than: int | None, on: str | None, *, past_due: bool, owed: bool
) -> None:
    """Print what an office keeps for citizens, what lies longest first. Raises `BadRequest`."""
    day = _day(on)
    wanted = CustodyFilter(day, longer_than, past_due, owed=True if owed else None)
    rows = read_all(
        session, lambda cursor, token: list_custody(cursor, wanted, PAGE_ROWS_MAX, token)
    )
    views = [held_row_to_view(row, day, session.language) for row in rows]
    if session.as_json:
        session.answer(msgspec.to_builtins({"on": day, "held": views}))
        return
    headings = ("serial", "component", "name", "receipt", "surrendered", "due", "days", "kept")
    session.table(
        [f"column.{heading}" for heading in headings],
        [
            (
                view["serial"],
                view["component_name"],
                view["name"],
                view["receipt"],
                _date(view["surrendered_on"], session),
                _late(view["due_on"], view["past_due"], session),
                str(view["held_days"]),
                view["kept_at"],
            )
            for view in views
        ],
    )


def duties(session: Session, kind: str | None, on: str | None, *, overdue: bool) -> None:
    """Print what is due, what is due first before the others. Raises `BadRequest`."""
    day = _day(on)
    wanted = DutyFilter(day, kind, overdue)
    rows = read_all(
        session, lambda cursor, token: list_duties(cursor, wanted, PAGE_ROWS_MAX, token)
    )
    views = [duty_row_to_view(row, day, session.language) for row in rows]
    if session.as_json:
        session.answer(msgspec.to_builtins({"on": day, "duties": views}))
        return
    headings = ("due", "duty", "name", "form", "serial", "body")
    session.table(
        [f"column.{heading}" for heading in headings],
        [
            (
                _late(view["due_on"], view["overdue"], session),
                view["kind_name"],
                view["name"],
                view["form_name"],
                view["serial"] or "",
                view["body"] or "",
            )
            for view in views
        ],
    )


def read_all(
    session: Session, page_at: Callable[[Cursor[Any], str | None], Page[RowT]]
) -> list[RowT]:
    """All pages of a list, from registers that know all of the log."""
    with session.database() as database:
        bring_up_to_date(session, database)
        with database.pool("reader").connection() as connection:
            return [row for page in _pages(connection.cursor(), page_at) for row in page.rows]


def _pages(
    cursor: Cursor[Any], page_at: Callable[[Cursor[Any], str | None], Page[RowT]]
) -> Iterator[Page[RowT]]:
    page = page_at(cursor, None)
    yield page
    while page.next_token is not None:
        page = page_at(cursor, page.next_token)
        yield page


def _day(typed: str | None) -> date:
    """The day asked for, or today in Viet Nam."""
    asked = parse_moment({"as_of": typed or ""}).as_of
    return asked if asked is not None else datetime.now(VIETNAM_TIME).date()


def _date(text: str, session: Session) -> str:
    return format_date(text, session.language)


def _late(text: str | None, late: bool, session: Session) -> str:  # noqa: FBT001 - a flag of the row
    if text is None:
        return ""
    day = format_date(text, session.language)
    return f"{day} {session.text('late')}" if late else day
