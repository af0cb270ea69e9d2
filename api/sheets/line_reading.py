"""A line of a list: whether it is a row at all, its cells cleaned, what is wrong with it.

What was typed is what is stored: of a cell only line breaks and spaces at its ends go. What the
columns of a row mean is said in `rows`.

This is the hot path of an import: a million lines pass through `read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from api.sheets.cell_texts import (
    TYPED_CHARACTERS_MAX,
    is_blank,
    is_broken,
    is_number,
    repeatable,
    shown,
)
from api.sheets.cells import Cell, CellError, Row
from api.sheets.column_answers import ColumnAnswers
from api.sheets.forms import FormReader
from api.sheets.lines import Context, row_of
from api.sheets.row_results import (
    BadRow,
    DecisionMention,
    Problem,
    ReadableRow,
    ReadRow,
    Severity,
    SkippedLine,
    UnreadableRow,
)
from api.sheets.vocabulary import field_of
from registry.award import RecordAward
from registry.personal import is_sealed_field, without_sealed
from registry.rules import Source, SourceKind
from registry.text import ControlCharacter, clean_cell

if TYPE_CHECKING:
    from api.sheets.layout import Layout
    from registry.catalogue import Catalogue

Values: TypeAlias = Mapping[str, Cell]

_LAST_FILLED_MAX: Final = 1
_INVISIBLE: Final = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x180E))
"""Soft hyphen and characters of no width: no letters of a name."""
_FIELDS_WHOSE_ERRORS_DO_NOT_MATTER: Final = frozenset(
    {"ordinal", "identity", "form_code", "title_code", "kind_code", "category_code",
     "field_of_activity_code"}
)  # fmt: skip


class LineReader:
    """Reads the lines of one list. Subclasses say what a row's columns mean, in `_awards`."""

    source_kind: SourceKind = "later-list"

    def __init__(
        self,
        layout: Layout,
        file_name: str,
        catalogue: Catalogue,
        answers: Mapping[str, str],
        part: int = 0,
    ) -> None:
        """Prepare for the `part`-th list of a file. Raises `Rejected` for an answer of no use."""
        self.layout = layout
        self.catalogue = catalogue
        settled = ColumnAnswers(layout.headers, answers, catalogue)
        self._answers = settled
        self.forms = FormReader(catalogue, layout.codes.forms, settled.of_forms, takes_likely=True)
        self._reference = f"{file_name}!{layout.sheet_name}" if layout.sheet_name else file_name
        columns = _columns(layout)
        self._fields = tuple(columns)
        self._places = tuple(columns.values())
        self._width = max(self._places) + 1
        self._padding = (None,) * self._width
        # What a list has no column for is not asked for in each of its rows.
        form_fields = ("form", "title")
        self._form_fields = tuple(one for one in form_fields if one in columns)
        self._coded_fields = tuple(one for one in form_fields if f"{one}_code" in columns)
        self._name_parts = tuple(one for one in ("middle_name", "given_name") if one in columns)
        self._says_kinds = "kind" in columns or "kind_code" in columns
        self._no_context = self._context = Context(part)
        self._month_first = layout.month_first
        self._says_years = field_of(layout.headers.get("decided_on", "")) == "year"
        self._has_honorifics = field_of(layout.headers.get("name", "")) == "honorific"
        self._problems: list[Problem] = []
        self._notes: list[tuple[str, Mapping[str, str | int]]] = []
        self._row = 0

    def read(self, row: Row, context: Context | None = None) -> ReadRow | None:
        """What a row means; None for a row that says nothing."""
        self._row, cells = row
        self._context = context = context or self._no_context
        if len(cells) < self._width:
            cells = (*cells, *self._padding)
        self._problems = []
        self._notes = []
        if context.skip:
            return self._skipped(cells, context.skip)
        try:
            values = dict(zip(self._fields, self._cleaned(cells), strict=True))
            if self._is_no_row(values, cells):
                return self._skipped(cells, "line-skipped")
            mention, awards = self._awards(values)
        except BadRow:
            return UnreadableRow(self._row, tuple(self._problems))
        if context.is_hidden:
            self._notes.append(("row-hidden", {}))
        if not awards:
            return self._skipped(cells, "line-skipped")
        return ReadableRow(self._row, mention, awards, tuple(self._problems), tuple(self._notes))

    def _awards(self, values: Values) -> tuple[DecisionMention | None, tuple[RecordAward, ...]]:
        raise NotImplementedError

    # Lines that are no rows --------------------------------------------------------------

    def _is_no_row(self, values: Values, cells: tuple[Cell, ...]) -> bool:
        """Whether a line lacks name or form and is nothing, a heading, a total or a signature."""
        if values["name"] is not None and (
            values.get("form") is not None
            or values.get("title") is not None
            or self._has_given_form()
        ):
            return False
        place = self.layout.places.get("ordinal")
        rest = [cell for at, cell in enumerate(cells) if at != place and not is_blank(cell)]
        if not rest:
            return True
        return len(rest) <= _LAST_FILLED_MAX and not is_number(values.get("ordinal"))

    def _has_given_form(self) -> bool:
        """Whether the list has a column for each form, or its title or a section says the form."""
        return bool(
            self.layout.marks
            or self.layout.title.form is not None
            or self._context.form is not None
        )

    def _skipped(self, cells: tuple[Cell, ...], code: str) -> SkippedLine | None:
        if all(is_blank(cell) for cell in cells):
            return None
        # What stands in columns of sealed values, or in none that is known, is not repeated.
        known = [place for name, place in self.layout.places.items() if not is_sealed_field(name)]
        told = (cells[place] for place in sorted(known) if place < len(cells))
        text = " ".join(shown(cell) for cell in told if not is_blank(cell))
        typed = text.encode("utf-8", "replace").decode()[:TYPED_CHARACTERS_MAX]
        params = {"typed": repeatable(typed)} if typed else {}
        place = self.layout.places.get("ordinal")
        has_ordinal = place is not None and place < len(cells) and not is_blank(cells[place])
        column = self.header("ordinal") if has_ordinal else None
        return SkippedLine(self._row, Problem(self._row, column, code, "warning", params))

    # Cells -------------------------------------------------------------------------------

    def _cleaned(self, cells: tuple[Cell, ...]) -> list[Cell]:
        """The cells of known columns, cleaned. Raises `BadRow` if one cannot be used."""
        chosen = [cells[place] for place in self._places]
        if _is_clean_text(chosen):
            return [cell.strip() or None for cell in chosen]
        if all(is_blank(cell) for cell in cells):
            return [None] * len(chosen)
        cleaned = [self._clean(index, cell) for index, cell in enumerate(chosen)]
        if self._problems:
            raise BadRow
        return cleaned

    def _clean(self, index: int, cell: Cell) -> Cell:
        if type(cell) is CellError:
            self._refuse_error(index, cell)
            return None
        if not isinstance(cell, str):
            return cell
        if self._fields[index] == "name_post":
            # A line break there sets the name apart from the post.
            cell = cell.strip().replace("\n", ";")
        try:
            return clean_cell(cell.translate(_INVISIBLE)) or None
        except ControlCharacter as error:
            code = "letter-unreadable" if is_broken(cell) else "text-unprintable"
            self.blame(self._fields[index], code, **as_params(error.params))
            return None

    def _refuse_error(self, index: int, cell: CellError) -> None:
        """An error is one of the row, unless the column only repeats another or is not kept."""
        field = self._fields[index]
        if field not in _FIELDS_WHOSE_ERRORS_DO_NOT_MATTER:
            self.blame(field, cell.code, text=cell.text)

    # For subclasses ----------------------------------------------------------------------

    def header(self, field: str) -> str | None:
        """A field's column as the sheet calls it."""
        kind, _, place = field.partition(":")
        if kind == "mark":
            return self.layout.marks[int(place)].heading
        if kind == "mark-number" and self.layout.header is not None:
            number_place = self.layout.marks[int(place)].number_place
            return None if number_place is None else self.layout.header.texts[number_place]
        return self.layout.headers.get(field)

    def blame(self, field: str, code: str, **params: str | int) -> None:
        """Note an error of this row."""
        self._note(field, code, "error", params)

    def doubt(self, field: str, code: str, **params: str | int) -> None:
        """Note something about this row that somebody should look at."""
        self._note(field, code, "warning", params)

    def _note(
        self, field: str, code: str, severity: Severity, params: Mapping[str, str | int]
    ) -> None:
        """Keep a problem, without values that are sealed: problems are facts of the log."""
        kept = {
            name: repeatable(value) if isinstance(value, str) else value
            for name, value in without_sealed(field, params).items()
        }
        self._problems.append(Problem(self._row, self.header(field), code, severity, kept))

    def end_if_bad(self) -> None:
        """Raise `BadRow` if this row has an error."""
        if self._problems and any(problem.severity == "error" for problem in self._problems):
            raise BadRow

    def source(self) -> Source:
        """Where this row was read."""
        return Source(self.source_kind, "certain", self._reference, row_of(self._row))

    def text(self, field: str, values: Values) -> str | None:
        """A column's text, or None."""
        cell = values.get(field)
        return cell if cell is None or type(cell) is str else shown(cell)


def _columns(layout: Layout) -> dict[str, int]:
    """Place of each field, and of the columns of marks."""
    columns = dict(layout.places)
    for number, mark in enumerate(layout.marks):
        columns[f"mark:{number}"] = mark.place
        if mark.number_place is not None:
            columns[f"mark-number:{number}"] = mark.number_place
    return columns


def _is_clean_text(cells: list[Cell]) -> TypeGuard[list[str]]:
    """Whether all cells are text without anything unprintable: nearly all rows of a .csv."""
    try:
        return "".join(cells).isprintable()  # type: ignore[arg-type]  # that is the question
    except TypeError:
        return False


def as_params(params: Mapping[str, str | int]) -> dict[str, str | int]:
    """Parameters of an error, for one of ours."""
    return dict(params)
