"""The kinds of office files once more, as other hands write them: other places, words, orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from api.sheets.cells import SheetError
from api.sheets.decision_texts import split_number
from api.sheets.titles import Proposal
from api.sheets.vocabulary import field_of
from registry.dates import parse_typed_date
from registry.personal import is_sealed_field
from tests.made_documents import paragraph, run, table, write_docx
from tests.made_sheets import write_xlsx
from tests.read_lists import PROVINCE, read_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.read_lists import ReadList

BK = "Bằng khen của Chủ tịch UBND tỉnh"


def of_decision(path: Path, *rows: Sequence[Any]) -> ReadList:
    return read_list(write_xlsx(path / "a.xlsx", rows), "decision", **PROVINCE)


def of_register(path: Path, *rows: Sequence[Any]) -> ReadList:
    return read_list(write_xlsx(path / "a.xlsx", rows), "legacy")


# Headings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Số, ngày tháng năm QĐ", "number_date"),
        ("Số và ngày QĐ", "number_date"),
        ("Số QĐ/ngày tháng", "number_date"),
        ("Số ký hiệu QĐ", "number"),
        ("Ngày ban hành QĐ", "decided_on"),
        ("Họ tên cán bộ được khen", "person_name"),
        ("Họ tên, chức vụ, đơn vị", "name_post"),
        ("Họ tên/Tên tập thể/Tên hộ gia đình", "name"),
        ("Chức vụ, cơ quan công tác hiện nay", "unit"),
        ("Nơi làm việc", "unit"),
        ("Hình thức đề nghị xét khen thưởng", "form"),
        ("Danh hiệu TĐ", "title"),
        ("Ngày, tháng, năm sinh (dương lịch)", "born"),
        ("Chủ hộ", "household_name"),
        ("Người ký", None),
        ("Họ tên người ký", None),
        ("Họ tên bố", None),
        ("Đơn vị trình khen", None),
        ("Các hình thức khen thưởng đã được tặng", None),
        ("Số hồ sơ", None),
    ],
)
def test_a_heading_is_understood_by_its_words_or_not_at_all(
    heading: str, field: str | None
) -> None:
    assert field_of(heading) == field


def test_nam_beside_nu_is_a_sex_and_never_the_year(tmp_path: Path) -> None:
    """Without diacritics “Nam” is “Năm” too: births became days of decisions."""
    marked = of_register(
        tmp_path,
        ["STT", "Họ và tên", "Giới tính", None, "Năm sinh", "Hình thức khen thưởng"],
        [None, None, "Nam", "Nữ", None, None],
        [1, "Lò Văn Nam", "x", None, 1960, BK],
        [2, "Lò Thị Nết", None, "x", 1961, BK],
    )
    born = of_register(
        tmp_path,
        ["STT", "Họ và tên", "Nam", "Nữ", "Hình thức khen thưởng"],
        [1, "Lò Văn Nam", 1960, None, BK],
        [2, "Lò Thị Nết", None, 1961, BK],
    )

    for read in (marked, born):
        people = [award.recipient.persons[0] for _, award in read.awards]
        assert [(one.born, one.sex) for one in people] == [("1960", "male"), ("1961", "female")]
        assert [award.awarded_on for _, award in read.awards] == [None, None]


def test_a_row_below_a_header_is_no_heading_because_it_says_nam(tmp_path: Path) -> None:
    read = of_decision(
        tmp_path,
        ["Họ và tên", "Giới tính", "Hình thức khen thưởng"],
        ["Lò Văn Nam", "Nam", BK],
        ["Lò Văn Páo", "Nam", BK],
    )
    assert read.names == ["Lò Văn Nam", "Lò Văn Páo"]


def test_two_births_that_differ_are_asked_about(tmp_path: Path) -> None:
    read = of_decision(
        tmp_path,
        ["STT", "Họ và tên", "Nam", "Nữ", "Năm sinh", "Hình thức khen thưởng"],
        [1, "Lò Văn Nam", 1960, None, 1961, BK],
    )
    assert read.errors == {2: ["born-twice"]}


@pytest.mark.parametrize("field", ["born", "born_male", "born_female"])
def test_births_are_sealed_under_whatever_heading_they_stand(field: str) -> None:
    assert is_sealed_field(field)


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        (["Họ", "Tên đệm", "Tên"], ["Đinh", "Đức", "Sơn"]),
        (["Họ", "Tên"], ["Đinh Đức", "Sơn"]),
        (["Họ, chữ đệm", "Tên"], ["Đinh Đức", "Sơn"]),
    ],
)
def test_a_name_in_parts_is_one_name(tmp_path: Path, headings: list[str], cells: list[str]) -> None:
    header = ["TT", *headings, "Đơn vị", "Hình thức khen"]
    read = of_decision(tmp_path, header, [1, *cells, "Sở Y tế", BK])
    assert read.names == ["Đinh Đức Sơn"]


def test_two_lists_side_by_side_are_refused(tmp_path: Path) -> None:
    """They came out as the persons of one with the forms of the other."""
    header = ["STT", "Tên tập thể", "Hình thức khen thưởng", None, "STT", "Họ và tên", "Đơn vị"]
    row = [1, "Phòng Tổ chức", BK, None, 1, "Lò Văn Nam", "Sở Y tế"]
    with pytest.raises(SheetError) as error:
        of_decision(tmp_path, header, row)
    assert error.value.code == "lists-side-by-side"


def test_a_list_of_another_kind_is_named_even_if_hardly_a_heading_is_ours(tmp_path: Path) -> None:
    with pytest.raises(SheetError) as error:
        of_decision(tmp_path, ["TT", "Tên sáng kiến", "Tác giả", "Đơn vị"], [1, "a", "b", "c"])
    assert (error.value.code, error.value.params["kind"]) == ("list-of-other-kind", "initiatives")


# Titles and lines ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("ĐƯỢC TẶNG DANH HIỆU “TẬP THỂ LAO ĐỘNG XUẤT SẮC”", "EMU-TTLDXS"),
        ("DANH SÁCH ĐẠT DANH HIỆU CHIẾN SĨ THI ĐUA CƠ SỞ NĂM 2023", "EMU-CSTDCS"),
        ("KHEN THƯỞNG HUÂN CHƯƠNG LAO ĐỘNG HẠNG BA", "ORD-LAODONG"),
        ("DANH SÁCH ĐƯỢC CHỦ TỊCH UBND TỈNH TẶNG BẰNG KHEN", "CERT-BK-BT"),
    ],
)
def test_a_title_says_the_form_in_whatever_words(tmp_path: Path, title: str, form: str) -> None:
    read = of_decision(tmp_path, [title], [], ["TT", "Tên đơn vị"], [1, "Phòng Tổ chức"])
    assert read.forms == [form]


def test_a_row_of_the_list_above_is_no_title_of_the_next(tmp_path: Path) -> None:
    """A row of number, name and form counted as two texts, and its form as the next list's."""
    read = of_decision(
        tmp_path,
        ["TT", "Tên tập thể", None, "Hình thức khen thưởng"],
        [1, "Phòng Tổ chức", None, "Tập thể lao động xuất sắc"],
        ["TT", "Họ và tên", "Đơn vị", "Hình thức khen thưởng"],
        [1, "Lò Văn Nam", "Sở Y tế", BK],
        [2, "Vi Thị Ba", "Sở Y tế", None],
    )
    assert read.forms == ["EMU-TTLDXS", "CERT-BK-BT"]
    assert read.errors == {5: ["form-missing"]}


