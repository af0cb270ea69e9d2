"""Bad input over HTTP: each kind gets a clear problem, and the server is still up afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest
from structlog.testing import capture_logs

from api.edge import BODY_BYTES_MAX
from tests.api_house import House, a_decision, an_award, fields_of, open_house, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

UNKNOWN = "01890a5d-ac96-774b-bcce-b302099a8057"
SQL_NAME = "Robert'); DROP TABLE log.facts;--"
HTML_NAME = '<script>alert("x")</script> & Lò <b>Văn</b>'


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        opened.token()
        yield opened
        # Whatever a test sent, the server answers as before.
        opened.done(opened.get("/health/live"))
        opened.done(opened.post("/api/decisions", a_decision(number="999/QĐ-CTN")))


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


BODIES: list[tuple[str, bytes, int, str]] = [
    ("no body", b"", 422, "body-invalid"),
    ("no JSON", b"{", 400, "body-malformed"),
    ("not UTF-8", b'{"number": "\xff"}', 400, "body-malformed"),
    ("nested deep", nested(100_000).encode(), 400, "body-malformed"),
    ("a number of 10,000 digits", b'{"number": ' + b"9" * 10_000 + b"}", 400, "body-malformed"),
    ("a list", b"[]", 422, "body-invalid"),
    ("null", b"null", 422, "body-invalid"),
    ("a lone surrogate", b'{"number": "\\ud800", "issuer": "x"}', 422, "body-invalid"),
]


@pytest.mark.parametrize(
    ("body", "status", "code"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES]
)
def test_bodies_that_are_none(house: House, body: bytes, status: int, code: str) -> None:
    headers = house.headers() | {"Content-Type": "application/json"}
    problem(house.client.post("/api/decisions", content=body, headers=headers), status, code)


FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"number": None}, "number", "value-wrong-type"),
    ({"number": 212}, "number", "value-wrong-type"),
    ({"number": "x" * 301}, "number", "text-too-long"),
    ({"issuer": ["x"]}, "issuer", "value-wrong-type"),
    ({"kind": "medal"}, "kind", "not-a-choice"),
    ({"id": UNKNOWN}, "id", "value-unexpected"),
    ({"source": {"row": 0}}, "source.row", "value-out-of-range"),
    ({"source": {"row": "1"}}, "source.row", "value-wrong-type"),
    ({"source": {"kind": "gossip"}}, "source.kind", "not-a-choice"),
]


@pytest.mark.parametrize(("fields", "field", "code"), FIELDS)
def test_fields_of_the_wrong_shape_are_named(
    house: House, fields: dict[str, Any], field: str, code: str
) -> None:
    answer = house.post("/api/decisions", a_decision(**fields))
    assert fields_of(problem(answer, 422, "body-invalid")) == {field: code}


RULES: list[tuple[dict[str, Any], str, str]] = [
    ({"number": ""}, "number", "number-missing"),
    ({"number": "///"}, "number", "number-missing"),
    ({"issuer": "\u200b \n"}, "issuer", "text-unprintable"),
    ({"issuer": "   "}, "issuer", "issuer-missing"),
    ({"decided_on": "31/02/1985"}, "decided_on", "date-impossible"),
    ({"decided_on": "12/03/85"}, "decided_on", "date-unreadable"),
    ({"decided_on": "31138"}, "decided_on", "date-unreadable"),
    ({"summary": "a\x00b"}, "summary", "text-unprintable"),
    ({"signatory": "Trần\u202eVăn"}, "signatory", "text-unprintable"),
    ({"scan_sha256": "ABC"}, "scan_sha256", "digest-malformed"),
    ({"basis": "x\x07"}, "basis", "text-unprintable"),
]


@pytest.mark.parametrize(("fields", "field", "code"), RULES)
def test_values_that_the_register_refuses_are_named(
    house: House, fields: dict[str, Any], field: str, code: str
) -> None:
    answer = house.post("/api/decisions", a_decision(**fields))
    assert fields_of(problem(answer, 422, code)) == {field: code}


AWARDS: list[tuple[dict[str, Any], int, str, str]] = [
    ({"form": "Huân chương gì đó xa lạ"}, 422, "form-unknown", "form"),
    ({"form": " "}, 422, "form-missing", "form"),
    ({"form": "Huân chương Kháng chiến"}, 422, "form-ambiguous", "form"),
    ({"recipient": {"kind": "couple"}}, 422, "persons-do-not-fit-kind", "persons"),
    ({"recipient": {"kind": "collective"}}, 422, "persons-do-not-fit-kind", "persons"),
    (
        {"recipient": {"persons": [{"born": "1985-13-01"}]}},
        422,
        "date-impossible",
        "recipient.persons[0].born",
    ),
    ({"decision_id": "x"}, 400, "identifier-malformed", "decision_id"),
    ({"decision_id": UNKNOWN}, 422, "decision-unknown", "decision_id"),
    ({"golden_book": {"number": ""}}, 422, "golden-number-missing", "golden_number"),
    ({"issued_on": "hôm qua"}, 422, "date-unreadable", "issued_on"),
]


@pytest.mark.parametrize(("fields", "status", "code", "field"), AWARDS)
def test_awards_that_cannot_be_recorded(
    house: House, fields: dict[str, Any], status: int, code: str, field: str
) -> None:
    before = house.facts()
    answer = house.post("/api/awards", an_award(**fields))
    assert fields_of(problem(answer, status, code)) == {field: code}
    assert house.facts() == before


def test_a_name_of_ten_thousand_characters_is_refused_with_its_limit(house: House) -> None:
    answer = house.post("/api/awards", an_award("Ơ" * 10_000))
    body = problem(answer, 422, "body-invalid")
    (error,) = body["errors"]
    assert error["field"] == "recipient.name"
    assert error["params"] == {"limit": 300, "length": 10_000}
    assert "10.000" in error["detail"]


@pytest.mark.parametrize("name", [SQL_NAME, HTML_NAME, normalize("NFD", "Nguyễn Thị Hòa")])
def test_a_strange_name_is_kept_exactly_and_found(house: House, name: str) -> None:
    award = house.award(name)
    assert house.done(house.get(f"/api/awards/{award['id']}"))["recipient"]["name"] == name
    house.catch_up()
    hits = house.done(house.client.get("/api/search", params={"q": name}, headers=house.headers()))[
        "hits"
    ]
    assert [hit["award"]["name"] for hit in hits] == [name]


ADDRESSES: list[tuple[str, str, int, str]] = [
    ("GET", "/api/nothing", 404, "route-unknown"),
    ("GET", "/api/awards/", 404, "route-unknown"),
    ("GET", "/api/awards/x", 400, "identifier-malformed"),
    ("GET", f"/api/awards/{UNKNOWN}", 404, "award-unknown"),
    ("GET", f"/api/awards/{UNKNOWN}/history", 404, "award-unknown"),
    ("GET", f"/api/decisions/{UNKNOWN}", 404, "decision-unknown"),
    ("GET", f"/api/imports/{UNKNOWN}", 404, "import-unknown"),
    ("GET", "/api/artifacts/%00", 404, "artifact-unknown"),
    ("GET", "/api/artifacts/" + "9" * 3_000, 404, "artifact-unknown"),
    ("DELETE", "/api/awards", 405, "method-not-allowed"),
    ("PATCH", f"/api/awards/{UNKNOWN}", 405, "method-not-allowed"),
    ("GET", "/api/awards?limit=0", 422, "page-rows-out-of-range"),
    ("GET", "/api/awards?limit=201", 422, "page-rows-out-of-range"),
    ("GET", "/api/awards?limit=x", 422, "body-invalid"),
    ("GET", "/api/awards?cursor=x", 422, "page-token-unreadable"),
    ("GET", "/api/awards?year_from=99999", 422, "date-impossible"),
    ("GET", "/api/awards?decision=x", 400, "identifier-malformed"),
    ("GET", "/api/awards?commune=%00", 400, "text-unprintable"),
    ("GET", "/api/decisions?number=%00", 400, "text-unprintable"),
    ("GET", "/api/decisions?cursor=WyJhd2FyZHMiLDVd", 422, "page-token-unreadable"),
    ("GET", "/api/artifacts?stage=%07", 400, "text-unprintable"),
    ("GET", "/api/search", 422, "body-invalid"),
    ("GET", "/api/search?q=", 422, "search-empty"),
    ("GET", "/api/search?q=%00", 400, "text-unprintable"),
    ("GET", "/api/search?q=" + "a" * 201, 422, "search-too-long"),
    ("GET", "/api/search?q=" + "a" * 5_000, 400, "text-too-long"),
    ("GET", "/api/catalogue?on=x", 422, "date-unreadable"),
    ("GET", "/api/awards?as_of=2024-01-01", 400, "not-yet-for-lists"),
    ("GET", "/api/search?q=a&known_at=2024-01-01", 400, "not-yet-for-lists"),
]


@pytest.mark.parametrize(("method", "address", "status", "code"), ADDRESSES)
def test_addresses_that_lead_nowhere(
    house: House, method: str, address: str, status: int, code: str
) -> None:
    problem(house.client.request(method, address, headers=house.headers()), status, code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("as_of=31/02/2024", "date-impossible"),
        ("as_of=khi nào", "date-unreadable"),
        ("known_at=yesterday", "time-unreadable"),
        ("known_at=2024-01-01T25:00", "time-unreadable"),
        ("known_at=0001-01-01T00:00:00%2B14:00", "time-unreadable"),
    ],
)
def test_times_that_are_none(house: House, query: str, code: str) -> None:
    award = house.award()
    problem(house.get(f"/api/awards/{award['id']}?{query}"), 400, code)


COMMANDS: list[tuple[str, dict[str, Any], int, str]] = [
    (f"/api/decisions/{UNKNOWN}/correct", {"corrections": {}, "reason": "x"}, 404, ""),
    (f"/api/decisions/{UNKNOWN}/awards", an_award(), 404, "decision-unknown"),
    (f"/api/awards/{UNKNOWN}/correct", {"reason": "x"}, 404, "award-unknown"),
    (f"/api/awards/{UNKNOWN}/artifacts", {}, 404, "award-unknown"),
    ("/api/artifacts/KHONG-CO/print", {}, 404, "artifact-unknown"),
    (
        "/api/artifacts/KHONG-CO/return",
        {"returned_on": "2024", "reason": "x"},
        404,
        "artifact-unknown",
    ),
]


@pytest.mark.parametrize(("path", "body", "status", "code"), COMMANDS)
def test_commands_on_records_that_are_none(
    house: House, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    problem(house.post(path, body), status, code or "decision-unknown")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reason": "x"}, "nothing-to-correct"),
        ({"reason": " ", "corrections": {"note": "x"}}, "reason-missing"),
        ({"reason": "x", "corrections": {"name": ""}}, "name-missing"),
        ({"reason": "x", "corrections": {"name": None}}, "body-invalid"),
        ({"reason": "x", "corrections": {"form": None}}, "body-invalid"),
        ({"reason": "x", "corrections": {"form": ""}}, "form-missing"),
        ({"reason": "x", "corrections": {"conferral": "half"}}, "body-invalid"),
        ({"reason": "x", "corrections": {"born": "31/02/1930"}}, "date-impossible"),
        ({"reason": "x", "corrections": {"version": 2}}, "body-invalid"),
        ({"reason": "x", "personal": [{"kind": "phone", "value": " "}]}, "value-missing"),
        (
            {"reason": "x", "personal": [{"person": UNKNOWN, "kind": "phone", "value": "1"}]},
            "personal-value-of-another",
        ),
    ],
)
def test_corrections_that_cannot_be_made(house: House, body: dict[str, Any], code: str) -> None:
    award = house.award()
    problem(house.post(f"/api/awards/{award['id']}/correct", body), 422, code)
    assert house.done(house.get(f"/api/awards/{award['id']}"))["version"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"artifacts": [{"component": "sword"}]}, "component-unknown"),
        ({"artifacts": [{"component": "flag"}]}, None),
        ({"artifacts": [{"component": "certificate", "serial": ""}]}, "serial-missing"),
        ({"artifacts": [{"component": "certificate"}] * 2}, "component-issued-already"),
        ({"artifacts": [{"component": "certificate"}] * 51}, "body-invalid"),
        ({"issued_on": "32/1/2024"}, "date-impossible"),
    ],
)
def test_artifacts_that_cannot_be_issued(
    house: House, body: dict[str, Any], code: str | None
) -> None:
    award = house.award()
    answer = house.post(f"/api/awards/{award['id']}/artifacts", body)
    if code is None:
        # What the catalogue merely recalls about this form may warn, never reject.
        remarks = {one["code"] for one in house.done(answer)["remarks"]}
        assert remarks == {"component-not-of-form"}
    else:
        problem(answer, 422, code)


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a\x7f"])
def test_keys_that_are_none(house: House, key: str) -> None:
    answer = house.post("/api/decisions", a_decision(), Idempotency_Key=key)
    problem(answer, 400, "idempotency-key-malformed")


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(house: House) -> None:
    large = json.dumps(a_decision(summary="x" * BODY_BYTES_MAX)).encode()
    headers = house.headers() | {"Content-Type": "application/json"}
    told = house.client.post("/api/decisions", content=large, headers=headers)
    problem(told, 413, "body-too-large")

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    untold = house.client.post("/api/decisions", content=pieces(), headers=headers)
    assert "content-length" not in untold.request.headers
    problem(untold, 413, "body-too-large")


def test_problems_are_told_in_the_language_that_is_asked_for(house: House) -> None:
    sent = a_decision(number="")
    for language, said in (
        (None, "Chưa ghi số quyết định."),
        ("vi-VN,vi;q=0.9,en;q=0.8", "Chưa ghi số quyết định."),
        ("en-GB,en;q=0.9", "The decision number is missing."),
        ("fr, en;q=0.5", "The decision number is missing."),
        ("fr", "Chưa ghi số quyết định."),
        ("en;q=x, ,;;;", "Chưa ghi số quyết định."),
    ):
        headers = house.headers() | ({"Accept-Language": language} if language else {})
        answer = house.client.post("/api/decisions", json=sent, headers=headers)
        assert problem(answer, 422, "number-missing")["detail"] == said


def test_an_unexpected_error_is_told_by_its_id_and_nothing_else(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("mật khẩu là 1234")

    with monkeypatch.context() as patched, capture_logs() as logged:
        patched.setattr(house.registry, "facts_of", broken)
        answer = house.get(f"/api/awards/{UNKNOWN}")
    body = problem(answer, 500, "unexpected")
    assert body["incident"] in body["detail"]
    assert "1234" not in answer.text
    assert [entry["incident"] for entry in logged if entry["event"] != "request"] == [
        body["incident"]
    ]


def test_a_database_that_does_not_answer_is_a_problem_for_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg  # noqa: PLC0415 - only this test breaks a connection

    def lost(*_arguments: object) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patched:
        patched.setattr(house.database, "pool", lost)
        # Health looks by a connection of its own.
        patched.setattr(house.database, "administrator", "host=/nowhere user=nobody")
        answer = house.get("/api/awards")
        problem(answer, 503, "database-unavailable")
        assert answer.headers["Retry-After"]
        assert house.get("/health/live").status_code == 200
        assert house.get("/health/ready").status_code == 503
        assert "sovang_database_up 0.0" in house.get("/metrics").text
        assert house.get("/").status_code == 503
    assert house.get("/health/ready").status_code == 200
