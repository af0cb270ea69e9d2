"""A row of a sheet becomes awards to record, or the reasons why it does not.

What was typed is what is stored: of a cell only line breaks and spaces at its ends go. What is
written here is shared by both kinds of list; `decision_rows` and `legacy_rows` say what their
columns mean.

This is the hot path of an import: a million rows pass through `read`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeGuard

from api.sheets.cells import Cell, CellError, Row
from api.sheets.forms import FormProblem, FormReader, ReadForm
from registry.award import RecordAward
from registry.dates import BadDate, parse_edtf, parse_typed_date
from registry.identifiers import new_id
from registry.personal import Clear, is_sealed_field, without_sealed
from registry.recipient import Person, Sex
from registry.rules import LINE_CHARACTERS_MAX, Source, SourceKind
from registry.text import ControlCharacter, clean_cell, fold

if TYPE_CHECKING:
    from api.sheets.layout import Layout
    from registry.award import Conferral
    from registry.catalogue import Catalogue

TYPED_CHARACTERS_MAX: Final = 100
WORDS_REMEMBERED_MAX: Final = 256

Values: TypeAlias = Mapping[str, Cell]
Severity = Literal["error", "warning"]

_SEXES: Final[Mapping[str, Sex]] = {"nam": "male", "ong": "male", "nu": "female", "ba": "female"}
_YES: Final = frozenset({"x", "co", "v", "1", "true", "yes", "✓", "✔"})
_NO: Final = frozenset({"", "khong", "0", "false", "no", "-", "tang", "tang thuong"})
_LAST_FILLED_MAX: Final = 1
_NUMBER_PUNCTUATION: Final = "().- "
_LONG_NUMBER: Final = re.compile(r"[0-9]{9,}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong or doubtful about a row: `column` is its header as the sheet writes it."""

    row: int
    column: str | None
    code: str
    severity: Severity
    params: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class DecisionMention:
    """A decision as a row of a register, or the clerk for a whole list, names it."""

    number: str
    issuer: str
    decided_on: str | None


@dataclass(frozen=True, slots=True)
class ReadableRow:
    """A row that says which awards to record; `mention` is the decision it names, if it does.

    The awards do not name their decision yet: that it has a record is found out with them.
    """

    row: int
    mention: DecisionMention | None
    awards: tuple[RecordAward, ...]
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that cannot be recorded, with every reason."""

    row: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line that is no row of the list: a heading, a total, a signature."""

    row: int
    problem: Problem


ReadRow: TypeAlias = ReadableRow | UnreadableRow | SkippedLine


class BadRow(Exception):  # noqa: N818 - ends the reading of one row
    """A row cannot be recorded; raised once all its problems are known."""


