"""From the bytes of a text file to its encoding: those of today, and those of before Unicode."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from api.sheets.cells import SheetError
from api.sheets.old_letters import convert, detect
from api.sheets.syllables import is_syllable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

SNIFFED_BYTES: Final = 1 << 16
READ_BYTES: Final = 1 << 20
GOOD_LETTERS_PER_BAD_BYTE_MIN: Final = 4

# UTF-8 of what TCVN3 and VNI look like in Latin-1; Vietnamese in Unicode has hardly any of it.
_OLD_LETTER_BYTES: Final = (
    b"\xc2", b"\xc3\xb8", b"\xc3\xbb", b"\xc3\xaf", b"\xc3\xb6", b"\xc3\xb1", b"\xc3\xa4",
    b"\xc3\xa5", b"\xc3\xab", b"\xc3\xa6", b"\xc3\x9e", b"\xc3\x97",
)  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+")

_VISCII_LOW: Final = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_VISCII_HIGH: Final = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừử"
    "ÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
VISCII: Final[Mapping[int, str]] = {
    **_VISCII_LOW,
    **{0x80 + place: letter for place, letter in enumerate(_VISCII_HIGH)},
}


BROKEN_LETTER: Final = "\udcff"
"""Stands for what was no letter; no text may hold it."""
_REPLACED: Final[Mapping[int, str]] = {0xFFFD: BROKEN_LETTER}


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """How bytes become text: a codec, what to do with bytes that it does not have, a table."""

    codec: str
    errors: str = "surrogateescape"
    table: Mapping[int, str] | None = None
    guessed: str | None = None
    """The name of an encoding that the file does not say itself."""


def holds_old_letters(piece: bytes) -> bool:
    """Whether UTF-8 text may hold letters of before Unicode; False is certain."""
    return any(sign in piece for sign in _OLD_LETTER_BYTES)


def encoding_of(file: BinaryIO) -> tuple[TextEncoding, bool]:
    """A text file's encoding, and whether it may hold old letters. Raises `SheetError`."""
    file.seek(0)
    start = file.read(SNIFFED_BYTES)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return TextEncoding("utf-16", "replace", _REPLACED), True
    if b"\x00" in start:
        return TextEncoding(_encoding_with_zeros(start), "replace", _REPLACED), True
    codec = "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    bad, good, old = _survey(file)
    if codec == "utf-8-sig" or not bad or good >= GOOD_LETTERS_PER_BAD_BYTE_MIN * bad:
        return TextEncoding(codec), old
    return _best_of(start), True


def _encoding_with_zeros(start: bytes) -> str:
    """UTF-16 without its mark has a zero in every second byte of Latin text."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 < len(start):
        raise SheetError("file-not-a-sheet")
    return "utf-16-le" if odd > even else "utf-16-be"


def _survey(file: BinaryIO) -> tuple[int, int, bool]:
    """Bytes of a file that are not UTF-8, letters beyond ASCII that are, and signs of old ones."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    file.seek(0)
    bad = good = 0
    old = False
    while True:
        piece = file.read(READ_BYTES)
        text = decoder.decode(piece, final=not piece)
        if not text.isascii():
            broken = len(_BROKEN.findall(text)) if _BROKEN.search(text) else 0
            bad += broken
            good += (len(piece) - len(text)) // 2
        old = old or holds_old_letters(piece)
        if not piece:
            return bad, max(good, 0), old


_BROKEN: Final = re.compile("[\udc80-\udcff]")


def _best_of(start: bytes) -> TextEncoding:
    """Which encoding of one byte a letter makes most syllables of the beginning."""
    latin = start.decode("latin-1")
    windows = _syllables(start.decode("cp1258", "surrogateescape"))
    viscii = _syllables(latin.translate(VISCII))
    old = max(_syllables(convert(latin, "TCVN3")), _syllables(convert(latin, "VNI")))
    seems_old = any(detect(line) is not None for line in latin.splitlines())
    if seems_old and old >= max(windows, viscii):
        # Converted behind the reader, by what each text looks like.
        return TextEncoding("latin-1")
    if viscii > windows:
        return TextEncoding("latin-1", table=VISCII, guessed="VISCII")
    return TextEncoding("cp1258", guessed="Windows-1258")


def _syllables(text: str) -> int:
    """How many words with marks are syllables, less those that are none."""
    words = [word for word in _WORD.findall(normalize("NFC", text)) if not word.isascii()]
    good = sum(map(is_syllable, words))
    return 2 * good - len(words)
