"""Files become rows, numbered as the sheet shows them, or are refused for what they are."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from api.sheets import archive, delimited, workbook
from api.sheets.cells import CellError, Row, SheetError
from api.sheets.reader import open_sheets
from tests.made_sheets import (
    legacy_file,
    legacy_row,
    raw_workbook,
    sheet_xml,
    write_csv,
    write_xlsx,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLES = Path(__file__).with_name("samples")
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def rows_of(path: Path) -> list[Row]:
    with open_sheets(path) as sheets:
        return list(sheets.rows(0))


def refusal(path: Path) -> str:
    with pytest.raises(SheetError) as caught, open_sheets(path) as sheets:
        list(sheets.rows(0))
    return caught.value.code


# Cells --------------------------------------------------------------------------------------


def test_rows_carry_the_numbers_that_the_sheet_shows(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [[], [], [None, "một"], [], [None, None, "hai"]])

    assert rows_of(path) == [(3, (None, "một")), (5, (None, None, "hai"))]


def test_cells_keep_their_types_and_whole_numbers_lose_the_point(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append([1985, 1985.0, 1.5, True, date(1985, 3, 2), datetime(1985, 3, 2, 4, 5), "1985"])  # noqa: DTZ001
    book.save(tmp_path / "a.xlsx")

    [(_, cells)] = rows_of(tmp_path / "a.xlsx")
    moment = datetime(1985, 3, 2, 4, 5)  # noqa: DTZ001 - sheets know no time zone

    assert cells == (1985, 1985, 1.5, True, date(1985, 3, 2), moment, "1985")
    assert [type(cell) for cell in cells[:3]] == [int, int, float]


@pytest.mark.parametrize(
    ("number_format", "read"),
    [("mm/yyyy", "1985-03"), ("yyyy", "1985"), ("dd/mm/yyyy", date(1985, 3, 2)), ("0.0", 31108)],
)
def test_a_date_is_read_as_exactly_as_the_sheet_shows_it(
    tmp_path: Path, number_format: str, read: object
) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page["A1"] = 31108
    page["A1"].number_format = number_format
    book.save(tmp_path / "a.xlsx")

    assert rows_of(tmp_path / "a.xlsx") == [(1, (read,))]


def test_error_cells_and_formulas_without_value_are_told_apart_from_empty_ones(
    tmp_path: Path,
) -> None:
    cells = (
        '<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><f>1+1</f></c>'
        '<c r="C1"><f>1+1</f><v>2</v></c><c r="D1" t="str"><f>""</f><v></v></c><c r="E1"/>'
        '<c r="F1" t="inlineStr"><is><t>#N/A</t></is></c></row>'
    )
    path = raw_workbook(tmp_path / "a.xlsx", sheet_xml(cells))

    assert rows_of(path) == [
        (1, (CellError("#N/A"), CellError("", "formula-without-value"), 2, None, None, "#N/A"))
    ]


def test_rich_shared_text_is_joined_and_its_reading_aids_left_out(tmp_path: Path) -> None:
    strings = (
        "<sst><si><r><t>Bằng </t></r><r><t>khen</t></r><rPh><t>x</t></rPh></si>"
        "<si><t>dòng_x000A_hai</t></si></sst>"
    ).encode()
    cells = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    path = raw_workbook(tmp_path / "a.xlsx", sheet_xml(cells), **{"xl/sharedStrings.xml": strings})

    assert rows_of(path) == [(1, ("Bằng khen", "dòng\nhai"))]


def test_a_stray_cell_in_the_last_corner_costs_nothing(tmp_path: Path) -> None:
    cells = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="B1048576"><v>2</v></c><c r="XFD1048576"><v>3</v></c></row>'
    )
    path = raw_workbook(tmp_path / "a.xlsx", sheet_xml(cells))

    assert rows_of(path) == [(1, (1,)), (1048576, (None, 2))]


# Delimited text -----------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["STT", "Họ và tên", "Quê quán"], ["1", "Đặng Thị Mẩy", "xã Y Tý, huyện Bát Xát"]]
    path = write_csv(tmp_path / "a.csv", rows, encoding, delimiter)

    with open_sheets(path) as sheets:
        assert [cells for _, cells in sheets.rows(0)] == [tuple(row) for row in rows]
        assert sheets.notes == ()


def test_the_old_code_page_is_the_last_resort_and_the_clerk_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("STT,Tên\r\n1,Đăng\r\n".encode("cp1258"))

    with open_sheets(path) as sheets:
        assert list(sheets.rows(0)) == [(1, ("STT", "Tên")), (2, ("1", "Đăng"))]
        assert [note.code for note in sheets.notes] == ["encoding-guessed"]


def test_records_count_as_rows_even_blank_ones_and_those_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n\n"hai\ndòng",c\n,\nd,e\n', encoding="utf-8")

    assert rows_of(path) == [(1, ("a", "b")), (3, ("hai\ndòng", "c")), (5, ("d", "e"))]


def test_a_file_may_name_its_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sep=;\na,1;b,2;c\nd;e;f\n", encoding="utf-8")

    assert rows_of(path) == [(1, ("a,1", "b,2", "c")), (2, ("d", "e", "f"))]


def test_rows_can_be_read_after_the_head_was(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [[str(number), "x"] for number in range(2_000)])

    with open_sheets(path) as sheets:
        assert len(sheets.heads[0].rows) == delimited.HEAD_ROWS
        assert len(list(sheets.rows(0))) == 2_000
        assert sheets.fraction() == 1


def test_a_record_without_end_is_damage_before_it_fills_the_memory(tmp_path: Path) -> None:
    for content in ("a,b\n" + '"x\n",' * 300_000, "a,b\n" + "x" * 2_000_000):
        path = tmp_path / "a.csv"
        path.write_text(content, encoding="utf-8")
        assert refusal(path) == "file-damaged"


def test_a_quote_that_never_ends_is_damage_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\nc,"d' + "x,y\n" * 60_000, encoding="utf-8")

    with pytest.raises(SheetError) as caught, open_sheets(path) as sheets:
        list(sheets.rows(0))
    assert (caught.value.code, caught.value.params) == ("file-damaged", {"row": 2})


# Files that cannot be used ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (OLE_START + bytes(504), "file-damaged"),
        (OLE_START + bytes(504) + "EncryptedPackage".encode("utf-16-le"), "file-encrypted"),
        (b"%PDF-1.7\n", "file-not-a-sheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "file-not-a-sheet"),
        (bytes(range(256)) * 8, "file-not-a-sheet"),
        (b"PK\x03\x04" + bytes(64), "file-damaged"),
        (b"PK\x05\x06" + bytes(18), "file-not-a-sheet"),
    ],
)
def test_what_is_no_sheet_is_refused_by_its_content(
    tmp_path: Path, content: bytes, code: str
) -> None:
    for name in ("a.xlsx", "a.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        assert refusal(path) == code


def test_a_missing_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.xlsx") == "file-missing"


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_workbook_is_damaged(tmp_path: Path, kept: float) -> None:
    whole = (SAMPLES / "decision-list-1200.xlsx").read_bytes()
    path = tmp_path / "a.xlsx"
    path.write_bytes(whole[: int(len(whole) * kept)])

    assert refusal(path) == "file-damaged"


def test_a_flipped_byte_inside_is_damage(tmp_path: Path) -> None:
    content = bytearray((SAMPLES / "decision-list-1200.xlsx").read_bytes())
    content[len(content) // 2] ^= 0xFF
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)

    assert refusal(path) == "file-damaged"


def test_a_zip_of_something_else_is_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("ppt/presentation.xml", "<presentation/>")

    assert refusal(path) == "file-not-a-sheet"


def test_a_zip_bomb_is_refused_by_what_it_claims(tmp_path: Path) -> None:
    path = raw_workbook(tmp_path / "a.xlsx", bytes(40 << 20))
    assert path.stat().st_size < 1 << 20

    assert refusal(path) == "file-too-large"


def test_a_zip_bomb_that_lies_about_its_size_stops_where_it_lied(tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1"><v>1</v></c></row>'
    path = raw_workbook(tmp_path / "a.xlsx", sheet_xml(row + " " * (40 << 20)))
    content = path.read_bytes()
    size = (len(sheet_xml(row)) + (40 << 20)).to_bytes(4, "little")
    assert content.count(size) >= 1
    path.write_bytes(content.replace(size, (4096).to_bytes(4, "little")))

    assert refusal(path) == "file-damaged"


def test_too_many_parts_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "ENTRIES_MAX", 2)

    assert refusal(legacy_file(tmp_path / "a.xlsx", legacy_row())) == "file-too-large"


@pytest.mark.parametrize(
    ("name", "start", "size"),
    [("a.xlsx", b"PK\x03\x04", 200 << 20), ("a.csv", b"STT,a\n", (1 << 30) + 1)],
)
def test_a_file_over_the_limit_is_refused_without_reading_it(
    tmp_path: Path, name: str, start: bytes, size: int
) -> None:
    path = tmp_path / name
    path.write_bytes(start)
    os.truncate(path, size)

    assert refusal(path) == "file-too-large"


def test_entities_cannot_grow(tmp_path: Path) -> None:
    laughs = b'<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + sheet_xml("&b;")

    assert refusal(raw_workbook(tmp_path / "a.xlsx", laughs)) == "file-damaged"


def test_rows_that_go_backwards_are_damage(tmp_path: Path) -> None:
    rows = '<row r="2"><c><v>1</v></c></row><row r="2"><c><v>1</v></c></row>'

    assert refusal(raw_workbook(tmp_path / "a.xlsx", sheet_xml(rows))) == "file-damaged"


# The process that parses --------------------------------------------------------------------


def test_the_death_of_the_parsing_process_is_an_error_of_the_file(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", ([number] for number in range(5_000)))

    with open_sheets(path) as sheets:
        rows = sheets.rows(0)
        next(rows)
        parsed = sheets.source
        assert isinstance(parsed, workbook.WorkbookFile)
        os.kill(parsed._process.pid, signal.SIGKILL)
        parsed._process.wait()
        with pytest.raises(SheetError) as caught:
            list(rows)
    assert caught.value.code == "file-damaged"


def test_a_workbook_that_needs_too_much_memory_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strings = b"<sst>" + b"".join(b"<si><t>%0200d</t></si>" % n for n in range(300_000)) + b"</sst>"
    path = raw_workbook(tmp_path / "a.xlsx", sheet_xml(""), **{"xl/sharedStrings.xml": strings})
    monkeypatch.setattr(archive, "UNPACKED_RATIO_MAX", 10_000)
    monkeypatch.setattr(workbook, "CHILD_MEMORY_BYTES_MAX", 80 << 20)

    assert refusal(path) == "file-too-large"


def test_no_parsing_process_is_left_behind(tmp_path: Path) -> None:
    path = legacy_file(tmp_path / "a.xlsx", legacy_row())
    with open_sheets(path) as sheets:
        parsed = sheets.source
        assert isinstance(parsed, workbook.WorkbookFile)
        process = parsed._process
    assert process.returncode is not None


def test_200_megabytes_of_text_stream_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    line = ("1,Giàng A Páo," + "x" * 20_000 + "\n").encode()
    with path.open("wb") as file:
        for _ in range(10):
            file.write(line * 1_000)
    counting = (
        "import re, sys; from pathlib import Path\n"
        "from api.sheets.reader import open_sheets\n"
        "with open_sheets(Path(sys.argv[1])) as s: n = sum(1 for _ in s.rows(0))\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())\n"
        "print(n, int(peak[1]) // 1024)\n"
    )

    command = [sys.executable, "-c", counting, str(path)]
    root = Path(__file__).parents[1]
    answer = subprocess.run(command, check=True, capture_output=True, cwd=root)
    rows, megabytes = map(int, answer.stdout.split())

    assert rows == 10_000
    assert megabytes < 100


def test_a_limit_holds_for_what_one_cell_may_say(tmp_path: Path) -> None:
    long: Sequence[Any] = ["a" * 100_000, "b"]
    path = raw_workbook(
        tmp_path / "a.xlsx",
        sheet_xml(
            f'<row r="1"><c r="A1" t="inlineStr"><is><t>{long[0]}</t></is></c>'
            '<c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
        ),
    )

    [(_, cells)] = rows_of(path)
    assert (len(str(cells[0])), cells[1]) == (32_768, "b")
