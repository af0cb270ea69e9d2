"""What anybody may see: a form, a name, a decision, a date and a status, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.acts import ADDRESSES
from api.http.public_fields import PUBLIC_FIELDS, PUBLIC_FRAMES, public_part
from tests.api_house import House, problem
from tests.full_house import DECISION, NAME, PRIVATE, FullHouse
from tests.signing_house import open_signing_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

FORM = "Huân chương Kháng chiến (chống Mỹ, cứu nước) hạng Ba"
# Open to everybody by their nature; a new one must be written down here first.
OPEN = {
    "GET /static/{path:path}",
    "GET /openapi.json",
    "GET /v",
    "GET /v.worker.js",
    "GET /v.webmanifest",
    "GET /v/{serial}",
    "GET /.well-known/did.json",
    "GET /did.json",
    "GET /log/checkpoint",
    "GET /log/tile/entries/{path:path}",
    "GET /log/tile/{level}/{path:path}",
    "GET /log/files/{digest}",
    "GET /log/keys",
    "GET /log/keys/{version}",
    "GET /log/status/{number}",
    "GET /health/live",
    "POST /api/verify",
    "GET /api/verify/{serial}",
    "GET /api/catalogue",
    "GET /api/procedures/{procedure}",
    "GET /api/working-days",
    "GET /api/cases/receipts/{receipt}",
}
# Of these anybody sees a part.
PUBLIC = {
    "GET /",
    "GET /awards/{award_id}",
    "GET /decisions/{decision_id}",
    "GET /health/ready",
    "GET /api/search",
    "GET /api/decisions",
    "GET /api/decisions/{decision_id}",
    "GET /api/awards",
    "GET /api/awards/{award_id}",
}
RECORDS = {one for one in PUBLIC if one.startswith("GET /api/")}


@pytest.fixture
def full(database: Database) -> Iterator[FullHouse]:
    with open_signing_house(database) as (house, _):
        yield FullHouse(house)


def named(acts: set[str]) -> set[str]:
    return {f"{one.method} {one.path}" for one in ADDRESSES if one.act.name in acts}


def test_what_is_open_and_what_is_public_is_written_down() -> None:
    assert named({"read-open"}) == OPEN
    assert named({"read-public"}) == PUBLIC


def keys_of(document: object) -> Iterator[str]:
    if isinstance(document, dict):
        for name, part in document.items():
            yield name
            yield from keys_of(part)
    elif isinstance(document, list):
        for part in document:
            yield from keys_of(part)


def anonymous(house: House, path: str) -> Any:
    """An answer to somebody from elsewhere who is not signed in."""
    return house.client.get(path, headers={"X-Forwarded-For": "203.0.113.7"})


def test_answers_to_nobody_hold_public_fields_only_and_no_private_word(full: FullHouse) -> None:
    private = (*PRIVATE, *full.serials.values())
    seen = set()
    for address in ADDRESSES:
        if address.method != "GET":
            continue
        line, path = f"GET {address.path}", full.fill(address)
        if "q" not in path and line in {"GET /", "GET /api/search"}:
            path += f"?q={NAME}"
        answer = anonymous(full.house, path)
        if line not in OPEN | PUBLIC:
            assert answer.status_code == 401, line
        asked = full.names["serial"] if "{serial}" in address.path else ""
        told = [word for word in private if word in answer.text.replace(asked or "\0", "")]
        if line != "GET /openapi.json":
            assert told == [], line
        if line in RECORDS:
            assert answer.is_success, line
            assert set(keys_of(answer.json())) <= PUBLIC_FIELDS | PUBLIC_FRAMES, line
            seen.add(line)
    assert seen == RECORDS


def test_the_public_part_still_tells_who_was_honoured(full: FullHouse) -> None:
    house, award = full.house, full.names["award_id"]
    shown = anonymous(house, f"/api/awards/{award}").json()
    assert shown["recipient"] == {"name": NAME}
    assert (shown["form"], shown["award_class"]) == ("ORD-KC-US", "III")
    assert shown["decision_id"] == full.names["decision_id"]
    assert shown["standing"] == "standing"
    decision = anonymous(house, f"/api/decisions/{shown['decision_id']}").json()
    assert (decision["number"], decision["decided_on"]) == (DECISION, "2024-05-09")
    page = anonymous(house, f"/awards/{award}").text
    for said in (NAME, FORM, DECISION, "09/5/2024", "còn hiệu lực"):
        assert said in page, said
    assert "Lịch sử" not in page
    of_decision = anonymous(house, f"/decisions/{shown['decision_id']}").text
    assert NAME in of_decision
    assert DECISION in of_decision
    assert 'href="/stock"' not in page + of_decision + anonymous(house, "/").text


def hits(house: House, text: str) -> list[Any]:
    answer = anonymous(house, f"/api/search?q={text}")
    assert answer.status_code == 200, answer.text
    return [one["matched"] for one in answer.json()["hits"]]


def test_nobody_finds_by_what_is_not_public(full: FullHouse) -> None:
    house = full.house
    assert hits(house, "giang seo phu") == ["name"]
    assert hits(house, "giang seo phuu") == ["similar-name"]
    assert hits(house, "212/QD-CTN") == ["decision-number"]
    # By a year of birth it would be found out: a wrong one finds as much as the right one.
    assert hits(house, "giang seo phu 1937") == hits(house, "giang seo phu 1952") == ["name"]
    for private in ("xã Tả Van Chư", "8317", full.names["serial"], "ta van chu"):
        assert hits(house, private) == [], private
    assert len(house.done(house.get("/api/search?q=giang seo phu 1937"))["hits"]) == 1
    page = anonymous(house, "/?q=xã Tả Van Chư").text
    assert full.names["award_id"] not in page


@pytest.mark.parametrize("query", ["commune=Cốc Lầu", "kind=individual", "conferral=posthumous"])
def test_nobody_filters_by_what_is_not_public(full: FullHouse, query: str) -> None:
    problem(anonymous(full.house, f"/api/awards?{query}"), 401, "filter-needs-sign-in")
    assert full.house.get(f"/api/awards?{query}").status_code == 200


def test_how_the_server_does_is_told_here_or_to_who_operates_it(full: FullHouse) -> None:
    house = full.house
    assert anonymous(house, "/health/ready").json() == {"status": "ready"}
    problem(anonymous(house, "/metrics"), 401, "sign-in-missing")
    assert house.client.get("/metrics").status_code == 200
    assert "projections" in house.client.get("/health/ready").json()
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    for role, status in (("operator", 200), ("auditor", 200), ("clerk", 403)):
        headers = house.headers(role) | elsewhere  # type: ignore[arg-type]
        assert house.client.get("/metrics", headers=headers).status_code == status
        told = house.client.get("/health/ready", headers=headers).json()
        assert ("projections" in told) == (status == 200)


DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.text() | st.integers(),
    lambda inside: (
        st.lists(inside)
        | st.dictionaries(
            st.sampled_from([*PUBLIC_FIELDS, *PUBLIC_FRAMES, "persons", "born"]), inside
        )
    ),
)


@given(DOCUMENTS)
def test_what_is_not_listed_goes_with_all_inside_it(document: Any) -> None:
    part = public_part(document)
    assert set(keys_of(part)) <= PUBLIC_FIELDS | PUBLIC_FRAMES
    assert public_part(part) == part
    json.dumps(part)
