"""Which certificate a form had on a day, and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.papers.certificate import AwardText, compose
from api.papers.designs import load_designs
from api.papers.wording import date_in_words, place_and_date, place_of
from api.printing import CERTIFICATES
from registry.catalogue import load_catalogue
from registry.errors import Rejected
from tests.made_awards import COUNCIL_1985, COUPLE, POSTHUMOUS, PRESIDENT_2024, PROVINCE

DAYS = (None, "1948-08-20", "1963", "1976-07", "1979-05-19", "1985~", "1992", "2004-07-01", "2026")


@pytest.mark.parametrize("code", [form.code for form in load_catalogue().forms])
def test_every_form_with_a_certificate_has_a_design_on_every_day(code: str) -> None:
    components = load_catalogue().form(code).components
    designs = load_designs()
    if code in designs.not_printed_here or not CERTIFICATES & set(components):
        with pytest.raises(Rejected, match="certificate-not-printed"):
            designs.find(code, "2024", "Chủ tịch nước")
        return
    for day in DAYS:
        for issuer in (None, "Chủ tịch nước", "Hội đồng Nhà nước", "UBND tỉnh Lào Cai"):
            design = designs.find(code, day, issuer)
            assert code in design.forms
            assert design.certainty in {"read", "inferred", "recalled"}
            assert design.source
        text = compose(AwardText(code, "Tên Thử", awarded_on=day, issuer="UBND tỉnh Lào Cai"))
        assert text.form_name


@pytest.mark.parametrize(
    ("day", "design"),
    [
        ("1948-08-20", "president-1945"),
        ("1976-07-01", "president-1945"),
        ("1976-07-02", "president-1976"),
        ("1981-07-03", "president-1976"),
        ("1981-07-04", "council-of-state"),
        ("1985", "council-of-state"),
        ("1992-09-22", "council-of-state"),
        ("1992-09-23", "president-1992"),
        ("2026-11-24", "president-1992"),
        (None, "president-1992"),
    ],
)
def test_the_date_of_the_award_chooses_the_design(day: str | None, design: str) -> None:
    assert load_designs().find("ORD-LAODONG", day, None).id == design


@pytest.mark.parametrize(
    ("day", "issuer", "design"),
    [
        # A partial date touches two periods: the paper's own authority decides.
        ("1992", "Chủ tịch nước", "president-1992"),
        ("1992", "Hội đồng Nhà nước", "council-of-state"),
        ("1992", None, "council-of-state"),
        # Periods are recalled: what the paper says is believed.
        ("1993-01-01", "HỘI ĐỒNG NHÀ NƯỚC", "council-of-state"),
        ("1950", "Thủ tướng Chính phủ", "government-1945"),
        ("1950", "Hội đồng Nhà nước", "council-of-state"),
    ],
)
def test_the_authority_that_the_decision_names_wins(
    day: str, issuer: str | None, design: str
) -> None:
    assert load_designs().find("ORD-KC-FR", day, issuer).id == design


def test_an_old_form_keeps_the_state_the_authority_and_the_title_of_its_time() -> None:
    old, new = compose(COUNCIL_1985), compose(PRESIDENT_2024)
    assert old.title == ("TM. HỘI ĐỒNG NHÀ NƯỚC", "CHỦ TỊCH")
    assert new.title == ("CHỦ TỊCH",)
    assert load_designs().by_id(compose(COUPLE).design).national_name == (
        "VIỆT NAM DÂN CHỦ CỘNG HÒA"
    )


def test_what_the_decision_says_of_its_signatory_wins() -> None:
    text = compose(replace(PRESIDENT_2024, signatory_title="Quyền Chủ tịch", signatory="A B"))
    assert (text.title, text.signatory) == (("QUYỀN CHỦ TỊCH",), "A B")
    for_the_head = compose(replace(PRESIDENT_2024, signatory_title="KT. Chủ tịch, Phó Chủ tịch"))
    assert for_the_head.title == ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")


@pytest.mark.parametrize(
    ("issuer", "title", "place"),
    [
        ("Chủ tịch UBND tỉnh Lào Cai", ("CHỦ TỊCH",), "Lào Cai"),
        ("UBND tỉnh Hoàng Liên Sơn", ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), "Hoàng Liên Sơn"),
        ("Bộ trưởng Bộ Y tế", ("BỘ TRƯỞNG",), "Hà Nội"),
        ("Giám đốc Sở Y tế tỉnh Lào Cai", ("GIÁM ĐỐC",), "Lào Cai"),
        ("Công ty Thử nghiệm", (), "……………"),
    ],
)
def test_bodies_below_the_state_sign_by_their_own_name(
    issuer: str, title: tuple[str, ...], place: str
) -> None:
    text = compose(replace(PROVINCE, issuer=issuer))
    assert (text.title, text.place) == (title, place)
    assert "UBND" not in text.issuer


def test_a_certificate_that_names_its_issuer_needs_one() -> None:
    with pytest.raises(Rejected, match="certificate-issuer-missing"):
        compose(replace(PROVINCE, issuer=None))


def test_a_posthumous_award_says_so() -> None:
    assert compose(POSTHUMOUS).verb == "TRUY TẶNG DANH HIỆU"
    assert compose(replace(PRESIDENT_2024, conferral="posthumous")).verb == "TRUY TẶNG"
    assert compose(PRESIDENT_2024).verb == "TẶNG"


def test_the_number_stands_as_written_and_places_as_printed() -> None:
    text = compose(COUNCIL_1985)
    assert text.references == ("Quyết định số: 263 KT/HĐNN năm 1985", "Vào sổ vàng số: 83")
    assert text.details == ("Quê quán: xã Bản Cái, huyện Bắc Hà, tỉnh Hoàng Liên Sơn",)
    assert compose(replace(COUNCIL_1985, number=None, golden_number=None)).references == (
        "Quyết định số: …… năm 1985",
    )


@pytest.mark.parametrize(
    ("date", "words", "line"),
    [
        ("2024-05-09", "ngày 09 tháng 5 năm 2024", "Hà Nội, ngày 09 tháng 5 năm 2024"),
        ("2023-02-01", "ngày 01 tháng 02 năm 2023", "Hà Nội, ngày 01 tháng 02 năm 2023"),
        ("1985-04", "tháng 4 năm 1985", "Hà Nội, ngày …… tháng 4 năm 1985"),
        ("1985", "năm 1985", "Hà Nội, ngày …… tháng …… năm 1985"),
        ("1985~", "khoảng năm 1985", "Hà Nội, ngày …… tháng …… năm ……"),
        ("1985-12?", "tháng 12 năm 1985 (chưa chắc)", "Hà Nội, ngày …… tháng …… năm ……"),
    ],
)
def test_dates_are_written_as_offices_write_them(date: str, words: str, line: str) -> None:
    assert date_in_words(date) == words
    assert place_and_date("Hà Nội", date) == line


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("Ủy ban nhân dân xã Bản Cái, huyện Bắc Hà", "Bản Cái"),
        ("UBND thành phố Lào Cai", "Lào Cai"),
        ("UBND tỉnh", None),
        ("Bộ Y tế", None),
    ],
)
def test_the_place_of_a_body_is_in_its_name(body: str, place: str | None) -> None:
    assert place_of(body, load_designs().places) == place
