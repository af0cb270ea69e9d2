"""What we sign, judged by programs of others that have our public keys and nothing else of us."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from registry.proofs.credentials import did_web, format_moment
from registry.proofs.payload import Claims, printed_name, sign_claims
from tests.made_keys import NOW, signer
from tests.other_programs import as_jwk, ask
from tests.signing_house import (
    URL,
    Keys,
    an_issued_certificate,
    cancel,
    open_signing_house,
    publish_lists,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database
    from tests.api_house import House

ISSUE = signer("issue")
STRANGER = signer("stranger")
ISSUER = did_web(URL)
CLAIMS = Claims(
    "C2026-0001234-7", "Nguyễn Thị Ánh Tuyết", "ORD-KC-US:III", "1234/QĐ-CTN", "2026-09-02", 94567
)
NAME = "Giàng Thị Dợ"


def payload(claims: Claims = CLAIMS) -> bytes:
    return sign_claims(claims, bytes(16), NOW, ISSUE)


def judged(*payloads: bytes, key: bytes = ISSUE.public) -> list[dict[str, Any]]:
    return ask("cose", {"key": as_jwk(key), "payloads": [one.hex() for one in payloads]})


# What stands in the QR code -----------------------------------------------------------------


def test_a_cose_library_reads_what_a_certificate_says() -> None:
    long = printed_name("Hợp tác xã Dệt thổ cẩm " * 20)
    several = [
        CLAIMS,
        replace(CLAIMS, name=long),
        replace(CLAIMS, awarded_on="1985", decision=None),
        replace(CLAIMS, awarded_on=None),
    ]
    said = judged(*(payload(claims) for claims in several))
    assert said == [
        {"accepted": True, "serial": claims.serial, "name": claims.name} for claims in several
    ]


def test_a_cose_library_refuses_every_changed_byte_and_every_other_key() -> None:
    content = payload()
    changed = [
        content[:at] + bytes([byte ^ 1]) + content[at + 1 :] for at, byte in enumerate(content)
    ]
    assert [one["accepted"] for one in judged(content, *changed)] == [True, *[False] * len(content)]
    assert judged(content, key=STRANGER.public)[0]["accepted"] is False


# Credentials --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Office:
    """A register with a certificate that was signed."""

    house: House
    keys: Keys
    serial: str

    def credential(self) -> dict[str, Any]:
        """The certificate as an Open Badge with a proof inside."""
        return self.house.done(self.house.get(f"/api/artifacts/{self.serial}/credential"))

    def line(self) -> str:
        """The certificate as an Open Badge in a signed line."""
        path = f"/api/artifacts/{self.serial}/credential"
        return self.house.get(path, Accept="application/vc+jwt").text

    def judged(self, *credentials: dict[str, Any], **documents: Any) -> list[dict[str, Any]]:
        """What the verifier says of credentials, at this moment, from what we publish."""
        self.house.catch_up()
        issuer = self.house.client.get("/.well-known/did.json").json()
        publish_lists(self.house)
        published = self.house.client.get("/log/status/0.json").json()
        methods = issuer["verificationMethod"]
        multikey = "https://w3id.org/security/multikey/v1"
        given = {
            issuer["id"]: issuer,
            published["id"]: published,
            **{one["id"]: {"@context": multikey, **one} for one in methods},
            **documents,
        }
        now = format_moment(datetime.now(UTC))
        return ask("credential", {"credentials": credentials, "documents": given, "now": now})


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    with open_signing_house(database) as (house, keys):
        serial = an_issued_certificate(house, NAME)
        sign(house, serial)
        yield Office(house, keys, serial)


def test_a_verifier_of_credentials_accepts_ours_and_refuses_a_changed_one(office: Office) -> None:
    genuine = office.credential()
    other_name, more, later, unknown = (deepcopy(genuine) for _ in range(4))
    other_name["credentialSubject"]["identifier"][0]["identityHash"] = "Kẻ Mạo Danh"
    more["description"] = "thêm một chữ"
    later["proof"]["created"] = "2026-01-01T00:00:00Z"
    unknown["wordThatNoContextDefines"] = "x"
    said = office.judged(genuine, other_name, more, later, unknown)
    assert said[0] == {"accepted": True, "revoked": False}
    assert [one["accepted"] for one in said[1:]] == [False] * 4
    assert all("Invalid signature" in one["reason"] for one in said[1:4]), said
    assert "jsonld.ValidationError" in said[4]["reason"]


def test_a_verifier_of_credentials_hears_of_a_revocation(office: Office) -> None:
    cancel(office.house, office.serial)
    assert office.judged(office.credential()) == [{"accepted": True, "revoked": True}]


def test_a_verifier_of_credentials_refuses_a_key_that_the_issuer_does_not_name(
    office: Office,
) -> None:
    nobody = {"@context": "https://www.w3.org/ns/did/v1", "id": ISSUER, "assertionMethod": []}
    (said,) = office.judged(office.credential(), **{ISSUER: nobody})
    assert said["accepted"] is False


def test_a_jose_library_accepts_our_signed_line_and_refuses_a_changed_one(office: Office) -> None:
    line = office.line()
    head, claims, signature = line.split(".")
    key = as_jwk(office.keys.signers["issue"].public)
    lines = [line, f"{head}.{claims[:-4]}AAAA.{signature}", f"{head}.{claims}.{'A' * 86}"]
    said = ask("jwt", {"key": key, "issuer": ISSUER, "lines": lines})
    assert said[0]["accepted"] is True
    proved = {name: one for name, one in office.credential().items() if name != "proof"}
    assert proved.items() <= said[0]["payload"].items()
    refused = {"accepted": False, "reason": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"}
    assert said[1:] == [refused, refused]
    stranger = {"key": as_jwk(STRANGER.public), "issuer": ISSUER, "lines": [line]}
    assert ask("jwt", stranger) == [refused]
