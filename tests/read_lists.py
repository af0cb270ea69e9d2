"""What a file's lists would record, read without a register."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from api.imports.feed import Source, readers_of
from api.imports.options import ImportOptions, decision_of
from api.sheets.layout import find_layout
from api.sheets.lines import lines_of, row_of
from api.sheets.reader import open_sheets
from api.sheets.row_results import ReadableRow, SkippedLine, UnreadableRow
from registry.catalogue import load_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from api.sheets.layout import Layout, Wanted
    from registry.award import RecordAward

CHAIR = "Chủ tịch UBND tỉnh Lào Cai"
PROVINCE: dict[str, Any] = {"number": "77/QĐ-UBND", "date": "05/03/2024", "issuer": CHAIR}


@dataclass
class ReadList:
    """Awards with their rows, problems by row, codes of what was said about the whole."""

    layout: Layout
    awards: list[tuple[int, RecordAward]] = field(default_factory=list)
    errors: dict[int, list[str]] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The names, in order."""
        return [award.recipient.name for _, award in self.awards]

    @property
    def forms(self) -> list[str]:
        """The forms, in order."""
        return [award.form for _, award in self.awards]

    @property
    def kinds(self) -> list[str]:
        """The kinds of recipients, in order."""
        return [award.recipient.kind for _, award in self.awards]


def read_list(
    path: Path,
    kind: Wanted = "auto",
    answers: dict[str, str] | None = None,
    **decision: Any,
) -> ReadList:
    """Read every list of a file. Raises `SheetError` and `Rejected`."""
    options = ImportOptions(kind=kind, file_name=path.name, answers=answers or {}, **decision)
    with open_sheets(path) as sheets:
        layout = find_layout(sheets, kind)
        named = decision_of(layout, options)
        source = Source(path, kind, path.name, options.answers, None, named, date.max)
        readers = readers_of(source, layout, load_catalogue())
        found = ReadList(layout, notes=[note.code for note in layout.notes])
        for position, cells, context in lines_of(sheets, layout):
            match readers[context.part].read((position, cells), context):
                case ReadableRow(awards=awards, notes=notes):
                    found.awards += [(row_of(position), award) for award in awards]
                    found.notes += [code for code, _ in notes]
                case UnreadableRow(problems=problems):
                    found.errors[row_of(position)] = [problem.code for problem in problems]
                case SkippedLine(problem=problem):
                    found.skipped[row_of(position)] = problem.code
                case None:
                    pass
    return found
