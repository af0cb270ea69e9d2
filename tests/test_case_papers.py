"""Papers of artifacts and cases over HTTP, from what the register says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from registry.database import Database
from tests.api_house import House, open_house, problem
from tests.artifact_life import artifact, permitting_case, post, serial_of
from tests.case_house import Desk
from tests.pdf_reading import read_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

PRINTED = "xã Bản Cái, huyện Bắc Hà, tỉnh Hoàng Liên Sơn"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as house:
        yield house


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def an_old_award(house: House) -> dict[str, Any]:
    recipient = {"persons": [{"born": "1930", "native_place": PRINTED}]}
    return house.award("Giàng Thị Mẩy", recipient=recipient, issue_artifacts=True)


def text_of(house: House, path: str) -> str:
    response = house.get(path, "clerk")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    return " ".join(page.text for page in read_pages(response.content))


def test_what_was_handed_in_has_its_receipt(house: House, desk: Desk) -> None:
    serial = serial_of(an_old_award(house))
    path = f"/api/artifacts/{serial}/receipt.pdf"
    problem(house.get(path, "clerk"), 404, "artifact-never-handed-in")
    house.done(
        house.post(
            f"/api/artifacts/{serial}/deliver",
            {"receiver": {"kind": "recipient"}, "delivered_on": "1986"},
        )
    )
    desk.surrender(serial)
    said = text_of(house, path)
    assert said.count(artifact(house, serial)["receipt"]["number"]) == 2
    assert said.count(serial) == 2
    assert said.count("ngày 23 tháng 02 năm 2026") == 2
    assert "Giàng Seo Dờ (con trai của người được khen thưởng)" in said
    assert "Kho Sở Nội vụ, tủ 2" in said
    assert "CCCD" not in said
    assert "HANDED IN BY" in text_of(house, path + "?language=en")
    problem(house.get(path, None), 401, "sign-in-missing")
    problem(house.get(path, "operator"), 403, "role-may-not-print")


def test_a_request_has_its_receipt_as_it_came_in(house: House, desk: Desk) -> None:
    case = desk.open(award_id=an_old_award(house)["id"], papers=["application-reissue"])
    path = f"/api/cases/{case['id']}/receipt.pdf"
    said = text_of(house, path)
    assert case["receipt"] in said
    assert "Đề nghị bổ sung" in said
    assert "Thời hạn theo:" in said
    assert "Nghị định 101/2018/NĐ-CP" in said
    assert "áp dụng)" in said
    before = house.get(path, "clerk").content
    desk.hit(case)
    assert house.get(path, "clerk").content == before
    problem(house.get(path, None), 401, "sign-in-missing")
    unknown = "01939bd7-3a5e-7c00-8000-0000000000d1"
    problem(house.get(f"/api/cases/{unknown}/receipt.pdf", "clerk"), 404, "service-case-unknown")


def test_a_confirmation_is_printed_once_it_was_issued(house: House, desk: Desk) -> None:
    case = desk.hit(desk.open(award_id=an_old_award(house)["id"]))
    path = f"/api/cases/{case['id']}/confirmation.pdf"
    problem(house.get(path, "clerk"), 422, "confirmation-missing")
    desk.confirm(case)
    said = text_of(house, path)
    assert "45/XN-SNV" in said
    assert "hộp 3, tờ 14" in said
    assert "Trần Văn Thử" in said


def test_scenario_29_an_application_keeps_the_old_names_and_the_cover_letter_adds_today_s(
    house: House, desk: Desk
) -> None:
    case = desk.ready(award_id=an_old_award(house)["id"])
    form = text_of(house, f"/api/cases/{case['id']}/application.pdf")
    assert "Hoàng Liên" in form
    assert "Cốc Lầu" not in form
    assert "Mẫu 2.2" in form
    assert "0912 345 678" in form, "contacts are for those who may read them, and clerks may"
    batch = house.done(desk.send(case))
    house.catch_up()
    letter = text_of(house, f"/api/case-batches/{batch['id']}/letter.pdf")
    assert "Cốc Lầu" in letter
    assert "1 trường hợp" in letter
    unknown = "/api/case-batches/01939bd7-3a5e-7c00-8000-0000000000d1/letter.pdf"
    problem(house.get(unknown, "clerk"), 404, "batch-unknown")


def test_a_certificate_that_was_replaced_is_not_printed_again(house: House) -> None:
    award = an_old_award(house)
    case = permitting_case(house.registry, award["id"], "reissue", "certificate")
    old = serial_of(award)
    post(house, old, "reissue", case_id=case, reason="lost", reissued_on="2026-03-03")
    new = serial_of(house.done(house.get(f"/api/awards/{award['id']}")))
    refused = house.get(f"/api/artifacts/{old}/certificate.pdf", "clerk")
    problem(refused, 422, "artifact-superseded")
    said = text_of(house, f"/api/artifacts/{new}/certificate.pdf")
    assert "HỘI ĐỒNG NHÀ NƯỚC" in said, "the design and the authority of 1985"


def test_each_applicant_has_the_form_of_the_circular(house: House, desk: Desk) -> None:
    award_id = an_old_award(house)["id"]
    people = {
        "household": ("Hộ gia đình ông Giàng Seo Dờ", "Mẫu 2.2", "ĐẠI DIỆN HỘ GIA ĐÌNH"),
        "collective": ("Hợp tác xã Na Ang", "Mẫu 2.1", "THỦ TRƯỞNG ĐƠN VỊ"),
        "person": ("Giàng Seo Dờ", "Mẫu 2.2", "NGƯỜI LÀM ĐƠN"),
    }
    for kind, (name, form, signer) in people.items():
        papers = [] if kind == "collective" else ["application-reissue"]
        applicant = {"kind": kind, "name": name, "relation": "con trai"}
        case = desk.open(award_id=award_id, applicant=applicant, papers=papers)
        said = text_of(house, f"/api/cases/{case['id']}/application.pdf")
        assert form in said
        assert signer in said
        assert name in said or name.upper() in said


def test_form_2_4_certifies_what_was_issued_again(house: House, desk: Desk) -> None:
    award = an_old_award(house)
    old = serial_of(award)
    case = permitting_case(house.registry, award["id"], "reissue", "certificate")
    path = f"/api/cases/{case}/replacement.pdf"
    problem(house.get(path, "leader"), 422, "nothing-replaced-yet")
    post(house, old, "reissue", case_id=case, reason="lost", reissued_on="2026-03-03")
    new = serial_of(house.done(house.get(f"/api/awards/{award['id']}")))
    said = text_of(house, path)
    for told in ("Mẫu 2.4", "GIẤY CHỨNG NHẬN CẤP LẠI", old, new, "03/3/2026", "Giàng Thị Mẩy"):
        assert told in said
    early = desk.open(award_id=award["id"], received_on="2025-10-10")
    address = f"/api/cases/{early['id']}/replacement.pdf"
    problem(house.get(address, "clerk"), 422, "form-not-of-this-rule")
