"""Lists in the layouts that offices keep them in: what is meant by a line is what is recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from api.sheets.cells import SheetError
from registry.errors import Rejected
from tests.made_sheets import raw_workbook, sheet_xml, write_csv, write_xlsx
from tests.read_lists import CHAIR, PROVINCE, read_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAIN = [
    "STT",
    "Tên gọi\n(Ông/Bà/Chức danh)",
    "Tên tập thể/cá nhân/hộ gia đình",
    "Chức vụ",
    "Đơn vị công tác",
    "Phân loại khen thưởng",
    "Danh hiệu thi đua/Hình thức khen thưởng",
]
CODES = ["Mã Phân loại khen thưởng", "Mã Danh hiệu thi đua"]
BK = "Bằng khen cấp bộ, ban, ngành, tỉnh, đoàn thể trung ương"


def cell(place: str, value: Any, *, formula: bool = False, error: bool = False) -> str:
    if error:
        return f'<c r="{place}" t="e"><f>VLOOKUP(A1,B:C,2,0)</f><v>#N/A</v></c>'
    if formula:
        return f'<c r="{place}"><f>VLOOKUP(A1,B:C,2,0)</f></c>'
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def template(path: Path, rows: Sequence[tuple[Sequence[Any], str]]) -> Path:
    """The main template; beside each row its code columns: a code, "#N/A", or "=" unsaved."""
    lines = []
    for number, (row, code) in enumerate([([*MAIN, *CODES], ""), *rows], start=1):
        cells = [cell(f"{chr(65 + at)}{number}", v) for at, v in enumerate(row) if v is not None]
        if code:
            formula, error = code == "=", code == "#N/A"
            cells += [
                cell(f"{column}{number}", value, formula=formula, error=error)
                for column, value in (("H", "CANHAN"), ("I", code))
            ]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return raw_workbook(path, sheet_xml("".join(lines)))


PERSON = [1, "Ông", "Đỗ Mạnh Hà", "Giáo viên", "Sở Nội vụ", "Khen thưởng cá nhân", BK]


@pytest.mark.parametrize("code", ["1650360491", "#N/A", "="])
def test_codes_beside_text_make_no_second_award_and_no_error(tmp_path: Path, code: str) -> None:
    rows = [(PERSON, code), *[([], "#N/A")] * 5, *[([], "=")] * 5]
    read = read_list(template(tmp_path / "a.xlsx", rows), **PROVINCE)

    assert read.forms == ["CERT-BK-BT"]
    assert not read.errors
    assert not read.skipped


def test_codes_alone_count(tmp_path: Path) -> None:
    row = [*PERSON[:5], None, None]
    read = read_list(template(tmp_path / "a.xlsx", [(row, "1647933380")]), **PROVINCE)
    assert (read.forms, read.kinds) == (["EMU-CSTDCS"], ["individual"])


def test_name_and_code_that_differ_are_asked_about(tmp_path: Path) -> None:
    read = read_list(template(tmp_path / "a.xlsx", [(PERSON, "1647933380")]), **PROVINCE)
    assert read.errors == {2: ["form-code-differs"]}


def test_an_error_where_the_text_should_stand_is_told(tmp_path: Path) -> None:
    xml = "".join(
        [
            '<row r="1">',
            *[
                cell(f"{c}1", t)
                for c, t in zip("ABC", ["STT", "Họ và tên", "Hình thức khen thưởng"], strict=True)
            ],
            '</row><row r="2">',
            cell("A2", 1),
            cell("B2", "Lò Thị Ón"),
            cell("C2", "", error=True),
            "</row>",
        ]
    )
    read = read_list(raw_workbook(tmp_path / "a.xlsx", sheet_xml(xml)), **PROVINCE)
    assert read.errors == {2: ["cell-error"]}


# Headers ------------------------------------------------------------------------------------


def test_a_header_of_two_rows_without_merged_cells(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["DANH SÁCH KHEN THƯỞNG"],
            ["TT", "Họ và tên", "Năm sinh", "", "Hình thức khen thưởng", "Quyết định", ""],
            ["", "", "Nam", "Nữ", "", "Số", "Ngày tháng"],
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
            ["1", "Lò Thị Ón", "", "1961", "Bằng khen của Thủ tướng", "5/QĐ-TTg", "2/9/2015"],
            ["2", "Má A Sở", "1950", "", "Bằng khen của Thủ tướng", "6/QĐ-TTg", "3/9/2015"],
        ],
    )
    read = read_list(path)
    persons = [award.recipient.persons[0] for _, award in read.awards]
    assert [(one.sex, one.born) for one in persons] == [("female", "1961"), ("male", "1950")]
    assert [award.number_typed for _, award in read.awards] == ["5/QĐ-TTg", "6/QĐ-TTg"]
    assert [award.awarded_on for _, award in read.awards] == ["2015-09-02", "2015-09-03"]


@pytest.mark.parametrize("merged", [True, False])
def test_a_name_in_two_columns_is_one_name(tmp_path: Path, *, merged: bool) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["STT", "Họ và tên", None, "Đơn vị", "Hình thức khen thưởng"])
    sheet.append([1, "Lò Thị", "Ón", "Sở Y tế", "Bằng khen"])
    sheet.append([2, "Má A", "Sở", "Sở Y tế", "Bằng khen"])
    if merged:
        sheet.merge_cells("B1:C1")
    book.save(tmp_path / "a.xlsx")
    assert read_list(tmp_path / "a.xlsx", **PROVINCE).names == ["Lò Thị Ón", "Má A Sở"]


def test_a_column_for_each_form(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            [
                "CCCD",
                "Họ và Tên",
                "Năm",
                "CSTDCS (Đánh X)",
                "BKBQP (Đánh X)",
                "Số QĐ BKBQP",
                "HCCSVV Hạng Ba (X)",
            ],
            ["012", "Đỗ Mạnh Hà", "2021", "x", "✓", "9/QĐ-BQP", ""],
            ["013", "Má A Sở", "2021", "Không", "-", "", "X"],
            ["014", "Lò Văn Ơn", "2022", "", "", "8/QĐ-BQP", ""],
            ["015", "Lò Văn Én", "2022", "có thể", "", "", ""],
            ["016", "Lò Văn Ún", "2022", "-", "", "", ""],
        ],
    )  # fmt: skip
    read = read_list(path, "legacy")
    assert [(r, a.form, a.number_typed) for r, a in read.awards] == [
        (2, "EMU-CSTDCS", None),
        (2, "CERT-BK-BT", "9/QĐ-BQP"),
    ]
    assert read.errors == {
        3: ["form-ambiguous"],
        4: ["mark-missing"],
        5: ["mark-unclear"],
    }
    # Who has no mark was given nothing; that the line is left out is said.
    assert read.skipped == {6: "line-skipped"}


def test_the_same_title_in_two_years_is_two_awards(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["STT", "Đơn vị", "Năm", "Tập thể lao động tiên tiến", "Bằng khen UBND tỉnh"],
            ["1", "Phòng Hành chính 3", "2019", "x", ""],
            ["2", "Phòng Hành chính 3", "2020", "1", "X"],
        ],
    )
    read = read_list(path, "legacy")
    assert [(a.form, a.awarded_on) for _, a in read.awards] == [
        ("EMU-TTLDTT", "2019"),
        ("EMU-TTLDTT", "2020"),
        ("CERT-BK-BT", "2020"),
    ]
    assert set(read.kinds) == {"collective"}


# Between the rows ---------------------------------------------------------------------------


def test_sections_totals_and_signatures_are_no_rows(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["DANH SÁCH TẬP THỂ, CÁ NHÂN ĐƯỢC TẶNG BẰNG KHEN"],
            ["STT", "Tên tập thể, cá nhân", "Đơn vị", "Hình thức khen thưởng"],
            ["I", "TẬP THỂ", "", ""],
            ["1", "Tổ Lái xe", "", "Bằng khen"],
            ["", "Cộng: 01 tập thể", "", ""],
            ["II", "CÁ NHÂN", "", ""],
            ["STT", "Tên tập thể, cá nhân", "Đơn vị", "Hình thức khen thưởng"],
            ["1", "Lò Thị Ón", "Sở Y tế", "Bằng khen"],
            ["", "Nơi nhận:", "", "TM. ỦY BAN NHÂN DÂN"],
            ["", "- Như trên;", "", "CHỦ TỊCH"],
            ["", "", "", "Cư Văn Ký"],
        ],
    )
    read = read_list(path, **PROVINCE)
    assert read.kinds == ["collective", "individual"]
    assert [row for row, _ in read.awards] == [4, 8]
    assert not read.errors
    assert set(read.skipped) == {5, 9, 10, 11}


def test_lines_may_say_the_form_and_truy_tang(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["STT", "Họ và tên", "Đơn vị", "Ghi chú"],
            ["A. Tặng Bằng khen của Thủ tướng Chính phủ", "", "", ""],
            ["1", "Lò Thị Ón", "Sở Y tế", ""],
            ["B. Truy tặng Huân chương Lao động hạng Ba", "", "", ""],
            ["1", "Má A Sở", "Sở Y tế", ""],
        ],
    )
    read = read_list(path, **PROVINCE)
    assert [(a.form, a.award_class, a.conferral) for _, a in read.awards] == [
        ("CERT-BK-TTG", None, "living"),
        ("ORD-LAODONG", "III", "posthumous"),
    ]


def test_ditto_marks_and_merged_cells_repeat_and_empty_cells_do_not(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["STT", "Họ và tên", "Hình thức khen thưởng", "Số quyết định", "Ngày quyết định"])
    sheet.append([1, "Lò Thị Ón", "Bằng Có công với nước", "3 KT", "12/4/1985"])
    sheet.append([2, "Má A Sở", "nt", None, None])
    sheet.append([3, "Đỗ Mạnh Hà", '"', None, "-nt-"])
    sheet.append([4, "Sùng A Lử", "Bằng Có công với nước", None, None])
    sheet.merge_cells("D2:D4")
    sheet.merge_cells("E2:E3")
    book.save(tmp_path / "a.xlsx")
    read = read_list(tmp_path / "a.xlsx")

    assert read.forms == ["CERT-CCVN"] * 4
    assert [a.number_typed for _, a in read.awards] == ["3 KT", "3 KT", "3 KT", None]
    assert [a.awarded_on for _, a in read.awards] == ["1985-04-12"] * 3 + [None]


def test_two_tables_of_different_columns_in_one_sheet(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["STT", "Tên tập thể", "Hình thức khen thưởng"],
            ["1", "Tổ Lái xe", "Bằng khen"],
            [""],
            ["STT", "Họ và tên", "Năm sinh", "Hình thức khen thưởng"],
            ["1", "Lò Thị Ón", "1970", "Bằng khen"],
        ],
    )
    read = read_list(path, **PROVINCE)
    assert read.kinds == ["collective", "individual"]
    assert read.awards[1][1].recipient.persons[0].born == "1970"


def test_a_list_on_each_sheet_but_not_on_hidden_or_guide_sheets(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name in ("Bắc", "Nam", "Nháp", "Hướng dẫn"):
        sheet = book.create_sheet(name)
        sheet.append(["STT", "Họ và tên", "Đơn vị", "Hình thức khen thưởng"])
        sheet.append([1, f"Lò Văn {name}", "Sở Y tế", "Bằng khen"])
    book["Nháp"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    read = read_list(tmp_path / "a.xlsx", **PROVINCE)

    assert read.names == ["Lò Văn Bắc", "Lò Văn Nam"]
    assert [a.source.reference for _, a in read.awards] == ["a.xlsx!Bắc", "a.xlsx!Nam"]
    assert {"sheet-hidden", "sheet-guide"} <= set(read.notes)


def test_rows_struck_out_are_left_out_and_hidden_rows_are_read_and_both_are_said(
    tmp_path: Path,
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["STT", "Họ và tên", "Đơn vị", "Hình thức khen thưởng"])
    for number in range(1, 4):
        sheet.append([number, f"Lò Văn {number}", "Sở Y tế", "Bằng khen"])
    for place in "ABCD":
        sheet[f"{place}3"].font = Font(strike=True)
    sheet.row_dimensions[4].hidden = True
    book.save(tmp_path / "a.xlsx")
    read = read_list(tmp_path / "a.xlsx", **PROVINCE)

    assert read.names == ["Lò Văn 1", "Lò Văn 3"]
    assert read.skipped == {3: "row-struck-out"}
    assert {"rows-hidden", "row-hidden"} <= set(read.notes)


def test_the_title_says_the_form_where_no_column_does(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["DANH SÁCH CÁ NHÂN ĐƯỢC TẶNG BẰNG KHEN CỦA CHỦ TỊCH UBND TỈNH"],
            ["STT", "Họ và tên", "Đơn vị"],
            ["1", "Lò Thị Ón", "Sở Y tế"],
        ],
    )
    assert read_list(path, **PROVINCE).forms == ["CERT-BK-BT"]


# Cells --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number", "day"),
    [
        ("Số 21/KT-HĐNN ngày 16/3/1985", "21/KT-HĐNN", "1985-03-16"),
        ("21/KT, ngày 2 tháng 9 năm 1989", "21/KT", "1989-09-02"),
        ("QĐ số 21/KT (ngày 16/3/1985)", "21/KT", "1985-03-16"),
        ("21/KT", "21/KT", None),
    ],
)
def test_number_and_day_in_one_cell(
    tmp_path: Path, typed: str, number: str, day: str | None
) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["STT", "Họ và tên", "Hình thức khen thưởng", "Số, ngày quyết định"],
            ["1", "Lò Thị Ón", "Bằng Có công với nước", typed],
        ],
    )
    [(_, award)] = read_list(path).awards
    assert (award.number_typed, award.awarded_on) == (number, day)


def names_list(path: Path, *names: str, heading: str = "Tên tập thể/cá nhân/hộ gia đình") -> Path:
    rows = [[str(n), name, "Bằng khen"] for n, name in enumerate(names, start=1)]
    return write_csv(path, [["STT", heading, "Hình thức khen thưởng"], *rows])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Phòng Nghiệp vụ 2, Sở Y tế", "collective"),
        ("Hộ gia đình ông Đỗ Mạnh Hà", "household"),
        ("Công ty TNHH Mai & Hoa", "collective"),
        ("Thôn Bản Lầu 3", "collective"),
        ("Ông Đỗ Mạnh Hà", "individual"),
    ],
)
def test_the_words_of_a_name_say_its_kind(tmp_path: Path, name: str, kind: str) -> None:
    assert read_list(names_list(tmp_path / "a.csv", name), **PROVINCE).kinds == [kind]


@pytest.mark.parametrize(
    ("typed", "name", "sex"),
    [
        ("Ông Đỗ Mạnh Hà", "Đỗ Mạnh Hà", "male"),
        ("BÀ Lò Thị Ón", "Lò Thị Ón", "female"),
        ("Ông Ích Khiêm", "Ông Ích Khiêm", None),
        ("Trần\u200b Thị\u200b Nụ", "Trần Thị Nụ", None),
        ("\ufeffLò\u00a0Thị \u00adÓn", "Lò Thị Ón", None),
    ],
)
def test_a_name_without_its_honorific_and_what_nobody_sees(
    tmp_path: Path, typed: str, name: str, sex: str | None
) -> None:
    path = names_list(tmp_path / "a.csv", typed, heading="Họ và tên")
    [(_, award)] = read_list(path, **PROVINCE).awards
    assert (award.recipient.name, award.recipient.persons[0].sex) == (name, sex)


@pytest.mark.parametrize("name", ["Ông Má A Sở và bà Lò Thị Ón", "Nguyễn Văn Tám & Trần Thị Nụ"])
def test_a_couple_is_asked_about(tmp_path: Path, name: str) -> None:
    path = names_list(tmp_path / "a.csv", name, heading="Họ và tên")
    assert read_list(path, **PROVINCE).errors == {2: ["name-of-two"]}


@pytest.mark.parametrize(
    ("nature", "error", "conferral"),
    [
        ("Tặng", None, "living"),
        ("Truy tặng", None, "posthumous"),
        ("Điều chỉnh", "nature-no-award", None),
        ("Thu hồi", "nature-no-award", None),
    ],
)
def test_what_is_no_award_is_never_recorded_as_one(
    tmp_path: Path, nature: str, error: str | None, conferral: str | None
) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            [
                "STT",
                "Tên đối tượng được khen",
                "Danh hiệu khen thưởng",
                "Số QĐ",
                "Tính chất tặng",
                "Loại khen thưởng",
            ],
            ["1", "Lò Thị Ón", "Bằng Có công với nước", "3/KT", nature, "Kháng chiến"],
        ],
    )  # fmt: skip
    read = read_list(path)
    assert read.errors == ({} if error is None else {2: [error]})
    assert [(a.conferral, a.mode) for _, a in read.awards] == (
        [(conferral, "Kháng chiến")] if conferral else []
    )


def form_list(path: Path, *forms: str) -> Path:
    rows = [[str(n), f"Đỗ Mạnh {n}", "Sở Y tế", form] for n, form in enumerate(forms, start=1)]
    return write_csv(path, [["STT", "Họ và tên", "Đơn vị", "Hình thức khen thưởng"], *rows])


@pytest.mark.parametrize(
    ("typed", "form", "award_class"),
    [
        ("CSTDCS", "EMU-CSTDCS", None),
        ("CSTĐ TQ", "EMU-CSTDTQ", None),
        ("CSTDTQ", "EMU-CSTDTQ", None),
        ("BKTTg", "CERT-BK-TTG", None),
        ("BKBQP", "CERT-BK-BT", None),
        ("Huân chương LĐ hạng Nhì", "ORD-LAODONG", "II"),
        ("HC LĐ III", "ORD-LAODONG", "III"),
        ("Tập thể LĐXS", "EMU-TTLDXS", None),
        ("Cờ Chính phủ", "EMU-COCP", None),
        ("Cờ thi đua CP", "EMU-COCP", None),
        ("Bằng TQGC", "CERT-TQGC", None),
        ("HC QKQT", "MED-QKQT", None),
        ("Bằng khen", "CERT-BK-BT", None),
        ("Huân chương Quân kỳ quyết thắng", "MED-QKQT", None),
        ("Truy tặng Huân chương Lao động hạng Ba", "ORD-LAODONG", "III"),
    ],
)
def test_forms_as_people_write_them(
    tmp_path: Path, typed: str, form: str, award_class: str | None
) -> None:
    [(_, award)] = read_list(form_list(tmp_path / "a.csv", typed), **PROVINCE).awards
    assert (award.form, award.award_class) == (form, award_class)
    assert award.form_typed == typed


@pytest.mark.parametrize(
    "typed", ["CSTĐ", "KNC", "TQGC", "HCCSVV hạng Ba", "HCKC hạng 3", "Giấy khen"]
)
def test_what_may_be_several_forms_is_asked_about(tmp_path: Path, typed: str) -> None:
    read = read_list(form_list(tmp_path / "a.csv", typed), **PROVINCE)
    assert [codes[0] for codes in read.errors.values()] == ["form-ambiguous"]


@pytest.mark.parametrize("typed", ["Thu hồi Huân chương Lao động hạng Ba", "Điều chỉnh Bằng khen"])
def test_a_form_that_is_taken_back_is_no_award(tmp_path: Path, typed: str) -> None:
    assert read_list(form_list(tmp_path / "a.csv", typed), **PROVINCE).errors == {
        2: ["form-no-award"]
    }


@pytest.mark.parametrize(
    ("issuer", "typed", "form"),
    [
        ("Thủ tướng Chính phủ", "Bằng khen", "CERT-BK-TTG"),
        ("Bộ trưởng Bộ Y tế", "BK", "CERT-BK-BT"),
        ("Chủ tịch UBND xã Nậm Lư", "Giấy khen", "CERT-GK-XA"),
        ("Chủ tịch UBND huyện Bắc Hà", "GK", "CERT-GK-HUYEN"),
        ("Giám đốc Sở Y tế", "Giấy khen", "CERT-GK-DV"),
        (CHAIR, "Giấy khen", None),
        ("Chủ tịch UBND thành phố Hà Nội", "Bằng khen", "CERT-BK-BT"),
        ("Chủ tịch UBND thành phố Hà Nội", "Giấy khen", None),
    ],
)
def test_a_plain_name_is_settled_by_the_issuer(
    tmp_path: Path, issuer: str, typed: str, form: str | None
) -> None:
    decision = {**PROVINCE, "issuer": issuer}
    read = read_list(form_list(tmp_path / "a.csv", typed), **decision)
    assert read.forms == ([] if form is None else [form])


@pytest.mark.parametrize(
    "answer", ["CERT-GK-XA", "Giấy khen của Chủ tịch UBND cấp xã", "giay khen cua chu tich ubnd xa"]
)
def test_an_answer_is_a_name_or_a_code(tmp_path: Path, answer: str) -> None:
    path = form_list(tmp_path / "a.csv", "Giấy khen", "Giấy khen")
    read = read_list(path, answers={"Giấy khen": answer}, **PROVINCE)
    assert read.forms == ["CERT-GK-XA"] * 2


# Dates of a column ---------------------------------------------------------------------------


def births(path: Path, *births_: str) -> Path:
    rows = [[str(n), f"Đỗ Mạnh {n}", born, "Bằng khen"] for n, born in enumerate(births_, start=1)]
    return write_csv(path, [["STT", "Họ và tên", "Ngày sinh", "Hình thức khen thưởng"], *rows])


def test_a_column_that_puts_the_month_first_is_asked_about_as_a_column(tmp_path: Path) -> None:
    path = births(tmp_path / "a.csv", "04/25/1961", "03/04/1962", "05/05/1963", "1964")
    asked = read_list(path, **PROVINCE)
    answered = read_list(path, answers={"Ngày sinh": "month-first"}, **PROVINCE)

    assert "dates-month-first" in asked.notes
    assert asked.errors == {2: ["date-month-first"], 3: ["date-month-first"]}
    births_ = [award.recipient.persons[0].birth_date for _, award in answered.awards]
    assert [getattr(one, "value", None) for one in births_] == [
        "1961-04-25",
        "1962-03-04",
        "1963-05-05",
        None,
    ]


# What is said --------------------------------------------------------------------------------


def test_options_that_contradict_the_file_stop_it(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [
            ["STT", "Họ và tên", "Hình thức khen thưởng", "Số quyết định", "Ngày quyết định"],
            ["1", "Lò Thị Ón", "Bằng Có công với nước", "3 KT", "12/4/1985"],
        ],
    )
    with pytest.raises(Rejected) as caught:
        read_list(path, **PROVINCE)
    assert caught.value.code == "options-contradict"
    read = read_list(path, "decision", **PROVINCE)
    assert read.errors == {2: ["decision-differs"]}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (["STT", "Họ và tên", "Đơn vị công tác", "Chức vụ"], "column-missing"),
        (["STT", "CCCD", "Hình thức khen thưởng", "Năm"], "list-without-names"),
        (["STT", "Tên sáng kiến", "Đơn vị công tác", "Năm sinh", "Chức vụ"], "list-of-other-kind"),
    ],
)
def test_what_is_no_list_of_awards_says_what_was_seen(
    tmp_path: Path, header: list[str], code: str
) -> None:
    path = write_csv(tmp_path / "a.csv", [header, ["1", "a", "b", "c"]])
    with pytest.raises(SheetError) as caught:
        read_list(path, **PROVINCE)
    assert caught.value.code == code
    assert header[1] in str(caught.value.params["seen"])


def test_how_a_file_was_read_is_told(tmp_path: Path) -> None:
    from api.imports.reading import reading_of  # noqa: PLC0415

    path = write_xlsx(
        tmp_path / "a.xlsx",
        [
            ["STT", "Họ và tên", "CCCD", "Hình thức khen thưởng"],
            [1, "Lò Thị Ón", "012", "Bằng khen"],
        ],
        sheet="Tháng 5",
    )
    reading = reading_of(read_list(path, **PROVINCE).layout)
    [one] = reading["lists"]

    assert json.loads(json.dumps(reading)) == reading
    assert (reading["format"], reading["kind"], one["sheet"]) == ("xlsx", "decision", "Tháng 5")
    assert one["header_rows"] == [1, 1]
    assert {(c["column"], c["field"]) for c in one["columns"]} == {
        ("STT", "ordinal"),
        ("Họ và tên", "name"),
        ("Hình thức khen thưởng", "form"),
        ("CCCD", None),
    }
