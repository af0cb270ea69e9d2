"""Acceptance scenarios 1 and 2 of the domain reference, section 9: a decision and its list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.api_house import House, open_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

LIST = Path(__file__).parent / "samples" / "decision-list-1200.xlsx"
# Rows above the list, as the sheet counts them.
HEADER_ROWS = 3
DECISION = {"number": "1200/QĐ-UBND", "date": "2/9/2024", "issuer": "UBND tỉnh Lào Cai"}


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def imported(house: House) -> dict[str, Any]:
    headers = house.headers() | {"Prefer": "wait=60"}
    files = {"file": (LIST.name, LIST.read_bytes())}
    answer = house.client.post("/api/imports", files=files, data=DECISION, headers=headers)
    return house.done(answer)


def test_scenario_01_a_decision_and_its_1200_recipients_come_in_and_bad_rows_are_named(
    house: House,
) -> None:
    expected = json.loads(LIST.with_suffix(".xlsx.expected.json").read_text())
    report = imported(house)
    assert {name: report[name] for name in ("rows", "accepted", "rejected")} == {
        name: expected[name] for name in ("rows", "accepted", "rejected")
    }
    errors = [one for one in report["problems"] if one["severity"] == "error"]
    assert sorted({one["row"] - HEADER_ROWS for one in errors}) == expected["bad_rows"]
    assert all(one["message"] and one["code"] for one in report["problems"])

    house.catch_up()
    (decision,) = house.done(house.get("/api/decisions"))["decisions"]
    assert decision["number"] == DECISION["number"]
    (award, *_) = house.done(house.get(f"/api/awards?decision={decision['id']}"))["awards"]
    own = house.done(house.get(f"/api/awards/{award['id']}"))
    assert own["source"]["reference"]
    assert {one["component"] for one in own["artifacts"]} >= {"certificate"}


def test_scenario_02_the_same_file_again_doubles_nothing_and_says_which_rows_exist(
    house: House,
) -> None:
    first = imported(house)
    facts = house.facts()
    again = imported(house)
    assert again["accepted"] == 0
    assert again["duplicates"] == first["accepted"] + first["duplicates"]
    repeated = {one["row"] for one in again["problems"] if one["severity"] == "duplicate"}
    assert len(repeated) == again["duplicates"]
    house.catch_up()
    (decision,) = house.done(house.get("/api/decisions"))["decisions"]
    assert decision["award_count"] == first["accepted"]
    # The second run is itself recorded, with how the file was read; no award, decision or
    # artifact is.
    assert house.facts() - facts <= 4
