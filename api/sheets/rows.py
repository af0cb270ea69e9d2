"""A row of a sheet becomes awards to record, or the reasons why it does not.

What is written here is shared by both kinds of list; `decision_rows` and `legacy_rows` say what
their columns mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from api.sheets.cell_texts import (
    NO,
    TYPED_CHARACTERS_MAX,
    YES,
    folded_word,
    is_marked,
    shown,
    with_class,
)
from api.sheets.forms import FormProblem, ReadForm, is_no_award
from api.sheets.line_reading import LineReader, Values, as_params
from api.sheets.months import day_first, is_unclear
from api.sheets.names import honorific_of, kind_of_name, speaks_of_two
from api.sheets.row_results import RowForm, RowName
from api.sheets.vocabulary import bare_heading
from registry.dates import BadDate, parse_edtf, parse_typed_date
from registry.identifiers import new_id
from registry.personal import Clear
from registry.recipient import Person, RecipientKind, Sex
from registry.rules import LINE_CHARACTERS_MAX
from registry.text import fold

if TYPE_CHECKING:
    from uuid import UUID

    from api.sheets.cells import Cell
    from registry.award import Conferral

SEX_OF_HONORIFIC: Final[Mapping[str, Sex]] = {"ong": "male", "ba": "female"}
_SEXES: Final[Mapping[str, Sex]] = {"nam": "male", "ong": "male", "nu": "female", "ba": "female"}
_SCHOOL_YEAR: Final = re.compile(
    r"\s*(?:năm học\s*)?([12]\d{3})\s*[-–/]\s*([12]\d{3})\s*", re.IGNORECASE
)
_TAKEN_BACK: Final = re.compile(r"(?:da |bi )*(?:thu hoi|dieu chinh|huy bo|tuoc)\b")


class RowReader(LineReader):
    """Reads the rows of one list: names, kinds, forms, dates and persons of either kind of list."""

    _asks_about_two = True

    def name(self, values: Values) -> RowName:
        """The recipient's printed name, and what else its cell says; an error if there is none."""
        cell = values.get("name_post") or values["name"]
        if cell is None:
            self.blame("name", "name-missing")
            return RowName("")
        name = cell if type(cell) is str else shown(cell)
        for part in self._name_parts:
            given = values[part]
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
        if not self._says_kinds:
            return None
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
        if rank is None:
            return position or None
        return ", ".join(part for part in (rank, position) if part) or None

    def read_forms(self, values: Values, issuer: str | None) -> list[RowForm]:
        """Forms of the row as typed and as understood: one, a form and a title, or those marked."""
        if self.layout.marks:
            return self._marked_forms(values, issuer)
        found: list[RowForm] = []
        for field in self._form_fields:
            cell = values[field]
            if cell is None:
                continue
            typed = cell if type(cell) is str else shown(cell)
            award_class = values.get("class")
            if award_class is not None and field == "form":
                typed = with_class(typed, shown(award_class))
            code = values[f"{field}_code"] if field in self._coded_fields else None
            read = (
                self.forms.read(typed, issuer)
                if code is None
                else self.forms.read_both(typed, shown(code), issuer)
            )
            self._take_form(field, typed, read, found)
        for coded in self._coded_fields:
            code = values[f"{coded}_code"]
            if code is not None and values.get(coded) is None:
                self._take_form(coded, shown(code), self.forms.read(shown(code), issuer), found)
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
        if not found or not any(one.form == read for one in found):
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
            marked = None if cell is None else is_marked(shown(cell))
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
        years = field == "decided_on" and self._says_years and isinstance(cell, str)
        school_year = _SCHOOL_YEAR.fullmatch(shown(cell)) if years else None
        if school_year and int(school_year[2]) == int(school_year[1]) + 1:
            # What a school year is awarded for is awarded at its end, most likely.
            self._notes.append(("school-year-taken", {}))
            return f"{school_year[2]}?"
        try:
            return parse_typed_date(cell)
        except BadDate as error:
            self.blame(field, error.code, **as_params(error.params))
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
        born, sex_of_column = self._born(values)
        birth_date: Clear | None = None
        if born is not None and len(born) > len("1985~"):
            birth_date = Clear(str(person_id), "birth-date", born)
            born = _year_of(born)
        return Person(
            id=person_id,
            sex=self.sex(values) or sex_of_column or sex,
            born=born,
            native_place=self.text("native_place", values),
            birth_date=birth_date,
            residence=self._residence(person_id, values),
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
            if (cell := values.get(field)) is not None and folded_word(shown(cell)) not in NO
        ]
        if len(filled) > 1:
            self.blame("born_female", "born-under-both")
        if len(filled) != 1:
            return born, None
        field, sex = filled[0]
        if is_marked(shown(values[field])):
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
        sex = _SEXES.get(folded_word(shown(cell)))
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
        typed = folded_word(shown(cell))
        if typed in YES or "truy tang" in typed:
            return "posthumous"
        if is_no_award(typed):
            self.blame("posthumous", "nature-no-award", typed=shown(cell)[:TYPED_CHARACTERS_MAX])
        elif typed not in NO:
            shortened = shown(cell)[:TYPED_CHARACTERS_MAX]
            self.doubt("posthumous", "posthumous-unclear", typed=shortened)
        return "posthumous" if posthumous else "living"

    def _said_by_note(self, note: str) -> bool:
        """Whether a note says Truy tặng; one that takes the award back is asked about."""
        folded = fold(note)
        if _TAKEN_BACK.match(folded):
            self.blame("note", "nature-no-award", typed=note[:TYPED_CHARACTERS_MAX])
        return folded.startswith("truy tang")

    def _residence(self, person_id: UUID, values: Values) -> Clear | None:
        residence = self.text("residence", values)
        if residence is None:
            return None
        if len(residence) > LINE_CHARACTERS_MAX:
            limit, length = LINE_CHARACTERS_MAX, len(residence)
            self.blame("residence", "text-too-long", limit=limit, length=length)
        return Clear(str(person_id), "residence", residence)


def _year_of(born: str) -> str:
    """The year of a date, with its mark of doubt if it has one."""
    partial = parse_edtf(born)
    mark = "~" if partial.approximate else "?" if partial.uncertain else ""
    return f"{partial.year}{mark}"
