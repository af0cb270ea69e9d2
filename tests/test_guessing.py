"""Guessing costs: wrong answers about a paper are counted, and nothing is learned from the work."""

from __future__ import annotations

import hmac
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest

from api.refusals import TooManyRequests
from api.verification.buckets import (
    CODES_ALLOWANCE,
    FACTS_ALLOWANCE,
    NETWORKS_MAX,
    Allowance,
    Buckets,
    Guesses,
)
from tests.api_house import House, problem
from tests.signing_house import (
    PATIENT,
    an_issued_certificate,
    award_of,
    open_signing_house,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from registry.database import Database

WRONG_CODE = "AAAA-AAAA"


class Clock:
    """A clock that tests move."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(database: Database, clock: Clock) -> Iterator[House]:
    # Networks are patient here: it is the paper that counts.
    buckets = Buckets(PATIENT, PATIENT, clock)
    with open_signing_house(database, buckets=buckets) as (house, _):
        yield house


def asking(house: House, network: int = 0, **body: Any) -> Response:
    headers = {"X-Forwarded-For": f"198.51.{network}.1"}
    return house.client.post("/api/verify", json=body, headers=headers)


def test_a_year_of_birth_is_not_found_by_asking_year_after_year(house: House) -> None:
    made = sign(house, an_issued_certificate(house))
    answers = [
        asking(house, year - 1900, p=made["link"], birth_year=year) for year in range(1900, 2025)
    ]
    told = [one for one in answers if one.status_code == 200]
    assert len(told) == FACTS_ALLOWANCE.at_once
    assert not any(one.json()["matches"]["birth_year"] for one in told)
    body = problem(answers[-1], 429, "guessed-too-often")
    assert answers[-1].headers["Retry-After"] == str(6 * 3600)
    assert "mang tờ bằng đến cơ quan" in body["detail"]
    # Who holds the paper still learns whether it is genuine and in force.
    assert asking(house, p=made["link"]).json()["authentic"] is True


def test_a_family_may_mistype_twice(house: House) -> None:
    made = sign(house, an_issued_certificate(house, "Giàng Seo Phử"))
    for name, matches in (("Giàng Seo Phứ", False), ("Giang Xeo", False), ("Giàng Seo Phử", True)):
        answer = asking(house, p=made["link"], name=name)
        assert answer.json()["matches"] == {"name": matches}
    for _ in range(20):
        assert asking(house, p=made["link"], birth_year=1930).json()["matches"]["birth_year"]


def test_after_some_hours_it_may_be_asked_again(house: House, clock: Clock) -> None:
    made = sign(house, an_issued_certificate(house))

    def wrong() -> int:
        return int(asking(house, p=made["link"], birth_year=1900).status_code)

    assert [wrong() for _ in range(6)] == [200] * 5 + [429]
    clock.now += 7 * 3600
    assert [wrong() for _ in range(2)] == [200, 429]


def test_papers_that_took_each_other_s_place_are_asked_about_together(house: House) -> None:
    serial = an_issued_certificate(house)
    first = sign(house, serial)
    corrected = {"corrections": {"merit": "x", "name": "Giàng Seo Phủ"}, "reason": "bằng gốc"}
    house.done(house.post(f"/api/awards/{award_of(house, serial)}/correct", corrected))
    second = sign(house, serial)
    assert first["link"] != second["link"]
    typed: dict[str, Any] = {"serial": serial, "check_code": second["check_code"]}
    ways: tuple[dict[str, Any], ...] = ({"p": first["link"]}, {"p": second["link"]}, typed)
    bodies = [ways[n % 3] | {"birth_year": 1900 + n} for n in range(9)]
    statuses = [asking(house, 0, **body).status_code for body in bodies]
    assert statuses == [200] * 5 + [429] * 4


def test_wrong_check_codes_of_one_serial_are_counted_whoever_types_them(
    house: House, clock: Clock
) -> None:
    serial = an_issued_certificate(house)
    made = sign(house, serial)
    typed: dict[str, Any] = {"serial": serial, "check_code": WRONG_CODE}
    statuses = [asking(house, n, **typed).status_code for n in range(30)]
    assert statuses == [404] * CODES_ALLOWANCE.at_once + [429] * (30 - CODES_ALLOWANCE.at_once)
    other_spelling = typed | {"serial": serial.lower().replace("-", " ")}
    assert asking(house, **other_spelling).status_code == 429
    clock.now += 61
    right = asking(house, serial=serial, check_code=made["check_code"])
    assert right.json()["authentic"] is True
    # What was right does not count.
    assert asking(house, serial=serial, check_code=made["check_code"]).status_code == 200


def test_many_at_once_are_no_way_around() -> None:
    guesses = Guesses(Allowance(0.0, 3))
    for _ in range(3):
        guesses.take("C1")
    with pytest.raises(TooManyRequests):
        guesses.take("C1")
    guesses.give_back("C1")
    guesses.take("C1")
    guesses.take("C2")


def test_what_is_remembered_of_papers_is_bounded() -> None:
    guesses = Guesses(Allowance(0.0, 3))
    for number in range(NETWORKS_MAX + 100):
        guesses.take(str(number))
    assert len(guesses._tokens) == NETWORKS_MAX


# Known and unknown serials ------------------------------------------------------------------


class Work:
    """Counts what the log is asked and how often a code is compared."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        log = house.registry.log
        for name in ("read_stream", "read_streams", "holders"):
            monkeypatch.setattr(log, name, self._counting(name, getattr(log, name)))
        compare = hmac.compare_digest
        monkeypatch.setattr(hmac, "compare_digest", self._counting("compared", compare))

    def _counting(self, name: str, work: Any) -> Any:
        def counted(*given: Any) -> Any:
            self.done.append(name)
            return work(*given)

        return counted


def test_known_and_unknown_serials_cost_the_same_work(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = an_issued_certificate(house)
    sign(house, known)
    unknown = "C1999-0000001-X"
    work, answers = Work(house, monkeypatch), []
    for serial in (known, unknown):
        work.done.clear()
        answer = asking(house, serial=serial, check_code=WRONG_CODE)
        answers.append((answer.status_code, answer.content, tuple(work.done)))
    assert answers[0] == answers[1]
    assert answers[0][2] == ("compared",)


def test_questions_about_holders_are_counted_per_network(database: Database) -> None:
    buckets = Buckets(Allowance(0.001, 3), PATIENT, facts=PATIENT)
    proxies = [ip_network("127.0.0.1")]
    with open_signing_house(database, buckets=buckets, proxies=proxies) as (house, _):
        made = sign(house, an_issued_certificate(house))
        asked: dict[str, Any] = {"p": made["link"], "birth_year": 1900}
        assert [asking(house, 1, **asked).status_code for _ in range(4)] == [200] * 3 + [429]
        assert asking(house, 2, **asked).status_code == 200
        # The verdict itself is not a guess.
        assert asking(house, 1, p=made["link"]).status_code == 200
