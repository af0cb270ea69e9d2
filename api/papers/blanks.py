"""Pre-printed blanks: which parts of a certificate are printed on them, and where.

Positions are data, `templates/blanks.json`, in millimetres from the upper left corner of the
sheet. An office describes its own blanks in the same form in `SOVANG_HOME/papers/blanks.json`; one
with the id of ours takes its place.

A blank has a place for what proves the paper, `qr` and `proof`, or the paper cannot be checked. For
one that has no room there is the label sheet: a blank with `labels`, which has the fields of
one label and says how many there are across and down, and how far apart. `seal`, the place of seal
and signature, is shown on the test sheet and never printed. What is printed on a
blank already, its form, its class and its time, is never printed on the award of another.

No two printers feed paper alike, so each office may nudge all fields of a blank: by an
argument, or once for all in `SOVANG_HOME/papers/nudges.json`:

    [{"blank": "bang-khen", "office": "Sở Nội vụ tỉnh Lào Cai", "x_mm": 1.5, "y_mm": -0.8}]

An entry without `office` is for every office that has none of its own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from api.papers.certificate import TYPED_AT, CertificateText
from api.papers.designs import TEMPLATES
from api.papers.wording import UNKNOWN, Piece, pieces, place_and_date, whole, whole_name
from registry.errors import Rejected
from registry.messages import has_term, term

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from registry.settings import Language

NUDGE_MM_MAX: Final = 50.0
NUDGES: Final = "papers/nudges.json"
OWN_BLANKS: Final = "papers/blanks.json"

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
    "reissue",
    "qr",
    "proof",
    "seal",
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
class Labels:
    """A sheet of labels: the corner of the first, how many there are, how far apart, how large."""

    first_mm: tuple[float, float]
    columns: int
    rows: int
    across_mm: float
    down_mm: float
    size_mm: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Blank:
    """A kind of pre-printed blank, or of label sheet.

    `designs` are those of certificates whose State, authority and title it has, `form_names` and
    `class_name` the form and the class that are printed on it; where there are none it takes any.
    """

    id: str
    vi: str
    en: str
    page_mm: tuple[float, float]
    fields: tuple[BlankField, ...]
    source: str
    certainty: str
    designs: tuple[str, ...] = ()
    form_names: tuple[str, ...] = ()
    class_name: str | None = None
    labels: Labels | None = None

    def has_place(self, name: FieldName) -> bool:
        """Whether something can be printed on it."""
        return any(field.name == name for field in self.fields)

    @property
    def needs_labels(self) -> bool:
        """Whether a paper of this kind can only be checked with a label on it."""
        return not (self.has_place("qr") and self.has_place("proof"))


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


def blanks_of(home: Path | None) -> tuple[Blank, ...]:
    """Our blanks and those that a register's home describes. Raises `Rejected` for a bad file."""
    own = _own_blanks(home) if home is not None else []
    return tuple({blank.id: blank for blank in (*load_blanks(), *own)}.values())


def find_blank(blank_id: str, home: Path | None = None) -> Blank:
    """A blank by its id. Raises `Rejected` naming those that there are."""
    blanks = blanks_of(home)
    for blank in blanks:
        if blank.id == blank_id:
            return blank
    known = ", ".join(blank.id for blank in blanks)
    raise Rejected("blank-unknown", field="blank", typed=blank_id[:100], allowed=known)


def _own_blanks(home: Path) -> list[Blank]:
    path = home / OWN_BLANKS
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Blanks).blanks
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError) as error:
        raise Rejected("blanks-unreadable", path=str(path), reason=str(error)[:200]) from error


def check_blank(blank: Blank, texts: Iterable[CertificateText]) -> None:
    """Raise `Rejected` for a certificate of another form, class or time than the blank is of."""
    for text in texts:
        _check_form(blank, text)
        _check_class(blank, text)


def _check_form(blank: Blank, text: CertificateText) -> None:
    other_time = blank.designs and text.design not in blank.designs
    other_form = blank.form_names and text.form_name not in blank.form_names
    if other_time or other_form:
        raise Rejected(
            "blank-of-other-form",
            field="blank",
            blank=blank.id,
            form=text.form_name,
            recipient=text.recipient,
        )


def _check_class(blank: Blank, text: CertificateText) -> None:
    if blank.labels is not None or blank.has_place("class_name"):
        return
    if text.class_name != (blank.class_name or ""):
        raise Rejected(
            "blank-of-other-class",
            field="blank",
            blank=blank.id,
            award_class=text.class_name or UNKNOWN,
            recipient=text.recipient,
        )


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
    """What `overprint.typ` is given: sheets with a certificate each, or with labels of several.

    Raises `Rejected` as `check_blank` does.
    """
    pages = list(texts)
    check_blank(blank, pages)
    size = blank.labels.columns * blank.labels.rows if blank.labels is not None else 1
    sheets = [pages[start : start + size] for start in range(0, len(pages), size)]
    return _sheet(blank, nudge, title) | {
        "pages": [[_overprinted(blank, text) for text in sheet] for sheet in sheets]
    }


def _overprinted(blank: Blank, text: CertificateText) -> dict[str, Any]:
    """What a certificate has for the places of a blank: lines of pieces; the code as a picture."""
    said = _lines_for(text, reissue_apart=blank.has_place("reissue"))
    shown: dict[str, Any] = {field.name: said.get(field.name, ()) for field in blank.fields}
    picture = None if text.qr is None else text.qr.decode()
    return shown | {"qr": picture, "named": text.recipient}


def _lines_for(text: CertificateText, *, reissue_apart: bool) -> dict[FieldName, Any]:
    reissue = [(whole(line),) for line in text.reissue_lines]
    address = [(Piece(TYPED_AT),), (Piece(text.address),)] if text.address else []
    short: dict[FieldName, str] = {
        "verb": text.verb,
        "form_name": text.form_name,
        "class_name": text.class_name,
        "decision_number": text.decision_number,
        "decision_date": text.decision_words,
        "golden_number": text.golden_number,
    }
    names: dict[FieldName, str] = {"recipient": text.recipient, "signatory": text.signatory}
    return {
        **{name: [(whole(words),)] for name, words in short.items() if words},
        **{name: [(whole_name(words),)] for name, words in names.items() if words},
        "details": [(Piece(line),) for line in text.details],
        "merit": [pieces(text.merit)] if text.merit else [],
        "place_and_date": [pieces(place_and_date(text.place, text.signed_on))],
        "title": [(Piece(line),) for line in text.title],
        "reissue": reissue,
        "proof": [*([] if reissue_apart else reissue), *text.proof_lines, *address],
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
        "labels": None if blank.labels is None else asdict(blank.labels),
    }
