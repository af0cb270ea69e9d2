"""What receipts, letters and applications are made of: the head of an office, parts, signatures.

Words are in `templates/slips.json`, Vietnamese and English side by side; the papers themselves
are put together in `receipts` and `letters`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from api.papers.designs import TEMPLATES, load_designs
from api.papers.wording import UNKNOWN_PLACE, capitals, place_and_date, place_of, printable
from registry.messages import format_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from registry.settings import Language

DOTS: Final = "…" * 18


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    words: str
    indent: bool = True
    italic: bool = False
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels and what stands behind them."""

    rows: tuple[tuple[str, str], ...]
    kind: Literal["fields"] = "fields"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; `widths` are shares of the page."""

    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line with a box that is crossed or not."""

    words: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Checklist:
    """Lines with boxes."""

    lines: tuple[CheckLine, ...]
    kind: Literal["checklist"] = "checklist"


Part: TypeAlias = Paragraph | Fields | Sheet | Checklist


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """A place to sign: what stands above and below the line, and the name if it is known."""

    title: tuple[str, ...]
    note: str = ""
    name: str = ""
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slip:
    """One copy of a paper; `recipients` begins with its own heading ("Nơi nhận:")."""

    office: str
    number: str
    place_and_date: str
    heading: str
    parts: tuple[Part, ...]
    signatures: tuple[SignaturePlace, ...]
    superior: str = ""
    below_number: tuple[str, ...] = ()
    subheading: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    gap_mm: float = 20


def say(key: str, language: Language, **params: object) -> str:
    """A sentence of a paper in a language."""
    sentence: str = _sentences()[key][language]
    return sentence.format(**params) if params else sentence


@cache
def _sentences() -> dict[str, dict[str, str]]:
    sentences: dict[str, dict[str, str]] = json.loads((TEMPLATES / "slips.json").read_bytes())
    return sentences


def slip_document(title: str, copies: Sequence[Slip], language: Language) -> dict[str, Any]:
    """What `slip.typ` is given."""
    return {
        "title": title,
        "national_name": say("national-name", language),
        "motto": say("motto", language),
        "copies": [_printable(asdict(copy)) for copy in copies],
    }


def headed(slip: Slip, office: str, on: str | None, language: Language) -> Slip:
    """A slip under the name of an office, with its place and the day."""
    place = place_of(office, load_designs().places) or UNKNOWN_PLACE
    line = place_and_date(place, on)
    if language == "en":
        line = f"{place}, {format_date(on, language) if on else UNKNOWN_PLACE}"
    return replace(slip, office=capitals(office), place_and_date=line)


def signer(office: str, name: str | None, language: Language) -> SignaturePlace:
    """Where the head of an office signs and seals."""
    found = load_designs().office(office)
    title = found.title if found is not None and language == "vi" else ()
    return SignaturePlace(title, say("sign-and-seal", language), name or "")


def known(rows: Iterable[tuple[str, str | None]]) -> Fields:
    """Fields without those of which nothing is known."""
    return Fields(tuple((label, value) for label, value in rows if value))


def _printable(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case dict():
            return {name: _printable(one) for name, one in value.items()}
        case list() | tuple():
            return [_printable(one) for one in value]
        case _:
            return value
