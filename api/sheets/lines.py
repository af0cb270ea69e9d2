"""The lines of a file's lists, with what is meant but not written in each of them.

A line repeats what a ditto mark points at, belongs to the section above it, or is none of the
list's rows: a header said again, a number under each column, a total, a signature, a row struck
through. Most lines are plain: they pass by with a handful of comparisons.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from api.sheets.cells import Cell, CellError, Marks, Row
from api.sheets.headers import is_repeated
from api.sheets.paragraphs import announces, cells_of
from api.sheets.titles import KIND_LINES, Saying, is_kind_line, section_of, title_of
from registry.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.sheets.cells import SheetFile
    from api.sheets.layout import Layout
    from registry.recipient import RecipientKind

SHEET_SHIFT: Final = 32
"""A line's position is its row's number, behind the place of its sheet among those with lists."""
_ROW_MASK: Final = (1 << SHEET_SHIFT) - 1
_NO_MARKS: Final = Marks()
_SECTION_FILLED_MAX: Final = 2
_NUMBERING_MIN: Final = 2

_DITTO_WORDS: Final = ("nt", "n.t", "n/t", "n.t.", "như trên", "nhu tren", "như  trên")
_DITTO_SIGNS: Final = ('"', "''", "″", "”", "“", "〃", '""', "//", "´´", "``", "”“", "“”", "'")
_AROUND: Final = (("", ""), ("-", "-"), ("- ", " -"), ('"', '"'), ("(", ")"), ("“", "”"))
_DITTO: Final = frozenset(
    [
        *_DITTO_SIGNS,
        *(
            f"{left}{word}{right}"
            for word in (*_DITTO_WORDS, *_DITTO_SIGNS[:4])
            for left, right in _AROUND
        ),
    ]
)
_DITTO_RAW: Final = frozenset(
    spelled for mark in _DITTO for spelled in (mark, mark.upper(), mark.capitalize())
)
_ENDING: Final = re.compile(
    r"noi nhan|tm\.? |kt\.? |tl\.? |tuq\.? |an dinh|nguoi lap|lap bieu|thu truong|xac nhan cua"
    r"|danh sach (?:nay )?(?:gom|co) |t/m |chu tich$|giam doc$|truong phong$|hieu truong$"
)
_TOTAL: Final = re.compile(r"cong\b|tong\b|tong cong\b|tong so\b|\(?ghi chu ?:|cong don\b")
_NUMBER: Final = "().- "

Skip = Literal["", "line-skipped", "row-struck-out"]


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for a line beside its cells; `skip` says why it is no row, if it is none."""

    part: int
    kind: RecipientKind | None = None
    form: str | None = None
    is_posthumous: bool = False
    is_hidden: bool = False
    skip: Skip = ""


Line: TypeAlias = tuple[int, "tuple[Cell, ...]", Context]


def row_of(position: int) -> int:
    """The row number that the sheet shows."""
    return position & _ROW_MASK


def sheet_of(position: int) -> int:
    """The place of the line's sheet among those with lists, from 0."""
    return position >> SHEET_SHIFT


def lines_of(file: SheetFile, layout: Layout) -> Iterator[Line]:
    """Every line of every list, in order. Raises `SheetError`."""
    for place, index in enumerate(layout.sheets):
        numbered = [(n, one) for n, one in enumerate(layout.parts) if one.sheet_index == index]
        yield from _Sheet(file, index, numbered, place << SHEET_SHIFT).lines()


