"""Numbers written on decisions, in golden books and on artifacts.

What was written is stored; the forms made here only serve comparison. Reading a decision
number into its parts may fail and must then cost nothing: old numbers follow no rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from unicodedata import normalize

from registry.errors import Rejected
from registry.text import fold, fold_words

NUMBERS_CACHED_MAX: Final = 65_536
NUMBER_CACHED_CHARACTERS_MAX: Final = 128
CHECK_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Words that stand before a number without being part of it, one after the other.
_DECISION_OPENINGS: Final = (("quyet", "dinh"), ("qd", "so"), ("so",))
_GOLDEN_BOOK_OPENINGS: Final = (("vao", "so", "vang"), ("so", "vang"), ("so",))


class BadSerial(Rejected, ValueError):  # noqa: N818 - named for what was found
    """A serial without a letter or digit, or with one outside A-Z and 0-9: `serial-unreadable`."""

    def __init__(self, serial: str) -> None:
        super().__init__("serial-unreadable", serial=serial[:NUMBER_CACHED_CHARACTERS_MAX])


def _without_opening(
    words: tuple[str, ...], openings: tuple[tuple[str, ...], ...]
) -> tuple[str, ...]:
    for opening in openings:
        if words[: len(opening)] == opening:
            return _without_opening(words[len(opening) :], openings)
    return words


def _without_leading_zeros(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the zeros in front of the first word that begins with a digit."""
    for place, word in enumerate(words):
        if word[0].isdigit():
            bare = word.lstrip("0")
            kept = bare if bare and bare[0].isdigit() else "0" + bare
            return (*words[:place], kept, *words[place + 1 :])
    return words


def _comparable(raw: str, openings: tuple[tuple[str, ...], ...]) -> str:
    return "-".join(_without_leading_zeros(_without_opening(fold_words(raw), openings)))


@lru_cache(NUMBERS_CACHED_MAX)
def _normalise_short_number(raw: str) -> str:
    return _comparable(raw, _DECISION_OPENINGS)


def normalise_number(raw: str) -> str:
    """Return the form in which decision numbers are compared: "212 QĐ/CTN" gives "212-qd-ctn".

    Case, đ and diacritics, kinds of separator, leading zeros of the number and the words
    "Số" or "Quyết định số" in front make no difference; a letter glued to the number (6B) does.
    A number is unique only together with its issuer and date. Never fails; may be empty.
    """
    if len(raw) > NUMBER_CACHED_CHARACTERS_MAX:
        return _comparable(raw, _DECISION_OPENINGS)
    return _normalise_short_number(raw)


def normalise_golden_number(raw: str) -> str:
    """Return the form in which golden-book numbers are compared: "Số: 083" gives "83"."""
    if raw.isascii() and raw.isdigit():  # nearly all are, and no two are the same
        return raw.lstrip("0") or "0"
    return _comparable(raw, _GOLDEN_BOOK_OPENINGS)


def normalise_serial(raw: str) -> str:
    """Return the form in which serials are compared: "sv 2024/17" gives "SV-2024-17".

    Case and the kind of separator make no difference; leading zeros and the places of the
    separators do, for serials of old makers follow no common rule.
    """
    return "-".join(fold_words(raw)).upper()


# Instruments whose abbreviation opens what follows the number; everything else there names the
# issuer. Nghị định 30/2020/NĐ-CP, Annex III, and the older kinds of reference.md section 6.
_DOCUMENT_TYPES: Final = (
    *("QĐ", "NQ", "NĐ", "TT", "TTLT", "CT", "CTr", "KH", "HD", "TB", "BC", "TTr", "CV"),
    *("LCT", "SL", "L", "VBHN", "KT", "CĐ", "BB", "ĐA", "PA"),
)
_TYPES_BY_FOLD: Final = {fold(name): name for name in _DOCUMENT_TYPES}
_NUMBER: Final = re.compile(
    r"(?P<number>[0-9]{1,9})(?P<letter>[^\W\d_]{0,2})"
    r"(?:[ /-]+(?P<year>(?:18|19|20|21)[0-9]{2}))?(?:[ /-]+(?P<rest>\S.*))?"
)
_OPENING: Final = re.compile(r"(?:(?:quyết định|qđ)?\s*số|quyết định)\s*:?\s*", re.IGNORECASE)
_DASHES_AND_SLASHES: Final = re.compile(r"\s*([-/])\s*")


@dataclass(frozen=True, slots=True)
class DecisionNumber:
    """The parts of a decision number, as far as they can be told apart."""

    number: int
    suffix_letter: str | None
    document_type: str | None
    issuer_code: str | None
    year: int | None


def _one_kind_of_separator(raw: str) -> str:
    """Return `raw` composed, with "-" and "/" for all their kinds; case and đ stay."""
    kept = "".join(fold(c) if fold(c) in ("-", "/") else c for c in normalize("NFC", raw))
    return _DASHES_AND_SLASHES.sub(r"\1", " ".join(kept.split()))


def _split_type(rest: str) -> tuple[str | None, str | None]:
    """Tell the kind of document from the issuer in "QĐ-CTN", "TĐKT", "SL"."""
    first, *others = re.split(r"[ /-]", rest, maxsplit=1)
    document_type = _TYPES_BY_FOLD.get(fold(first))
    if document_type is None:
        return None, rest
    return document_type, others[0] if others and others[0] else None


@lru_cache(NUMBERS_CACHED_MAX)
def parse_number(raw: str) -> DecisionNumber | None:
    """Return the parts of a decision number, or None where it follows no known pattern.

    Reads 212 QĐ/CTN, 08/CTr-UBND, 6B-VP/MT, 216-SL, 98/2023/NĐ-CP and the like.
    """
    if len(raw) > NUMBER_CACHED_CHARACTERS_MAX:
        return None
    written = _one_kind_of_separator(raw)
    match = _NUMBER.fullmatch(_OPENING.sub("", written, count=1))
    if match is None:
        return None
    document_type, issuer_code = _split_type(match["rest"]) if match["rest"] else (None, None)
    return DecisionNumber(
        number=int(match["number"]),
        suffix_letter=match["letter"] or None,
        document_type=document_type,
        issuer_code=issuer_code,
        year=int(match["year"]) if match["year"] else None,
    )


def _check_values(body: str) -> list[int]:
    """Return the value of each letter and digit; separators have none."""
    characters = "".join(c for c in body if c.isalnum())
    if not characters or not characters.isascii():
        raise BadSerial(body)
    return [CHECK_ALPHABET.index(c) for c in characters.upper()]


def check_character(body: str) -> str:
    """Return the check character over the letters and digits of `body`.

    ISO/IEC 7064, system MOD 37,36 (hybrid): finds every single wrong character and nearly all
    swapped neighbours. Separators and case do not count.

    Raises:
        BadSerial: no letter or digit in `body`, or one outside A-Z and 0-9.
    """
    modulus = len(CHECK_ALPHABET)
    product = modulus
    for value in _check_values(body):
        product = ((product + value) % modulus or modulus) * 2 % (modulus + 1)
    return CHECK_ALPHABET[(1 - product) % modulus]


def with_check(body: str) -> str:
    """Return `body` with its check character behind a dash: "SV-17" gives "SV-17-" and one more.

    Raises:
        BadSerial: as for check_character.
    """
    return f"{body}-{check_character(body)}"


def has_valid_check(serial: str) -> bool:
    """Return whether the last letter or digit of `serial` is its check character; never fails."""
    characters = "".join(c for c in serial if c.isalnum())
    try:
        return check_character(characters[:-1]) == characters[-1:].upper()
    except BadSerial:
        return False
