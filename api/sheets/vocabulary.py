"""What offices call their columns: `columns.json`, by what a heading says once it is folded."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.sheets.heading_words import field_of_words, spelled_out
from registry.text import fold_words

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADING_CHARACTERS_MAX: Final = 200

_IN_BRACKETS: Final = re.compile(r"\([^)]*\)?")
_DECORATION: Final = re.compile(r"\((?:bắt buộc|đánh x|x)\)|\*", re.IGNORECASE)


@cache
def vocabulary() -> dict[str, Any]:
    """The whole document."""
    document: dict[str, Any] = json.loads(Path(__file__).with_name("columns.json").read_bytes())
    return document


def heading_key(text: str) -> str:
    """A heading as it is compared: without diacritics, case, line breaks and punctuation."""
    return " ".join(fold_words(text))


def bare_heading(text: str) -> str:
    """A heading without the suffixes that mean nothing."""
    return " ".join(_DECORATION.sub(" ", text).split())


@cache
def _fields() -> dict[str, str]:
    """Field for each heading, folded; no two fields share a name."""
    columns: dict[str, list[str]] = vocabulary()["columns"]
    return {heading_key(name): field for field, names in columns.items() for name in names}


def field_of(text: str) -> str | None:
    """The field that a heading names, or None."""
    if len(text) > HEADING_CHARACTERS_MAX:
        return None
    bare = bare_heading(text)
    keys = [heading_key(bare), heading_key(_IN_BRACKETS.sub(" ", bare))]
    listed = (_fields().get(key) for key in keys)
    by_words = (field_of_words(key) for key in keys)
    return next((field for field in (*listed, *by_words) if field is not None), None)


def chosen_field_of(text: str) -> str | None:
    """The field that a column of choices is for: “Lựa chọn hình thức khen thưởng”."""
    key = heading_key(text)
    for front in vocabulary()["chosen_in_front"]:
        start = heading_key(front) + " "
        if key.startswith(start):
            return _fields().get(key.removeprefix(start))
    return None


@cache
def _under() -> dict[str, dict[str, str]]:
    document = vocabulary()
    found = {}
    for group, names in document["under"].items():
        fields = {spelled_out(heading_key(name)): field for name, field in names.items()}
        for spelling in (group, *document["under_alike"].get(group, ())):
            found[spelled_out(heading_key(spelling))] = fields
    return found


def field_under(group: str, text: str) -> str | None:
    """The field that a heading names below another one, which it need not name alone."""
    fields = _under().get(spelled_out(heading_key(group)), {})
    return fields.get(spelled_out(heading_key(text)))


def is_group(text: str) -> bool:
    """Whether a heading is known to stand over others."""
    return spelled_out(heading_key(text)) in _under()


def names_of(*fields: str) -> str:
    """The commonest names of some fields, as an error shows them."""
    columns: dict[str, list[str]] = vocabulary()["columns"]
    return ", ".join(columns[field][0] for field in fields)


@cache
def _guides() -> tuple[str, ...]:
    return tuple(map(heading_key, vocabulary()["guides"]))


def is_guide(sheet_name: str) -> bool:
    """Whether a sheet says by its name that it explains how to fill in another."""
    key = heading_key(sheet_name)
    return any(key == guide or key.startswith(f"{guide} ") for guide in _guides())


@cache
def _other_kinds() -> dict[str, str]:
    kinds: dict[str, list[str]] = vocabulary()["other_kinds"]
    return {heading_key(name): kind for kind, names in kinds.items() for name in names}


def other_kind_of(headings: Iterable[str]) -> str | None:
    """What a list without names or forms looks like by its headings, or None."""
    found = [_other_kinds().get(heading_key(text)) for text in headings]
    return next((kind for kind in found if kind is not None), None)
