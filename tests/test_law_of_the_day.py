"""Which rule holds on which day, over HTTP: ended decrees, forms, households."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.api_house import House, open_house
from tests.case_house import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def codes(answer: dict[str, Any]) -> set[str]:
    return {one["code"] for one in answer["remarks"]}


@pytest.mark.parametrize(
    ("received_on", "cites", "not_cites"),
    [
        ("2025-06-30", "98/2023", "152/2025"),
        ("2025-07-01", "152/2025", "98/2023"),
        ("2025-10-11", "20/2025", "98/2023"),
        ("2026-02-02", "01/2026", "98/2023"),
        ("2026-07-08", "276/2026", "98/2023"),
    ],
)
def test_a_case_cites_the_law_of_the_day_on_which_it_was_received(
    house: House, desk: Desk, received_on: str, cites: str, not_cites: str
) -> None:
    case = desk.open(award_id=house.award()["id"], received_on=received_on)
    later = desk.hit(case, on="2026-11-02")
    for shown in (case, later):
        said = [shown["rule"]["source"], *(one["source"] for one in shown["rule"]["limits"])]
        assert any(cites in one for one in said)
        assert not any(not_cites in one for one in said)


def test_a_basis_that_had_ended_is_a_doubt_and_no_refusal(house: House, desk: Desk) -> None:
    award_id = house.award()["id"]
    stop = {"legal_basis": "Nghị định 98/2023/NĐ-CP, Điều 114", "reason": "chờ mẫu dấu"}
    old = desk.open(award_id=award_id, received_on="2025-06-20")
    assert codes(desk.step(old, "suspend", on="2025-07-02", **stop)) == set(), "its own law"
    new = desk.open(award_id=award_id, received_on="2025-07-01")
    suspended = desk.step(new, "suspend", on="2025-07-02", **stop)
    assert suspended["stage"] == "suspended"
    (doubt,) = [one for one in suspended["remarks"] if one["code"] == "law-ended"]
    assert "30/06/2025" in doubt["detail"] or "30/6/2025" in doubt["detail"]
    assert "152/2025" in doubt["detail"]


def test_a_decision_that_cites_what_had_ended_is_recorded_with_a_doubt(house: House) -> None:
    basis = "Căn cứ Nghị định số 98/2023/NĐ-CP"
    before = house.decision(number="1/QĐ-UBND", decided_on="2025-06-30", legal_basis=basis)
    assert "law-ended" not in codes(before)
    after = house.decision(number="2/QĐ-UBND", decided_on="2025-07-01", legal_basis=basis)
    assert "law-ended" in codes(after)


@pytest.mark.parametrize(
    ("sent_on", "form"), [("2025-10-10", "4.4"), ("2025-10-11", "2.3"), ("2026-02-05", "2.3")]
)
def test_the_list_to_the_centre_bears_the_form_of_its_day(
    house: House, desk: Desk, sent_on: str, form: str
) -> None:
    case = desk.open(award_id=house.award()["id"], received_on="2025-10-01")
    case = desk.confirm(desk.hit(case, on="2025-10-02"), on="2025-10-02")
    batch = house.done(desk.send(case, on=sent_on))
    house.catch_up()
    address = f"/api/case-batches/{batch['id']}"
    assert house.done(house.get(address, "clerk"))["form"] == form
    sheet = openpyxl.load_workbook(io.BytesIO(house.get(f"{address}.xlsx", "clerk").content))
    assert sheet.active is not None
    assert sheet.active.cell(1, 1).value == f"Mẫu {form}"


def test_a_household_applies_by_form_2_2(house: House, desk: Desk) -> None:
    award_id = house.award()["id"]
    applicant = {
        "kind": "household",
        "name": "Hộ gia đình ông Giàng Seo Dờ",
        "relation": "con trai",
    }
    case = desk.open(award_id=award_id, applicant=applicant)
    assert case["applicant"]["kind"] == "household"
    assert case["checklist"][0]["form"] == "2.2"
    assert "household-not-named" not in codes(case)
    early = desk.open(award_id=award_id, applicant=applicant, received_on="2025-10-10")
    assert early["checklist"][0]["form"] == "4.2a"
    assert "household-not-named" in codes(early), "a doubt, and received all the same"


@pytest.mark.parametrize(
    ("on", "person", "collective"), [("2025-10-10", "4.1a", "4.1b"), ("2025-10-11", "2.2", "2.1")]
)
def test_what_to_bring_names_the_form_of_the_day(
    house: House, on: str, person: str, collective: str
) -> None:
    told = house.done(house.get(f"/api/procedures/exchange?on={on}"))
    assert told["checklists"]["person"][0]["form"] == person
    assert told["checklists"]["collective"][0]["form"] == collective
    numbers = {one["code"]: one["number"] for one in told["forms"]}
    assert numbers["list"] == ("4.4" if person == "4.1a" else "2.3")


# Art. 93(4) to (9) --------------------------------------------------------------------------


def a_title(house: House, form: str = "HON-AHLLVT", **fields: Any) -> str:
    title = house.award(form=form, award_class=None, submitting_body="UBND tỉnh Lào Cai", **fields)
    return f"/api/awards/{title['id']}"


@pytest.mark.parametrize(
    ("form", "effective_on", "ground", "code"),
    [
        ("HON-AHLLVT", "2026-02-02", None, "strip-grounds-narrower"),
        ("HON-BMVNAH", "2026-02-02", "sentence", "strip-grounds-narrower"),
        ("HON-AHLD", "2026-02-02", "life-or-death", None),
        ("HON-AHLLVT", "2026-02-02", "desertion-or-betrayal", None),
        ("HON-NGND", "2026-02-02", "sentence", None),
        ("HON-NGND", "2026-02-02", "activity-ended", "ground-does-not-fit"),
        ("HON-AHLLVT", "2023-12-31", "sentence", None),
    ],
)
def test_grounds_of_art_93_are_kept_and_what_does_not_fit_is_a_doubt(
    house: House, form: str, effective_on: str, ground: str | None, code: str | None
) -> None:
    verdict = {"effective_on": effective_on, "sentence": "tù chung thân", "ground": ground}
    noted = house.done(house.post(f"{a_title(house, form)}/note-verdict", verdict))
    assert codes(noted) & {"strip-grounds-narrower", "ground-does-not-fit"} == (
        {code} if code else set()
    )
    assert noted["verdict"]["ground"] == ground
    assert (ground is None) is (noted["verdict"]["ground_name"] is None)
    assert noted["standing"] == "standing"


def test_the_president_strips_and_restores_and_another_is_a_doubt(house: House) -> None:
    title = a_title(house)

    def done(step: str, kind: str, issuer: str, number: str) -> set[str]:
        decision = house.decision(number=number, kind=kind, issuer=issuer, decided_on="2026-03-01")
        sent = {"decision_id": decision["id"]}
        return codes(house.done(house.post(f"{title}/{step}", sent, role="leader")))

    assert "not-by-the-president" in done("strip", "strip", "Chủ tịch UBND tỉnh", "5/QĐ-UBND")
    assert "not-by-the-president" in done("restore", "restore", "Chủ tịch UBND tỉnh", "6/QĐ-UBND")
    assert "not-by-the-president" not in done("strip", "strip", "Chủ tịch nước", "7/QĐ-CTN")
    assert "not-by-the-president" not in done("restore", "restore", "Chủ tịch nước", "8/QĐ-CTN")


def test_terms_of_stripping_name_the_law_of_their_day(house: House) -> None:
    old = house.done(house.get("/api/procedures/strip?on=2025-06-30"))["rule"]
    new = house.done(house.get("/api/procedures/strip?on=2025-07-01"))["rule"]
    assert (old["id"], new["id"]) == ("strip-2024", "strip-2025")
    assert "(4), (5), (7)" in new["source"]
    restored = house.done(house.get("/api/procedures/restoration?on=2026-01-01"))["rule"]
    assert "93(6)" in restored["source"]
