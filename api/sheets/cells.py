"""What a sheet is made of: rows, cells, and the ways in which a file cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol, Self, TypeAlias

from registry.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator


class SheetError(RegistryError):
    """A file cannot be read as a sheet, or no list can be found in it.

    Codes: file-missing, file-empty, file-too-large, file-damaged, file-encrypted,
    file-not-a-sheet, header-not-found, column-missing, list-of-other-kind, list-without-names,
    lists-side-by-side, quote-open.
    """


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that has no value: an error such as `#N/A`, or a formula that was never computed."""

    text: str
    code: Literal["cell-error", "formula-without-value"] = "cell-error"


Cell: TypeAlias = str | int | float | bool | date | CellError | None
Row: TypeAlias = tuple[int, "tuple[Cell, ...]"]
"""Row number as the sheet shows it, and the cells from column A on."""


Merge: TypeAlias = tuple[int, int, int, int]
"""First and last row (as shown), first and last column (from 0) of merged cells."""


class OldFontText(str):
    """Text in a font of the time before Unicode; `font` names it."""

    __slots__ = ("font",)
    font: str

    def __new__(cls, text: str, font: str) -> Self:
        """Make it of a text and the name of its font."""
        made = super().__new__(cls, text)
        made.font = font
        return made


@dataclass(frozen=True, slots=True)
class Marks:
    """What a row is beside its cells."""

    is_hidden: bool = False
    struck: frozenset[int] = frozenset()
    """Columns whose text is struck through."""
    is_listed: bool = False
    """A paragraph that the word processor itself numbers."""
    table: int = 0
    """Which table of a text document the row stands in; 0 for none."""


@dataclass(frozen=True, slots=True)
class SheetHead:
    """The first rows of one sheet of a file; `name` is empty for a file that has no sheets."""

    name: str
    rows: tuple[Row, ...]
    is_hidden: bool = False
    merges: tuple[Merge, ...] = ()
    marks: Mapping[int, Marks] = field(default_factory=dict)
    hidden_columns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """Something about the whole file that a clerk should know, such as a guessed encoding."""

    code: str
    params: Mapping[str, str]


def column_letters(place: int) -> str:
    """A column as the sheet calls it: A, Z, AA."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class SheetFile(Protocol):
    """An open file of one or more sheets."""

    @property
    def heads(self) -> tuple[SheetHead, ...]:
        """The first rows of each sheet."""

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """What a clerk should know about how the file was read."""

    @property
    def format(self) -> str:
        """What the file is: csv, xlsx, xls, ods, html, xml, docx."""

    @property
    def marks(self) -> dict[int, Marks]:
        """Marks of the rows that `rows` gave last; whoever has used them takes them out."""

    @property
    def may_hold_old_letters(self) -> bool:
        """Whether bytes were seen lately of which letters of before Unicode are made."""

    @property
    def is_cheap_to_read(self) -> bool:
        """Whether several processes may well go through the file at once."""

    def rows(self, index: int) -> Iterator[Row]:
        """Every row of one sheet that is not empty. Raises `SheetError`."""

    def fraction(self) -> float:
        """How much of the file was read, between 0 and 1; roughly."""

    def close(self) -> None:
        """Let go of the file and of any process that reads it."""
