"""Checking a certificate over HTTP: what it says, when it says no, and what it never tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from registry.proofs.digits import digits_of_link, digits_to_bytes
from tests.api_house import House
from tests.signing_house import Keys, an_issued_certificate, open_signing_house, sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database


@pytest.fixture
def signing(database: Database) -> Iterator[tuple[House, Keys]]:
    with open_signing_house(database) as opened:
        yield opened


@pytest.fixture
def house(signing: tuple[House, Keys]) -> House:
    return signing[0]


def verify(house: House, **body: Any) -> dict[str, Any]:
    return house.done(house.client.post("/api/verify", json=body))


def test_a_signed_certificate_is_genuine_and_in_force(house: House) -> None:
    serial = an_issued_certificate(house)
    made = sign(house, serial)
    for p in (made["link"], digits_of_link(made["link"])):
        answer = verify(house, p=p)
        assert answer["authentic"] is True
        assert answer["serial"] == serial
        assert answer["status"] == "valid"
        assert answer["in_force"] is True
        assert answer["form"] == "ORD-KC-US:III"
        assert [one["serial"] for one in answer["chain"]] == [serial]
    assert len(digits_to_bytes(digits_of_link(made["link"]))) < 250
