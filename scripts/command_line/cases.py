"""`sovang cases`: a queue of service cases on a day, the most urgent first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from api.cases.answers import case_row_to_view, today_of
from api.commands import typed_to_date
from projections.cases import CaseFilter, list_cases
from registry.cases.opening import check_day
from registry.messages import format_date, term
from scripts.command_line.registers import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from projections.cases import CaseRow
    from registry.settings import Language
    from scripts.command_line.session import Session


def run(session: Session, queue: str, on: str | None, within: int, limit: int) -> None:
    """Print a queue. Raises `Rejected` for a day that is none."""
    typed = typed_to_date("--on", on)
    with session.database() as database:
        bring_up_to_date(session, database)
        day = today_of(database.registry()) if typed is None else check_day("--on", typed)
        wanted = CaseFilter(queue=queue, on=day, soon_days=within)
        with database.pool("reader").connection() as connection:
            page = list_cases(connection.cursor(), wanted, limit)
    if session.as_json:
        rows = [case_row_to_view(row, day, session.language) for row in page.rows]
        document: Any = {
            "queue": queue,
            "on": day,
            "cases": rows,
            "more": page.next_token is not None,
        }
        session.answer(msgspec.to_builtins(document))
        return
    title = term("case-queue", queue, session.language)
    session.say("cases.title", queue=title, on=_date(day, session.language))
    for row in page.rows:
        for line in _lines(session, row):
            print(line)
    if page.next_token is not None:
        session.say("find.more")


def _lines(session: Session, row: CaseRow) -> Iterator[str]:
    """A case as people read it: whose, since when, where it stands, until when."""
    language = session.language
    yield _listed(
        row.receipt,
        session.text("cases.priority") if row.priority else None,
        term("case-kind", row.kind, language),
        row.recipient,
        session.text("cases.received", on=_date(row.received_on, language)),
    )
    due = session.text("cases.due", on=_date(row.due_on, language)) if row.due_on else None
    since = session.text("cases.since", on=_date(row.since, language))
    yield "    " + _listed(
        term("case-stage", row.stage, language),
        due or f"{term('case-clock', row.clock, language)} {since}",
        row.desk,
    )


def _listed(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _date(day: date, language: Language) -> str:
    return format_date(day.isoformat(), language)
