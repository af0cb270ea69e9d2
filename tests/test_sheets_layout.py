"""The list in a file is found by what its header says, wherever it stands."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from api.sheets.cells import SheetError
from api.sheets.layout import Layout, find_layout
from api.sheets.reader import open_sheets
from api.sheets.vocabulary import heading_key, vocabulary
from tests.made_sheets import (
    DECISION_HEADER,
    LEGACY_HEADER,
    field_template,
    legacy_row,
    write_csv,
    write_xlsx,
)


def layout_of(path: Path) -> Layout:
    with open_sheets(path) as sheets:
        return find_layout(sheets)


def refusal(path: Path) -> SheetError:
    with pytest.raises(SheetError) as caught:
        layout_of(path)
    return caught.value


def test_the_kind_is_told_by_the_columns(tmp_path: Path) -> None:
    legacy = layout_of(write_xlsx(tmp_path / "a.xlsx", [["SỔ"], [], LEGACY_HEADER]))
    decision = layout_of(write_xlsx(tmp_path / "b.xlsx", [["DS"], DECISION_HEADER]))

    assert (legacy.kind, legacy.header_row, legacy.recipient_kind) == ("legacy", 3, "individual")
    assert (decision.kind, decision.header_row, decision.recipient_kind) == ("decision", 2, None)
    assert legacy.notes == decision.notes == ()
    assert decision.headers["honorific"] == "Tên gọi (Ông/Bà/Chức danh)"


@pytest.mark.parametrize("header", [LEGACY_HEADER, DECISION_HEADER])
@pytest.mark.parametrize("seed", range(3))
def test_columns_may_stand_in_any_order(tmp_path: Path, header: list[str], seed: int) -> None:
    usual = layout_of(write_csv(tmp_path / "a.csv", [header]))
    shuffled = random.Random(seed).sample(header, len(header))
    moved = layout_of(write_csv(tmp_path / "b.csv", [shuffled]))

    assert {field: header[place] for field, place in usual.places.items()} == {
        field: shuffled[place] for field, place in moved.places.items()
    }


def test_headers_may_break_lines_shout_and_lack_diacritics(tmp_path: Path) -> None:
    header = ["stt", "HỌ VÀ\nTÊN", "nam sinh", "Hình thức\r\nkhen thưởng (nếu có)", "  Số\nQĐ "]
    layout = layout_of(write_csv(tmp_path / "a.csv", [header]))

    assert set(layout.places) == {"ordinal", "name", "born", "form", "number"}


def test_columns_may_be_missing_and_unknown_ones_are_reported(tmp_path: Path) -> None:
    header = ["Họ và tên", "Hình thức khen thưởng", "Năm sinh", "Cân nặng"]
    layout = layout_of(write_csv(tmp_path / "a.csv", [header]))

    assert layout.kind == "decision"
    assert [(note.code, note.params["column"]) for note in layout.notes] == [
        ("column-ignored", "Cân nặng")
    ]


def test_the_sheet_with_the_list_is_chosen(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["Hướng dẫn"], ["Hãy điền họ và tên"]], "HUONGDAN")
    book = load_workbook(path)
    book.create_sheet("DANHSACH").append(LEGACY_HEADER)
    book.save(path)
    layout = layout_of(path)

    assert (layout.sheet_index, layout.sheet_name) == (1, "DANHSACH")


def test_a_collective_beside_a_person_is_the_persons_unit(tmp_path: Path) -> None:
    header = ["Họ và tên", "Tên đơn vị", "Hình thức khen thưởng"]
    layout = layout_of(write_csv(tmp_path / "a.csv", [header]))

    assert (layout.places["unit"], layout.recipient_kind) == (1, "individual")


def test_a_file_without_header_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    error = refusal(write_csv(tmp_path / "a.csv", [["một", "hai", "ba"]] * 60))

    assert error.code == "header-not-found"
    assert "Họ và tên" in str(error.params["wanted"])


def test_a_header_too_far_down_is_not_looked_for(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["x"]] * 50
    error = refusal(write_csv(tmp_path / "a.csv", [*rows, LEGACY_HEADER]))

    assert error.code == "header-not-found"
    assert layout_of(write_csv(tmp_path / "b.csv", [*rows[1:], LEGACY_HEADER])).header_row == 50


@pytest.mark.parametrize(
    ("left_out", "looked_for"), [("Họ và tên", "Họ và tên"), ("Hình thức khen thưởng", "Hình thức")]
)
def test_a_list_lacking_what_it_cannot_do_without_is_refused(
    tmp_path: Path, left_out: str, looked_for: str
) -> None:
    header = [text for text in LEGACY_HEADER if text != left_out]
    error = refusal(write_csv(tmp_path / "a.csv", [header, legacy_row()]))

    assert error.code == "column-missing"
    assert looked_for in str(error.params["wanted"])


def test_no_column_name_belongs_to_two_fields() -> None:
    columns: dict[str, list[str]] = vocabulary()["columns"]
    named = [
        (key, field)
        for field, names in columns.items()
        for key in {heading_key(name) for name in names}
    ]

    assert len({key for key, _ in named}) == len(named)


@pytest.mark.parametrize(
    ("name", "kind", "fields"),
    [
        ("individuals", "individual", {"sex", "born", "position", "room", "unit", "residence"}),
        ("collectives", "collective", set()),
    ],
)
def test_the_fields_own_templates_are_understood(
    tmp_path: Path, name: str, kind: str, fields: set[str]
) -> None:
    layout = layout_of(field_template(tmp_path / "a.xlsx", name))

    assert (layout.kind, layout.recipient_kind, layout.notes) == ("decision", kind, ())
    assert set(layout.places) == {"ordinal", "name", "category", "form", "title"} | fields
    assert layout.codes.forms["1650360491"] == "Bằng khen"
    assert layout.codes.forms["1647933042"] == "Lao động tiên tiến"
    assert layout.codes.categories
