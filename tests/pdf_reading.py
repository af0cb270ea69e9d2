"""PDF files read back, by a program that is not ours: poppler."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from html import unescape
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

POINTS_PER_MM = 72 / 25.4
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(
    r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
)


@dataclass(frozen=True)
class Word:
    """A word on a page; its box is in millimetres from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class PdfPage:
    """A page: its size in millimetres and its words."""

    width: float
    height: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words in the order in which they were set."""
        return " ".join(word.text for word in self.words)

    def word(self, text: str) -> Word:
        """The only word with this text."""
        (found,) = [word for word in self.words if word.text == text]
        return found


def read_pages(pdf: bytes) -> list[PdfPage]:
    """Every page of a file."""
    told = _poppler("pdftotext", "-bbox", "-", "-", given=pdf)
    return [
        PdfPage(_mm(width), _mm(height), tuple(_words(inside)))
        for width, height, inside in _PAGE.findall(told)
    ]


def information(pdf: bytes) -> str:
    """What the file says of itself."""
    return _poppler("pdfinfo", "-", given=pdf)


def fonts(pdf: bytes) -> list[list[str]]:
    """A line of columns for each font."""
    return [line.split() for line in _poppler("pdffonts", "-", given=pdf).splitlines()[2:]]


def attachments(pdf: bytes) -> str:
    """The files inside."""
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return _poppler("pdfdetach", "-list", file.name, given=b"")


def _words(inside: str) -> Iterator[Word]:
    for left, top, right, bottom, text in _WORD.findall(inside):
        yield Word(unescape(text), _mm(left), _mm(top), _mm(right), _mm(bottom))


def _mm(points: str) -> float:
    return float(points) / POINTS_PER_MM


def _poppler(program: str, *arguments: str, given: bytes) -> str:
    ended = subprocess.run([program, *arguments], input=given, capture_output=True, check=True)
    return ended.stdout.decode()
