"""Recording over HTTP: what is answered, what is in the log, and what repetition does."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from api import recording
from api.server import following
from tests.api_house import (
    OFFICE,
    House,
    a_decision,
    an_award,
    fields_of,
    open_house,
    problem,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httpx2 import Response

    from registry.database import Database


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


PROVINCE = "Chủ tịch UBND tỉnh Lào Cai"


def a_list(count: int, **fields: Any) -> dict[str, Any]:
    lines = [
        {
            "recipient": {"name": f"Vàng A Sử {number}", "unit": "Trường Bản Cái"},
            "form": "CERT-BK-BT",
        }
        for number in range(count)
    ]
    return {"awards": lines} | fields


# One record ---------------------------------------------------------------------------------


def test_a_decision_is_kept_exactly_as_written(house: House) -> None:
    answer = house.post("/api/decisions", a_decision(number="  212 QĐ/CTN ", decided_on="9/5/2024"))
    body = house.done(answer)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/decisions/{body['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert body["number"] == "  212 QĐ/CTN "
    assert body["decided_on"] == "2024-05-09"
    assert body["decided_on_text"] == "09/5/2024"
    assert body["recorded_by"] == "clerk Thử"
    assert body["office"] == OFFICE
    assert body["position"] == house.registry.log.head().position
    again = house.done(house.get(f"/api/decisions/{body['id']}"))
    assert again.items() <= body.items()


def test_what_was_written_is_in_the_registers_when_the_answer_comes(house: House) -> None:
    headers = house.headers()
    del headers["Prefer"]
    with following(house.database):
        made = house.client.post("/api/decisions", json=a_decision(), headers=headers)
        listed = house.done(house.get("/api/decisions"))["decisions"]
    assert house.done(made)["in_registers"] is True
    assert [one["id"] for one in listed] == [made.json()["id"]]


def test_without_registers_a_command_is_still_answered(house: House) -> None:
    body = house.done(house.post("/api/decisions", a_decision()))
    assert body["in_registers"] is False


def test_a_decision_registered_already_names_the_record_that_holds_it(house: House) -> None:
    first = house.decision()
    again = house.post("/api/decisions", a_decision(number="212/QD-CTN"))
    body = problem(again, 409, "decision-registered-already")
    assert body["holder"] == first["id"]


def test_an_award_recorded_already_is_a_conflict_unless_it_says_why_it_is_another(
    house: House,
) -> None:
    first = house.award()
    body = problem(house.post("/api/awards", an_award()), 409, "award-recorded-already")
    assert body["holder"] == first["id"]
    other = house.award(distinct_because="anh em họ, cùng tên cùng tuổi")
    assert other["id"] != first["id"]


def test_a_correction_shows_before_and_after_and_keeps_the_basis(house: House) -> None:
    award = house.award("Giàng Seo Phư")
    sent = {
        "corrections": {"name": "Giàng Seo Phử", "born": "2/3/1931"},
        "reason": "đối chiếu bằng gốc",
        "basis": "Biên bản 12/BB-SNV",
    }
    body = house.done(house.post(f"/api/awards/{award['id']}/correct", sent))
    assert body["version"] == 2
    assert body["recipient"]["name"] == "Giàng Seo Phử"
    person = body["recipient"]["persons"][0]
    assert person["born"] == "1931"
    assert person["personal"]["birth_date"] == {"state": "open", "value": "1931-03-02"}
    history = house.done(house.get(f"/api/awards/{award['id']}/history"))["history"]
    assert [entry["event"] for entry in history] == ["award-recorded.v1", "award-corrected.v1"]
    changes = {one["field"]: (one["before"], one["after"]) for one in history[1]["changes"]}
    assert changes == {
        "name": ("Giàng Seo Phư", "Giàng Seo Phử"),
        "born": ("năm 1930", "năm 1931"),
    }
    assert history[1]["basis"] == "Biên bản 12/BB-SNV"
    assert history[1]["reason"] == "đối chiếu bằng gốc"


def test_a_form_is_corrected_by_its_name(house: House) -> None:
    award = house.award()
    sent = {"corrections": {"form": "Huy chương Kháng chiến chống Mỹ hạng Nhì"}, "reason": "nhầm"}
    body = house.done(house.post(f"/api/awards/{award['id']}/correct", sent))
    assert (body["form"], body["award_class"]) == ("MED-KC-US", "II")


def test_a_personal_value_is_corrected_under_seal(house: House) -> None:
    award = house.award()
    sent = {"personal": [{"kind": "residence", "value": "tổ 3, Cốc Lếu"}], "reason": "bổ sung"}
    body = house.done(house.post(f"/api/awards/{award['id']}/correct", sent))
    person = body["recipient"]["persons"][0]
    assert person["personal"]["residence"] == {"state": "open", "value": "tổ 3, Cốc Lếu"}
    assert "Cốc Lếu" not in house.get(f"/api/awards/{award['id']}", "operator").text


def test_a_decision_is_corrected(house: House) -> None:
    made = house.decision()
    sent = {"corrections": {"decided_on": "10/5/2024", "signatory": None}, "reason": "gõ nhầm"}
    body = house.done(house.post(f"/api/decisions/{made['id']}/correct", sent))
    assert body["decided_on"] == "2024-05-10"
    assert body["signatory"] is None
    assert body["issuer"] == made["issuer"]
    again = house.post(f"/api/decisions/{made['id']}/correct", sent)
    problem(again, 422, "nothing-to-correct")


def test_artifacts_are_issued_with_serials_given_or_allotted(house: House) -> None:
    award = house.award()
    issue = f"/api/awards/{award['id']}/artifacts"
    sent = {"artifacts": [{"component": "certificate", "serial": "HN-17"}], "issued_on": "5/2024"}
    first = house.done(house.post(issue, sent))
    stages = {one["component"]: one["stage"] for one in first["artifacts"]}
    assert stages["certificate"] == "issued"
    assert stages["frame"] == "expected"
    rest = house.done(house.post(issue, {"issued_on": "2024-06-01"}))
    serials = [one["serial"] for one in rest["artifacts"]]
    assert "HN-17" in serials
    assert len(set(serials)) == 4
    assert all("2024" in serial for serial in serials if serial != "HN-17")
    problem(house.post(issue, {}), 422, "nothing-to-issue")
    problem(house.post(issue, sent), 422, "component-issued-already")


def test_a_serial_is_found_in_any_spelling_and_used_once(house: House) -> None:
    first, second = house.award(), house.award("Vàng A Sử")
    sent = {"artifacts": [{"component": "certificate", "serial": "HN-2024/17"}]}
    house.done(house.post(f"/api/awards/{first['id']}/artifacts", sent))
    found = house.done(house.get("/api/artifacts/hn-2024-17"))
    assert (found["serial"], found["award_id"]) == ("HN-2024/17", first["id"])
    again = house.post(f"/api/awards/{second['id']}/artifacts", sent)
    assert problem(again, 409, "serial-used-already")["holder"] == first["id"]


def test_an_artifact_goes_from_issue_to_hand(house: House) -> None:
    award = house.award(issue_artifacts=True, issued_on="2024-05-10")
    (serial,) = [one["serial"] for one in award["artifacts"] if one["component"] == "certificate"]
    house.done(house.post(f"/api/artifacts/{serial}/print", {}))
    sent = {"delivered_on": "2/9/2024", "receiver": {"kind": "recipient"}}
    body = house.done(house.post(f"/api/artifacts/{serial}/deliver", sent))
    assert body["stage"] == "delivered"
    assert body["issued_on"] == "2024-05-10"
    assert body["delivered_on"] == "2024-09-02"
    assert body["receiver"]["name"] == "Giàng Seo Phử"
    back = {"returned_on": "2024-09-03", "reason": "nhầm"}
    refused = house.post(f"/api/artifacts/{serial}/return", back)
    assert "đã trao" in problem(refused, 422, "artifact-stage")["detail"]


# Lists --------------------------------------------------------------------------------------


def test_a_list_of_awards_is_one_transaction(house: House) -> None:
    made = house.decision(issuer=PROVINCE)
    before = house.facts()
    sent = a_list(300, issue_artifacts=True, issued_on="2024-06-01")
    answer = house.post(f"/api/decisions/{made['id']}/awards", sent)
    body = house.done(answer)
    assert answer.status_code == 201
    assert [line["name"] for line in body["awards"]] == [f"Vàng A Sử {n}" for n in range(300)]
    serials = [one["serial"] for line in body["awards"] for one in line["artifacts"]]
    assert len(set(serials)) == len(serials) == 600
    assert house.facts() == before + 300 * 3
    award = house.done(house.get(f"/api/awards/{body['awards'][7]['id']}"))
    assert award["decision_id"] == made["id"]
    assert award["awarded_on"] == "2024-05-09"


def test_one_bad_line_refuses_the_whole_list_and_every_bad_line_is_named(house: House) -> None:
    made = house.decision()
    before = house.facts()
    sent = a_list(5)
    sent["awards"][1]["award_class"] = "II"
    sent["awards"][3]["recipient"]["name"] = " "
    sent["awards"][4] = sent["awards"][0]
    body = problem(house.post(f"/api/decisions/{made['id']}/awards", sent), 422, "body-invalid")
    assert fields_of(body) == {
        "awards[1].award_class": "class-not-allowed",
        "awards[3].name": "name-missing",
        "awards[4]": "award-recorded-already",
    }
    assert house.facts() == before


def test_forms_and_dates_of_a_list_are_judged_line_by_line(house: House) -> None:
    made = house.decision()
    sent = a_list(3)
    sent["awards"][0]["form"] = "Bằng khen gì đó"
    sent["awards"][2]["awarded_on"] = "31/02/2024"
    body = problem(house.post(f"/api/decisions/{made['id']}/awards", sent), 422, "body-invalid")
    assert set(fields_of(body)) == {"awards[0].form", "awards[2].awarded_on"}


def test_a_list_whose_every_line_is_known_is_a_conflict(house: House) -> None:
    made = house.decision()
    house.done(house.post(f"/api/decisions/{made['id']}/awards", a_list(3)))
    again = house.post(f"/api/decisions/{made['id']}/awards", a_list(3))
    problem(again, 409, "body-invalid")


def test_a_bare_list_and_a_single_award_are_taken_too(house: House) -> None:
    made = house.decision()
    lines = a_list(3)["awards"]
    path = f"/api/decisions/{made['id']}/awards"
    assert len(house.done(house.post(path, lines[:2]))["awards"]) == 2
    one = house.post(path, lines[2])
    assert one.headers["Location"] == f"/api/awards/{house.done(one)['id']}"


def test_a_list_is_not_longer_than_its_limit(house: House) -> None:
    made = house.decision()
    answer = house.post(f"/api/decisions/{made['id']}/awards", a_list(5_001))
    body = problem(answer, 422, "body-invalid")
    assert fields_of(body) == {"awards": "items-too-many"}


def test_doubts_about_a_line_stand_beside_it(house: House) -> None:
    made = house.decision(issuer=PROVINCE)
    sent = a_list(2)
    for line in sent["awards"]:
        line["golden_book"] = {"number": "83"}
    body = house.done(house.post(f"/api/decisions/{made['id']}/awards", sent))
    codes = [[one["code"] for one in line["remarks"]] for line in body["awards"]]
    assert codes == [[], ["golden-number-repeated"]]


# Repetition ---------------------------------------------------------------------------------


def record_decision(house: House, key: str) -> Response:
    return house.post("/api/decisions", a_decision(), Idempotency_Key=key)


def record_award(house: House, key: str) -> Response:
    sent = an_award(issuer_typed="Hội đồng Nhà nước", awarded_on="2010", issue_artifacts=True)
    return house.post("/api/awards", sent, Idempotency_Key=key)


def record_numbered_award(house: House, key: str) -> Response:
    sent = an_award("Vàng A Sử", golden_book={"number": "83"})
    return house.post("/api/awards", sent, Idempotency_Key=key)


@pytest.mark.parametrize("send", [record_decision, record_award, record_numbered_award])
def test_the_same_request_again_gets_the_same_answer_and_adds_nothing(
    house: House, send: Callable[[House, str], Response]
) -> None:
    house.award(golden_book={"number": "083"})
    first = send(house, "key-1")
    before = house.facts()
    again = send(house, "key-1")
    assert again.status_code == first.status_code == 201
    assert house.done(again) == house.done(first) | {"repeated": True}
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Location"] == first.headers["Location"]
    assert house.facts() == before


def test_a_list_sent_again_gets_the_same_answer(house: House) -> None:
    made = house.decision()
    sent = a_list(250, issue_artifacts=True)
    path = f"/api/decisions/{made['id']}/awards"
    first = house.done(house.post(path, sent, Idempotency_Key="list-1"))
    house.award()
    before = house.facts()
    again = house.done(house.post(path, sent, Idempotency_Key="list-1"))
    assert again == first | {"repeated": True}
    assert house.facts() == before


def test_a_later_change_does_not_change_the_repeated_answer(house: House) -> None:
    first = house.done(record_award(house, "k"))
    sent = {"corrections": {"note": "đã xem"}, "reason": "x"}
    house.done(house.post(f"/api/awards/{first['id']}/correct", sent, Idempotency_Key="c"))
    assert house.done(record_award(house, "k"))["version"] == first["version"]
    again = house.post(f"/api/awards/{first['id']}/correct", sent, Idempotency_Key="c")
    assert house.done(again)["note"] == "đã xem"


def test_a_key_stands_for_one_request_only(house: House) -> None:
    house.done(record_decision(house, "k"))
    before = house.facts()
    for path, body in (
        ("/api/decisions", a_decision(number="9/QĐ-CTN")),
        ("/api/awards", an_award()),
    ):
        answer = house.post(path, body, Idempotency_Key="k")
        assert fields_of(problem(answer, 422, "request-key-reused")) == {
            "Idempotency-Key": "request-key-reused"
        }
    assert house.facts() == before


def test_each_user_has_keys_of_his_own(house: House) -> None:
    house.done(record_decision(house, "k"))
    other = house.post("/api/decisions", a_decision(number="9/QĐ"), "leader", Idempotency_Key="k")
    assert house.done(other)["repeated"] is False


# Versions -----------------------------------------------------------------------------------


def test_a_command_holds_for_the_version_that_was_seen(house: House) -> None:
    award = house.award()
    correct = f"/api/awards/{award['id']}/correct"
    first = {"corrections": {"note": "một"}, "reason": "x"}
    second = {"corrections": {"note": "hai"}, "reason": "x"}
    house.done(house.post(correct, first, If_Match='"1"'))
    body = problem(house.post(correct, second, If_Match='"1"'), 412, "record-changed")
    assert fields_of(body) == {"If-Match": "record-changed"}
    assert house.done(house.get(f"/api/awards/{award['id']}"))["note"] == "một"
    house.done(house.post(correct, second, If_Match='"2"'))
    problem(house.post(correct, first, If_Match='W/"3"'), 412, "record-changed")
    problem(house.post(correct, first, If_Match="3"), 400, "if-match-malformed")
    problem(house.post(correct, first, If_Match='"x"'), 400, "if-match-malformed")
    house.done(house.post(correct, first, If_Match="*"))
    new = house.post("/api/decisions", a_decision(), If_Match='"1"')
    problem(new, 400, "if-match-on-new-record")


def together(count: int, act: Callable[[int], None]) -> None:
    barrier = Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        act(number)

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_two_simultaneous_grants_of_one_serial_one_stands(house: House) -> None:
    awards = [house.award(f"Vàng A Sử {number}") for number in range(6)]
    sent = {"artifacts": [{"component": "certificate", "serial": "HN-17"}]}
    statuses: dict[int, int] = {}

    def grant(number: int) -> None:
        path = f"/api/awards/{awards[number]['id']}/artifacts"
        statuses[number] = house.post(path, sent).status_code

    together(len(awards), grant)
    assert sorted(statuses.values()) == [200] + [409] * 5
    (winner,) = [number for number, status in statuses.items() if status == 200]
    found = house.done(house.get("/api/artifacts/HN-17"))
    assert found["award_id"] == awards[winner]["id"]
    for number, award in enumerate(awards):
        now = house.registry.load("award", UUID(award["id"])).state
        assert bool(now.artifacts) == (number == winner)


def test_of_simultaneous_changes_to_one_version_one_stands(house: House) -> None:
    award = house.award()
    statuses: dict[int, int] = {}

    def correct(number: int) -> None:
        sent = {"corrections": {"note": f"lần {number}"}, "reason": "x"}
        path = f"/api/awards/{award['id']}/correct"
        statuses[number] = house.post(path, sent, If_Match='"1"').status_code

    together(5, correct)
    assert sorted(statuses.values()) == [200] + [412] * 4
    assert house.done(house.get(f"/api/awards/{award['id']}"))["version"] == 2


def test_a_repetition_that_comes_between_two_looks_is_still_no_refusal(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same request is carried out after ours looked for it, and before ours was judged."""
    look_up_names = recording._claims
    others: list[dict[str, Any]] = []

    def meanwhile(*arguments: Any) -> Any:
        if not others:
            others.append({})
            others[0] = house.done(record_award(house, "k"))
        return look_up_names(*arguments)

    monkeypatch.setattr(recording, "_claims", meanwhile)
    ours = house.done(record_award(house, "k"))
    assert ours == others[0] | {"repeated": True}


def test_simultaneous_repetitions_of_one_request_record_once(house: House) -> None:
    answers: dict[int, dict[str, Any]] = {}
    house.token()
    before = house.facts()
    together(5, lambda number: answers.update({number: record_award(house, "k").json()}))
    assert len({answer["id"] for answer in answers.values()}) == 1
    assert sum(not answer["repeated"] for answer in answers.values()) == 1
    # The award, the doubt about it, and its artifacts.
    assert house.facts() == before + 6


def test_a_key_stands_for_one_query_too(house: House) -> None:
    once = house.post("/api/decisions?lang=vi", a_decision(), Idempotency_Key="q")
    assert house.done(once)["repeated"] is False
    again = house.post("/api/decisions?lang=vi", a_decision(), Idempotency_Key="q")
    assert house.done(again)["repeated"] is True
    other = house.post("/api/decisions?lang=en", a_decision(), Idempotency_Key="q")
    problem(other, 422, "request-key-reused")
