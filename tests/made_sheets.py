"""Sheets made by tests: rows into .xlsx and .csv files."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

LEGACY_HEADER = [
    "STT",
    "Họ và tên",
    "Năm sinh",
    "Giới tính",
    "Quê quán (ghi theo bằng)",
    "Nơi ở hiện nay",
    "Hình thức khen thưởng",
    "Số quyết định",
    "Ngày quyết định",
    "Cơ quan quyết định",
    "Số sổ vàng",
    "Truy tặng",
    "Ghi chú",
]
DECISION_HEADER = [
    "STT",
    "Tên gọi\n(Ông/Bà/Chức danh)",
    "Tên tập thể/cá nhân/hộ gia đình",
    "Chức vụ",
    "Đơn vị công tác",
    "Phân loại khen thưởng",
    "Danh hiệu thi đua/Hình thức khen thưởng",
    "Phân loại đối tượng",
    "Lĩnh vực hoạt động",
]
BK_BT = "Bằng khen cấp bộ, ban, ngành, tỉnh, đoàn thể trung ương"


def legacy_row(ordinal: int = 1, **changes: Any) -> list[Any]:
    """A good row of an old register, with changes by field."""
    row = {
        "ordinal": ordinal,
        "name": "Giàng A Páo",
        "born": "1931",
        "sex": "Nam",
        "native_place": "xã Tả Phìn, huyện Sa Pa, tỉnh Lào Cai",
        "residence": "xã Tả Phìn, tỉnh Lào Cai",
        "form": "Huân chương Kháng chiến chống Mỹ hạng Nhì",
        "number": f"{ordinal} KT/HĐNN",
        "decided_on": "12/03/1985",
        "issuer": "Hội đồng Nhà nước",
        "golden_number": str(ordinal),
        "posthumous": None,
        "note": None,
    }
    return list((row | changes).values())


def decision_row(ordinal: int = 1, **changes: Any) -> list[Any]:
    """A good row of a decision's list, with changes by field."""
    row = {
        "ordinal": ordinal,
        "honorific": "Bà",
        "name": f"Vàng Thị Mẩy {ordinal}",
        "position": "Giáo viên",
        "unit": "Trường THPT chuyên",
        "kind": "Khen thưởng cá nhân",
        "form": BK_BT,
        "category": "Doanh nhân",
        "field_of_activity": "Y tế",
    }
    return list((row | changes).values())


def write_xlsx(path: Path, rows: Iterable[Sequence[Any]], sheet: str = "DANHSACH") -> Path:
    """Write rows as they are; None leaves a cell out."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            if value is not None:
                page.cell(number, place, value)
    book.save(path)
    return path


def write_csv(
    path: Path,
    rows: Iterable[Sequence[Any]],
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
) -> Path:
    """Write rows as a sheet program would save them."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def legacy_file(path: Path, *rows: Sequence[Any]) -> Path:
    """An old register with a title and an empty line above its header."""
    content = [["SỔ THEO DÕI KHEN THƯỞNG"], [], LEGACY_HEADER, *rows]
    return write_csv(path, content) if path.suffix == ".csv" else write_xlsx(path, content)


def decision_file(path: Path, *rows: Sequence[Any]) -> Path:
    """A decision's list with a title and an empty line above its header."""
    content = [["DANH SÁCH ĐƯỢC TẶNG BẰNG KHEN"], [], DECISION_HEADER, *rows]
    return write_csv(path, content) if path.suffix == ".csv" else write_xlsx(path, content)


def raw_workbook(path: Path, sheet_xml: bytes, **parts: bytes) -> Path:
    """A workbook whose sheet is exactly this XML; further parts replace or add others."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006/relationships"
    content = {
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{links}">'
            '<sheets><sheet name="DANHSACH" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{packages}"><Relationship Id="rId1" Type="worksheet"'
            ' Target="worksheets/sheet1.xml"/></Relationships>'
        ).encode(),
        "xl/worksheets/sheet1.xml": sheet_xml,
        **parts,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path


def sheet_xml(rows: str) -> bytes:
    """The XML of a sheet around rows."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()


_TEMPLATE_HEADERS = {
    "individuals": (
        *("STT", "Họ và tên", "Giới tính", "Ngày sinh", "Chức vụ"),
        *("Tên phòng ban/ khối, tổ \ncông tác", "Tên đơn vị/tập thể\ncông tác"),
        *("Địa chỉ / Nơi ở", "Mã phân loại cán bộ", "Mã hình thức khen thưởng"),
        "Mã danh hiệu thi đua\n(nếu có)",
    ),
    "collectives": (
        *("STT", "Tên đơn vị / tập thể", "Mã phân loại tập thể", "Mã hình thức khen thưởng"),
        "Mã danh hiệu thi đua\n(nếu có)",
    ),
}
_TEMPLATE_FORMS = (
    ("1650360184", "Huân chương Lao động"),
    ("1650360299", "Huy chương Quân kỳ quyết thắng"),
    ("1650360491", "Bằng khen"),
    ("1650360499", "Giấy khen"),
)
_TEMPLATE_TITLES = (
    ("1647933380", "Chiến sĩ thi đua cơ sở"),
    ("1647933042", "Lao động tiên tiến"),
)
_TEMPLATE_CATEGORIES = {
    "individuals": (
        ("1660638864", "Doanh nhân"),
        ("1660638930", "Các cấp lãnh đạo từ phó phòng trở lên"),
    ),
    "collectives": (
        ("1660638226", "Cơ quan hành chính, sự nghiệp"),
        ("1660638247", "Doanh nghiệp"),
        ("1660638538", "Hộ gia đình"),
    ),
}


def field_template(path: Path, name: str, *rows: Sequence[Any]) -> Path:
    """A list laid out as the field's smaller templates: codes, and a sheet that tells them."""
    book = Workbook()
    listed = book.active
    assert listed is not None
    listed.title = "DANHSACH"
    header = _TEMPLATE_HEADERS[name]
    listed.append(["DANH SÁCH ĐỀ NGHỊ KHEN THƯỞNG"])
    listed.merge_cells(end_row=1, end_column=len(header), start_row=1, start_column=1)
    listed.append([])
    for row in (header, *rows):
        listed.append(list(row))
    told = book.create_sheet("DANHMUC")
    told.append([])
    categories = _TEMPLATE_CATEGORIES[name]
    told.append(
        (
            *("STT", "Mã số", "Hình thức khen thưởng", None),
            *("STT", "Mã số", "Danh hiệu thi đua", None),
            *("STT", "Mã phân loại cán bộ", "Phân loại cán bộ"),
        )
    )
    columns = (_TEMPLATE_FORMS, _TEMPLATE_TITLES, categories)
    for number in range(max(map(len, columns))):
        line: list[Any] = []
        for column in columns:
            line += [number + 1, *column[number]] if number < len(column) else [None] * 3
            line.append(None)
        told.append(line)
    book.save(path)
    return path
