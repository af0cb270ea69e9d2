"""What clients and readers see of an award whose source only cites its decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.api_house import House, open_house, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

NUMBER, ISSUER = "263 KT/HĐNN", "Hội đồng Nhà nước"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def cited_award(house: House) -> str:
    """An award that cites a decision in a spelling of its own; returns its address."""
    award = house.award(
        number_typed="số 0263-KT/HDNN", issuer_typed=ISSUER, awarded_on="1985-04-12"
    )
    return f"/api/awards/{award['id']}"


def register_paper(house: House, **fields: Any) -> str:
    decided = {"number": NUMBER, "issuer": ISSUER, "decided_on": "1985-04-12"} | fields
    return str(house.decision(**decided)["id"])


def correct(house: House, decided: str, **fields: str) -> None:
    sent = {"corrections": fields, "reason": "theo bản gốc"}
    house.done(house.post(f"/api/decisions/{decided}/correct", sent))


def test_an_award_leads_to_the_decision_it_cites_as_soon_as_that_is_registered(
    house: House,
) -> None:
    path = cited_award(house)
    before = house.done(house.get(path))
    assert (before["decision_id"], before["number_typed"]) == (None, "số 0263-KT/HDNN")
    decided = register_paper(house)
    after = house.done(house.get(path))
    assert (after["decision_id"], after["version"]) == (decided, 1)
    assert after["number_typed"] == "số 0263-KT/HDNN"
    correct(house, decided, decided_on="1985-04-21")
    assert house.done(house.get(path))["decision_id"] is None


def test_a_decision_of_the_same_number_by_another_issuer_is_not_led_to(house: House) -> None:
    path = cited_award(house)
    register_paper(house, issuer="Hội đồng Bộ trưởng")
    assert house.done(house.get(path))["decision_id"] is None


def test_the_link_is_as_it_was_known_at_a_time(house: House) -> None:
    start = datetime(2024, 12, 15, 3, tzinfo=UTC)
    now = [start]
    house.registry.clock = lambda: now[0]
    path = cited_award(house)
    now[0] = start + timedelta(days=10)
    decided = register_paper(house)
    now[0] = start + timedelta(days=20)
    correct(house, decided, decided_on="1985-04-21")

    def link_at(day: str) -> object:
        return house.done(house.get(f"{path}?known_at={day}"))["decision_id"]

    assert [link_at(day) for day in ("2024-12-20", "2024-12-30", "2025-01-10")] == [
        None,
        decided,
        None,
    ]


def test_a_client_is_told_of_a_link_that_came_without_a_new_version(house: House) -> None:
    path = cited_award(house)
    unlinked = house.get(path).headers["ETag"]
    assert unlinked == '"1"'
    assert house.get(path, If_None_Match=unlinked).status_code == 304
    decided = register_paper(house)
    answer = house.get(path, If_None_Match=unlinked)
    assert (answer.status_code, answer.json()["decision_id"]) == (200, decided)
    linked = answer.headers["ETag"]
    assert linked != unlinked
    assert house.get(path, If_None_Match=linked).status_code == 304
    correct(house, decided, decided_on="1985-04-21")
    assert house.get(path, If_None_Match=linked).status_code == 200


def test_a_command_expects_the_version_whatever_the_award_leads_to(house: House) -> None:
    path = cited_award(house)
    register_paper(house)
    etag = house.get(path).headers["ETag"]
    sent = {"corrections": {"name": "Giàng Seo Phừ"}, "reason": "theo bằng gốc"}
    changed = house.post(f"{path}/correct", sent, If_Match=etag)
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == house.get(path).headers["ETag"] != etag
    sent["corrections"] = {"name": "Giàng Seo Phử"}
    problem(house.post(f"{path}/correct", sent, If_Match=etag), 412, "record-changed")
    problem(house.post(f"{path}/correct", sent, If_Match='"-1"'), 400, "if-match-malformed")


def test_lists_and_search_lead_to_the_decision(house: House) -> None:
    cited_award(house)
    decided = register_paper(house)
    house.catch_up()
    (listed,) = house.done(house.get(f"/api/awards?decision={decided}"))["awards"]
    assert (listed["decision_id"], listed["number"], listed["issuer"]) == (decided, NUMBER, ISSUER)
    (hit,) = house.done(house.get("/api/search?q=giang seo phu"))["hits"]
    assert hit["award"]["decision_id"] == decided
    (hit,) = house.done(house.get("/api/search?q=263-kt-hdnn"))["hits"]
    assert (hit["decision"]["id"], hit["decision"]["award_count"]) == (decided, 1)


def test_a_page_says_that_a_decision_is_only_cited_until_it_can_lead_there(house: House) -> None:
    path = cited_award(house)
    page = path.removeprefix("/api")
    before = house.get(page).text
    assert "Quyết định số số 0263-KT/HDNN ngày 12/4/1985, Hội đồng Nhà nước" in before
    assert "theo sổ" in before
    assert "as the register has it" in house.get(f"{page}?lang=en").text
    assert 'href="/decisions/' not in before
    decided = register_paper(house)
    house.client.cookies.clear()
    after = house.get(page).text
    link = f'<a href="/decisions/{decided}">'
    assert f"{link}Quyết định số 263 KT/HĐNN ngày 12/4/1985, Hội đồng Nhà nước</a>" in after
    assert "theo sổ" not in after
    house.catch_up()
    assert "Giàng Seo Phử" in house.get(f"/decisions/{decided}").text
    assert link in house.get("/?q=giang seo phu").text


def test_an_award_without_any_number_cites_nothing(house: House) -> None:
    award = house.award(number_typed=None)
    shown = house.get(f"/awards/{award['id']}").text
    assert "Chưa rõ số quyết định" in shown
    assert "theo sổ" not in shown
