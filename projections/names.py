"""Names and places as search compares them.

Every name has four readings: `norm` keeps diacritics and forgets how they were typed, `plain`
has none, `sort_key` orders, and `words` are the plain words in any order together with the
accented ones, which are marked by "=".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from unicodedata import combining
from zlib import crc32

from registry.text import comparison_key, fold_words, sort_key

NAMES_CACHED_MAX: Final = 16_384
# An index entry of PostgreSQL has some 2,700 bytes at most.
NORM_CHARACTERS_MAX: Final = 400
SORT_KEY_CHARACTERS_MAX: Final = 120
PLACE_KEY_CHARACTERS_MAX: Final = 200
WORDS_MAX: Final = 40
# Longer words are no syllables; mistyped ones are not looked for.
MISTYPED_WORD_CHARACTERS_MAX: Final = 24
UNKNOWN_YEAR: Final = "?"

# How offices shorten the kinds of places, folded; only where a name follows.
_PLACE_ABBREVIATIONS: Final = {
    "x": ("xa",),
    "p": ("phuong",),
    "tt": ("thi", "tran"),
    "h": ("huyen",),
    "q": ("quan",),
    "t": ("tinh",),
    "tx": ("thi", "xa"),
    "tp": ("thanh", "pho"),
}
PLACE_KINDS: Final = (
    ("xa",),
    ("phuong",),
    ("thi", "tran"),
    ("huyen",),
    ("quan",),
    ("tinh",),
    ("thi", "xa"),
    ("thanh", "pho"),
    ("dac", "khu"),
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as search compares it."""

    norm: str
    plain: str
    sort_key: str
    plain_words: tuple[str, ...]
    accented_words: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What the name is found by."""
        return tuple(sorted({*self.plain_words, *self.accented_words}))

    @property
    def shuffle(self) -> int:
        """A number that is always the same for the name and says nothing about it."""
        return crc32(self.norm.encode())


@lru_cache(NAMES_CACHED_MAX)
def read_name(text: str) -> Name:
    """The readings of a name. Never fails."""
    norm = comparison_key(text)[:NORM_CHARACTERS_MAX]
    plain_words = fold_words(text)[:WORDS_MAX]
    return Name(
        norm=norm,
        plain=" ".join(plain_words)[:NORM_CHARACTERS_MAX],
        sort_key=sort_key(text)[:SORT_KEY_CHARACTERS_MAX],
        plain_words=plain_words,
        accented_words=tuple(f"={word}" for word in _letters(norm).split()[:WORDS_MAX]),
    )


def year_words(words: tuple[str, ...], born: str | None) -> list[str]:
    """Each word together with the year of birth: a name and a year are found by these."""
    year = born[:4] if born else UNKNOWN_YEAR
    return sorted({f"{word} {year}" for word in words})


def place_words(text: str) -> tuple[str, ...]:
    """The folded words of a place, kinds of places written out."""
    words = fold_words(text)[:WORDS_MAX]
    written: list[str] = []
    for word in words[:-1]:
        written += _PLACE_ABBREVIATIONS.get(word, (word,))
    return (*written, *words[-1:])


@lru_cache(NAMES_CACHED_MAX)
def place_key(text: str) -> str:
    """The text by which spellings of one place are the same."""
    return " ".join(place_words(text))[:PLACE_KEY_CHARACTERS_MAX]


def deletions(word: str) -> set[str]:
    """The word, and the word with each of its letters left out."""
    if len(word) > MISTYPED_WORD_CHARACTERS_MAX:
        return {word}
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _letters(norm: str) -> str:
    if norm.isascii() and norm.replace(" ", "").isalnum():
        return norm
    return "".join(c if c.isalnum() or combining(c) else " " for c in norm)


def is_one_error_away(typed: str, word: str) -> bool:
    """Whether one letter added, left out, replaced, or two neighbours swapped make the two equal.

    The optimal string alignment distance (Damerau 1964) is one, or zero.
    """
    if abs(len(typed) - len(word)) > 1:
        return False
    start = _common_start(typed, word)
    left, right = typed[start:], word[start:]
    if len(left) == len(right):
        swapped = left[1:2] + left[:1] + left[2:]
        return left[1:] == right[1:] or swapped == right
    shorter, longer = sorted((left, right), key=len)
    return longer[1:] == shorter


def _common_start(one: str, other: str) -> int:
    place = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        place += 1
    return place
