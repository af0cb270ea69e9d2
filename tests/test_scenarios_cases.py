"""Acceptance scenarios 15 to 19, 21 and 25 to 30 of the domain reference, over HTTP.

Given, when, then: each test reads like the scenario that it is named after.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.api_house import House, open_house, problem
from tests.case_house import ARCHIVE, SUBMITTED_BY, Desk, serial_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def an_old_award(house: House, name: str = "Giàng Seo Phử", **fields: Any) -> dict[str, Any]:
    """An order of 1985 whose certificate is in its owner's hand."""
    return house.award(
        name, submitting_body=SUBMITTED_BY, issue_artifacts=True, issued_on="1985", **fields
    )


def test_scenario_15_an_exchange_goes_nowhere_until_the_old_item_is_in_custody(
    house: House, desk: Desk
) -> None:
    award = an_old_award(house)
    case = desk.hit(desk.open("exchange", award_id=award["id"], reason="faded"))
    before = house.facts()

    refusal = problem(desk.send(case), 422, "body-invalid")
    assert [one["code"] for one in refusal["errors"]] == ["old-item-not-in-custody"]
    assert house.facts() == before

    taken_in = desk.surrender(serial_of(award), on="2026-02-04")
    assert taken_in["custody"]["receipt"]
    assert house.done(desk.send(case))["case_ids"] == [case["id"]]
    assert desk.read(case)["stage"] == "sent"


def test_scenario_16_a_lost_order_of_1985_goes_to_the_successor_and_is_confirmed_first(
    house: House, desk: Desk
) -> None:
    award = an_old_award(house)
    case = desk.hit(desk.open("reissue", award_id=award["id"]))

    assert case["route"]["submitted_by"] == "UBND tỉnh Hoàng Liên Sơn"
    assert case["route"]["body"] == "UBND tỉnh Lào Cai"
    assert case["route"]["level"] == "centre"
    assert case["template"] == {"design_on": "1985", "authority": "Hội đồng Nhà nước"}
    assert case["permission"]["code"] == "confirmation-missing"
    refusal = problem(desk.send(case), 422, "body-invalid")
    assert [one["code"] for one in refusal["errors"]] == ["confirmation-missing"]

    case = desk.confirm(case)
    house.done(desk.send(case))
    case = desk.step(case, "receive-result", on="2026-03-02", result="approved", number="9/BNV")
    assert case["permission"] == {"allowed": True, "code": None, "detail": None}
    sent = {"reason": "lost", "case_id": case["id"], "reissued_on": "2026-03-03"}
    renewed = house.done(house.post(f"/api/artifacts/{serial_of(award)}/reissue", sent))
    twice = house.post(f"/api/artifacts/{renewed['serial']}/reissue", sent)
    problem(twice, 422, "case-used-already")
    closed = desk.step(
        case, "close", on="2026-03-10", outcome="delivered", reason="đã trao cho gia đình"
    )
    assert closed["closing"]["outcome"] == "delivered"
    assert renewed["serial"] != serial_of(award)


def test_scenario_17_no_archive_hit_blocks_confirmation_and_reissue_and_lists_next_steps(
    house: House, desk: Desk
) -> None:
    award = an_old_award(house)
    case = desk.open("reissue", award_id=award["id"])
    missed = {"result": "miss", "archive": ARCHIVE, "remark": "sổ năm 1985 bị mất"}
    case = desk.step(case, "check-archive", on="2026-02-03", **missed)

    assert case["stage"] == "proof-missing"
    assert "không có chứng cứ" in case["stage_name"]
    assert [one["code"] for one in case["next_steps"]] == [
        "search-other-archives",
        "ask-applicant-for-copies",
        "ask-central-body",
        "close-proof-unobtainable",
    ]
    before = house.facts()
    answer = desk.ask(case, "confirm", on="2026-02-04", number="45/XN-SNV")
    problem(answer, 422, "no-proof-in-archive")
    refusal = problem(desk.send(case), 422, "body-invalid")
    assert [one["code"] for one in refusal["errors"]] == ["no-proof-in-archive"]
    sent = {"reason": "lost", "case_id": case["id"]}
    answer = house.post(f"/api/artifacts/{serial_of(award)}/reissue", sent)
    problem(answer, 422, "no-proof-in-archive")
    assert house.facts() == before


