"""What makes a paper checkable stands on every design and blank, and can be read there."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp

from api.papers.blanks import (
    Labels,
    Nudge,
    blanks_of,
    check_blank,
    find_blank,
    load_blanks,
    overprint_document,
    trial_sheet_document,
)
from api.papers.certificate import (
    CertificateText,
    certificates_document,
    compose,
    least_points,
)
from api.papers.designs import load_designs
from api.papers.press import typeset
from api.papers.wording import pieces
from api.verification.qr import SIDE_MILLIMETRES, link_to_svg
from registry.errors import Rejected
from registry.proofs.digits import make_link
from tests.grey_pages import Page, read_page
from tests.made_awards import COLLECTIVE, MADE_AT, POSTHUMOUS, PRESIDENT_2024, PROVINCE, UNIT
from tests.pdf_reading import POINTS_PER_MM, PdfPage, Word, read_pages

if TYPE_CHECKING:
    from api.papers.certificate import AwardText

# 205 bytes are what a usual payload has (see `registry.proofs.payload`).
ADDRESS = "https://tracuu.laocai.gov.vn"
LINK = make_link(ADDRESS, random.Random(8).randbytes(205))
SERIAL, CODE = "C2026-0000001-X", "ABCD-EFGH"
# What poppler takes for the height of a word of our type, in parts of its size.
BOX = 0.909
DPI = 200
SLACK_MM = 0.1
OF_BLANK = {
    "bang-huan-chuong": PRESIDENT_2024,
    "bang-khen": PROVINCE,
    "giay-khen": UNIT,
    "nhan-a4-8": PROVINCE,
}


def proven(award: AwardText, **fields: Any) -> CertificateText:
    return replace(
        compose(award),
        qr=link_to_svg(LINK),
        serial=SERIAL,
        check_code=CODE,
        address=f"{ADDRESS}/v",
        **fields,
    )


def of_design(design: str, award: AwardText = PROVINCE) -> bytes:
    text = replace(proven(award), design=design)
    return typeset("certificate", certificates_document((text,), design), MADE_AT)


def on_blank(blank: str, count: int = 1, **fields: Any) -> bytes:
    texts = [proven(OF_BLANK[blank], **fields)] * count
    document = overprint_document(find_blank(blank), texts, Nudge(), blank)
    return typeset("overprint", document, MADE_AT)


PAPERS = [*(("design", one.id) for one in load_designs().designs)]
PAPERS += [("blank", one.id) for one in load_blanks()]


def paper(kind: str, name: str) -> bytes:
    return of_design(name) if kind == "design" else on_blank(name)


def rasterised(pdf: bytes, folder: Path) -> Page:
    source = folder / "page.pdf"
    source.write_bytes(pdf)
    command = ["pdftoppm", "-gray", "-r", str(DPI), "-singlefile", source, folder / "page"]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    return read_page(folder / "page.pgm")


def read_by_zbar(page: Page, folder: Path) -> str:
    path = folder / "code.pgm"
    page.save(path)
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(path)]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def read_by_zxing(page: Page) -> str:
    found = zxingcpp.read_barcodes(page.as_array())
    return found[0].text if found else ""


def around_the_code(page: Page) -> Page:
    (found,) = zxingcpp.read_barcodes(page.as_array())
    corners = found.position
    reach = round(SIDE_MILLIMETRES * 0.6 / 25.4 * DPI)
    x = (corners.top_left.x + corners.bottom_right.x) // 2
    y = (corners.top_left.y + corners.bottom_right.y) // 2
    return page.crop(x - reach, y - reach, x + reach, y + reach)


@pytest.mark.parametrize(("kind", "name"), PAPERS)
def test_the_code_is_read_on_every_design_and_blank_clean_and_out_of_focus(
    kind: str, name: str, tmp_path: Path
) -> None:
    code = around_the_code(rasterised(paper(kind, name), tmp_path))
    chance = random.Random(1)
    for worn in (code, code.blurred(chance, 10).blurred(chance, 10)):
        assert read_by_zxing(worn) == LINK
        assert read_by_zbar(worn, tmp_path) == LINK


def test_the_code_is_read_crooked_and_dirty(tmp_path: Path) -> None:
    code = around_the_code(rasterised(of_design("ministry-province-1976"), tmp_path))
    turned = code.turned(15.0)
    assert (read_by_zxing(turned), read_by_zbar(turned, tmp_path)) == (LINK, LINK)
    read = [0, 0]
    for seed in range(7):
        dirty = code.blotted(random.Random(seed), 6, 0.05, 0.1)
        read[0] += read_by_zxing(dirty) == LINK
        read[1] += read_by_zbar(dirty, tmp_path) == LINK
    assert min(read) >= 4


# What is typed by hand ----------------------------------------------------------------------


def typed_words(page: PdfPage) -> list[Word]:
    typed = {SERIAL, CODE, f"{ADDRESS}/v"}
    return [word for word in page.words if word.text in typed]


def points(word: Word) -> float:
    return (word.bottom - word.top) * POINTS_PER_MM / BOX


@pytest.mark.parametrize(("kind", "name"), PAPERS)
def test_serial_check_code_and_address_can_be_read_by_old_people(kind: str, name: str) -> None:
    page = read_pages(paper(kind, name))[0]
    said = "".join(page.text.split())
    assert SERIAL in said
    assert CODE in said
    assert f"{ADDRESS}/v" in said
    found = typed_words(page)
    # On a label the address takes two lines.
    assert len(found) >= 2 + (name != "nhan-a4-8")
    least = least_points((page.width, page.height))
    for word in found:
        assert points(word) == pytest.approx(least, abs=0.2), word


@pytest.mark.parametrize(
    ("page_mm", "least"),
    [((455, 355), 16.9), ((400, 300), 14.8), ((360, 270), 13.3), ((297, 210), 12.0)],
)
def test_the_least_size_grows_with_the_sheet(page_mm: tuple[float, float], least: float) -> None:
    assert least_points(page_mm) == least


def test_long_texts_take_nothing_from_what_proves_the_paper() -> None:
    award = replace(COLLECTIVE, number="7/QĐ-CTN " * 20, golden_number="sổ 12 tờ " * 20)
    (page,) = read_pages(of_design("president-1992", award))
    assert [points(word) >= 16.7 for word in typed_words(page)] == [True] * 3


# Lines that do not break within a date, a number, a name ---------------------------------------


def lines_of(words: list[Word]) -> set[float]:
    return {round(word.top, 1) for word in words}


@pytest.mark.parametrize("design", ["president-1992", "ministry-province-1976", "unit-1976"])
@pytest.mark.parametrize(
    "number", ["1234/QĐ-UBND", "212 QĐ/CTN", "1234/QĐ-UBND-TĐKT", "12/2024/QĐ"]
)
def test_a_decision_line_breaks_in_front_of_its_date_never_within(design: str, number: str) -> None:
    award = replace(PROVINCE, number=number, decided_on="2019-12-20", merit=None)
    (page,) = read_pages(of_design(design, award))
    foot = [word for word in page.words if word.left < page.width / 2]
    start = next(at for at, word in enumerate(foot) if word.text == "Quyết")
    line = foot[start:]
    count = len(number.split())
    assert " ".join(word.text for word in line[3 : 3 + count]) == number
    assert len(lines_of(line[: 3 + count])) == 1
    assert [word.text for word in line[3 + count : 9 + count]] == [
        "ngày",
        "20",
        "tháng",
        "12",
        "năm",
        "2019",
    ]
    assert len(lines_of(line[3 + count : 9 + count])) == 1


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("từ ngày 01 tháng 5 năm 2019 đến nay", ["ngày 01 tháng 5 năm 2019"]),
        ("năm học 2018 - 2019, tháng 4 năm 1985", ["2018 - 2019", "tháng 4 năm 1985"]),
        ("theo Quyết định số 1234/QĐ-UBND ngày 20/12/2019", ["1234/QĐ-UBND", "20/12/2019"]),
        ("Quyết định 263 KT/HĐNN năm 1985", ["263 KT/HĐNN", "năm 1985"]),
        ("Nghị định 98/2023/NĐ-CP", ["98/2023/NĐ-CP"]),
        ("Hà Nội, ngày …… tháng …… năm 1985", ["ngày …… tháng …… năm 1985"]),
        ("góp phần xây dựng xã hội", []),
    ],
)
def test_dates_spans_and_numbers_within_a_text_stand_whole(text: str, whole: list[str]) -> None:
    found = pieces(text)
    assert [one.text for one in found if one.whole] == whole
    assert "".join(one.text for one in found) == text


def test_a_merit_never_breaks_within_a_date() -> None:
    for filling in range(30):
        merit = "x " * (60 + filling) + "từ ngày 01 tháng 5 năm 2019 theo 1234/QĐ-UBND hết"
        (page,) = read_pages(of_design("ministry-province-1976", replace(PROVINCE, merit=merit)))
        at = next(at for at, word in enumerate(page.words) if word.text == "01")
        assert len(lines_of(list(page.words[at - 1 : at + 5]))) == 1
        assert sum(word.text == "1234/QĐ-UBND" for word in page.words) == 2


def test_a_name_stands_on_one_line() -> None:
    award = replace(PROVINCE, name="Nguyễn Phước Bảo Ngọc Thiên Hương Công Tằng Tôn Nữ")
    (page,) = read_pages(of_design("unit-1976", award))
    at = next(at for at, word in enumerate(page.words) if word.text == "Nguyễn")
    assert len(lines_of(list(page.words[at - 1 : at + 10]))) == 1


# Re-issues ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "name"), PAPERS)
def test_a_reissue_says_which_it_is(kind: str, name: str) -> None:
    if kind == "design":
        text = replace(proven(PROVINCE, reissued=2), design=name)
        pdf = typeset("certificate", certificates_document((text,), name), MADE_AT)
    else:
        pdf = on_blank(name, reissued=2)
    assert "Cấp lại lần 2" in read_pages(pdf)[0].text
    assert "Cấp lại" not in read_pages(paper(kind, name))[0].text


# Blanks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blank", "award"),
    [
        ("bang-khen", PRESIDENT_2024),
        ("bang-khen", UNIT),
        ("giay-khen", PROVINCE),
        ("bang-huan-chuong", PROVINCE),
        # An old certificate printed again has another State's name and another authority.
        (
            "bang-huan-chuong",
            replace(PRESIDENT_2024, awarded_on="1985", issuer="Hội đồng Nhà nước"),
        ),
        ("bang-khen", replace(PROVINCE, awarded_on="1970-01-01")),
    ],
)
def test_a_blank_of_another_form_or_time_is_refused(blank: str, award: AwardText) -> None:
    texts = [compose(OF_BLANK[blank]), compose(award)]
    with pytest.raises(Rejected, match="blank-of-other-form") as refused:
        overprint_document(find_blank(blank), texts, Nudge(), "x")
    assert refused.value.field == "blank"
    assert refused.value.params["recipient"] == texts[1].recipient


def test_a_blank_of_another_class_is_refused() -> None:
    blank = find_blank("bang-huan-chuong")
    without = tuple(field for field in blank.fields if field.name != "class_name")
    third = replace(blank, fields=without, class_name="HẠNG BA")
    check_blank(third, [compose(replace(PRESIDENT_2024, award_class="III"))])
    for award in (PRESIDENT_2024, POSTHUMOUS):
        with pytest.raises(Rejected, match="blank-of-other-class"):
            check_blank(third, [compose(award)])
    with pytest.raises(Rejected, match="blank-of-other-class"):
        check_blank(replace(third, class_name=None), [compose(PRESIDENT_2024)])
    check_blank(replace(third, class_name=None), [compose(POSTHUMOUS)])
    check_blank(blank, [compose(PRESIDENT_2024), compose(POSTHUMOUS)])


def test_nothing_on_a_blank_overlaps_the_code() -> None:
    for blank in load_blanks():
        (code,) = [field for field in blank.fields if field.name == "qr"]
        assert (code.width_mm, code.height_mm) == (SIDE_MILLIMETRES, SIDE_MILLIMETRES)
        assert code.x_mm >= 0
        assert code.x_mm + code.width_mm <= blank.page_mm[0]
        assert code.y_mm + code.height_mm <= blank.page_mm[1]
        for field in blank.fields:
            apart = (
                field is code
                or field.x_mm >= code.x_mm + code.width_mm
                or field.x_mm + field.width_mm <= code.x_mm
                or field.y_mm >= code.y_mm + code.height_mm
                or field.y_mm + field.height_mm <= code.y_mm
            )
            assert apart, (blank.id, field.name)


@pytest.mark.parametrize("name", ["bang-huan-chuong", "bang-khen", "giay-khen"])
def test_seal_and_signature_have_their_place_on_the_test_sheet_alone(name: str) -> None:
    blank = find_blank(name)
    fields = {field.name: field for field in blank.fields}
    seal, signatory = fields["seal"], fields["signatory"]
    assert seal.height_mm >= 35
    assert seal.y_mm + seal.height_mm <= signatory.y_mm + SLACK_MM
    sheet = read_pages(typeset("test_sheet", trial_sheet_document(blank, Nudge(), "vi"), MADE_AT))
    assert "đóng dấu" in sheet[0].text
    (page,) = read_pages(on_blank(name))
    assert "đóng dấu" not in page.text
    inside = (
        word
        for word in page.words
        if word.left >= seal.x_mm and seal.y_mm < (word.top + word.bottom) / 2
    )
    assert all(word.top > seal.y_mm + seal.height_mm - 1 for word in inside)


def test_labels_for_a_batch_fill_sheets_in_order(tmp_path: Path) -> None:
    texts = [proven(replace(PROVINCE, name=f"Người Thứ {n}")) for n in range(11)]
    document = overprint_document(find_blank("nhan-a4-8"), texts, Nudge(1.5, -0.5), "Nhãn")
    pdf = typeset("overprint", document, MADE_AT)
    pages = read_pages(pdf)
    numbers = [
        sorted(
            (word for word in page.words if word.text.isdigit()),
            key=lambda word: (round(word.top), word.left),
        )
        for page in pages
    ]
    assert [[word.text for word in page] for page in numbers] == [
        [str(n) for n in range(8)],
        ["8", "9", "10"],
    ]
    first, second, third = numbers[0][:3]
    assert second.left - first.left == pytest.approx(101.6, abs=0.1)
    assert third.top - first.top == pytest.approx(67.7, abs=0.1)
    labels = find_blank("nhan-a4-8").labels
    assert labels is not None
    assert_on_their_labels(pages[0], labels, Nudge(1.5, -0.5))
    page = rasterised(pdf, tmp_path)
    assert [one.text for one in zxingcpp.read_barcodes(page.as_array())] == [LINK] * 8


def assert_on_their_labels(page: PdfPage, labels: Labels, nudge: Nudge) -> None:
    left, top = labels.first_mm[0] + nudge.x_mm, labels.first_mm[1] + nudge.y_mm
    for word in page.words:
        column = int((word.left - left) // labels.across_mm)
        row = int((word.top - top) // labels.down_mm)
        assert (column, row) in {(c, r) for c in range(2) for r in range(4)}, word
        assert word.right <= left + column * labels.across_mm + labels.size_mm[0], word
        assert word.bottom <= top + row * labels.down_mm + labels.size_mm[1], word


def test_the_test_sheet_of_labels_shows_their_outlines() -> None:
    document = trial_sheet_document(find_blank("nhan-a4-8"), Nudge(1.0, 0.0), "vi")
    page = read_pages(typeset("test_sheet", document, MADE_AT))[0]
    assert "QR" in page.text
    assert (page.width, page.height) == pytest.approx((210, 297), abs=0.1)


def test_an_office_describes_its_own_blanks(tmp_path: Path) -> None:
    fields = [{"name": "recipient", "x_mm": 50, "y_mm": 90, "width_mm": 200, "height_mm": 12}]
    fields[0] |= {"size_pt": 24, "bold": True, "align": "center"}
    own = {"id": "bang-khen-2025", "vi": "Phôi riêng", "en": "Own blank", "page_mm": [400, 300]}
    own |= {"fields": fields, "form_names": ["BẰNG KHEN"], "source": "đo", "certainty": "read"}
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "blanks.json").write_text(json.dumps({"blanks": [own]}))
    assert len(blanks_of(tmp_path)) == len(load_blanks()) + 1
    blank = find_blank("bang-khen-2025", tmp_path)
    assert blank.needs_labels
    assert not find_blank("bang-khen", tmp_path).needs_labels
    with pytest.raises(Rejected, match="blank-of-other-form"):
        check_blank(blank, [compose(PRESIDENT_2024)])
    (tmp_path / "papers" / "blanks.json").write_text('{"blanks": [{"id": 1}]}')
    with pytest.raises(Rejected, match="blanks-unreadable"):
        blanks_of(tmp_path)
