"""Rows of an old register: each names its own decision, as it writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from api.sheets.rows import DecisionMention, RowReader, Values, shown
from registry.award import GoldenBook, RecordAward
from registry.recipient import Recipient, RecipientKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.sheets.forms import ReadForm
    from api.sheets.layout import Layout
    from registry.catalogue import Catalogue
    from registry.recipient import Person


class LegacyRowReader(RowReader):
    """Reads the rows of a golden book or another old register."""

    def __init__(
        self,
        layout: Layout,
        file_name: str,
        catalogue: Catalogue,
        answers: Mapping[str, str],
        book: str | None = None,
    ) -> None:
        """Prepare for a layout; `book` names the golden book whose numbers the rows carry."""
        super().__init__(layout, file_name, catalogue, answers)
        self._book = book
        # The board of honour goes to families: the name in the register is its head's.
        self._family_forms = {
            form.code for form in catalogue.forms if form.recipients == ("family",)
        }
        if "golden_number" in layout.places:
            self.source_kind = "golden-book"

    def _awards(self, values: Values) -> tuple[DecisionMention | None, tuple[RecordAward, ...]]:
        name = self.name(values)
        forms = self.read_forms(values)
        awarded_on = self.date("decided_on", values)
        kind = self._kind(values)
        person = self.person(values)
        number, issuer = self.text("number", values), self.text("issuer", values)
        conferral = self.conferral(values)
        self.end_if_bad()
        source = self.source()
        awards = tuple(
            RecordAward(
                recipient=self._recipient(name, person, kind, form, values),
                form=form.code,
                source=source,
                number_typed=number,
                issuer_typed=issuer,
                awarded_on=awarded_on,
                form_typed=typed,
                award_class=form.award_class,
                conferral="posthumous" if form.posthumous else conferral,
                merit=self.text("merit", values),
                golden_book=self._golden_book(values),
                mode=self.text("mode", values),
                note=self.text("note", values),
                listed=False,
            )
            for typed, form in forms
        )
        return _mention(number, issuer, awarded_on), awards

    def _kind(self, values: Values) -> RecipientKind | None:
        """What the row itself says, or the header of its names."""
        cell = values.get("kind")
        if cell is None:
            return self.layout.recipient_kind
        kind = self.catalogue.kind(shown(cell))
        if kind is None:
            self.blame("kind", "kind-unknown", typed=shown(cell))
        return cast("RecipientKind | None", kind)

    def _recipient(
        self,
        name: str,
        person: Person,
        kind: RecipientKind | None,
        form: ReadForm,
        values: Values,
    ) -> Recipient:
        kind = kind or "individual"
        if kind == "individual" and form.code in self._family_forms:
            kind = "family"
        return Recipient(
            kind=kind,
            name=name,
            persons=() if kind == "collective" else (person,),
            honorific=self.text("honorific", values),
            position=self.text("position", values),
            unit=self.text("unit", values),
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
    if not any(character.isdigit() for character in number):
        return None
    return DecisionMention(number, issuer, decided_on)
