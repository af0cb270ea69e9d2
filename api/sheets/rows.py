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
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeGuard, cast

from api.sheets.cells import Cell, CellError, Row
from api.sheets.column_answers import ColumnAnswers
from api.sheets.forms import FormProblem, FormReader, ReadForm, is_no_award
from api.sheets.lines import Context, row_of
from api.sheets.months import day_first, is_unclear
from api.sheets.names import honorific_of, kind_of_name, speaks_of_two
from api.sheets.vocabulary import bare_heading, field_of
from registry.award import RecordAward
from registry.dates import BadDate, parse_edtf, parse_typed_date
from registry.identifiers import new_id
from registry.personal import Clear, is_sealed_field, without_sealed
from registry.recipient import Person, RecipientKind, Sex
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

SEX_OF_HONORIFIC: Final[Mapping[str, Sex]] = {"ong": "male", "ba": "female"}
_SEXES: Final[Mapping[str, Sex]] = {"nam": "male", "ong": "male", "nu": "female", "ba": "female"}
_YES: Final = frozenset({"x", "co", "v", "1", "true", "yes", "✓", "✔"})
_NO: Final = frozenset({"", "khong", "0", "false", "no", "-", "tang", "tang thuong"})
_MARKS: Final = frozenset({"√", "☑", "+", "*", "●", "đạt", "dat"})
_LAST_FILLED_MAX: Final = 1
_INVISIBLE: Final = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x180E))
"""Soft hyphen and characters of no width: no letters of a name."""
_FIELDS_WHOSE_ERRORS_DO_NOT_MATTER: Final = frozenset(
    {"ordinal", "identity", "form_code", "title_code", "kind_code", "category_code",
     "field_of_activity_code"}
)  # fmt: skip
_SCHOOL_YEAR: Final = re.compile(
    r"\s*(?:năm học\s*)?([12]\d{3})\s*[-–/]\s*([12]\d{3})\s*", re.IGNORECASE
)
_TAKEN_BACK: Final = re.compile(r"(?:da |bi )*(?:thu hoi|dieu chinh|huy bo|tuoc)\b")
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
    notes: tuple[tuple[str, Mapping[str, str | int]], ...] = ()
    """What should be said of many rows at once."""


@dataclass(frozen=True, slots=True)
class RowName:
    """A name, and the honorific that stood in front of it in the same cell."""

    text: str
    honorific: str | None = None


