"""What somebody typed into the search box, and what was found for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from unicodedata import category, combining

from projections.names import Name, place_words, read_name
from projections.paging import Key
from projections.places import split_kind
from registry.errors import Rejected

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Cursor

SEARCH_CHARACTERS_MAX: Final = 200
SEARCH_WORDS_MAX: Final = 16
BIRTH_YEAR_MIN: Final = 1800
BIRTH_YEAR_MAX: Final = 2100

_YEAR: Final = re.compile(r"[12][0-9]{3}")
# Words that stand before a year of birth, folded: sinh năm 1930, sn 1930.
_BEFORE_YEAR: Final = (("sinh", "nam"), ("sinh",), ("sn",), ("nam",))

Matched = Literal[
    "name",
    "name-and-year",
    "name-and-unknown-year",
    "name-and-place",
    "similar-name",
    "decision-number",
    "decision-number-begins",
    "serial",
    "golden-number",
    "place",
]


@dataclass(frozen=True, slots=True)
class Query:
    """A text read in every way it may be meant.

    `name` is the text without a year of birth; `place` the words of a place, if the text says
    by a kind ("xã") or a comma where it begins, and `before_place` the name in front of it.
    """

    text: str
    name: Name
    year: str | None
    place_text: str | None
    before_place: Name | None

    @property
    def has_digit(self) -> bool:
        """Whether a number can be meant."""
        return any(character.isdigit() for character in self.text)

    @property
    def is_place(self) -> bool:
        """Whether the whole text names a place by its kind."""
        return self.place_text is not None and self.before_place is None

    @property
    def is_accented(self) -> bool:
        """Whether diacritics were typed: they are then meant."""
        return any(not c.isascii() and (c.isalpha() or combining(c)) for c in self.text)


def read_query(text: str) -> Query:
    """Read what was typed. Raises `Rejected` if it is too long or says nothing."""
    if len(text) > SEARCH_CHARACTERS_MAX:
        raise Rejected("search-too-long", field="text", limit=SEARCH_CHARACTERS_MAX)
    if any(category(character) in ("Cc", "Cs") and character not in "\t\r\n" for character in text):
        raise Rejected("text-unprintable", field="text")
    whole = read_name(text)
    if not whole.plain_words:
        raise Rejected("search-empty", field="text")
    if len(whole.plain_words) > SEARCH_WORDS_MAX:
        raise Rejected("search-too-long", field="text", limit=SEARCH_CHARACTERS_MAX)
    without_year, year = _split_year(text)
    before, place = _split_place(without_year)
    return Query(text, read_name(without_year), year, place, read_name(before) if before else None)


def _split_year(text: str) -> tuple[str, str | None]:
    """Take a year of birth out of a text that has other words too."""
    words = text.replace(",", " , ").split()
    for place, word in enumerate(words):
        bare = word.strip("()[]~?.;:")
        if _YEAR.fullmatch(bare) and BIRTH_YEAR_MIN <= int(bare) <= BIRTH_YEAR_MAX:
            left = _without_announcement(words[:place]) + words[place + 1 :]
            rest = " ".join(left)
            if any(character.isalpha() for character in rest):
                return rest, bare
    return text, None


def _without_announcement(words: list[str]) -> list[str]:
    folded = read_name(" ".join(words[-2:])).plain_words
    for opening in _BEFORE_YEAR:
        if len(words) > len(opening) and folded[-len(opening) :] == opening:
            return words[: -len(opening)]
    return words


def _split_place(text: str) -> tuple[str | None, str | None]:
    """Name and place, where a comma or an accented kind of place parts them."""
    if split_kind(place_words(text))[0]:
        return None, text
    name, comma, place = text.partition(",")
    if comma and name.strip() and place.strip():
        return name, place
    words = text.split()
    for start in range(1, len(words) - 1):
        if split_kind(place_words(" ".join(words[start:])))[0] and _says_kind(words[start]):
            return " ".join(words[:start]), " ".join(words[start:])
    return None, None


def _says_kind(word: str) -> bool:
    """Whether a word inside a text is a kind of place: phường, xã, but not the name Phương."""
    accented = read_name(word).accented_words
    return bool(accented) and accented[0] in _KIND_WORDS


_KIND_WORDS: Final = frozenset(
    word
    for kind in ("xã", "xa", "phường", "thị", "huyện", "quận", "tỉnh", "thành", "đặc")
    for word in read_name(kind).accented_words
) - frozenset(read_name("thị").accented_words)


@dataclass(frozen=True, slots=True)
class Found:
    """A record that matches: an award (perhaps one artifact of it) or a decision.

    `key` says where it stands in its stage; `name` is the name that matched, which is not
    `is_current` if a correction has replaced it.
    """

    key: Key
    award_id: UUID | None = None
    decision_id: UUID | None = None
    serial_key: str | None = None
    name: str | None = None
    is_current: bool = True


FindFunction: TypeAlias = "Callable[[Cursor[Any], Query, Key | None, int], list[Found]]"


@dataclass(frozen=True, slots=True)
class Stage:
    """One way of reading the query; stages follow each other from the best to the worst.

    `find` returns up to so many records behind a key of this `shape`. A stage with a higher
    `guess` is only tried when those with a lower one found nothing, or when it is asked for.
    """

    name: str
    matched: Matched
    shape: tuple[type, ...]
    find: FindFunction
    guess: int = 0
