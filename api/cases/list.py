"""The list of a batch that goes to the central body, and the same as a data file.

The number of its form is that of the procedure on the day on which the batch was sent.

Names, places and numbers are as printed on the old certificate; nothing of today's names.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from projections.awards import awards_by_id
from projections.cases import cases_by_id
from registry.law.procedures import rule_for
from registry.messages import form_with_class, format_date, term

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from psycopg import Cursor

    from projections.awards import AwardRow
    from projections.cases import CaseRow, SendingRow

BATCH_COLUMNS: Final = (
    "number_in_list",
    "receipt",
    "recipient",
    "born",
    "native_place",
    "unit",
    "form",
    "decision_number",
    "decided_on",
    "issuer",
    "golden_number",
    "kind",
    "components",
    "reason",
    "route",
    "received_on",
    "sent_on",
    "case_id",
)
# What the sheet calls them; the decree's form is in Vietnamese.
_HEADINGS: Final = (
    "STT",
    "Số giấy hẹn",
    "Họ và tên, tập thể được khen thưởng",
    "Năm sinh",
    "Quê quán (ghi như trên bằng cũ)",
    "Đơn vị",
    "Hình thức khen thưởng",
    "Số quyết định",
    "Ngày quyết định",
    "Cơ quan quyết định",
    "Số sổ vàng",
    "Đề nghị",
    "Hiện vật",
    "Lý do",
    "Cơ quan đề nghị",
    "Ngày tiếp nhận",
    "Ngày gửi",
    "Mã hồ sơ",
)
_TITLE: Final = "DANH SÁCH ĐỀ NGHỊ CẤP ĐỔI, CẤP LẠI HIỆN VẬT KHEN THƯỞNG"
_FORMULA_OPENINGS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line of the list, and what became of the case since."""

    cells: tuple[str, ...]
    outcome: dict[str, Any]


def batch_lines(cursor: Cursor[Any], sendings: Sequence[SendingRow]) -> list[BatchLine]:
    """The lines of a batch in the order in which its cases were sent."""
    cases = cases_by_id(cursor, [one.case_id for one in sendings])
    named = [row.award_id for row in cases.values() if row.award_id is not None]
    awards = awards_by_id(cursor, named)
    return [
        _line(number, cases[one.case_id], awards, one)
        for number, one in enumerate(sendings, start=1)
        if one.case_id in cases
    ]


def _line(
    number: int, case: CaseRow, awards: dict[Any, AwardRow], sending: SendingRow
) -> BatchLine:
    award = awards.get(case.award_id) if case.award_id is not None else None
    components = (term("component", one, "vi") for one in case.component_codes)
    cells = (
        str(number),
        case.receipt,
        case.recipient or "",
        _joined(award, "born"),
        _joined(award, "native_place"),
        (award.unit if award else None) or "",
        form_with_class(case.form, award.award_class if award else None, "vi"),
        (award.number if award else None) or "",
        format_date(award.decided_on, "vi") if award and award.decided_on else "",
        (award.issuer if award else None) or "",
        (award.golden_number if award else None) or "",
        term("case-kind", case.kind, "vi"),
        ", ".join(components),
        term("case-reason", case.reason, "vi"),
        case.route,
        format_date(case.received_on.isoformat(), "vi"),
        format_date(sending.sent_on.isoformat(), "vi"),
        str(case.id),
    )
    outcome = {"ending": sending.ending, "ended_on": sending.ended_on, "why": sending.reason}
    return BatchLine(cells, outcome)


def _joined(award: AwardRow | None, part: str) -> str:
    persons = award.persons if award is not None else ()
    return "; ".join(value for one in persons if (value := getattr(one, part)))


def csv_bytes(lines: Sequence[BatchLine]) -> bytes:
    """The data file: UTF-8 with its mark, so that spreadsheet programs read it right."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADINGS)
    writer.writerows([_harmless(cell) for cell in line.cells] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def list_form(sent_on: date) -> str | None:
    """The number of the list's form on the day of sending; None where none is known."""
    form = rule_for("reissue", sent_on).forms.get("list")
    return form.number if form is not None else None


def workbook_bytes(lines: Sequence[BatchLine], form: str | None) -> bytes:
    """The list as a workbook, with the form's number and title above."""
    import xlsxwriter  # noqa: PLC0415 - only for a workbook

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet(form or "DS")
        bold = book.add_format({"bold": True})
        sheet.write_string(0, 0, f"Mẫu {form}" if form else "")
        sheet.write_string(1, 0, _TITLE, bold)
        for column, heading in enumerate(_HEADINGS):
            sheet.write_string(3, column, heading, bold)
        for row, line in enumerate(lines, start=4):
            for column, cell in enumerate(line.cells):
                sheet.write_string(row, column, cell)
        sheet.freeze_panes(4, 0)
    return content.getvalue()


def _harmless(cell: str) -> str:
    """A text that a spreadsheet program would take for a formula gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(_FORMULA_OPENINGS) else cell
