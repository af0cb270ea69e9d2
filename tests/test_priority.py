"""Requests that go first, and the artifact's own term: queues, sealed grounds, what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest

from projections import cases
from projections.rebuild import rebuild
from tests.api_house import House, fields_of, open_house, problem
from tests.artifact_life import post
from tests.case_house import Desk, a_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

ILLNESS = "Giấy ra viện số 77 của Bệnh viện đa khoa tỉnh"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_who_is_very_old_or_gravely_ill_goes_first_in_every_queue(house: House, desk: Desk) -> None:
    award_id = house.award()["id"]
    days = ("2026-02-02", "2026-02-03", "2026-02-04")
    first, second, third = (desk.open(award_id=award_id, received_on=day) for day in days)
    ill = {"priority_ground": "gravely-ill", "priority_evidence": ILLNESS}
    shown = desk.step(third, "prioritize", on="2026-02-05", **ill)
    assert shown["priority"]["ground"] == {"state": "open", "value": "gravely-ill"}
    assert shown["priority"]["ground_name"] == "bệnh nặng"
    assert shown["priority"]["evidence"]["value"] == ILLNESS
    in_turn = [third["receipt"], first["receipt"], second["receipt"]]
    assert desk.queue("open", "2026-02-06") == in_turn
    assert desk.queue("overdue", "2026-03-30") == in_turn
    assert desk.queue("open", "2026-02-06", priority="true") == [third["receipt"]]

    def pages() -> list[str]:
        found: list[str] = []
        cursor = ""
        while True:
            address = f"/api/cases?queue=open&on=2026-02-06&limit=1{cursor}"
            body = house.done(house.get(address, "clerk"))
            found += [one["receipt"] for one in body["cases"]]
            if body["next"] is None:
                return found
            cursor = f"&cursor={body['next']}"

    assert pages() == in_turn
    again = desk.ask(third, "prioritize", priority_ground="over-90")
    problem(again, 422, "priority-given-already")
    desk.step(third, "end-priority", on="2026-02-06", reason="ghi nhầm hồ sơ")
    assert desk.queue("open", "2026-02-06")[0] == first["receipt"]
    problem(desk.ask(third, "end-priority", reason="lại"), 422, "priority-not-given")
    assert desk.titles(third)[-2:] == [
        "service-case-priority-given.v1",
        "service-case-priority-ended.v1",
    ]


def test_why_somebody_goes_first_is_in_no_register_and_read_by_those_who_may(
    house: House, desk: Desk
) -> None:
    ill = {"priority_ground": "gravely-ill", "priority_evidence": ILLNESS}
    case = desk.open(award_id=house.award()["id"], **ill)
    assert case["priority"]["since"] == "2026-02-02"
    house.catch_up()
    with psycopg.connect(house.database.conninfo("reader")) as connection:
        facts = connection.execute("SELECT state FROM log.facts").fetchall()
        row = connection.execute("SELECT c::text FROM cases.service_case c").fetchone()
    stored = b"".join(bytes(state) for (state,) in facts)
    assert row is not None
    for told in ("gravely", "ra viện"):
        assert told.encode() not in stored
        assert told not in row[0]
    listed = house.done(house.get("/api/cases", "clerk"))["cases"]
    assert [one["priority"] for one in listed] == [True]
    assert "gravely" not in str(listed)
    elsewhere = house.client.get(
        f"/api/cases/{case['id']}", headers=house.headers("clerk", "UBND xã Cốc Lầu")
    )
    assert house.done(elsewhere)["priority"]["ground"] == {"state": "sealed", "value": None}
    assert house.done(elsewhere)["priority"]["ground_name"] is None
    status = house.done(house.get(f"/api/cases/receipts/{case['receipt']}"))
    assert "priority" not in str(status)
    assert "gravely" not in str(house.get(f"/api/cases/{case['id']}/history", "clerk").json())


def test_the_length_of_what_is_sealed_does_not_tell_the_ground(house: House, desk: Desk) -> None:
    award_id = house.award()["id"]
    lengths = set()
    for ground in ("over-90", "gravely-ill"):
        case = desk.open(award_id=award_id, priority_ground=ground)
        (_, given) = house.registry.facts_of(UUID(case["id"]))
        lengths.add(len(given.event.ground.ciphertext))
    assert len(lengths) == 1


def test_another_ground_is_refused_and_not_repeated(house: House, desk: Desk) -> None:
    case = desk.open(award_id=house.award()["id"])
    refused = desk.ask(case, "prioritize", priority_ground="ung thư giai đoạn cuối")
    assert "priority_ground" in fields_of(refused.json())
    assert "ung thư" not in refused.text
    asked = house.post("/api/cases", a_request(priority_ground="lao phổi"))
    assert asked.status_code in {400, 422}
    assert "lao phổi" not in asked.text


@pytest.mark.parametrize(
    ("born", "relation", "told"),
    [("1930", None, True), ("1936", None, False), ("1930", "con trai", False), (None, None, False)],
)
def test_an_applicant_over_ninety_is_told_of(
    house: House, desk: Desk, born: str | None, relation: str | None, told: bool
) -> None:
    award = house.award(recipient={"persons": [{"born": born} if born else {}]})
    applicant = {"name": "Giàng Seo Phử", "relation": relation}
    case = desk.open(award_id=award["id"], applicant=applicant)
    assert ("priority-may-apply" in {one["code"] for one in case["remarks"]}) is told
    assert case["priority"] is None


# The artifact's own term --------------------------------------------------------------------


def approved(house: House, desk: Desk, on: str = "2026-02-27", **fields: Any) -> dict[str, Any]:
    case = desk.ready(award_id=house.award()["id"], **fields)
    house.done(desk.send(case))
    return desk.step(case, "receive-result", on=on, result="approved", number="99/BNV-TĐKT")


def test_the_artifact_has_ten_working_days_of_its_own(house: House, desk: Desk) -> None:
    case = approved(house, desk)
    term = case["artifact_term"]
    assert (term["since"], term["due_on"]) == ("2026-02-27", "2026-03-13")
    assert "311/QĐ-BNV" in term["source"]
    assert case["clock"]["step"] == "notice", "the applicant is told within a time of its own"
    assert desk.queue("artifact-overdue", "2026-03-13") == []
    assert desk.queue("artifact-overdue", "2026-03-14") == [case["receipt"]]
    house.done(
        house.post(
            "/api/working-days",
            {"off": ["2026-03-10"], "worked": [], "source": "Quyết định của Chủ tịch UBND tỉnh"},
        )
    )
    assert desk.read(case)["artifact_term"]["due_on"] == "2026-03-16"
    assert desk.queue("artifact-overdue", "2026-03-16") == []
    assert desk.queue("artifact-overdue", "2026-03-17") == [case["receipt"]]

    def rows() -> list[Any]:
        with psycopg.connect(house.database.conninfo("reader")) as connection:
            return connection.execute("SELECT * FROM cases.service_case ORDER BY id").fetchall()

    before, database = rows(), house.database
    rebuild(database.conninfo("projector"), database.marks, [cases.PROJECTION])
    assert rows() == before
    desk.step(case, "close", outcome="withdrawn", reason="rút đơn")
    assert desk.queue("artifact-overdue", "2026-04-01") == []


def test_a_request_of_the_old_decree_has_no_such_term(house: House, desk: Desk) -> None:
    case = approved(house, desk, received_on="2025-06-30")
    assert case["artifact_term"] is None
    assert desk.queue("artifact-overdue", "2026-12-01") == []


# First issue --------------------------------------------------------------------------------


def terms(house: House, query: str) -> list[dict[str, Any]]:
    house.catch_up()
    found: list[dict[str, Any]] = house.done(house.get(f"/api/artifact-terms?{query}", "clerk"))[
        "terms"
    ]
    return found


def test_artifacts_of_new_awards_have_terms_of_their_own(house: House) -> None:
    recent: dict[str, Any] = {"awarded_on": "2025-12-24", "number_typed": "1/QĐ-CTN"}
    waiting = house.award("Giàng Seo Phử", **recent)
    came = house.award("Vàng A Sử", issue_artifacts=True, issued_on="2026-01-05", **recent)
    house.award("Lý Thị Mẩy", issue_artifacts=True, issued_on="1985")
    house.award("Tẩn Láo Tả", awarded_on="2025-06-30", number_typed="2/QĐ-CTN")

    sent = "step=send-artifacts&overdue=true"
    # Ten working days from 24 December: 1 and 2 January are off, 10 January is worked.
    assert terms(house, f"{sent}&on=2026-01-09") == []
    (late,) = terms(house, f"{sent}&on=2026-01-10")
    assert (late["award_id"], late["due_on"]) == (waiting["id"], "2026-01-09")
    (open_still,) = terms(house, "step=send-artifacts&on=2026-01-08")
    assert open_still["overdue"] is False

    serials = {one["serial"] for one in came["artifacts"]}
    here = terms(house, "step=pass-on&on=2026-01-06")
    assert {one["serial"] for one in here} == serials
    assert {one["due_on"] for one in here} == {"2026-01-16"}
    assert terms(house, "step=pass-on&overdue=true&on=2026-01-16") == []
    assert len(terms(house, "step=pass-on&overdue=true&on=2026-01-17")) == len(serials)
    for serial in serials:
        receiver = {"kind": "recipient"}
        post(house, serial, "deliver", delivered_on="2026-01-12", receiver=receiver)
    assert terms(house, "step=pass-on&on=2026-01-17") == []
    problem(house.get("/api/artifact-terms?step=lose", "clerk"), 422, "not-a-choice")
    assert terms(house, "step=pass-on&on=2025-06-30") == [], "no term was found before"


def test_terms_of_artifacts_go_page_by_page(house: House) -> None:
    recent: dict[str, Any] = {"awarded_on": "2026-01-05", "number_typed": "1/QĐ-CTN"}
    made = [house.award(f"Giàng Seo {n}", **recent)["id"] for n in range(3)]
    house.catch_up()
    found, cursor = [], ""
    while True:
        address = f"/api/artifact-terms?step=send-artifacts&on=2026-03-01&limit=1{cursor}"
        body = house.done(house.get(address, "clerk"))
        found += [one["award_id"] for one in body["terms"]]
        if body["next"] is None:
            break
        cursor = f"&cursor={body['next']}"
    assert found == made
    wrong = "/api/artifact-terms?step=send-artifacts&cursor=x"
    problem(house.get(wrong, "clerk"), 422, "page-token-unreadable")
