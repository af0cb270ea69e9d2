"""A row becomes awards, or the reasons why it does not; what was typed is what is stored."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.sheets.cells import CellError
from api.sheets.decision_rows import DecisionRowReader
from api.sheets.layout import find_layout
from api.sheets.legacy_rows import LegacyRowReader
from api.sheets.lines import lines_of
from api.sheets.reader import open_sheets
from api.sheets.row_results import DecisionMention, ReadableRow, ReadRow, SkippedLine, UnreadableRow
from registry.award import GoldenBook
from registry.catalogue import load_catalogue
from registry.errors import Rejected
from registry.personal import Clear
from tests.made_sheets import (
    BK_BT,
    DECISION_HEADER,
    LEGACY_HEADER,
    decision_row,
    field_template,
    legacy_row,
    write_csv,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DECISION = DecisionMention("1234/QĐ-UBND", "Chủ tịch UBND tỉnh Lào Cai", "2020-09-02")


def read_legacy(
    tmp_path: Path,
    *rows: Sequence[Any],
    header: Sequence[str] = LEGACY_HEADER,
    answers: Mapping[str, str] | None = None,
) -> list[ReadRow | None]:
    with open_sheets(write_csv(tmp_path / "a.csv", [header])) as sheets:
        layout = find_layout(sheets, "legacy")
    reader = LegacyRowReader(layout, "a.csv", load_catalogue(), answers or {}, "Sổ 1")
    return [reader.read((number, tuple(row))) for number, row in enumerate(rows, start=10)]


def read_decision(
    tmp_path: Path, *rows: Sequence[Any], header: Sequence[str] = DECISION_HEADER
) -> list[ReadRow | None]:
    with open_sheets(write_csv(tmp_path / "a.csv", [header])) as sheets:
        layout = find_layout(sheets, "decision")
    reader = DecisionRowReader(layout, "a.csv", load_catalogue(), {}, DECISION)
    return [reader.read((number, tuple(row))) for number, row in enumerate(rows, start=10)]


def one_good(rows: list[ReadRow | None]) -> ReadableRow:
    [row] = rows
    assert isinstance(row, ReadableRow), row
    return row


def complaints(rows: list[ReadRow | None]) -> list[tuple[str | None, str]]:
    [row] = rows
    assert isinstance(row, UnreadableRow), row
    return [(problem.column, problem.code) for problem in row.problems]


# Old registers ------------------------------------------------------------------------------


def test_a_row_of_an_old_register_says_everything_it_can(tmp_path: Path) -> None:
    typed = legacy_row(7, posthumous="x", note="bản sao", born="03/02/1931")
    read = one_good(read_legacy(tmp_path, typed))
    [award] = read.awards
    [person] = award.recipient.persons

    assert read.mention == DecisionMention("7 KT/HĐNN", "Hội đồng Nhà nước", "1985-03-12")
    assert (award.form, award.award_class, award.conferral) == ("ORD-KC-US", "II", "posthumous")
    assert award.form_typed == "Huân chương Kháng chiến chống Mỹ hạng Nhì"
    assert (award.awarded_on, award.listed, award.note) == ("1985-03-12", False, "bản sao")
    assert award.golden_book == GoldenBook("7", "Sổ 1")
    assert (award.recipient.kind, award.recipient.name) == ("individual", "Giàng A Páo")
    assert (person.sex, person.born) == ("male", "1931")
    assert person.native_place == "xã Tả Phìn, huyện Sa Pa, tỉnh Lào Cai"
    assert person.birth_date == Clear(str(person.id), "birth-date", "1931-02-03")
    assert person.residence == Clear(str(person.id), "residence", "xã Tả Phìn, tỉnh Lào Cai")
    assert (award.source.kind, award.source.reference, award.source.row) == (
        "golden-book",
        "a.csv",
        10,
    )


@pytest.mark.parametrize(
    "unknown", [{"number": ""}, {"number": "không rõ"}, {"issuer": ""}, {"decided_on": ""}]
)
def test_a_decision_is_named_by_number_issuer_and_date_together(
    tmp_path: Path, unknown: dict[str, Any]
) -> None:
    read = one_good(read_legacy(tmp_path, legacy_row(**unknown)))

    assert read.mention is None


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"name": ""}, "Họ và tên", "name-missing"),
        ({"name": "  \n "}, "Họ và tên", "name-missing"),
        ({"name": "A\x07B"}, "Họ và tên", "text-unprintable"),
        ({"name": "A\u202eB"}, "Họ và tên", "text-unprintable"),
        ({"name": CellError("#N/A")}, "Họ và tên", "cell-error"),
        ({"note": CellError("#REF!")}, "Ghi chú", "cell-error"),
        (
            {"native_place": CellError("", "formula-without-value")},
            "Quê quán (ghi theo bằng)",
            "formula-without-value",
        ),
        ({"form": ""}, "Hình thức khen thưởng", "form-missing"),
        ({"form": "Huân chương Anh dũng hạng tư"}, "Hình thức khen thưởng", "form-unknown"),
        ({"form": "Huân chương"}, "Hình thức khen thưởng", "form-ambiguous"),
        (
            {"form": "Bằng Có công với nước hạng Nhất"},
            "Hình thức khen thưởng",
            "class-not-allowed",
        ),
        ({"decided_on": "31/02/1985"}, "Ngày quyết định", "date-impossible"),
        ({"decided_on": "hôm qua"}, "Ngày quyết định", "date-unreadable"),
        ({"born": "45"}, "Năm sinh", "date-unreadable"),
        ({"residence": "x" * 501}, "Nơi ở hiện nay", "text-too-long"),
    ],
)
def test_a_bad_cell_is_named_with_its_column(
    tmp_path: Path, changes: dict[str, Any], column: str, code: str
) -> None:
    assert complaints(read_legacy(tmp_path, legacy_row(**changes))) == [(column, code)]


def test_every_fault_of_a_row_is_told_at_once(tmp_path: Path) -> None:
    row = legacy_row(name="", form="Giấy gì đó", decided_on="31/02/1985")

    assert [code for _, code in complaints(read_legacy(tmp_path, row))] == [
        "name-missing",
        "form-unknown",
        "date-impossible",
    ]


def test_what_was_typed_is_what_is_stored(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Đặng  Thuý Hoà")
    name = "<b>Robert</b>'); DROP TABLE facts;--"
    first, second = read_legacy(
        tmp_path, legacy_row(name=f" {decomposed}\n"), legacy_row(name=name)
    )
    assert isinstance(first, ReadableRow)
    assert isinstance(second, ReadableRow)

    assert first.awards[0].recipient.name == decomposed
    assert second.awards[0].recipient.name == name


def test_an_ambiguous_form_names_its_candidates_and_takes_an_answer(tmp_path: Path) -> None:
    row = legacy_row(form="Huân chương Kháng chiến hạng Ba")
    [asked] = read_legacy(tmp_path, row)
    assert isinstance(asked, UnreadableRow)
    answered = one_good(
        read_legacy(tmp_path, row, answers={"huân chương kháng chiến hạng ba": "ORD-KC-FR:III"})
    )

    assert asked.problems[0].params["codes"] == "ORD-KC-FR ORD-KC-US ORD-KC-GD"
    assert answered.awards[0].form == "ORD-KC-FR"
    assert answered.awards[0].form_typed == "Huân chương Kháng chiến hạng Ba"


@pytest.mark.parametrize("answer", ["NO-SUCH", "ORD-KC-US:IV", "CERT-CCVN:I"])
def test_an_answer_that_is_no_form_is_refused(tmp_path: Path, answer: str) -> None:
    with pytest.raises(Rejected):
        read_legacy(tmp_path, legacy_row(), answers={"x": answer})


def test_the_form_may_say_that_it_is_posthumous(tmp_path: Path) -> None:
    form = "Huân chương Lao động hạng Ba (truy tặng)"
    [award] = one_good(read_legacy(tmp_path, legacy_row(form=form))).awards

    assert (award.form, award.award_class, award.conferral) == ("ORD-LAODONG", "III", "posthumous")


def test_a_class_may_have_a_column_of_its_own(tmp_path: Path) -> None:
    header = [*LEGACY_HEADER, "Hạng"]
    row = [*legacy_row(form="Huân chương Kháng chiến chống Mỹ"), "Ba"]
    [award] = one_good(read_legacy(tmp_path, row, header=header)).awards

    assert (award.form, award.award_class) == ("ORD-KC-US", "III")


def test_a_board_of_honour_belongs_to_a_family(tmp_path: Path) -> None:
    [award] = one_good(read_legacy(tmp_path, legacy_row(form="Bảng gia đình vẻ vang"))).awards

    assert (award.recipient.kind, len(award.recipient.persons)) == ("family", 1)


def test_unclear_words_are_doubted_not_guessed(tmp_path: Path) -> None:
    read = one_good(read_legacy(tmp_path, legacy_row(sex="Nma", posthumous="?", born=1931.0)))

    assert [(one.column, one.code) for one in read.warnings] == [
        ("Giới tính", "sex-unknown"),
        ("Truy tặng", "posthumous-unclear"),
    ]
    assert read.awards[0].conferral == "living"


def test_dates_may_be_numbers_and_dates(tmp_path: Path) -> None:
    read = one_good(read_legacy(tmp_path, legacy_row(born=1931, decided_on=date(1985, 3, 12))))

    assert read.awards[0].awarded_on == "1985-03-12"
    assert read.awards[0].recipient.persons[0].born == "1931"


@pytest.mark.parametrize(
    "line",
    [
        ["Tổng cộng: 25"],
        ["", "NGƯỜI LẬP BIỂU"],
        ["I", "TẬP THỂ"],
        ["", "", "", "", "", "", "", "Lào Cai, ngày 2 tháng 9"],
        ["12"],
    ],
)
def test_lines_that_are_no_rows_are_skipped_and_said(tmp_path: Path, line: list[str]) -> None:
    [read] = read_legacy(tmp_path, line)

    assert isinstance(read, SkippedLine)
    assert read.problem.code == "line-skipped"


def test_an_empty_line_is_nothing_and_an_unfinished_one_is_an_error(tmp_path: Path) -> None:
    empty, unfinished = read_legacy(tmp_path, ["", None, " "], ["5", "Má Thị Chi"])

    assert empty is None
    assert isinstance(unfinished, UnreadableRow)
    assert [problem.code for problem in unfinished.problems] == ["form-missing"]


def test_a_line_that_numbers_the_columns_is_no_row(tmp_path: Path) -> None:
    numbers = [f"({n})" for n in range(1, 14)]
    path = write_csv(tmp_path / "a.csv", [LEGACY_HEADER, numbers, legacy_row(1)])
    with open_sheets(path) as sheets:
        lines = list(lines_of(sheets, find_layout(sheets)))
    assert [line[0] for line in lines] == [3]


# A decision's list --------------------------------------------------------------------------


def test_a_row_of_a_list_says_everything_it_can(tmp_path: Path) -> None:
    read = one_good(read_decision(tmp_path, decision_row(3)))
    [award] = read.awards

    assert read.mention == DECISION
    assert (award.form, award.form_typed, award.listed) == ("CERT-BK-BT", BK_BT, True)
    assert award.recipient.kind == "individual"
    assert (award.recipient.honorific, award.recipient.position) == ("Bà", "Giáo viên")
    assert (award.recipient.unit, award.recipient.category) == (
        "Trường THPT chuyên",
        "Doanh nhân",
    )
    assert (award.field_of_activity, award.recipient.persons[0].sex) == ("Y tế", "female")
    assert award.source.kind == "original-decision"


@pytest.mark.parametrize(
    ("kind", "meant", "persons"),
    [
        ("Khen thưởng cá nhân", "individual", 1),
        ("KHEN THƯỞNG TẬP THỂ", "collective", 0),
        ("HOGIADINH", "household", 0),
    ],
)
def test_kinds_come_as_words_or_codes(tmp_path: Path, kind: str, meant: str, persons: int) -> None:
    [award] = one_good(read_decision(tmp_path, decision_row(kind=kind))).awards

    assert (award.recipient.kind, len(award.recipient.persons)) == (meant, persons)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"kind": "Khen thưởng khác"}, "Phân loại khen thưởng", "kind-unknown"),
        ({"kind": None, "honorific": None}, "Phân loại khen thưởng", "kind-missing"),
        ({"form": "Bằng khen hạng tư"}, "Danh hiệu thi đua/Hình thức khen thưởng", "form-unknown"),
        ({"name": None}, "Tên tập thể/cá nhân/hộ gia đình", "name-missing"),
    ],
)
def test_a_bad_line_is_named_with_its_column(
    tmp_path: Path, changes: dict[str, Any], column: str, code: str
) -> None:
    assert complaints(read_decision(tmp_path, decision_row(**changes))) == [(column, code)]


def test_unknown_categories_and_fields_are_kept_and_doubted(tmp_path: Path) -> None:
    row = decision_row(category="Nghệ sĩ xiếc", field_of_activity="Xiếc")
    read = one_good(read_decision(tmp_path, row))

    assert [one.code for one in read.warnings] == ["category-unknown", "field-unknown"]
    assert read.awards[0].recipient.category == "Nghệ sĩ xiếc"
    assert read.awards[0].field_of_activity == "Xiếc"


def test_without_a_column_for_it_honorifics_tell_people(tmp_path: Path) -> None:
    header = ["Ông/Bà", "Tên tập thể/cá nhân/hộ gia đình", "Hình thức khen thưởng"]
    [award] = one_good(read_decision(tmp_path, ["Ông", "Chảo Láo Dờ", BK_BT], header=header)).awards

    assert (award.recipient.kind, award.recipient.persons[0].sex) == ("individual", "male")


def test_personal_columns_of_a_collective_are_doubted(tmp_path: Path) -> None:
    header = [*DECISION_HEADER, "Năm sinh"]
    row = [*decision_row(kind="Khen thưởng tập thể"), "1990"]
    read = one_good(read_decision(tmp_path, row, header=header))

    assert [(one.column, one.code) for one in read.warnings] == [
        ("Năm sinh", "not-of-a-collective")
    ]


def filled_template(tmp_path: Path, name: str, *rows: Sequence[Any]) -> list[ReadRow | None]:
    field_template(tmp_path / "a.xlsx", name, *rows)
    with open_sheets(tmp_path / "a.xlsx") as sheets:
        layout = find_layout(sheets)
        reader = DecisionRowReader(layout, "a.xlsx", load_catalogue(), {}, DECISION)
        return [
            reader.read(row)
            for row in sheets.rows(layout.sheet_index)
            if row[0] > layout.header_row
        ]


def test_the_individuals_template_with_a_form_and_a_title_is_two_awards(tmp_path: Path) -> None:
    row = [
        *(1, "Lù Seo Hưng", "NAM", date(1980, 5, 1), "Phó phòng", "Phòng Tổng hợp"),
        *("Sở Nội vụ", "Tổ 5, phường Cam Đường", "1660638930", 1650360491, "1647933042"),
    ]
    read = one_good(filled_template(tmp_path, "individuals", row))
    recipient = read.awards[0].recipient

    assert [award.form for award in read.awards] == ["CERT-BK-BT", "EMU-LDTT"]
    assert recipient.kind == "individual"
    assert recipient.unit == "Phòng Tổng hợp, Sở Nội vụ"
    assert recipient.category == "Các cấp lãnh đạo từ phó phòng trở lên"
    assert (recipient.persons[0].sex, recipient.persons[0].born) == ("male", "1980")
    assert read.warnings == ()


def test_the_collectives_template_reads_codes_by_its_own_list_too(tmp_path: Path) -> None:
    collective = [1, "Phòng Kế hoạch", "1660638247", "1650360491", None]
    household = [2, "Hộ bà Cư Thị Súa", "1660638538", "1650360491", None]
    unsure = [3, "Phòng Nội", "1660638226", "1650360299", None]
    first, second, third = filled_template(tmp_path, "collectives", collective, household, unsure)
    assert isinstance(first, ReadableRow)
    assert isinstance(second, ReadableRow)

    assert first.awards[0].recipient.kind == "collective"
    assert [one.code for one in first.warnings] == ["category-unknown"]
    assert second.awards[0].recipient.kind == "household"
    # Our list calls this code an order, the sheet a medal: the medal exists.
    assert isinstance(third, ReadableRow)
    assert third.awards[0].form == "MED-QKQT"
