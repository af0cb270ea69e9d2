"""Text documents (.docx): paragraphs and table rows in their order, as the rows of one page.

What a reader of the page sees is read: inserted text of tracked changes, form fields, content
controls; deleted text, hidden field codes and comments are not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from api.sheets.parsing.frames import (
    CELL_CHARACTERS_MAX,
    COLUMNS_MAX,
    LONG_TEXT_CHARACTERS,
    Page,
    is_old_font,
    local,
    new_parser,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.sheets.parsing.frames import Row
    from api.sheets.parsing.package import Package

_ROW_PROPERTIES: Final = "trPr"
_GONE: Final = frozenset({"del", "moveFrom", "Fallback", "pict", "instrText"})
_OFF: Final = frozenset({"0", "false", "off", "none"})


@dataclass(slots=True)
class _Cell:
    span: int = 1
    merge: str = ""  # "restart", "continue" or ""
    text: list[str] = field(default_factory=list)
    font: str = ""
    struck: int = 0
    letters: int = 0


class Document:
    """An open .docx file; tables inside a table's cell are text of that cell."""

    def __init__(self, package: Package, part: str) -> None:
        self._package = package
        self._part = part
        self.facts: dict[str, Any] = {"format": "docx"}
        self.long_characters = 0
        self.pages = [Page("")]

    def read(self, index: int, take: Callable[[Row], None]) -> None:  # noqa: ARG002 - one page
        """Hand every paragraph and table row that is not empty to `take`."""
        parser = new_parser()
        walk = _Walk(self, take)
        parser.StartElementHandler = walk.start
        parser.EndElementHandler = walk.end
        parser.CharacterDataHandler = walk.characters
        for piece in self._package.pieces(self._part):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003


