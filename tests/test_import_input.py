"""Whatever an office sends: a clear error or a clean row, nothing lost, the register unharmed."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.imports import report as import_report
from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from api.imports.report import Findings, ReportedProblem
from api.sheets import delimited
from api.sheets.cells import SheetError
from registry.award import AwardRecorded
from registry.errors import Rejected
from registry.importing import Tally
from tests.made_sheets import (
    DECISION_HEADER,
    LEGACY_HEADER,
    decision_file,
    decision_row,
    legacy_file,
    legacy_row,
    raw_workbook,
    sheet_xml,
    write_csv,
    write_xlsx,
)
from tests.test_import_samples import THE_DECISION, all_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.imports.report import ImportReport
    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry


def told(report: ImportReport) -> list[tuple[int, str | None, str, str]]:
    return [(p.row, p.column, p.code, p.severity) for p in report.problems]


def awards(database: Database) -> list[AwardRecorded]:
    events = (fact.event for fact in all_facts(database))
    return [event for event in events if isinstance(event, AwardRecorded)]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_bad_rows_are_listed_and_good_rows_go_in(
    registry: Registry, database: Database, authorship: Authorship, tmp_path: Path, suffix: str
) -> None:
    path = legacy_file(
        tmp_path / f"a{suffix}",
        legacy_row(1),
        legacy_row(2, name="x" * 10_000),
        legacy_row(3, form="Huân chương Anh dũng hạng tư"),
        legacy_row(4, form="Bằng Có công với nước hạng Nhất"),
        legacy_row(5, decided_on="31/02/1985"),
        [],
        legacy_row(6, name="Robert'); DROP TABLE log.facts;--"),
        legacy_row(7, name="<script>alert(1)</script>"),
        legacy_row(8, name=unicodedata.normalize("NFD", "Đặng Thuý Hoà")),
        ["", "NGƯỜI LẬP BIỂU"],
    )
    report = import_sheet(registry, path, ImportOptions(), authorship)

    assert report.tally == Tally(8, 4, 0, 4, 0)
    assert told(report) == [
        (5, "Họ và tên", "text-too-long", "error"),
        (6, "Hình thức khen thưởng", "form-unknown", "error"),
        (7, "Hình thức khen thưởng", "class-not-allowed", "error"),
        (8, "Ngày quyết định", "date-impossible", "error"),
        (13, None, "line-skipped", "warning"),
    ]
    assert [award.recipient.name for award in awards(database)] == [
        "Giàng A Páo",
        "Robert'); DROP TABLE log.facts;--",
        "<script>alert(1)</script>",
        unicodedata.normalize("NFD", "Đặng Thuý Hoà"),
    ]


def test_control_characters_and_error_cells_stop_their_row_only(
    registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    cells = "".join(
        f'<c r="{chr(65 + place)}{{row}}" t="inlineStr"><is><t>{text}</t></is></c>'
        for place, text in enumerate(legacy_row(posthumous="", note=""))
    )
    header = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in LEGACY_HEADER)
    rows = [
        f'<row r="1">{header}</row>',
        f'<row r="2">{cells.format(row=2)}</row>',
        f'<row r="3">{cells.format(row=3)}</row>'.replace("Páo", "P_x0007_áo"),
        f'<row r="4">{cells.format(row=4)}</row>'.replace(
            '<c r="M4" t="inlineStr"><is><t></t></is></c>', '<c r="M4" t="e"><v>#N/A</v></c>'
        ),
    ]
    path = raw_workbook(tmp_path / "a.xlsx", sheet_xml("".join(rows)))
    report = import_sheet(registry, path, ImportOptions(), authorship)

    assert told(report) == [
        (3, "Họ và tên", "text-unprintable", "error"),
        (4, "Ghi chú", "cell-error", "error"),
    ]
    assert report.tally == Tally(3, 1, 0, 2, 0)


def test_a_clerks_own_spelling_of_a_known_award_is_a_duplicate(
    registry: Registry, database: Database, authorship: Authorship, tmp_path: Path
) -> None:
    first = legacy_row(1, name="Đặng Thúy Hòa", number="212 QĐ/CTN")
    again = legacy_row(2, name=unicodedata.normalize("NFD", "đặng  thuý hoà"), number="212/QD-CTN")
    other = legacy_row(3, name="Đặng Thúy Hoa", number="212 QĐ/CTN")
    path = legacy_file(tmp_path / "a.xlsx", first, again, other)
    report = import_sheet(registry, path, ImportOptions(), authorship)

    assert told(report) == [(5, "Họ và tên", "award-recorded-already", "duplicate")]
    assert report.problems[0].params["other_row"] == 4
    assert len(awards(database)) == 2


def test_one_decision_of_a_register_is_registered_once(
    registry: Registry, database: Database, authorship: Authorship, tmp_path: Path
) -> None:
    rows = [legacy_row(n, name=f"Người {n}", number="5 KT/HĐNN") for n in range(1, 6)]
    path = legacy_file(tmp_path / "a.csv", *rows)
    import_sheet(registry, path, ImportOptions(chunk_rows=2), authorship)

    assert len({award.decision_id for award in awards(database)}) == 1


def test_a_decision_known_already_is_used(
    registry: Registry, database: Database, authorship: Authorship, tmp_path: Path
) -> None:
    first = decision_file(tmp_path / "a.csv", decision_row(1))
    second = decision_file(tmp_path / "b.csv", decision_row(1), decision_row(2))
    import_sheet(registry, first, ImportOptions(**THE_DECISION), authorship)
    other_spelling = THE_DECISION | {"number": "1234 qd-ubnd", "date": "2/9/2020"}
    report = import_sheet(registry, second, ImportOptions(**other_spelling), authorship)

    assert (report.tally.accepted, report.tally.duplicates) == (1, 1)
    assert len({award.decision_id for award in awards(database)}) == 1


@pytest.mark.parametrize(
    ("options", "field", "code"),
    [
        ({}, "number", "decision-not-named"),
        ({"number": "1"}, "issuer", "decision-not-named"),
        ({"number": "1", "issuer": "A", "date": "31/2/2020"}, "date", "date-impossible"),
        ({**THE_DECISION, "answers": {"x": "NO"}}, "answers", "form-unknown"),
    ],
)
def test_options_that_cannot_be_used_are_refused(  # noqa: PLR0917
    registry: Registry,
    authorship: Authorship,
    tmp_path: Path,
    options: dict[str, Any],
    field: str,
    code: str,
) -> None:
    path = decision_file(tmp_path / "a.csv", decision_row())
    with pytest.raises(Rejected) as caught:
        import_sheet(registry, path, ImportOptions(**options), authorship)

    assert (caught.value.field, caught.value.code) == (field, code)
    assert registry.log.head().position == 0


def test_a_bad_decision_refuses_its_rows_one_by_one(
    registry: Registry, database: Database, authorship: Authorship, tmp_path: Path
) -> None:
    path = decision_file(tmp_path / "a.csv", decision_row(1), decision_row(2))
    options = ImportOptions(number="x" * 400, issuer="Chủ tịch UBND tỉnh")
    report = import_sheet(registry, path, options, authorship)

    assert {(p.column, p.code) for p in report.problems} == {(None, "text-too-long")}
    assert (report.tally.rejected, awards(database)) == (2, [])


def test_an_answer_lets_the_asked_rows_in(
    registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    rows: Sequence[Any] = [
        decision_row(1, form="Huy hiệu"),
        decision_row(2),
    ]
    path = decision_file(tmp_path / "a.xlsx", *rows)
    asked = import_sheet(registry, path, ImportOptions(**THE_DECISION), authorship)
    answers = {"huy hiệu": "CERT-BK-TTG"}
    answered = import_sheet(
        registry, path, ImportOptions(**THE_DECISION, answers=answers), authorship
    )

    assert told(asked)[0][2] == "form-ambiguous"
    assert (answered.tally.accepted, answered.tally.duplicates) == (1, 1)


def test_a_missing_class_is_recorded_with_a_warning(
    registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    row = legacy_row(form="Huân chương Kháng chiến chống Mỹ", born="1990")
    path = legacy_file(tmp_path / "a.csv", row)
    report = import_sheet(registry, path, ImportOptions(), authorship)

    assert report.tally == Tally(1, 1, 0, 0, 1)
    assert {(p.column, p.code) for p in report.problems} == {
        ("Hình thức khen thưởng", "class-missing"),
        ("Năm sinh", "born-after-award"),
    }


def test_two_awards_in_one_row_are_one_row(
    registry: Registry, database: Database, authorship: Authorship, tmp_path: Path
) -> None:
    header = [*DECISION_HEADER, "Danh hiệu thi đua"]
    path = write_xlsx(
        tmp_path / "a.xlsx", [header, [*decision_row(1), "Lao động tiên tiến"], decision_row(1)]
    )
    report = import_sheet(registry, path, ImportOptions(**THE_DECISION), authorship)

    assert (report.tally.accepted, report.tally.duplicates) == (1, 1)
    assert [award.form for award in awards(database)] == ["CERT-BK-BT", "EMU-LDTT"]


def test_a_row_with_one_new_award_of_two_records_the_new_one(
    registry: Registry, database: Database, authorship: Authorship, tmp_path: Path
) -> None:
    header = [*DECISION_HEADER, "Danh hiệu thi đua"]
    one = decision_file(tmp_path / "a.csv", decision_row(1))
    both = write_csv(tmp_path / "b.csv", [header, [*decision_row(1), "Lao động tiên tiến"]])
    import_sheet(registry, one, ImportOptions(**THE_DECISION), authorship)
    report = import_sheet(registry, both, ImportOptions(**THE_DECISION), authorship)

    assert report.tally == Tally(1, 1, 0, 0, 0)
    assert sorted(award.form for award in awards(database)) == ["CERT-BK-BT", "EMU-LDTT"]


def test_personal_values_are_sealed_on_their_way(
    registry: Registry, database: Database, authorship: Authorship, tmp_path: Path
) -> None:
    path = legacy_file(tmp_path / "a.csv", legacy_row(born="03/02/1931", residence="Ngõ Bí Mật"))
    import_sheet(registry, path, ImportOptions(), authorship)
    with database.pool("reader").connection() as connection:
        stored = connection.execute("SELECT state FROM log.facts").fetchall()

    text = b"".join(bytes(state) for (state,) in stored).decode()
    assert "Giàng A Páo" in text
    assert "Ngõ Bí Mật" not in text
    assert "1931-02-03" not in text


def test_a_file_that_breaks_on_the_way_leaves_what_was_done_and_goes_on_when_mended(
    registry: Registry,
    database: Database,
    authorship: Authorship,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delimited, "HEAD_ROWS", 4)
    rows = [legacy_row(n, name=f"Người {n}") for n in range(1, 11)]
    good = legacy_file(tmp_path / "a.csv", *rows)
    broken = tmp_path / "b.csv"
    lines = good.read_bytes().splitlines(keepends=True)
    broken.write_bytes(b"".join(lines[:9]) + b'"' + b"x,\n" * 600_000)
    with pytest.raises(SheetError):
        import_sheet(registry, broken, ImportOptions(chunk_rows=2), authorship)
    before = len(awards(database))
    report = import_sheet(registry, good, ImportOptions(chunk_rows=2), authorship)

    assert 0 < before < 10
    assert report.tally == Tally(10, 10 - before, before, 0, 0)


def test_a_report_keeps_a_bounded_number_of_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_report, "PROBLEMS_KEPT_MAX", 3)
    findings = Findings()
    for row in range(5):
        findings.add_problems([ReportedProblem(row, None, "name-missing", "error")])

    assert [problem.row for problem in findings.problems] == [0, 1, 2]
    assert findings.left_out == {"name-missing": 2}


def test_notes_about_many_rows_are_one_note(
    registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    old = [
        legacy_row(n, name=f"Người {n}", issuer="Chủ tịch nước", decided_on=f"0{n}/02/1972")
        for n in range(1, 4)
    ]
    path = legacy_file(tmp_path / "a.csv", *old)
    report = import_sheet(registry, path, ImportOptions(), authorship)
    [note] = [note for note in report.notes if note.code == "authority-outside-period"]

    assert (note.rows_count, note.first_row, report.tally.warnings) == (3, 4, 0)


def test_the_json_of_a_report(registry: Registry, authorship: Authorship, tmp_path: Path) -> None:
    path = legacy_file(tmp_path / "a.csv", legacy_row(1), legacy_row(2, name=""))
    report = import_sheet(registry, path, ImportOptions(), authorship)
    document = report.as_json(lambda code, _params, language: f"{language}:{code}", "vi")

    assert {name: document[name] for name in ("rows", "accepted", "duplicates", "rejected")} == {
        "rows": 2,
        "accepted": 1,
        "duplicates": 0,
        "rejected": 1,
    }
    assert document["problems"] == [
        {
            "row": 5,
            "column": "Họ và tên",
            "code": "name-missing",
            "severity": "error",
            "message": "vi:name-missing",
        }
    ]
    assert document["import_id"] == str(report.import_id)
    assert document["warnings"] == 0
    assert document["seconds"] >= 0


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("chunk_rows", [1, 10])
def test_a_repeated_golden_book_number_is_warned_of_in_whatever_chunk(
    registry: Registry, authorship: Authorship, tmp_path: Path, dry_run: bool, chunk_rows: int
) -> None:
    rows = [legacy_row(n, name=f"Người {n}", golden_number="Số 7") for n in (1, 2)]
    path = legacy_file(tmp_path / "a.csv", *rows)
    options = ImportOptions(dry_run=dry_run, chunk_rows=chunk_rows)
    report = import_sheet(registry, path, options, authorship)

    assert report.tally == Tally(2, 2, 0, 0, 1)
    assert told(report) == [(5, "Số sổ vàng", "golden-number-repeated", "warning")]
    assert report.problems[0].params["other_row"] == 4
    assert report.problems[0].params["name"] == "Người 2"
