"""What we sign, judged by programs of others that have our public keys and nothing else of us."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.proofs.credentials import (
    add_proof,
    did_web,
    format_moment,
    to_base58,
    to_multikey,
)
from registry.proofs.keys import make_signer
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


# Canonical JSON, and proofs as their authors make them ---------------------------------------

DOCUMENTS: list[Any] = [
    {"b": [], "a": {}, "": [None, True, False], "Đ": "đ", "\U0001f396": "huy chương", "\ufb33": 1},
    {"\r": 1, "1": 2, "\x80": 3, "ö": 4, "€": 5, "\u001f": 6, "\u007f": 7, "</script>": 8},
    [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, 5e-324, -5e-324, 1.7976931348623157e308, -0.0],
    [0, -1, 9007199254740991, -9007199254740991, 1e21, 1e20, 9.999999999999999e20, 1e-6, 1e-7],
    ['"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028\u2029', "Nguyễn Thị Ánh Tuyết", "a\u0309", "ả"],
    "chỉ là chữ",
    {"deep": {"deep": {"deep": [[[[{"z": 1, "y": 2}]]]]}}},
]
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)


def canonical_for_others(documents: list[Any]) -> list[str]:
    given = {"documents": [json.dumps(document) for document in documents]}
    return cast("list[str]", ask("canonical", given))


def test_another_program_writes_the_same_canonical_json() -> None:
    assert [rfc8785.dumps(one).decode() for one in DOCUMENTS] == canonical_for_others(DOCUMENTS)


@settings(max_examples=10, deadline=None)
@given(st.lists(_VALUES, min_size=10, max_size=20))
def test_another_program_writes_the_same_canonical_json_of_anything(documents: list[Any]) -> None:
    assert [rfc8785.dumps(one).decode() for one in documents] == canonical_for_others(documents)


def test_a_proof_is_the_one_that_the_cryptosuite_s_authors_make() -> None:
    secret = bytes(range(7, 39))
    key = make_signer("issue", secret)
    method, created = f"{ISSUER}#{to_multikey(key.public)}", "2026-09-02T00:00:00Z"
    context = "https://www.w3.org/ns/credentials/v2"
    documents: list[dict[str, Any]] = [
        {"@context": [context], "name": "Nguyễn Thị Ánh Tuyết", "id": "urn:uuid:1"},
        {"@context": [context], "credentialSubject": {"ả": [1, 2.5, None, "\u2028"], "a": {}}},
    ]
    theirs = ask(
        "proof",
        {
            "documents": documents,
            "controller": ISSUER,
            "method": method,
            "created": created,
            "publicKeyMultibase": to_multikey(key.public),
            "secretKeyMultibase": "z" + to_base58(b"\x80\x26" + secret),
        },
    )
    for document, made in zip(documents, theirs, strict=True):
        ours = add_proof(document, key.sign, method, created)
        assert ours["proof"]["proofValue"] == made["proof"]["proofValue"]
        assert {**made["proof"], "@context": [context]} == ours["proof"]


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
