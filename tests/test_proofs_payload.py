"""The signed payload: what is accepted, and every other thing refused for its own reason."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from registry.errors import Rejected, VerificationFailed
from registry.proofs.cbor import BYTES_MAX, DEPTH_MAX, BadCbor, Tag, Value, decode, encode
from registry.proofs.digits import bytes_to_digits, digits_of_link, digits_to_bytes, make_link
from registry.proofs.key_list import KeyList
from registry.proofs.payload import (
    Claims,
    Signed,
    check_letters,
    parse_envelope,
    printed_name,
    sign_claims,
    verify_envelope,
    verify_place,
)
from tests.made_keys import BEGINNING, END, NOW, key_list, listed, signer

CLAIMS = Claims(
    "C2026-0001234-7", "Nguyễn Thị Ánh Tuyết", "ORD-KC-US:III", "1234/QĐ-CTN", "2026-09-02", 94567
)
SALT = bytes(range(16))
KEYS = key_list()


def made(claims: Claims = CLAIMS, signed_at: int = NOW, key: str = "issue") -> bytes:
    return sign_claims(claims, SALT, signed_at, signer(key))


def check(content: bytes, keys: KeyList = KEYS) -> Signed:
    return verify_envelope(parse_envelope(content), keys)


def refusal(content: bytes, keys: KeyList = KEYS) -> str:
    with pytest.raises(VerificationFailed) as caught:
        check(content, keys)
    return caught.value.code


def cose(
    protected: Value | None = None, unprotected: Value | None = None, claims: Value | None = None
) -> bytes:
    """A payload signed by the issuing key, with parts of the caller's choice."""
    key = signer("issue")
    head = encode({1: -8, 4: key.kid} if protected is None else protected)
    body = encode({6: NOW, -70001: {1: "S"}} if claims is None else claims)
    signature = key.sign(encode(("Signature1", head, b"", body)))
    return encode(Tag(18, (head, unprotected or {}, body, signature)))


def test_what_was_signed_is_read_again() -> None:
    signed = check(made())
    assert signed.claims == CLAIMS
    assert signed.signed_at == NOW
    assert not signed.needs_log
    assert len(made()) < 210


@pytest.mark.parametrize("awarded_on", ["1985", "1985-04", "1985~", "1945-09-02", None])
def test_partial_dates_and_missing_decisions_are_kept_as_they_are(awarded_on: str | None) -> None:
    claims = replace(CLAIMS, awarded_on=awarded_on, decision=None)
    assert check(made(claims)).claims == claims


def test_every_single_bit_counts() -> None:
    content = made()
    for bit in range(len(content) * 8):
        changed = bytearray(content)
        changed[bit // 8] ^= 0x80 >> bit % 8
        assert refusal(bytes(changed)).startswith("payload-")


@pytest.mark.parametrize("length", [0, 1, 100, 195])
def test_what_was_cut_short_is_refused(length: int) -> None:
    assert refusal(made()[:length]) == "payload-malformed"


def test_bytes_behind_the_end_are_refused() -> None:
    assert refusal(made() + b"\x00") == "payload-malformed"


def test_each_part_of_the_form_has_its_own_reason() -> None:
    kid = signer("issue").kid
    assert refusal(bytes(2_001)) == "payload-too-long"
    assert refusal(cose(unprotected={4: kid})) == "payload-header"
    assert refusal(cose({1: -7, 4: kid})) == "payload-header"
    assert refusal(cose({1: -8, 4: kid, 3: 0})) == "payload-header"
    assert refusal(cose({4: kid})) == "payload-header"
    assert refusal(cose({1: -8, 4: kid + b"!"})) == "payload-header"
    assert refusal(cose(claims={6: NOW})) == "payload-claims"
    assert refusal(cose(claims={6: "now", -70001: {}})) == "payload-claims"
    assert refusal(cose()) == "payload-claims"
    assert refusal(encode(Tag(17, ("", {}, "", "")))) == "payload-malformed"
    assert refusal(encode((b"", {}, b"", b""))) == "payload-malformed"
    assert refusal(made(key="stranger")) == "payload-key-unknown"


def test_claims_that_no_program_of_ours_writes_are_refused_though_signed() -> None:
    award: dict[int, Value] = {1: "S", 2: "N", 3: "F", 6: SALT, 7: 1}
    assert check(cose(claims={6: NOW, -70001: award})).claims.serial == "S"
    for wrong in ({9: "more"}, {4: 7}, {5: b""}, {5: Tag(99, 1)}, {5: Tag(100, 1 << 40)}, {7: "1"}):
        assert refusal(cose(claims={6: NOW, -70001: award | wrong})) == "payload-claims"


def test_a_key_for_something_else_may_not_issue() -> None:
    content = sign_claims(CLAIMS, SALT, NOW, signer("log", "log"))
    assert refusal(content) == "payload-key-unknown"


@pytest.mark.parametrize("signed_at", [0, BEGINNING - 1, END, 1 << 60])
def test_a_key_signs_only_in_its_time_and_what_it_signed_then_stays_good(signed_at: int) -> None:
    assert refusal(made(signed_at=signed_at)) == "payload-key-not-valid-then"
    assert check(made(signed_at=END - 1)).signed_at == END - 1


def test_a_stolen_key_counts_only_for_what_the_log_had_before() -> None:
    keys = key_list(keys=(listed(signer("issue"), compromised_at_leaf=100),))
    signed = check(made(), keys)
    assert signed.needs_log
    verify_place(signed, 99)
    for leaf, code in ((None, "payload-needs-log"), (100, "payload-after-compromise")):
        with pytest.raises(VerificationFailed) as caught:
            verify_place(signed, leaf)
        assert caught.value.code == code
    verify_place(check(made()), None)


# Digits -------------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_digits_carry_any_bytes(content: bytes) -> None:
    digits = bytes_to_digits(content)
    assert digits.isdigit() or not content
    if content:
        assert digits_to_bytes(digits) == content
        assert digits_to_bytes(digits_of_link(make_link("https://sovang.test", content))) == content


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "payload-not-digits"),
        ("12a45", "payload-not-digits"),
        ("-12", "payload-not-digits"),
        ("1 2", "payload-not-digits"),
        ("١٢٣", "payload-not-digits"),  # Arabic-Indic
        ("１２３", "payload-not-digits"),  # full width
        ("²³¹", "payload-not-digits"),
        ("256", "payload-not-digits"),
        ("99999999999999999", "payload-not-digits"),
        ("1", "payload-short"),
        ("1234", "payload-short"),
        ("0" * 18, "payload-short"),
        ("1" * 4_001, "payload-too-long"),
    ],
)
def test_digits_that_are_none_are_refused(text: str, code: str) -> None:
    with pytest.raises(VerificationFailed) as caught:
        digits_to_bytes(text)
    assert caught.value.code == code


