"""The register that answers for a signature at one look: never otherwise than the facts would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from api.moment import NOW
from api.service import Service
from api.verification.answers import Question
from api.verification.checking import check_payload
from projections.signatures import find_current_signature
from registry.proofs.digits import digits_of_link, digits_to_bytes
from registry.proofs.payload import parse_envelope, verify_envelope
from tests.signing_house import (
    an_issued_certificate,
    award_of,
    cancel,
    open_signing_house,
    restore,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg_pool import ConnectionPool

    from registry.database import Database
    from tests.api_house import House


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_signing_house(database) as (opened, _):
        yield opened


def service_of(house: House) -> Service:
    service: Service = house.client.app.state.service  # type: ignore[attr-defined]
    return service


def readers(house: House) -> ConnectionPool[psycopg.Connection[Any]]:
    return service_of(house).database.pool("reader")


def index_of(house: House, link: str) -> int:
    """The index in the payload of a link."""
    envelope = parse_envelope(digits_to_bytes(digits_of_link(link)))
    return verify_envelope(envelope, service_of(house).trust.key_list).claims.status_index


def told(house: House, link: str, **held: Any) -> dict[str, Any]:
    """The verdict, but for the moment at which it was given; `held` are facts of the asker's."""
    answer = check_payload(service_of(house), link, Question(NOW, "vi", **held))
    return {name: value for name, value in answer.items() if name != "known_at"}


def stream_reads(house: House, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Streams that are read from the log from now on."""
    seen: list[object] = []
    own = house.registry.log.read_stream

    def watching(*given: Any) -> Any:
        seen.append(given)
        return own(*given)

    monkeypatch.setattr(house.registry.log, "read_stream", watching)
    return seen


def correct(house: House, serial: str) -> None:
    body = {"corrections": {"name": "Giàng Seo Phừ"}, "reason": "chép nhầm"}
    house.done(house.post(f"/api/awards/{award_of(house, serial)}/correct", body))


def replace(house: House, serial: str) -> None:
    house.done(house.post(f"/api/artifacts/{serial}/print", {"printed_on": "2026-11-19"}))
    house.done(house.post(f"/api/artifacts/{serial}/replace", {"replaced_on": "2026-11-20"}))


STEPS: tuple[Callable[[House, str], object], ...] = (
    sign,
    correct,
    sign,
    cancel,
    lambda house, serial: restore(house, serial, "2026-11-03"),
    replace,
)


def test_whatever_becomes_of_a_paper_register_and_facts_say_the_same(house: House) -> None:
    serial = an_issued_certificate(house)
    links: list[str] = []
    by_facts: list[dict[str, Any]] = []
    for step in STEPS:
        made = step(house, serial)
        if isinstance(made, dict):
            links.append(made["link"])
        by_facts = [told(house, link) for link in links]
        house.catch_up()
        assert [told(house, link) for link in links] == by_facts
        with readers(house).connection() as connection:
            assert find_current_signature(connection, index_of(house, links[-1])) is not None
    assert [one["status"] for one in by_facts] == ["superseded", "superseded"]


def test_a_certificate_in_force_is_answered_without_reading_its_award(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = sign(house, an_issued_certificate(house))["link"]
    house.catch_up()
    seen = stream_reads(house, monkeypatch)
    assert told(house, link)["status"] == "valid"
    assert seen == []


@pytest.mark.parametrize(
    ("held", "matches"),
    [
        ({"name": "GIÀNG SEO PHỬ"}, {"name": True}),
        ({"name": "Giàng Seo Phù"}, {"name": False}),
        ({"birth_year": 1930}, {"birth_year": True}),
        ({"name": "Giàng Seo Phử", "birth_year": 1931}, {"name": True, "birth_year": False}),
    ],
)
def test_facts_about_the_holder_match_without_reading_the_award(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    held: dict[str, Any],
    matches: dict[str, bool],
) -> None:
    link = sign(house, an_issued_certificate(house))["link"]
    by_facts = told(house, link, **held)
    house.catch_up()
    seen = stream_reads(house, monkeypatch)
    assert told(house, link, **held) == by_facts
    assert (by_facts["matches"], seen) == (matches, [])


@pytest.mark.parametrize("index", [-1, 1 << 63, (1 << 64) - 1])
def test_an_index_that_no_list_has_stands_for_nothing(house: House, index: int) -> None:
    house.catch_up()
    with readers(house).connection() as connection:
        assert find_current_signature(connection, index) is None


def test_a_revocation_a_moment_ago_shows_though_the_register_is_behind(house: House) -> None:
    serial = an_issued_certificate(house)
    link = sign(house, serial)["link"]
    house.catch_up()
    assert told(house, link)["status"] == "valid"
    cancel(house, serial)
    with readers(house).connection() as connection:
        assert find_current_signature(connection, index_of(house, link)) is None
    assert told(house, link)["status"] == "cancelled"


def test_without_the_register_or_with_an_older_one_the_facts_answer(
    house: House, database: Database
) -> None:
    link = sign(house, an_issued_certificate(house))["link"]
    house.catch_up()
    for spoil in (
        "ALTER TABLE signatures.signature DROP COLUMN standing",
        "DROP SCHEMA signatures CASCADE",
    ):
        with psycopg.connect(database.administrator, autocommit=True) as connection:
            connection.execute(spoil.encode())
        assert told(house, link)["status"] == "valid"


def test_a_reader_whose_server_hung_up_is_replaced(house: House, database: Database) -> None:
    link = sign(house, an_issued_certificate(house))["link"]
    house.catch_up()
    assert told(house, link)["status"] == "valid"
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'sovang-reader' AND datname = current_database()"
        ).fetchall()
    assert ended
    assert told(house, link)["status"] == "valid"
