"""Who may record and who may read what is sealed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from api.identity import CACHE_SECONDS_MAX, TokenBook
from api.refusals import NotSignedIn
from registry.rights import roles_with
from registry.user import ROLES
from tests.api_house import House, a_decision, an_award, open_house, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database
    from registry.user import Role

SECRET = "tổ 3, phường Cốc Lếu"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


# Addresses that take a POST and record nothing; who may use them is tested with them.
NO_COMMANDS = {"/api/decisions/{decision_id}/certificates", "/api/verify"}


def commands(house: House) -> list[str]:
    """Every address of the application that records, with something in place of its names."""
    paths = house.done(house.get("/openapi.json"))["paths"]
    posts = {path for path, methods in paths.items() if "post" in methods} - NO_COMMANDS
    some_id = "01890a5d-ac96-774b-bcce-b302099a8057"
    shaped = (path.replace("{serial}", "HN-17") for path in sorted(posts))
    return [re.sub("{[a-z_]*}", some_id, path) for path in shaped]


def test_every_command_needs_a_token_that_may_write(house: House) -> None:
    paths = commands(house)
    assert {"/api/awards", "/api/cases", "/api/stock"} < set(paths)
    for path in paths:
        nobody = house.post(path, {}, None)
        problem(nobody, 401, "sign-in-missing")
        assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
        wrong = house.client.post(path, json={}, headers={"Authorization": "Bearer x"})
        problem(wrong, 401, "token-unknown")
        body = problem(house.post(path, {}, "auditor"), 403, "role-may-not-write")
        assert "thanh tra" in body["detail"]


@pytest.mark.parametrize("role", ROLES)
def test_roles_record_or_do_not(house: House, role: Role) -> None:
    answer = house.post("/api/decisions", a_decision(), role)
    assert answer.status_code == (201 if role in roles_with("register-decision") else 403)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer " + "x" * 300, "token"]
)
def test_headers_that_sign_nobody_in(house: House, header: str) -> None:
    answer = house.client.get("/api/awards", headers={"Authorization": header})
    problem(answer, 401, "token-unknown")


def test_a_disabled_user_is_out_once_the_cache_forgets(house: House) -> None:
    now = [0.0]
    book = TokenBook(house.registry, clock=lambda: now[0])
    header = f"Bearer {house.token()}"
    (user, remembered) = book.user(header), book.remembered(header)
    assert user is not None
    assert user == remembered
    house.disable("clerk")
    now[0] = CACHE_SECONDS_MAX + 1
    with pytest.raises(NotSignedIn):
        book.user(header)


def sealed_award(house: House) -> str:
    person = {"born": "2/3/1930", "residence": SECRET, "identity_paper": "CMND 063012345"}
    return str(house.award(recipient={"persons": [person]})["id"])


@pytest.mark.parametrize("role", ["clerk", "verifier", "leader", "auditor"])
def test_sealed_values_are_shown_to_those_entitled(house: House, role: Role) -> None:
    award_id = sealed_award(house)
    award = house.done(house.get(f"/api/awards/{award_id}", role))
    (person,) = award["recipient"]["persons"]
    assert person["born"] == "1930"
    assert person["personal"] == {
        "birth_date": {"state": "open", "value": "1930-03-02"},
        "identity_paper": {"state": "open", "value": "CMND 063012345"},
        "residence": {"state": "open", "value": SECRET},
    }


def test_sealed_values_are_shown_to_nobody_else(house: House) -> None:
    role: Role = "operator"
    award_id = sealed_award(house)
    house.catch_up()
    for path in (
        f"/api/awards/{award_id}",
        f"/api/awards/{award_id}/history",
        "/api/awards",
        "/api/search?q=giang+seo+phu",
        f"/awards/{award_id}",
    ):
        text = house.get(path, role).text
        assert "Giàng Seo Phử" in text
        assert SECRET not in text
        assert "1930-03-02" not in text
        assert "063012345" not in text
    award = house.done(house.get(f"/api/awards/{award_id}", role))
    (person,) = award["recipient"]["persons"]
    assert person["personal"]["residence"] == {"state": "sealed", "value": None}


def test_a_sealed_value_whose_key_is_destroyed_is_erased(house: House) -> None:
    award_id = sealed_award(house)
    import psycopg  # noqa: PLC0415 - only this test reaches around the register

    with psycopg.connect(house.database.administrator, autocommit=True) as connection:
        connection.execute("DELETE FROM log.subject_keys")
    award = house.done(house.get(f"/api/awards/{award_id}", "auditor"))
    (person,) = award["recipient"]["persons"]
    assert person["personal"]["residence"] == {"state": "erased", "value": None}


def test_the_receivers_identity_paper_is_sealed_too(house: House) -> None:
    award = house.award(conferral="posthumous", issue_artifacts=True)
    serial = next(one["serial"] for one in award["artifacts"])
    receiver = {
        "kind": "representative",
        "name": "Giàng Thị Mỷ",
        "relation": "con gái",
        "identity_paper": "CCCD 010199001234",
    }
    sent = {"delivered_on": "2024-06-01", "receiver": receiver}
    house.done(house.post(f"/api/artifacts/{serial}/deliver", sent))
    shown = house.done(house.get(f"/api/artifacts/{serial}", "clerk"))["receiver"]
    assert shown["identity_paper"] == {"state": "open", "value": "CCCD 010199001234"}
    assert "010199001234" not in house.get(f"/api/artifacts/{serial}", "operator").text
    with house.database.pool("writer").connection() as connection:
        stored = connection.execute("SELECT string_agg(encode(state, 'escape'), '') FROM log.facts")
        assert "010199001234" not in stored.fetchall()[0][0]


def test_an_award_is_recorded_in_the_name_of_who_sent_it(house: House) -> None:
    body = house.done(house.post("/api/awards", an_award(), "leader"))
    assert body["recorded_by"] == "leader Thử"
