"""Who may record and who may read what is sealed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from api.identity import TokenBook, User
from api.refusals import NotSignedIn
from registry.errors import Rejected
from registry.log import FactLog
from registry.rights import roles_with
from registry.user import (
    ROLES,
    GrantToken,
    RevokeToken,
    format_expiry,
    token_digest,
    token_id,
)
from tests.api_house import OPERATOR, House, a_decision, an_award, open_house, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.raises import RaisesExc

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


class Office:
    """Another process that knows users by itself: what one does, the other must heed at once."""

    def __init__(self, database: Database) -> None:
        self.registry = database.registry()
        self.book = TokenBook(self.registry)

    def user(self, token: str) -> User | None:
        return self.book.user(f"Bearer {token}")


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def refused(code: str) -> RaisesExc[NotSignedIn]:
    return pytest.raises(NotSignedIn, check=lambda error: error.code == code)


def test_a_disabled_user_is_out_at_once_everywhere(house: House, office: Office) -> None:
    token = house.token()
    assert office.user(token) == house_user(house, token)
    house.disable("clerk")
    with refused("token-revoked"):
        office.user(token)
    problem(house.post("/api/decisions", a_decision()), 401, "token-revoked")


def house_user(house: House, token: str) -> User | None:
    return TokenBook(house.registry).user(f"Bearer {token}")


def test_one_revoked_token_is_void_at_once_and_the_others_stay(
    house: House, office: Office
) -> None:
    first = house.token()
    house.registry.execute(
        "user", house.users["clerk"], GrantToken(token_digest("mã thứ hai")), OPERATOR
    )
    assert office.user(first) == office.user("mã thứ hai")
    assert house.post("/api/decisions", a_decision()).status_code == 201
    lost = RevokeToken(token_digest(first), "máy bị mất")
    office.registry.execute("user", house.users["clerk"], lost, OPERATOR)
    before = house.facts()
    body = problem(house.post("/api/decisions", a_decision(number="2")), 401, "token-revoked")
    assert token_id(token_digest(first)) in body["detail"]
    problem(house.get("/api/awards", "clerk"), 401, "token-revoked")
    assert house.facts() == before
    assert office.user("mã thứ hai") is not None
    with pytest.raises(Rejected, check=lambda error: error.code == "token-not-granted"):
        office.registry.execute("user", house.users["clerk"], lost, OPERATOR)


@pytest.mark.any_day
def test_a_token_is_good_until_its_end_and_not_after(house: House, office: Office) -> None:
    house.token()
    now = datetime.now(UTC).replace(microsecond=0)
    ends = format_expiry(now + timedelta(days=1))
    grant = GrantToken(token_digest("một ngày"), ends)
    house.registry.execute("user", house.users["clerk"], grant, OPERATOR)
    office.registry.clock = lambda: now + timedelta(hours=23, minutes=59)
    assert office.user("một ngày") is not None
    office.registry.clock = lambda: now + timedelta(days=1)
    with refused("token-over"):
        office.user("một ngày")
    # Tokens from before there were ends stay good.
    assert office.user(house.token()) is not None


def test_a_known_token_costs_one_look_and_an_anonymous_request_none(
    house: House, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = house.token()
    asked: list[str] = []

    def counting(name: str, own: Any) -> Any:
        def counted(*given: Any, **named: Any) -> Any:
            asked.append(name)
            return own(*given, **named)

        return counted

    for name in ("version_of", "holders", "read_stream", "read_streams"):
        monkeypatch.setattr(FactLog, name, counting(name, getattr(FactLog, name)))
    assert office.user(token) is not None
    asked.clear()
    assert office.user(token) is not None
    assert asked == ["version_of"]
    assert office.book.user(None) is None
    assert asked == ["version_of"]


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
