"""Who holds an artifact after its recipient's death: heirs, a museum by decision, the State."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from projections import holders
from projections.rebuild import rebuild
from tests.api_house import House, fields_of, open_house, problem
from tests.artifact_life import deciding, permitting_case, post, serial_of
from tests.test_register_check import compared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

HEIR = {
    "kind": "heir",
    "name": "Giàng Seo Dờ",
    "relation": "con trai",
    "identity_paper": "CCCD 010000000002",
    "since": "2026-03-02",
    "died_on": "2026-02-01",
}
MUSEUM = {
    "kind": "museum",
    "name": "Bảo tàng tỉnh Lào Cai",
    "decision": "45/QĐ-UBND ngày 01/03/2026",
    "kept_at": "kho 2",
    "since": "2026-03-02",
    "until": "2031-03-01",
}


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def in_hand(house: House, **fields: Any) -> dict[str, Any]:
    award = house.award(issue_artifacts=True, issued_on="1985", **fields)
    receiver = {"kind": "recipient"}
    post(house, serial_of(award), "deliver", delivered_on="1986", receiver=receiver)
    return award


def listed(house: House, query: str = "") -> list[dict[str, Any]]:
    house.catch_up()
    rows: list[dict[str, Any]] = house.done(house.get(f"/api/holders{query}", "clerk"))["holders"]
    return rows


def test_an_heir_holds_it_and_the_award_is_the_recipient_s(house: House) -> None:
    award = in_hand(house)
    serial = serial_of(award)
    shown = post(house, serial, "holder", **HEIR)
    assert shown["holder"]["name"] == "Giàng Seo Dờ"
    assert shown["holder"]["kind_name"] == "người thừa kế"
    assert shown["holder"]["identity_paper"] == {"state": "open", "value": "CCCD 010000000002"}
    assert shown["stage"] == "delivered"
    whole = house.done(house.get(f"/api/artifacts/{serial}", "clerk"))
    assert whole["award"]["name"] == "Giàng Seo Phử"
    (row,) = listed(house)
    assert (row["serial"], row["name"], row["recipient"]) == (
        serial,
        "Giàng Seo Dờ",
        "Giàng Seo Phử",
    )
    history = house.get(f"/api/awards/{award['id']}/history", "clerk").text
    assert "artifact-holder-changed.v1" in history
    assert "CCCD" not in history
    with psycopg.connect(house.database.conninfo("reader")) as connection:
        facts = connection.execute("SELECT state FROM log.facts").fetchall()
    assert not any(b"CCCD" in bytes(state) for (state,) in facts)
    then = f"/api/artifacts/{serial}?as_of=2026-03-01"
    assert house.done(house.get(then, "clerk"))["holder"] is None


def test_the_public_is_told_of_no_holder(house: House) -> None:
    award = in_hand(house)
    serial = serial_of(award)
    post(house, serial, "holder", **HEIR)
    house.catch_up()
    for path in (
        f"/api/awards/{award['id']}",
        "/api/awards",
        f"/awards/{award['id']}",
        f"/v/{serial}",
        f"/api/verify/{serial}",
        "/api/search?q=giang",
    ):
        answer = house.client.get(path, headers=house.headers(None))
        for told in ("Giàng Seo Dờ", "người thừa kế", "con trai", "2026-02-01"):
            assert told not in answer.text, path
    problem(house.get("/api/holders", None), 401, "sign-in-missing")


def test_a_museum_holds_it_for_a_time_and_the_end_is_a_duty(house: House) -> None:
    award = in_hand(house)
    serial = serial_of(award)
    post(house, serial, "holder", **MUSEUM)
    (row,) = listed(house, "?kind=museum")
    assert (row["until"], row["decision"]) == ("2031-03-01", MUSEUM["decision"])
    assert listed(house, "?kind=state") == []
    duties = house.done(house.get("/api/duties?on=2031-03-02&overdue=true", "clerk"))["duties"]
    assert [(one["kind"], one["serial"]) for one in duties] == [("museum-term", serial)]
    assert duties[0]["kind_name"] == "hết hạn bảo tàng giữ hiện vật"
    for_good = {**MUSEUM, "until": None, "since": "2026-03-03"}
    post(house, serial, "holder", **for_good)
    house.catch_up()
    assert house.done(house.get("/api/duties?on=2031-04-01", "clerk"))["duties"] == []


def test_what_nobody_inherits_comes_to_the_state(house: House) -> None:
    serial = serial_of(in_hand(house))
    state = {"kind": "state", "name": "UBND tỉnh Lào Cai", "kept_at": "Kho Sở Nội vụ, tủ 4"}
    shown = post(house, serial, "holder", **state)
    assert shown["holder"]["kept_at"] == "Kho Sở Nội vụ, tủ 4"
    assert shown["holder"]["since"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"relation": None}, "relation-missing"),
        ({"kind": "museum", "relation": None}, "decision-missing"),
        ({"kind": "state"}, "kept-at-missing"),
        ({"until": "2031-03-01"}, "until-only-for-museums"),
        ({"name": " "}, "name-missing"),
        ({**MUSEUM, "until": "2026-01-01"}, "due-before-start"),
        ({"died_on": "2026-02-30"}, "date-impossible"),
        ({"kind": "neighbour"}, "not-a-choice"),
    ],
)
def test_what_does_not_say_who_holds_it_is_refused(
    house: House, changes: dict[str, Any], code: str
) -> None:
    serial = serial_of(in_hand(house))
    answer = house.post(f"/api/artifacts/{serial}/holder", HEIR | changes)
    assert answer.status_code in {400, 422}
    body = answer.json()
    assert code in {body["code"], *fields_of(body).values()}


def test_doubts_about_a_holder_are_told(house: House) -> None:
    serial = serial_of(in_hand(house))
    early = post(house, serial, "holder", **(HEIR | {"since": "2026-01-01"}))
    assert "holder-before-death" in {one["code"] for one in early["remarks"]}


def test_a_new_artifact_has_the_holder_of_the_old_one_and_a_void_award_none(house: House) -> None:
    award = in_hand(house)
    old = serial_of(award)
    post(house, old, "holder", **HEIR)
    case = permitting_case(house.registry, award["id"], "reissue", "certificate")
    post(house, old, "reissue", case_id=case, reason="lost", reissued_on="2026-03-03")
    new = serial_of(house.done(house.get(f"/api/awards/{award['id']}", "clerk")))
    shown = house.done(house.get(f"/api/artifacts/{new}", "clerk"))
    assert shown["holder"]["name"] == "Giàng Seo Dờ"
    assert [one["serial"] for one in listed(house)] == [new]
    problem(house.post(f"/api/artifacts/{old}/holder", HEIR), 422, "artifact-superseded")

    def rows() -> list[Any]:
        with psycopg.connect(house.database.conninfo("reader")) as connection:
            return connection.execute("SELECT * FROM holders.holder").fetchall()

    before, database = rows(), house.database
    rebuild(database.conninfo("projector"), database.marks, [holders.PROJECTION])
    assert rows() == before
    assert compared(database)[0] == []
    by = deciding(house, "cancel", "803/QĐ-CTN")
    sent = {"decision_id": by, "reason": "fraud"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", sent))
    assert listed(house) == []
    problem(house.post(f"/api/artifacts/{new}/holder", HEIR), 422, "award-taken-away")
