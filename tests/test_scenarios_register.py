"""Acceptance scenarios 3 to 14 of the domain reference, section 9, over HTTP as clients see them.

Given, when, then: each test reads like the scenario that it is named after.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from registry.messages import VIETNAM_TIME, format_date
from tests.api_house import House, an_award, open_house, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

HERO = "HON-AHLD"
ADVANCED_LABOUR = "EMU-LDTT"
CERTIFICATE_OF_PRIME_MINISTER = "CERT-BK-TTG"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def components(award: dict[str, Any]) -> set[str]:
    return {one["component"] for one in award["artifacts"]}


def serial_of(award: dict[str, Any], component: str) -> str:
    (serial,) = [one["serial"] for one in award["artifacts"] if one["component"] == component]
    assert serial
    return str(serial)


@pytest.mark.any_day
def test_scenario_03_a_historic_award_of_1985_shows_the_year_and_when_it_was_recorded(
    house: House,
) -> None:
    begun = datetime.now(UTC)
    recorded = house.award(form="Huân chương kháng chiến chống Mỹ hạng Ba", awarded_on="1985")
    ended = datetime.now(UTC)

    award = house.done(house.get(f"/api/awards/{recorded['id']}"))
    assert award["awarded_on"] == "1985"
    assert award["awarded_on_text"] == "năm 1985"
    assert award["form"] == "ORD-KC-US"
    assert award["award_class"] == "III"
    assert begun <= datetime.fromisoformat(award["recorded_at"]) <= ended

    page = house.get(f"/awards/{recorded['id']}").text
    local = datetime.fromisoformat(award["recorded_at"]).astimezone(VIETNAM_TIME)
    assert "năm 1985" in page
    assert format_date(local.date().isoformat(), "vi") in page


@pytest.mark.parametrize("typed", ["212/QD-CTN", "212 qđ ctn", "Số: 212-QĐ/CTN", "0212 QĐ/CTN"])
def test_scenario_04_a_number_is_found_in_any_spelling_and_printed_as_written(
    house: House, typed: str
) -> None:
    house.decision(number="212 QĐ/CTN")
    house.catch_up()

    hits = house.done(
        house.client.get("/api/search", params={"q": typed}, headers=house.headers())
    )["hits"]
    assert [hit["decision"]["number"] for hit in hits] == ["212 QĐ/CTN"]
    listed = house.done(house.client.get("/api/decisions", params={"number": typed}))
    assert [one["number"] for one in listed["decisions"]] == ["212 QĐ/CTN"]
    assert "212 QĐ/CTN" in house.client.get("/", params={"q": typed}).text


def test_scenario_05_two_decisions_with_one_number_are_told_apart_by_issuer(house: House) -> None:
    for issuer in ("UBND tỉnh Lào Cai", "UBND tỉnh Yên Bái"):
        house.decision(number="1234/QĐ-UBND", issuer=issuer, decided_on="2019-05-09")
    house.catch_up()

    hits = house.done(house.get("/api/search?q=1234/QD-UBND"))["hits"]
    found = {(hit["decision"]["number"], hit["decision"]["issuer"]) for hit in hits}
    assert found == {
        ("1234/QĐ-UBND", "UBND tỉnh Lào Cai"),
        ("1234/QĐ-UBND", "UBND tỉnh Yên Bái"),
    }
    page = house.get("/?q=1234/QD-UBND").text
    assert "UBND tỉnh Lào Cai" in page
    assert "UBND tỉnh Yên Bái" in page


def test_scenario_06_two_awards_with_one_golden_book_number_are_warned_of_and_saved(
    house: House,
) -> None:
    first = house.award("Giàng Seo Phử", golden_book={"number": "83"})
    second = house.award("Vàng A Sử", golden_book={"number": "083"}, note="trùng số trong sổ cũ")

    (remark,) = [one for one in second["remarks"] if one["code"] == "golden-number-repeated"]
    assert remark["params"]["holder"] == first["id"]
    assert "83" in remark["detail"]
    saved = house.done(house.get(f"/api/awards/{second['id']}"))
    assert saved["golden_book"]["number"] == "083"
    assert saved["note"] == "trùng số trong sổ cũ"


def test_scenario_07_a_class_on_a_form_without_classes_is_rejected_with_the_allowed_list(
    house: House,
) -> None:
    house.token()
    before = house.facts()
    sent = an_award(form="ORD-SAOVANG", award_class="II")
    refusal = problem(house.post("/api/awards", sent), 422, "class-not-allowed")
    assert refusal["errors"][0]["field"] == "award_class"
    assert "không phân hạng" in refusal["detail"]

    sent = an_award(form="MED-KC-US", award_class="III")
    refusal = problem(house.post("/api/awards", sent), 422, "class-not-allowed")
    assert refusal["errors"][0]["params"]["allowed"] == "I, II"
    assert "Nhất, Nhì" in refusal["detail"]
    assert house.facts() == before


def test_scenario_08_an_order_of_1985_signed_by_the_council_of_state_is_accepted(
    house: House,
) -> None:
    award = house.award(issuer_typed="Hội đồng Nhà nước", awarded_on="1985")
    assert "authority-outside-period" not in {one["code"] for one in award["remarks"]}


def test_scenario_09_an_authority_outside_a_recalled_period_is_only_warned_of(
    house: House,
) -> None:
    award = house.award(issuer_typed="Hội đồng Nhà nước", awarded_on="2010")
    assert "authority-outside-period" in {one["code"] for one in award["remarks"]}
    assert house.get(f"/api/awards/{award['id']}").status_code == 200


def test_scenario_10_a_posthumous_award_is_handed_to_a_representative(house: House) -> None:
    award = house.award(conferral="posthumous", issue_artifacts=True)
    deliver = f"/api/artifacts/{serial_of(award, 'certificate')}/deliver"
    representative = {
        "kind": "representative",
        "name": "Giàng Thị Mỷ",
        "relation": "con gái",
        "identity_paper": "CCCD 010199001234",
    }

    to_himself = {"delivered_on": "2024-06-01", "receiver": {"kind": "recipient"}}
    problem(house.post(deliver, to_himself), 422, "representative-required")
    for needed, code in (
        ("name", "name-missing"),
        ("relation", "relation-missing"),
        ("identity_paper", "identity-paper-missing"),
    ):
        receiver = {key: value for key, value in representative.items() if key != needed}
        sent = {"delivered_on": "2024-06-01", "receiver": receiver}
        problem(house.post(deliver, sent), 422, code)
    problem(house.post(deliver, {"receiver": representative}), 422, "body-invalid")

    sent = {"delivered_on": "2024-06-01", "receiver": representative}
    delivered = house.done(house.post(deliver, sent))
    assert delivered["stage"] == "delivered"
    assert delivered["receiver"]["name"] == "Giàng Thị Mỷ"
    assert delivered["receiver"]["relation"] == "con gái"
    assert delivered["delivered_on"] == "2024-06-01"
    after = house.done(house.get(f"/api/awards/{award['id']}"))
    assert after["recipient"]["name"] == "Giàng Seo Phử"
    assert after["conferral"] == "posthumous"


def test_scenario_11_a_couple_is_one_award_two_persons_and_one_set_of_artifacts(
    house: House,
) -> None:
    couple = {
        "kind": "couple",
        "name": "Ông Lý A Páo và bà Sùng Thị Dở",
        "persons": [{"name": "Lý A Páo", "born": "1928"}, {"name": "Sùng Thị Dở", "born": "1931"}],
    }
    award = house.award(recipient=couple, issue_artifacts=True)

    persons = award["recipient"]["persons"]
    assert [one["name"] for one in persons] == ["Lý A Páo", "Sùng Thị Dở"]
    assert persons[0]["id"] != persons[1]["id"]
    assert len(award["artifacts"]) == len(components(award)) == 4
    house.catch_up()
    for name in ("lý a páo", "sùng thị dở"):
        hits = house.done(
            house.client.get("/api/search", params={"q": name}, headers=house.headers())
        )["hits"]
        assert [hit["award"]["id"] for hit in hits] == [award["id"]]


def test_scenario_12_a_collective_hero_title_has_a_flag_and_an_individual_one_has_none(
    house: House,
) -> None:
    title: dict[str, Any] = {"form": HERO, "award_class": None, "issue_artifacts": True}
    collective = {"kind": "collective", "name": "Lâm trường Bảo Yên", "persons": []}
    of_collective = house.award(recipient=collective, **title)
    of_individual = house.award("Lò Văn Thử", **title)

    assert components(of_collective) == {"flag", "badge", "badge_box", "certificate", "frame"}
    assert components(of_individual) == {"badge", "badge_box", "certificate", "frame"}
    assert all(one["serial"] for one in of_collective["artifacts"])
    flag = {"artifacts": [{"component": "flag"}]}
    refused = house.post(f"/api/awards/{of_individual['id']}/artifacts", flag)
    problem(refused, 422, "component-not-of-form")


def test_scenario_13_no_artifact_belongs_to_the_title_of_advanced_labour(house: House) -> None:
    award = house.award(form="Lao động tiên tiến", award_class=None, awarded_on="2023")
    assert award["form"] == ADVANCED_LABOUR
    assert award["artifacts"] == []

    refused = house.post(f"/api/awards/{award['id']}/artifacts", {})
    refusal = problem(refused, 422, "form-without-artifacts")
    assert "không có hiện vật" in refusal["detail"]
    assert "không có hiện vật" in house.get(f"/awards/{award['id']}").text


def test_scenario_14_an_undelivered_certificate_is_back_in_stock_and_the_award_unchanged(
    house: House,
) -> None:
    award = house.award(
        form=CERTIFICATE_OF_PRIME_MINISTER,
        award_class=None,
        issuer_typed="Thủ tướng Chính phủ",
        issue_artifacts=True,
    )
    serial = serial_of(award, "certificate")
    house.done(house.post(f"/api/artifacts/{serial}/print", {"printed_on": "2024-06-01"}))
    sent = {
        "returned_on": "2024-07-01",
        "returned_by": "UBND xã Bản Cái",
        "reason": "người nhận đã chuyển nơi ở",
    }
    returned = house.done(house.post(f"/api/artifacts/{serial}/return", sent))

    assert returned["stage"] == "undelivered"
    assert returned["returned_by"] == "UBND xã Bản Cái"
    after = house.done(house.get(f"/api/awards/{award['id']}"))
    changed = {"artifacts", "version", "changed_at"}
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: award[k] for k in after.keys() - changed
    }
    house.catch_up()
    stock = house.done(house.get("/api/artifacts?stage=undelivered"))["artifacts"]
    assert [(one["serial"], one["award_id"]) for one in stock] == [(serial, award["id"])]
    page = house.get(f"/awards/{award['id']}").text
    assert "chưa trao được, đã nhập lại kho" in page
    assert "người nhận đã chuyển nơi ở" in page
