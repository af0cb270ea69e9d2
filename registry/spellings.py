"""An index of names by their spelling: first exactly, then without diacritics.

A name is held as its comparison words (`registry.text.comparison_words`); several values under
one name mean that the name alone does not decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from registry.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Words = tuple[str, ...]

CHOICES_CACHED_MAX: Final = 4_096
CHOICE_CHARACTERS_MAX: Final = 300

_STROKE: Final = "\u0335"


def fold_each(words: Words) -> Words:
    """Return the words without diacritics."""
    return tuple(map(fold, words))


def _letters_and_marks(word: str) -> str:
    return normalize("NFD", word).replace("đ", "d" + _STROKE)


def _lacks_only_marks(typed: str, name: str) -> bool:
    """Return whether `typed` is `name` with some diacritics left out, and none changed."""
    remaining = iter(_letters_and_marks(name))
    return all(character in remaining for character in _letters_and_marks(typed))


@dataclass(frozen=True, slots=True)
class Likeness:
    """What is found without diacritics: the values, and whether only diacritics are missing."""

    values: Words
    only_marks_missing: bool


def _distinct(values: Iterable[str]) -> Words:
    return tuple(dict.fromkeys(values))


class SpellingIndex:
    """Names, each with the values that it can mean."""

    def __init__(self) -> None:
        self._values: dict[Words, Words] = {}
        self._names_by_fold: dict[Words, list[Words]] = {}

    def add(self, name: Words, values: Iterable[str]) -> None:
        """Let `name` mean `values` too."""
        if name not in self._values:
            self._names_by_fold.setdefault(fold_each(name), []).append(name)
        self._values[name] = _distinct((*self._values.get(name, ()), *values))

    def exact(self, words: Words) -> Words:
        """Return the values of this very name; none if there is no such name."""
        return self._values.get(words, ())

    def alike(self, words: Words) -> Likeness:
        """Return the values of all names that differ from `words` by diacritics only."""
        names = self._names_by_fold.get(fold_each(words), [])
        values = _distinct(value for name in names for value in self._values[name])
        missing = all(all(map(_lacks_only_marks, words, name)) for name in names)
        return Likeness(values, missing)

    def beginning_with(self, words: Words) -> Words:
        """Return the values of all names that go on after `words`, diacritics aside."""
        folded = fold_each(words)
        return _distinct(
            value
            for names_fold, names in self._names_by_fold.items()
            if names_fold[: len(folded)] == folded
            for name in names
            for value in self._values[name]
        )

    def longest_beginning(self, words: Words) -> Words:
        """Return the values of the longest name with which `words` begin, diacritics aside."""
        for length in range(len(words) - 1, 0, -1):
            values = self.alike(words[:length]).values
            if values:
                return values
        return ()

    def longest_exact_beginning(self, words: Words) -> tuple[Words, Words]:
        """Return the values of the longest name with which `words` begin, and what follows it."""
        for length in range(len(words), 0, -1):
            values = self.exact(words[:length])
            if values:
                return values, words[length:]
        return (), words


class ChoiceList:
    """A short list that offices choose from: spellings and codes, each for one value."""

    def __init__(self, values: Mapping[str, str], read: Callable[[str], Words]) -> None:
        self._read = read
        self._index = SpellingIndex()
        for spelling, value in values.items():
            self._index.add(read(spelling), (value,))
        self.choose = lru_cache(CHOICES_CACHED_MAX)(self._choose)

    def _choose(self, typed: str) -> str | None:
        """Return the one value meant by what was typed, or None."""
        if len(typed) > CHOICE_CHARACTERS_MAX:
            return None
        words = self._read(typed)
        exact, likeness = self._index.exact(words), self._index.alike(words)
        if len(exact) == 1:
            return exact[0]
        if len(likeness.values) == 1 and likeness.only_marks_missing:
            return likeness.values[0]
        return None
