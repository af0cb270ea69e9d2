"""Imports: how far each has come, and what was wrong with which row of its file.

Facts are applied one after the other, for an import has one for every two thousand rows, and
its story may be long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from projections.paging import Page, check_limit, format_token, parse_token
from projections.projection import Batch, Projection, read_sql
from projections.writing import Table
from registry import importing

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

_EVENTS = frozenset(importing.EVENTS.values())
_PROBLEM = Table(
    "import_problem",
    (
        ("import_id", "uuid"),
        ("run", "int4"),
        ("position", "int8"),
        ("ordinal", "int4"),
        ("row_number", "int8"),
        ("column_name", "text"),
        ("code", "text"),
        ("severity", "text"),
    ),
)
_BEGIN = """
INSERT INTO import (id, version, run, stage, file_name, file_sha256, kind, decision_id, begun_at,
                    begun_by, changed_at, last_row, rows, accepted, duplicates, rejected, warnings,
                    withdrawn)
VALUES (%(id)s, %(version)s, 1, 'running', %(file_name)s, %(file_sha256)s, %(kind)s,
        %(decision_id)s, %(at)s, %(actor)s, %(at)s, 0, 0, 0, 0, 0, 0, 0)
ON CONFLICT (id) DO UPDATE
   SET version = excluded.version, run = import.run + 1, stage = 'running',
       file_name = excluded.file_name, kind = excluded.kind, decision_id = excluded.decision_id,
       begun_at = excluded.begun_at, begun_by = excluded.begun_by,
       changed_at = excluded.changed_at, last_row = 0, rows = 0, accepted = 0, duplicates = 0,
       rejected = 0, warnings = 0, withdrawn = 0
"""
_FORGET_PROBLEMS = "DELETE FROM import_problem WHERE import_id = %s"
_JUDGED = """
UPDATE import SET version = %(version)s, changed_at = %(at)s, last_row = %(last_row)s,
       rows = rows + %(rows)s, accepted = accepted + %(accepted)s,
       duplicates = duplicates + %(duplicates)s, rejected = rejected + %(rejected)s,
       warnings = warnings + %(warnings)s
 WHERE id = %(id)s RETURNING run
"""
_STAND_AT = """
UPDATE import SET version = %s, changed_at = %s, stage = %s, withdrawn = withdrawn + %s
 WHERE id = %s
"""

# The columns of ImportRow, in its order.
_SELECT = """
SELECT i.id, i.version, i.run, i.stage, i.file_name, i.file_sha256, i.kind, i.decision_id,
       i.begun_at, i.begun_by, i.changed_at, i.last_row, i.rows, i.accepted, i.duplicates,
       i.rejected, i.warnings, i.withdrawn
  FROM imports.import i
"""
_BY_ID = _SELECT + " WHERE i.id = %s"
_LIST = _SELECT + " ORDER BY i.changed_at DESC, i.id LIMIT %s"
_PROBLEMS = """
SELECT p.position, p.ordinal, p.row_number, p.column_name, p.code, p.severity
  FROM imports.import_problem p JOIN imports.import i ON i.id = p.import_id AND i.run = p.run
 WHERE p.import_id = %s AND (p.position, p.ordinal) > (%s, %s)
 ORDER BY p.position, p.ordinal LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import: `stage` is running, finished, withdrawing or withdrawn.

    Counts are those of its last `run`; `withdrawn` awards were taken back.
    """

    id: UUID
    version: int
    run: int
    stage: str
    file_name: str
    file_sha256: str
    kind: str
    decision_id: UUID | None
    begun_at: datetime
    begun_by: str
    changed_at: datetime
    last_row: int
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    warnings: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """What was wrong with a row; `row` is the number that the sheet shows."""

    row: int
    column: str | None
    code: str
    severity: str


def find_import(cursor: Cursor[Any], import_id: UUID) -> ImportRow | None:
    """An import by its id."""
    row = cursor.execute(_BY_ID, (import_id,)).fetchone()
    return None if row is None else ImportRow(*row)


def list_imports(cursor: Cursor[Any], limit: int) -> tuple[ImportRow, ...]:
    """The imports that moved last."""
    return tuple(ImportRow(*row) for row in cursor.execute(_LIST, (check_limit(limit),)))


def list_problems(
    cursor: Cursor[Any], import_id: UUID, limit: int, token: str | None = None
) -> Page[ProblemRow]:
    """Problems of the last run in the order of its rows. Raises `Rejected` for a bad token."""
    after = parse_token("problems", token, (int, int)) if token else (0, -1)
    check_limit(limit)
    rows = cursor.execute(_PROBLEMS, (import_id, *after, limit + 1)).fetchall()
    shown = rows[:limit]
    following = format_token("problems", shown[-1][:2]) if len(rows) > limit else None
    return Page(tuple(ProblemRow(*row[2:]) for row in shown), following)


def _apply(batch: Batch) -> None:
    for fact in batch.facts_of(_EVENTS):
        event = fact.event
        match event:
            case importing.ImportBegun():
                _begin(batch.cursor, fact, event)
            case importing.ImportFileRead():
                pass  # for who reads the log; a register of imports needs none of it
            case importing.RowsImported():
                _judged(batch.cursor, fact, event)
            case importing.ImportFinished():
                _stand_at(batch.cursor, fact, "finished")
            case importing.ImportWithdrawalBegun():
                _stand_at(batch.cursor, fact, "withdrawing")
            case importing.RecordsWithdrawn():
                _stand_at(batch.cursor, fact, "withdrawing", event.awards)
            case importing.ImportWithdrawn():
                _stand_at(batch.cursor, fact, "withdrawn")
            case _:
                assert_never(event)


def _stand_at(cursor: Cursor[Any], fact: Fact[Any], stage: str, withdrawn: int = 0) -> None:
    done = (fact.version, fact.recorded_at, stage, withdrawn, fact.stream_id)
    cursor.execute(_STAND_AT, done)


def _begin(cursor: Cursor[Any], fact: Fact[Any], event: importing.ImportBegun) -> None:
    cursor.execute(_FORGET_PROBLEMS, (fact.stream_id,))
    cursor.execute(
        _BEGIN,
        {
            "id": fact.stream_id,
            "version": fact.version,
            "file_name": event.file_name,
            "file_sha256": event.file_sha256,
            "kind": event.kind,
            "decision_id": event.decision_id,
            "at": fact.recorded_at,
            "actor": fact.authorship.actor,
        },
    )


def _judged(cursor: Cursor[Any], fact: Fact[Any], event: importing.RowsImported) -> None:
    tally = event.tally
    run = cursor.execute(
        _JUDGED,
        {
            "id": fact.stream_id,
            "version": fact.version,
            "at": fact.recorded_at,
            "last_row": event.last_row,
            "rows": tally.rows,
            "accepted": tally.accepted,
            "duplicates": tally.duplicates,
            "rejected": tally.rejected,
            "warnings": tally.warnings,
        },
    ).fetchone()
    if run is not None and event.problems:
        _PROBLEM.copy(
            cursor,
            (
                (
                    fact.stream_id,
                    run[0],
                    fact.position,
                    ordinal,
                    one.row,
                    one.column,
                    one.code,
                    one.severity,
                )
                for ordinal, one in enumerate(event.problems)
            ),
        )


PROJECTION = Projection(
    name="imports",
    version=2,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("imports.sql"),
)
