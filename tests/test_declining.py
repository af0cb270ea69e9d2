"""Declined before it was conferred, and given back freely after: two different things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from projections import awards
from projections.rebuild import rebuild
from tests.api_house import House, open_house, problem
from tests.artifact_life import SON, deciding, post, serial_of
from tests.case_house import Desk
from tests.pdf_reading import read_pages
from tests.test_register_check import compared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

DECLINING = {"declined_on": "2026-03-02", "paper": "đơn ngày 01/3/2026"}
ACCEPTING = {"accepted_on": "2026-04-02", "paper": "đơn ngày 01/4/2026"}


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def under_a_decision(house: House, *names: str) -> tuple[str, list[dict[str, Any]]]:
    decision = house.decision()["id"]
    made = [
        house.award(
            name, decision_id=decision, issue_artifacts=True, number_typed=None, issuer_typed=None
        )
        for name in names
    ]
    return decision, made


def declined(house: House, award: dict[str, Any]) -> dict[str, Any]:
    return house.done(house.post(f"/api/awards/{award['id']}/decline", DECLINING))


# Declined -----------------------------------------------------------------------------------


def test_what_was_declined_is_an_outcome_and_no_award(house: House) -> None:
    _, (one, _) = under_a_decision(house, "Giàng Seo Phử", "Vàng A Sử")
    shown = declined(house, one)
    assert (shown["standing"], shown["standing_name"]) == (
        "declined",
        "từ chối nhận trước khi trao",
    )
    assert shown["taken_away"]["on"] == "2026-03-02"
    assert shown["taken_away"]["reason_name"] == "đơn ngày 01/3/2026"
    house.catch_up()
    (listed,) = house.done(house.get("/api/decisions", "clerk"))["decisions"]
    assert listed["award_count"] == 1, "not counted"
    rows = house.done(house.get("/api/awards?standing=declined", "clerk"))["awards"]
    assert [row["id"] for row in rows] == [one["id"]], "recorded, and found by those who may"
    path = f"/api/artifacts/{serial_of(one)}"
    receiver = {"receiver": {"kind": "recipient"}, "delivered_on": "2026-05-01"}
    problem(house.post(f"{path}/deliver", receiver), 422, "award-taken-away")
    problem(house.post(f"{path}/recall", {}), 422, "recall-without-ground")
    titles = house.get(f"/api/awards/{one['id']}/history", "clerk").text
    assert "award-declined.v1" in titles
    assert house.get(f"/awards/{one['id']}", "clerk").status_code == 200
    minutes = {"destroyed_on": "2026-06-01", "minutes": "9/BB", "witnesses": ["Thử", "Mẫu"]}
    ended = house.done(house.post(f"{path}/destroy", minutes))
    assert ended["stage"] == "destroyed"


def test_who_is_not_signed_in_is_told_of_no_declined_award(house: House) -> None:
    decision, (one, _) = under_a_decision(house, "Giàng Seo Phử", "Vàng A Sử")
    declined(house, one)
    house.catch_up()
    for path in (f"/api/awards/{one['id']}", f"/api/awards/{one['id']}?as_of=2026-01-01"):
        problem(house.get(path, None), 404, "award-unknown")
    assert house.get(f"/awards/{one['id']}", None).status_code == 404
    for path in (
        "/api/awards",
        "/api/awards?standing=declined",
        "/api/search?q=Giàng Seo Phử",
        "/?q=Giàng Seo Phử",
        f"/decisions/{decision}",
    ):
        answer = house.get(path, None)
        assert answer.status_code == 200, path
        assert one["id"] not in answer.text, path
        assert "từ chối" not in answer.text, path
    serial = serial_of(one)
    status = house.get(f"/api/verify/{serial}", None)
    assert house.done(status)["in_force"] is False
    assert house.done(status)["status"] == "not-conferred"
    for text in (status.text, house.get(f"/v/{serial}", None).text):
        assert "từ chối" not in text
        assert "declined" not in text
    found = house.done(house.get("/api/search?q=Giàng Seo Phử", "clerk"))["hits"]
    assert [hit["award"]["standing"] for hit in found] == ["declined"]


def test_who_declined_may_accept_after_all(house: House) -> None:
    _, (one,) = under_a_decision(house, "Giàng Seo Phử")
    path = f"/api/awards/{one['id']}"
    problem(house.post(f"{path}/accept-after-all", ACCEPTING), 422, "award-not-declined")
    declined(house, one)
    problem(house.post(f"{path}/decline", DECLINING), 422, "award-taken-away")
    accepted = house.done(house.post(f"{path}/accept-after-all", ACCEPTING))
    assert accepted["standing"] == "standing"
    then = house.done(house.get(f"{path}?as_of=2026-03-15", "clerk"))
    assert then["standing"] == "declined"
    receiver = {"kind": "recipient"}
    post(house, serial_of(one), "deliver", delivered_on="2026-05-01", receiver=receiver)


def test_what_came_into_a_hand_is_not_declined_any_more(house: House) -> None:
    _, (one,) = under_a_decision(house, "Giàng Seo Phử")
    receiver = {"kind": "recipient"}
    post(house, serial_of(one), "deliver", delivered_on="2026-02-01", receiver=receiver)
    answer = house.post(f"/api/awards/{one['id']}/decline", DECLINING)
    problem(answer, 422, "award-conferred-already")
    nothing_said = house.post(f"/api/awards/{one['id']}/decline", DECLINING | {"paper": " "})
    assert nothing_said.status_code == 422


def test_cancelling_a_decision_leaves_out_what_was_declined(house: House) -> None:
    decision, (one, other) = under_a_decision(house, "Giàng Seo Phử", "Vàng A Sử")
    declined(house, one)
    by = deciding(house, "cancel", "803/QĐ-CTN")
    alone = {"decision_id": by, "reason": "fraud"}
    problem(house.post(f"/api/awards/{one['id']}/cancel", alone), 422, "award-declined")
    restoring = {"decision_id": deciding(house, "restore", "804/QĐ-CTN")}
    problem(house.post(f"/api/awards/{one['id']}/restore", restoring), 422, "not-cancelled")
    house.catch_up()
    house.done(house.post(f"/api/decisions/{decision}/cancel", alone, role="leader"))
    standings = [
        house.done(house.get(f"/api/awards/{each['id']}", "clerk"))["standing"]
        for each in (one, other)
    ]
    assert standings == ["declined", "cancelled"]


def test_the_register_of_awards_is_the_same_when_it_is_made_anew(house: House) -> None:
    _, (one, other) = under_a_decision(house, "Giàng Seo Phử", "Vàng A Sử")
    declined(house, one)
    declined(house, other)
    house.done(house.post(f"/api/awards/{other['id']}/accept-after-all", ACCEPTING))
    house.catch_up()

    def rows() -> list[Any]:
        with psycopg.connect(house.database.conninfo("reader")) as connection:
            return connection.execute("SELECT * FROM awards.award ORDER BY id").fetchall()

    before, database = rows(), house.database
    rebuild(database.conninfo("projector"), database.marks, [awards.PROJECTION])
    assert rows() == before
    assert compared(database)[0] == []


# Given back freely --------------------------------------------------------------------------


def test_what_is_given_back_freely_ends_nothing_and_can_be_given_again(house: House) -> None:
    award = house.award(issue_artifacts=True, issued_on="1985")
    serial = serial_of(award)
    receiver = {"kind": "recipient"}
    post(house, serial, "deliver", delivered_on="1986", receiver=receiver)
    shown = post(
        house,
        serial,
        "surrender",
        surrendered_by={"kind": "recipient"},
        purpose="given-back",
        kept_at="Kho Sở Nội vụ, tủ 7",
        surrendered_on="2026-03-02",
    )
    assert (shown["stage"], shown["kept_at"]) == ("in-custody", "Kho Sở Nội vụ, tủ 7")
    assert shown["custody"]["purpose_name"] == "tự nguyện trả lại"
    assert shown["custody"]["due_on"] is None, "nobody is owed an answer"
    whole = house.done(house.get(f"/api/awards/{award['id']}", "clerk"))
    assert whole["standing"] == "standing"
    assert house.done(house.get(f"/api/verify/{serial}", None))["in_force"] is True
    house.catch_up()
    held = "/api/custody?on=2030-01-01"
    (row,) = house.done(house.get(held, "clerk"))["held"]
    assert (row["purpose"], row["past_due"]) == ("given-back", False)
    assert house.done(house.get(f"{held}&owed=true", "clerk"))["held"] == []
    assert house.done(house.get(f"{held}&past_due=true", "clerk"))["held"] == []
    assert house.done(house.get("/api/duties?on=2030-01-01", "clerk"))["duties"] == []
    paper = house.get(f"/api/artifacts/{serial}/receipt.pdf", "clerk")
    said = " ".join(page.text for page in read_pages(paper.content))
    assert "tự nguyện trả lại" in said
    assert "không thay đổi" in said
    assert "Hẹn trả lời" not in said

    again = post(house, serial, "hand-back", receiver=SON, handed_back_on="2026-11-02")
    assert again["stage"] == "delivered"
    then = house.done(house.get(f"/api/artifacts/{serial}?as_of=2026-11-01", "clerk"))
    assert then["stage"] == "in-custody"


def test_what_is_asked_back_is_not_given_back_freely(house: House) -> None:
    award = house.award(issue_artifacts=True, issued_on="1985")
    serial = serial_of(award)
    by = {"decision_id": deciding(house, "cancel", "803/QĐ-CTN"), "reason": "fraud"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", by))
    sent = {
        "surrendered_by": {"kind": "recipient"},
        "purpose": "given-back",
        "kept_at": "tủ 7",
    }
    problem(house.post(f"/api/artifacts/{serial}/surrender", sent), 422, "award-taken-away")


def test_an_exchange_may_be_asked_for_what_was_given_back(house: House) -> None:
    """It lies in the office already: what is asked for next is a case of its own."""
    award = house.award(issue_artifacts=True, issued_on="1985")
    serial = serial_of(award)
    sent = {
        "surrendered_by": {"kind": "recipient"},
        "purpose": "given-back",
        "kept_at": "tủ 7",
        "surrendered_on": "2026-01-05",
    }
    post(house, serial, "surrender", **sent)
    case = Desk(house).open("exchange", award_id=award["id"])
    assert "old-item" not in {one["code"] for one in case["missing"]}
