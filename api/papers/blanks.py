"""Pre-printed blanks: which parts of a certificate are printed on them, and where.

Positions are data, `templates/blanks.json`, in millimetres from the upper left corner of the
sheet. No two printers feed paper alike, so each office may nudge all fields of a blank: by an
argument, or once for all in `SOVANG_HOME/papers/nudges.json`:

    [{"blank": "bang-khen", "office": "Sở Nội vụ tỉnh Lào Cai", "x_mm": 1.5, "y_mm": -0.8}]

An entry without `office` is for every office that has none of its own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from api.papers.designs import TEMPLATES
from api.papers.wording import place_and_date
from registry.errors import Rejected
from registry.messages import has_term, term

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from api.papers.certificate import CertificateText
    from registry.settings import Language

NUDGE_MM_MAX: Final = 50.0
NUDGES: Final = "papers/nudges.json"

FieldName = Literal[
    "verb",
    "form_name",
    "class_name",
    "recipient",
    "details",
    "merit",
    "decision_number",
    "decision_date",
    "golden_number",
    "place_and_date",
    "title",
    "signatory",
]


@dataclass(frozen=True, slots=True)
class BlankField:
    """A place on a blank: its upper left corner, its size, and the type that fills it."""

    name: FieldName
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    size_pt: float
    bold: bool
    align: Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Blank:
    """A kind of pre-printed blank."""

    id: str
    vi: str
    en: str
    page_mm: tuple[float, float]
    fields: tuple[BlankField, ...]
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Nudge:
    """How far all fields move: to the right and down, in millimetres."""

    x_mm: float = 0.0
    y_mm: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what would move text off the sheet, and what is no number."""
        for field, value in (("nudge_x_mm", self.x_mm), ("nudge_y_mm", self.y_mm)):
            if not -NUDGE_MM_MAX <= value <= NUDGE_MM_MAX:
                raise Rejected("nudge-too-far", field=field, limit=int(NUDGE_MM_MAX))


class _Blanks(msgspec.Struct):
    blanks: list[Blank]


class _NudgeEntry(msgspec.Struct, forbid_unknown_fields=True):
    blank: str
    x_mm: float
    y_mm: float
    office: str | None = None


@cache
def load_blanks() -> tuple[Blank, ...]:
    """The blanks that come with this package; read once."""
    content = (TEMPLATES / "blanks.json").read_bytes()
    return tuple(msgspec.json.decode(content, type=_Blanks).blanks)


def find_blank(blank_id: str) -> Blank:
    """A blank by its id. Raises `Rejected` naming those that there are."""
    for blank in load_blanks():
        if blank.id == blank_id:
            return blank
    known = ", ".join(blank.id for blank in load_blanks())
    raise Rejected("blank-unknown", field="blank", typed=blank_id[:100], allowed=known)


def kept_nudge(home: Path, blank_id: str, office: str | None) -> Nudge:
    """The nudge that an office keeps for a blank. Raises `Rejected` for an unusable file."""
    path = home / NUDGES
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=list[_NudgeEntry])
    except FileNotFoundError:
        return Nudge()
    except (OSError, msgspec.DecodeError) as error:
        raise Rejected("nudges-unreadable", path=str(path), reason=str(error)[:200]) from error
    of_blank = {one.office: one for one in entries if one.blank == blank_id}
    found = of_blank.get(office) or of_blank.get(None)
    return Nudge() if found is None else Nudge(found.x_mm, found.y_mm)


def overprint_document(
    blank: Blank, texts: Iterable[CertificateText], nudge: Nudge, title: str
) -> dict[str, Any]:
    """What `overprint.typ` is given."""
    return _sheet(blank, nudge, title) | {"pages": [overprinted(text) for text in texts]}


def overprinted(text: CertificateText) -> dict[FieldName, str]:
    """The parts of a certificate that a blank may have a place for."""
    return {
        "verb": text.verb,
        "form_name": text.form_name,
        "class_name": text.class_name,
        "recipient": text.recipient,
        "details": "\n".join(text.details),
        "merit": text.merit,
        "decision_number": text.decision_number,
        "decision_date": text.decision_words,
        "golden_number": text.golden_number,
        "place_and_date": place_and_date(text.place, text.signed_on),
        "title": "\n".join(text.title),
        "signatory": text.signatory,
    }


def trial_sheet_document(blank: Blank, nudge: Nudge, language: Language) -> dict[str, Any]:
    """What `test_sheet.typ` is given: the same fields, and how to use the sheet."""
    sheet = _sheet(blank, nudge, blank.vi if language == "vi" else blank.en)
    for field in sheet["fields"]:
        field["label"] = _label(field["name"], language)
    notes = [term("test-sheet", line, language) for line in ("print", "measure", "nudge")]
    moved = f"x {nudge.x_mm:+g} mm, y {nudge.y_mm:+g} mm"
    return sheet | {"notes": [*notes, moved]}


def _label(name: str, language: Language) -> str:
    assert has_term("paper-field", name)  # noqa: S101 - every field of a blank has its word
    return term("paper-field", name, language)


def _sheet(blank: Blank, nudge: Nudge, title: str) -> dict[str, Any]:
    return {
        "title": title,
        "page_mm": blank.page_mm,
        "x_mm": nudge.x_mm,
        "y_mm": nudge.y_mm,
        "fields": [asdict(field) for field in blank.fields],
    }
