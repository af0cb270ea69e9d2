"""Reading over HTTP: records now and at other times, lists by cursor, search, health."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
import pytest

from registry.messages import VIETNAM_TIME
from tests.api_house import House, a_decision, an_award, open_house, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def names(body: dict[str, Any]) -> list[str]:
    return [one["name"] for one in body["awards"]]


# One record ---------------------------------------------------------------------------------


def test_a_record_that_the_client_has_is_not_sent_again(house: House) -> None:
    award = house.award()
    path = f"/api/awards/{award['id']}"
    first = house.get(path)
    assert first.headers["ETag"] == '"1"'
    known = house.get(path, If_None_Match='"1"')
    assert known.status_code == 304
    assert known.content == b""
    assert known.headers["ETag"] == '"1"'
    assert house.get(path, If_None_Match='W/"1", "7"').status_code == 304
    assert house.get(path, If_None_Match='"2"').status_code == 200
    house.done(house.post(f"{path}/artifacts", {}))
    assert house.get(path, If_None_Match='"1"').status_code == 200


def test_a_record_is_seen_as_it_was_known_at_a_time(house: House) -> None:
    start = datetime(2024, 12, 15, 3, tzinfo=UTC)
    now = [start]
    house.registry.clock = lambda: now[0]
    award = house.award("Giàng Seo Phư")
    now[0] = start + timedelta(days=400)
    sent = {"corrections": {"name": "Giàng Seo Phử"}, "reason": "đối chiếu bằng gốc"}
    house.done(house.post(f"/api/awards/{award['id']}/correct", sent))
    path = f"/api/awards/{award['id']}"

    def name_at(known_at: str) -> str:
        answer = house.get(f"{path}?known_at={quote(known_at)}")
        assert "ETag" not in answer.headers
        return str(house.done(answer)["recipient"]["name"])

    assert name_at("2024-12-15T10:00:00+07:00") == "Giàng Seo Phư"
    assert name_at("2025-06-01") == "Giàng Seo Phư"
    assert name_at("2026-06-01T00:00:00Z") == "Giàng Seo Phử"
    for too_early in ("2024-12-14", "2024-12-15T02:59:59Z"):
        answer = house.get(f"{path}?known_at={too_early}")
        problem(answer, 404, "not-recorded-then")
    early = house.done(house.get(f"{path}/history?known_at=2025-06-01"))
    assert len(early["history"]) == 1
    page = house.get(f"/awards/{award['id']}?known_at=2025-06-01").text
    assert "<h1>Giàng Seo Phư</h1>" in " ".join(page.split()).replace("> ", ">")
    assert "không phải là nội dung hiện tại" in page


def test_a_time_of_day_in_a_query_may_have_its_plus_unescaped(house: House) -> None:
    award = house.award()
    local = datetime.now(VIETNAM_TIME).isoformat()
    assert "+07:00" in local
    assert house.get(f"/api/awards/{award['id']}?known_at={local}").status_code == 200


def test_an_artifact_is_seen_as_of_a_day(house: House) -> None:
    award = house.award(issue_artifacts=True, issued_on="2024-05-10")
    serial = next(one["serial"] for one in award["artifacts"] if one["component"] == "certificate")
    sent = {"delivered_on": "2024-09-02", "receiver": {"kind": "recipient"}}
    house.done(house.post(f"/api/artifacts/{serial}/deliver", sent))

    def stage_on(day: str) -> str:
        path = f"/api/awards/{award['id']}?as_of={day}"
        artifacts = house.done(house.get(path))["artifacts"]
        return str(next(o["stage"] for o in artifacts if o["component"] == "certificate"))

    (then,) = [
        one
        for one in house.done(house.get(f"/api/awards/{award['id']}?as_of=2024-06-01"))["artifacts"]
        if one["serial"] == serial
    ]
    assert then["issued_on"] == "2024-05-10"
    assert then["delivered_on"] is None
    assert then["receiver"] is None
    assert stage_on("2024-05-09") == "expected"
    assert stage_on("2024-06-01") == "issued"
    assert stage_on("2/9/2024") == "delivered"
    early = house.get(f"/api/artifacts/{serial}?as_of=2024-05-09")
    problem(early, 404, "artifact-unknown")
    problem(house.get(f"/api/awards/{award['id']}?as_of=1984"), 404, "not-recorded-then")


def test_words_are_in_the_language_asked_for(house: House) -> None:
    award = house.award()
    path = f"/api/awards/{award['id']}"
    assert house.done(house.get(path))["class_name"] == "Ba"
    english = house.done(house.get(path, Accept_Language="en"))
    assert english["class_name"] == "III"
    assert english["artifacts"][0]["stage_name"] == "not in the register"


# Lists --------------------------------------------------------------------------------------


def test_a_list_is_read_to_its_end_by_cursor_while_others_write(house: House) -> None:
    for number in range(7):
        house.award(f"Vàng A Sử {number}")
    house.catch_up()
    seen: list[str] = []
    address: str | None = "/api/awards?limit=3"
    while address is not None:
        answer = house.get(address)
        body = house.done(answer)
        seen += names(body)
        link = answer.headers.get("Link")
        address = link.partition(">")[0].removeprefix("<") if link else None
        assert (body["next"] is None) == (address is None)
        house.award(f"Lò Văn {len(seen)}")
        house.catch_up()
    assert seen == [f"Vàng A Sử {number}" for number in reversed(range(7))]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Giàng Seo Phử", "Lò Văn Ba", "Đội Bản Cái"}),
        ("form=ORD-KC-US", {"Giàng Seo Phử"}),
        ("class=I", {"Lò Văn Ba"}),
        ("kind=collective", {"Đội Bản Cái"}),
        ("conferral=posthumous", {"Lò Văn Ba"}),
        ("year_from=1986&year_to=1990", {"Lò Văn Ba"}),
        ("commune=ban+cai", {"Giàng Seo Phử"}),
        ("form=KHONG-CO", set()),
    ],
)
def test_awards_are_filtered(house: House, query: str, found: set[str]) -> None:
    house.award("Giàng Seo Phử")
    other = {"persons": [{"born": "1931", "native_place": "xã Cốc Lầu"}]}
    house.award(
        "Lò Văn Ba",
        recipient=other,
        form="MED-KC-US",
        award_class="I",
        awarded_on="1988",
        conferral="posthumous",
    )
    collective = {"kind": "collective", "name": "Đội Bản Cái", "persons": []}
    sent: dict[str, Any] = {"recipient": collective, "form": "CERT-BK-BT", "award_class": None}
    house.award(**sent, awarded_on="2024")
    house.catch_up()
    assert set(names(house.done(house.get(f"/api/awards?{query}")))) == found


def test_awards_of_a_decision_are_listed(house: House) -> None:
    made = house.decision()
    line = an_award("Vàng A Sử")
    house.done(house.post(f"/api/decisions/{made['id']}/awards", [line]))
    house.award()
    house.catch_up()
    assert names(house.done(house.get(f"/api/awards?decision={made['id']}"))) == ["Vàng A Sử"]
    (listed,) = house.done(house.get("/api/decisions"))["decisions"]
    assert listed["award_count"] == 1


def test_decisions_are_filtered_by_issuer_and_year(house: House) -> None:
    house.decision()
    house.decision(number="1/QĐ-UBND", issuer="UBND tỉnh Lào Cai", decided_on="2019")
    house.catch_up()
    for query in ("issuer=ubnd+tỉnh+lào+cai", "year_to=2020"):
        body = house.done(house.get(f"/api/decisions?{query}"))
        assert [one["number"] for one in body["decisions"]] == ["1/QĐ-UBND"]


def test_search_says_what_matched_and_offers_similar_names(house: House) -> None:
    house.award("Giàng Seo Phử", golden_book={"number": "83"})
    house.catch_up()

    def matched(text: str) -> list[str]:
        hits = house.done(house.get(f"/api/search?q={text}"))["hits"]
        return [hit["matched"] for hit in hits]

    assert matched("phu giang") == ["name"]
    assert matched("Giàng Seo Phử 1930") == ["name-and-year"]
    assert matched("giang seo phuu") == ["similar-name"]
    assert matched("sổ vàng số 83") == ["golden-number"]
    assert matched("xã Bản Cái") == ["place"]
    assert matched("zzzz") == []


def test_the_catalogue_says_what_can_be_recorded_on_a_date(house: House) -> None:
    everything = house.done(house.get("/api/catalogue"))["forms"]
    by_code = {form["code"]: form for form in everything}
    assert len(by_code) == 85
    order = by_code["ORD-KC-US"]
    assert [one["name"] for one in order["classes"]] == ["Nhất", "Nhì", "Ba"]
    assert "bằng" in {one["name"] for one in order["components"]}
    then = {form["code"] for form in house.done(house.get("/api/catalogue?on=1970"))["forms"]}
    assert "ORD-KC-US" not in then
    assert "ORD-CSGP" in then


# Operations ---------------------------------------------------------------------------------


def test_health_tells_the_head_of_the_log_and_how_far_each_register_is(house: House) -> None:
    assert house.done(house.get("/health/live")) == {"status": "live"}
    house.decision()
    behind = house.done(house.get("/health/ready"))
    assert behind["status"] == "ready"
    assert behind["log"]["position"] == house.registry.log.head().position
    assert {one["completeness"] for one in behind["projections"]} == {"catching-up"}
    house.catch_up()
    after = house.done(house.get("/health/ready"))
    assert {(one["completeness"], one["lag"]) for one in after["projections"]} == {("complete", 0)}


def test_a_register_that_missed_a_fact_is_not_ready(house: House) -> None:
    house.decision()
    house.catch_up()
    with psycopg.connect(house.database.administrator, autocommit=True) as connection:
        connection.execute("UPDATE projection.ledger SET facts = facts - 1 WHERE name = 'awards'")
    answer = house.get("/health/ready")
    assert answer.status_code == 503
    wrong = [o["name"] for o in answer.json()["projections"] if o["completeness"] == "INCOMPLETE"]
    assert wrong == ["awards"]
    assert 'sovang_projection_complete{projection="awards"} 0.0' in house.get("/metrics").text


def test_metrics_count_requests_by_route_and_never_by_address(house: House) -> None:
    award = house.award()
    house.get(f"/api/awards/{award['id']}")
    house.get("/api/nothing/at/all")
    house.client.request("BREW", "/api/coffee")
    text = house.get("/metrics").text
    assert 'route="/api/awards/{award_id}",status="200"' in text
    assert str(award["id"]) not in text
    assert "coffee" not in text
    assert "BREW" not in text
    assert "sovang_log_position 3.0" in text
    assert 'sovang_projection_lag_facts{projection="awards"}' in text


def test_the_description_of_the_interface_is_openapi_3_1(house: House) -> None:
    described = house.done(house.get("/openapi.json"))
    assert described["openapi"].startswith("3.1")
    assert {"/api/decisions", "/api/awards/{award_id}/history", "/api/imports"} <= set(
        described["paths"]
    )
    schemas = described["components"]["schemas"]
    assert schemas["AwardBody"]["additionalProperties"] is False
    assert "AwardView" in schemas
    assert "localhost" not in json.dumps(described)


def test_answers_carry_safe_headers(house: House) -> None:
    for path in ("/", "/api/awards", "/api/nothing", "/static/style.css"):
        headers = house.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "script" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_without_registers_lists_say_so(database: Database) -> None:
    from starlette.testclient import TestClient  # noqa: PLC0415 - without the house's registers

    from api.application import create_application  # noqa: PLC0415

    with TestClient(create_application(database), raise_server_exceptions=False) as client:
        problem(client.get("/api/awards"), 503, "registers-not-ready")
        assert client.get("/").status_code == 503
        problem(client.post("/api/decisions", json=a_decision()), 401, "sign-in-missing")
