"""An artifact's life over HTTP: custody and receipts, a decision cancelled, two clerks at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.api_house import House, fields_of, open_house, problem
from tests.artifact_life import SON, artifact, deciding, permitting_case, post, serial_of
from tests.case_house import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.database import Database

UNKNOWN = "01939bd7-3a5e-7c00-8000-00000000abcd"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def an_old_award(house: House, name: str = "Giàng Seo Phử", **fields: Any) -> dict[str, Any]:
    """An award of 1985 of whose artifacts nobody recorded the delivery."""
    return house.award(name, issue_artifacts=True, issued_on="1985", **fields)


def taking(**fields: Any) -> dict[str, Any]:
    return {
        "surrendered_by": SON,
        "purpose": "exchange",
        "kept_at": "tủ 3, Sở Nội vụ",
        "surrendered_on": "2026-01-15",
        "due_on": "2026-03-01",
    } | fields


def custody(house: House, **query: str) -> list[dict[str, Any]]:
    house.catch_up()
    answer = house.client.get("/api/custody", params=query, headers=house.headers())
    held: list[dict[str, Any]] = house.done(answer)["held"]
    return held


# Custody


def test_an_old_item_that_nobody_entered_is_entered_and_handed_in(house: House) -> None:
    award = house.award()
    entered = house.done(
        house.post(
            f"/api/awards/{award['id']}/artifacts",
            {"artifacts": [{"component": "certificate"}], "issued_on": "1985"},
        )
    )
    serial = serial_of(entered)
    assert serial.startswith("C1985-")
    taken = post(house, serial, "surrender", **taking(condition="ố vàng"))
    assert taken["stage"] == "in-custody"
    assert taken["custody"]["receipt"].startswith("BN2026-")


def test_a_receipt_says_all_that_its_paper_must_say(house: House) -> None:
    award = an_old_award(house, recipient={"honorific": "Ông"})
    certificate, medal = serial_of(award), serial_of(award, "order_insignia")
    also = [{"serial": medal.lower(), "condition": "mất cuống"}]
    post(house, certificate, "surrender", **taking(condition="ố vàng", also=also))

    receipt = artifact(house, medal)["receipt"]
    assert receipt == artifact(house, certificate)["receipt"]
    assert receipt["number"].startswith("BN2026-")
    assert [(one["serial"], one["condition"]) for one in receipt["items"]] == [
        (certificate, "ố vàng"),
        (medal, "mất cuống"),
    ]
    assert (receipt["surrendered_by"], receipt["relation"]) == ("Giàng Seo Dờ", "con trai")
    assert receipt["due_on_text"] == "01/3/2026"
    assert (receipt["purpose_name"], receipt["kept_at"]) == ("nộp để cấp đổi", "tủ 3, Sở Nội vụ")
    assert receipt["office"] == "Sở Nội vụ tỉnh Lào Cai"
    of = artifact(house, medal)["award"]
    assert (of["honorific"], of["name"]) == ("Ông", "Giàng Seo Phử")
    assert of["form_name"] == "Huân chương Kháng chiến (chống Mỹ, cứu nước) hạng Ba"
    assert (of["decision_number"], of["decided_on"]) == ("263 KT/HĐNN", "1985")


def without_day(**fields: Any) -> dict[str, Any]:
    body = taking(**fields)
    del body["due_on"]
    return body


def test_a_receipt_without_a_day_promises_that_of_the_exchange_case(house: House) -> None:
    award = an_old_award(house)
    certificate, medal = serial_of(award), serial_of(award, "order_insignia")
    desk = Desk(house)
    received = {"award_id": award["id"], "received_on": "2026-01-14"}
    case = desk.open("exchange", **received)
    frame = desk.open("exchange", **received, components=["frame"])
    reissue = desk.open(**received)
    other = desk.open("exchange", award_id=an_old_award(house, "Vàng A Sử")["id"])
    house.catch_up()
    for named, code in (
        (other, "case-of-other-award"),
        (reissue, "case-of-other-kind"),
        (frame, "case-of-other-component"),
    ):
        asked = without_day(case_id=named["id"])
        refused = problem(house.post(f"/api/artifacts/{certificate}/surrender", asked), 422, code)
        assert fields_of(refused) == {"case_id": code}

    taken = post(house, certificate, "surrender", **without_day())
    assert taken["custody"]["due_on"] == case["clock"]["due_on"] == "2026-01-29"
    (remark,) = taken["remarks"]
    assert (remark["code"], remark["params"]["receipt"]) == ("custody-due-by-case", case["receipt"])

    alone = post(house, medal, "surrender", **without_day(surrendered_on="2026-02-02"))
    assert alone["custody"]["due_on"] == "2026-02-23"
    (remark,) = alone["remarks"]
    assert remark["code"] == "custody-due-by-term"
    assert "tạm áp dụng Nghị định 101/2018" in remark["detail"]
    text = artifact(house, medal)["receipt"]["due_on_text"]
    assert text == "23/02/2026"


def test_a_case_that_is_named_need_not_be_in_the_registers_yet_and_must_be_open(
    house: House,
) -> None:
    award = an_old_award(house)
    serial, desk = serial_of(award), Desk(house)
    case = desk.open("exchange", award_id=award["id"], received_on="2026-01-14")
    path = f"/api/artifacts/{serial}/surrender"
    taken = house.done(house.post(path, without_day(case_id=case["id"])))
    assert taken["custody"]["due_on"] == "2026-01-29"
    desk.step(case, "close", outcome="withdrawn", reason="rút đơn")
    problem(house.post(path, without_day(case_id=case["id"])), 422, "case-closed")


def test_a_receipt_of_long_ago_promises_what_it_said(house: House) -> None:
    serial = serial_of(an_old_award(house))
    old = without_day(receipt="12/BN", surrendered_on="2011-03-01")
    taken = post(house, serial, "surrender", **old)
    assert taken["custody"]["due_on"] is None
    assert taken["remarks"] == []


def test_the_paper_of_who_handed_in_is_sealed_for_who_may_not_read_it(house: House) -> None:
    serial = serial_of(an_old_award(house))
    post(house, serial, "surrender", **taking())
    seen = house.done(house.get(f"/api/artifacts/{serial}", "operator"))
    assert seen["custody"]["surrendered_by"]["identity_paper"] == {"state": "sealed", "value": None}
    known = artifact(house, serial)["custody"]["surrendered_by"]["identity_paper"]
    assert known == {"state": "open", "value": "CCCD 010199001234"}


def test_what_lies_longest_comes_first_and_what_is_late_is_told(house: House) -> None:
    old, new = serial_of(an_old_award(house)), serial_of(an_old_award(house, "Vàng A Sử"))
    post(house, new, "surrender", **taking(surrendered_on="2026-02-01", due_on="2026-04-01"))
    post(house, old, "surrender", **taking(surrendered_on="2011-03-01", due_on="2011-05-01"))
    post(house, old, "move", kept_at="Ban TĐKT Trung ương", moved_on="2011-06-01")

    held = custody(house, on="2026-03-02")
    assert [(one["serial"], one["kept_at"], one["past_due"]) for one in held] == [
        (old, "Ban TĐKT Trung ương", True),
        (new, "tủ 3, Sở Nội vụ", False),
    ]
    assert held[1]["held_days"] == 29
    for query in ({"longer_than_days": "29"}, {"past_due": "true"}):
        assert [one["serial"] for one in custody(house, on="2026-03-02", **query)] == [old]
    assert len(custody(house, on="2026-03-02", longer_than_days="28")) == 2
    assert len(custody(house, purpose="safekeeping")) == 0
    pages = custody(house, limit="1")
    assert [one["serial"] for one in pages] == [old]
    following = house.get("/api/custody?limit=1").headers["Link"]
    second = house.done(house.get(following[1 : following.index(">")]))["held"]
    assert [one["serial"] for one in second] == [new]

    back = {"receiver": SON, "handed_back_on": "2026-03-02"}
    post(house, old, "hand-back", **back)
    assert [one["serial"] for one in custody(house)] == [new]
    assert artifact(house, old)["custody"]["handed_back_on"] == "2026-03-02"


def test_what_was_exchanged_lies_there_still_but_is_owed_to_nobody(house: House) -> None:
    award = an_old_award(house)
    serial = serial_of(award)
    post(house, serial, "surrender", **taking())
    case = permitting_case(house.registry, award["id"], "exchange", "certificate")
    new = post(house, serial, "exchange", reason="faded", case_id=case)
    (held,) = custody(house, on="2027-01-01")
    assert (held["superseded_by"], held["past_due"]) == (new["serial"], False)
    assert custody(house, on="2027-01-01", past_due="true") == []
    assert custody(house, owed="true") == []
    two = ["Trần Văn Thử", "Lý Thị Mẫu"]
    post(house, serial, "destroy", destroyed_on="2026-11-02", minutes="9/BB", witnesses=two)
    assert custody(house) == []


def test_a_receipt_s_number_is_never_given_to_another_award(house: House) -> None:
    first, second = serial_of(an_old_award(house)), serial_of(an_old_award(house, "Vàng A Sử"))
    post(house, first, "surrender", **taking(receipt="14/BN-2009"))
    again = house.post(f"/api/artifacts/{second}/surrender", taking(receipt="14 bn 2009"))
    problem(again, 409, "custody-receipt-used-already")


UNUSABLE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("surrender", {"kept_at": "x", "purpose": "exchange"}, "surrendered_by"),
    ("surrender", taking(purpose="gift"), "purpose"),
    ("surrender", taking(surrendered_on="hôm qua"), "surrendered_on"),
    ("move", {}, "kept_at"),
    ("exchange", {"reason": "lost"}, "reason"),
    ("reissue", {"reason": "faded"}, "reason"),
    ("reissue", {"reason": "lost", "case_id": "12"}, "case_id"),
    ("destroy", {"minutes": "9/BB", "witnesses": []}, "destroyed_on"),
    ("recover", {"recovered_on": "2026"}, "kept_at"),
    ("archive", {"kept_at": 7}, "kept_at"),
)
FORBIDDEN: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("exchange", {"reason": "faded"}, "old-item-not-surrendered"),
    ("reissue", {"reason": "lost"}, "case-required"),
    ("reissue", {"reason": "lost", "case_id": UNKNOWN}, "service-case-unknown"),
    ("replace", {}, "case-required"),
    ("recall", {}, "recall-without-ground"),
    ("recover", {"kept_at": "kho"}, "recall-without-ground"),
    ("hand-back", {"receiver": {"kind": "recipient"}}, "artifact-stage"),
    ("found", {}, "artifact-stage"),
)


def test_a_body_that_cannot_be_used_names_its_field_and_changes_nothing(house: House) -> None:
    serial = serial_of(an_old_award(house))
    before = house.facts()
    for verb, body, field in UNUSABLE:
        refused = house.post(f"/api/artifacts/{serial}/{verb}", body)
        assert refused.status_code in {400, 422}, refused.text
        assert field in fields_of(refused.json()), verb
    assert house.facts() == before


def test_a_rule_that_says_no_is_named_and_nothing_changed(house: House) -> None:
    serial = serial_of(an_old_award(house))
    before = house.facts()
    for verb, body, code in FORBIDDEN:
        problem(house.post(f"/api/artifacts/{serial}/{verb}", body), 422, code)
    assert house.facts() == before


def test_an_open_case_says_itself_what_is_missing(house: House) -> None:
    award = an_old_award(house)
    serial = serial_of(award)
    post(house, serial, "surrender", **taking())
    other = permitting_case(house.registry, award["id"], "reissue", "certificate")
    wrong = house.post(f"/api/artifacts/{serial}/exchange", {"reason": "faded", "case_id": other})
    assert "cấp lại" in problem(wrong, 422, "case-of-other-kind")["detail"]


# Two times


def test_an_artifact_on_any_day_is_where_it_was_on_that_day(house: House) -> None:
    award = an_old_award(house)
    serial = serial_of(award)
    post(house, serial, "surrender", **taking(surrendered_on="2026-01-15"))
    known_before = house.done(house.get(f"/api/awards/{award['id']}"))["changed_at"]
    case = permitting_case(house.registry, award["id"], "exchange", "certificate")
    new = post(house, serial, "exchange", reason="faded", case_id=case, exchanged_on="2026-03-01")

    assert artifact(house, serial, as_of="2026-01-14")["stage"] == "issued"
    assert artifact(house, serial, as_of="2026-01-14")["receipt"] is None
    held = artifact(house, serial, as_of="2026-02-28")
    assert (held["stage"], held["is_live"], held["superseded_by"]) == ("in-custody", True, None)
    assert artifact(house, serial, as_of="2026-03-01")["is_live"] is False
    assert artifact(house, serial, known_at=known_before)["is_live"] is True
    unknown_then = house.get(f"/api/artifacts/{new['serial']}?as_of=2026-02-28")
    problem(unknown_then, 404, "artifact-unknown")
    family = f"/api/artifacts/{serial}/family"
    then = house.done(house.get(f"{family}?as_of=2026-02-28"))
    assert ([one["serial"] for one in then["artifacts"]], then["live"]) == ([serial], serial)
    now = house.done(house.get(family))
    assert [one["serial"] for one in now["artifacts"]] == [serial, new["serial"]]
    assert [entry["event"] for entry in now["artifacts"][0]["history"]] == [
        "artifact-issued.v1",
        "artifact-surrendered.v1",
        "artifact-exchanged.v1",
    ]


def test_the_register_of_artifacts_tells_what_was_made_anew(house: House) -> None:
    award = an_old_award(house)
    serial = serial_of(award)
    case = permitting_case(house.registry, award["id"], "reissue", "certificate")
    new = post(house, serial, "reissue", reason="lost", case_id=case)
    house.catch_up()
    (old,) = house.done(house.get("/api/artifacts?succession=reissue"))["artifacts"]
    assert (old["serial"], old["superseded_by"], old["stage"]) == (serial, new["serial"], "lost")
    (gone,) = house.done(house.get("/api/artifacts?live=false"))["artifacts"]
    assert gone["serial"] == serial
    live = house.done(house.get("/api/artifacts?live=true&component=certificate"))["artifacts"]
    assert [(one["serial"], one["supersedes"]) for one in live] == [(new["serial"], serial)]


# A decision cancelled


def test_cancelling_a_decision_shows_everything_first_and_takes_every_award_along(
    house: House,
) -> None:
    decision = house.decision()
    lines = [
        {"recipient": {"name": name}, "form": "ORD-LAODONG", "award_class": "I"} for name in "AB"
    ]
    sent = {"awards": lines, "issue_artifacts": True, "issued_on": "2024"}
    made = house.done(house.post(f"/api/decisions/{decision['id']}/awards", sent))["awards"]
    post(house, made[0]["artifacts"][0]["serial"], "return", returned_on="2024", reason="vắng")
    url = f"/api/decisions/{decision['id']}/cancel"
    problem(house.post(url, {"dry_run": True}), 503, "registers-behind")
    house.catch_up()
    before = house.facts()

    shown = house.done(house.post(url, {"dry_run": True}))
    assert (shown["dry_run"], shown["standing"]) == (True, "standing")
    effects = shown["effects"]
    assert (effects["awards"], effects["to_cancel"]) == (2, 2)
    assert (effects["artifacts"], effects["to_recall"]) == (8, 8)
    assert effects["by_stage"] == {"undelivered": 1, "issued": 7}
    assert [one["name"] for one in effects["of_awards"]] == ["A", "B"]
    assert effects["of_awards"][0]["artifacts"][0]["to_recall"] is True
    problem(house.post(url, {}), 422, "value-missing")
    wrong = {"decision_id": decision["id"], "reason": "fraud", "dry_run": True}
    problem(house.post(url, wrong), 422, "decision-of-other-kind")
    assert house.facts() == before

    by = deciding(house, "cancel", "803/QĐ-CTN", issuer="Thủ tướng Chính phủ")
    cancel = {"decision_id": by, "reason": "unlawful-appraisal", "order_recall": True}
    house.catch_up()
    tried = house.done(house.post(url, cancel | {"dry_run": True}))
    assert {one["code"] for one in tried["remarks"]} == {"issuer-differs"}
    done = house.done(house.post(url, cancel, Idempotency_Key="once"))
    assert (done["standing"], done["dry_run"]) == ("cancelled", False)
    assert done["taken_away"]["decision_id"] == by
    facts = house.facts()
    house.catch_up()
    again = house.done(house.post(url, cancel, Idempotency_Key="once"))
    assert again["repeated"] is True
    assert house.facts() == facts

    for one in made:
        award = house.done(house.get(f"/api/awards/{one['id']}"))
        assert award["standing"] == "cancelled"
        assert {part["stage"] for part in award["artifacts"]} == {"recall-ordered"}
        issue = house.post(f"/api/artifacts/{one['artifacts'][1]['serial']}/print", {})
        problem(issue, 422, "award-taken-away")
    problem(house.post(url, cancel), 422, "decision-cancelled-already")
    late = house.post(f"/api/decisions/{decision['id']}/awards", lines[0])
    problem(late, 422, "decision-cancelled")
    page = house.get(f"/decisions/{decision['id']}").text
    assert "Đã bị hủy bỏ" in page
    assert "thẩm định, xét, duyệt trái quy định" in page
    seen = house.get(f"/api/decisions/{decision['id']}?as_of=2026-02-28")
    assert house.done(seen)["standing"] == "standing"


def test_an_award_that_came_at_the_moment_of_cancelling_is_cancelled_when_asked_again(
    house: House,
) -> None:
    """An award recorded between our look and our writing is not forgotten."""
    decision = house.decision()
    url = f"/api/decisions/{decision['id']}"
    line = {"recipient": {"name": "A"}, "form": "ORD-LAODONG", "award_class": "I"}
    house.done(house.post(f"{url}/awards", line))
    by = deciding(house, "cancel", "803/QĐ-CTN")
    cancel = {"decision_id": by, "reason": "fraud"}
    late: list[str] = []
    house.token("leader")
    wait = house.registry.carry_out

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        if not late:
            late.append("")
            other = line | {"recipient": {"name": "B"}}
            late[0] = house.done(house.post(f"{url}/awards", other))["id"]
        return wait(*arguments, **named)

    house.catch_up()
    house.registry.carry_out = meanwhile  # type: ignore[method-assign]
    house.done(house.post(f"{url}/cancel", cancel))
    left = house.done(house.get(f"/api/awards/{late[0]}"))
    assert left["standing"] == "standing"
    house.catch_up()
    shown = house.done(house.post(f"{url}/cancel", cancel | {"dry_run": True}))
    assert (shown["effects"]["awards"], shown["effects"]["to_cancel"]) == (2, 1)
    # The version is that of the decision, which the client named, not that of an award.
    seen = house.get(url).headers["ETag"]
    assert seen == '"2"'
    for body in (cancel, cancel | {"dry_run": True}):
        problem(house.post(f"{url}/cancel", body, If_Match='"1"'), 412, "record-changed")
    house.done(house.post(f"{url}/cancel", cancel, If_Match=seen, Idempotency_Key="again"))
    assert house.done(house.get(f"/api/awards/{late[0]}"))["standing"] == "cancelled"
    house.catch_up()
    again = house.post(f"{url}/cancel", cancel, If_Match=seen, Idempotency_Key="again")
    assert house.done(again)["repeated"] is True


def test_cancelling_a_large_decision_asks_the_log_a_few_times_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = house.decision()
    lines = [
        {"recipient": {"name": f"Người {n}"}, "form": "ORD-LAODONG", "award_class": "I"}
        for n in range(60)
    ]
    url = f"/api/decisions/{decision['id']}"
    house.done(house.post(f"{url}/awards", {"awards": lines, "issue_artifacts": True}))
    cancel = {"decision_id": deciding(house, "cancel", "803/QĐ-CTN"), "reason": "fraud"}
    house.token("leader")
    house.catch_up()
    asked: list[str] = []

    def count(name: str) -> None:
        read = getattr(house.registry.log, name)

        def counted(*arguments: Any) -> Any:
            asked.append(name)
            return read(*arguments)

        monkeypatch.setattr(house.registry.log, name, counted)

    count("read_stream")
    count("read_streams")
    for body in (cancel | {"dry_run": True}, cancel):
        asked.clear()
        shown = house.done(house.post(f"{url}/cancel", body))
        assert shown["effects"]["to_cancel"] == len(lines)
        assert asked.count("read_streams") == 1
        assert asked.count("read_stream") < 10


def test_a_wrong_decision_is_corrected_by_a_decision_and_the_history_names_it(
    house: House,
) -> None:
    award = an_old_award(house, "Vàng Thị Đin")
    url = f"/api/awards/{award['id']}"
    wrong = {"corrections": {"name": "Vàng Thị Dín"}, "error_in": "decision", "reason": "sai tên"}
    problem(house.post(f"{url}/correct", wrong), 422, "correcting-decision-missing")
    by = deciding(house, "correct", "15/QĐ-CTN")
    done = house.done(house.post(f"{url}/correct", wrong | {"decision_id": by}))
    assert done["recipient"]["name"] == "Vàng Thị Dín"
    page = house.get(f"/awards/{award['id']}").text
    assert "Đính chính theo quyết định đính chính" in page
    assert "15/QĐ-CTN" in page
    house.catch_up()
    hits = house.done(house.get("/api/search?q=vàng thị dín"))["hits"]
    assert [hit["award"]["id"] for hit in hits] == [award["id"]]


# Two clerks at once


def at_once(house: House, requests: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """Answers to requests that are sent at the same moment."""
    house.token()
    with ThreadPoolExecutor(len(requests)) as pool:
        sent = [pool.submit(house.post, path, body) for path, body in requests]
        return [one.result() for one in sent]


def two_reissues(house: House, award: dict[str, Any], serial: str) -> list[Any]:
    case = permitting_case(house.registry, award["id"], "reissue", "certificate")
    body = {"reason": "lost", "case_id": case}
    return at_once(house, [(f"/api/artifacts/{serial}/reissue", body)] * 4)


def two_surrenders(house: House, _award: dict[str, Any], serial: str) -> list[Any]:
    return at_once(house, [(f"/api/artifacts/{serial}/surrender", taking())] * 4)


def reissue_and_surrender(house: House, award: dict[str, Any], serial: str) -> list[Any]:
    case = permitting_case(house.registry, award["id"], "reissue", "certificate")
    body = {"reason": "lost", "case_id": case}
    return at_once(
        house,
        [
            (f"/api/artifacts/{serial}/reissue", body),
            (f"/api/artifacts/{serial}/surrender", taking()),
        ],
    )


@pytest.mark.parametrize("act", [two_reissues, two_surrenders, reissue_and_surrender])
def test_of_two_clerks_who_act_on_one_artifact_one_wins_and_the_other_is_told(
    house: House, act: Callable[[House, dict[str, Any], str], list[Any]]
) -> None:
    award = an_old_award(house)
    serial = serial_of(award)
    answers = act(house, award, serial)

    won = [one for one in answers if one.is_success]
    lost = [one for one in answers if not one.is_success]
    assert len(won) == 1, [one.text for one in answers]
    for one in lost:
        code = one.json()["code"]
        assert code in {"artifact-superseded", "artifact-stage", "item-in-custody", "case-closed"}
        problem(one, 422, code)
    after = house.done(house.get(f"/api/awards/{award['id']}"))
    certificates = [one for one in after["artifacts"] if one["component"] == "certificate"]
    assert sum(one["is_live"] for one in certificates) == 1
    assert len(certificates) == (2 if won[0].json()["supersedes"] else 1)


def test_a_repeated_exchange_gives_the_same_new_artifact(house: House) -> None:
    award = an_old_award(house)
    serial = serial_of(award)
    case = permitting_case(house.registry, award["id"], "reissue", "certificate")
    body = {"reason": "lost", "case_id": case}
    path = f"/api/artifacts/{serial}/reissue"
    first = house.done(house.post(path, body, Idempotency_Key="k"))
    second = house.done(house.post(path, body, Idempotency_Key="k"))
    assert second["serial"] == first["serial"]
    assert second["repeated"] is True
