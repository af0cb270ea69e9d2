"""Receipts, letters and applications: what they say, two copies on one sheet, hostile text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.papers.letters import (
    Application,
    BatchLetter,
    BatchLetterLine,
    Confirmation,
    application_document,
    batch_letter_document,
    confirmation_document,
)
from api.papers.press import typeset
from api.papers.receipts import (
    AppliedLimit,
    ChecklistPaper,
    CitedAward,
    CustodyItem,
    CustodyReceipt,
    IntakeReceipt,
    custody_document,
    intake_document,
)
from tests.made_awards import MADE_AT
from tests.pdf_reading import PdfPage, read_pages

if TYPE_CHECKING:
    from collections.abc import Mapping

A4 = (210, 297)
OLD_PLACE = "xã Bản Cái, huyện Bắc Hà, tỉnh Hoàng Liên Sơn"
HOSTILE = r"#panic() *đậm* $x$ \ `mã` <nhãn> @tham {x}"
AWARD = CitedAward(
    recipient="Ông Giàng Seo Phử",
    form="Huân chương Kháng chiến (chống Mỹ, cứu nước) hạng Ba",
    number="263 KT/HĐNN",
    decided_on="1985",
    issuer="Hội đồng Nhà nước",
    golden_number="83",
)
CUSTODY = CustodyReceipt(
    office="Sở Nội vụ tỉnh Lào Cai",
    number="BN-2026-000012",
    taken_on="2026-11-24",
    giver="Giàng Seo Dờ",
    relation="con trai",
    award=AWARD,
    purpose="nộp để cấp đổi",
    kept_at="tủ 3, ngăn 2",
    due_on="2027-01-05",
    items=(
        CustodyItem("bằng", "C1985-0000001-H", "mờ chữ"),
        CustodyItem("huân chương", "H1985-0000002-K", None),
    ),
    taker="Nguyễn Thị Mẫu",
)
INTAKE = IntakeReceipt(
    office="UBND xã Bản Cái",
    number="GH-2026-000345",
    received_on="2026-11-24",
    due_on=None,
    kind="cấp đổi",
    items="bằng",
    applicant="Giàng Seo Dờ",
    relation=None,
    award=AWARD,
    route="Sở Nội vụ tỉnh Lào Cai",
    rule="Nghị định 98/2023/NĐ-CP",
    limit=AppliedLimit("Nghị định 101/2018/NĐ-CP", assumed=True),
    papers=(
        ChecklistPaper("Đơn đề nghị", "4.1a", present=True),
        ChecklistPaper("Hiện vật cũ", None, present=False),
    ),
    missing=("Hiện vật cũ",),
    taker="Nguyễn Thị Mẫu",
)
CONFIRMATION = Confirmation(
    office="Sở Nội vụ tỉnh Lào Cai",
    number="45/XN-SNV",
    signed_on="2026-12-01",
    signatory="Trần Văn Thử",
    award=AWARD,
    born="1930",
    native_place=OLD_PLACE,
    unit=None,
    archive="Chi cục Văn thư - Lưu trữ",
    evidence="hộp 3, tờ 14",
    applicant="Giàng Seo Dờ",
    receipt="GH-2026-000345",
)
BATCH = BatchLetter(
    office="Sở Nội vụ tỉnh Lào Cai",
    sent_on="2026-12-10",
    to="Bộ Nội vụ",
    lines=(
        BatchLetterLine(AWARD, OLD_PLACE, "xã Cốc Lầu, tỉnh Lào Cai", "cấp đổi"),
        BatchLetterLine(AWARD, "xã Y Tý", "xã Y Tý", "cấp lại"),
        BatchLetterLine(AWARD, None, None, "cấp lại"),
    ),
)
APPLICATION = Application(
    applicant_kind="person",
    kind_code="exchange",
    kind="cấp đổi",
    form="4.1a",
    to="Sở Nội vụ tỉnh Lào Cai",
    applicant="Giàng Seo Dờ",
    relation="con trai",
    residence=None,
    phone=None,
    identity_paper=None,
    award=AWARD,
    born="1930",
    native_place=OLD_PLACE,
    unit=None,
    items="bằng",
    reason="mờ chữ",
)


def pages_of(document: Mapping[str, Any]) -> list[PdfPage]:
    pages = read_pages(typeset("slip", document, MADE_AT))
    for page in pages:
        assert (page.width, page.height) == pytest.approx(A4, abs=0.1)
        for word in page.words:
            assert 0 < word.left < word.right < page.width, word
            assert 0 < word.top < word.bottom < page.height, word
    return pages


def one_page(document: Mapping[str, Any]) -> PdfPage:
    (page,) = pages_of(document)
    return page


def test_a_custody_receipt_has_two_copies_each_in_its_half_of_the_sheet() -> None:
    page = one_page(custody_document(CUSTODY, "vi"))
    for words in ("BIÊN NHẬN HIỆN VẬT", "BN-2026-000012", "Giàng Seo Dờ (con trai", "mờ chữ"):
        assert page.text.count(words) == 2, words
    assert "số 263 KT/HĐNN năm 1985 của Hội đồng Nhà nước" in page.text
    assert "ngày 05 tháng 01 năm 2027" in page.text
    first, second = [word.top for word in page.words if word.text == "BN-2026-000012"]
    assert first < 297 / 2 < second
    mine, yours = (page.word("giao"), page.word("lưu"))
    assert mine.top < 297 / 2 < yours.top


def test_a_receipt_with_many_items_still_has_both_copies_on_one_sheet() -> None:
    items = tuple(CustodyItem("bằng", f"C1985-{n:07}-H", "rách, " * 20) for n in range(20))
    page = one_page(custody_document(replace(CUSTODY, items=items), "vi"))
    assert page.text.count("C1985-0000019-H") == 2
    assert max(word.bottom for word in page.words) < 297


def test_an_intake_receipt_says_what_is_there_what_is_missing_and_when() -> None:
    page = one_page(intake_document(INTAKE, "vi"))
    assert "Đơn đề nghị (mẫu 4.1a)" in page.text
    assert "Đề nghị bổ sung: Hiện vật cũ." in page.text
    assert "khi hồ sơ đủ thành phần" in page.text
    assert "Thủ tục theo:" in page.text
    assert "Thời hạn theo:" in page.text
    assert "Nghị định 101/2018/NĐ-CP (tạm áp dụng)" in page.text
    read = replace(INTAKE, limit=AppliedLimit("Nghị định 101/2018/NĐ-CP", assumed=False))
    assert "tạm áp dụng" not in one_page(intake_document(read, "vi")).text
    assert "Thời hạn theo" not in one_page(intake_document(replace(INTAKE, limit=None), "vi")).text
    complete = replace(INTAKE, missing=(), due_on="2027-01-05")
    page = one_page(intake_document(complete, "vi"))
    assert "Đề nghị bổ sung" not in page.text
    assert "ngày 05 tháng 01 năm 2027" in page.text


def test_a_confirmation_says_that_it_replaces_nothing() -> None:
    page = one_page(confirmation_document(CONFIRMATION, "vi"))
    assert "GIẤY XÁC NHẬN KHEN THƯỞNG" in page.text
    assert "không thay thế bằng" in page.text
    assert "GIÁM ĐỐC" in page.text
    assert "Trần Văn Thử" in page.text
    assert page.text.count("Hoàng Liên Sơn") == 1
    english = one_page(confirmation_document(CONFIRMATION, "en"))
    assert "replaces no certificate" in english.text
    assert "1 December 2026" in english.text


def test_scenario_29_today_s_name_stands_on_the_cover_letter_alone() -> None:
    letter = one_page(batch_letter_document(BATCH, "vi"))
    assert "(nay: xã Cốc Lầu, tỉnh Lào Cai)" in " ".join(letter.text.split())
    assert letter.text.count("nay:") == 1, "a name that did not change is said once"
    form = one_page(application_document(APPLICATION, "vi"))
    assert "ĐƠN ĐỀ NGHỊ CẤP ĐỔI HIỆN VẬT" in form.text
    assert "Hoàng Liên" in form.text
    assert "Cốc Lầu" not in form.text
    assert "……" in form.text, "what is not known is left to write"


def test_a_cover_letter_counts_its_cases_and_goes_over_pages() -> None:
    many = replace(BATCH, lines=BATCH.lines * 20)
    pages = pages_of(batch_letter_document(many, "vi"))
    assert len(pages) > 2
    assert "60 trường hợp" in pages[0].text
    assert "20 cấp đổi, 40 cấp lại" in pages[0].text
    assert all("Đề nghị" in page.text for page in pages), "the head of the table on each page"
    assert f"{len(pages)}/{len(pages)}" in pages[-1].text


def test_an_application_for_a_confirmation_has_its_own_title() -> None:
    own = replace(APPLICATION, kind_code="confirmation", form=None, relation=None, phone="0912")
    page = one_page(application_document(own, "vi"))
    assert "ĐƠN ĐỀ NGHỊ XÁC NHẬN KHEN THƯỞNG" in page.text
    assert "chính người được khen thưởng" in page.text
    assert "0912" in page.text


def test_markup_in_any_text_is_printed_and_never_carried_out() -> None:
    award = replace(AWARD, recipient=HOSTILE, number=HOSTILE, issuer=HOSTILE)
    documents = [
        custody_document(replace(CUSTODY, award=award, kept_at=HOSTILE, giver=HOSTILE), "vi"),
        intake_document(replace(INTAKE, award=award, applicant=HOSTILE), "vi"),
        confirmation_document(replace(CONFIRMATION, award=award, evidence=HOSTILE), "en"),
        batch_letter_document(
            replace(BATCH, to=HOSTILE, lines=(replace(BATCH.lines[0], award=award),)), "vi"
        ),
        application_document(replace(APPLICATION, award=award, reason=HOSTILE), "vi"),
    ]
    for document in documents:
        said = "".join(page.text for page in pages_of(document)).replace(" ", "")
        assert said.count("#panic()") >= 4


def test_long_texts_stay_on_the_sheet() -> None:
    award = replace(AWARD, recipient="W" * 300, form="Ệ" * 200)
    pages_of(custody_document(replace(CUSTODY, award=award, kept_at="x" * 500), "vi"))
    pages_of(application_document(replace(APPLICATION, award=award, reason="Ộ" * 4_000), "vi"))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_same_input_gives_the_same_bytes(language: Any) -> None:
    document = custody_document(CUSTODY, language)
    assert typeset("slip", document, MADE_AT) == typeset("slip", document, MADE_AT)
