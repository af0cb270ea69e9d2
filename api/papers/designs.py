"""Designs of certificates: which one a form had at the date of the award.

An old certificate that is printed again keeps the design, the authority and the title of its own
time, so the design is chosen by form and by date, never by today's law. Where the award's own
decision names another authority than the period would have it, the decision is believed: most
periods are recalled, and the paper is there. The designs are data, `templates/templates.json`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry.dates import overlaps, parse_edtf
from registry.errors import Rejected
from registry.messages import form_name
from registry.text import comparison_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TEMPLATES: Final = Path(__file__).with_name("templates")
_ANY_FORM: Final = "*"

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeadLine:
    """A line naming the granting authority, at the head of a certificate."""

    text: str
    red: bool


@dataclass(frozen=True, slots=True)
class Design:
    """How certificates of a group of forms look in a period, and who signs them by default.

    `issuers` are words that decisions of this authority begin with. `head`, `title` and `place`
    may hold `{issuer}`, `{title}` and `{place}`: what the decision's issuer says. Sizes are in
    millimetres: the sheet, the frame on it, and the gap for signature and seal.
    """

    id: str
    forms: frozenset[str]
    valid_from: str | None
    valid_to: str | None
    issuers: tuple[Words, ...]
    national_name: str
    motto: str
    head: tuple[HeadLine, ...]
    title: tuple[str, ...]
    place: str
    page_mm: tuple[float, float]
    frame_mm: tuple[float, float]
    gap_mm: float
    source: str
    certainty: str

    def is_named_by(self, issuer: Words) -> bool:
        """Whether an issuer is the authority of this design."""
        return any(issuer[: len(words)] == words for words in self.issuers)

    def holds_on(self, on: str | None) -> bool:
        """Whether a partial date may lie in the design's period."""
        return overlaps(self.valid_from, self.valid_to, on)

    def had_begun(self, on: str | None) -> bool:
        """Whether the design's period may have begun by a partial date."""
        return overlaps(self.valid_from, None, on)


@dataclass(frozen=True, slots=True)
class Office:
    """What the words that an issuer begins with say about who signs, and where."""

    words: Words
    title: tuple[str, ...]
    place: str | None


@dataclass(frozen=True, slots=True)
class Wording:
    """The line above the name of the form, by conferral."""

    forms: frozenset[str]
    living: str
    posthumous: str


@dataclass(frozen=True, slots=True)
class Designs:
    """All designs, and the words that they share."""

    designs: tuple[Design, ...]
    wordings: tuple[Wording, ...]
    printed_names: Mapping[str, str]
    offices: tuple[Office, ...]
    places: frozenset[str]
    not_printed_here: frozenset[str]

    def find(self, form: str, on: str | None, issuer: str | None) -> Design:
        """The design of a form at the date of an award whose decision names an issuer.

        Raises `Rejected` for a form whose certificate is not printed, here or anywhere.
        """
        of_form = [one for one in self.designs if form in one.forms]
        if not of_form or form in self.not_printed_here:
            raise Rejected("certificate-not-printed", field="form", form=form)
        named = [one for one in of_form if one.is_named_by(comparison_words(issuer or ""))]
        for some in (named, of_form):
            then = [one for one in some if one.holds_on(on)]
            if then:
                # A partial date may touch two periods: the earlier one. No date: the latest.
                return then[-1] if on is None else then[0]
            if some:
                begun = [one for one in some if one.had_begun(on)]
                return begun[-1] if begun else some[0]
        raise AssertionError

    def by_id(self, design_id: str) -> Design:
        """A design that is known to exist."""
        return next(one for one in self.designs if one.id == design_id)

    def verb(self, form: str, conferral: str) -> str:
        """The line above the form's name: "TẶNG", "TRUY TẶNG"."""
        wording = next(one for one in self.wordings if form in one.forms or _ANY_FORM in one.forms)
        return wording.posthumous if conferral == "posthumous" else wording.living

    def printed_name(self, form: str) -> str:
        """The form's name as certificates print it."""
        return self.printed_names.get(form) or form_name(form, "vi").upper()

    def office(self, issuer: str) -> Office | None:
        """What an issuer's first words say about who signs."""
        words = comparison_words(issuer)
        return next((one for one in self.offices if words[: len(one.words)] == one.words), None)


@cache
def load_designs() -> Designs:
    """The designs that come with this package; read once."""
    document = json.loads((TEMPLATES / "templates.json").read_bytes())
    groups = {name: frozenset(forms) for name, forms in document["groups"].items()}
    return Designs(
        designs=tuple(_design(entry, groups[entry["group"]]) for entry in document["designs"]),
        wordings=tuple(
            Wording(frozenset(one["forms"]), one["living"], one["posthumous"])
            for one in document["wordings"]
        ),
        printed_names=document["printed_names"],
        offices=tuple(
            Office(comparison_words(one["issuer"]), tuple(one["title"]), one.get("place"))
            for one in document["titles"]
        ),
        places=frozenset(document["places"]),
        not_printed_here=frozenset(document["not_printed_here"]),
    )


def _design(entry: Mapping[str, Any], forms: frozenset[str]) -> Design:
    for bound in (entry["valid_from"], entry["valid_to"]):
        if bound is not None:
            parse_edtf(bound)
    return Design(
        id=entry["id"],
        forms=forms,
        valid_from=entry["valid_from"],
        valid_to=entry["valid_to"],
        issuers=tuple(comparison_words(one) for one in entry["issuers"]),
        national_name=entry["national_name"],
        motto=entry["motto"],
        head=tuple(HeadLine(one["text"], one["red"]) for one in entry["head"]),
        title=tuple(entry["title"]),
        place=entry["place"],
        page_mm=_pair(entry["page_mm"]),
        frame_mm=_pair(entry["frame_mm"]),
        gap_mm=entry["gap_mm"],
        source=entry["source"],
        certainty=entry["certainty"],
    )


def _pair(sides: Sequence[float]) -> tuple[float, float]:
    width, height = sides
    return width, height
