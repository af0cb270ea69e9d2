"""Checks that every kind of record shares: text as printed, partial dates, sources.

Nothing here repairs what was typed. What a clerk types is what is stored; a value that cannot
be stored is refused with the name of its field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from registry.dates import BadDate, PartialDate, parse_edtf
from registry.errors import Rejected
from registry.personal import without_sealed

NAME_CHARACTERS_MAX = 300
LINE_CHARACTERS_MAX = 500
TEXT_CHARACTERS_MAX = 4_000

# C0 and C1 controls, bidirectional overrides, lone surrogates and noncharacters: they can hide
# or reorder what a certificate says, and no office prints them.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)

SourceKind = Literal[
    "original-decision",
    "golden-book",
    "certificate-photo",
    "later-list",
    "witness",
    "family-word",
]
Certainty = Literal["certain", "probable", "doubtful"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was read, graded by how far it can be trusted (reference, section 7).

    `reference` names the paper or file; `row` is the row that its sheet shows, where it has one.
    """

    kind: SourceKind
    certainty: Certainty = "certain"
    reference: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a record before and after a correction."""

    field: str
    before: str | None
    after: str | None


def check_text(field: str, value: str | None, characters_max: int = LINE_CHARACTERS_MAX) -> None:
    """Raise `Rejected` unless the text can be printed and is not too long; None is allowed."""
    if value is None:
        return
    if len(value) > characters_max:
        raise Rejected("text-too-long", field=field, limit=characters_max, length=len(value))
    # The common case first: what Python calls printable has nothing that we refuse.
    if not value.isprintable() and _UNPRINTABLE.search(value):
        raise Rejected("text-unprintable", field=field)


def require_text(field: str, value: str | None, characters_max: int = LINE_CHARACTERS_MAX) -> str:
    """Return the text, or raise `Rejected` with `FIELD-missing` if nothing visible is there."""
    if value is None or not value.strip():
        raise Rejected(f"{field.rpartition('.')[2].replace('_', '-')}-missing", field=field)
    check_text(field, value, characters_max)
    return value


def check_choice(field: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise `Rejected` unless the value is one of a closed list."""
    if value not in choices:
        raise Rejected("not-a-choice", field=field, typed=value[:40], allowed=", ".join(choices))


def check_date(field: str, value: str | None) -> PartialDate | None:
    """Parse a partial date. Raises `Rejected` naming the field if it is none."""
    if value is None:
        return None
    try:
        return parse_edtf(value)
    except BadDate as error:
        params = without_sealed(field, {"typed": value[:40]})
        raise Rejected(error.code, field=field, **params) from None


def check_source(source: Source) -> None:
    """Raise `Rejected` unless the source's reference can be printed."""
    check_text("source.reference", source.reference)
