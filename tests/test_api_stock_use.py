"""A piece of stock becomes an artifact: both records move together, or neither does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.api_house import OFFICE, House, fields_of, open_house, problem
from tests.test_api_stock import BLANK, COMMUNE, DELIVERY, FRAME, UNKNOWN, act, item, serials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from registry.database import Database

ISSUED = "2026-05-09"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def stocked(house: House, **fields: Any) -> str:
    """An item type: AB 001 to AB 090 here, AB 091 to AB 100 with the commune."""
    item_id = item(house, **fields)
    lot = serials("AB 001", "AB 100")
    house.done(act(house, item_id, "receive", **lot, **DELIVERY, on="2026-01-05"))
    to = {"to": {"office": COMMUNE}, "on": "2026-02-01"}
    house.done(act(house, item_id, "allocate", **serials("AB 091", "AB 100"), **to))
    house.catch_up()
    return item_id


def certificate(house: House, name: str = "Giàng Seo Phử", **piece: Any) -> str:
    """An issued certificate of a Resistance Order, class III; its serial."""
    answer = issue(house, house.award(name)["id"], **piece)
    artifacts = house.done(answer)["artifacts"]
    return next(str(one["serial"]) for one in artifacts if one["component"] == "certificate")


def issue(house: House, award_id: str, **piece: Any) -> Response:
    artifact = {"component": "certificate"} | piece
    return house.post(
        f"/api/awards/{award_id}/artifacts", {"artifacts": [artifact], "issued_on": ISSUED}
    )


def print_on(house: House, artifact: str, **piece: Any) -> Response:
    body = {"printed_on": "2026-05-10", "stock": piece}
    return house.post(f"/api/artifacts/{artifact}/print", body)


def test_printing_uses_the_piece_that_is_named(house: House) -> None:
    item_id = stocked(house)
    serial = certificate(house)
    printed = house.done(print_on(house, serial, serial="ab-007"))
    assert printed["stage"] == "printed"
    house.catch_up()
    found = house.done(house.get("/api/stock-serials/AB%20007"))
    assert found["found"][0]["whereabouts"] == "used"
    used = found["movements"][-1]
    assert (used["kind"], used["artifact"], used["on"]) == ("used", serial, "2026-05-10")
    assert house.done(house.get(f"/api/awards/{used['award_id']}"))["id"] == used["award_id"]
    assert house.done(house.get(f"/api/stock/{item_id}"))["usable"] == 99


def test_sheets_that_were_spoiled_are_put_aside_with_the_one_that_came_out(house: House) -> None:
    item_id = stocked(house)
    serial = certificate(house)
    spoiled = [{"serial": "AB 005"}, {"serial": "AB 006"}]
    body = {"printed_on": "2026-05-10", "stock": {"serial": "AB 007"}, "spoiled": spoiled}
    path, before = f"/api/artifacts/{serial}/print", house.facts()
    told = problem(house.post(path, body), 422, "value-missing")
    assert fields_of(told) == {"spoiled_because": "value-missing"}
    used_twice = body | {"spoiled": [{"serial": "AB 007"}], "spoiled_because": "kẹt giấy"}
    assert house.post(path, used_twice).status_code == 422
    strangers = body | {"spoiled": [{"serial": "AB 095"}], "spoiled_because": "kẹt giấy"}
    problem(house.post(path, strangers), 422, "serial-of-another-office")
    assert house.facts() == before
    printed = house.done(house.post(path, body | {"spoiled_because": "kẹt giấy"}))
    assert printed["stage"] == "printed"
    house.catch_up()
    stock = house.done(house.get(f"/api/stock/{item_id}"))
    assert (stock["usable"], stock["spoiled"]) == (97, 2)
    found = house.done(house.get("/api/stock-serials/AB%20005"))
    assert found["movements"][-1]["kind"] == "spoiled"
    assert found["movements"][-1]["reason"] == "kẹt giấy"


def printed_decision(house: House) -> tuple[str, list[str]]:
    """A decision with three certificates that were issued; their serials."""
    decision = str(house.decision()["id"])
    awards = [
        {"recipient": {"name": f"Người Thử {n}", "persons": [{}]}, "form": "ORD-KC-US"}
        | {"award_class": "III"}
        for n in range(3)
    ]
    body = {"issue_artifacts": True, "awards": awards}
    house.done(house.post(f"/api/decisions/{decision}/awards", body))
    house.catch_up()
    rows = house.done(house.get(f"/api/artifacts?decision={decision}&component=certificate"))
    return decision, [str(one["serial"]) for one in rows["artifacts"]][::-1]


def stages(house: House, serials: list[str]) -> list[str]:
    return [house.done(house.get(f"/api/artifacts/{one}"))["stage"] for one in serials]


def test_a_decision_is_printed_when_somebody_says_that_it_came_out(house: House) -> None:
    item_id = stocked(house)
    decision, serials_ = printed_decision(house)
    path = f"/api/decisions/{decision}"
    made = house.done(house.post(f"{path}/certificates", {}))
    house.done(house.get(f"/api/print-jobs/{made['id']}"))
    assert stages(house, serials_) == ["issued"] * 3, "making the file is not printing"
    first: dict[str, Any] = {"papers": [{"serial": serials_[1], "stock": {"serial": "AB 001"}}]}
    first |= {"spoiled": [{"serial": "AB 002"}], "spoiled_because": "lệch chữ"}
    told = house.done(house.post(f"{path}/printed", first))
    assert (told["printed"], told["serials"]) == (1, [serials_[1]])
    assert stages(house, serials_) == ["issued", "printed", "issued"]
    house.catch_up()
    stock = house.done(house.get(f"/api/stock/{item_id}"))
    assert (stock["usable"], stock["spoiled"]) == (98, 1)
    answers = []
    for _ in range(2):
        answers.append(house.done(house.post(f"{path}/printed", {}, Idempotency_Key="in-het")))
        house.catch_up()
    assert [one["repeated"] for one in answers] == [False, True]
    assert stages(house, serials_) == ["printed"] * 3
    problem(house.post(f"{path}/printed", {}), 422, "artifact-stage")


def test_all_papers_of_a_decision_are_printed_or_none(house: House) -> None:
    decision, serials_ = printed_decision(house)
    stranger = certificate(house)
    house.catch_up()
    house.done(house.post(f"/api/artifacts/{serials_[2]}/print", {}))
    house.catch_up()
    path, before = f"/api/decisions/{decision}/printed", house.facts()
    named = {"papers": [{"serial": one} for one in serials_]}
    problem(house.post(path, named), 422, "artifact-stage")
    foreign = {"papers": [{"serial": serials_[0]}, {"serial": stranger}]}
    problem(house.post(path, foreign), 422, "artifact-unknown")
    empty = str(house.decision(number="1/QĐ-CTN")["id"])
    house.catch_up()
    told = house.post(f"/api/decisions/{empty}/printed", {})
    problem(told, 422, "decision-has-no-certificates")
    assert house.facts() - before == 1, "the empty decision"
    assert stages(house, serials_) == ["issued", "issued", "printed"]


def test_a_piece_of_another_office_is_refused_and_nothing_is_printed(house: House) -> None:
    stocked(house)
    serial = certificate(house)
    before = house.facts()
    told = problem(print_on(house, serial, serial="AB 095"), 422, "serial-of-another-office")
    assert fields_of(told) == {"stock": "serial-of-another-office"}
    assert told["errors"][0]["params"]["office"] == COMMUNE
    assert house.facts() == before
    assert house.done(house.get(f"/api/artifacts/{serial}"))["stage"] == "issued"


def test_a_piece_is_used_once(house: House) -> None:
    stocked(house)
    first, second = certificate(house), certificate(house, "Lý Seo Páo")
    house.done(print_on(house, first, serial="AB 007"))
    problem(print_on(house, second, serial="AB 007"), 422, "piece-used-already")
    house.done(print_on(house, second, serial="AB 008"))


def test_two_clerks_print_on_one_piece_and_one_wins(house: House) -> None:
    item_id = stocked(house)
    artifacts = [certificate(house), certificate(house, "Lý Seo Páo")]
    house.token("clerk")
    with ThreadPoolExecutor(2) as clerks:
        answers = list(clerks.map(lambda one: print_on(house, one, serial="AB 007"), artifacts))
    assert sorted(one.status_code for one in answers) == [200, 422]
    stages = [house.done(house.get(f"/api/artifacts/{one}"))["stage"] for one in artifacts]
    assert sorted(stages) == ["issued", "printed"]
    assert house.done(house.get(f"/api/stock/{item_id}"))["usable"] == 99


def test_a_repeated_request_uses_one_piece(house: House) -> None:
    item_id = stocked(house)
    serial = certificate(house)
    body = {"printed_on": "2026-05-10", "stock": {"serial": "AB 007"}}
    path = f"/api/artifacts/{serial}/print"
    answers = [house.done(house.post(path, body, Idempotency_Key="in-1")) for _ in range(2)]
    assert [one["repeated"] for one in answers] == [False, True]
    assert house.done(house.get(f"/api/stock/{item_id}"))["usable"] == 99


def test_handing_over_takes_a_piece_without_number(house: House) -> None:
    frame = str(house.done(house.post("/api/stock", FRAME))["id"])
    house.done(act(house, frame, "receive", quantity=2, **DELIVERY, store="kho 2", on="2026-01"))
    award_id = house.award()["id"]
    body = {"artifacts": [{"component": "frame", "serial": "K-X"}], "issued_on": ISSUED}
    house.done(house.post(f"/api/awards/{award_id}/artifacts", body))
    handed = {"delivered_on": "2026-05-19", "receiver": {"kind": "recipient"}}
    path = "/api/artifacts/K-X/deliver"
    told = problem(house.post(path, handed | {"stock": {"item": frame}}), 422, "stock-short")
    assert told["errors"][0]["params"] == {"pieces": 1, "held": 0, "office": OFFICE}
    house.done(house.post(path, handed | {"stock": {"item": frame, "store": "Kho 2"}}))
    assert house.done(house.get(f"/api/stock/{frame}"))["usable"] == 1


def test_an_artifact_issued_under_a_serial_in_stock_uses_that_piece(house: House) -> None:
    item_id = stocked(house)
    award_id = house.award()["id"]
    before = house.facts()
    refused = issue(house, award_id, serial="AB 095")
    assert fields_of(problem(refused, 422, "serial-of-another-office")) == {
        "stock": "serial-of-another-office"
    }
    assert house.facts() == before
    house.done(issue(house, award_id, serial="AB 010"))
    assert house.done(house.get(f"/api/stock/{item_id}"))["usable"] == 99
    problem(print_on(house, "AB%20010", serial="AB 010"), 422, "piece-used-already")
    # A serial that lies in no range, or in one of another form, is the issuer's own affair.
    house.done(issue(house, house.award("Lý Seo Páo")["id"], serial="AB 101"))
    other = house.award("Lý Seo Dìn", award_class="II")["id"]
    house.done(issue(house, other, serial="AB 020"))
    assert house.done(house.get(f"/api/stock/{item_id}"))["usable"] == 99


def test_issuing_uses_the_piece_that_is_named(house: House) -> None:
    item_id = stocked(house)
    certificate(house, stock={"serial": "AB 001", "item": item_id})
    assert house.done(house.get(f"/api/stock/{item_id}"))["usable"] == 99


def test_a_piece_that_cannot_be_meant(house: House) -> None:
    item_id = stocked(house)
    other = stocked(house, design="mẫu 2014")
    stocked(house, **FRAME | {"numbered": True, "form": None, "award_class": None})
    serial = certificate(house)
    before = house.facts()
    bad: list[tuple[dict[str, Any], int, str]] = [
        ({}, 422, "stock-piece-missing"),
        ({"serial": "AB"}, 422, "serial-without-number"),
        ({"serial": "AB 500"}, 422, "stock-serial-unknown"),
        ({"serial": "AB 001"}, 422, "stock-serial-ambiguous"),
        ({"serial": "AB 500", "item": item_id}, 422, "serial-outside-ranges"),
        ({"item": item_id}, 422, "stock-serials-needed"),
        ({"item": "x"}, 400, "identifier-malformed"),
        ({"item": UNKNOWN, "serial": "AB 001"}, 404, "stock-item-unknown"),
        ({"item": UNKNOWN}, 404, "stock-item-unknown"),
    ]
    for piece, status, code in bad:
        problem(print_on(house, serial, **piece), status, code)
    assert house.facts() == before
    house.done(print_on(house, serial, serial="AB 001", item=other))


def test_a_piece_of_another_kind_is_refused(house: House) -> None:
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "CC": ("stock-of-other-component", FRAME | {"form": None, "award_class": None}),
        "DD": ("stock-of-other-form", {"form": "MED-KC-US", "award_class": None}),
        "EE": ("stock-of-other-class", {"award_class": "I"}),
    }
    for prefix, (_, fields) in kinds.items():
        item_id = item(house, **BLANK | fields | {"numbered": True})
        lot = serials(f"{prefix} 1", f"{prefix} 9")
        house.done(act(house, item_id, "receive", **lot, **DELIVERY, on="2026-01-05"))
    house.catch_up()
    serial = certificate(house)
    for prefix, (code, _) in kinds.items():
        problem(print_on(house, serial, serial=f"{prefix} 1"), 422, code)
