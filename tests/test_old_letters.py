"""Text typed before Unicode is found and converted; Vietnamese in Unicode is never touched."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest

from api.sheets.byte_text import VISCII
from api.sheets.cells import SheetHead
from api.sheets.old_letters import (
    _TCVN3,
    _VNI_ALONE,
    _VNI_HATS,
    _VNI_TONES,
    Encoding,
    OldLetters,
    convert,
    detect,
)
from api.sheets.reader import open_sheets
from tests.made_documents import write_xls
from tests.made_sheets import write_csv
from tests.read_lists import PROVINCE, read_list

if TYPE_CHECKING:
    from pathlib import Path

FAMILY_WRITTEN = (
    "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý Giàng Vàng Thào Sùng Hảng Lò"
    " Cầm Quàng Tòng Lường Tẩn Chảo Phàn Bàn Đoàn Trịnh Mùa Sầm Nông Hạng Cứ Lù Thền Vừ Niê Êban"
)
MIDDLE_WRITTEN = "Văn Thị Hữu Đức Ngọc Quang A Seo Mí Láo Phủ Vần Thanh Xuân Đình Thu Kim Hồng Minh"
GIVEN_WRITTEN = (
    "Hà Hùng Hạnh Lân Lý Lụa Mẩy Páo Sử Dế Tủa Nết Thề Hoà Quý Thuỷ Tuấn Khuê Hồng Hoa Anh Ánh"
    " Ước Ứng Yến Ý Ỷ Đào Đạt Độ Xuyến Tuyết Nguyệt Nghĩa Khánh Phương Phượng Vượng Quyền Quỳnh"
)
FAMILY, MIDDLE, GIVEN = (
    written.split() for written in (FAMILY_WRITTEN, MIDDLE_WRITTEN, GIVEN_WRITTEN)
)
NAMES_TRIED = 30_000


def name(chance: random.Random) -> str:
    return f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}"


def in_tcvn3(text: str) -> str:
    letters = {new: old for old, new in _TCVN3.items()}
    return "".join(letters.get(c, letters.get(c.lower(), c)) for c in normalize("NFC", text))


def in_vni(text: str) -> str:
    tones = {mark: letter for letter, mark in _VNI_TONES.items()}
    hats = {marks: letter for letter, marks in _VNI_HATS.items()}
    alone = {new: old for old, new in _VNI_ALONE.items()}
    typed = []
    for letter in normalize("NFC", text):
        base, marks = normalize("NFD", letter)[:1], normalize("NFD", letter)[1:]
        ordered = "".join(sorted(marks, key=lambda mark: mark not in "\u0302\u0306\u031b"))
        if letter in alone:
            typed.append(alone[letter])
        elif ordered[:1] == "\u031b":
            typed.append(alone[normalize("NFC", base + "\u031b")] + tones.get(ordered[1:], ""))
        elif ordered in hats:
            typed.append(base + hats[ordered])
        else:
            typed.append(base + tones.get(ordered, ""))
    return "".join(typed)


def test_no_name_in_unicode_is_taken_for_an_old_text() -> None:
    chance = random.Random(7)
    names = [name(chance) for _ in range(NAMES_TRIED)]
    assert [one for one in names if detect(one) is not None] == []
    assert [one for one in names if detect(one.upper()) is not None] == []


@pytest.mark.parametrize(("encoding", "typed_in"), [("TCVN3", in_tcvn3), ("VNI", in_vni)])
def test_old_texts_are_found_and_come_out_as_they_were_meant(
    encoding: Encoding, typed_in: object
) -> None:
    assert callable(typed_in)
    chance = random.Random(11)
    texts = [f"{name(chance)}, xã Nậm Lư, huyện Mường Khương" for _ in range(3_000)]
    for text in texts:
        old = typed_in(text)
        assert detect(old) == encoding, old
        # TCVN3 has no capitals with a tone; a font of capitals shows them.
        assert convert(old, encoding).lower() == text.lower()


@pytest.mark.parametrize(("encoding", "typed_in"), [("TCVN3", in_tcvn3), ("VNI", in_vni)])
def test_hardly_a_name_alone_is_missed_and_none_is_taken_for_the_other(
    encoding: Encoding, typed_in: object
) -> None:
    """A name whose every marked word is a syllable either way is left to what stands beside it."""
    assert callable(typed_in)
    chance = random.Random(13)
    names = [
        one for one in (name(chance) for _ in range(6_000)) if len(one) >= len("Lò Văn Hà") + 1
    ]
    found = [detect(old) for one in names if (old := typed_in(one)) != convert(old, encoding)]

    assert {None, encoding} >= set(found)
    assert found.count(encoding) / len(found) > 0.995


@pytest.mark.parametrize("typed_in", [in_tcvn3, in_vni])
def test_every_name_of_a_column_is_converted(typed_in: object) -> None:
    """What is unclear alone follows the clear texts of its column."""
    assert callable(typed_in)
    chance = random.Random(5)
    for _ in range(200):
        names = [name(chance) for _ in range(10)]
        rows = tuple((row, ("", typed_in(one))) for row, one in enumerate(names, start=2))
        letters = OldLetters([SheetHead("", ((1, ("STT", "Họ và tên")), *rows))])
        read = [letters.converted(cells)[1] for _, cells in rows]
        assert [str(one).lower() for one in read] == [one.lower() for one in names]


def test_an_unclear_column_follows_the_rest_of_the_file() -> None:
    rows = ((2, (in_tcvn3("Nguyễn Văn Hậu"), in_tcvn3("Võ Lụa"))),)
    letters = OldLetters([SheetHead("", ((1, ("STT", "x")), *rows))])
    assert letters.converted(rows[0][1]) == ("Nguyễn Văn Hậu", "Võ Lụa")


@pytest.mark.parametrize(
    "text", ["Lê Loïc", "Noël Ramón", "Lý Công Thò", "Bàn A Là", "BÀN A TÍNH", "Võ Toàn", "René Hà"]
)
def test_no_text_that_may_be_unicode_is_touched(text: str) -> None:
    assert detect(text) is None


ROWS = [
    ["STT", "Họ và tên", "Đơn vị", "Hình thức khen thưởng"],
    ["1", "Nguyễn Văn Hùng", "Sở Giáo dục", "Bằng khen"],
    ["2", "Lò Thị Có", "Sở Y tế", "Bằng khen"],
]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("TCVN3", "TCVN3"), ("VNI", "VNI"), ("viscii", "VISCII"), ("cp1258", "Windows-1258")],
)
def test_a_csv_of_old_bytes_is_converted_and_it_is_said(
    tmp_path: Path, encoding: str, said: str
) -> None:
    text = "\n".join(",".join(row) for row in ROWS)
    if encoding == "TCVN3":
        content = in_tcvn3(text).encode("latin-1")
    elif encoding == "VNI":
        content = in_vni(text).encode("latin-1")
    elif encoding == "viscii":
        bytes_ = {letter: code for code, letter in VISCII.items()}
        content = bytes(bytes_.get(letter, ord(letter)) for letter in text)
    else:
        content = windows_1258(text)
    (tmp_path / "a.csv").write_bytes(content)

    read = read_list(tmp_path / "a.csv", **PROVINCE)
    assert [normalize("NFC", one) for one in read.names] == ["Nguyễn Văn Hùng", "Lò Thị Có"]
    assert said in [value for note in read.layout.notes for value in note.params.values()]


def windows_1258(text: str) -> bytes:
    made = b""
    for letter in normalize("NFC", text):
        try:
            made += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = normalize("NFD", letter)
            tone = next(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
            rest = normalize("NFC", parts.replace(tone, ""))
            made += rest.encode("cp1258") + tone.encode("cp1258")
    return made


def test_a_font_settles_what_the_letters_leave_open(tmp_path: Path) -> None:
    """“Cã” may be Cã or Có: .VnTime says which, as long as its other texts are old too."""
    old = [[in_tcvn3(value) for value in row] for row in ROWS]
    write_xls(tmp_path / "old.xls", old, font=".VnTime")
    write_xls(
        tmp_path / "new.xls", [*ROWS, ["3", "Lê Công Lân", "Sở Y tế", "Bằng khen"]], font=".VnTime"
    )

    assert read_list(tmp_path / "old.xls", **PROVINCE).names[1] == "Lò Thị Có"
    unicode_left = read_list(tmp_path / "new.xls", **PROVINCE)
    assert unicode_left.names[2] == "Lê Công Lân"
    assert not any(note.startswith("encoding") for note in unicode_left.notes)


def test_a_font_of_capitals_shows_capitals(tmp_path: Path) -> None:
    write_xls(tmp_path / "a.xls", [[in_tcvn3("Bàn Tiến Lở")]], font=".VnTimeH")
    with open_sheets(tmp_path / "a.xls") as sheets:
        assert list(sheets.rows(0)) == [(1, ("BÀN TIẾN LỞ",))]


def test_old_letters_far_behind_the_beginning_are_converted_too(tmp_path: Path) -> None:
    rows = [[str(n), "Nguyễn Văn Hùng", "Sở Y tế", "Bằng khen"] for n in range(1, 700)]
    late = ["700", in_tcvn3("Vàng Thị Thưởng"), "Sở Y tế", "Bằng khen"]
    read = read_list(write_csv(tmp_path / "a.csv", [ROWS[0], *rows, late]), **PROVINCE)
    assert read.names[-1] == "Vàng Thị Thưởng"