def test_a_numbered_line_that_says_a_kind_is_no_recipient(tmp_path: Path) -> None:
    """An award went to “Tập thể”."""
    read = of_decision(
        tmp_path,
        ["STT", "Họ tên/Tên tập thể", "Đơn vị", "Hình thức khen thưởng"],
        ["I", "BẰNG KHEN CỦA CHỦ TỊCH UBND TỈNH"],
        [1, "Tập thể"],
        [1, "Phòng Tổ chức", "Sở Y tế", None],
        [2, "Cá nhân"],
        [1, "Lò Văn Nam", "Sở Y tế", None],
    )
    assert read.names == ["Phòng Tổ chức", "Lò Văn Nam"]
    assert read.kinds == ["collective", "individual"]
    assert not read.errors


def test_a_numbered_kind_line_without_a_form_column_is_no_recipient(tmp_path: Path) -> None:
    read = of_decision(
        tmp_path,
        ["DANH SÁCH ĐƯỢC TẶNG BẰNG KHEN"],
        ["STT", "Tên tập thể, cá nhân"],
        [1, "TẬP THỂ"],
        [1, "Phòng Tổ chức, Sở Y tế"],
        [2, "Cá nhân"],
        [1, "Lò Văn Nam"],
    )
    assert read.names == ["Phòng Tổ chức, Sở Y tế", "Lò Văn Nam"]


