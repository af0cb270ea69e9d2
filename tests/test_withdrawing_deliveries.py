"""A delivery that was entered by mistake is taken back; one that was entered wrong is corrected."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from projections.as_of import award_as_of
from registry.award import Entered
from registry.award.artifact_state import Delivered, Issued
from registry.codec import decode_fact
from tests.api_house import House, open_house, problem
from tests.artifact_life import SON
from tests.signing_house import award_of
from tests.test_withdrawing import REASON, consistent, serial_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

RECIPIENT = {"kind": "recipient"}


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def a_serial(house: House, **fields: Any) -> str:
    return serial_in(house.award(issue_artifacts=True, **fields))


def post(house: House, serial: str, act: str, **body: Any) -> dict[str, Any]:
    return house.done(house.post(f"/api/artifacts/{serial}/{act}", body))


def refused(house: House, serial: str, act: str, code: str, **body: Any) -> None:
    answer = house.post(f"/api/artifacts/{serial}/{act}", body)
    problem(answer, answer.status_code, code)


def deliver(house: House, serial: str, on: str = "2026-02-01", **body: Any) -> dict[str, Any]:
    return post(house, serial, "deliver", **{"delivered_on": on, "receiver": RECIPIENT} | body)


def row_of(house: House, serial: str) -> dict[str, Any]:
    house.catch_up()
    rows = house.done(house.get("/api/artifacts"))["artifacts"]
    return next(row for row in rows if row["serial"] == serial)


def test_the_artifact_is_where_it_was_before(house: House) -> None:
    serial = a_serial(house)
    post(house, serial, "print", printed_on="2026-01-20")
    before = row_of(house, serial)
    deliver(house, serial)
    assert row_of(house, serial)["stage"] == "delivered"
    answer = post(house, serial, "withdraw-delivery", reason=REASON)
    assert (answer["stage"], answer["delivered_on"], answer["receiver"]) == ("printed", None, None)
    after = row_of(house, serial)
    moved = {name for name, value in after.items() if value != before[name]}
    assert moved <= {"changed_at"}
    again = deliver(house, serial, "2026-03-01", receiver=SON)
    assert (again["stage"], again["delivered_on"]) == ("delivered", "2026-03-01")
    consistent(house)


def test_what_was_handed_back_by_mistake_is_in_custody_again(house: House) -> None:
    serial = a_serial(house)
    taken = {
        "surrendered_by": SON,
        "purpose": "safekeeping",
        "kept_at": "tủ 3",
        "surrendered_on": "2026-03-01",
    }
    post(house, serial, "surrender", **taken)
    post(house, serial, "hand-back", receiver=SON, handed_back_on="2026-04-01")
    house.catch_up()
    assert house.done(house.get("/api/custody"))["held"] == []
    post(house, serial, "withdraw-delivery", reason=REASON)
    house.catch_up()
    (held,) = house.done(house.get("/api/custody"))["held"]
    assert (held["serial"], held["kept_at"]) == (serial, "tủ 3")
    consistent(house)


def test_then_its_award_can_be_withdrawn_too(house: House) -> None:
    award = house.award(issue_artifacts=True)
    serial = serial_in(award)
    deliver(house, serial)
    post(house, serial, "withdraw-delivery", reason=REASON)
    house.catch_up()
    house.done(house.post(f"/api/awards/{award['id']}/withdraw", {"reason": REASON}))
    consistent(house)


def test_only_what_is_in_somebody_s_hand_can_be_taken_out_of_it(house: House) -> None:
    serial = a_serial(house)
    refused(house, serial, "withdraw-delivery", "artifact-stage", reason=REASON)
    refused(house, serial, "correct-delivery", "not-delivered", reason=REASON)
    deliver(house, serial)
    refused(house, serial, "withdraw-delivery", "reason-missing", reason=" ")
    refused(house, serial, "correct-delivery", "nothing-to-correct", reason=REASON)
    same = {"delivered_on": "2026-02-01", "reason": REASON}
    refused(house, serial, "correct-delivery", "nothing-to-correct", **same)
    wrong = {"delivered_on": "2026-02-31", "reason": REASON}
    refused(house, serial, "correct-delivery", "date-impossible", **wrong)


def test_day_receiver_and_paper_are_put_right_and_history_keeps_both(house: House) -> None:
    award = house.award(issue_artifacts=True)
    serial = serial_in(award)
    deliver(house, serial, receiver=SON)
    answer = post(
        house,
        serial,
        "correct-delivery",
        reason="đọc lại giấy giới thiệu",
        delivered_on="2026-01-15",
        receiver={"name": "Giàng Thị Mỷ", "relation": "con gái", "identity_paper": "CCCD 99"},
    )
    assert (answer["stage"], answer["delivered_on"]) == ("delivered", "2026-01-15")
    receiver = answer["receiver"]
    assert (receiver["name"], receiver["relation"]) == ("Giàng Thị Mỷ", "con gái")
    assert receiver["identity_paper"]["value"] == "CCCD 99"
    entries = house.done(house.get(f"/api/awards/{award['id']}/history"))["history"]
    changes = {one["field"]: (one["before"], one["after"]) for one in entries[-1]["changes"]}
    assert changes == {
        "delivered_on": ("01/02/2026", "15/01/2026"),
        "receiver": (SON["name"], "Giàng Thị Mỷ"),
        "relation": (SON["relation"], "con gái"),
    }
    assert "CCCD" not in str(entries)
    row = row_of(house, serial)
    assert row["delivered_on"] == "2026-01-15"
    consistent(house)


def test_a_wrong_day_alone_keeps_the_paper_and_who_it_was(house: House) -> None:
    serial = a_serial(house)
    deliver(house, serial, receiver=SON)
    answer = post(house, serial, "correct-delivery", reason=REASON, delivered_on="2026-01-15")
    assert answer["receiver"]["identity_paper"]["value"] == SON["identity_paper"]
    assert answer["receiver"]["name"] == SON["name"]


def test_the_recipient_himself_had_taken_it(house: House) -> None:
    serial = a_serial(house)
    deliver(house, serial, receiver=SON)
    answer = post(house, serial, "correct-delivery", reason=REASON, receiver={"kind": "recipient"})
    receiver = answer["receiver"]
    assert (receiver["kind"], receiver["name"], receiver["relation"]) == (
        "recipient",
        "Giàng Seo Phử",
        None,
    )
    assert receiver["identity_paper"] is None
    refused(
        house,
        serial,
        "correct-delivery",
        "identity-paper-missing",
        reason=REASON,
        receiver={"kind": "representative", "name": "Giàng Thị Mỷ", "relation": "con gái"},
    )


def test_a_delivery_is_corrected_though_the_artifact_came_back_since(house: House) -> None:
    serial = a_serial(house)
    deliver(house, serial)
    taken = {
        "surrendered_by": SON,
        "purpose": "safekeeping",
        "kept_at": "tủ 3",
        "surrendered_on": "2026-03-01",
    }
    post(house, serial, "surrender", **taken)
    answer = post(house, serial, "correct-delivery", reason=REASON, delivered_on="2026-01-15")
    assert (answer["stage"], answer["delivered_on"]) == ("in-custody", "2026-01-15")
    refused(house, serial, "withdraw-delivery", "artifact-stage", reason=REASON)
    consistent(house)


def test_on_each_day_as_it_was_known_at_each_moment(house: House) -> None:
    serial = a_serial(house, issued_on="2025-12-01")
    clock = house.registry.clock()

    def then(act: str, **body: Any) -> None:
        nonlocal clock
        clock += timedelta(days=1)
        house.registry.clock = lambda: clock
        post(house, serial, act, **body)

    then("deliver", delivered_on="2026-05-10", receiver=RECIPIENT)
    then("correct-delivery", reason=REASON, delivered_on="2026-04-10")
    then("withdraw-delivery", reason=REASON)
    then("deliver", delivered_on="2026-03-10", receiver=SON)
    rows = house.registry.log.read_after(0, 1_000)
    award_id = award_of(house, serial)
    facts = [decode_fact(*row) for row in rows if row[0] == award_id]

    def held(on: str, moment: int) -> str | None:
        state = award_as_of(facts, date.fromisoformat(on), facts[-4 + moment - 1].recorded_at)
        assert isinstance(state, Entered)
        stage = state.artifacts[serial].stage
        if isinstance(stage, Delivered):
            return stage.delivered_on
        assert isinstance(stage, Issued)
        return None

    assert [held("2026-05-20", moment) for moment in range(1, 5)] == [
        "2026-05-10",
        "2026-04-10",
        None,
        "2026-03-10",
    ]
    assert [held("2026-04-20", moment) for moment in range(1, 5)] == [
        None,
        "2026-04-10",
        None,
        "2026-03-10",
    ]
    assert [held("2026-03-20", moment) for moment in range(1, 5)] == [
        None,
        None,
        None,
        "2026-03-10",
    ]
    answer = house.done(house.get(f"/api/artifacts/{serial}?as_of=2026-04-20"))
    assert (answer["stage"], answer["receiver"]["name"]) == ("delivered", SON["name"])
