"""Stock over HTTP: from a delivery to a count, and what a clerk is told who asks too much."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.api_house import OFFICE, House, fields_of, open_house, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from registry.database import Database

UNKNOWN = "01890a5d-ac96-774b-bcce-b302099a8057"
COMMUNE = "UBND xã Cốc Lầu"
BLANK = {
    "name": "Phôi bằng Huân chương Kháng chiến hạng Ba",
    "component": "certificate",
    "numbered": True,
    "form": "ORD-KC-US",
    "award_class": "III",
    "design": "mẫu 1981",
}
FRAME = {"name": "Khung bằng 40 x 30", "component": "frame", "numbered": False}
DELIVERY = {"supplier": "Ban Thi đua - Khen thưởng Trung ương", "delivery_note": "12/PXK"}


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        opened.registry.clock = lambda: datetime(2026, 6, 1, 3, tzinfo=UTC)
        yield opened


def item(house: House, **fields: Any) -> str:
    return str(house.done(house.post("/api/stock", BLANK | fields))["id"])


def act(house: House, item_id: str, action: str, **body: Any) -> Response:
    return house.post(f"/api/stock/{item_id}/{action}", body)


def serials(first: str, last: str | None = None) -> dict[str, Any]:
    return {"serials": [{"from": first} | ({"to": last} if last else {})]}


def received(house: House, **fields: Any) -> str:
    """An item type with a hundred pieces, of which the commune has ten."""
    item_id = item(house, **fields)
    lot = serials("AB 001", "AB 100")
    house.done(act(house, item_id, "receive", **lot, **DELIVERY, on="2026-01-05"))
    to = {"to": {"office": COMMUNE}, "handed_to": "Lò Thị Thử", "on": "2026-02-01"}
    house.done(act(house, item_id, "allocate", **serials("AB 011", "AB 020"), **to))
    return item_id


def test_an_item_type_is_opened_and_read_by_anybody(house: House) -> None:
    answer = house.post("/api/stock", BLANK)
    body = house.done(answer)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/stock/{body['id']}"
    assert (body["component_name"], body["form_name"]) == (
        "bằng",
        "Huân chương Kháng chiến (chống Mỹ, cứu nước) hạng Ba",
    )
    again = problem(house.post("/api/stock", BLANK), 409, "stock-item-opened-already")
    assert again["holder"] == body["id"]
    assert house.done(house.get(f"/api/stock/{body['id']}"))["places"] == []
    problem(house.post("/api/stock", BLANK, role=None), 401, "sign-in-missing")
    problem(house.post("/api/stock", BLANK, role="auditor"), 403, "role-may-not-write")


def test_places_show_their_ranges_now_and_on_another_day(house: House) -> None:
    item_id = received(house)
    now = house.done(house.get(f"/api/stock/{item_id}"))
    assert [(one["office"], one["pieces"], one["serials"]) for one in now["places"]] == [
        (
            OFFICE,
            90,
            [
                {"from": "AB 001", "to": "AB 010", "pieces": 10},
                {"from": "AB 021", "to": "AB 100", "pieces": 80},
            ],
        ),
        (COMMUNE, 10, [{"from": "AB 011", "to": "AB 020", "pieces": 10}]),
    ]
    then = house.done(house.get(f"/api/stock/{item_id}?as_of=2026-01-31"))
    assert [(one["office"], one["pieces"]) for one in then["places"]] == [(OFFICE, 100)]
    problem(house.get(f"/api/stock/{item_id}?known_at=2026-05-01"), 404, "not-recorded-then")


def test_the_whole_way_is_in_the_ledger_and_in_the_movements(house: House) -> None:
    item_id = received(house)
    back = {"from": {"office": COMMUNE}, "reason": "không dùng hết", "on": "2026-03-01"}
    house.done(act(house, item_id, "return", **serials("AB 019", "AB 020"), **back))
    house.done(act(house, item_id, "move", **serials("AB 100"), to_store="kho 2", on="2026-03"))
    spoiled = serials("AB 001", "AB 002")
    house.done(act(house, item_id, "spoil", **spoiled, reason="ố mốc", on="2026-03-02"))
    minutes = {"minutes": "07/BB-SNV", "witnesses": ["Vàng A Thử", "Trần Thị Mẫu"]}
    house.done(act(house, item_id, "destroy", **serials("AB 001"), **minutes, on="2026-04-01"))
    counted = {"serials": [{"from": "AB 003", "to": "AB 010"}, {"from": "AB 021", "to": "AB 099"}]}
    found = act(house, item_id, "count", **counted, on="2026-05-01")
    refusal = problem(found, 422, "count-reason-missing")
    assert "89" in refusal["detail"]
    counted["serials"].append({"from": "AB 019"})
    answer = act(house, item_id, "count", **counted, reason="thất lạc", on="2026-05-01")
    assert house.done(answer)["missing"] == [
        {
            "office": OFFICE,
            "serials": [{"from": "AB 020", "to": "AB 020", "pieces": 1}],
            "ranges": 1,
        }
    ]
    house.catch_up()
    ledger = house.done(house.get(f"/api/stock/{item_id}/ledger?from=2026-02&to=2026"))
    expected = {"opening": 100, "received": 0, "destroyed": 1, "short": 1, "closing": 98}
    assert {name: ledger[name] for name in expected} == expected
    assert ledger["from"] == "2026-02-01"
    place = next(
        one
        for one in ledger["places"]
        if (one["office"], one["store"], one["condition"]) == (OFFICE, None, "usable")
    )
    assert (place["opening"], place["allocated_out"], place["returned_in"]) == (100, 10, 2)
    assert (place["moved_out"], place["spoiled_out"], place["short"]) == (1, 2, 1)
    assert place["closing"] == 88
    everything = house.done(house.get("/api/stock-ledger?from=2026&to=2026"))["items"]
    assert [(one["opening"], one["received"], one["closing"]) for one in everything] == [
        (0, 100, 98)
    ]
    moves = house.done(house.get(f"/api/stock/{item_id}/movements?limit=3"))
    assert [one["kind"] for one in moves["movements"]] == ["counted", "destroyed", "spoiled"]
    assert moves["movements"][1]["counterpart"] == "Vàng A Thử; Trần Thị Mẫu"
    older = house.get(f"/api/stock/{item_id}/movements?limit=3&cursor={moves['next']}")
    assert [one["kind"] for one in house.done(older)["movements"]] == [
        "moved",
        "returned",
        "allocated",
    ]


def test_a_list_counts_what_an_office_holds(house: House) -> None:
    item_id = received(house)
    frame = str(house.done(house.post("/api/stock", FRAME))["id"])
    house.done(act(house, frame, "receive", quantity=7, **DELIVERY))
    house.catch_up()
    rows = house.done(house.get("/api/stock"))["items"]
    assert [(one["id"], one["usable"]) for one in rows] == [(frame, 7), (item_id, 100)]
    params = {"office": "ubnd xã Cốc Lầu", "component": "certificate", "form": "ORD-KC-US"}
    answer = house.client.get("/api/stock", params=params, headers=house.headers())
    assert [one["usable"] for one in house.done(answer)["items"]] == [10]


def test_where_a_serial_is(house: House) -> None:
    item_id = received(house)
    house.catch_up()
    body = house.done(house.get("/api/stock-serials/ab%20015"))
    assert [(one["item"]["id"], one["whereabouts"], one["office"]) for one in body["found"]] == [
        (item_id, "held", COMMUNE)
    ]
    assert body["found"][0]["range"] == {"from": "AB 011", "to": "AB 020", "pieces": 10}
    assert [one["kind"] for one in body["movements"]] == ["received", "allocated"]
    problem(house.get("/api/stock-serials/AB%20101"), 404, "stock-serial-unknown")
    problem(house.get("/api/stock-serials/ABC"), 422, "serial-without-number")


def test_a_serial_of_another_office_is_refused_and_nothing_changes(house: House) -> None:
    item_id = received(house)
    before = house.facts()
    body = problem(
        act(house, item_id, "spoil", **serials("AB 015"), reason="rách"),
        422,
        "serial-of-another-office",
    )
    assert body["errors"][0]["params"] == {
        "serial": "AB 015",
        "office": COMMUNE,
        "first": "AB 011",
        "last": "AB 020",
    }
    assert COMMUNE in body["detail"]
    assert house.facts() == before


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("receive", {"supplier": "x", "delivery_note": "y"}, "quantity", "quantity-or-serials"),
    ("receive", {"quantity": 3} | DELIVERY, "serials", "stock-serials-needed"),
    (
        "receive",
        serials("AB 050", "AB 150") | DELIVERY,
        "serials",
        "serial-received-already",
    ),
    (
        "receive",
        serials("AB 9", "AB 10") | DELIVERY,
        "serials[0]",
        "serials-of-two-series",
    ),
    ("receive", serials("AB 200") | {"supplier": "x"}, "delivery_note", "value-missing"),
    ("receive", {"quantity": -1} | DELIVERY, "quantity", "value-out-of-range"),
    ("receive", {"quantity": 1.5} | DELIVERY, "quantity", "value-wrong-type"),
    ("spoil", serials("AB 101") | {"reason": "rách"}, "serials", "serial-outside-ranges"),
    ("spoil", serials("AB 001") | {"reason": ""}, "reason", "reason-missing"),
    (
        "spoil",
        serials("AB 001") | {"reason": "rách", "on": "2025-12-31"},
        "on",
        "stock-day-too-early",
    ),
    (
        "spoil",
        serials("AB 001") | {"reason": "rách", "on": "31/2/2026"},
        "on",
        "date-impossible",
    ),
    (
        "allocate",
        serials("AB 001") | {"to": {"office": OFFICE}},
        "to.office",
        "stock-office-same",
    ),
    ("allocate", serials("AB 001") | {"to": {"office": " "}}, "to.office", "office-missing"),
    (
        "destroy",
        serials("AB 001") | {"minutes": "x", "witnesses": []},
        "witnesses",
        "stock-witnesses-missing",
    ),
    (
        "destroy",
        serials("AB 001") | {"minutes": "x", "witnesses": ["Vàng A Thử"]},
        "serials",
        "serial-not-spoiled",
    ),
    ("count", serials("AB 001") | {"condition": "lost"}, "condition", "not-a-choice"),
    ("move", serials("AB 001") | {"size": "x"}, "size", "value-unexpected"),
]


def test_what_cannot_be_is_named_and_changes_nothing(house: House) -> None:
    item_id = received(house)
    before = house.facts()
    for action, body, field, code in BAD:
        told = problem_with_fields(act(house, item_id, action, **body))
        assert fields_of(told) == {field: code}, (action, body)
    assert house.facts() == before


def problem_with_fields(answer: Response) -> dict[str, Any]:
    assert answer.status_code == 422, answer.text
    return problem(answer, 422, answer.json()["code"])


ADDRESSES: list[tuple[str, int, str]] = [
    (f"/api/stock/{UNKNOWN}", 404, "stock-item-unknown"),
    (f"/api/stock/{UNKNOWN}/ledger", 404, "stock-item-unknown"),
    ("/api/stock/x", 400, "identifier-malformed"),
    ("/api/stock?cursor=x", 422, "page-token-unreadable"),
    ("/api/stock?as_of=2026", 400, "not-yet-for-lists"),
    ("/api/stock-ledger?from=2026-05&to=2026-01", 422, "period-reversed"),
    ("/api/stock-ledger?from=x", 422, "date-unreadable"),
    ("/api/stock-ledger?known_at=x", 400, "time-unreadable"),
    ("/api/reports/artifacts", 422, "report-year-missing"),
    ("/api/reports/artifacts.xlsx?year=x", 422, "date-unreadable"),
    ("/api/reports/artifacts?year=2026&as_of=2025", 422, "period-reversed"),
]


def test_addresses_and_questions_that_lead_nowhere(house: House) -> None:
    for address, status, code in ADDRESSES:
        problem(house.get(address), status, code)


def test_the_report_of_a_year_is_json_or_a_workbook(house: House) -> None:
    item_id = received(house)
    house.catch_up()
    body = house.done(house.get("/api/reports/artifacts?year=2026"))
    assert (body["report"], body["from"], body["to"]) == ("artifacts", "2026-01-01", "2026-12-31")
    assert [(row["item_id"], row["office"], row["closing"]) for row in body["rows"]] == [
        (item_id, None, 100),
        (item_id, OFFICE, 90),
        (item_id, COMMUNE, 10),
    ]
    january = house.done(house.get("/api/reports/artifacts.json?year=2026&as_of=2026-01-31"))
    assert [row["closing"] for row in january["rows"]] == [100, 100]
    answer = house.get("/api/reports/artifacts.xlsx?year=2026", Accept_Language="en")
    rows = list(openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0].values)
    assert (rows[0][0], rows[0][-1], rows[1][-1]) == ("item type", "closing", 100)
    assert rows[3][2] == COMMUNE
    assert 'filename="artifacts-2026.xlsx"' in answer.headers["Content-Disposition"]


def test_a_component_that_is_none_and_an_item_that_is_unknown(house: House) -> None:
    problem(house.post("/api/stock", BLANK | {"component": "tem"}), 422, "component-unknown")
    problem(
        act(house, UNKNOWN, "receive", **serials("AB 1"), **DELIVERY), 404, "stock-item-unknown"
    )


def test_a_request_is_carried_out_once_and_a_version_holds(house: House) -> None:
    item_id = item(house)
    body = serials("AB 001", "AB 100") | DELIVERY
    path = f"/api/stock/{item_id}/receive"
    first = house.done(house.post(path, body, Idempotency_Key="nhập-1".encode().hex()))
    again = house.done(house.post(path, body, Idempotency_Key="nhập-1".encode().hex()))
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert first["version"] == again["version"] == 2
    stale = house.post(path, serials("AC 1") | DELIVERY, If_Match='"1"')
    problem(stale, 412, "record-changed")
