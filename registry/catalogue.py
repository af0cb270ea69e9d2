"""The catalogue of award forms: what a form is, what belongs to it, what is doubtful about it.

Reading order: `registry.award_form` (the entries), `registry.form_names` (from typed text to a
form), then this module, the only one that callers need. The JSON is read on first use.

The law of the decision's date applies to an award (reference.md 1.2), so nothing here refuses
an old form; what the catalogue merely recalls comes out as a `Remark`, which may warn.
"""

from __future__ import annotations

from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from registry.award_form import AuthorityPeriod, AwardForm, LegalSource, read_forms, read_json
from registry.dates import PartialDate, overlaps
from registry.errors import NotFound
from registry.form_names import (
    Ambiguous,
    ClassNotAllowed,
    FormNames,
    Found,
    Resolution,
    Unknown,
)
from registry.remark import Remark
from registry.spellings import ChoiceList

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Ambiguous",
    "AuthorityPeriod",
    "AwardForm",
    "Catalogue",
    "ClassNotAllowed",
    "Found",
    "LegalSource",
    "Resolution",
    "Unknown",
    "load_catalogue",
]

ISSUERS_CACHED_MAX: Final = 16_384
COLLECTIVE: Final = "collective"
FLAG: Final = "flag"

_ANY_CLASS: Final = "*"
_NO_SHEET: Final[Mapping[str, str]] = MappingProxyType({})


def _code_text(code: str) -> str:
    """Return a code as text; a spreadsheet may have made it a number (1650359884.0)."""
    stripped = code.strip()
    return stripped.removesuffix(".0") if stripped[:-2].isdigit() else stripped


def _agreed(ours: Resolution, theirs: Resolution) -> Resolution:
    """Return what two names of one code mean together; definite only if they agree."""
    if ours == theirs:
        return ours
    match ours, theirs:
        case (Found() as found, Ambiguous(candidates=codes)) if found.form_code in codes:
            return found
        case (Ambiguous(candidates=codes), Found() as found) if found.form_code in codes:
            return found
        case (Found(code, None), Found(other) as found) if code == other:
            return found
        case (Found(code) as found, Found(other, None)) if code == other:
            return found
    shared = tuple(code for code in _codes(ours) if code in _codes(theirs))
    return Ambiguous(shared or tuple(dict.fromkeys(_codes(ours) + _codes(theirs))))


def _codes(resolution: Resolution) -> tuple[str, ...]:
    match resolution:
        case Found(form_code=code) | ClassNotAllowed(form_code=code):
            return (code,)
        case Ambiguous(candidates=codes):
            return codes
        case Unknown():
            return ()


