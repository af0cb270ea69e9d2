"""What a sheet is made of: rows, cells, and the ways in which a file cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from registry.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class SheetError(RegistryError):
    """A file cannot be read as a sheet, or no list can be found in it.

    Codes: file-missing, file-empty, file-too-large, file-damaged, file-encrypted,
    file-old-format, file-not-a-sheet, header-not-found, column-missing.
    """


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that has no value: an error such as `#N/A`, or a formula that was never computed."""

    text: str
    code: Literal["cell-error", "formula-without-value"] = "cell-error"


Cell: TypeAlias = str | int | float | bool | date | CellError | None
Row: TypeAlias = tuple[int, "tuple[Cell, ...]"]
"""Row number as the sheet shows it, and the cells from column A on."""


@dataclass(frozen=True, slots=True)
class SheetHead:
    """The first rows of one sheet of a file; `name` is empty for a file that has no sheets."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """Something about the whole file that a clerk should know, such as a guessed encoding."""

    code: str
    params: Mapping[str, str]


class SheetFile(Protocol):
    """An open file of one or more sheets."""

    @property
    def heads(self) -> tuple[SheetHead, ...]:
        """The first rows of each sheet."""

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """What a clerk should know about how the file was read."""

    @property
    def is_cheap_to_read(self) -> bool:
        """Whether several processes may well go through the file at once."""

    def rows(self, index: int) -> Iterator[Row]:
        """Every row of one sheet that is not empty, once. Raises `SheetError`."""

    def fraction(self) -> float:
        """How much of the file was read, between 0 and 1; roughly."""

    def close(self) -> None:
        """Let go of the file and of any process that reads it."""
