"""Rows of a list that belongs to one decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.sheets.cell_texts import TYPED_CHARACTERS_MAX, shown
from api.sheets.decision_texts import normalized, split_number
from api.sheets.line_reading import Values
from api.sheets.names import split_post
from api.sheets.row_results import DecisionMention
from api.sheets.rows import SEX_OF_HONORIFIC, RowReader
from registry.award import RecordAward
from registry.recipient import Recipient, RecipientKind
from registry.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.sheets.layout import Layout
    from registry.catalogue import Catalogue
    from registry.recipient import Person

HOUSEHOLD_CATEGORY: Final = "Hộ gia đình"

_PERSONAL_FIELDS: Final = ("sex", "born", "native_place", "residence")


class DecisionRowReader(RowReader):
    """Reads the rows of a decision's own list, or of the field's two templates."""

    source_kind = "original-decision"

    def __init__(  # noqa: PLR0917 - made in one place
        self,
        layout: Layout,
        file_name: str,
        catalogue: Catalogue,
        answers: Mapping[str, str],
        decision: DecisionMention,
        part: int = 0,
    ) -> None:
        """Prepare for a layout; every award is of the one decision."""
        super().__init__(layout, file_name, catalogue, answers, part)
        self._decision = decision
        self._names_decision = bool({"number", "number_date"} & layout.places.keys())

    def _awards(self, values: Values) -> tuple[DecisionMention | None, tuple[RecordAward, ...]]:
        named = self.name(values)
        category = self._category(values)
        honorific = self.text("honorific", values) or named.honorific
        kind, name, post = self._kind(values, category, named.text, honorific)
        forms = self.read_forms(values, self._decision.issuer)
        if self._names_decision:
            self._compare_decision(values)
        persons = self._persons(kind, honorific, values)
        self.end_if_bad()
        recipient = Recipient(
            kind=kind or "individual",
            name=name,
            persons=persons,
            honorific=honorific,
            position=self.position(values) or (post if self._unit(values) else None),
            unit=self._unit(values) or post,
            category=category,
        )
        conferral = self.conferral(values)
        self.end_if_bad()
        source = self.source()
        field_of_activity = self._field_of_activity(values)
        return self._decision, tuple(
            RecordAward(
                recipient=recipient,
                form=one.form.code,
                source=source,
                form_typed=one.typed,
                award_class=one.form.award_class,
                conferral="posthumous" if one.form.posthumous else conferral,
                merit=self.text("merit", values),
                field_of_activity=field_of_activity,
                mode=self.text("mode", values),
                note=self.text("note", values),
            )
            for one in forms
        )

    def _kind(
        self, values: Values, category: str | None, name: str, honorific: str | None
    ) -> tuple[RecipientKind | None, str, str | None]:
        """By the row's own word; else by its category, section, name, header, or Ông and Bà.

        Also the name without the post that follows it in the cell of a person, and the post.
        """
        kind = self._kind_in_row(values, category, honorific)
        if kind is None and honorific is None:
            kind = self.kind_said(name)
        if "name_post" in self.layout.places and (kind == "individual" or honorific is not None):
            name, post = split_post(name)
            return kind or "individual", name, post
        if kind is None and not self._problems:
            self.blame("kind", "kind-missing")
        return kind, name, None

    def _kind_in_row(
        self, values: Values, category: str | None, honorific: str | None
    ) -> RecipientKind | None:
        kind = self.kind_in(values)
        if kind is not None or values.get("kind") is not None:
            return kind
        if category == HOUSEHOLD_CATEGORY:
            return "household"
        if honorific is None:
            return None
        given = self._context.kind or self.layout.recipient_kind
        if given in {"individual", "household"}:
            return given
        return "individual" if fold(honorific) in SEX_OF_HONORIFIC else given

    def _compare_decision(self, values: Values) -> None:
        """A row that names another decision than the clerk is not one of that decision's list."""
        typed = self.text("number", values) or self.text("number_date", values)
        if typed is None:
            return
        number, _ = split_number(typed)
        if normalized(number) != normalized(self._decision.number):
            field = "number" if "number" in self.layout.places else "number_date"
            self.blame(field, "decision-differs", typed=number, number=self._decision.number)

    def _persons(
        self, kind: RecipientKind | None, honorific: str | None, values: Values
    ) -> tuple[Person, ...]:
        """The person that the row speaks of; a collective is none, a household need not be."""
        filled = [field for field in _PERSONAL_FIELDS if values.get(field) is not None]
        if kind == "individual" or (kind == "household" and filled):
            return (self.person(values, SEX_OF_HONORIFIC.get(fold(honorific or ""))),)
        for field in filled:
            self.doubt(field, "not-of-a-collective")
        return ()

    def _unit(self, values: Values) -> str | None:
        parts = [self.text(field, values) for field in ("room", "unit")]
        return ", ".join(part for part in parts if part) or None

    def _category(self, values: Values) -> str | None:
        """The category by its known name, or by its code; one that is not in the list is kept."""
        cell = values.get("category")
        code = values.get("category_code")
        if cell is None:
            cell, code = code, None
        if cell is None:
            return None
        typed, names = shown(cell), self.layout.codes.categories
        known = self.catalogue.recipient_category(typed, names)
        if known is None and code is not None:
            known = self.catalogue.recipient_category(shown(code), names)
        if known is None:
            self.doubt("category", "category-unknown", typed=typed[:TYPED_CHARACTERS_MAX])
            return names.get(typed, typed)
        return known

    def _field_of_activity(self, values: Values) -> str | None:
        cell = values.get("field_of_activity")
        if cell is None:
            cell = values.get("field_of_activity_code")
        if cell is None:
            return None
        known = self.catalogue.field_of_activity(shown(cell))
        if known is None:
            typed = shown(cell)[:TYPED_CHARACTERS_MAX]
            self.doubt("field_of_activity", "field-unknown", typed=typed)
            return shown(cell)
        return known
