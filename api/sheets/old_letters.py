"""Vietnamese typed before Unicode: TCVN3 (ABC) and VNI, told by their letters and their fonts.

In a file of today such text arrives as look-alikes from Latin-1 (`NguyÔn V¨n`, `Nguyeãn Vaên`).
A text is converted if that makes syllables of words that were none and spoils none; a text that
may be either is settled by its font and by what else stands in its column. Text with a letter
that only Unicode has is never converted, whatever its font is called.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal
from unicodedata import normalize

from api.sheets.cells import OldFontText, ReadingNote
from api.sheets.names import FAMILY_NAMES
from api.sheets.syllables import is_syllable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from api.sheets.cells import Cell, Row, SheetHead

Encoding = Literal["TCVN3", "VNI"]

TEXTS_REMEMBERED_MAX: Final = 16_384
PREVIEW_CHARACTERS_MAX: Final = 60
_LATIN_1_MAX: Final = "\u00ff"

_TCVN3: Final = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
_TCVN3_TABLE: Final = {ord(old): new for old, new in _TCVN3.items()}

_VNI_TONES: Final = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_VNI_HATS: Final = {
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309",
    "ã": "\u0302\u0303", "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301",
    "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_ALONE: Final = dict(zip("öôñíìæóòîÖÔÑÍÌÆÓÒÎ", "ươđíìỉĩịỵƯƠĐÍÌỈĨỊỴ", strict=True))
_VNI_PAIR: Final = re.compile(
    "([aeouyôöAEOUYÔÖ])([ùøûõïâáàåãäêéèúüëÙØÛÕÏÂÁÀÅÃÄÊÉÈÚÜË])|([öôñíìæóòîÖÔÑÍÌÆÓÒÎ])"
)
_VNI_LETTERS: Final = frozenset("ùøûõïâáàåãäêéèúüëöôñíìæóòîÙØÛÕÏÂÁÀÅÃÄÊÉÈÚÜËÖÔÑÍÌÆÓÒÎ")
_UNICODE_LETTERS: Final = frozenset("àáâãèéêìíòóôõùúýÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ")
"""Vietnamese letters of Unicode that Latin-1 has too."""
_NEVER_ADJACENT: Final = re.compile("[aeyAEY][ùõâáàãêéèúÙÕÂÁÀÃÊÉÈÚ]|[uU][ùõÙÕ]|[oO][âõêÂÕÊ]")
_FOREIGN: Final = frozenset({"loïc", "noël", "joël", "gaël", "zoë"})
"""Names that would be syllables once converted."""
_WORD: Final = re.compile(r"[^\s\x00-\x40\[-`{-~\u00a0]+")
_SUSPICIOUS: Final = re.compile("[¡-¬\u00ad®µ-¹»-¾ÆËÎ-ÑÖ-ØÜÞßäåæçëîïñöøûüþ÷×Çð]")
_LETTERED: Final = re.compile("[A-Za-z]")


def convert(text: str, encoding: Encoding) -> str:
    """The same text in Unicode."""
    if encoding == "TCVN3":
        return text.translate(_TCVN3_TABLE)
    return normalize("NFC", _VNI_PAIR.sub(_vni_letter, text))


def _vni_letter(found: re.Match[str]) -> str:
    if found[3]:
        return _VNI_ALONE[found[3]]
    base, mark = found[1], found[2].lower()
    tone = _VNI_TONES.get(mark)
    if tone is not None:
        return _VNI_ALONE.get(base, base) + tone
    if base in "aA" or (base in "eoEO" and mark not in "êéèúüë"):
        return base + _VNI_HATS[mark]
    return _VNI_ALONE.get(base, base) + _VNI_ALONE.get(found[2], found[2])


@lru_cache(TEXTS_REMEMBERED_MAX)
def detect(text: str) -> Encoding | None:
    """How a text was typed, if it cannot have been typed in Unicode; None if it can."""
    points = {name: _points(text, name) for name in _BOTH}
    if points["TCVN3"] == points["VNI"]:
        return None
    return max(_BOTH, key=points.__getitem__)


_BOTH: Final[tuple[Encoding, ...]] = ("TCVN3", "VNI")


def _points(text: str, encoding: Encoding) -> int:
    """How much speaks for an encoding: words that only then are syllables; 0 if more is against."""
    if text.isascii() or any(character > _LATIN_1_MAX for character in text):
        return 0
    gained = spoiled = strange = strong = 0
    for word in _WORD.findall(text):
        if word.isascii() or word.lower() in _FOREIGN or _is_abbreviation(word, encoding):
            continue
        before, after = _can_stand(word), _stands_after(word, encoding)
        gained += after and not before
        spoiled += before and not after
        strange += not before and not after
        strong += (
            after and not before and (_cannot_be_unicode(word) or _is_family_name(word, encoding))
        )
    weak = gained == 1 and not (strong or _is_throughout(text, encoding))
    if spoiled * 3 > gained or strange > gained or weak or not gained:
        return 0
    # Of two readings the one that begins with a name that people bear.
    return 2 * gained + _begins_with_family_name(text, encoding)


def _is_throughout(text: str, encoding: Encoding) -> bool:
    """Whether every word of a text of several is a syllable in an encoding."""
    words = _WORD.findall(text)
    return len(words) > 1 and all(
        is_syllable(word) if word.isascii() else _stands_after(word, encoding) for word in words
    )


def _begins_with_family_name(text: str, encoding: Encoding) -> bool:
    first = _WORD.search(text)
    return first is not None and convert(first[0], encoding).lower() in FAMILY_NAMES


def _marked(word: str) -> str:
    return "".join(character for character in word if not character.isascii())


def _can_stand(word: str) -> bool:
    return _UNICODE_LETTERS.issuperset(_marked(word)) and (
        is_syllable(word) or word.lower() in FAMILY_NAMES
    )


def _cannot_be_unicode(word: str) -> bool:
    """A letter that Vietnamese has not, a capital inside a word, a vowel behind an a or e."""
    return (
        not _UNICODE_LETTERS.issuperset(_marked(word))
        or (any(map(str.isupper, word[1:])) and any(map(str.islower, word)))
        or _NEVER_ADJACENT.search(word) is not None
    )


def _is_family_name(word: str, encoding: Encoding) -> bool:
    """“Trònh” is no syllable, and Trịnh is a name that many bear."""
    return convert(word, encoding).lower() in FAMILY_NAMES


def _is_abbreviation(word: str, encoding: Encoding) -> bool:
    """H§NN for HĐNN: capitals that no syllable has and that only an old text could hold."""
    if _UNICODE_LETTERS.issuperset(_marked(word)):
        return False
    converted = convert(word, encoding)
    return len(word) > 1 and converted.isupper() and not is_syllable(converted)


def _stands_after(word: str, encoding: Encoding) -> bool:
    letters = _TCVN3.keys() if encoding == "TCVN3" else _VNI_LETTERS
    if not letters >= set(_marked(word)):
        return False
    converted = convert(word, encoding)
    if is_syllable(converted) or converted.lower() in FAMILY_NAMES:
        return True
    # Capitals of TCVN3 are small letters in a font of capitals, some with a capital in front.
    return encoding == "TCVN3" and is_syllable(converted.lower())


def is_suspicious(text: str) -> bool:
    """Whether a text holds a character that Vietnamese in Unicode has not."""
    return _SUSPICIOUS.search(text) is not None


def encoding_of_font(font: str) -> Encoding:
    """What was typed in a font: those of VNI name themselves."""
    return "VNI" if font.upper().startswith("VNI") else "TCVN3"


class _Evidence:
    """What the clear texts of a column say about its unclear ones."""

    def __init__(self) -> None:
        self.old: Counter[Encoding] = Counter()
        self.unicode = 0

    def add(self, text: str) -> None:
        """Count one text."""
        encoding = detect(text)
        if encoding is not None:
            self.old[encoding] += 1
        elif any(character > _LATIN_1_MAX and character.isalpha() for character in text):
            self.unicode += 1

    @property
    def is_silent(self) -> bool:
        """Whether none of its texts was clear."""
        return not self.old and not self.unicode

    def encoding(self) -> Encoding | None:
        """What most of the column is typed in, if that is older than Unicode."""
        if not self.old:
            return None
        name, count = self.old.most_common(1)[0]
        return name if count > self.unicode else None


class OldLetters:
    """Converts the texts of one file, or leaves them alone."""

    def __init__(self, heads: Sequence[SheetHead]) -> None:
        """Learn from the first rows of every sheet."""
        self._columns: dict[int, _Evidence] = {}
        self._fonts: dict[str, _Evidence] = {}
        self._file = _Evidence()
        self._seen: dict[str, str] = {}
        self.is_needed = False
        for head in heads:
            for _, cells in head.rows:
                self._learn(cells)

    def _learn(self, cells: Sequence[Cell]) -> None:
        for column, cell in enumerate(cells):
            if not isinstance(cell, str) or cell.isascii():
                continue
            if isinstance(cell, OldFontText):
                self.is_needed = True
                self._fonts.setdefault(cell.font, _Evidence()).add(cell)
            else:
                evidence = self._columns.setdefault(column, _Evidence())
                evidence.add(cell)
                self._file.add(cell)
                self.is_needed = self.is_needed or bool(evidence.old)

    def notes(self) -> tuple[ReadingNote, ...]:
        """What was converted in the first rows, with an example of each encoding."""
        return tuple(
            ReadingNote("encoding-converted", {"encoding": name, "preview": preview})
            for name, preview in self._seen.items()
        )

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows with their texts in Unicode."""
        for number, cells in rows:
            yield number, self.converted(cells)

    def converted(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """The cells of a row in Unicode."""
        return tuple(
            cell if not isinstance(cell, str) or cell.isascii() else self._convert(column, cell)
            for column, cell in enumerate(cells)
        )

    def _convert(self, column: int, text: str) -> str:
        encoding = self._encoding(column, text)
        if encoding is None:
            return str(text)
        converted = convert(text, encoding)
        if isinstance(text, OldFontText) and text.font.rstrip().endswith("H"):
            # A font of capitals shows small letters as capitals.
            converted = converted.upper() if encoding == "TCVN3" else converted
        if encoding not in self._seen and _LETTERED.search(converted):
            preview = f"{text[:PREVIEW_CHARACTERS_MAX]} → {converted[:PREVIEW_CHARACTERS_MAX]}"
            self._seen[encoding] = preview
        return converted

    def _encoding(self, column: int, text: str) -> Encoding | None:
        if any(character > _LATIN_1_MAX and character.isalpha() for character in text):
            return None
        definite = detect(str(text))
        if definite is not None:
            return definite
        if isinstance(text, OldFontText):
            return self._encoding_in_font(text)
        evidence = self._columns.get(column)
        if evidence is None or evidence.is_silent:
            # Nothing clear in the column: what the file is typed in elsewhere.
            evidence = self._file
        likely = evidence.encoding()
        return likely if likely is not None and _may_be(str(text), likely) else None

    def _encoding_in_font(self, text: OldFontText) -> Encoding | None:
        """The font decides, unless what else is set in it shows that it is left over."""
        evidence = self._fonts.get(text.font)
        named = encoding_of_font(text.font)
        if evidence is not None and evidence.unicode > sum(evidence.old.values()):
            return None
        return named if _may_be(str(text), named) else None


def _may_be(text: str, encoding: Encoding) -> bool:
    """Whether a conversion would leave syllables throughout."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return all(_stands_after(word, encoding) or _is_abbreviation(word, encoding) for word in words)