def test_a_million_digits_cost_nothing() -> None:
    million = "1" * 1_000_000
    texts = (million, "https://sovang.test/v#" + million)
    tracemalloc.start()
    begun = perf_counter()
    for text in texts:
        with pytest.raises(VerificationFailed) as caught:
            digits_to_bytes(digits_of_link(text))
        assert caught.value.code == "payload-too-long"
    seconds, (_, peak) = perf_counter() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 0.1
    assert peak < 100_000


# CBOR ---------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.integers(-(1 << 64), (1 << 64) - 1) | st.binary(max_size=300) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.integers(-100, 100), inner, max_size=3)
        | st.builds(Tag, st.integers(0, 1 << 32), inner)
    ),
    max_leaves=4,
)


def depth_of(value: Value) -> int:
    match value:
        case tuple():
            return 1 + max(map(depth_of, value), default=0)
        case Mapping():
            return 1 + max(map(depth_of, value.values()), default=0)
        case Tag():
            return 1 + depth_of(value.value)
        case _:
            return 0


@given(VALUES)
def test_cbor_is_read_as_it_was_written(value: Value) -> None:
    written = encode(value)
    assume(len(written) <= BYTES_MAX and depth_of(value) <= DEPTH_MAX)
    assert decode(written) == value


@given(st.binary(max_size=40))
def test_whatever_is_read_has_no_other_spelling(content: bytes) -> None:
    try:
        value = decode(content)
    except BadCbor:
        return
    assert encode(value) == content


@pytest.mark.parametrize(
    ("hexadecimal", "reason"),
    [
        ("", "cut short"),
        ("1817", "not in its shortest form"),
        ("190017", "not in its shortest form"),
        ("1a0000ffff", "not in its shortest form"),
        ("1b00000000ffffffff", "not in its shortest form"),
        ("5801", "not in its shortest form"),
        ("a201000100", "keys of a map out of order"),
        ("a202000100", "keys of a map out of order"),
        ("a1616100", "keys of a map out of order"),
        ("9f00ff", "length unknown"),
        ("5f4100ff", "length unknown"),
        ("f90000", "not in its shortest form"),
        ("f5", "neither number, text, list, map nor tag"),
        ("61ff", "not UTF-8"),
        ("0000", "bytes behind the end"),
        ("9b7fffffffffffffff", "cut short"),
        ("bb7fffffffffffffff", "cut short"),
        ("5b7fffffffffffffff", "cut short"),
        ("81" * 1_000 + "00", "nested too deep"),
        ("d2" * 1_000 + "00", "nested too deep"),
        ("00" * 2_001, "too long"),
    ],
)
def test_bad_cbor_is_refused_with_its_reason(hexadecimal: str, reason: str) -> None:
    with pytest.raises(BadCbor) as caught:
        decode(bytes.fromhex(hexadecimal))
    assert str(caught.value) == reason


# Names --------------------------------------------------------------------------------------


def test_letters_of_two_alphabets_are_refused() -> None:
    for name in ("Giàng Seo Phử", "Công ty TNHH 27/7 (Lào Cai)", "Đặng Thị Ð", "王小明"):
        check_letters(name)
    for name in ("Nguyễn Vаn A", "Trần Thị Βa"):  # Cyrillic а, Greek Β
        with pytest.raises(Rejected) as caught:
            made(replace(CLAIMS, name=name))
        assert caught.value.code == "letters-of-two-alphabets"


def test_a_name_is_signed_composed_and_a_very_long_one_cut() -> None:
    assert printed_name("Nguyễn") == "Nguyễn"
    long = printed_name("Hợp tác xã " * 40)
    assert long.endswith("…")
    assert len(long.encode()) <= 160
    assert len(made(replace(CLAIMS, name=long))) < 400
