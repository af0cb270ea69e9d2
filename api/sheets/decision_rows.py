"""Rows of a list that belongs to one decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from api.sheets.rows import TYPED_CHARACTERS_MAX, DecisionMention, RowReader, Values, shown
from registry.award import RecordAward
from registry.recipient import Recipient, RecipientKind
from registry.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.sheets.layout import Layout
    from registry.catalogue import Catalogue
    from registry.recipient import Person, Sex

HOUSEHOLD_CATEGORY: Final = "Hộ gia đình"

_SEX_OF_HONORIFIC: Final[Mapping[str, Sex]] = {"ong": "male", "ba": "female"}
_PERSONAL_FIELDS: Final = ("sex", "born", "native_place", "residence")


class DecisionRowReader(RowReader):
    """Reads the rows of a decision's own list, or of the field's two templates."""

    source_kind = "original-decision"

    def __init__(
        self,
        layout: Layout,
        file_name: str,
        catalogue: Catalogue,
        answers: Mapping[str, str],
        decision: DecisionMention,
    ) -> None:
        """Prepare for a layout; every award is of the one decision."""
        super().__init__(layout, file_name, catalogue, answers)
        self._decision = decision

    def _awards(self, values: Values) -> tuple[DecisionMention | None, tuple[RecordAward, ...]]:
        name = self.name(values)
        category = self._category(values)
        kind = self._kind(values, category)
        forms = self.read_forms(values)
        honorific = self.text("honorific", values)
        persons = self._persons(kind, honorific, values)
        self.end_if_bad()
        recipient = Recipient(
            kind=kind or "individual",
            name=name,
            persons=persons,
            honorific=honorific,
            position=self.text("position", values),
            unit=self._unit(values),
            category=category,
        )
        conferral = self.conferral(values)
        source = self.source()
        field_of_activity = self._field_of_activity(values)
        return self._decision, tuple(
            RecordAward(
                recipient=recipient,
                form=form.code,
                source=source,
                form_typed=typed,
                award_class=form.award_class,
                conferral="posthumous" if form.posthumous else conferral,
                merit=self.text("merit", values),
                field_of_activity=field_of_activity,
                mode=self.text("mode", values),
                note=self.text("note", values),
            )
            for typed, form in forms
        )

    def _kind(self, values: Values, category: str | None) -> RecipientKind | None:
        """By the row's own word; else by its category, the header of names, or Ông and Bà."""
        cell = values.get("kind")
        if cell is not None:
            kind = self.catalogue.kind(shown(cell))
            if kind is None:
                self.blame("kind", "kind-unknown", typed=shown(cell)[:TYPED_CHARACTERS_MAX])
            return cast("RecipientKind | None", kind)
        if category == HOUSEHOLD_CATEGORY:
            return "household"
        if self.layout.recipient_kind is not None:
            return self.layout.recipient_kind
        if fold(self.text("honorific", values) or "") in _SEX_OF_HONORIFIC:
            return "individual"
        self.blame("kind", "kind-missing")
        return None

    def _persons(
        self, kind: RecipientKind | None, honorific: str | None, values: Values
    ) -> tuple[Person, ...]:
        """The person that the row speaks of; a collective is none, a household need not be."""
        filled = [field for field in _PERSONAL_FIELDS if values.get(field) is not None]
        if kind == "individual" or (kind == "household" and filled):
            return (self.person(values, _SEX_OF_HONORIFIC.get(fold(honorific or ""))),)
        for field in filled:
            self.doubt(field, "not-of-a-collective")
        return ()

    def _unit(self, values: Values) -> str | None:
        parts = [self.text(field, values) for field in ("room", "unit")]
        return ", ".join(part for part in parts if part) or None

    def _category(self, values: Values) -> str | None:
        """The category by its known name; one that is not in the list is kept as typed."""
        cell = values.get("category")
        if cell is None:
            return None
        typed, names = shown(cell), self.layout.codes.categories
        known = self.catalogue.recipient_category(typed, names)
        if known is None:
            self.doubt("category", "category-unknown", typed=typed[:TYPED_CHARACTERS_MAX])
            return names.get(typed, typed)
        return known

    def _field_of_activity(self, values: Values) -> str | None:
        cell = values.get("field_of_activity")
        if cell is None:
            return None
        known = self.catalogue.field_of_activity(shown(cell))
        if known is None:
            typed = shown(cell)[:TYPED_CHARACTERS_MAX]
            self.doubt("field_of_activity", "field-unknown", typed=typed)
            return shown(cell)
        return known