class RowReader:
    """Reads the rows of one list. Subclasses say what a row's columns mean, in `_awards`."""

    source_kind: SourceKind = "later-list"

    def __init__(
        self,
        layout: Layout,
        file_name: str,
        catalogue: Catalogue,
        answers: Mapping[str, str],
    ) -> None:
        """Prepare for a layout. Raises `Rejected` if an answer names no form."""
        self.layout = layout
        self.catalogue = catalogue
        self.forms = FormReader(catalogue, layout.codes.forms, answers)
        self._reference = f"{file_name}!{layout.sheet_name}" if layout.sheet_name else file_name
        self._fields = tuple(layout.places)
        self._places = tuple(layout.places.values())
        self._width = max(self._places) + 1
        self._padding = (None,) * self._width
        self._numbering_row = layout.header_row + 1
        self._problems: list[Problem] = []
        self._row = 0

    def read(self, row: Row) -> ReadRow | None:
        """What a row means; None for a row that says nothing."""
        number, cells = row
        self._row = number
        if len(cells) < self._width:
            cells = (*cells, *self._padding)
        self._problems = []
        try:
            values = dict(zip(self._fields, self._cleaned(cells), strict=True))
            if self._is_no_row(values, cells):
                return self._skipped(values, cells)
            mention, awards = self._awards(values)
        except BadRow:
            return UnreadableRow(number, tuple(self._problems))
        return ReadableRow(number, mention, awards, tuple(self._problems))

    def _awards(self, values: Values) -> tuple[DecisionMention | None, tuple[RecordAward, ...]]:
        raise NotImplementedError

    # Lines that are no rows --------------------------------------------------------------

    def _is_no_row(self, values: Values, cells: tuple[Cell, ...]) -> bool:
        """Whether a line lacks name or form and is nothing, a heading, a total or a signature."""
        if self._row == self._numbering_row and _is_numbering(cells):
            return True
        if values["name"] is not None and (values.get("form") or values.get("title")):
            return False
        place = self.layout.places.get("ordinal")
        rest = [cell for at, cell in enumerate(cells) if at != place and not _is_blank(cell)]
        if not rest:
            return True
        return len(rest) <= _LAST_FILLED_MAX and not _is_number(values.get("ordinal"))

    def _skipped(self, values: Values, cells: tuple[Cell, ...]) -> SkippedLine | None:
        if all(_is_blank(cell) for cell in cells):
            return None
        # What stands in columns of sealed values, or in none that is known, is not repeated.
        known = (cell for name, cell in values.items() if not is_sealed_field(name))
        shown = " ".join(str(cell) for cell in known if not _is_blank(cell))
        params = {"typed": _repeatable(shown[:TYPED_CHARACTERS_MAX])} if shown else {}
        column = None if values.get("ordinal") is None else self.header("ordinal")
        return SkippedLine(self._row, Problem(self._row, column, "line-skipped", "warning", params))

    # Cells -------------------------------------------------------------------------------

    def _cleaned(self, cells: tuple[Cell, ...]) -> list[Cell]:
        """The cells of known columns, cleaned. Raises `BadRow` if one cannot be used."""
        chosen = [cells[place] for place in self._places]
        if _is_clean_text(chosen):
            return [cell.strip() or None for cell in chosen]
        cleaned = [self._clean(index, cell) for index, cell in enumerate(chosen)]
        if self._problems:
            raise BadRow
        return cleaned

    def _clean(self, index: int, cell: Cell) -> Cell:
        if type(cell) is CellError:
            self._refuse_error(index, cell)
        if type(cell) is not str:
            return cell
        try:
            return clean_cell(cell) or None
        except ControlCharacter as error:
            self.blame(self._fields[index], "text-unprintable", **_as_params(error.params))
            return None

    def _refuse_error(self, index: int, cell: CellError) -> None:
        field = self._fields[index]
        if field != "ordinal":
            self.blame(field, cell.code, text=cell.text)

    # For subclasses ----------------------------------------------------------------------

    def header(self, field: str) -> str | None:
        """A field's column as the sheet calls it."""
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
            name: _repeatable(value) if isinstance(value, str) else value
            for name, value in without_sealed(field, params).items()
        }
        self._problems.append(Problem(self._row, self.header(field), code, severity, kept))

    def end_if_bad(self) -> None:
        """Raise `BadRow` if this row has an error."""
        if self._problems and any(problem.severity == "error" for problem in self._problems):
            raise BadRow

    def source(self) -> Source:
        """Where this row was read."""
        return Source(self.source_kind, "certain", self._reference, self._row)

    def name(self, values: Values) -> str:
        """The recipient's printed name; an error is noted if there is none."""
        name = values["name"]
        if name is None:
            self.blame("name", "name-missing")
            return ""
        return name if type(name) is str else shown(name)

    def read_forms(self, values: Values) -> list[tuple[str, ReadForm]]:
        """Forms of the row as typed and as understood: one, or a form and a title."""
        found = []
        for field in ("form", "title"):
            cell = values.get(field)
            if cell is None:
                continue
            typed = cell if type(cell) is str else shown(cell)
            award_class = values.get("class")
            if award_class is not None and field == "form":
                typed = _with_class(typed, shown(award_class))
            form = self.forms.read(typed)
            if isinstance(form, FormProblem):
                self.blame(field, form.code, **form.params)
            else:
                found.append((typed, form))
        if not found and not self._problems:
            self.blame("form", "form-missing")
        return found

    def date(self, field: str, values: Values) -> str | None:
        """A date column as EDTF, or None; an error is noted if it says no date."""
        cell = values.get(field)
        if cell is None:
            return None
        try:
            return parse_typed_date(cell)
        except BadDate as error:
            self.blame(field, error.code, **_as_params(error.params))
            return None

    def person(self, values: Values, sex: Sex | None = None) -> Person:
        """The person a row speaks of: the year of birth in the clear, the rest to be sealed."""
        person_id = new_id()
        subject = str(person_id)
        born = self.date("born", values)
        birth_date: Clear | None = None
        if born is not None and len(born) > len("1985~"):
            birth_date = Clear(subject, "birth-date", born)
            born = _year_of(born)
        return Person(
            id=person_id,
            sex=self.sex(values) or sex,
            born=born,
            native_place=self.text("native_place", values),
            birth_date=birth_date,
            residence=self._residence(subject, values),
        )

    def sex(self, values: Values) -> Sex | None:
        """The person's sex if the sheet tells; an unknown word is doubted."""
        cell = values.get("sex")
        if cell is None:
            return None
        sex = _SEXES.get(_folded(shown(cell)))
        if sex is None:
            self.doubt("sex", "sex-unknown", typed=shown(cell)[:TYPED_CHARACTERS_MAX])
        return sex

    def conferral(self, values: Values) -> Conferral:
        """Living or posthumous, by the column that says so; an unknown word is doubted."""
        cell = values.get("posthumous")
        if cell is None:
            return "living"
        typed = _folded(shown(cell))
        if typed in _YES or "truy tang" in typed:
            return "posthumous"
        if typed not in _NO:
            shortened = shown(cell)[:TYPED_CHARACTERS_MAX]
            self.doubt("posthumous", "posthumous-unclear", typed=shortened)
        return "living"

    def text(self, field: str, values: Values) -> str | None:
        """A column's text, or None."""
        cell = values.get(field)
        return cell if cell is None or type(cell) is str else shown(cell)

    def _residence(self, subject: str, values: Values) -> Clear | None:
        residence = self.text("residence", values)
        if residence is None:
            return None
        if len(residence) > LINE_CHARACTERS_MAX:
            limit, length = LINE_CHARACTERS_MAX, len(residence)
            self.blame("residence", "text-too-long", limit=limit, length=length)
        return Clear(subject, "residence", residence)


