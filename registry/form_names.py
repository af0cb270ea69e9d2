"""From what was typed to a form of commendation: found, ambiguous, unknown, or class not allowed.

Nothing is guessed. A text is `Found` if it is a name or known spelling of exactly one form,
written right or with diacritics merely left out. Whatever is merely like a name (another
diacritic, an order called a medal, a name cut short or going on) is `Ambiguous` and brings the
forms to ask about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from registry.dates import PartialDate, overlaps
from registry.spellings import SpellingIndex, Words, fold_each
from registry.text import comparison_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from registry.award_form import AwardForm

FORM_NAME_CHARACTERS_MAX: Final = 300
FORM_NAMES_CACHED_MAX: Final = 16_384
# "Huân chương" alone still tells something, "Bằng" alone does not.
_CUT_NAME_WORDS_MIN: Final = 2
_QUOTES_AS_SPACES: Final = str.maketrans(
    dict.fromkeys("\"'`\u00ab\u00bb\u2018\u2019\u201c\u201d\u201e", " ")
)
_CLASS: Final = frozenset(comparison_words("hạng hang"))
_CLASS_SHORT: Final = frozenset(comparison_words("h hg"))
_ORDINAL: Final = frozenset(comparison_words("thứ thu"))


@dataclass(frozen=True, slots=True)
class Found:
    """One form, and the class if one was typed; whether a class is needed is judged elsewhere."""

    form_code: str
    award_class: str | None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Not decided by what was typed; `candidates` are the codes of the forms to ask about.

    `award_class` is the class that was typed with it, if any.
    """

    candidates: tuple[str, ...]
    award_class: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Like nothing in the catalogue."""


@dataclass(frozen=True, slots=True)
class ClassNotAllowed:
    """One form, but it has no such class; `allowed` is empty for a form without classes."""

    form_code: str
    typed_class: str
    allowed: tuple[str, ...]


Resolution = Found | Ambiguous | Unknown | ClassNotAllowed


@dataclass(frozen=True, slots=True)
class _Typed:
    """A typed name cut in two: the words of the form, and the word of the class if any."""

    words: Words
    class_word: str | None = None


def _as_typed(word: str, text: str) -> str:
    """Return a comparison word as it stands in `text`: such words are not for reading."""
    return next((typed for typed in text.split() if word in comparison_words(typed)), word)


class WordReader:
    """Reads text into comparison words, with abbreviations written out and fillers left out."""

    def __init__(self, abbreviations: Mapping[str, str], left_out: Iterable[str]) -> None:
        self._left_out = frozenset(word for text in left_out for word in comparison_words(text))
        self._expansions = {
            word: comparison_words(meaning)
            for abbreviation, meaning in abbreviations.items()
            for word in comparison_words(abbreviation)
        }

    def read(self, text: str) -> Words:
        """Return the words of `text` that matter."""
        return tuple(
            word
            for typed in comparison_words(text.translate(_QUOTES_AS_SPACES))
            for word in self._expansions.get(typed, (typed,))
            if word not in self._left_out
        )


class FormNames:
    """All spellings of all forms, and the rules for telling which one is meant."""

    def __init__(self, forms: Iterable[AwardForm], spellings: Mapping[str, Any]) -> None:
        self._forms = {form.code: form for form in forms}
        self.reader = WordReader(spellings["abbreviations"], spellings["left_out"])
        self._in_front = [self.reader.read(text) for text in spellings["left_out_in_front"]]
        self._index = self._index_of(spellings["families"], spellings["spellings"])
        for form in self._forms.values():
            self._index.add(self.name_words(form.name_vi), (form.code,))
        self._openings = self._index_of(spellings["openings"])
        self._openings_end = frozenset(map(self._one_word, spellings["openings_end"]))
        self._kind_words = [self.reader.read(text) for text in spellings["kind_words"]]
        self._either = {
            self._one_word(short): [self.reader.read(text) for text in meanings]
            for short, meanings in spellings["either"].items()
        }
        self._classes = self._class_codes(spellings["class_words"])
        self._classes_alone = frozenset(map(self._one_word, spellings["class_words_alone"]))
        # By text alone: with the date as part of the key, few look-ups would ever repeat.
        self._resolve = lru_cache(FORM_NAMES_CACHED_MAX)(self._resolve_text)

    def name_words(self, text: str) -> Words:
        """Return the words of a form's name, without what may stand in front of it."""
        words = self.reader.read(text)
        for front in self._in_front:
            if words[: len(front)] == front:
                return words[len(front) :]
        return words

    def _one_word(self, text: str) -> str:
        (word,) = comparison_words(text)
        return word

    def _index_of(self, *sections: Mapping[str, list[str]]) -> SpellingIndex:
        index = SpellingIndex()
        for section in sections:
            for text, codes in section.items():
                index.add(self.name_words(text), codes)
        return index

    def _class_codes(self, class_words: Mapping[str, list[str]]) -> dict[str, str]:
        """Return the class for each word, also without diacritics."""
        codes: dict[str, str] = {}
        for code, texts in class_words.items():
            for text in texts:
                word = self._one_word(text)
                codes[word] = codes[fold_each((word,))[0]] = code
        return codes

    def resolve(self, text: str, on: PartialDate | None = None) -> Resolution:
        """Return what `text` means; `on` only narrows the candidates of an Ambiguous."""
        resolution = self._resolve(text)
        if on is None or not isinstance(resolution, Ambiguous):
            return resolution
        return Ambiguous(
            tuple(code for code in resolution.candidates if self._stood(code, on))
            or resolution.candidates,
            resolution.award_class,
        )

    def _stood(self, form_code: str, on: PartialDate) -> bool:
        form = self._forms[form_code]
        return overlaps(form.valid_from, form.valid_to, on.text)

    def _resolve_text(self, text: str) -> Resolution:
        if text.strip() in self._forms:
            return Found(text.strip(), None)
        if len(text) > FORM_NAME_CHARACTERS_MAX:
            return Unknown()
        typed = self._split_class(self.name_words(text))
        codes = self._definite_codes(typed.words)
        if len(codes) == 1:
            return self._with_class(codes[0], typed.class_word, text)
        return self._ask(codes or self._likely_codes(typed.words), typed.class_word)

    def _split_class(self, words: Words) -> _Typed:
        for place, word in enumerate(words):
            after = words[place + 1 :]
            if word in _CLASS or (word in _CLASS_SHORT and after and after[0] in self._classes):
                if after and after[0] in _ORDINAL:
                    after = after[1:]
                return _Typed(words[:place] + after[1:], after[0] if after else None)
        # "Huân chương Lao động III": only if the rest is a name and the whole is none.
        ends_in_class = bool(words) and words[-1] in self._classes_alone
        if ends_in_class and not self._exact(words) and self._exact(words[:-1]):
            return _Typed(words[:-1], words[-1])
        return _Typed(words)

    def _exact(self, words: Words) -> Words:
        meanings = self._either.get(words[0]) if words else None
        if meanings is None:
            return self._index.exact(words)
        return tuple(
            code for meaning in meanings for code in self._index.exact(meaning + words[1:])
        )

    def _definite_codes(self, words: Words) -> Words:
        """Return the codes of a name or spelling; one code if it decides, none if it is none."""
        exact = self._exact(words)
        if exact:
            return exact
        likeness = self._index.alike(words)
        if len(likeness.values) == 1 and likeness.only_marks_missing:
            return likeness.values
        opened, rest = self._openings.longest_exact_beginning(words)
        return () if self._openings_end.intersection(rest) else opened

    def _likely_codes(self, words: Words) -> Words:
        """Return the codes of forms whose names are like `words`, by the first rule that hits."""
        return (
            self._index.alike(words).values
            or self._codes_of_other_kinds(words)
            or self._codes_of_cut_name(words)
            or self._index.longest_beginning(words)
        )

    def _codes_of_other_kinds(self, words: Words) -> Words:
        """Return what `words` would mean as another kind: the "order" that is a medal."""
        codes: dict[str, None] = {}
        folded = fold_each(words)
        for kind in self._kind_words:
            if folded[: len(kind)] != fold_each(kind) or len(words) == len(kind):
                continue
            for other in (*self._kind_words, ()):
                codes.update(dict.fromkeys(self._index.alike(other + words[len(kind) :]).values))
        return tuple(codes)

    def _codes_of_cut_name(self, words: Words) -> Words:
        return self._index.beginning_with(words) if len(words) >= _CUT_NAME_WORDS_MIN else ()

    def _with_class(self, form_code: str, class_word: str | None, text: str) -> Resolution:
        if class_word is None:
            return Found(form_code, None)
        award_class = self._classes.get(class_word)
        allowed = self._forms[form_code].class_codes
        if award_class in allowed:
            return Found(form_code, award_class)
        return ClassNotAllowed(form_code, award_class or _as_typed(class_word, text), allowed)

    def _ask(self, codes: Words, class_word: str | None) -> Resolution:
        """Return the candidates that have the class, or all of them if none has it."""
        award_class = None if class_word is None else self._classes.get(class_word)
        if not codes or (class_word is not None and award_class is None):
            return Unknown()
        if award_class is not None:
            codes = tuple(c for c in codes if award_class in self._forms[c].class_codes) or codes
        return Ambiguous(codes, award_class)
