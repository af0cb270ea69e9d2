"""`sovang imports`: what became of each import, also where the one who did it was killed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from api.imports.kept import KeptImports
from projections.imports import list_imports
from registry.messages import describe, format_number, format_time
from scripts.command_line.registers import bring_up_to_date

if TYPE_CHECKING:
    from uuid import UUID

    from projections.imports import ImportRow
    from scripts.command_line.session import Session

_COUNTS = ("rows", "accepted", "duplicates", "rejected")


def run(session: Session, limit: int) -> None:
    """Print the imports that moved last. Raises `NotReady`."""
    with session.database() as database:
        bring_up_to_date(session, database)
        kept = KeptImports(session.settings.home)
        going_on = kept.going_on()
        with database.reading() as cursor:
            rows = list_imports(cursor, limit)
        # One that began or ended while the register was read was not cut off.
        going_on |= kept.going_on()
    views = [_view(row, going_on) for row in rows]
    if session.as_json:
        session.answer({"imports": views})
        return
    _print(session, rows, views)


def _view(row: ImportRow, going_on: frozenset[UUID]) -> dict[str, Any]:
    running = "running" if row.id in going_on else "interrupted"
    states = {"finished": "done", "withdrawing": "withdrawing", "withdrawn": "withdrawn"}
    return {
        "import_id": str(row.id),
        "state": states.get(row.stage, running),
        "file": row.file_name,
        "file_sha256": row.file_sha256,
        "kind": row.kind,
        "decision_id": None if row.decision_id is None else str(row.decision_id),
        "last_row": row.last_row,
        "rows": row.rows,
        "accepted": row.accepted,
        "duplicates": row.duplicates,
        "rejected": row.rejected,
        "warnings": row.warnings,
        "withdrawn": row.withdrawn,
        "begun_at": row.begun_at.isoformat(),
        "begun_by": row.begun_by,
        "changed_at": row.changed_at.isoformat(),
    }


def _print(session: Session, rows: tuple[ImportRow, ...], views: list[dict[str, Any]]) -> None:
    session.table(
        [f"column.{name}" for name in ("file", "state", *_COUNTS, "changed")],
        [
            (
                view["file"],
                session.text(f"imports.{view['state']}"),
                *(format_number(view[count], session.language) for count in _COUNTS),
                format_time(row.changed_at, session.language),
            )
            for row, view in zip(rows, views, strict=True)
        ],
    )
    if any(view["state"] == "interrupted" for view in views):
        print(describe("import-interrupted", {}, session.language), file=sys.stderr)
