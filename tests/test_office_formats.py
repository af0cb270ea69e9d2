"""Files of every format that offices have come out as the rows that they show."""

from __future__ import annotations

import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from api.sheets.cells import OldFontText, SheetError
from api.sheets.reader import open_sheets
from tests.made_documents import (
    paragraph,
    run,
    table,
    write_docx,
    write_ods,
    write_page,
    write_xls,
)
from tests.made_sheets import raw_workbook, sheet_xml, write_csv
from tests.read_lists import PROVINCE, read_list

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ["STT", "Họ và tên", "Năm sinh", "Đơn vị công tác", "Hình thức khen thưởng"]
ROWS: list[list[Any]] = [
    HEADER,
    [1, "Vàng Thị Súa", 1971, "Sở Y tế", "Bằng khen"],
    [2, "Đỗ Mạnh Hà", 1980, "Ban Dân tộc", "Bằng khen"],
]


def rows_of(path: Path) -> list[tuple[int, tuple[Any, ...]]]:
    with open_sheets(path) as sheets:
        return list(sheets.rows(0))


_KIND = {True: "Number", False: "String"}


def spreadsheet_ml(path: Path) -> Path:
    lines = "".join(
        "<Row>"
        + "".join(
            f'<Cell><Data ss:Type="{_KIND[isinstance(v, int)]}">{v}</Data></Cell>' for v in row
        )
        + "</Row>"
        for row in ROWS
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    path.write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="DS"><Table>{lines}</Table></Worksheet></Workbook>',
        encoding="utf-8",
    )
    return path


def page(path: Path) -> Path:
    lines = "".join(
        "<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>" for row in ROWS
    )
    return write_page(path, lines)


def word(path: Path) -> Path:
    return write_docx(path, table(*[[str(value) for value in row] for row in ROWS]))


@pytest.mark.parametrize(
    ("name", "make", "kind"),
    [
        ("a.xls", lambda path: write_xls(path, ROWS), "xls"),
        ("a.ods", lambda path: write_ods(path, ROWS), "ods"),
        ("page.xls", page, "html"),
        ("old.xls", spreadsheet_ml, "xml"),
        ("tabs.xls", lambda path: write_csv(path, ROWS, "utf-16", "\t"), "csv"),
        ("semi.csv", lambda path: write_csv(path, ROWS, delimiter=";"), "csv"),
        ("pipe.csv", lambda path: write_csv(path, ROWS, delimiter="|"), "csv"),
        ("list.docx", word, "docx"),
    ],
)
def test_every_format_gives_the_same_list(tmp_path: Path, name: str, make: Any, kind: str) -> None:
    path = make(tmp_path / name)
    read = read_list(path, **PROVINCE)

    assert read.names == ["Vàng Thị Súa", "Đỗ Mạnh Hà"]
    assert [award.recipient.persons[0].born for _, award in read.awards] == ["1971", "1980"]
    assert [row for row, _ in read.awards] == [2, 3]
    assert read.layout.file_format == kind


def test_a_workbook_with_macros_is_read_and_nothing_of_it_runs(tmp_path: Path) -> None:
    book = Workbook()
    page_ = book.active
    assert page_ is not None
    for row in ROWS:
        page_.append(row)
    book.save(tmp_path / "a.xlsm")
    with zipfile.ZipFile(tmp_path / "a.xlsm", "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 no macro")

    assert len(read_list(tmp_path / "a.xlsm", **PROVINCE).awards) == 2


def test_cells_of_an_old_workbook_are_as_shown(tmp_path: Path) -> None:
    path = write_xls(
        tmp_path / "a.xls",
        [
            ["Số sổ", "Số QĐ", "Ngày"],
            [45, 212, date(1985, 4, 12)],
            [None, None, None],
            [7, 1, None],
        ],
        formats={0: '"SV-"000', 1: '0"/QĐ-CTN"', 2: "DD/MM/YYYY"},
        hidden=[4],
        struck=[2],
    )
    with open_sheets(path) as sheets:
        rows = list(sheets.rows(0))
        marks = dict(sheets.marks)

    assert rows[1] == (2, ("SV-045", "212/QĐ-CTN", date(1985, 4, 12)))
    assert rows[2] == (4, ("SV-007", "1/QĐ-CTN"))
    assert marks[4].is_hidden
    assert marks[2].struck == {0, 1, 2}


