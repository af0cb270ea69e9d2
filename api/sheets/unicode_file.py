"""A file whose texts are Unicode, whatever they were typed in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.sheets.old_letters import OldLetters, is_suspicious

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.sheets.cells import Marks, ReadingNote, Row, SheetFile, SheetHead


class UnicodeFile:
    """Another file, with old letters converted where there are any.

    A file without them costs nothing: rows pass by untouched unless its reader saw bytes that
    such letters are made of.
    """

    def __init__(self, file: SheetFile) -> None:
        """Learn from the file's first rows what it was typed in."""
        self.source = file
        self._letters = OldLetters(file.heads)
        self._heads = file.heads
        if self._letters.is_needed:
            self._heads = tuple(
                replace(head, rows=tuple(self._letters.rows(head.rows))) for head in file.heads
            )

    @property
    def heads(self) -> tuple[SheetHead, ...]:
        """The first rows of each sheet."""
        return self._heads

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """What a clerk should know about how the file was read."""
        return (*self.source.notes, *self._letters.notes())

    @property
    def format(self) -> str:
        """What the file is."""
        return self.source.format

    @property
    def marks(self) -> dict[int, Marks]:
        """Marks of the rows that came last."""
        return self.source.marks

    @property
    def may_hold_old_letters(self) -> bool:
        """Asked of the file itself."""
        return self.source.may_hold_old_letters

    @property
    def is_cheap_to_read(self) -> bool:
        """Whether several processes may well go through the file at once."""
        return self.source.is_cheap_to_read

    def rows(self, index: int) -> Iterator[Row]:
        """Every row of one sheet that is not empty. Raises `SheetError`."""
        rows = self.source.rows(index)
        return self._letters.rows(rows) if self._letters.is_needed else self._watched(rows)

    def _watched(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Rows of a file whose beginning is Unicode; its end may not be."""
        for number, cells in rows:
            if self.source.may_hold_old_letters and any(
                isinstance(cell, str) and is_suspicious(cell) for cell in cells
            ):
                yield number, self._letters.converted(cells)
            else:
                yield number, cells

    def fraction(self) -> float:
        """How much of the file was read, between 0 and 1; roughly."""
        return self.source.fraction()

    def close(self) -> None:
        """Let go of the file."""
        self.source.close()
