"""Rows of an old register: each names its own decision, as it writes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from api.sheets.decision_texts import split_number
from api.sheets.line_reading import Values
from api.sheets.names import split_post
from api.sheets.row_results import DecisionMention, RowName
from api.sheets.rows import SEX_OF_HONORIFIC, RowReader
from registry.award import GoldenBook, RecordAward
from registry.recipient import Recipient, RecipientKind
from registry.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.sheets.forms import ReadForm
    from api.sheets.layout import Layout
    from registry.catalogue import Catalogue
    from registry.recipient import Person

_DIGIT: Final = re.compile(r"\d")


class LegacyRowReader(RowReader):
    """Reads the rows of a golden book or another old register."""

    def __init__(  # noqa: PLR0917 - made in one place
        self,
        layout: Layout,
        file_name: str,
        catalogue: Catalogue,
        answers: Mapping[str, str],
        book: str | None = None,
        part: int = 0,
    ) -> None:
        """Prepare for a layout; `book` names the golden book whose numbers the rows carry."""
        super().__init__(layout, file_name, catalogue, answers, part)
        self._book = book
        # The board of honour goes to families: the name in the register is its head's.
        self._family_forms = {
            form.code for form in catalogue.forms if form.recipients == ("family",)
        }
        if "golden_number" in layout.places:
            self.source_kind = "golden-book"

    def _awards(self, values: Values) -> tuple[DecisionMention | None, tuple[RecordAward, ...]]:
        named = self.name(values)
        honorific = self.text("honorific", values) or named.honorific
        name, post = named.text, None
        issuer = self.text("issuer", values)
        forms = self.read_forms(values, issuer)
        number, awarded_on = self._decision(values)
        kind = self.kind_in(values) or self.kind_said(name)
        if "name_post" in self.layout.places and kind != "collective":
            name, post = split_post(name)
        person = self.person(values, SEX_OF_HONORIFIC.get(fold(honorific)) if honorific else None)
        conferral = self.conferral(values)
        self.end_if_bad()
        source = self.source()
        awards = tuple(
            RecordAward(
                recipient=self._recipient(
                    RowName(name, honorific), person, kind, one.form, values, post
                ),
                form=one.form.code,
                source=source,
                number_typed=one.number or number,
                issuer_typed=issuer,
                awarded_on=awarded_on,
                form_typed=one.typed,
                award_class=one.form.award_class,
                conferral="posthumous" if one.form.posthumous else conferral,
                merit=self.text("merit", values),
                golden_book=self._golden_book(values),
                mode=self.text("mode", values),
                note=self.text("note", values),
                listed=False,
            )
            for one in forms
        )
        return _mention(number, issuer, awarded_on), awards

    def _decision(self, values: Values) -> tuple[str | None, str | None]:
        """Number and day of the decision, also where both stand in one cell."""
        number = self.text("number", values)
        if number is None:
            number = self.text("number_date", values)
        awarded_on = self.date("decided_on", values)
        if number is None or awarded_on is not None or values.get("decided_on") is not None:
            return number, awarded_on
        number, day = split_number(number)
        if day is not None:
            awarded_on = self.date("number_date", {"number_date": day})
        return number, awarded_on

    def _recipient(  # noqa: PLR0917 - used in one place
        self,
        name: RowName,
        person: Person,
        kind: RecipientKind | None,
        form: ReadForm,
        values: Values,
        post: str | None,
    ) -> Recipient:
        kind = kind or "individual"
        if kind == "individual" and form.code in self._family_forms:
            kind = "family"
        return Recipient(
            kind=kind,
            name=name.text,
            persons=() if kind == "collective" else (person,),
            honorific=name.honorific,
            position=self.position(values) or (post if self.text("unit", values) else None),
            unit=self.text("unit", values) or post,
        )

    def _golden_book(self, values: Values) -> GoldenBook | None:
        number = self.text("golden_number", values)
        return None if number is None else GoldenBook(number, self._book)


def _mention(
    number: str | None, issuer: str | None, decided_on: str | None
) -> DecisionMention | None:
    """The decision that a row names, if it names one for certain.

    Without its date a number is not a decision, for numbers begin anew each year; and "unknown"
    in the column of numbers is not a number.
    """
    if number is None or issuer is None or decided_on is None:
        return None
    if _DIGIT.search(number) is None:
        return None
    return DecisionMention(number, issuer, decided_on)