class _Sheet:
    """Goes through one sheet with one list or several, one below the other."""

    def __init__(
        self, file: SheetFile, index: int, lists: Sequence[tuple[int, Layout]], offset: int
    ) -> None:
        self._file = file
        self._index = index
        self._lists = list(lists)
        self._offset = offset
        self._marks = file.marks
        self._begin(*self._lists.pop(0))

    def _begin(self, part: int, layout: Layout) -> None:
        """Turn to the next list."""
        places = layout.places
        self._layout = layout
        self._context = Context(part)
        self._sections: list[Saying] = []
        self._ended = False
        self._previous: tuple[Cell, ...] = ()
        self._name = places["name"]
        self._form = places.get("form", places["name"])
        self._ordinal = places.get("ordinal")
        self._width = max(self._name, self._form, self._ordinal or 0)
        self._listed = 0
        # A number under each column may follow a header.
        self._below_header = layout.last_header_row + 1
        self._words = _DITTO_RAW.union(cell for row in self._header_texts() for cell in row if cell)
        if "kind" not in places:
            self._words |= KIND_LINES

    def _header_texts(self) -> list[Sequence[str]]:
        """Headings as they are written, to notice a header that is said again."""
        header = self._layout.header
        return [] if header is None else [header.texts]

    def lines(self) -> Iterator[Line]:
        """Every line below the first header."""
        marks = self._marks
        last_header = self._layout.last_header_row
        for number, cells in self._file.rows(self._index):
            if number <= last_header:
                marks.pop(number, None)
                continue
            if (
                number not in marks
                and number != self._below_header
                and not (self._lists and number >= self._lists[0][1].header_row)
                and self._is_plain(cells)
            ):
                self._previous = cells
                yield self._offset + number, cells, self._context
                continue
            line = self._considered(number, cells)
            if line is not None:
                yield self._offset + number, *line

    def _is_plain(self, cells: tuple[Cell, ...]) -> bool:
        """Whether a line is a row of the list beyond doubt."""
        if len(cells) <= self._width or not cells[self._name] or not cells[self._form]:
            return False
        if self._ordinal is None:
            return False
        ordinal = cells[self._ordinal]
        if not ordinal or (type(ordinal) is str and not ordinal.isdecimal()):
            return False
        return self._words.isdisjoint(cells)

    def _considered(
        self, number: int, cells: tuple[Cell, ...]
    ) -> tuple[tuple[Cell, ...], Context] | None:
        """What a line that is not plain means; None if it says nothing."""
        mark = self._marks.pop(number, _NO_MARKS)
        if self._lists and number >= self._lists[0][1].header_row:
            self._begin(*self._lists.pop(0))
        header = self._layout.header
        if number <= self._layout.last_header_row:
            return None
        if header is not None and is_repeated(header, cells):
            self._below_header = number + 1
            return None
        if self._layout.is_paragraphs:
            return self._paragraph(cells, mark)
        return self._table_line(cells, mark)

    def _table_line(
        self, cells: tuple[Cell, ...], mark: Marks
    ) -> tuple[tuple[Cell, ...], Context] | None:
        cells = self._without_ditto(cells)
        if _is_empty(cells) or _is_numbering(cells):
            return None
        if mark.struck and self._is_struck(mark, cells):
            return cells, replace(self._context, skip="row-struck-out")
        if self._is_kind_line(cells):
            return self._between(cells)
        if not self._has_number(cells) and self._is_no_row(cells, mark):
            return self._between(cells)
        self._previous = cells
        context = self._context
        return cells, replace(context, is_hidden=True) if mark.is_hidden else context

    def _is_kind_line(self, cells: tuple[Cell, ...]) -> bool:
        """Whether a line, numbered or not, only says the kind of those below it."""
        filled = [cell for cell in cells if cell is not None and cell != ""]
        texts = [cell for cell in filled if isinstance(cell, str)]
        return (
            0 < len(filled) <= _SECTION_FILLED_MAX
            and bool(texts)
            and is_kind_line(max(texts, key=len))
        )

    def _is_struck(self, mark: Marks, cells: tuple[Cell, ...]) -> bool:
        """Whether the name, or most of the row, is struck through."""
        filled = sum(1 for cell in cells if cell is not None and cell != "")
        return self._name in mark.struck or len(mark.struck) * 2 > filled

    def _has_number(self, cells: tuple[Cell, ...]) -> bool:
        place = self._ordinal
        cell = cells[place] if place is not None and place < len(cells) else None
        if isinstance(cell, str):
            return cell.strip(_NUMBER).isdecimal()
        return isinstance(cell, int | float)

    def _is_no_row(self, cells: tuple[Cell, ...], mark: Marks) -> bool:
        """Whether a line without a number is a section, a total, a signature, a remark."""
        texts = [fold(cell) for cell in cells if isinstance(cell, str) and cell.strip()]
        if any(_ENDING.match(text) for text in texts):
            self._ended = True
        if self._ended or any(_TOTAL.match(text) for text in texts):
            return True
        filled = [cell for cell in cells if cell is not None and cell != ""]
        if len(filled) > _SECTION_FILLED_MAX:
            return False
        if mark.table == 0 and self._layout.file_format == "docx":
            return True
        name = cells[self._name] if self._name < len(cells) else None
        text = max((str(cell) for cell in filled), key=len)
        if not section_of(text, self._ordinal_text(cells)).is_silent:
            return True
        if self._ordinal_text(cells):
            return True
        return name is None or (self._ordinal is not None and len(filled) == 1)

    def _ordinal_text(self, cells: tuple[Cell, ...]) -> str:
        place = self._ordinal
        cell = cells[place] if place is not None and place < len(cells) else None
        text = cell.strip(_NUMBER) if isinstance(cell, str) else ""
        return text if len(text) <= len("XVIII") else ""

    def _between(self, cells: tuple[Cell, ...]) -> tuple[tuple[Cell, ...], Context] | None:
        """A section is heard and gone; another line is given back to be named."""
        filled = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
        if filled and not self._ended:
            saying = section_of(max(filled, key=len), self._ordinal_text(cells))
            if not saying.is_silent and not _TOTAL.match(fold(max(filled, key=len))):
                self._hear(saying)
                return None
        return cells, replace(self._context, skip="line-skipped")

    def _hear(self, saying: Saying) -> None:
        """Take over what a section says; deeper sections are over with it."""
        self._sections = [one for one in self._sections if one.level < saying.level]
        if saying.level > 4 and self._sections and self._sections[-1].level > 4:  # noqa: PLR2004
            self._sections.pop()
        self._sections.append(saying)
        kinds = [one.kind for one in self._sections if one.kind is not None]
        forms = [one.form for one in self._sections if one.form is not None]
        self._context = replace(
            self._context,
            kind=kinds[-1] if kinds else None,
            form=forms[-1] if forms else None,
            is_posthumous=any(one.is_posthumous for one in self._sections),
        )

    def _without_ditto(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """The cells with each ditto mark replaced by what stands above it."""
        if _DITTO_RAW.isdisjoint(cell.strip() for cell in cells if isinstance(cell, str)):
            return cells
        above = self._previous
        known = set(self._layout.places.values()) - {self._ordinal}
        return tuple(
            above[place]
            if place in known
            and place < len(above)
            and isinstance(cell, str)
            and cell.strip() in _DITTO_RAW
            else cell
            for place, cell in enumerate(cells)
        )

    def _paragraph(
        self, cells: tuple[Cell, ...], mark: Marks
    ) -> tuple[tuple[Cell, ...], Context] | None:
        """A numbered paragraph of a decision; one that grants something begins a section."""
        text = cells[0] if cells and isinstance(cells[0], str) else ""
        if mark.table or not text:
            return None
        if announces(text):
            said = section_of(text)
            title = title_of(text)
            self._listed, self._ended = 0, False
            self._sections = []
            self._hear(said if not said.is_silent else title)
            return None
        if not self._ended and self._is_heard(text):
            return None
        row = None if self._ended else cells_of(text, self._listed + 1, is_listed=mark.is_listed)
        if row is None:
            self._ended = True
            return None
        self._listed += 1
        return row, replace(
            self._context, is_hidden=mark.is_hidden, skip="row-struck-out" if mark.struck else ""
        )

    def _is_heard(self, text: str) -> bool:
        """Whether a paragraph is a section of the list: “1. Tập thể:”, “II. CÁ NHÂN”."""
        saying = section_of(text.rstrip(" :;."))
        if saying.kind is None or saying.form is not None:
            return False
        self._hear(saying)
        return True


def _is_empty(cells: tuple[Cell, ...]) -> bool:
    """Whether a line holds nothing, or nothing but formulas and their errors."""
    return all(
        cell is None or type(cell) is CellError or (isinstance(cell, str) and not cell.strip())
        for cell in cells
    )


def _is_numbering(cells: tuple[Cell, ...]) -> bool:
    """Whether a line only numbers the columns: 1, 2, 3 or (1), (2), (3) or A, B, 1, 2."""
    filled = [cell for cell in cells if cell is not None and cell != ""]
    texts = [str(cell).strip(_NUMBER) for cell in filled if isinstance(cell, str | int | float)]
    if len(texts) != len(filled) or len(texts) <= _NUMBERING_MIN:
        return False
    numbers = [text for text in texts if not (len(text) == 1 and text.isalpha())]
    expected = [str(number) for number in range(1, len(numbers) + 1)]
    later = [str(number) for number in range(2, len(numbers) + 2)]
    return len(numbers) > 1 and numbers in (expected, later)


__all__ = ["Context", "Line", "Row", "lines_of", "row_of", "sheet_of"]