def test_merged_cells_of_an_old_workbook_repeat_downwards(tmp_path: Path) -> None:
    path = write_xls(
        tmp_path / "a.xls",
        [["STT", "Số QĐ"], [1, "5/QĐ"], [2], [3]],
        merges=[(1, 2, 1, 1)],
    )
    assert rows_of(path)[1:] == [(2, (1, "5/QĐ")), (3, (2, "5/QĐ")), (4, (3,))]


def test_dates_of_libreoffice_are_as_shown(tmp_path: Path) -> None:
    path = write_ods(
        tmp_path / "a.ods",
        [
            [
                ("1985-04-01", "04/1985"),
                ("1931-01-01", "1931"),
                ("1899-05-19", "19/05/1899"),
                "00123",
            ]
        ],
    )
    assert rows_of(path) == [(1, ("1985-04", "1931", date(1899, 5, 19), "00123"))]


@pytest.mark.parametrize(
    ("application", "days", "shown"),
    [
        ("LibreOffice/7.6", 46, date(1900, 2, 14)),
        ("Microsoft Excel", 46, date(1900, 2, 15)),
        ("LibreOffice/7.6", -225, date(1899, 5, 19)),
        ("LibreOffice/7.6", 31149, date(1985, 4, 12)),
    ],
)
def test_days_before_march_1900_are_counted_as_their_program_counts(
    tmp_path: Path, application: str, days: int, shown: date
) -> None:
    styles = b'<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    path = raw_workbook(
        tmp_path / "a.xlsx",
        sheet_xml(f'<row r="1"><c r="A1" s="1"><v>{days}</v></c></row>'),
        **{
            "xl/styles.xml": styles,
            "docProps/app.xml": f"<Properties><Application>{application}</Application>"
            "</Properties>".encode(),
        },
    )
    assert rows_of(path) == [(1, (shown,))]


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("00000", 123, "00123"),
        ('0"/QĐ-UBND"', 456, "456/QĐ-UBND"),
        ('"SV-"000', 45, "SV-045"),
        ("#,##0", 1985, 1985),
        ("0.00", 1985, 1985),
        ("0", 1985, 1985),
    ],
)
def test_numbers_are_as_their_format_shows_them(
    tmp_path: Path, code: str, value: int, shown: Any
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = value
    sheet["A1"].number_format = code
    book.save(tmp_path / "a.xlsx")
    assert rows_of(tmp_path / "a.xlsx") == [(1, (shown,))]


PLAIN = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>Lò Thị Ón</t></is></c></row>')


def repacked(path: Path, rename: dict[str, str], extra: dict[str, bytes] | None = None) -> Path:
    """The plain workbook with its parts called otherwise."""
    source = raw_workbook(path.with_name("plain.xlsx"), PLAIN)
    with zipfile.ZipFile(source) as plain, zipfile.ZipFile(path, "w") as made:
        for name in plain.namelist():
            made.writestr(rename.get(name, name), plain.read(name))
        for name, part in (extra or {}).items():
            made.writestr(name, part)
    return path


@pytest.mark.parametrize(
    "rename",
    [
        {"xl/worksheets/sheet1.xml": "xl/worksheets/Sheet1.xml"},
        {"xl/workbook.xml": "XL/Workbook.xml"},
        {"xl/worksheets/sheet1.xml": "xl\\worksheets\\sheet1.xml"},
        {"xl/worksheets/sheet1.xml": "./xl/worksheets/sheet1.xml"},
    ],
)
def test_parts_are_found_however_they_are_called(tmp_path: Path, rename: dict[str, str]) -> None:
    assert rows_of(repacked(tmp_path / "a.xlsx", rename)) == [(1, ("Lò Thị Ón",))]


def test_a_workbook_may_stand_outside_its_folder(tmp_path: Path) -> None:
    links = "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
    relations = (
        f'<Relationships><Relationship Id="r1" Type="{links}" Target="/book.xml"/></Relationships>'
    )
    path = repacked(
        tmp_path / "a.xlsx",
        {
            "xl/workbook.xml": "book.xml",
            "xl/_rels/workbook.xml.rels": "_rels/book.xml.rels",
            "xl/worksheets/sheet1.xml": "worksheets/sheet1.xml",
        },
        {"_rels/.rels": relations.encode()},
    )
    assert rows_of(path) == [(1, ("Lò Thị Ón",))]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_empty_second_part_does_not_replace_the_first(tmp_path: Path) -> None:
    path = repacked(tmp_path / "a.xlsx", {}, {"xl/worksheets/sheet1.xml": b""})
    assert rows_of(path) == [(1, ("Lò Thị Ón",))]


def test_an_inline_text_counts_beside_a_stale_value(tmp_path: Path) -> None:
    cell = '<c r="A1" t="inlineStr"><v>1.0</v><is><t>Lò Thị Ón</t></is></c>'
    path = raw_workbook(tmp_path / "a.xlsx", sheet_xml(f'<row r="1">{cell}</row>'))
    assert rows_of(path) == [(1, ("Lò Thị Ón",))]


def test_a_page_spreads_its_headings_over_rows_and_columns(tmp_path: Path) -> None:
    path = write_page(
        tmp_path / "a.xls",
        '<tr><td rowspan="2">STT</td><td rowspan="2">Họ và tên</td><td rowspan="2">Hình thức'
        ' khen thưởng</td><td colspan="2">Quyết định</td></tr><tr><td>Số</td><td>Ngày tháng</td>'
        "</tr><tr><td>1</td><td>Lò Thị Ón</td><td>Huân chương Lao động<br>hạng Nhì</td>"
        "<td>5/QĐ-CTN</td><td>02/09/2019</td></tr>",
    )
    [(row, award)] = read_list(path).awards
    assert (row, award.number_typed, award.awarded_on) == (3, "5/QĐ-CTN", "2019-09-02")
    assert (award.form, award.award_class) == ("ORD-LAODONG", "II")


# Text documents -----------------------------------------------------------------------------


def test_what_a_reader_of_a_document_sees_is_read(tmp_path: Path) -> None:
    inserted = f"<w:ins>{run('Ón')}</w:ins>"
    gone = "<w:del><w:r><w:delText>Hai</w:delText></w:r></w:del>"
    control = f"<w:sdt><w:sdtContent>{run('Sở Y tế')}</w:sdtContent></w:sdt>"
    choice = (
        '<w:r><w:fldChar><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="Ông"/>'
        '<w:listEntry w:val="Bà"/></w:ddList></w:ffData></w:fldChar></w:r>'
    )
    code = "<w:r><w:instrText>FORMDROPDOWN</w:instrText></w:r>"
    path = write_docx(
        tmp_path / "a.docx", paragraph(choice, code, " Lò Thị ", inserted, gone, ", ", control)
    )
    assert rows_of(path) == [(1, ("Bà Lò Thị Ón, Sở Y tế",))]


DECISION = (
    table(
        ["ỦY BAN NHÂN DÂN\nTỈNH LÀO CAI", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        ["Số: 88/QĐ-UBND", "Lào Cai, ngày 07 tháng 5 năm 2024"],
    ),
    paragraph("QUYẾT ĐỊNH"),
    paragraph("Về việc tặng Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh"),
    paragraph("CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH LÀO CAI"),
    paragraph("Căn cứ Nghị định số 98/2023/NĐ-CP ngày 31 tháng 12 năm 2023 của Chính phủ;"),
)


def test_a_decision_with_tables_proposes_its_number_day_and_issuer(tmp_path: Path) -> None:
    path = write_docx(
        tmp_path / "a.docx",
        *DECISION,
        paragraph(
            "Điều 1. Tặng Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh cho 01 tập thể, 01 cá nhân."
        ),
        paragraph("I. TẬP THỂ"),
        table(["STT", "Tên tập thể"], ["1", "Đội Cầu đường 5, Sở Xây dựng"]),
        paragraph("II. CÁ NHÂN"),
        table(
            ["STT", "Họ và tên, chức vụ, đơn vị công tác"],
            ["1", "<w:tc>" + paragraph("Bà Lò Thị Ón") + paragraph("Y tá, Sở Y tế") + "</w:tc>"],
        ),
        table(["Nơi nhận:", "TM. ỦY BAN NHÂN DÂN"]),
    )
    with open_sheets(path) as sheets:
        from api.sheets.layout import find_layout  # noqa: PLC0415

        proposal = find_layout(sheets).proposal
    read = read_list(path, **PROVINCE)

    assert proposal is not None
    assert (proposal.number, proposal.decided_on) == ("88/QĐ-UBND", "07/05/2024")
    assert proposal.issuer == "Chủ tịch Ủy ban nhân dân tỉnh Lào Cai"
    assert read.names == ["Đội Cầu đường 5, Sở Xây dựng", "Lò Thị Ón"]
    assert read.kinds == ["collective", "individual"]
    assert read.forms == ["CERT-BK-BT"] * 2
    assert read.awards[1][1].recipient.unit == "Y tá, Sở Y tế"


def test_a_decision_may_list_its_recipients_in_paragraphs(tmp_path: Path) -> None:
    path = write_docx(
        tmp_path / "a.docx",
        *DECISION,
        paragraph(
            "Điều 1. Tặng Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh cho 02 cá nhân có tên sau:"
        ),
        paragraph("1. Bà Lò Thị Ón, Y tá, Trạm y tế xã Nậm Lư;"),
        paragraph("2. Ông Đỗ Mạnh Hà, Trưởng thôn."),
        paragraph("Điều 2. Tặng Bằng khen cho 01 tập thể:"),
        paragraph("1. Thôn Nậm Lư 2, xã Nậm Lư."),
        paragraph("Điều 3. Quyết định có hiệu lực kể từ ngày ký."),
    )
    read = read_list(path, **PROVINCE)
    assert read.names == ["Lò Thị Ón", "Đỗ Mạnh Hà", "Thôn Nậm Lư 2, xã Nậm Lư"]
    assert read.kinds == ["individual", "individual", "collective"]
    assert [award.recipient.persons[0].sex for _, award in read.awards[:2]] == ["female", "male"]


# Bytes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("byte", [0x81, 0x8A, 0x8D, 0x8E, 0x8F, 0x90, 0x9A, 0x9D, 0x9E, 0xA0])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_bad_byte_is_an_error_of_its_row_only(tmp_path: Path, byte: int, mark: bytes) -> None:
    lines = ["STT,Họ và tên,Đơn vị công tác,Hình thức khen thưởng"]
    lines += [f"{n},Đỗ Mạnh Hà {n},Sở Nội vụ,Bằng khen" for n in range(1, 9)]
    content = "\n".join(lines).encode().replace(b" 5,", b" " + bytes([byte]) + b"5,")
    (tmp_path / "a.csv").write_bytes(mark + content)

    read = read_list(tmp_path / "a.csv", **PROVINCE)
    assert read.errors == {6: ["letter-unreadable"]}
    assert len(read.awards) == 7


def test_utf_16_cut_in_a_letter_is_an_error_of_the_last_row(tmp_path: Path) -> None:
    content = "STT\tHọ và tên\tHình thức khen thưởng\tGhi chú\n1\tĐỗ Mạnh Hà\tBằng khen\tx\n"
    (tmp_path / "a.csv").write_bytes((content + "2\tLò Thị Ón\tBằng khen\tđ").encode("utf-16")[:-1])
    read = read_list(tmp_path / "a.csv", **PROVINCE)
    assert read.names == ["Đỗ Mạnh Hà"]
    assert list(read.errors) == [3]


def test_an_open_quotation_mark_is_named(tmp_path: Path) -> None:
    rows = '1,"Lò Thị Ón,Sở Y tế,Bằng khen\n2,Đỗ Mạnh Hà,Sở Y tế,Bằng khen\n'
    rows += "3,Má A Sở,Sở Y tế,Bằng khen\n"
    (tmp_path / "a.csv").write_text(
        f"STT,Họ và tên,Đơn vị công tác,Hình thức khen thưởng\n{rows}"
        '4,"Sùng A Lử",Sở Y tế,Bằng khen\n'
    )
    with pytest.raises(SheetError) as caught:
        read_list(tmp_path / "a.csv", **PROVINCE)
    assert (caught.value.code, caught.value.params["row"]) == ("quote-open", 2)


def test_text_in_an_old_font_keeps_the_fonts_name(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "a.xls", [["Nguyễn"]], font=".VnTime")
    with open_sheets(path) as sheets:
        [(_, (cell,))] = sheets.source.rows(0)
    assert isinstance(cell, OldFontText)
    assert cell.font == ".VnTime"