# Cells ---------------------------------------------------------------------------------------


def test_a_post_behind_a_name_is_kept_beside_a_unit(tmp_path: Path) -> None:
    read = of_decision(
        tmp_path,
        ["STT", "Họ tên, chức vụ", "Nơi công tác", "Mức khen"],
        [1, "Ông Lò Văn Nam, Phó Giám đốc", "Sở Y tế", BK],
    )
    recipient = read.awards[0][1].recipient
    assert (recipient.name, recipient.position, recipient.unit) == (
        "Lò Văn Nam",
        "Phó Giám đốc",
        "Sở Y tế",
    )


@pytest.mark.parametrize(
    ("cell", "name", "honorific"),
    [
        ("Ô. Lò Văn Nam", "Lò Văn Nam", "Ông"),
        ("Thượng tá Lò Văn Nam", "Lò Văn Nam", "Thượng tá"),
        ("PGS.TS Nguyễn Văn Nam", "Nguyễn Văn Nam", "PGS.TS"),
        ("ông (bà) Lò Văn Nam", "Lò Văn Nam", None),
        ("Linh mục Nguyễn Văn Nam", "Nguyễn Văn Nam", "Linh mục"),
        ("Đại Thị Nam", "Đại Thị Nam", None),
    ],
)
def test_what_stands_before_a_name_is_no_part_of_it(
    tmp_path: Path, cell: str, name: str, honorific: str | None
) -> None:
    header = ["STT", "Họ và tên", "Đơn vị", "Hình thức khen"]
    read = of_decision(tmp_path, header, [1, cell, "Sở Y tế", BK])
    recipient = read.awards[0][1].recipient
    assert (recipient.name, recipient.honorific) == (name, honorific)


def test_under_ong_ba_each_name_has_its_honorific_whatever_it_begins_with(tmp_path: Path) -> None:
    header = ["TT", "Ông (bà)", "Chức vụ, nơi ở", "Hình thức khen"]
    read = of_decision(tmp_path, header, [1, "Ông Ama Bhăm", "Buôn Đôn", BK])
    assert read.names == ["Ama Bhăm"]


@pytest.mark.parametrize(
    "cell",
    ["Lò Văn Chín, Vi Thị Mười", "Vợ chồng ông Lò Văn Nam", "Ông Lò Văn Nam - Bà Lò Thị Nết"],
)
def test_two_persons_in_a_cell_are_asked_about(tmp_path: Path, cell: str) -> None:
    header = ["STT", "Họ và tên", "Đơn vị", "Hình thức khen"]
    read = of_decision(tmp_path, header, [1, cell, "Sở Y tế", BK])
    assert read.errors == {2: ["name-of-two"]}


@pytest.mark.parametrize("note", ["Điều chỉnh", "Đã thu hồi theo QĐ số 5"])
def test_a_note_that_takes_an_award_back_is_asked_about(tmp_path: Path, note: str) -> None:
    header = ["STT", "Họ và tên", "Hình thức khen thưởng", "Ghi chú"]
    read = of_register(tmp_path, header, [1, "Lò Văn Nam", "HCLĐ hạng Ba", note])
    assert read.errors == {2: ["nature-no-award"]}


