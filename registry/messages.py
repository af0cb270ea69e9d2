"""What people read: a sentence for every code, a word for every term, dates as offices write them.

The registry speaks in codes and parameters; here a code becomes a sentence in Vietnamese, in
the terms of the law on emulation and commendation, or in English. The texts are in
`data/messages` (sentences) and `data/terms` (words), a file for each area of the register, both
languages side by side.

A code may have several sentences, the most telling first: the first one whose parameters are
all known is used, so a missing parameter costs precision and never an error.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from registry.award_form import read_json_folder
from registry.catalogue import load_catalogue
from registry.dates import BadDate, parse_edtf
from registry.settings import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from registry.remark import Remark

# Viet Nam keeps one time, seven hours ahead of UTC, without summer time.
VIETNAM_TIME: Final = timezone(timedelta(hours=7))

# Which vocabulary the value of a parameter is taken from, where it is a code.
_TERMS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "component": ("component",),
    "stage": ("stage",),
    "kind": ("recipient-kind", "decision-kind", "personal-kind"),
    "wanted": ("decision-kind",),
    "standing": ("standing",),
    "purpose": ("purpose",),
    "replacement": ("succession",),
    "role": ("role",),
    "wants": ("wants",),
    "allowed": ("class", "component"),
    "case_kind": ("case-kind",),
    "case_stage": ("case-stage",),
    "outcome": ("case-outcome",),
    "papers": ("paper",),
    "competent": ("authority",),
    "doubt": ("doubt",),
    "act": ("event",),
    "earlier": ("event",),
    "certainty": ("fact-certainty",),
}
_COUNTS: Final = frozenset(
    {"limit", "length", "bytes", "pieces", "held", "expected", "counted", "awards"}
)
_DATES: Final = frozenset({"on", "earlier_on", "valid_from", "valid_to"})
# What machines wrote into a parameter; what a person typed is told as he typed it.
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}[~?]?")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})")
_TYPED: Final = frozenset({"typed"})
_TWO_FIGURE_MONTHS: Final = 2
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def describe(code: str, params: Mapping[str, object], language: Language) -> str:
    """The sentence for a code, made from its parameters; the bare code if there is none."""
    templates: Sequence[str] = _sentences().get(code, {}).get(language, ())
    words = {name: _spoken(name, value, language) for name, value in params.items()}
    known = {name: word for name, word in words.items() if word}
    for template in templates:
        if _placeholders(template) <= known.keys():
            return template.format_map(known)
    return code


def describe_remark(remark: Remark, language: Language) -> str:
    """The sentence for a doubt."""
    return describe(remark.code, dict(remark.params), language)


def codes() -> frozenset[str]:
    """Every code that has a sentence."""
    return frozenset(_sentences())


def term(vocabulary: str, code: str, language: Language) -> str:
    """The word for a code of a closed list, such as `component` or `stage`; else the code."""
    words = _terms().get(vocabulary, {}).get(code)
    return str(words[language]) if words else code


def has_term(vocabulary: str, code: str) -> bool:
    """Whether a closed list has this code."""
    return code in _terms().get(vocabulary, {})


def form_name(code: str, language: Language) -> str:
    """The name of a form of commendation; the code itself if the catalogue has none such."""
    form = load_catalogue().find(code)
    if form is None:
        return code
    return form.name_en if language == "en" else form.name_vi


def form_with_class(code: str, award_class: str | None, language: Language) -> str:
    """Form and class as certificates say it: "Huân chương Kháng chiến (chống Pháp) hạng Ba"."""
    name = form_name(code, language)
    if award_class is None:
        return name
    if language == "en":
        return f"{name}, class {award_class}"
    return f"{name} hạng {term('class', award_class, language)}"


def format_date(text: str, language: Language) -> str:
    """A partial date (EDTF) in words: 09/5/2024, tháng 02/2024, năm 1985, khoảng năm 1985.

    In figures as decree 30/2020 has them (see `day_figures`), in English with the month's name:
    there 02/9 would be read as February by half the world.
    """
    try:
        when = parse_edtf(text)
    except BadDate:
        return text
    plain = _vietnamese(text) if language == "vi" else _english(text)
    if when.approximate:
        return f"khoảng {plain}" if language == "vi" else f"about {plain}"
    if when.uncertain:
        return f"{plain} (chưa chắc)" if language == "vi" else f"{plain} (uncertain)"
    return plain


def format_time(moment: datetime, language: Language) -> str:
    """A moment by the clock of Viet Nam: 14:38 ngày 09/5/2024."""
    local = moment.astimezone(VIETNAM_TIME)
    day = format_date(local.date().isoformat(), language)
    return f"{day}, {local:%H:%M}" if language == "en" else f"{local:%H:%M} ngày {day}"


def format_machine_time(text: str, language: Language) -> str:
    """A day or a moment that machines wrote, as people read it; any other text as it is."""
    if _DAY.fullmatch(text):
        return format_date(text, language)
    if _MOMENT.fullmatch(text):
        with suppress(ValueError):
            return format_time(datetime.fromisoformat(text), language)
    return text


def day_figures(day: int) -> str:
    """A day in figures: a zero before those below 10, so that nobody writes one in front."""
    return f"{day:02}"


def month_figures(month: int) -> str:
    """A month in figures: 01 and 02, so that nobody makes 11 and 12 of them; 3 to 12 plainly."""
    return f"{month:02}" if month <= _TWO_FIGURE_MONTHS else str(month)


def format_number(number: int, language: Language) -> str:
    """A number with its thousands set apart: 1.200 in Vietnamese, 1,200 in English."""
    grouped = f"{number:,}"
    return grouped.replace(",", ".") if language == "vi" else grouped


def _vietnamese(text: str) -> str:
    match [int(part) for part in text.rstrip("~?").split("-")]:
        case [year, month, day]:
            return f"{day_figures(day)}/{month_figures(month)}/{year}"
        case [year, month]:
            return f"tháng {month_figures(month)}/{year}"
        case [year]:
            return f"năm {year}"
        case _:
            return text


def _english(text: str) -> str:
    year, *rest = (int(part) for part in text.rstrip("~?").split("-"))
    words = [str(day) for day in rest[1:]] + [_MONTHS[month - 1] for month in rest[:1]]
    return " ".join([*words, str(year)])


def _spoken(name: str, value: object, language: Language) -> str:
    """A parameter's value as a sentence says it."""
    text = str(value)
    if name in _COUNTS and isinstance(value, int):
        return format_number(value, language)
    if name in _DATES and text:
        return format_date(text, language)
    if name in _TERMS_OF:
        return ", ".join(_word(_TERMS_OF[name], part, language) for part in text.split(", "))
    match name:
        case "form" | "candidates":
            return "; ".join(form_name(code, language) for code in text.split("; "))
        case "periods":
            return "; ".join(_period(one, language) for one in text.split("; "))
        case _:
            return text if name in _TYPED else format_machine_time(text, language)


