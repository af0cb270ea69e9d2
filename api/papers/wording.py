"""Words on papers: dates as offices write them, issuers in capitals, places of signing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import normalize

from registry.dates import parse_edtf
from registry.messages import month_figures

if TYPE_CHECKING:
    from collections.abc import Collection

UNKNOWN: Final = "……"
UNKNOWN_PLACE: Final = "……………"
# No word of the language has more than seven letters, no usual number more than fifteen signs.
_OVERLONG: Final = re.compile(r"\S{21,}")
_PIECE: Final = re.compile(r"[^/-]{1,12}[/-]?|[/-]{1,12}")
_BREAK: Final = "\u200b"
# What a line may not break in: dates, spans of years, numbers of papers.
_WHOLE: Final = re.compile(
    r"(?:(?:ngày\s+[\d…]{1,2}\s+)?tháng\s+[\d…]{1,2}\s+)?năm\s+[\d…]{2,4}(?:\s*[-–]\s*\d{4})?"
    r"|\d{1,4}\s*[-–]\s*\d{4}\b"
    r"|\d{1,2}([./-])\d{1,2}\1\d{4}"
    r"|\d+\w?(?:\s?/\s?|\s)(?:[A-ZĐ][\w-]*\s?/\s?)*[A-ZĐ]\w*(?:\s?[-/]\s?[\dA-ZĐ]\w*)+"
    r"|\d+(?:/\d{4})?/[\w-]+"
)
# Longer than this, a text that must fit on a line would become too small to read.
WHOLE_CHARACTERS_MAX: Final = 40
NAME_CHARACTERS_MAX: Final = 60
_ABBREVIATIONS: Final = {"UBND": "ỦY BAN NHÂN DÂN", "UBHC": "ỦY BAN HÀNH CHÍNH"}


def printable(text: str) -> str:
    """Composed letters, as fonts have them; what is longer than any word may be broken."""
    composed = normalize("NFC", text)
    return _OVERLONG.sub(lambda run: _BREAK.join(_PIECE.findall(run[0])), composed)


class Piece(NamedTuple):
    """A part of a line; what is `whole` stands on one line.

    A layout sets a whole piece in a box. A text with joiners (U+2060) would not break either, but
    whoever copies it from the file, or has it read aloud, would get other text than was written.
    """

    text: str
    whole: bool = False


def pieces(text: str) -> tuple[Piece, ...]:
    """A text as it stands, with its dates, spans of years and numbers of papers kept whole."""
    found, end = list[Piece](), 0
    for match in _WHOLE.finditer(text):
        found += [Piece(text[end : match.start()]), whole(match[0])]
        end = match.end()
    return tuple(one for one in (*found, Piece(text[end:])) if one.text)


def whole(text: str, characters_max: int = WHOLE_CHARACTERS_MAX) -> Piece:
    """A text on one line, unless it is so long that it would become too small to be read."""
    return Piece(text, len(text) <= characters_max and "\n" not in text)


def whole_name(name: str) -> Piece:
    """A name on one line: it stands in large type, and has the width of the paper."""
    return whole(name, NAME_CHARACTERS_MAX)


def date_parts(on: str | None) -> tuple[str, str, str]:
    """Day, month and year as papers write them; dots for what is not known for certain."""
    if on is None or on[-1] in "~?":
        return UNKNOWN, UNKNOWN, UNKNOWN
    year, month, day = (*on.split("-"), "", "")[:3]
    return (day or UNKNOWN, _month(month) or UNKNOWN, year)


def date_in_words(on: str) -> str:
    """A date within a sentence: "ngày 09 tháng 5 năm 2024", "năm 1985", "khoảng năm 1985"."""
    when = parse_edtf(on)
    year, month, day = (*on.rstrip("~?").split("-"), "", "")[:3]
    words = [f"ngày {day}"] * bool(day) + [f"tháng {_month(month)}"] * bool(month)
    plain = " ".join([*words, f"năm {year}"])
    if when.approximate:
        return f"khoảng {plain}"
    return f"{plain} (chưa chắc)" if when.uncertain else plain


def place_and_date(place: str, on: str | None) -> str:
    """The line above a signature: "Hà Nội, ngày 09 tháng 5 năm 2024", with dots to fill in."""
    day, month, year = date_parts(on)
    return f"{place}, ngày {day} tháng {month} năm {year}"


def _month(digits: str) -> str:
    return month_figures(int(digits)) if digits else ""


def capitals(name: str) -> str:
    """A body's name as a heading: in capitals, nothing abbreviated."""
    words = printable(name).split()
    return " ".join(_ABBREVIATIONS.get(word.upper(), word.upper()) for word in words)


def place_of(body: str, kinds: Collection[str]) -> str | None:
    """The place that a body's name ends with: "UBND tỉnh Lào Cai" is in Lào Cai."""
    words = body.partition(",")[0].split()
    for start in range(len(words)):
        for size in (2, 1):
            kind = " ".join(words[start : start + size]).lower()
            if kind in kinds and words[start + size :]:
                return " ".join(words[start + size :])
    return None