def test_a_class_is_read_or_asked_about_but_not_lost(tmp_path: Path) -> None:
    """“HCLĐ h.3” was taken for the order without its class."""
    header = ["STT", "Họ và tên", "Hình thức khen thưởng"]
    read = of_register(
        tmp_path, header, [1, "Lò Văn Nam", "HCLĐ h.3"], [2, "Lò Văn Ba", "HCLĐ loại 3"]
    )
    assert [award.award_class for _, award in read.awards] == ["III"]
    assert read.errors == {3: ["form-ambiguous"]}


@pytest.mark.parametrize(
    ("typed", "form", "award_class"),
    [
        ("Huân chương KCCM hạng 3", "ORD-KC-US", "III"),
        ("Huy chương KCCP hạng nhất", "MED-KC-FR", "I"),
        ("HCCC hạng Ba", "ORD-CHIENCONG", "III"),
        ("HCQKQT", "MED-QKQT", None),
        ("HCVANTQ", "MED-VANTQ", None),
        ("TT LĐXS", "EMU-TTLDXS", None),
        ("Lao động TT", "EMU-LDTT", None),
        ("Cờ TĐCP", "EMU-COCP", None),
        ("BK CT UBND tỉnh", "CERT-BK-BT", None),
        ("BK Chủ tịch tỉnh", "CERT-BK-BT", None),
        ("AH LLVTND", "HON-AHLLVT", None),
        ("ĐV QT", "EMU-DVQT", None),
    ],
)
def test_more_forms_as_people_write_them(
    tmp_path: Path, typed: str, form: str, award_class: str | None
) -> None:
    header = ["STT", "Họ và tên", "Hình thức khen thưởng"]
    read = of_register(tmp_path, header, [1, "Lò Văn Nam", typed])
    assert [(award.form, award.award_class) for _, award in read.awards] == [(form, award_class)]


def test_an_order_that_may_be_a_medal_is_asked_about_with_both(tmp_path: Path) -> None:
    header = ["STT", "Họ và tên", "Hình thức khen thưởng"]
    read = of_register(tmp_path, header, [1, "Lò Văn Nam", "HCKCCM hạng Nhất"])
    assert read.errors == {2: ["form-ambiguous"]}


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        ("SN 1940", "1940"),
        ("T4/1985", "1985-04"),
        ("19/5/1985.", "1985-05-19"),
        ("--/--/1931", "1931"),
        ("kh.1931", "1931~"),
        ("5/6/1985 0:00:00", "1985-06-05"),
    ],
)
def test_dates_as_other_books_write_them(typed: str, date: str) -> None:
    assert parse_typed_date(typed) == date


@pytest.mark.parametrize(
    ("typed", "number", "day"),
    [
        ("12/KT-HĐNN - 3/4/1985", "12/KT-HĐNN", "3/4/1985"),
        ("12/KT-HĐNN năm 1985", "12/KT-HĐNN", "năm 1985"),
        ("QĐ 12/QĐ-UBND ngày 3/4/2015", "12/QĐ-UBND", "3/4/2015"),
        ("ngày 3/4/1985, số 12/KT", "12/KT", "3/4/1985"),
    ],
)
def test_a_decision_in_one_cell_in_other_orders(typed: str, number: str, day: str) -> None:
    assert split_number(typed) == (number, day)


def test_a_school_year_is_its_end_and_two_of_them_are_two_awards(tmp_path: Path) -> None:
    read = of_register(
        tmp_path,
        ["TT", "Tên đơn vị", "Năm học", "TTLĐTT", "TTLĐXS"],
        [1, "Khoa Toán", "2019-2020", "x", None],
        [2, "Khoa Toán", "2020 - 2021", "có", None],
    )
    assert [award.awarded_on for _, award in read.awards] == ["2020?", "2021?"]
    assert "school-year-taken" in read.notes


