"""`sovang export`: a whole register as one file, from one view of the database.

Columns carry the names of the register's fields, so that a program finds them in any language;
personal values are never among them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from api.moment import refuse_moment
from api.sheet_files import check_ending, open_writer
from projections.artifacts import ArtifactFilter, ArtifactRow, list_artifacts
from projections.awards import AwardFilter, AwardRow, PersonRow, list_awards
from projections.cases import CaseFilter, CaseRow, list_cases
from projections.decisions import DecisionFilter, DecisionRow, list_decisions
from projections.paging import PAGE_ROWS_MAX, Page
from registry.messages import format_number
from scripts.command_line.registers import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from psycopg import Cursor

    from api.sheet_files import Cell
    from scripts.command_line.session import Session

_PERSON_FIELDS = tuple(one.name for one in fields(PersonRow))
_NOT_FOR_PEOPLE = frozenset({"position", "serial_key", "number_key"})


@dataclass(frozen=True, slots=True)
class _Register:
    """A register that can be exported: its type of row and its pages."""

    row: type
    page: Callable[[Cursor[Any], str | None], Page[Any]]


_REGISTERS: Mapping[str, _Register] = {
    "awards": _Register(
        AwardRow,
        lambda cursor, token: list_awards(cursor, AwardFilter(), PAGE_ROWS_MAX, token),
    ),
    "artifacts": _Register(
        ArtifactRow,
        lambda cursor, token: list_artifacts(cursor, ArtifactFilter(), PAGE_ROWS_MAX, token),
    ),
    "decisions": _Register(
        DecisionRow,
        lambda cursor, token: list_decisions(cursor, DecisionFilter(), PAGE_ROWS_MAX, token),
    ),
    "cases": _Register(
        CaseRow,
        lambda cursor, token: list_cases(cursor, CaseFilter(), PAGE_ROWS_MAX, token),
    ),
}


def run(
    session: Session, register: str, out: Path, as_of: str | None, known_at: str | None
) -> None:
    """Export. Raises `BadRequest` for another time than now, and `Rejected`."""
    asked = {"as_of": as_of, "known_at": known_at}
    refuse_moment({name: text for name, text in asked.items() if text is not None})
    check_ending(out)
    chosen = _REGISTERS[register]
    with session.database() as database:
        bring_up_to_date(session, database)
        with (
            database.pool("reader").connection() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            # One view for all pages: what is recorded meanwhile is not half in the file.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            count = _write(session, cursor, chosen, out)
    if session.as_json:
        session.answer({"register": register, "file": str(out), "rows": count})
    else:
        session.say("exported", rows=format_number(count, session.language), file=out)


def _write(session: Session, cursor: Cursor[Any], register: _Register, out: Path) -> int:
    count = 0
    with (
        open_writer(out, headings_of(register.row)) as writer,
        session.progress() as progress,
    ):
        task = progress.add_task(session.text("exporting", file=out.name), total=None)
        for row in _rows(cursor, register.page):
            if count == 0:
                # Rows run from the newest to the oldest, so the position tells how much is left.
                progress.update(task, total=row.position)
            writer.write(cells_of(row))
            count += 1
            if count % PAGE_ROWS_MAX == 0:
                progress.update(task, completed=(progress.tasks[0].total or 0) - row.position)
    return count


def _rows(
    cursor: Cursor[Any], page_of: Callable[[Cursor[Any], str | None], Page[Any]]
) -> Iterator[Any]:
    token: str | None = None
    while True:
        page = page_of(cursor, token)
        yield from page.rows
        token = page.next_token
        if token is None:
            return


@cache
def headings_of(row: type) -> tuple[str, ...]:
    """Names of the columns of an exported register; persons have four columns of their own."""
    names: list[str] = []
    for field in fields(row):
        if field.name == "persons":
            names += [f"person_{part}" for part in _PERSON_FIELDS]
        elif field.name not in _NOT_FOR_PEOPLE:
            names.append(field.name)
    return tuple(names)


def cells_of(row: Any) -> list[Cell]:
    """The cells of one row, in the order of the headings."""
    cells: list[Cell] = []
    kind: type = type(row)
    for name in headings_of(kind):
        if name.startswith("person_"):
            cells.append(_joined(row.persons, name.removeprefix("person_")))
        else:
            cells.append(_cell(getattr(row, name)))
    return cells


def _cell(value: Any) -> Cell:
    match value:
        case None | bool() | int() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)


def _joined(persons: Sequence[PersonRow], part: str) -> str | None:
    """One field of all persons of a recipient; a couple's are joined by a semicolon."""
    return "; ".join(value for one in persons if (value := getattr(one, part))) or None
