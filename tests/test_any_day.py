"""The same work on days when dates, years and time zones go wrong (see `moved_clock`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from registry.award.artifact import ArtifactIssued
from registry.codec import decode_fact
from tests.api_house import open_house
from tests.case_house import Desk
from tests.made_sheets import decision_file, decision_row
from tests.moved_clock import today
from tests.signing_house import an_issued_certificate, open_signing_house, sign

if TYPE_CHECKING:
    from pathlib import Path

    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry

pytestmark = pytest.mark.any_day


def this_year() -> str:
    return today()[:4]


def test_serials_that_an_import_gives_are_of_the_year_in_viet_nam(
    registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    options = ImportOptions(number="1/QĐ-UBND", date="29/02/2024", issuer="UBND tỉnh Lào Cai")
    path = decision_file(tmp_path / "danh sách.xlsx", decision_row())
    report = import_sheet(registry, path, options, authorship)
    assert report.tally.accepted == 1
    events = [
        decode_fact(stream, version, position, name, bytes(state)).event
        for stream, version, position, name, state in registry.log.read_after(0, 100)
    ]
    serials = [one.serial for one in events if isinstance(one, ArtifactIssued)]
    assert serials
    assert {serial[1:5] for serial in serials} == {this_year()}


def test_serials_and_receipts_are_of_the_year_in_viet_nam(database: Database) -> None:
    with open_house(database) as house:
        award = house.award(issue_artifacts=True)
        assert {one["serial"][1:5] for one in award["artifacts"]} == {this_year()}
        case = Desk(house).open(award_id=award["id"])
        assert case["receipt"].startswith(f"GH{this_year()}-")


def test_a_paper_signed_today_is_genuine_today(database: Database) -> None:
    with open_signing_house(database) as (house, _):
        serial = an_issued_certificate(house)
        made = sign(house, serial)
        answer = house.done(house.client.post("/api/verify", json={"p": made["link"]}))
        assert (answer["authentic"], answer["status"]) == (True, "valid")
        asked = house.done(house.get(f"/api/verify/{serial}?on={today()}"))
        assert asked["status"] == "valid"
