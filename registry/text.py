"""Vietnamese text: folding for search, keys for comparison and order, cleaning of typed cells.

Four readings of one text, each for one purpose; none of them is ever stored in its place.

fold            for search: no diacritics, no case, one kind of dash and of slash
comparison_key  for "do these two mean the same?": keeps diacritics, forgets how they were typed
sort_key        for lists: Vietnamese alphabetical order under PostgreSQL's collate "C"
clean_cell      what a typed cell means; refuses what no keyboard types

A bulk import calls these for every cell, and the words of names repeat: the work is done
once per word and remembered.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final
from unicodedata import category, normalize

from registry.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS_CACHED_MAX: Final = 65_536
# A longer text is worked out each time, so that hostile input cannot fill the memory.
TEXT_CACHED_CHARACTERS_MAX: Final = 256
TEXTS_CACHED_MAX: Final = 16_384

_STROKED_D: Final = "đðɖ"  # after case folding: d with stroke, eth, African d
_SLASHES: Final = "/\\\u2044\u2215\u29f5\u29f8\uff0f\uff3c"
_MINUS_SIGN: Final = "\u2212"
_QUOTES: Final = "\"'`\u00b4\u02b9\u02ba\u02bb\u02bc\u02bd\u2032\u2033\u2035\u2036\uff02\uff07"
_QUOTE_CATEGORIES: Final = ("Pi", "Pf")

# In the order of the alphabet taught at school: ngang, then huyền, hỏi, ngã, sắc, nặng.
_TONES: Final = "\u0300\u0309\u0303\u0301\u0323"
_ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_VOWEL_MARKS: Final = "\u0302\u0306\u031b"
_CONSONANTS: Final = frozenset("bcdđfghjklmnpqrstvwxz")

_LINE_BREAKS: Final = "\t\n\v\f\r\x85\u2028\u2029"
_FIXED_SPACES: Final = "\u00a0\u202f"
_BIDIRECTIONAL_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Unicode, section 23.7: one block, and the last two code points of every plane.
_NONCHARACTER_BLOCK: Final = range(0xFDD0, 0xFDF0)
_PLANE_END: Final = 0xFFFE


class ControlCharacter(Rejected, ValueError):  # noqa: N818 - named for what was found
    """A cell holds a character that no keyboard types: `character` as U+0000, `position` from 1."""

    def __init__(self, character: str, position: int) -> None:
        super().__init__(
            "control-character", character=f"U+{ord(character):04X}", position=position
        )


class _CharacterTable(dict[int, "str | None"]):
    """A table for `str.translate` that works out each character when it is first met."""

    def __init__(self, rule: Callable[[str], str | None]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, code_point: int) -> str | None:
        replacement = self._rule(chr(code_point))
        self[code_point] = replacement
        return replacement


def _plain_character(character: str) -> str | None:
    """One kind of dash and slash, no quotes, nothing invisible; everything else as it is."""
    group = category(character)
    if group == "Pd" or character == _MINUS_SIGN:
        return "-"
    if character in _SLASHES:
        return "/"
    if character in _QUOTES or group in _QUOTE_CATEGORIES or group == "Cf":
        return None
    return "đ" if character in _STROKED_D else character


def _folded_character(character: str) -> str | None:
    if category(character) == "Mn":
        return None
    plain = _plain_character(character)
    return "d" if plain == "đ" else plain


def _letter_or_space(character: str) -> str:
    return character if character.isalnum() else " "


def _marked_letter_or_space(character: str) -> str:
    return character if character.isalnum() or category(character).startswith("M") else " "


_PLAIN: Final = _CharacterTable(_plain_character)
_FOLDED: Final = _CharacterTable(_folded_character)
_LETTERS_AND_DIGITS: Final = _CharacterTable(_letter_or_space)
_MARKED_LETTERS_AND_DIGITS: Final = _CharacterTable(_marked_letter_or_space)


def _case_folded(text: str) -> str:
    """Canonically decomposed (NFD) text without case; the same for NFC and NFD input."""
    return normalize("NFD", normalize("NFD", text).casefold())


def _fold_word(word: str) -> str:
    return _case_folded(word).translate(_FOLDED)


_fold_word_cached = lru_cache(WORDS_CACHED_MAX)(_fold_word)


def fold(text: str) -> str:
    """Return `text` for search: no diacritics, quotes or case, đ as d, single spaces.

    Every kind of dash becomes "-", every kind of slash "/". NFC and NFD input give the same,
    and so does every placement of a tone mark. Never fails; folding twice changes nothing.
    """
    fold_one = _fold_word_cached if len(text) <= TEXT_CACHED_CHARACTERS_MAX else _fold_word
    return " ".join(filter(None, map(fold_one, text.split())))


def fold_words(text: str) -> tuple[str, ...]:
    """Return the folded words (runs of letters and digits), for search in any order."""
    return tuple(fold(text).translate(_LETTERS_AND_DIGITS).split())


def _canonical_vowel(letters: str) -> str:
    """Write y as i where both are in use: an open syllable (kỳ, kì), or after qu (quý, quí).

    Elsewhere they are different sounds: thúy and thúi, tay and tai, lạy and lại.
    """
    if letters.startswith("quy") and _CONSONANTS.issuperset(letters[3:]):
        return "qui" + letters[3:]
    if letters.endswith("y") and _CONSONANTS.issuperset(letters[:-1]):
        return letters[:-1] + "i"
    return letters


def _split_tones(syllable: str) -> tuple[str, str]:
    """Return the letters of a decomposed syllable, composed again, and its tone marks."""
    letters = "".join(character for character in syllable if character not in _TONES)
    tones = "".join(character for character in syllable if character in _TONES)
    return normalize("NFC", letters), tones


def _canonical_syllable(syllable: str) -> str:
    # The tone goes behind the last letter, where neither the old nor the new rule puts it:
    # hoà and hòa meet there, hoa does not.
    letters, tones = _split_tones(syllable)
    return _canonical_vowel(letters) + tones


def _is_letter(character: str) -> bool:
    return character.isalpha() or category(character).startswith("M")


def _runs_of_letters(word: str) -> list[str]:
    """Cut a word into runs of letters (with their marks) and single other characters."""
    runs: list[str] = []
    inside = False
    for character in word:
        letter = _is_letter(character)
        if letter and inside:
            runs[-1] += character
        else:
            runs.append(character)
        inside = letter
    return runs


def _compare_word(word: str) -> str:
    plain = _case_folded(word).translate(_PLAIN)
    return normalize("NFC", "".join(map(_canonical_syllable, _runs_of_letters(plain))))


_compare_word_cached = lru_cache(WORDS_CACHED_MAX)(_compare_word)


def comparison_key(text: str) -> str:
    """Return a key that is equal for two spellings of the same words, and only for those.

    Keeps diacritics (Hoa and Hòa are two people). Forgets: NFC or NFD, old or new tone
    placement (hoà, hòa), y for i in an open syllable and after qu (kỳ, kì; quý, quí), case,
    spaces, quotes, kinds of dash and slash. The key is not for reading. Never fails.
    """
    if len(text) <= TEXT_CACHED_CHARACTERS_MAX:
        return _comparison_key_cached(text)
    return " ".join(filter(None, map(_compare_word, text.split())))


@lru_cache(TEXTS_CACHED_MAX)
def _comparison_key_cached(text: str) -> str:
    return " ".join(filter(None, map(_compare_word_cached, text.split())))


def comparison_words(text: str) -> tuple[str, ...]:
    """Return the words of the comparison key without punctuation."""
    return tuple(comparison_key(text).translate(_MARKED_LETTERS_AND_DIGITS).split())


# Tones lie between the space and the digits, letters after the digits: a word is complete
# before its tone counts, and "ma b" stands before "mà".
_SORTED_LETTERS: Final = {
    ord(letter): chr(ord("A") + place) for place, letter in enumerate(_ALPHABET)
}
_SORTED_TONES: Final = {ord(tone): chr(ord("!") + place) for place, tone in enumerate(_TONES)}


def _sortable_letters(letters: str) -> str:
    """Return composed letters with foreign marks off (ä sorts as a), by their place."""
    decomposed = normalize("NFD", letters)
    kept = "".join(c for c in decomposed if category(c) != "Mn" or c in _VOWEL_MARKS)
    return normalize("NFC", kept).translate(_SORTED_LETTERS)


def _sort_syllable(syllable: str) -> str:
    if not _is_letter(syllable[0]):
        return _letter_or_space(syllable)
    letters, tones = _split_tones(syllable)
    return _sortable_letters(letters) + tones.translate(_SORTED_TONES)


def _sort_word(word: str) -> str:
    plain = _case_folded(word).translate(_PLAIN)
    return " ".join("".join(map(_sort_syllable, _runs_of_letters(plain))).split())


_sort_word_cached = lru_cache(WORDS_CACHED_MAX)(_sort_word)


def sort_key(text: str) -> str:
    """Return a key whose byte order is Vietnamese alphabetical order, syllable by syllable.

    Letters: a ă â b c d đ e ê ... y z. Tones, once the letters of the syllable are equal:
    ngang, huyền, hỏi, ngã, sắc, nặng. Punctuation counts as a space. Never fails.
    """
    sort_one = _sort_word_cached if len(text) <= TEXT_CACHED_CHARACTERS_MAX else _sort_word
    return " ".join(filter(None, map(sort_one, text.split())))


def _is_noncharacter(code_point: int) -> bool:
    return code_point in _NONCHARACTER_BLOCK or code_point & _PLANE_END == _PLANE_END


def _is_refused(character: str) -> bool:
    return (
        category(character) in ("Cc", "Cs")
        or character in _BIDIRECTIONAL_CONTROLS
        or _is_noncharacter(ord(character))
    )


_SPACES: Final = dict.fromkeys(map(ord, _LINE_BREAKS + _FIXED_SPACES), " ")


def clean_cell(text: str) -> str:
    """Return what a typed cell means: line breaks, tabs and fixed spaces as spaces, ends off.

    Everything else stays exactly as typed: NFD stays NFD, inner double spaces stay.

    Raises:
        ControlCharacter: another control character (C0, DEL, C1), a noncharacter or lone
            surrogate (neither can be stored), or a bidirectional control, which makes a name
            read differently from what it says (Unicode Technical Report 36).
    """
    if text.isprintable():
        return text.strip()
    spaced = text.replace("\r\n", "\n").translate(_SPACES)
    for place, character in enumerate(spaced, start=1):
        if _is_refused(character):
            raise ControlCharacter(character, place)
    return spaced.strip()