class Catalogue:
    """The forms of commendation and the lists that offices choose from; never changes."""

    def __init__(
        self,
        forms: tuple[AwardForm, ...],
        spellings: Mapping[str, Any],
        field_lists: Mapping[str, Any],
    ) -> None:
        self.forms = forms
        self._by_code = {form.code: form for form in forms}
        self._names = FormNames(forms, spellings)
        self._read = self._names.reader.read
        self._form_names_by_code: dict[str, str] = field_lists["award_form_codes"]
        self._category_names_by_code: dict[str, str] = field_lists["recipient_category_codes"]
        self._categories = self._list_of(field_lists["recipient_categories"])
        self._fields = self._list_of(field_lists["fields_of_activity"])
        self._kinds = ChoiceList({**spellings["kinds"], **field_lists["kind_codes"]}, self._read)
        self._settled = {
            self._names.name_words(name): [
                (self._read(body), code) for code, named in by_form.items() for body in named
            ]
            for name, by_form in spellings["settled_by_issuer"].items()
        }
        self._bodies = self._read_bodies(spellings["authority_bodies"])
        self._periods_naming = lru_cache(ISSUERS_CACHED_MAX)(self._find_periods_naming)
        # One decision has many awards: what is doubtful about one is so about the others.
        self._remarks = lru_cache(ISSUERS_CACHED_MAX)(self._find_remarks)

    def _list_of(self, names: list[str]) -> ChoiceList:
        return ChoiceList({name: name for name in names}, self._read)

    def _read_bodies(
        self, bodies: Mapping[str, Mapping[str, list[str]]]
    ) -> dict[str, dict[str, list[tuple[str, ...]]]]:
        return {
            authority: {key: [self._read(body) for body in named] for key, named in by.items()}
            for authority, by in bodies.items()
        }

    def find(self, code: str) -> AwardForm | None:
        """Return the form with this code, or None."""
        return self._by_code.get(code)

    def form(self, code: str) -> AwardForm:
        """Return the form with this code.

        Raises:
            NotFound: `award-form-unknown`.
        """
        form = self._by_code.get(code)
        if form is None:
            raise NotFound("award-form-unknown", form=code)
        return form

    def components(
        self,
        form_code: str,
        recipient_kind: str,
        on: PartialDate | None = None,  # noqa: ARG002 - no entry varies by date yet; the law does
    ) -> tuple[str, ...]:
        """Return the types of artifact that go with an award decided `on` a date.

        A flag goes to collectives only where Decree 85/2014, Art. 3(1)c says so. Empty for
        titles that come with money only (Decree 98/2023, Art. 54).

        Raises:
            NotFound: `award-form-unknown`.
        """
        form = self.form(form_code)
        if form.flag_for_collectives_only and recipient_kind != COLLECTIVE:
            return tuple(component for component in form.components if component != FLAG)
        return form.components

    def resolve(self, text: str, on: PartialDate | None = None) -> Resolution:
        """Return the form that a typed name means; see `registry.form_names`. Never fails.

        `on` is the decision's date: forms that did not exist then are not offered as candidates,
        unless no candidate would remain. It never makes a form Found or Unknown.
        """
        return self._names.resolve(text, on)

    def settled_by_issuer(self, text: str, issuer: str) -> str | None:
        """Return the form that a name of several forms means under one issuer, or None.

        “Bằng khen” of a province's chair is one form, of the Prime Minister another.
        """
        bodies = self._settled.get(self._names.name_words(text))
        if bodies is None:
            return None
        words = self._read(issuer)
        named = [(len(body), code) for body, code in bodies if words[: len(body)] == body]
        code = max(named)[1] if named else None
        return code if code in self._by_code else None

    def resolve_code(self, code: str, sheet_names: Mapping[str, str] = _NO_SHEET) -> Resolution:
        """Return the form meant by one of the field's numeric codes, or by a name in its place.

        `sheet_names` is the list of codes on the workbook's own sheet. Where it and our list
        name different forms the code is Ambiguous between both: offices have used one code for
        an order and for a medal.
        """
        key = _code_text(code)
        ours, theirs = self._form_names_by_code.get(key), sheet_names.get(key)
        if theirs is None:
            return self.resolve(ours or key)
        if ours is None:
            return self.resolve(theirs)
        return _agreed(self.resolve(ours), self.resolve(theirs))

    def recipient_category(
        self, text_or_code: str, sheet_names: Mapping[str, str] = _NO_SHEET
    ) -> str | None:
        """Return the field's name of a recipient category, or None if it is not in the list.

        None also where the workbook's own sheet gives the code another name than our list.
        """
        key = _code_text(text_or_code)
        ours = self._category_names_by_code.get(key)
        chosen = self._categories.choose(sheet_names.get(key, ours or key))
        return chosen if ours is None or chosen == ours else None

    def recipient_categories(self) -> Mapping[str, str]:
        """Return the field's recipient categories by their codes."""
        return self._category_names_by_code

    def field_of_activity(self, text: str) -> str | None:
        """Return the field's name of a field of activity, or None if it is not in the list."""
        return self._fields.choose(text)

    def kind(self, text_or_code: str) -> str | None:
        """Return `individual`, `collective` or `household` for the field's words, or None."""
        return self._kinds.choose(text_or_code)

    def remarks(
        self, form_code: str, award_class: str | None, issuer: str, on: PartialDate | None
    ) -> tuple[Remark, ...]:
        """Return what is doubtful about an award of this form by this issuer on this date.

        `form-outside-period`: the form did not exist then. `authority-outside-period`: the
        issuer granted this form, but at another time. Silent wherever the catalogue is: unknown
        dates, issuers that it does not name. Most periods are recalled; never reject by them.

        Raises:
            NotFound: `award-form-unknown`.
        """
        return self._remarks(form_code, award_class, issuer, on)

    def _find_remarks(
        self, form_code: str, award_class: str | None, issuer: str, on: PartialDate | None
    ) -> tuple[Remark, ...]:
        form = self.form(form_code)
        if on is None:
            return ()
        remarks = []
        if not overlaps(form.valid_from, form.valid_to, on.text):
            remarks.append(_form_outside_period(form, on))
        named = self._periods_naming(form_code, award_class, issuer)
        if named and not any(overlaps(p.valid_from, p.valid_to, on.text) for p in named):
            remarks.append(_authority_outside_period(form, issuer, named, on))
        return tuple(remarks)

    def _find_periods_naming(
        self, form_code: str, award_class: str | None, issuer: str
    ) -> tuple[AuthorityPeriod, ...]:
        """Return the periods of the form in which the catalogue names this issuer."""
        words = self._read(issuer)
        return tuple(
            period
            for period in self.form(form_code).authorities
            if any(
                words[: len(body)] == body
                for body in self._bodies_of(period.authority_vi, award_class)
            )
        )

    def _bodies_of(self, authority: str, award_class: str | None) -> list[tuple[str, ...]]:
        by_class = self._bodies.get(authority, {})
        if award_class is not None and award_class in by_class:
            return by_class[award_class]
        if _ANY_CLASS in by_class:
            return by_class[_ANY_CLASS]
        return [body for bodies in by_class.values() for body in bodies]


def _form_outside_period(form: AwardForm, on: PartialDate) -> Remark:
    return Remark(
        "form-outside-period",
        (
            ("form", form.code),
            ("on", on.text),
            ("valid_from", form.valid_from or ""),
            ("valid_to", form.valid_to or ""),
            ("confidence", form.confidence),
        ),
    )


def _authority_outside_period(
    form: AwardForm, issuer: str, named: tuple[AuthorityPeriod, ...], on: PartialDate
) -> Remark:
    periods = "; ".join(f"{p.valid_from or ''}/{p.valid_to or ''}" for p in named)
    confidences = {period.confidence for period in named}
    return Remark(
        "authority-outside-period",
        (
            ("form", form.code),
            ("issuer", issuer),
            ("on", on.text),
            ("periods", periods),
            ("confidence", "recalled" if "recalled" in confidences else "read"),
        ),
    )


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue that comes with this package; read once."""
    return Catalogue(read_forms(), read_json("form-spellings.json"), read_json("field-lists.json"))