def test_scenario_18_a_case_that_the_law_blocks_is_suspended_and_not_late(
    house: House, desk: Desk
) -> None:
    award = an_old_award(house)
    case = desk.ready(award_id=award["id"])
    assert case["clock"]["due_on"] == "2026-02-23", "fifteen days would end in Tết"
    basis = "Chưa được phép dùng mẫu dấu và chữ ký cũ (98/2023, Điều 114)"
    case = desk.step(
        case, "suspend", on="2026-02-06", legal_basis=basis, reason="chờ hướng dẫn của Bộ Nội vụ"
    )

    assert case["stage"] == "suspended"
    assert case["legal_basis"] == basis
    assert case["clock"]["state"] == "blocked"
    assert case["clock"]["due_on"] is None
    assert not case["clock"]["overdue"]
    assert desk.queue("overdue", "2026-11-20") == []
    assert desk.queue("blocked", "2026-11-20") == [case["receipt"]]
    used = case["clock"]["days_used"]
    assert used == 4

    resumed = desk.step(
        case, "resume", on="2026-10-01", legal_basis="Thông tư cho phép in theo mẫu cũ"
    )
    assert resumed["clock"]["due_on"] == "2026-10-12", "eleven days were left"
    assert desk.queue("overdue", "2026-10-13") == [case["receipt"]]


def test_scenario_19_after_fifteen_years_the_owner_gets_the_original_back(
    house: House, desk: Desk
) -> None:
    award = an_old_award(house)
    serial = serial_of(award)
    case = desk.open("exchange", award_id=award["id"], received_on="2011-06-01")
    desk.surrender(serial, on="2011-06-01")
    case = desk.step(
        case, "suspend", on="2011-07-01", legal_basis="Thôi đóng dấu bằng cũ", reason="chờ"
    )
    closing = {"outcome": "original-returned", "reason": "gia đình xin nhận lại bằng cũ"}

    refused = desk.ask(case, "close", on="2026-07-01", **closing)
    problem(refused, 422, "original-still-in-custody")
    receiver = {
        "kind": "representative",
        "name": "Giàng Seo Dờ",
        "relation": "con trai",
        "identity_paper": "CCCD 010000000002",
    }
    returned = {"receiver": receiver, "handed_back_on": "2026-07-01"}
    house.done(house.post(f"/api/artifacts/{serial}/hand-back", returned))
    kept = desk.read(case)
    assert kept["stage"] == "suspended", "the owner may also wish to wait on"

    closed = desk.step(case, "close", on="2026-07-01", **closing)
    assert closed["closing"]["outcome_name"] == "đã trả lại hiện vật cũ"
    assert desk.titles(case) == [
        "service-case-opened.v1",
        "service-case-suspended.v1",
        "service-case-closed.v1",
    ]
    assert closed["rule"]["id"] == "exchange-old"
    assert closed["clock"]["days_used"] == 30


def test_scenario_21_a_wrong_name_in_the_decision_itself_needs_a_correcting_decision_first(
    house: House, desk: Desk
) -> None:
    award = an_old_award(house)
    case = desk.open("exchange", award_id=award["id"], reason="misprinted", decision_wrong=True)
    case = desk.hit(case)
    desk.surrender(serial_of(award))
    assert case["permission"]["code"] == "correcting-decision-needed"
    refusal = problem(desk.send(case), 422, "body-invalid")
    assert [one["code"] for one in refusal["errors"]] == ["correcting-decision-needed"]

    other = house.decision(number="1/QĐ-CTN")
    answer = desk.ask(case, "accept-correction", on="2026-02-10", decision_id=other["id"])
    problem(answer, 422, "decision-not-correcting")
    correcting = house.decision(number="77/QĐ-CTN", decided_on="2026-02-09", kind="correct")
    case = desk.step(case, "accept-correction", on="2026-02-10", decision_id=correcting["id"])
    assert not case["decision_wrong"]
    house.done(desk.send(case, on="2026-02-11"))


