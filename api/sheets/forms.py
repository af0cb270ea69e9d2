"""From the form column to a form of the catalogue: by name, by code, or by the clerk's answer.

A name that means several forms is never guessed. The issuer may settle it; else the clerk is
asked once, and the answer holds for every row of the import that writes it so. A name that is
like one form only is taken for it, with a remark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, assert_never
from unicodedata import normalize

from registry.catalogue import Ambiguous, Catalogue, ClassNotAllowed, Found, Resolution, Unknown
from registry.errors import Rejected
from registry.text import comparison_key, fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.award import AwardClass

FORMS_REMEMBERED_MAX: Final = 10_000
TYPED_CHARACTERS_MAX: Final = 200

_POSTHUMOUS: Final = re.compile(r"\W*\btruy tặng\b\W*", re.IGNORECASE)
_NO_AWARD: Final = re.compile(
    r"\b(?:thu hoi|dieu chinh|huy bo|cap doi|cap lai|tuoc|dinh chinh|doi hang|thay doi|sua doi"
    r"|doi bang|tra lai|nop lai|xoa ten)\b"
)
_CLASS_SAID: Final = re.compile(r"[0-9]|\b(?:hang|nhat|nhi|ba|i{1,3})\b")
_CLASSES: Final[Mapping[str, AwardClass]] = {"I": "I", "II": "II", "III": "III"}


def is_no_award(text: str) -> bool:
    """Whether words speak of something that happens to an award that was made before."""
    return _NO_AWARD.search(fold(text)) is not None


@dataclass(frozen=True, slots=True)
class ReadForm:
    """A form of the catalogue; `posthumous` if the typed name itself says so.

    `taken` says that the name is merely like that of this one form.
    """

    code: str
    award_class: AwardClass | None
    posthumous: bool = False
    taken: bool = False


@dataclass(frozen=True, slots=True)
class FormProblem:
    """Why a typed form is none; `params` are those of the sentence about it."""

    code: Literal[
        "form-unknown", "form-ambiguous", "class-not-allowed", "form-no-award", "form-code-differs"
    ]
    params: Mapping[str, str]
    candidates: tuple[str, ...] = ()


class FormReader:
    """Reads form names and codes of one import, remembering what it has read."""

    def __init__(
        self,
        catalogue: Catalogue,
        sheet_codes: Mapping[str, str],
        answers: Mapping[str, str],
        *,
        takes_likely: bool = False,
    ) -> None:
        """Take the clerk's answers: typed text to a form's name or `CODE`, perhaps `:CLASS`.

        Raises `Rejected` if an answer names no form, or a class that its form does not have.
        """
        self._catalogue = catalogue
        self._sheet_codes = sheet_codes
        self._takes_likely = takes_likely
        self._answers = {
            comparison_key(typed): self._answer(answer) for typed, answer in answers.items()
        }
        self._remembered: dict[tuple[str, str | None], ReadForm | FormProblem] = {}

    def read(self, typed: str, issuer: str | None = None) -> ReadForm | FormProblem:
        """The form that a cell means under an issuer, or why it is none."""
        known = self._remembered.get((typed, issuer))
        if known is None:
            known = self._read(typed, issuer)
            if len(self._remembered) >= FORMS_REMEMBERED_MAX:
                self._remembered.clear()
            self._remembered[typed, issuer] = known
        return known

    def read_both(self, typed: str, code: str, issuer: str | None) -> ReadForm | FormProblem:
        """The form of a row that writes it by name and by code: the name, if both agree."""
        by_name, by_code = self.read(typed, issuer), self.read(code, issuer)
        if isinstance(by_code, FormProblem):
            return by_name
        if isinstance(by_name, FormProblem):
            return by_code if by_code.code in by_name.candidates else by_name
        same_class = None in (by_name.award_class, by_code.award_class) or (
            by_name.award_class == by_code.award_class
        )
        if by_name.code == by_code.code and same_class:
            return by_name if by_name.award_class else by_code
        named = self._catalogue.form(by_code.code).name_vi
        return FormProblem(
            "form-code-differs",
            {"typed": typed[:TYPED_CHARACTERS_MAX], "typed_code": code, "form": named},
            (by_name.code, by_code.code),
        )

    def _answer(self, answer: str) -> ReadForm:
        code, _, class_code = answer.partition(":")
        form = self._catalogue.find(code.strip())
        if form is None:
            return self._named_answer(answer)
        class_code = class_code.strip()
        if class_code and class_code not in form.class_codes:
            allowed = ", ".join(form.class_codes)
            raise Rejected(
                "class-not-allowed",
                field="answers",
                form=form.name_vi,
                typed=class_code[:TYPED_CHARACTERS_MAX],
                allowed=allowed,
            )
        return ReadForm(form.code, _CLASSES.get(class_code))

    def _named_answer(self, answer: str) -> ReadForm:
        """An answer by the catalogue's own name. Raises `Rejected`."""
        resolution = self._catalogue.resolve(answer)
        if isinstance(resolution, Found):
            return ReadForm(resolution.form_code, _award_class(resolution))
        problem = self._judged(answer, resolution)
        params = problem.params if isinstance(problem, FormProblem) else {}
        code = problem.code if isinstance(problem, FormProblem) else "form-unknown"
        raise Rejected(code, field="answers", **params)

    def _read(self, typed: str, issuer: str | None) -> ReadForm | FormProblem:
        answered = self._answers.get(comparison_key(typed))
        if answered is not None:
            return answered
        if is_no_award(typed):
            return FormProblem("form-no-award", {"typed": typed[:TYPED_CHARACTERS_MAX]})
        resolution = self._resolve(typed, issuer)
        if not isinstance(resolution, Found):
            rest = _POSTHUMOUS.sub(" ", normalize("NFC", typed)).strip()
            if rest != normalize("NFC", typed):
                read = self._judged(typed, self._resolve(rest, issuer))
                if isinstance(read, ReadForm):
                    return replace(read, posthumous=True)
        return self._judged(typed, resolution)

    def _resolve(self, typed: str, issuer: str | None) -> Resolution:
        if typed.isascii() and typed.isdigit():
            return self._catalogue.resolve_code(typed, self._sheet_codes)
        resolution = self._catalogue.resolve(typed)
        if isinstance(resolution, Ambiguous) and issuer is not None:
            code = self._catalogue.settled_by_issuer(typed, issuer)
            return resolution if code is None else Found(code, None)
        return resolution

    def _judged(self, typed: str, resolution: Resolution) -> ReadForm | FormProblem:
        shown = typed[:TYPED_CHARACTERS_MAX]
        match resolution:
            case Found():
                return ReadForm(resolution.form_code, _award_class(resolution))
            case Unknown():
                return FormProblem("form-unknown", {"typed": shown})
            case Ambiguous(candidates=codes):
                if (
                    self._takes_likely
                    and len(codes) == 1
                    and not self._hides_class(typed, resolution)
                ):
                    return self._taken(codes[0], resolution.award_class)
                names = "; ".join(self._catalogue.form(code).name_vi for code in codes)
                params = {"typed": shown, "candidates": names, "codes": " ".join(codes)}
                return FormProblem("form-ambiguous", params, codes)
            case ClassNotAllowed():
                form = self._catalogue.form(resolution.form_code)
                return FormProblem("class-not-allowed", _class_params(form.name_vi, resolution))
            case _:
                assert_never(resolution)

    def _hides_class(self, typed: str, resolution: Ambiguous) -> bool:
        """Whether a name that is not quite known may say a class that was not understood."""
        form = self._catalogue.form(resolution.candidates[0])
        return (
            bool(form.class_codes)
            and resolution.award_class is None
            and _CLASS_SAID.search(fold(typed)) is not None
        )

    def _taken(self, code: str, award_class: str | None) -> ReadForm | FormProblem:
        """The one form that a name is like, unless it has no such class."""
        form = self._catalogue.form(code)
        if award_class is not None and award_class not in form.class_codes:
            problem = ClassNotAllowed(code, award_class, form.class_codes)
            return FormProblem("class-not-allowed", _class_params(form.name_vi, problem))
        return ReadForm(code, _CLASSES.get(award_class or ""), taken=True)


def _award_class(found: Found) -> AwardClass | None:
    return _CLASSES[found.award_class] if found.award_class else None


def _class_params(form: str, resolution: ClassNotAllowed) -> dict[str, str]:
    return {
        "form": form,
        "typed": resolution.typed_class[:TYPED_CHARACTERS_MAX],
        "allowed": ", ".join(resolution.allowed),
    }
