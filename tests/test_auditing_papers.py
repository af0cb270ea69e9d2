"""The audit of what papers say: a key in the wrong hands can sign, but not make it true."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from registry.award import SignArtifact
from registry.proofs.digits import digits_of_link, digits_to_bytes
from registry.proofs.payload import parse_envelope, read_claims, sign_claims
from tests.api_house import OPERATOR
from tests.signing_house import an_issued_certificate, award_of, sign
from tests.test_auditing_lists import Office, office

if TYPE_CHECKING:
    from registry.proofs.payload import Claims

__all__ = ["office"]


def claims_of(link: str) -> Claims:
    """What the paper with this link says."""
    return read_claims(parse_envelope(digits_to_bytes(digits_of_link(link))))


def sign_falsely(office: Office, serial: str, claims: Claims, index: int | None = None) -> int:
    """Let the key sign these claims, and the register take them; the position in the log."""
    key = office.keys.signers["issue"]
    signed_at = int(office.house.registry.clock().timestamp())
    payload = sign_claims(claims, bytes(16), signed_at, key)
    encoded = urlsafe_b64encode(payload).decode().rstrip("=")
    index = claims.status_index if index is None else index
    command = SignArtifact(serial, key.kid.hex(), index, encoded)
    house = office.house
    house.registry.execute("award", award_of(house, serial), command, OPERATOR)
    return house.registry.log.head().position


def test_papers_are_judged_by_what_the_register_said_when_they_were_signed(
    office: Office,
) -> None:
    house = office.house
    decision = house.decision(number="88/QĐ-CTN")
    serials = [
        an_issued_certificate(house),
        an_issued_certificate(
            house, "Vàng A Sử", decision_id=decision["id"], awarded_on=decision["decided_on"]
        ),
    ]
    for serial in serials:
        sign(house, serial)
    body = {"corrections": {"name": "Giàng Seo Phừ"}, "reason": "chép nhầm"}
    house.done(house.post(f"/api/awards/{award_of(house, serials[0])}/correct", body))
    sign(house, serials[0])
    assert office.findings() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Kẻ Mạo Danh"}, "name"),
        ({"form": "ORD-KC-US:I"}, "form"),
        ({"serial": "C1999-0000001-X"}, "serial"),
        ({"awarded_on": "1975-04-30"}, "awarded_on"),
        ({"decision": "1/QĐ-CTN"}, "number"),
    ],
)
def test_a_text_that_the_register_never_said_is_told_with_its_position(
    office: Office, changes: dict[str, str], field: str
) -> None:
    serial = an_issued_certificate(office.house)
    true = claims_of(sign(office.house, serial)["link"])
    assert all(getattr(true, name) is not None for name in changes)
    false = replace(true, status_index=true.status_index + 1, **changes)
    position = sign_falsely(office, serial, false)
    assert office.findings() == [("paper-differs", {"position": position, "field": field})]


def test_another_index_than_the_one_recorded_is_told(office: Office) -> None:
    serial = an_issued_certificate(office.house)
    true = claims_of(sign(office.house, serial)["link"])
    position = sign_falsely(office, serial, true, index=true.status_index + 1)
    assert office.findings() == [("paper-differs", {"position": position, "field": "status_index"})]


def test_a_decision_is_compared_as_it_stood_when_the_paper_was_signed(office: Office) -> None:
    house = office.house
    decision = house.decision(number="88/QĐ-CTN")
    serial = an_issued_certificate(
        house, "Vàng A Sử", decision_id=decision["id"], awarded_on=decision["decided_on"]
    )
    true = claims_of(sign(house, serial)["link"])
    assert true.decision == "88/QĐ-CTN"
    false = replace(true, status_index=true.status_index + 1, decision="99/QĐ-CTN")
    position = sign_falsely(office, serial, false)
    assert office.findings() == [("paper-differs", {"position": position, "field": "decision"})]