def test_scenario_25_a_family_board_ends_without_legal_basis_and_is_watched(
    house: House, desk: Desk
) -> None:
    board = house.award(form="Bảng gia đình vẻ vang", award_class=None, awarded_on="1954")
    case = desk.hit(desk.open("reissue", award_id=board["id"], components=["board"]))

    assert case["obstacle"]["outcome"] == "no-legal-basis"
    assert "85/2014" in case["obstacle"]["source"]
    assert case["permission"]["code"] == "case-without-legal-basis"
    wrong = desk.ask(case, "close", on="2026-02-09", outcome="no-procedure", reason="chưa có")
    problem(wrong, 422, "outcome-does-not-fit")
    closed = desk.step(
        case, "close", on="2026-02-09", outcome="no-legal-basis", reason="đã báo gia đình"
    )
    assert "85/2014" in closed["closing"]["legal_source"]
    assert closed["closing"]["watch"] == "rule-for-family-boards"
    house.catch_up()
    watched = house.done(house.get("/api/cases?watch=rule-for-family-boards", role="clerk"))
    assert [one["receipt"] for one in watched["cases"]] == [case["receipt"]]


def test_scenario_26_an_order_of_the_front_never_confirmed_has_no_procedure_until_it_is(
    house: House, desk: Desk
) -> None:
    order = house.award(
        form="ORD-GIAIPHONG",
        awarded_on="1968",
        issuer_typed="Ủy ban Trung ương Mặt trận Dân tộc giải phóng",
    )
    case = desk.hit(desk.open("reissue", award_id=order["id"]))
    assert case["obstacle"]["outcome"] == "no-procedure"
    closed = desk.step(
        case, "close", on="2026-02-09", outcome="no-procedure", reason="đã báo gia đình"
    )
    assert closed["closing"]["watch"] == "procedure-for-liberation-awards"

    still = desk.step(case, "reopen", on="2026-03-01", legal_basis="gia đình hỏi lại")
    assert [one["code"] for one in still["remarks"]] == ["no-procedure"]
    desk.step(case, "close", on="2026-03-02", outcome="no-procedure", reason="vẫn chưa có")
    opened = desk.step(
        case,
        "reopen",
        on="2026-10-01",
        legal_basis="Chủ tịch nước đã có quyết định xác nhận",
        confirming_decision="88/QĐ-CTN",
    )
    assert opened["obstacle"] is None
    assert opened["stage"] == "verified"
    assert opened["received_on"] == "2026-02-02"
    assert opened["confirming_decision"] == "88/QĐ-CTN"
    assert desk.confirm(opened, on="2026-10-02")["permission"]["code"] == "result-not-received"


def test_scenario_27_a_confirmation_letter_leaves_the_reissue_open(
    house: House, desk: Desk
) -> None:
    case = desk.ready(award_id=an_old_award(house)["id"])

    assert case["confirmation"]["number"] == "45/XN-SNV"
    assert case["stage"] == "verified"
    assert case["closing"] is None
    assert case["clock"]["state"] == "running"
    assert desk.queue("open", "2026-02-04") == [case["receipt"]]
    early = desk.ask(case, "close", on="2026-02-05", outcome="delivered", reason="đã xác nhận")
    problem(early, 422, "replacement-missing")


