"""An award that its authority might not confer: kept, shown, and held back until it is settled."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from api.doubts.reviewing import review_all
from api.recording import carry_out
from tests.api_house import OPERATOR, House, an_award, open_house, problem
from tests.case_house import Desk, serial_of
from tests.signing_house import an_issued_certificate, open_signing_house, publish_lists, sign
from tests.test_register_check import compared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from registry.database import Database

CODE = "authority-not-competent"
PROVINCE = "Chủ tịch UBND tỉnh Lào Cai"
REASON = {"reason": "tỉnh ghi nhầm cơ quan, bản gốc do Chủ tịch nước ký"}


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as house:
        yield house


def an_order(**fields: Any) -> dict[str, Any]:
    return an_award(
        **{
            "form": "ORD-SAOVANG",
            "award_class": None,
            "awarded_on": "2024-05-09",
            "number_typed": "1234/QĐ-UBND",
            "issuer_typed": PROVINCE,
            "issue_artifacts": True,
            **fields,
        }
    )


def a_held_award(house: House, **fields: Any) -> dict[str, Any]:
    return house.done(house.post("/api/awards", an_order(**fields)))


def confirm(house: House, award: dict[str, Any], **more: Any) -> Response:
    return house.post(f"/api/awards/{award['id']}/confirm-doubts", REASON | more)


def read(house: House, award: dict[str, Any]) -> dict[str, Any]:
    return house.done(house.get(f"/api/awards/{award['id']}"))


def queue(house: House, query: str = "") -> list[dict[str, Any]]:
    house.catch_up()
    found: list[dict[str, Any]] = house.done(house.get(f"/api/doubts{query}"))["doubts"]
    return found


def test_a_state_medal_under_a_provincial_decision_is_recorded_with_a_remark(house: House) -> None:
    award = a_held_award(house)

    assert [one["code"] for one in award["remarks"]] == [CODE]
    assert award["held_back"]
    again = read(house, award)
    [doubt] = again["doubts"]
    assert (doubt["code"], doubt["holds_back"]) == (CODE, True)
    assert PROVINCE in doubt["detail"]
    [row] = queue(house, "?holds=true")
    assert (row["award_id"], row["code"]) == (award["id"], CODE)
    assert queue(house, "?code=other") == []
    listed = house.done(house.get("/api/awards"))["awards"]
    assert [one["held_back"] for one in listed] == [True]
    history = house.done(house.get(f"/api/awards/{award['id']}/history"))["history"]
    assert [one["event"] for one in history][:2] == ["award-recorded.v1", "award-doubted.v1"]
    assert PROVINCE in history[1]["details"][0]["value"]


def test_it_is_shown_on_the_page_and_to_the_public(house: House) -> None:
    award = a_held_award(house)
    house.catch_up()
    page = house.get(f"/awards/{award['id']}").text
    public = house.get(f"/awards/{award['id']}", role=None).text
    anybody = house.done(house.get(f"/api/awards/{award['id']}", role=None))

    assert "không thuộc thẩm quyền" in page
    assert "đang được rà soát" in public
    assert anybody["held_back"]
    assert "doubts" not in anybody


def test_the_same_request_again_tells_the_same_doubt_and_records_nothing(house: House) -> None:
    first = house.post("/api/awards", an_order(), Idempotency_Key="one")
    facts = house.facts()
    again = house.post("/api/awards", an_order(), Idempotency_Key="one")

    assert house.done(again)["remarks"] == house.done(first)["remarks"]
    assert house.facts() == facts


def test_nothing_of_it_is_printed_without_keys(house: House) -> None:
    award = a_held_award(house)
    serial = serial_of(award)

    for path in (f"/api/artifacts/{serial}/certificate.pdf",):
        problem(house.get(path), 422, "award-held-back")
    problem(house.post(f"/api/artifacts/{serial}/print", {}), 422, "award-held-back")
    house.done(confirm(house, award))
    assert house.get(f"/api/artifacts/{serial}/certificate.pdf").is_success
    house.done(house.post(f"/api/artifacts/{serial}/print", {}))


def test_nothing_of_it_is_signed_until_it_is_confirmed(database: Database) -> None:
    with open_signing_house(database) as (house, _):
        award = a_held_award(house)
        serial = serial_of(award)
        problem(house.post(f"/api/artifacts/{serial}/sign", {}), 422, "award-held-back")
        status = house.done(house.get(f"/api/verify/{serial}", role=None))
        assert (status["status"], status["in_force"]) == ("held-back", False)
        assert status["reason"] == CODE

        house.done(confirm(house, award))
        made = sign(house, serial)
        status = house.done(house.get(f"/api/verify/{serial}", role=None))
        assert (status["status"], status["in_force"]) == ("valid", True)
        checked = house.done(house.post("/api/verify", {"p": made["link"]}, role=None))
        assert checked["in_force"]


def test_what_was_signed_before_is_not_told_as_in_force_while_it_is_doubted(
    database: Database,
) -> None:
    with open_signing_house(database) as (house, _):
        serial = an_issued_certificate(house, awarded_on="1985")
        award = house.done(house.get(f"/api/artifacts/{serial}"))["award_id"]
        made = sign(house, serial)
        house.catch_up()
        publish_lists(house)
        wrong = {"corrections": {"form": "CERT-BK-BT", "award_class": None}, "reason": "chép lại"}
        house.done(house.post(f"/api/awards/{award}/correct", wrong, role="leader"))
        house.catch_up()

        checked = house.done(house.post("/api/verify", {"p": made["link"]}, role=None))
        assert (checked["status"], checked["in_force"]) == ("held-back", False)
        for path in ("qr.svg", "credential", "certificate.pdf"):
            problem(house.get(f"/api/artifacts/{serial}/{path}"), 422, "award-held-back")
        house.done(house.post(f"/api/awards/{award}/confirm-doubts", REASON))
        house.catch_up()
        again = house.done(house.post("/api/verify", {"p": made["link"]}, role=None))
        assert again["in_force"]


def lines_of(house: House, names: dict[str, str], **fields: Any) -> dict[str, Any]:
    decision = house.decision(issuer=PROVINCE, number="1234/QĐ-UBND", **fields)
    lines = [
        {"recipient": {"kind": "individual", "name": name}, "form": form}
        for name, form in names.items()
    ]
    sent = {"awards": lines, "issue_artifacts": True}
    return house.done(house.post(f"/api/decisions/{decision['id']}/awards", sent))


@pytest.mark.parametrize("signed", [False, True])
def test_a_job_of_a_whole_decision_says_which_were_held_back(
    database: Database, *, signed: bool
) -> None:
    with open_signing_house(database) as (house, _):
        names = {"Giàng Seo Phử": "CERT-BK-BT", "Vàng Thị Mẩy": "ORD-DUNGCAM"}
        made = lines_of(house, names)
        house.catch_up()
        path = f"/api/decisions/{made['decision_id']}/certificates"
        token = house.headers("clerk") | {"Prefer": "wait=30"}
        job = house.done(house.client.post(path, json={"signed": signed}, headers=token))
        for _ in range(600):
            if job["state"] != "running":
                break
            time.sleep(0.1)
            job = house.done(house.get(f"/api/print-jobs/{job['id']}"))

        assert job["state"] == "done", job
        [held] = job["held_back"]
        assert held["name"] == "Vàng Thị Mẩy"
        assert held["award_id"] == made["awards"][1]["id"]
        assert (job["total"], job["without_certificate"]) == (1, 0)


def test_a_decision_of_which_all_are_held_back_prints_nothing(database: Database) -> None:
    with open_signing_house(database) as (house, _):
        made = lines_of(house, {"Vàng Thị Mẩy": "ORD-DUNGCAM"})
        house.catch_up()
        path = f"/api/decisions/{made['decision_id']}/certificates"
        token = house.headers("clerk") | {"Prefer": "wait=30"}
        answer = house.client.post(path, json={}, headers=token)

        assert "Vàng Thị Mẩy" in problem(answer, 422, "certificates-held-back")["detail"]


def test_who_records_may_not_confirm(house: House) -> None:
    award = a_held_award(house)
    path = f"/api/awards/{award['id']}/confirm-doubts"

    problem(house.post(path, REASON, role="clerk"), 403, "role-may-not-write")
    problem(house.post(path, {"reason": " "}), 422, "reason-missing")
    problem(house.post(path, REASON | {"codes": ["other"]}), 422, "no-doubt-to-confirm")
    done = house.done(house.post(path, REASON, role="verifier"))
    assert (done["held_back"], done["doubts"]) == (False, [])
    problem(house.post(path, REASON, role="verifier"), 422, "no-doubt-to-confirm")
    history = house.done(house.get(f"/api/awards/{award['id']}/history"))["history"]
    assert history[-1]["event"] == "award-doubts-confirmed.v1"
    assert history[-1]["reason"] == REASON["reason"]
    assert queue(house) == []


def test_a_correction_settles_the_doubt_or_brings_it_up(house: House) -> None:
    award = a_held_award(house)
    path = f"/api/awards/{award['id']}/correct"
    right = {"corrections": {"form": "CERT-BK-BT"}, "reason": "chép nhầm hình thức"}
    wrong = {"corrections": {"form": "ORD-DUNGCAM"}, "reason": "đọc lại bản gốc"}

    settled = house.done(house.post(path, right))
    assert (settled["held_back"], settled["doubts"]) == (False, [])
    assert queue(house) == []
    brought_up = house.done(house.post(path, wrong))
    assert brought_up["held_back"]
    assert CODE in {one["code"] for one in brought_up["remarks"]}
    assert len(queue(house)) == 1


def test_what_was_confirmed_is_not_doubted_again_in_the_same_words(house: House) -> None:
    award = a_held_award(house)
    house.done(confirm(house, award))
    path = f"/api/awards/{award['id']}/correct"
    noted = house.done(house.post(path, {"corrections": {"note": "x"}, "reason": "bổ sung"}))
    other = {"corrections": {"form": "ORD-HOCHIMINH"}, "reason": "đọc lại"}

    assert not noted["held_back"]
    assert house.done(house.post(path, other))["held_back"]


def test_a_corrected_issuer_of_a_decision_settles_all_its_awards(house: House) -> None:
    made = lines_of(house, {"Giàng Seo Phử": "ORD-DUNGCAM", "Vàng Thị Mẩy": "ORD-DUNGCAM"})
    assert len(queue(house)) == 2
    path = f"/api/decisions/{made['decision_id']}/correct"
    right = {"corrections": {"issuer": "Chủ tịch nước"}, "reason": "chép nhầm cơ quan"}
    back = {"corrections": {"issuer": PROVINCE}, "reason": "bản gốc ghi thế"}

    house.done(house.post(path, right))
    assert queue(house) == []
    doubted = house.done(house.post(path, back))
    assert [one["code"] for one in doubted["remarks"]] == [CODE], "told once for both"
    assert len(queue(house)) == 2


def test_an_award_that_comes_while_its_decision_is_corrected_is_judged_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = house.decision(issuer="Chủ tịch nước")
    line = {"recipient": {"kind": "individual", "name": "Cư Seo Lử"}, "form": "ORD-DUNGCAM"}
    house.catch_up()
    late: list[dict[str, Any]] = []

    def meanwhile(*arguments: Any, **options: Any) -> Any:
        late.append(house.done(house.post(f"/api/decisions/{made['id']}/awards", line)))
        return carry_out(*arguments, **options)

    monkeypatch.setattr("api.decisions.carry_out", meanwhile)
    back = {"corrections": {"issuer": PROVINCE}, "reason": "bản gốc ghi thế"}
    house.done(house.post(f"/api/decisions/{made['id']}/correct", back))

    assert not late[0]["held_back"], "it was recorded under the decision as it was"
    assert read(house, late[0])["held_back"]


def test_a_cancelled_award_is_told_as_cancelled_and_leaves_nothing_to_settle(house: House) -> None:
    award = a_held_award(house)
    by = house.decision(number="9/QĐ-CTN", kind="cancel", decided_on="2024-06-01")
    sent = {"decision_id": by["id"], "reason": "unlawful-appraisal"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", sent))

    assert queue(house) == []
    status = house.done(house.get(f"/api/verify/{serial_of(award)}", role=None))
    assert status["status"] == "cancelled"


def test_no_confirmation_letter_says_what_is_in_doubt(house: House) -> None:
    award, desk = a_held_award(house), Desk(house)
    case = desk.hit(desk.open("confirmation", award_id=award["id"]))
    problem(desk.ask(case, "confirm", on="2026-02-04", number="45/XN"), 422, "award-held-back")
    house.done(confirm(house, award))
    desk.confirm(case)
    letter = f"/api/cases/{case['id']}/confirmation.pdf"
    assert house.get(letter, role="clerk").is_success

    wrong = {"corrections": {"form": "ORD-HOCHIMINH"}, "reason": "đọc lại"}
    house.done(house.post(f"/api/awards/{award['id']}/correct", wrong))
    problem(house.get(letter, role="clerk"), 422, "award-held-back")


def test_the_register_of_doubts_follows_from_the_log(house: House, database: Database) -> None:
    awards = [a_held_award(house, recipient={"name": f"Người Thử {n}"}) for n in range(4)]
    house.done(confirm(house, awards[1]))
    house.catch_up()
    assert compared(database)[0] == []
    with psycopg.connect(database.administrator) as connection:
        connection.execute("DELETE FROM doubts.doubt WHERE award_id = %s", (awards[0]["id"],))
    assert [code for code, _ in compared(database)[0]] == ["register-row-missing"]


def test_an_award_entered_by_mistake_leaves_nothing_to_confirm(house: House) -> None:
    award = a_held_award(house, issue_artifacts=False)
    assert len(queue(house)) == 1
    taken_back = house.post(f"/api/awards/{award['id']}/withdraw", {"reason": "ghi nhầm"})
    assert house.done(taken_back)["standing"] == "withdrawn"
    assert queue(house) == []
    again = read(house, award)
    assert (again["held_back"], again["doubts"]) == (False, [])
    problem(confirm(house, award), 422, "award-withdrawn")


def test_a_register_of_before_is_reviewed_and_found_in_order_again(
    house: House, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        # As it was recorded before there was a table of authorities.
        before.setattr("registry.award.entry.content_doubts", lambda *_: ())
        award = a_held_award(house)
        lines_of(house, {"Giàng Seo Phử": "ORD-DUNGCAM", "Vàng Thị Mẩy": "CERT-BK-BT"})
    assert not read(house, award)["held_back"]
    house.catch_up()
    done = review_all(database, OPERATOR)
    assert (done.awards, done.doubted, done.settled) == (3, 2, 0)
    assert read(house, award)["held_back"]
    assert len(queue(house, "?holds=true")) == 2
    facts = house.facts()
    assert review_all(database, OPERATOR).doubted == 0
    assert house.facts() == facts