def test_hidden_columns_are_read_and_named(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["STT", "Họ và tên", "Đơn vị", "Hình thức khen"])
    sheet.append([1, "Lò Văn Nam", "Sở Y tế", BK])
    sheet.column_dimensions["C"].hidden = True
    sheet.column_dimensions["M"].hidden = True
    book.save(tmp_path / "a.xlsx")

    read = read_list(tmp_path / "a.xlsx", "decision", **PROVINCE)

    told = [note.params for note in read.layout.notes if note.code == "columns-hidden"]
    assert told == [{"sheet": "Sheet", "columns": "C (Đơn vị)"}]
    assert read.awards[0][1].recipient.unit == "Sở Y tế"


# Word ----------------------------------------------------------------------------------------

TOP = [
    table(["UBND TỈNH LÀO CAI", "CỘNG HÒA"], ["Số: 33/QĐ-SYT", "Lào Cai, ngày 7 tháng 3 năm 2023"]),
    paragraph("GIÁM ĐỐC SỞ Y TẾ TỈNH LÀO CAI"),
    paragraph("QUYẾT ĐỊNH:"),
]


def of_document(path: Path, *blocks: str) -> ReadList:
    return read_list(write_docx(path / "a.docx", *TOP, *blocks), "decision", **PROVINCE)


def test_lines_of_a_decision_that_say_a_kind_are_no_recipients(tmp_path: Path) -> None:
    """An award went to “Tập thể:”."""
    read = of_document(
        tmp_path,
        paragraph("Điều 1. Tặng Bằng khen của Chủ tịch UBND tỉnh cho các tập thể, cá nhân sau:"),
        paragraph("1. Tập thể:"),
        paragraph("- Phòng Tổ chức, Sở Y tế;"),
        paragraph("2. Cá nhân:"),
        paragraph("- Lò Văn Nam, Kế toán Sở Y tế."),
        paragraph("Điều 2. Chánh Văn phòng chịu trách nhiệm thi hành."),
    )
    assert read.names == ["Phòng Tổ chức, Sở Y tế", "Lò Văn Nam"]
    assert read.kinds == ["collective", "individual"]


@pytest.mark.parametrize("numbering", ["1/ ", "1) ", "a) ", "1. "])
def test_paragraphs_are_numbered_in_many_ways(tmp_path: Path, numbering: str) -> None:
    read = of_document(
        tmp_path,
        paragraph("Điều 1. Công nhận danh hiệu “Chiến sĩ thi đua cơ sở” cho ông (bà) có tên sau:"),
        paragraph(f"{numbering}Ông Lò Văn Nam, Kế toán Sở Y tế"),
    )
    assert (read.names, read.forms) == (["Lò Văn Nam"], ["EMU-CSTDCS"])


def test_a_row_that_a_tracked_change_took_away_is_not_read(tmp_path: Path) -> None:
    kept = table(["STT", "Họ và tên", "Hình thức khen thưởng"], ["1", "Lò Văn Nam", BK])
    gone = "".join(f"<w:tc>{paragraph(run(t))}</w:tc>" for t in ("2", "Lò Văn Páo", BK))
    properties = '<w:trPr><w:del w:id="5" w:author="a"/></w:trPr>'
    after = "".join(f"<w:tc>{paragraph(run(t))}</w:tc>" for t in ("3", "Lò Văn Sử", BK))
    rows = f"<w:tr>{properties}{gone}</w:tr><w:tr>{after}</w:tr></w:tbl>"
    read = of_document(tmp_path, kept.replace("</w:tbl>", rows))
    assert read.names == ["Lò Văn Nam", "Lò Văn Sử"]


def test_the_post_above_a_signature_is_not_who_decides(tmp_path: Path) -> None:
    read = of_document(
        tmp_path,
        paragraph("Điều 1. Tặng Giấy khen cho các cá nhân (có danh sách kèm theo)."),
        table(["Nơi nhận:", "GIÁM ĐỐC"]),
        table(["STT", "Họ và tên"], ["1", "Lò Văn Nam"]),
    )
    assert read.layout.proposal == Proposal(
        "33/QĐ-SYT", "07/03/2023", "Giám đốc Sở Y tế tỉnh Lào Cai"
    )
