"""Who stands for whom today: offices, provinces, districts, communes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.law.successions import place_on, successor_of
from registry.law.unavailable import obstacle_by_code, obstacle_for, obstacles

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("body", "on", "today"),
    [
        ("UBND tỉnh Yên Bái", date(2025, 6, 30), "UBND tỉnh Yên Bái"),
        ("UBND tỉnh Yên Bái", date(2025, 7, 1), "UBND tỉnh Lào Cai"),
        ("UBND  TỈNH YÊN BÁI", TODAY, "UBND  tỉnh Lào Cai"),
        ("UBND huyện Bắc Hà", date(2025, 6, 20), "UBND huyện Bắc Hà"),
        ("UBND huyện Bắc Hà", TODAY, "Sở Nội vụ tỉnh Lào Cai"),
        ("Phòng Nội vụ huyện Bắc Hà, tỉnh Lào Cai", TODAY, "Sở Nội vụ tỉnh Lào Cai"),
        ("UBND xã Bản Cái, huyện Bắc Hà", TODAY, "UBND xã Cốc Lầu"),
        ("Viện Huân chương", TODAY, "Bộ Nội vụ"),
        ("Ban Thi đua – Khen thưởng Trung ương", TODAY, "Bộ Nội vụ"),
        ("Sở Lao động - Thương binh và Xã hội tỉnh Yên Bái", TODAY, "Sở Nội vụ tỉnh Lào Cai"),
        ("Ty Lao động tỉnh Hoàng Liên Sơn", TODAY, "Sở Nội vụ tỉnh Lào Cai"),
        ("UBND tỉnh Lào Cai", TODAY, "UBND tỉnh Lào Cai"),
    ],
)
def test_a_body_is_succeeded_by_todays(body: str, on: date, today: str) -> None:
    found = successor_of(body, on)
    assert found.name == today
    assert bool(found.steps) == (today != body)
    assert all(step.source for step in found.steps)


def test_after_a_split_there_are_two_successors_until_they_merge_again() -> None:
    between = successor_of("UBND tỉnh Hoàng Liên Sơn", date(1999, 1, 1))
    (remark,) = between.remarks
    assert remark.code == "successor-ambiguous"
    assert dict(remark.params)["bodies"] == "UBND tỉnh Lào Cai; UBND tỉnh Yên Bái"
    assert successor_of("UBND tỉnh Hoàng Liên Sơn", TODAY).remarks == ()


def test_what_was_only_recalled_or_is_unknown_is_said() -> None:
    (remark,) = successor_of("Viện Huân chương", TODAY).remarks
    assert remark.code == "succession-not-verified"
    unknown = successor_of("Hội đồng cung ứng khu XI", TODAY)
    assert unknown.name == "Hội đồng cung ứng khu XI"
    assert [one.code for one in unknown.remarks] == ["body-unknown"]


def test_a_place_loses_its_district_and_gets_its_commune_of_today() -> None:
    printed = "xã Bản Cái, huyện Bắc Hà, tỉnh Hoàng Liên Sơn"
    assert place_on(printed, TODAY).name == "xã Cốc Lầu, tỉnh Lào Cai"
    assert place_on(printed, date(1985, 1, 1)).name == printed
    assert place_on("thôn Na Ang B, xã Na Hối", TODAY).name == "thôn Na Ang B, xã Na Hối"


@given(st.text(max_size=80), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_no_name_is_too_strange(name: str, on: date) -> None:
    assert successor_of(name, on).name == name or successor_of(name, on).steps
    assert place_on(name, on).name == name or place_on(name, on).steps


def test_some_forms_cannot_be_made_anew_and_say_why_and_until_when() -> None:
    board = obstacle_for("FAM-GDVV", "reissue", TODAY)
    assert board is not None
    assert (board.outcome, board.trigger) == ("no-legal-basis", "rule-for-family-boards")
    title = obstacle_for("TITLE-DUNGSI", "reissue", TODAY)
    assert title is not None
    assert title.outcome == "no-legal-basis"
    assert obstacle_for("FAM-GDVV", "confirmation", TODAY) is None
    assert obstacle_for("ORD-KC-US", "reissue", TODAY) is None
    assert obstacle_by_code(board.code) == board
    assert obstacle_by_code("gone") is None
    assert all(one.source and one.trigger_vi and one.trigger_en for one in obstacles())


def test_an_award_of_the_front_needs_the_state_presidents_decision() -> None:
    order = obstacle_for("ORD-GIAIPHONG", "reissue", TODAY, issuer="Ủy ban Trung ương Mặt trận")
    assert order is not None
    assert order.outcome == "no-procedure"
    assert obstacle_for("ORD-GIAIPHONG", "reissue", TODAY, issuer="chủ tịch nước") is None
    assert obstacle_for("ORD-GIAIPHONG", "reissue", TODAY, confirmed=True) is None
