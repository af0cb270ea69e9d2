"""`sovang report artifacts`: a yearly report as one file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from api.sheet_files import check_ending
from api.stock.period import year_period
from api.stock.report import report_document, report_rows, write_report
from registry.errors import Rejected
from registry.messages import format_number
from scripts.command_line.stock_reading import reading

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.command_line.session import Session


def report_artifacts(
    session: Session, year: str, out: Path, as_of: str | None, known_at: str | None
) -> None:
    """Write the report on artifacts in stock. Raises `Rejected`, `BadRequest` for a bad time."""
    as_json = out.suffix.lower() == ".json"
    if not as_json:
        check_ending(out)
    asked = {"year": year, "as_of": as_of, "known_at": known_at}
    period = year_period({name: typed for name, typed in asked.items() if typed is not None})
    with reading(session) as cursor:
        rows = list(report_rows(cursor, period))
    if as_json:
        _write_document(out, msgspec.to_builtins(report_document(rows, period)))
    else:
        write_report(out, rows, session.language)
    if session.as_json:
        session.answer({"report": "artifacts", "file": str(out), "rows": len(rows)})
    else:
        session.say("reported", rows=format_number(len(rows), session.language), file=out)


def _write_document(out: Path, document: object) -> None:
    try:
        out.write_text(json.dumps(document, ensure_ascii=False, indent=2), encoding="utf-8")
    except OSError as error:
        raise Rejected(
            "file-unwritable", field="--out", path=str(out), reason=error.strerror
        ) from error