class _Walk:
    """One way through a document."""

    def __init__(self, book: Document, take: Callable[[Row], None]) -> None:
        self._book = book
        self._take = take
        self._number = 0
        self._tables = self._depth = 0
        self._gone = self._boxes = 0
        self._of_row = self._row_gone = False
        self._cells: list[_Cell] = []
        self._before = 0
        self._above: dict[int, Any] = {}
        self._cell = _Cell()
        self._in_text = self._struck = self._listed = False
        self._run_font = ""
        self._choices: list[str] | None = None
        self._choice = 0

    def start(self, name: str, given: dict[str, str]) -> None:
        """See what begins."""
        tag = local(name)
        if self._of_row and tag == "del":
            # A tracked change took the whole row away.
            self._row_gone = self._row_gone or self._depth == 1
        elif tag in _GONE:
            self._gone += 1
        elif self._gone:
            return
        elif tag == _ROW_PROPERTIES:
            self._of_row = True
        elif tag == "t":
            self._in_text = True
        elif tag in {"tbl", "tr", "tc"}:
            self._start_table(tag)
        elif tag in {"p", "r"}:
            self._start_text(tag)
        elif tag == "txbxContent":
            self._boxes += 1
        else:
            value = next((v for key, v in given.items() if local(key) == "val"), "")
            self._property(tag, value, given)

    def _start_table(self, tag: str) -> None:
        if tag == "tbl":
            self._depth += 1
            if self._depth == 1:
                self._tables += 1
                self._above = {}
        elif self._depth == 1 and tag == "tr":
            self._cells, self._before, self._row_gone = [], 0, False
        elif self._depth == 1:
            self._cell = _Cell()

    def _start_text(self, tag: str) -> None:
        if tag == "p":
            if not self._depth and not self._boxes:
                self._cell, self._listed = _Cell(), False
            elif self._cell.text and self._cell.text[-1] != "\n":
                self._cell.text.append("\n")
        else:
            self._struck, self._run_font = False, ""

    def _property(self, tag: str, value: str, given: dict[str, str]) -> None:
        if tag in {"br", "cr"}:
            self._cell.text.append("\n")
        elif tag in {"tab", "ptab"} and not value:
            self._cell.text.append("\t")
        elif tag == "noBreakHyphen":
            self._cell.text.append("-")
        elif tag in {"strike", "dstrike"}:
            self._struck = value not in _OFF
        elif tag == "rFonts":
            self._run_font = next((v for key, v in given.items() if local(key) == "ascii"), "")
        elif tag == "numPr":
            self._listed = True
        elif tag == "gridSpan" and value.isdigit():
            self._cell.span = max(1, int(value))
        elif tag == "vMerge":
            self._cell.merge = "restart" if value == "restart" else "continue"
        elif tag == "gridBefore" and value.isdigit() and self._depth == 1:
            self._before = int(value)
        else:
            self._choose(tag, value)

    def _choose(self, tag: str, value: str) -> None:
        """A drop-down field of a form shows its chosen entry, which stands in no run."""
        if tag == "ddList":
            self._choices, self._choice = [], 0
        elif self._choices is not None and tag == "result" and value.isdigit():
            self._choice = int(value)
        elif self._choices is not None and tag == "listEntry":
            self._choices.append(value)

    def characters(self, text: str) -> None:
        """Text that is seen."""
        if not self._in_text or self._gone:
            return
        cell = self._cell
        cell.text.append(text)
        cell.letters += len(text)
        if self._struck:
            cell.struck += len(text)
        if self._run_font and not cell.font and is_old_font(self._run_font):
            cell.font = self._run_font

    def end(self, name: str) -> None:
        """See what ends."""
        tag = local(name)
        if self._ends_unseen(tag):
            return
        if tag == "t":
            self._in_text = False
        elif tag == "ddList":
            self._end_choice()
        elif tag == "txbxContent":
            self._boxes -= 1
        elif tag == "p" and not self._depth and not self._boxes:
            self._end_paragraph()
        elif tag == "tc" and self._depth == 1:
            self._cells.append(self._cell)
        elif tag == "tr" and self._depth == 1:
            self._end_row()
        elif tag == "tbl":
            self._depth -= 1

    def _ends_unseen(self, tag: str) -> bool:
        """Whether what ends was not seen, or was no more than a row's properties."""
        if tag in _GONE:
            self._gone = max(0, self._gone - (not self._of_row))
        elif tag == _ROW_PROPERTIES:
            self._of_row = False
        else:
            return self._gone > 0
        return True

    def _end_choice(self) -> None:
        choices, self._choices = self._choices, None
        if choices and self._choice < len(choices):
            self._cell.text.append(choices[self._choice])

    def _end_paragraph(self) -> None:
        self._number += 1
        value = self._value(self._cell)
        if value is None:
            return
        marks: dict[str, Any] = {"listed": True} if self._listed else {}
        if self._is_struck(self._cell):
            marks["struck"] = [0]
        self._take((self._number, [value], marks) if marks else (self._number, [value]))

    def _end_row(self) -> None:
        self._number += 1
        values: list[Any] = [None] * min(self._before, COLUMNS_MAX)
        struck = []
        for cell in self._cells:
            column = len(values)
            value = self._value(cell)
            if cell.merge == "continue":
                value = self._above.get(column) if value is None else value
            if cell.merge:
                self._above[column] = value
            else:
                self._above.pop(column, None)
            if self._is_struck(cell):
                struck.append(column)
            values += [value, *[None] * (cell.span - 1)]
        del values[COLUMNS_MAX:]
        if any(value is not None for value in values) and not self._row_gone:
            marks: dict[str, Any] = {"table": self._tables}
            if struck:
                marks["struck"] = struck
            self._take((self._number, values, marks))

    def _is_struck(self, cell: _Cell) -> bool:
        return cell.letters > 0 and cell.struck * 2 > cell.letters

    def _value(self, cell: _Cell) -> Any:
        text = "".join(cell.text).strip()[:CELL_CHARACTERS_MAX]
        if len(text) > LONG_TEXT_CHARACTERS:
            self._book.long_characters += len(text)
        if not text:
            return None
        return ["font", text, cell.font] if cell.font and not text.isascii() else text
