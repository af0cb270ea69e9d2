"""A decision that was entered by mistake is taken back with the awards entered under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from registry.decision import WithdrawDecision
from registry.rights import Units
from tests.api_house import OPERATOR, House, a_decision, open_house, problem
from tests.signing_house import open_signing_house, sign
from tests.test_withdrawing import NAME, REASON, consistent, now, serial_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

NAMES = ("Vàng Seo Một", "Vàng Seo Hai", "Vàng Seo Ba")


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_signing_house(database) as (opened, _):
        yield opened


def a_line(name: str, **fields: Any) -> dict[str, Any]:
    return {"recipient": {"name": name}, "form": "ORD-KC-US", "award_class": "III"} | fields


def a_list(house: House, decision_id: str, **fields: Any) -> list[dict[str, Any]]:
    body = {"awards": [a_line(name, **fields) for name in NAMES]}
    answer = house.done(house.post(f"/api/decisions/{decision_id}/awards", body))
    house.catch_up()
    awards: list[dict[str, Any]] = answer["awards"]
    return awards


def ask(house: House, decision_id: str, **body: Any) -> Any:
    house.token()
    house.catch_up()
    return house.post(f"/api/decisions/{decision_id}/withdraw", {"reason": REASON} | body)


def test_a_decision_goes_with_its_awards_in_one_request(house: House) -> None:
    decision = house.decision()
    awards = a_list(house, decision["id"], issue_artifacts=True)
    facts = house.facts()
    shown = house.done(ask(house, decision["id"], dry_run=True, reason=None))["effects"]
    assert (shown["awards"], shown["to_withdraw"], shown["in_the_way"]) == (3, 3, [])
    assert shown["artifacts"] == sum(len(one["artifacts"]) for one in awards)
    assert house.facts() == facts
    answer = house.done(ask(house, decision["id"]))
    assert (answer["standing"], answer["withdrawn"]["reason"]) == ("withdrawn", REASON)
    assert house.facts() == facts + 4
    house.catch_up()
    assert house.done(house.get("/api/awards"))["awards"] == []
    assert house.done(house.get("/api/decisions"))["decisions"] == []
    assert house.done(house.get("/api/search?q=212 QĐ/CTN"))["hits"] == []
    one = house.done(house.get(f"/api/awards/{awards[0]['id']}/history"))["history"][-1]
    (said,) = one["details"]
    assert (said["field"], said["record_id"]) == ("with_decision_id", decision["id"])
    assert "212 QĐ/CTN" in said["value"]
    page = house.client.get(f"/decisions/{decision['id']}", headers=house.headers())
    assert REASON in page.text
    assert house.client.get(f"/decisions/{decision['id']}").status_code == 404
    problem(house.get(f"/api/decisions/{decision['id']}", role=None), 404, "decision-withdrawn")
    consistent(house)


def test_of_no_day_is_there_a_decision_but_as_it_was_known_then(house: House) -> None:
    decision = house.decision()
    known = now(house)
    house.done(ask(house, decision["id"]))
    path = f"/api/decisions/{decision['id']}"
    then = house.done(house.get(f"{path}?as_of=2025-01-01&known_at={known}"))
    assert then["standing"] == "standing"
    problem(house.get(f"{path}?as_of=2025-01-01"), 404, "decision-withdrawn")
    assert house.done(house.get(path))["standing"] == "withdrawn"


def test_the_right_decision_is_entered_at_once(house: House) -> None:
    wrong = house.decision()
    a_list(house, wrong["id"])
    problem(house.post("/api/decisions", a_decision()), 409, "decision-registered-already")
    house.done(ask(house, wrong["id"]))
    right = house.decision()
    a_list(house, right["id"])
    answer = house.post(f"/api/decisions/{wrong['id']}/awards", a_line(NAME))
    problem(answer, answer.status_code, "decision-withdrawn")
    consistent(house)


def test_awards_that_only_cite_it_stay(house: House) -> None:
    cited = {"number_typed": "212 QĐ/CTN", "issuer_typed": "Chủ tịch nước"}
    old = house.award(awarded_on="2024-05-09", **cited)
    decision = house.decision()
    house.catch_up()
    shown = house.done(ask(house, decision["id"], dry_run=True))["effects"]
    assert (shown["awards"], shown["citing"]) == (0, 1)
    house.done(ask(house, decision["id"]))
    house.catch_up()
    (left,) = house.done(house.get("/api/awards"))["awards"]
    assert (left["id"], left["decision_id"]) == (old["id"], None)


def test_what_is_in_the_way_is_shown_and_nothing_is_recorded(house: House) -> None:
    decision = house.decision()
    awards = a_list(house, decision["id"], issue_artifacts=True)
    serial = serial_in(awards[1])
    given = {"delivered_on": "2026-02-01", "receiver": {"kind": "recipient"}}
    house.done(house.post(f"/api/artifacts/{serial}/deliver", given))
    sign(house, serial_in(awards[2]))
    facts = house.facts()
    shown = house.done(ask(house, decision["id"], dry_run=True))["effects"]
    codes = {one["name"]: one["code"] for one in shown["in_the_way"]}
    assert codes == {
        NAMES[1]: "withdraw-artifact-delivered",
        NAMES[2]: "withdraw-certificate-signed",
    }
    assert (shown["to_withdraw"], shown["in_the_way_count"], shown["signed"]) == (1, 2, 1)
    assert all(serial_in(one) in str(shown["in_the_way"]) for one in awards[1:])
    answer = ask(house, decision["id"])
    said = problem(answer, answer.status_code, "withdraw-in-the-way")
    assert NAMES[1] in said["detail"]
    assert house.facts() == facts
    shown = house.done(ask(house, decision["id"], dry_run=True, with_signed=True))["effects"]
    assert [one["name"] for one in shown["in_the_way"]] == [NAMES[1]]


def test_what_rests_on_a_decision_is_in_the_way(house: House) -> None:
    award = house.award()
    by = house.decision(number="477/QĐ-CTN", kind="cancel", decided_on="2026-11-02")
    body = {"decision_id": by["id"], "reason": "fraud"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", body))
    (shown,) = house.done(ask(house, by["id"], dry_run=True))["effects"]["in_the_way"]
    assert (shown["code"], shown["name"]) == ("withdraw-decision-rested-on", "477/QĐ-CTN")
    assert "Hủy bỏ khen thưởng" in shown["detail"]
    answer = ask(house, by["id"])
    problem(answer, answer.status_code, "withdraw-in-the-way")


def test_a_cancelled_decision_is_no_mistake_of_entry(house: House) -> None:
    decision = house.decision()
    by = house.decision(number="477/QĐ-CTN", kind="cancel", decided_on="2026-11-02")
    house.catch_up()
    body = {"decision_id": by["id"], "reason": "fraud"}
    house.token("leader")
    house.catch_up()
    house.done(house.post(f"/api/decisions/{decision['id']}/cancel", body))
    (shown,) = house.done(ask(house, decision["id"], dry_run=True))["effects"]["in_the_way"]
    assert shown["code"] == "withdraw-decision-cancelled"


def test_a_repeated_request_records_nothing_more(house: House) -> None:
    decision = house.decision()
    a_list(house, decision["id"])
    path, body = f"/api/decisions/{decision['id']}/withdraw", {"reason": REASON}
    house.catch_up()
    first = house.done(house.post(path, body, Idempotency_Key="rut-2"))
    house.catch_up()
    facts = house.facts()
    again = house.done(house.post(path, body, Idempotency_Key="rut-2"))
    assert (first["repeated"], again["repeated"], house.facts()) == (False, True, facts)
    answer = ask(house, decision["id"])
    problem(answer, answer.status_code, "decision-withdrawn")


def test_awards_that_another_unit_entered_are_in_the_way(database: Database) -> None:
    province = "UBND tỉnh Lào Cai"
    with open_house(database, units=Units(province)) as house:
        decision = house.decision()
        house.token("leader", province)
        path = f"/api/decisions/{decision['id']}/awards"
        headers = house.headers("leader", province)
        house.done(house.client.post(path, json=a_line(NAME), headers=headers))
        (shown,) = house.done(ask(house, decision["id"], dry_run=True))["effects"]["in_the_way"]
        assert (shown["code"], shown["name"]) == ("withdraw-of-other-unit", NAME)
        house.token("leader", province)
        house.catch_up()
        path = f"/api/decisions/{decision['id']}/withdraw"
        answer = house.client.post(path, json={"reason": REASON}, headers=headers)
        problem(answer, 403, "record-of-other-unit")


def test_an_award_entered_at_that_very_moment_goes_with_a_second_request(house: House) -> None:
    """Another process recorded it between our look at the register and our commit."""
    decision = house.decision()
    a_list(house, decision["id"])
    command = WithdrawDecision(REASON)
    house.registry.execute("decision", UUID(decision["id"]), command, OPERATOR)
    shown = house.done(ask(house, decision["id"], dry_run=True))["effects"]
    assert (shown["awards"], shown["in_the_way"]) == (3, [])
    house.done(ask(house, decision["id"]))
    house.catch_up()
    assert house.done(house.get("/api/awards"))["awards"] == []


def test_an_unknown_decision_is_unknown(house: House) -> None:
    answer = ask(house, "01939bd7-3a5e-7c00-8000-00000000abcd")
    problem(answer, 404, "decision-unknown")
