"""Credentials and status lists: what others publish as right comes out, and nothing else passes."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from gzip import compress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from registry.errors import VerificationFailed
from registry.proofs.credentials import (
    add_proof,
    did_document,
    did_web,
    format_moment,
    from_base58,
    key_name,
    sign_jwt,
    to_base58,
    verify_jwt,
    verify_proof,
)
from registry.proofs.status_lists import (
    BITS,
    bits_of,
    decode_bits,
    encode_bits,
    list_credential,
    read_list,
    status_entry,
    verify_list,
)
from tests.made_keys import signer

URL = "https://sovang.test"
ISSUER = did_web(URL)
STATUS = signer("status", "status")
KEYS = {STATUS.kid: STATUS.public}
PUBLISHED = datetime(2026, 9, 2, 3, tzinfo=UTC)
# The list of 131,072 zeros in the Recommendation.
ZEROS = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def refused(code: str) -> Any:
    return pytest.raises(VerificationFailed, match=f"^{code}")


def document(**fields: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:01939bd7-3a5e-7c00-8000-0000000000d1",
        "issuer": ISSUER,
        "type": ["VerifiableCredential"],
        "validFrom": "2026-09-02T00:00:00Z",
        "credentialSubject": {"name": "Nguyễn Thị Ánh Tuyết"},
        **fields,
    }


def proved(**fields: Any) -> dict[str, Any]:
    return add_proof(
        document(**fields), STATUS.sign, key_name(ISSUER, STATUS.kid), "2026-09-02T00:00:00Z"
    )


# eddsa-jcs-2022 -----------------------------------------------------------------------------


def test_a_proof_holds_only_for_the_document_that_was_signed() -> None:
    verify_proof(proved(), KEYS)
    with refused("credential-signature"):
        verify_proof({**proved(), "credentialSubject": {"name": "Trần Văn Khác"}}, KEYS)
    with refused("credential-signature"):
        verify_proof({**proved(), "more": "words"}, KEYS)
    with refused("credential-key-unknown"):
        verify_proof(proved(), {})


@pytest.mark.parametrize(
    "changes",
    [
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"proofPurpose": "authentication"},
        {"type": "Ed25519Signature2020"},
        {"verificationMethod": "did:web:sovang.test#zz"},
        {"verificationMethod": 7},
        {"proofValue": "0OIl"},
        {"proofValue": "z0OIl"},
        {"@context": ["https://elsewhere.test"]},
    ],
)
def test_a_proof_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    made = proved()
    proof = {**made["proof"], **changes}
    with pytest.raises(VerificationFailed) as caught:
        verify_proof({**made, "proof": proof}, KEYS)
    assert caught.value.code in {"credential-malformed", "credential-signature"}


@pytest.mark.parametrize("proof", [None, [], "proof", {}])
def test_a_document_without_a_proof_is_refused(proof: Any) -> None:
    with refused("credential-malformed"):
        verify_proof({**document(), "proof": proof}, KEYS)


@given(st.binary(max_size=40))
def test_base58_is_read_as_it_was_written(content: bytes) -> None:
    assert from_base58(to_base58(content)) == content


def test_the_issuer_leads_to_its_keys() -> None:
    assert did_web("http://127.0.0.1:8000") == "did:web:127.0.0.1%3A8000"
    assert did_web("https://example.test/so/vang") == "did:web:example.test:so:vang"
    assert did_web("https://example.test/so:vang") == "did:web:example.test:so%3Avang"
    assert did_web("https://example.test/s%E1%BB%95") == "did:web:example.test:s%E1%BB%95"
    made = did_document(ISSUER, KEYS)
    (method,) = made["verificationMethod"]
    assert method["id"] == proved()["proof"]["verificationMethod"] == made["assertionMethod"][0]
    assert from_base58(method["publicKeyMultibase"][1:]) == b"\xed\x01" + STATUS.public


# vc+jwt -------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_a_jose_library_accepts_the_signed_line() -> None:
    line = sign_jwt(document(), STATUS, key_name(ISSUER, STATUS.kid))
    key = OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": urlsafe_b64encode(STATUS.public).decode().rstrip("="),
        }
    )
    read = jws.deserialize_compact(line, key, registry=jws.JWSRegistry(algorithms=["EdDSA"]))
    assert read.headers()["typ"] == "vc+jwt"
    claims = json.loads(read.payload)
    assert claims["iss"] == ISSUER
    assert document().items() <= claims.items()


def test_a_signed_line_is_read_and_a_changed_one_refused() -> None:
    line = sign_jwt(document(), STATUS, key_name(ISSUER, STATUS.kid))
    assert verify_jwt(line, KEYS) == document()
    head, claims, signature = line.split(".")
    with refused("credential-signature"):
        verify_jwt(f"{head}.{claims[:-2]}AA.{signature}", KEYS)
    with refused("credential-key-unknown"):
        verify_jwt(line, {})


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "#00", "typ": "vc+jwt", "cty": "vc"},
        {"alg": "EdDSA", "kid": f"#{STATUS.kid.hex()}", "typ": "JWT", "cty": "vc"},
        {"alg": "EdDSA", "kid": f"#{STATUS.kid.hex()}", "typ": "vc+jwt"},
        {"alg": "EdDSA", "kid": 7, "typ": "vc+jwt", "cty": "vc"},
        {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc"},
        {"alg": "EdDSA", "kid": "#0", "typ": "vc+jwt", "cty": "vc", "crit": ["x"]},
        [],
    ],
)
def test_a_line_with_another_header_is_refused(header: Any) -> None:
    head = urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    with refused("credential-malformed"):
        verify_jwt(f"{head}.e30.AAAA", KEYS)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "é.é.é", "." * 2, "A" * 300_000 + ".."])
def test_what_is_no_signed_line_is_refused(text: str) -> None:
    with refused("credential-malformed"):
        verify_jwt(text, KEYS)


# Status lists -------------------------------------------------------------------------------


def published(
    indexes: tuple[int, ...] = (), number: int = 0, at: datetime = PUBLISHED, **changes: Any
) -> str:
    credential = list_credential(ISSUER, URL, number, bits_of(indexes), at)
    return sign_jwt({**credential, **changes}, STATUS, key_name(ISSUER, STATUS.kid))


def test_the_empty_list_of_the_recommendation_is_read() -> None:
    assert decode_bits(ZEROS) == bytes(BITS // 8)


@given(st.sets(st.integers(0, BITS - 1), max_size=30))
def test_exactly_the_bits_that_were_set_are_set(indexes: set[int]) -> None:
    bits = decode_bits(encode_bits(bits_of(indexes)))
    changed = [at for at, byte in enumerate(bits) if byte]
    found = {8 * at + bit for at in changed for bit in range(8) if bits[at] & (0x80 >> bit)}
    assert found == indexes


def test_index_nought_is_the_leftmost_bit_and_lists_follow_each_other() -> None:
    assert bits_of([0])[0] == 0x80
    found = read_list(published((BITS + 9,), number=1), KEYS)
    assert found.number == 1
    assert found.is_set(BITS + 9)
    assert not found.is_set(BITS + 8)
    entry = status_entry(URL, BITS + 9)
    assert entry["statusListIndex"] == "9"
    assert entry["statusListCredential"] == f"{URL}/log/status/1"


def test_a_list_answers_for_seven_days_and_no_longer() -> None:
    found = read_list(published((7,)), KEYS)
    verify_list(found, 7, PUBLISHED)
    verify_list(found, 7, PUBLISHED + timedelta(days=7, seconds=-1), newest_seen=PUBLISHED)
    with refused("status-list-stale"):
        verify_list(found, 7, PUBLISHED + timedelta(days=7))
    with refused("status-list-not-yet"):
        verify_list(found, 7, PUBLISHED - timedelta(minutes=6))
    with refused("status-list-of-another"):
        verify_list(found, BITS + 7, PUBLISHED)
    with refused("status-list-rolled-back"):
        verify_list(found, 7, PUBLISHED, newest_seen=PUBLISHED + timedelta(seconds=1))


def test_a_list_by_another_key_or_with_changed_bits_is_refused() -> None:
    with refused("status-list-key-unknown"):
        read_list(published(), {})
    head, claims, signature = published().split(".")
    other = published((9,)).split(".")[1]
    with refused("status-list-signature"):
        read_list(f"{head}.{other}.{signature}", KEYS)
    with refused("status-list-malformed"):
        read_list(f"{head}.{claims}", KEYS)


def test_signed_lists_of_another_form_are_refused() -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"credentialSubject": {"statusPurpose": "revocation"}},
        {"credentialSubject": {"statusPurpose": "suspension", "encodedList": ZEROS}},
        {"credentialSubject": {"statusPurpose": "revocation", "encodedList": 7}},
        {"credentialSubject": {"statusPurpose": "revocation", "encodedList": ZEROS[1:]}},
        {"credentialSubject": []},
        {"id": "https://sovang.test/log/status/one"},
    )
    for changes in wrong:
        with refused("status-list-malformed"):
            read_list(published(**changes), KEYS)


def test_a_list_that_unpacks_to_more_than_a_list_is_refused_before_it_fills_the_memory() -> None:
    bomb = compress(bytes(50_000_000))
    with refused("status-list-malformed"):
        decode_bits("u" + urlsafe_b64encode(bomb).decode())
    with refused("status-list-malformed"):
        decode_bits("u" + urlsafe_b64encode(compress(bytes(10))).decode())


def test_moments_are_written_in_whole_seconds_of_utc() -> None:
    assert format_moment(PUBLISHED) == "2026-09-02T03:00:00Z"
