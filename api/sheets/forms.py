"""From the form column to a form of the catalogue: by name, by code, or by the clerk's answer.

A name that means several forms is never guessed. The clerk is asked once, and the answer holds
for every row of the import that writes it so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, assert_never
from unicodedata import normalize

from registry.catalogue import Ambiguous, Catalogue, ClassNotAllowed, Found, Resolution, Unknown
from registry.errors import Rejected
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.award import AwardClass

FORMS_REMEMBERED_MAX: Final = 10_000
TYPED_CHARACTERS_MAX: Final = 200

_POSTHUMOUS: Final = re.compile(r"\W*\btruy tặng\b\W*", re.IGNORECASE)
_CLASSES: Final[Mapping[str, AwardClass]] = {"I": "I", "II": "II", "III": "III"}


@dataclass(frozen=True, slots=True)
class ReadForm:
    """A form of the catalogue; `posthumous` if the typed name itself says so."""

    code: str
    award_class: AwardClass | None
    posthumous: bool = False


@dataclass(frozen=True, slots=True)
class FormProblem:
    """Why a typed form is none; `params` are those of the sentence about it."""

    code: Literal["form-unknown", "form-ambiguous", "class-not-allowed"]
    params: Mapping[str, str]


class FormReader:
    """Reads form names and codes of one import, remembering what it has read."""

    def __init__(
        self,
        catalogue: Catalogue,
        sheet_codes: Mapping[str, str],
        answers: Mapping[str, str],
    ) -> None:
        """Take the clerk's answers: typed text to `CODE` or `CODE:CLASS`.

        Raises `Rejected` if an answer names no form, or a class that its form does not have.
        """
        self._catalogue = catalogue
        self._sheet_codes = sheet_codes
        self._answers = {
            comparison_key(typed): self._answer(answer) for typed, answer in answers.items()
        }
        self._remembered: dict[str, ReadForm | FormProblem] = {}

    def read(self, typed: str) -> ReadForm | FormProblem:
        """The form that a cell means, or why it is none."""
        known = self._remembered.get(typed)
        if known is None:
            known = self._read(typed)
            if len(self._remembered) >= FORMS_REMEMBERED_MAX:
                self._remembered.clear()
            self._remembered[typed] = known
        return known

    def _answer(self, answer: str) -> ReadForm:
        code, _, class_code = answer.partition(":")
        form = self._catalogue.find(code)
        if form is None:
            raise Rejected("form-unknown", field="answers", typed=answer[:TYPED_CHARACTERS_MAX])
        if class_code and class_code not in form.class_codes:
            allowed = ", ".join(form.class_codes)
            raise Rejected(
                "class-not-allowed",
                field="answers",
                form=form.name_vi,
                typed=class_code[:TYPED_CHARACTERS_MAX],
                allowed=allowed,
            )
        return ReadForm(code, _CLASSES.get(class_code))

    def _read(self, typed: str) -> ReadForm | FormProblem:
        answered = self._answers.get(comparison_key(typed))
        if answered is not None:
            return answered
        resolution = self._resolve(typed)
        if not isinstance(resolution, Found):
            rest = _POSTHUMOUS.sub(" ", normalize("NFC", typed)).strip()
            again = self._resolve(rest) if rest != normalize("NFC", typed) else resolution
            if isinstance(again, Found):
                return ReadForm(again.form_code, _award_class(again), posthumous=True)
        return self._judged(typed, resolution)

    def _resolve(self, typed: str) -> Resolution:
        if typed.isascii() and typed.isdigit():
            return self._catalogue.resolve_code(typed, self._sheet_codes)
        return self._catalogue.resolve(typed)

    def _judged(self, typed: str, resolution: Resolution) -> ReadForm | FormProblem:
        shown = typed[:TYPED_CHARACTERS_MAX]
        match resolution:
            case Found():
                return ReadForm(resolution.form_code, _award_class(resolution))
            case Unknown():
                return FormProblem("form-unknown", {"typed": shown})
            case Ambiguous(candidates=codes):
                names = "; ".join(self._catalogue.form(code).name_vi for code in codes)
                params = {"typed": shown, "candidates": names, "codes": " ".join(codes)}
                return FormProblem("form-ambiguous", params)
            case ClassNotAllowed():
                form = self._catalogue.form(resolution.form_code)
                return FormProblem("class-not-allowed", _class_params(form.name_vi, resolution))
            case _:
                assert_never(resolution)


def _award_class(found: Found) -> AwardClass | None:
    return _CLASSES[found.award_class] if found.award_class else None


def _class_params(form: str, resolution: ClassNotAllowed) -> dict[str, str]:
    return {
        "form": form,
        "typed": resolution.typed_class[:TYPED_CHARACTERS_MAX],
        "allowed": ", ".join(resolution.allowed),
    }
