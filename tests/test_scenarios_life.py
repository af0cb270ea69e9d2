"""Acceptance scenarios of the domain reference, section 9, about an artifact's whole life.

Given, when, then: each test reads like the scenario that it is named after. Scenarios 10 to 14
are in `test_scenarios_register`, those about service cases themselves in `test_scenarios_cases`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api_house import House, open_house, problem
from tests.artifact_life import SON, artifact, deciding, permitting_case, post, serial_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

HERO = "HON-AHLD"
CERTIFICATE_OF_PRIME_MINISTER = "CERT-BK-TTG"
MINUTES = "09/BB-SNV"
WITNESSES = ["Trần Văn Thử", "Lý Thị Mẫu"]


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def award_in_hand(house: House, name: str = "Giàng Seo Phử", **fields: Any) -> dict[str, Any]:
    """An award of 1985 whose artifacts its holder has had since then."""
    award = house.award(name, issue_artifacts=True, issued_on="1985", **fields)
    for one in award["artifacts"]:
        receiver = {"kind": "recipient"}
        post(house, one["serial"], "deliver", delivered_on="1985", receiver=receiver)
    return seen(house, award)


def seen(house: House, award: dict[str, Any], **query: str) -> dict[str, Any]:
    """The award as anybody sees it."""
    return house.done(
        house.client.get(f"/api/awards/{award['id']}", params=query, headers=house.headers())
    )


def surrendered(house: House, serial: str, purpose: str = "exchange") -> dict[str, Any]:
    return post(
        house,
        serial,
        "surrender",
        surrendered_by=SON,
        purpose=purpose,
        kept_at="tủ 3, Sở Nội vụ",
        surrendered_on="2026-01-15",
        due_on="2026-03-01",
    )


def events_of(house: House, award: dict[str, Any]) -> list[str]:
    history = house.done(house.get(f"/api/awards/{award['id']}/history"))["history"]
    return [entry["event"] for entry in history]


def test_scenario_20_a_misprinted_certificate_is_exchanged_and_the_award_stays_as_it_is(
    house: House,
) -> None:
    award = award_in_hand(house, "Vàng Thị Dín")
    serial = serial_of(award)
    wrong = {"corrections": {"name": "Vàng Thị Đin"}, "error_in": "certificate", "reason": "in sai"}
    refused = house.post(f"/api/awards/{award['id']}/correct", wrong)
    assert "cấp đổi" in problem(refused, 422, "misprint-is-exchanged")["detail"]

    surrendered(house, serial)
    case = permitting_case(
        house.registry, award["id"], "exchange", "certificate", reason="misprinted"
    )
    new = post(house, serial, "exchange", reason="misprinted", case_id=case)

    assert new["supersedes"] == serial
    assert new["component"] == "certificate"
    assert artifact(house, serial)["superseded_by"]["serial"] == new["serial"]
    assert artifact(house, serial)["superseded_by"]["reason"] == "misprinted"
    after = seen(house, award)
    changed = {"artifacts", "version", "changed_at"}
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in award.items() if k not in changed
    }


def test_scenario_22_only_the_insignia_is_lost_and_only_the_insignia_is_issued_again(
    house: House,
) -> None:
    award = award_in_hand(house)
    kept, lost = serial_of(award), serial_of(award, "order_insignia")
    case = permitting_case(house.registry, award["id"], "reissue", "order_insignia")

    of_certificate = house.post(
        f"/api/artifacts/{kept}/reissue", {"reason": "lost", "case_id": case}
    )
    problem(of_certificate, 422, "case-of-other-component")
    new = post(house, lost, "reissue", reason="lost", case_id=case)

    assert new["component"] == "order_insignia"
    after = seen(house, award)
    assert serial_of(after) == kept
    assert artifact(house, kept)["stage"] == "delivered"
    assert serial_of(after, "order_insignia") == new["serial"]
    assert artifact(house, lost)["stage"] == "lost"


def test_scenario_23_the_lost_original_turns_up_and_must_be_handed_in(house: House) -> None:
    award = award_in_hand(house)
    original = serial_of(award)
    case = permitting_case(house.registry, award["id"], "reissue", "certificate")
    new = post(house, original, "reissue", reason="lost", case_id=case)

    found = post(house, original, "found", found_on="2026-06-01", found_by="Giàng Seo Dờ")

    assert found["stage"] == "found"
    assert found["is_live"] is False
    assert found["superseded_by"]["serial"] == new["serial"]
    assert artifact(house, new["serial"])["supersedes"] == original
    house.catch_up()
    (duty,) = house.done(house.get("/api/duties?kind=hand-in-found", "clerk"))["duties"]
    assert duty["serial"] == original
    again = {"delivered_on": "2026-06-02", "receiver": {"kind": "recipient"}}
    problem(house.post(f"/api/artifacts/{original}/deliver", again), 422, "artifact-superseded")

    taken = surrendered(house, original, "found")
    assert taken["custody"]["purpose"] == "found"
    back = {"handed_back_on": "2026-06-03", "receiver": {"kind": "recipient"}}
    problem(house.post(f"/api/artifacts/{original}/hand-back", back), 422, "artifact-superseded")
    house.catch_up()
    assert house.done(house.get("/api/duties?kind=hand-in-found", "clerk"))["duties"] == []


def test_scenario_24_a_second_reissue_is_allowed_and_shows_the_first(house: House) -> None:
    award = award_in_hand(house)
    first = serial_of(award)
    case = permitting_case(house.registry, award["id"], "reissue", "certificate")
    second = post(house, first, "reissue", reason="lost", case_id=case, reissued_on="2026-02-01")
    assert second["remarks"] == []

    again = permitting_case(
        house.registry, award["id"], "reissue", "certificate", reason="disaster"
    )
    third = post(house, second["serial"], "reissue", reason="disaster", case_id=again)

    (remark,) = [one for one in third["remarks"] if one["code"] == "reissued-before"]
    assert remark["params"]["serial"] == first
    assert remark["params"]["successor"] == second["serial"]
    assert "01/02/2026" in remark["detail"]
    family = house.done(house.get(f"/api/artifacts/{second['serial']}/family"))
    assert [one["serial"] for one in family["artifacts"]] == [
        first,
        second["serial"],
        third["serial"],
    ]
    assert family["live"] == third["serial"]


def test_scenario_36_one_fraud_needs_three_cancellations_by_two_authorities(
    house: House,
) -> None:
    name = "Hoàng Văn Thử"
    certificate = award_in_hand(
        house,
        name,
        form=CERTIFICATE_OF_PRIME_MINISTER,
        award_class=None,
        number_typed="48/QĐ-TTg",
        issuer_typed="Thủ tướng Chính phủ",
    )
    order = award_in_hand(house, name, number_typed="1/QĐ", issuer_typed="Chủ tịch nước")
    hero = award_in_hand(
        house, name, form=HERO, award_class=None, number_typed="2/QĐ", issuer_typed="Chủ tịch nước"
    )
    decisions = [
        deciding(house, "cancel", "477/QĐ-TTg", issuer="Thủ tướng Chính phủ"),
        deciding(house, "cancel", "803/QĐ-CTN", decided_on="2026-03-10"),
        deciding(house, "cancel", "804/QĐ-CTN", decided_on="2026-03-11"),
    ]
    due = ["2026-03-16", "2026-03-25", "2026-03-26"]

    for award, decision, day in zip((certificate, order, hero), decisions, due, strict=True):
        sent = {"decision_id": decision, "reason": "fraud", "order_recall": True}
        cancelled = house.done(house.post(f"/api/awards/{award['id']}/cancel", sent))
        assert cancelled["standing"] == "cancelled"
        assert cancelled["taken_away"]["decision_id"] == decision
        assert cancelled["taken_away"]["recall_due_on"] == day
        assert cancelled["remarks"] == []
        recalls = [one["recall"] for one in cancelled["artifacts"]]
        assert all(one["due_on"] == day and one["recovered_on"] is None for one in recalls)
        assert all(one["decision_id"] == decision for one in recalls)

    house.catch_up()
    duties = house.done(house.get("/api/duties?on=2026-03-20&kind=recall", "clerk"))["duties"]
    assert {one["award_id"] for one in duties} == {certificate["id"], order["id"], hero["id"]}
    assert {one["award_id"] for one in duties if one["overdue"]} == {certificate["id"]}
    page = house.get(f"/awards/{order['id']}").text
    assert "Đã bị hủy bỏ" in page
    assert "803/QĐ-CTN" in page


def test_scenario_37_the_award_is_cancelled_though_the_artifact_cannot_be_recovered(
    house: House,
) -> None:
    award = award_in_hand(house, conferral="living")
    serial = serial_of(award)
    decision = deciding(house, "cancel", "803/QĐ-CTN")
    sent = {"decision_id": decision, "reason": "fraud"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", sent))
    given_up = {"minutes": "05/BB-UBND", "reason": "người giữ đã chết, gia đình không còn giữ"}
    unrecoverable = f"/api/artifacts/{serial}/declare-unrecoverable"
    problem(house.post(unrecoverable, given_up), 422, "recall-not-ordered")

    ordered = post(house, serial, "recall", ordered_on="2026-03-02")
    assert ordered["stage"] == "recall-ordered"
    assert ordered["recall"]["recovered_on"] is None
    problem(house.post(unrecoverable, given_up | {"minutes": " "}), 422, "minutes-missing")
    declared = house.done(house.post(unrecoverable, given_up))

    assert declared["stage"] == "unrecoverable"
    assert declared["recall"]["minutes"] == "05/BB-UBND"
    assert seen(house, award)["standing"] == "cancelled"
    page = house.get(f"/awards/{award['id']}").text
    assert "không thu hồi được" in page
    assert "05/BB-UBND" in page


def test_scenario_38_restored_after_an_appeal_and_cancelled_on_the_days_between(
    house: House,
) -> None:
    award = award_in_hand(house)
    url = f"/api/awards/{award['id']}"
    restoring = deciding(house, "restore", "99/QĐ-CTN", decided_on="2026-09-01")
    problem(house.post(f"{url}/restore", {"decision_id": restoring}), 422, "not-cancelled")
    cancelling = deciding(house, "cancel", "803/QĐ-CTN", decided_on="2026-03-01")
    cancel = {"decision_id": cancelling, "reason": "fraud"}
    house.done(house.post(f"{url}/cancel", cancel))
    before = house.done(house.get(url))["changed_at"]
    wrong_kind = house.post(f"{url}/restore", {"decision_id": cancelling})
    assert "phục hồi" in problem(wrong_kind, 422, "decision-of-other-kind")["detail"]

    house.done(house.post(f"{url}/restore", {"decision_id": restoring}))

    assert seen(house, award)["standing"] == "standing"
    assert seen(house, award, as_of="2026-02-28")["standing"] == "standing"
    assert seen(house, award, as_of="2026-03-01")["standing"] == "cancelled"
    assert seen(house, award, as_of="2026-08-31")["standing"] == "cancelled"
    assert seen(house, award, as_of="2026-09-01")["standing"] == "standing"
    assert seen(house, award, known_at=before)["standing"] == "cancelled"
    assert seen(house, award, as_of="2026-09-01", known_at=before)["standing"] == "cancelled"
    assert events_of(house, award)[-2:] == ["award-cancelled.v1", "award-restored.v1"]
    house.catch_up()
    assert house.done(house.get("/api/awards?standing=cancelled"))["awards"] == []


def test_scenario_39_a_destroyed_artifact_of_a_restored_title_is_replaced_by_one_that_names_it(
    house: House,
) -> None:
    title = award_in_hand(house, form=HERO, award_class=None)
    serial, badge = serial_of(title), serial_of(title, "badge")
    url = f"/api/awards/{title['id']}"
    stripping = deciding(house, "strip", "12/QĐ-CTN")
    house.done(house.post(f"{url}/strip", {"decision_id": stripping, "order_recall": True}))
    for one in (serial, badge):
        post(house, one, "recover", recovered_on="2026-03-10", kept_at="kho Sở Nội vụ")
    post(house, serial, "destroy", destroyed_on="2026-04-01", minutes=MINUTES, witnesses=WITNESSES)
    problem(house.post(f"/api/artifacts/{serial}/replace", {}), 422, "award-taken-away")
    restoring = deciding(house, "restore", "99/QĐ-CTN", decided_on="2026-09-01")
    house.done(house.post(f"{url}/restore", {"decision_id": restoring}))

    house.catch_up()
    duties = house.done(house.get("/api/duties", "clerk"))["duties"]
    assert {(one["kind"], one["serial"]) for one in duties} == {
        ("hand-back", badge),
        ("replace-destroyed", serial),
    }
    issue = {"artifacts": [{"component": "certificate"}]}
    problem(house.post(f"{url}/artifacts", issue), 422, "component-to-be-replaced")
    new = post(house, serial, "replace", replaced_on="2026-09-05")
    back = post(
        house, badge, "hand-back", handed_back_on="2026-09-05", receiver={"kind": "recipient"}
    )

    assert new["supersedes"] == serial
    assert artifact(house, serial)["superseded_by"]["reason"] == "destroyed"
    assert artifact(house, serial)["stage"] == "destroyed"
    assert back["stage"] == "delivered"
    house.catch_up()
    assert house.done(house.get("/api/duties", "clerk"))["duties"] == []


def test_scenario_40_thirty_days_after_a_judgment_the_submitting_body_is_alerted(
    house: House,
) -> None:
    body = "UBND tỉnh Lào Cai"
    title = award_in_hand(house, form=HERO, award_class=None, submitting_body=body)
    order = award_in_hand(house, "Vàng A Sử")
    verdict = {
        "effective_on": "2026-02-02",
        "sentence": "7 năm tù",
        "court": "Tòa án nhân dân tỉnh Lào Cai",
        "judgment": "12/2026/HS-ST",
    }
    of_order = house.post(f"/api/awards/{order['id']}/note-verdict", verdict)
    problem(of_order, 422, "not-a-title")
    noted = house.done(house.post(f"/api/awards/{title['id']}/note-verdict", verdict))
    assert noted["verdict"]["strip_due_on"] == "2026-03-04"
    assert noted["standing"] == "standing"

    house.catch_up()
    (open_still,) = house.done(house.get("/api/duties?on=2026-03-04", "clerk"))["duties"]
    assert (open_still["kind"], open_still["overdue"]) == ("strip", False)
    assert open_still["body"] == body
    (late,) = house.done(house.get("/api/duties?on=2026-03-05&overdue=true", "clerk"))["duties"]
    assert late["award_id"] == title["id"]
    assert "12/2026/HS-ST" in house.get(f"/awards/{title['id']}").text

    stripping = deciding(house, "strip", "12/QĐ-CTN")
    sent = {"decision_id": stripping}
    stripped = house.done(house.post(f"/api/awards/{title['id']}/strip", sent))
    assert stripped["standing"] == "stripped"
    house.catch_up()
    duties = house.done(house.get("/api/duties", "clerk"))["duties"]
    assert {one["kind"] for one in duties} == {"recall"}


def test_scenario_41_a_recalled_artifact_is_destroyed_with_minutes_day_and_witnesses(
    house: House,
) -> None:
    award = award_in_hand(house)
    serial = serial_of(award)
    destroy = f"/api/artifacts/{serial}/destroy"
    sent = {"destroyed_on": "2026-04-01", "minutes": MINUTES, "witnesses": WITNESSES}
    problem(house.post(destroy, sent), 422, "artifact-still-counts")
    decision = deciding(house, "cancel", "803/QĐ-CTN")
    cancel = {"decision_id": decision, "reason": "false-papers"}
    house.done(house.post(f"/api/awards/{award['id']}/cancel", cancel))
    post(house, serial, "recall")
    problem(house.post(destroy, sent), 422, "artifact-stage")
    post(house, serial, "recover", kept_at="kho Sở Nội vụ")

    problem(house.post(destroy, sent | {"minutes": ""}), 422, "minutes-missing")
    problem(house.post(destroy, sent | {"destroyed_on": ""}), 422, "value-missing")
    for too_few in ([], ["Trần Văn Thử"], ["Trần Văn Thử", " trần văn thử "]):
        problem(house.post(destroy, sent | {"witnesses": too_few}), 422, "witnesses-too-few")
    gone = house.done(house.post(destroy, sent))

    assert gone["stage"] == "destroyed"
    assert gone["end"]["witnesses"] == WITNESSES
    other = house.award("Vàng A Sử")
    issue = {"artifacts": [{"component": "certificate", "serial": serial.lower()}]}
    again = house.post(f"/api/awards/{other['id']}/artifacts", issue)
    problem(again, 409, "serial-used-already")
    problem(house.post(f"/api/artifacts/{serial}/recover", {"kept_at": "x"}), 422, "artifact-stage")