@lru_cache(WORDS_REMEMBERED_MAX)
def _folded(typed: str) -> str:
    """The folded text of a column that has a word or two to choose from."""
    return fold(typed)


def _is_clean_text(cells: list[Cell]) -> TypeGuard[list[str]]:
    """Whether all cells are text without anything unprintable: nearly all rows of a .csv."""
    try:
        return "".join(cells).isprintable()  # type: ignore[arg-type]  # that is the question
    except TypeError:
        return False


def _repeatable(typed: str) -> str:
    """What was typed without long numbers: in a shifted column they are papers or phones."""
    return _LONG_NUMBER.sub("…", typed)


def shown(cell: Cell) -> str:
    """A cell that is not text as a sheet shows it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, date):
        return f"{cell.day:02}/{cell.month:02}/{cell.year}"
    return "" if cell is None or isinstance(cell, CellError) else str(cell)


def _year_of(born: str) -> str:
    """The year of a date, with its mark of doubt if it has one."""
    partial = parse_edtf(born)
    mark = "~" if partial.approximate else "?" if partial.uncertain else ""
    return f"{partial.year}{mark}"


def _with_class(form: str, award_class: str) -> str:
    return f"{form} {award_class}" if "hang" in fold(award_class) else f"{form} hạng {award_class}"


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, str):
        return cell.strip(_NUMBER_PUNCTUATION).isdigit()
    return isinstance(cell, int | float)


def _is_numbering(cells: tuple[Cell, ...]) -> bool:
    """Whether a line below the header only numbers the columns: 1, 2, 3 or (1), (2), (3)."""
    filled = [shown(cell).strip(_NUMBER_PUNCTUATION) for cell in cells if not _is_blank(cell)]
    expected = [str(number) for number in range(1, len(filled) + 1)]
    return len(filled) > _LAST_FILLED_MAX and filled == expected


def _as_params(params: Mapping[str, str | int]) -> dict[str, str | int]:
    return dict(params)
