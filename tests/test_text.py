"""Vietnamese text: folding, comparison, order, cleaning."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.errors import Rejected
from registry.text import (
    TEXT_CACHED_CHARACTERS_MAX,
    ControlCharacter,
    clean_cell,
    comparison_key,
    comparison_words,
    fold,
    fold_words,
    sort_key,
)

VIETNAMESE_LETTERS = (
    "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
)
any_text = st.text(st.characters(codec=None)) | st.text(VIETNAMESE_LETTERS + " -/–'").map(str.title)

# Each pair is one text in two spellings; nobody would call them different.
SAME = [
    ("Hoà", "Hòa"),
    ("Thuý", "Thúy"),
    ("Thuỵ", "Thụy"),
    ("Toả", "Tỏa"),
    ("Khoẻ", "Khỏe"),
    ("Kỳ", "Kì"),
    ("Sỹ", "Sĩ"),
    ("Lý", "Lí"),
    ("Mỹ", "Mĩ"),
    ("Quý", "Quí"),
    ("Qúy", "Quí"),
    ("Quỳnh", "Quình"),
    ("Y tế", "I tế"),
    ("ĐỨC", "đức"),
    ("Ðức", "Đức"),
    ("Ɖức", "Đức"),
    ("Lò  Văn\u00a0A", "lò văn a"),
    ("Bà Rịa – Vũng Tàu", "Bà Rịa - Vũng Tàu"),
    ("6B\u2215MT", "6B/MT"),
    ("“Có công với nước”", '"Có công với nước"'),
    ("Hoà-Bình", "Hòa-Bình"),
    ("Bùi\u200b Thị", "Bùi Thị"),
]
# Each pair differs by more than spelling.
DIFFERENT = [
    ("Hoa", "Hòa"),
    ("Thúy", "Thúi"),
    ("Thụy", "Thụi"),
    ("tay", "tai"),
    ("lạy", "lại"),
    ("Duy", "Dui"),
    ("Bảng", "Bằng"),
    ("Dung", "Đung"),
    ("Lan", "Lân"),
    ("Tú", "Tư"),
    ("Văn A", "VănA"),
    ("hòa", "hoa\u0301"),
]
# Vietnamese order, by hand: letters of the syllable first, then its tone.
ALPHABET = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")
ORDERED = [
    "212/QĐ-CTN",
    "An",
    "An Bình",
    "An Định",
    "Ân",
    "Da",
    "De",
    "Đa",
    "Hoa",
    "Hòa",
    "Hỏa",
    "Hõa",
    "Hóa",
    "Họa",
    "Hoan",
    "Ma Anh",
    "Ma Vân",
    "Mà Anh",
    "Mả",
    "Mã",
    "Má",
    "Mạ",
    "Măm",
    "Mâm",
    "Tú",
    "Tuy Hòa",
    "Tư",
    "Từ",
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_text_share_their_comparison_key(one: str, other: str) -> None:
    assert comparison_key(one) == comparison_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_texts_have_different_comparison_keys(one: str, other: str) -> None:
    assert comparison_key(one) != comparison_key(other)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Nguyễn Văn Á", "nguyen van a"),
        ("NGUYỄN  VĂN\tÁ ", "nguyen van a"),
        ("Ðặng Đình Đệ", "dang dinh de"),
        ("212 QĐ/CTN", "212 qd/ctn"),
        ("Bà Rịa — Vũng Tàu", "ba ria - vung tau"),
        ("6B\u2212VP\u2044MT", "6b-vp/mt"),
        ("H’Hen “Niê”", "hhen nie"),
        ('Bằng " Có công"', "bang co cong"),
        ("Niê\u00adKđăm", "niekdam"),
        ("", ""),
        (" \u2003 ", ""),
    ],
)
def test_fold(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_fold_words_are_letters_and_digits() -> None:
    assert fold_words("Số 212 QĐ/CTN, (Lò A-Páo)") == ("so", "212", "qd", "ctn", "lo", "a", "pao")


def test_comparison_words_keep_diacritics_without_punctuation() -> None:
    assert comparison_words("Kháng chiến (chống Mỹ)") == comparison_words("kháng chiến, chống mĩ")
    assert comparison_words("Bảng vàng") != comparison_words("Bằng vàng")


def _as_bytes(text: str) -> bytes:
    return sort_key(text).encode()


@pytest.mark.parametrize("words", [ALPHABET, ORDERED])
def test_byte_order_of_sort_keys_is_vietnamese_order(words: list[str]) -> None:
    shuffled = random.Random(1).sample(words, len(words))
    assert sorted(shuffled, key=_as_bytes) == words
    assert len({sort_key(word) for word in words}) == len(words)


@pytest.mark.parametrize("base", ["a", "ê", "ư", "uye", "oa"])
def test_tones_stand_in_school_order_before_any_longer_syllable(base: str) -> None:
    toned = [
        unicodedata.normalize("NFC", base + t) for t in ["", *"\u0300\u0309\u0303\u0301\u0323"]
    ]
    in_order = [*toned, base + "c"]
    shuffled = random.Random(1).sample(in_order, len(in_order))
    assert sorted(shuffled, key=_as_bytes) == in_order


@pytest.mark.parametrize("make_key", [fold, comparison_key, sort_key])
@given(text=any_text)
@example(text="\u03b1\u0345\u0313ﬃ\u1e9e\u0130")
def test_keys_do_not_depend_on_the_unicode_form(make_key: object, text: str) -> None:
    assert callable(make_key)
    forms = {make_key(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
    assert forms == {make_key(text)}


@pytest.mark.parametrize("make_key", [fold, comparison_key])
@given(text=any_text)
def test_keys_of_keys_are_themselves(make_key: object, text: str) -> None:
    assert callable(make_key)
    key = make_key(text)
    assert make_key(key) == key


@pytest.mark.parametrize("make_key", [fold, comparison_key, sort_key])
@given(text=any_text)
def test_keys_have_single_spaces_and_ignore_outer_ones(make_key: object, text: str) -> None:
    assert callable(make_key)
    assert make_key(f" {text}\t") == make_key(text) == " ".join(make_key(text).split())


@given(text=st.text(VIETNAMESE_LETTERS + " -/"))
def test_vietnamese_keys_ignore_case(text: str) -> None:
    for make_key in (fold, comparison_key, sort_key):
        assert make_key(text.upper()) == make_key(text) == make_key(text.lower())
    assert fold(text).isascii()
    assert sort_key(text).isascii()


@given(text=st.text(VIETNAMESE_LETTERS + " "))
def test_texts_with_one_comparison_key_have_one_fold_but_for_y(text: str) -> None:
    assert fold(comparison_key(text)).replace("y", "i") == fold(text).replace("y", "i")


@given(text=any_text)
def test_fold_words_can_be_found_in_the_fold(text: str) -> None:
    assert all(word in fold(text) for word in fold_words(text))
    assert fold_words(fold(text)) == fold_words(text)


def test_a_text_too_long_to_remember_gets_the_same_keys() -> None:
    word = "Hoàng-Quý " * (TEXT_CACHED_CHARACTERS_MAX // 5)
    assert fold(word) == " ".join(["hoang-quy"] * (TEXT_CACHED_CHARACTERS_MAX // 5))
    for make_key in (comparison_key, sort_key):
        assert make_key(word).split(" ")[-1] in make_key("Hoàng-Quý")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  Lò Văn A ", "Lò Văn A"),
        ("Phòng\nKế hoạch", "Phòng Kế hoạch"),
        ("Phòng\r\nKế hoạch", "Phòng Kế hoạch"),
        ("Phòng\x85Kế\thoạch\u2028Một", "Phòng Kế hoạch Một"),
        ("Lò\u00a0Văn\u202fA", "Lò Văn A"),
        ("Lò  Văn  A", "Lò  Văn  A"),
        ("\n\u00a0", ""),
        ("<b>'; DROP TABLE awards; --", "<b>'; DROP TABLE awards; --"),
        ("\u200bẩn\ufeff\U000e0041", "\u200bẩn\ufeff\U000e0041"),
    ],
)
def test_clean_cell(typed: str, meant: str) -> None:
    assert clean_cell(typed) == meant


@given(text=st.text(VIETNAMESE_LETTERS + "  ", min_size=1).map(lambda t: f"x{t}x"))
def test_clean_cell_keeps_what_was_typed(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert clean_cell(text) == text
    assert clean_cell(decomposed) == decomposed


@pytest.mark.parametrize(
    "character",
    list(
        "\x00\x07\x1b\x1f\x7f\x80\x9f\ufffe\uffff\ufdd0\ufdef\U0001fffe\U0010ffff"
        "\ud800\udfff\u202d\u202e\u2066"
    ),
)
@pytest.mark.parametrize("place", ["{}Lò A", "Lò {} A", "Lò A{}"])
def test_clean_cell_refuses_what_no_keyboard_types(character: str, place: str) -> None:
    with pytest.raises(ControlCharacter) as refused:
        clean_cell(place.format(character))
    assert refused.value.code == "control-character"
    assert refused.value.params["character"] == f"U+{ord(character):04X}"
    assert refused.value.params["position"] == place.index("{") + 1
    assert isinstance(refused.value, ValueError)
    assert isinstance(refused.value, Rejected)


@given(text=st.text(st.characters(codec=None)))
def test_a_cleaned_cell_can_be_stored_and_is_clean(text: str) -> None:
    try:
        cleaned = clean_cell(text)
    except ControlCharacter:
        return
    assert "\x00" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert clean_cell(cleaned) == cleaned