@dataclass(frozen=True, slots=True)
class RowForm:
    """A form as typed and as understood; `number` is the decision's in a column of its own."""

    typed: str
    form: ReadForm
    number: str | None = None


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
    _asks_about_two = True

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
        self._no_context = self._context = Context(part)
        self._month_first = layout.month_first
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
        rest = [cell for at, cell in enumerate(cells) if at != place and not _is_blank(cell)]
        if not rest:
            return True
        return len(rest) <= _LAST_FILLED_MAX and not _is_number(values.get("ordinal"))

    def _has_given_form(self) -> bool:
        """Whether the list has a column for each form, or its title or a section says the form."""
        return bool(
            self.layout.marks
            or self.layout.title.form is not None
            or self._context.form is not None
        )

    def _skipped(self, cells: tuple[Cell, ...], code: str) -> SkippedLine | None:
        if all(_is_blank(cell) for cell in cells):
            return None
        # What stands in columns of sealed values, or in none that is known, is not repeated.
        known = [place for name, place in self.layout.places.items() if not is_sealed_field(name)]
        told = (cells[place] for place in sorted(known) if place < len(cells))
        text = " ".join(shown(cell) for cell in told if not _is_blank(cell))
        typed = text.encode("utf-8", "replace").decode()[:TYPED_CHARACTERS_MAX]
        params = {"typed": _repeatable(typed)} if typed else {}
        place = self.layout.places.get("ordinal")
        has_ordinal = place is not None and place < len(cells) and not _is_blank(cells[place])
        column = self.header("ordinal") if has_ordinal else None
        return SkippedLine(self._row, Problem(self._row, column, code, "warning", params))

    # Cells -------------------------------------------------------------------------------

    def _cleaned(self, cells: tuple[Cell, ...]) -> list[Cell]:
        """The cells of known columns, cleaned. Raises `BadRow` if one cannot be used."""
        chosen = [cells[place] for place in self._places]
        if _is_clean_text(chosen):
            return [cell.strip() or None for cell in chosen]
        if all(_is_blank(cell) for cell in cells):
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
            code = "letter-unreadable" if _is_broken(cell) else "text-unprintable"
            self.blame(self._fields[index], code, **_as_params(error.params))
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
        return Source(self.source_kind, "certain", self._reference, row_of(self._row))

    def name(self, values: Values) -> RowName:
        """The recipient's printed name, and what else its cell says; an error if there is none."""
        cell = values.get("name_post") or values["name"]
        if cell is None:
            self.blame("name", "name-missing")
            return RowName("")
        name = cell if type(cell) is str else shown(cell)
        for part in ("middle_name", "given_name"):
            given = values.get(part)
            if given is not None:
                name = f"{name} {shown(given)}"
        honorific: str | None = None
        if values.get("honorific") is None:
            honorific, name = honorific_of(name, surely=self._has_honorifics)
        has_post = values.get("name_post") is not None
        if self._asks_about_two and speaks_of_two(name, has_post=has_post):
            self.blame("name", "name-of-two", typed=name[:TYPED_CHARACTERS_MAX])
        return RowName(name, honorific)

    def kind_said(self, name: str) -> RecipientKind | None:
        """The kind by the section, by the words of the name, by the header or title of the list."""
        given = self._context.kind
        if given is not None:
            return given
        header = self.layout.recipient_kind
        said = kind_of_name(name, surely=header is not None) or header
        return self._answers.kind_of(None) if said is None else said

    def kind_in(self, values: Values) -> RecipientKind | None:
        """The kind that the row's own columns say; an error is noted if they say none that is."""
        for field in ("kind", "kind_code"):
            cell = values.get(field)
            kind = None if cell is None else self.catalogue.kind(shown(cell))
            if kind is not None:
                return cast("RecipientKind", kind)
        cell = values.get("kind")
        answered = self._answers.kind_of(None if cell is None else shown(cell))
        if cell is not None and answered is None:
            self.blame("kind", "kind-unknown", typed=shown(cell)[:TYPED_CHARACTERS_MAX])
        return answered if cell is not None else None

    def position(self, values: Values) -> str | None:
        """The rank and the position."""
        rank, position = self.text("rank", values), self.text("position", values)
        return ", ".join(part for part in (rank, position) if part) or None

    def read_forms(self, values: Values, issuer: str | None) -> list[RowForm]:
        """Forms of the row as typed and as understood: one, a form and a title, or those marked."""
        if self.layout.marks:
            return self._marked_forms(values, issuer)
        found: list[RowForm] = []
        for field in ("form", "title"):
            cell = values.get(field)
            if cell is None:
                continue
            typed = cell if type(cell) is str else shown(cell)
            award_class = values.get("class")
            if award_class is not None and field == "form":
                typed = _with_class(typed, shown(award_class))
            code = values.get(f"{field}_code")
            read = (
                self.forms.read(typed, issuer)
                if code is None
                else self.forms.read_both(typed, shown(code), issuer)
            )
            self._take_form(field, typed, read, found)
        for field in ("form", "title"):
            code = values.get(f"{field}_code")
            if code is not None and values.get(field) is None:
                self._take_form(field, shown(code), self.forms.read(shown(code), issuer), found)
        if not found and not self._problems:
            self._take_given_form(issuer, found)
        if not found and not self._problems:
            self.blame("form", "form-missing")
        return found

    def _take_form(
        self,
        field: str,
        typed: str,
        read: ReadForm | FormProblem,
        found: list[RowForm],
        number: str | None = None,
    ) -> None:
        """Keep a form that was understood, once; note why one was not."""
        if isinstance(read, FormProblem):
            self.blame(field, read.code, **read.params)
            return
        if read.taken:
            named = self.catalogue.form(read.code).name_vi
            self._notes.append(
                ("form-taken", {"typed": typed[:TYPED_CHARACTERS_MAX], "form": named})
            )
        if not any(one.form == read for one in found):
            found.append(RowForm(typed, read, number))

    def _take_given_form(self, issuer: str | None, found: list[RowForm]) -> None:
        """The form that a section or the title says."""
        typed = self._context.form or self.layout.title.form
        if typed is not None:
            self._take_form("form", typed, self.forms.read(typed, issuer), found)

    def _marked_forms(self, values: Values, issuer: str | None) -> list[RowForm]:
        """The forms in whose columns the row has a mark."""
        found: list[RowForm] = []
        for place, mark in enumerate(self.layout.marks):
            cell = values.get(f"mark:{place}")
            number = values.get(f"mark-number:{place}")
            marked = None if cell is None else _is_marked(shown(cell))
            if marked:
                heading = bare_heading(mark.heading)
                read = self.forms.read(heading, issuer)
                typed_number = None if number is None else shown(number)
                self._take_form(f"mark:{place}", heading, read, found, typed_number)
            elif marked is None and cell is not None:
                self.blame(
                    f"mark:{place}", "mark-unclear", typed=shown(cell)[:TYPED_CHARACTERS_MAX]
                )
            elif number is not None and cell is None:
                self.blame(f"mark-number:{place}", "mark-missing", typed=shown(number)[:100])
        return found

    def date(self, field: str, values: Values) -> str | None:
        """A date column as EDTF, or None; an error is noted if it says no date."""
        cell = values.get(field)
        if cell is None:
            return None
        if field in self._month_first or field in self._answers.month_first:
            cell = self._month_first_date(field, cell)
        school_year = _SCHOOL_YEAR.fullmatch(cell) if isinstance(cell, str) else None
        if school_year and field == "decided_on" and int(school_year[2]) == int(school_year[1]) + 1:
            # What a school year is awarded for is awarded at its end, most likely.
            self._notes.append(("school-year-taken", {}))
            return f"{school_year[2]}?"
        try:
            return parse_typed_date(cell)
        except BadDate as error:
            self.blame(field, error.code, **_as_params(error.params))
            return None

    def _month_first_date(self, field: str, cell: Cell) -> Cell:
        """A date of a column that puts the month first: put right if the clerk said so."""
        if not is_unclear(cell) or field in self._answers.day_first:
            return cell
        if field in self._answers.month_first:
            return day_first(shown(cell))
        self.blame(field, "date-month-first", typed=shown(cell)[:TYPED_CHARACTERS_MAX])
        return None

    def person(self, values: Values, sex: Sex | None = None) -> Person:
        """The person a row speaks of: the year of birth in the clear, the rest to be sealed."""
        person_id = new_id()
        subject = str(person_id)
        born, sex_of_column = self._born(values)
        birth_date: Clear | None = None
        if born is not None and len(born) > len("1985~"):
            birth_date = Clear(subject, "birth-date", born)
            born = _year_of(born)
        return Person(
            id=person_id,
            sex=self.sex(values) or sex_of_column or sex,
            born=born,
            native_place=self.text("native_place", values),
            birth_date=birth_date,
            residence=self._residence(subject, values),
        )

    def _born(self, values: Values) -> tuple[str | None, Sex | None]:
        """The birth, and the sex if it stands below Nam or Nữ."""
        born = self.date("born", values)
        if "born_male" not in self.layout.places:
            return born, None
        sexes: tuple[tuple[str, Sex], ...] = (("born_male", "male"), ("born_female", "female"))
        filled = [
            (field, sex)
            for field, sex in sexes
            if (cell := values.get(field)) is not None and _folded(shown(cell)) not in _NO
        ]
        if len(filled) > 1:
            self.blame("born_female", "born-under-both")
        if len(filled) != 1:
            return born, None
        field, sex = filled[0]
        if _is_marked(shown(values[field])):
            return born, sex
        under = self.date(field, values)
        if None not in (born, under) and born != under:
            self.blame(field, "born-twice", typed=shown(values[field])[:TYPED_CHARACTERS_MAX])
        return under or born, sex

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
        """Living or posthumous, by whatever says so; what is no award is refused.

        An unknown word in the column for it is doubted.
        """
        posthumous = self._context.is_posthumous or self.layout.title.is_posthumous
        note = values.get("note")
        if note is not None:
            posthumous = self._said_by_note(shown(note)) or posthumous
        cell = values.get("posthumous")
        if cell is None:
            return "posthumous" if posthumous else "living"
        typed = _folded(shown(cell))
        if typed in _YES or "truy tang" in typed:
            return "posthumous"
        if is_no_award(typed):
            self.blame("posthumous", "nature-no-award", typed=shown(cell)[:TYPED_CHARACTERS_MAX])
        elif typed not in _NO:
            shortened = shown(cell)[:TYPED_CHARACTERS_MAX]
            self.doubt("posthumous", "posthumous-unclear", typed=shortened)
        return "posthumous" if posthumous else "living"

    def _said_by_note(self, note: str) -> bool:
        """Whether a note says Truy tặng; one that takes the award back is asked about."""
        folded = fold(note)
        if _TAKEN_BACK.match(folded):
            self.blame("note", "nature-no-award", typed=note[:TYPED_CHARACTERS_MAX])
        return folded.startswith("truy tang")

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
    """Nothing, or a formula that gives nothing but an error."""
    return cell is None or type(cell) is CellError or (isinstance(cell, str) and not cell.strip())


def _is_broken(text: str) -> bool:
    """Whether a text holds a byte that its encoding does not have."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def _is_marked(text: str) -> bool | None:
    """Whether a cell of a form's column is a mark; None if it is neither that nor none."""
    typed = text.strip().casefold()
    if typed in _MARKS or _folded(typed) in _YES:
        return True
    return False if _folded(typed) in _NO else None


def _columns(layout: Layout) -> dict[str, int]:
    """Place of each field, and of the columns of marks."""
    columns = dict(layout.places)
    for number, mark in enumerate(layout.marks):
        columns[f"mark:{number}"] = mark.place
        if mark.number_place is not None:
            columns[f"mark-number:{number}"] = mark.number_place
    return columns


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, str):
        return cell.strip(_NUMBER_PUNCTUATION).isdigit()
    return isinstance(cell, int | float)


def _as_params(params: Mapping[str, str | int]) -> dict[str, str | int]:
    return dict(params)