def _word(vocabularies: Iterable[str], code: str, language: Language) -> str:
    for vocabulary in vocabularies:
        if code in _terms().get(vocabulary, {}):
            return term(vocabulary, code, language)
    return code


def _period(bounds: str, language: Language) -> str:
    begun, _, ended = bounds.partition("/")
    dash = [format_date(bound, language) if bound else "…" for bound in (begun, ended)]
    return " – ".join(dash)


@cache
def _placeholders(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def sentences() -> dict[str, dict[str, list[str]]]:
    """Every sentence: code, then language, then the ways to say it."""
    return dict(_sentences())


def terms() -> dict[str, dict[str, dict[str, str]]]:
    """Every word: vocabulary, then code, then language."""
    return dict(_terms())


@cache
def _sentences() -> dict[str, dict[str, Any]]:
    return _merged(read_json_folder("messages"))


@cache
def _terms() -> dict[str, dict[str, dict[str, str]]]:
    documents = read_json_folder("terms")
    names = dict.fromkeys(name for one in documents for name in one)
    return {name: _merged(one[name] for one in documents if name in one) for name in names}


def _merged(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All entries together. Raises `ValueError` for a code that two files have."""
    merged: dict[str, Any] = {}
    for document in documents:
        if repeated := merged.keys() & document.keys():
            raise ValueError(sorted(repeated))
        merged.update(document)
    return merged