def test_scenario_28_a_district_s_case_moves_to_its_successor_with_its_day_and_rule(
    house: House, desk: Desk
) -> None:
    case = desk.open(
        award_id=an_old_award(house)["id"],
        received_on="2025-06-20",
        desk="UBND huyện Bắc Hà",
    )
    due_on = case["clock"]["due_on"]
    moved = desk.step(case, "transfer", on="2025-07-02", reason="bỏ cấp huyện từ 1/7/2025")

    assert moved["desk"] == "Sở Nội vụ tỉnh Lào Cai"
    assert moved["received_on"] == "2025-06-20"
    assert moved["rule"]["id"] == "reissue-2024"
    assert "98/2023" in moved["rule"]["source"]
    assert {one["certainty"] for one in moved["rule"]["limits"]} == {"assumed", "inferred"}
    assert "Chưa tìm thấy thời hạn" in moved["rule"]["note"]
    assert moved["clock"]["due_on"] == due_on
    before = desk.read(case, as_of="2025-07-01")
    assert before["desk"] == "UBND huyện Bắc Hà"
    by_commune = desk.step(
        case, "transfer", on="2025-07-03", desk="UBND xã Cốc Lầu", reason="về xã nơi ở"
    )
    assert by_commune["desk"] == "UBND xã Cốc Lầu"


def test_scenario_29_old_names_on_the_certificate_and_today_s_only_on_the_cover_letter(
    house: House, desk: Desk
) -> None:
    printed = "xã Bản Cái, huyện Bắc Hà, tỉnh Hoàng Liên Sơn"
    award = an_old_award(
        house,
        "Giàng Thị Mẩy",
        recipient={"persons": [{"born": "1930", "native_place": printed}]},
    )
    case = desk.ready(award_id=award["id"])

    assert case["as_printed"]["native_place"] == printed
    assert case["as_printed"]["recipient"] == "Giàng Thị Mẩy"
    assert case["cover_letter"]["native_place_today"] == "xã Cốc Lầu, tỉnh Lào Cai"
    assert case["cover_letter"]["submitted_by_today"] == "UBND tỉnh Lào Cai"
    batch = house.done(desk.send(case))
    house.catch_up()
    (line,) = house.done(house.get(f"/api/case-batches/{batch['id']}", role="clerk"))["cases"]
    assert line["native_place"] == printed
    assert "Cốc Lầu" not in str(line)


def test_scenario_30_of_twenty_seven_requests_three_come_back_each_for_its_own_reason(
    house: House, desk: Desk
) -> None:
    cases = [
        desk.ready(award_id=an_old_award(house, f"Vàng A Thử {number}")["id"])
        for number in range(1, 28)
    ]
    batch = house.done(desk.send(*cases))
    reasons = {
        3: ("2026-03-02", "thiếu số quyết định"),
        9: ("2026-03-05", "sai năm sinh"),
        21: ("2026-04-01", "trùng với danh sách năm 1996"),
    }
    for index, (on, reason) in reasons.items():
        desk.step(cases[index], "return", on=on, reason=reason)
    house.catch_up()

    lines = house.done(house.get(f"/api/case-batches/{batch['id']}", role="clerk"))["cases"]
    assert len(lines) == 27
    back = {n: (one["ended_on"], one["why"]) for n, one in enumerate(lines) if one["ending"]}
    assert back == reasons
    going_on = house.get(f"/api/cases?batch={batch['id']}&stage=sent&limit=50", role="clerk")
    assert len(house.done(going_on)["cases"]) == 24
    again = desk.read(cases[9])
    assert again["stage"] == "sent-back"
    assert again["clock"]["step"] == "province"
    house.done(desk.send(cases[9], on="2026-03-06"))

    data_file = house.get(f"/api/case-batches/{batch['id']}.csv", role="clerk")
    rows = list(csv.reader(io.StringIO(data_file.content.decode("utf-8-sig"))))
    assert len(rows) == 28
    assert rows[1][2] == "Vàng A Thử 1"
    assert rows[1][7] == "263 KT/HĐNN"
    book = house.get(f"/api/case-batches/{batch['id']}.xlsx", role="clerk")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None
    assert sheet.cell(1, 1).value == "Mẫu 2.3"
    assert sheet.cell(5, 3).value == "Vàng A Thử 1"
    assert sheet.max_row == 31
