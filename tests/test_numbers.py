"""Decision numbers, golden-book numbers, serials and their check character."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Rejected
from registry.numbers import (
    CHECK_ALPHABET,
    BadSerial,
    DecisionNumber,
    check_character,
    has_valid_check,
    normalise_golden_number,
    normalise_number,
    normalise_serial,
    parse_number,
    with_check,
)

SAME_NUMBER = [
    (
        "212 QĐ/CTN",
        "212/QD-CTN",
        "212/QĐ-CTN",
        "212 QĐ CTN",
        "212\u2013Q\u00d0\u2215ctn",
        "Số: 212/QĐ-CTN",
        "số 212 QĐ/CTN",
        "Quyết định số 212/QĐ-CTN",
        "0212/QĐ-CTN",
        "QĐ số 212 QĐ/CTN",
    ),
    ("08/CTr-UBND", "8/CTr-UBND", "8 CTR UBND"),
    ("6B-VP/MT", "06b/VP-MT"),
    ("837/BTĐKT-Vụ III", "837 BTĐKT Vụ III"),
]


@pytest.mark.parametrize("spellings", SAME_NUMBER)
def test_spellings_of_one_number_compare_equal(spellings: tuple[str, ...]) -> None:
    decomposed = [unicodedata.normalize("NFD", spelling) for spelling in spellings]
    assert len({normalise_number(spelling) for spelling in [*spellings, *decomposed]}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("6B-VP/MT", "6-B-VP/MT"),
        ("6B-VP/MT", "6-VP/MT"),
        ("212/QĐ-CTN", "221/QĐ-CTN"),
        ("212/QĐ-CTN", "212/QĐ-TTg"),
        ("12/QĐ-UBND", "120/QĐ-UBND"),
        ("1/08", "1/8"),
    ],
)
def test_different_numbers_stay_different(one: str, other: str) -> None:
    assert normalise_number(one) != normalise_number(other)


@pytest.mark.parametrize(
    ("raw", "form"),
    [("212 QĐ/CTN", "212-qd-ctn"), ("000", "0"), ("", ""), ("Số", ""), ("00B", "0b"), ("QĐ", "qd")],
)
def test_normalised_number(raw: str, form: str) -> None:
    assert normalise_number(raw) == form


@given(raw=st.text(st.characters(codec=None)) | st.text("0Bố sốQĐ/-–", max_size=200))
def test_normalising_twice_changes_nothing(raw: str) -> None:
    for normalise in (normalise_number, normalise_golden_number, normalise_serial):
        assert normalise(normalise(raw)) == normalise(raw)


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("212 QĐ/CTN", DecisionNumber(212, None, "QĐ", "CTN", None)),
        ("212/QD-CTN", DecisionNumber(212, None, "QĐ", "CTN", None)),
        ("Quyết định số 803/QĐ-CTN", DecisionNumber(803, None, "QĐ", "CTN", None)),
        ("08/CTr-UBND", DecisionNumber(8, None, "CTr", "UBND", None)),
        ("6B-VP/MT", DecisionNumber(6, "B", None, "VP/MT", None)),
        ("216-SL", DecisionNumber(216, None, "SL", None, None)),
        ("24-LCT", DecisionNumber(24, None, "LCT", None, None)),
        ("17-TTg", DecisionNumber(17, None, None, "TTg", None)),
        ("47-NQ/HĐNN7", DecisionNumber(47, None, "NQ", "HĐNN7", None)),
        ("24/TĐKT", DecisionNumber(24, None, None, "TĐKT", None)),
        ("837/BTĐKT-Vụ III", DecisionNumber(837, None, None, "BTĐKT-Vụ III", None)),
        ("1971/HD-CT", DecisionNumber(1971, None, "HD", "CT", None)),
        ("98/2023/NĐ-CP", DecisionNumber(98, None, "NĐ", "CP", 2023)),
        ("01/2026/QĐ-TTg", DecisionNumber(1, None, "QĐ", "TTg", 2026)),
        ("06/2022/QH15", DecisionNumber(6, None, None, "QH15", 2022)),
        ("123 – KT / HĐNN", DecisionNumber(123, None, "KT", "HĐNN", None)),
        ("543", DecisionNumber(543, None, None, None, None)),
        ("QĐ", None),
        ("", None),
        ("không số", None),
        ("9" * 40, None),
        ("1" + "x" * 10_000, None),
    ],
)
def test_parse_number(raw: str, parts: DecisionNumber | None) -> None:
    assert parse_number(raw) == parts
    assert parse_number(unicodedata.normalize("NFD", raw)) == parts


@given(raw=st.text(st.characters(codec=None)))
def test_parsing_a_number_never_fails(raw: str) -> None:
    parts = parse_number(raw)
    assert parts is None or str(parts.number) in normalise_number(raw)


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        ("83", "83"),
        ("083", "83"),
        ("0", "0"),
        ("Số 83", "83"),
        ("Vào sổ vàng số: 83", "83"),
        ("Sổ vàng số 83", "83"),
        ("83/1985", "83-1985"),
        ("83 A", "83-a"),
        ("83A", "83a"),
    ],
)
def test_normalise_golden_number(raw: str, form: str) -> None:
    assert normalise_golden_number(raw) == form


@pytest.mark.parametrize(
    ("raw", "form"),
    [("sv 2024/0017", "SV-2024-0017"), ("SV–2024–0017", "SV-2024-0017"), ("sv17", "SV17")],
)
def test_normalise_serial(raw: str, form: str) -> None:
    assert normalise_serial(raw) == form


# Published numbers that carry ISO/IEC 7064 MOD 37,36: the example of the GRid standard
# (Global Release Identifier) and examples of ISAN (ISO 15706), whose versions carry two.
PUBLISHED = [
    ("A1-2425G-ABC1234002", "M"),
    ("0000-0000-D07A-0090", "Q"),
    ("1881-66C7-3420-6541", "Y"),
    ("1881-66C7-3420-6541-9F3A-0245", "O"),
    ("0000-0000-D07A-0090-0000-0000", "X"),
]


@pytest.mark.parametrize(("body", "character"), PUBLISHED)
def test_check_character_of_published_numbers(body: str, character: str) -> None:
    assert check_character(body) == character
    assert check_character(body.lower().replace("-", " ")) == character
    assert with_check(body) == f"{body}-{character}"
    assert has_valid_check(f"{body}-{character}")
    assert has_valid_check(f"{body}{character}".lower())


bodies = st.text(CHECK_ALPHABET, min_size=1, max_size=20)


@given(body=bodies, replacement=st.sampled_from(CHECK_ALPHABET), draw=st.data())
def test_one_wrong_character_is_always_found(
    body: str, replacement: str, draw: st.DataObject
) -> None:
    serial = with_check(body).replace("-", "")
    place = draw.draw(st.integers(0, len(serial) - 1))
    changed = serial[:place] + replacement + serial[place + 1 :]
    assert has_valid_check(serial)
    assert has_valid_check(changed) == (changed == serial)


@pytest.mark.parametrize("body", ["", "--", "Đ17", "ß17", "１７", "²"])
def test_a_body_without_check_character_is_refused(body: str) -> None:
    with pytest.raises(BadSerial) as refused:
        check_character(body)
    assert refused.value.code == "serial-unreadable"
    assert isinstance(refused.value, Rejected)


@pytest.mark.parametrize("serial", ["", "-", "A", "0", "SV-17", "Đ-1", "SV-17-ß"])
def test_what_has_no_valid_check_character(serial: str) -> None:
    assert not has_valid_check(serial)


@given(serial=st.text(st.characters(codec=None)))
def test_looking_for_a_check_character_never_fails(serial: str) -> None:
    assert has_valid_check(serial) in (True, False)
