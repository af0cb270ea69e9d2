"""What one certificate says: the text of an award as its own decision and paper have it.

The text is that of the award: names and places as printed, never today's. Number and date stand
exactly as written. What the decision says of its signatory wins over what the design assumes.

What makes a certificate verifiable is a QR code, its serial, check code and address in words, and
files inside the PDF. The layout keeps a place for it and does without when there is none. Whoever
types these words from a paper is seldom young, so their type has a least size, which grows with
the sheet: nobody holds a sheet of 455 mm as near as a letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from api.papers.designs import load_designs
from api.papers.wording import (
    UNKNOWN,
    UNKNOWN_PLACE,
    Piece,
    capitals,
    date_in_words,
    date_parts,
    pieces,
    place_and_date,
    place_of,
    printable,
    whole,
    whole_name,
)
from registry.errors import Rejected
from registry.messages import term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.papers.designs import Design, Designs


TYPED_AT: Final = "Kiểm tra tại"
LEAST_POINTS: Final = 12.0
LEAST_POINTS_ON_A4: Final = 11.0
A4_WIDTH_MM: Final = 297.0
_BETWEEN_LINES: Final = re.compile("[,;\n]")


@dataclass(frozen=True, slots=True)
class AwardText:
    """What the register has of an award and its decision, as far as a certificate prints it."""

    form: str
    name: str
    award_class: str | None = None
    conferral: str = "living"
    honorific: str | None = None
    position: str | None = None
    unit: str | None = None
    native_places: tuple[str, ...] = ()
    merit: str | None = None
    awarded_on: str | None = None
    number: str | None = None
    decided_on: str | None = None
    issuer: str | None = None
    signatory: str | None = None
    signatory_title: str | None = None
    golden_number: str | None = None
    reissued: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF; `relationship` as PDF 2.0 names it."""

    name: str
    content: str
    mime_type: str
    description: str
    relationship: Literal["source", "data", "alternative", "supplement"] = "supplement"


@dataclass(frozen=True, slots=True)
class CertificateText:
    """One certificate, ready to be set. `qr` is an SVG picture of the size that its reader wants.

    `reissued` is how often the paper was issued again because the one before was lost.

    The parts of decision and date stand for themselves too: pre-printed blanks have the words
    between them already.
    """

    design: str
    verb: str
    form_name: str
    class_name: str
    recipient: str
    details: tuple[str, ...]
    merit: str
    decision_number: str
    decision_words: str
    decision_date: tuple[str, str, str]
    golden_number: str
    place: str
    signed_on: str | None
    title: tuple[str, ...]
    signatory: str
    issuer: str = ""
    qr: bytes | None = None
    serial: str | None = None
    check_code: str | None = None
    address: str | None = None
    reissued: int = 0
    attachments: tuple[Attachment, ...] = ()

    @property
    def references(self) -> tuple[str, ...]:
        """The lines at the bottom left: decision, golden book, and how often issued again."""
        return tuple("".join(one.text for one in line) for line in self.reference_pieces)

    @property
    def reference_pieces(self) -> tuple[tuple[Piece, ...], ...]:
        """The same, each line with what stands whole on it: the number, the date."""
        number = whole(f"Quyết định số: {self.decision_number or UNKNOWN}")
        date = (Piece(" "), whole(self.decision_words)) if self.decision_words else ()
        golden = whole(f"Vào sổ vàng số: {self.golden_number}")
        return (
            (number, *date),
            *([(golden,)] if self.golden_number else ()),
            *((whole(line),) for line in self.reissue_lines),
        )

    @property
    def reissue_lines(self) -> tuple[str, ...]:
        """What a paper says that was issued again."""
        return (f"Cấp lại lần {self.reissued}",) if self.reissued else ()

    @property
    def proof_lines(self) -> tuple[tuple[Piece, ...], ...]:
        """What is typed by hand to check the paper: each stands whole on a line."""
        typed = (("Số hiệu: ", self.serial), ("Mã kiểm tra: ", self.check_code))
        return tuple((Piece(name), whole(value)) for name, value in typed if value)

    @property
    def address_line(self) -> str:
        """Where it is typed."""
        return f"{TYPED_AT} {self.address}" if self.address else ""


def least_points(page_mm: tuple[float, float]) -> float:
    """The least size of the type that people copy from a paper of this size, in points.

    What is 11 points on a sheet of A4 laid across; 12 at least.
    """
    return round(max(LEAST_POINTS, LEAST_POINTS_ON_A4 * page_mm[0] / A4_WIDTH_MM), 1)


def compose(award: AwardText) -> CertificateText:
    """The certificate of an award.

    Raises `Rejected` if no certificate of this form is printed, or if its head would have to
    name an issuer that nobody recorded.
    """
    designs = load_designs()
    decided_on = award.decided_on or award.awarded_on
    design = designs.find(award.form, award.awarded_on or decided_on, award.issuer)
    if award.issuer is None and any("{issuer}" in line.text for line in design.head):
        raise Rejected("certificate-issuer-missing", field="issuer")
    return CertificateText(
        design=design.id,
        verb=designs.verb(award.form, award.conferral),
        form_name=designs.printed_name(award.form),
        class_name=_class_name(award.award_class),
        recipient=printable(" ".join(filter(None, (award.honorific, award.name)))),
        details=_details(award),
        merit=printable(award.merit or ""),
        decision_number=printable(award.number or ""),
        decision_words=date_in_words(decided_on) if decided_on else "",
        decision_date=date_parts(decided_on),
        golden_number=printable(award.golden_number or ""),
        place=_place(design, award.issuer or "", designs),
        signed_on=decided_on,
        title=_title(design, award, designs),
        signatory=printable(award.signatory or ""),
        issuer=capitals(award.issuer or ""),
        reissued=award.reissued,
    )


def certificates_document(texts: Iterable[CertificateText], title: str) -> dict[str, Any]:
    """What `certificate.typ` is given."""
    designs: dict[str, dict[str, Any]] = {}
    pages = []
    for text in texts:
        key = f"{text.design}|{text.issuer}"
        if key not in designs:
            designs[key] = _design(text.design, text.issuer)
        pages.append({"design": key, **_page(text)})
    return {"title": title, "designs": designs, "pages": pages}


def trial_document(text: CertificateText) -> dict[str, Any]:
    """The same as a proof, to be looked at and never issued.

    It shows the places of seal and signature and bears nothing by which it could be checked.
    """
    bare = replace(text, qr=None, serial=None, check_code=None, address=None, attachments=())
    title = f"BẢN IN THỬ - {text.form_name} - {text.recipient}"
    return certificates_document((bare,), title) | {"trial": True}


def _page(text: CertificateText) -> dict[str, Any]:
    return {
        "verb": text.verb,
        "award": [one for one in (text.form_name, text.class_name) if one],
        "named": text.recipient,
        "recipient": whole_name(text.recipient),
        "details": text.details,
        "merit": pieces(text.merit),
        "references": text.reference_pieces,
        "place_and_date": pieces(place_and_date(text.place, text.signed_on)),
        "title": text.title,
        "signatory": (whole_name(text.signatory),) if text.signatory else (),
        "qr": None if text.qr is None else text.qr.decode(),
        "proof_lines": text.proof_lines,
        "address": text.address_line,
        "attachments": text.attachments,
    }


def _design(design_id: str, issuer: str) -> dict[str, Any]:
    design = load_designs().by_id(design_id)
    return {
        "page_mm": design.page_mm,
        "frame_mm": design.frame_mm,
        "gap_mm": design.gap_mm,
        "least_pt": least_points(design.page_mm),
        "national_name": design.national_name,
        "motto": design.motto,
        "head": [
            {"text": line.text.replace("{issuer}", issuer), "red": line.red} for line in design.head
        ],
    }


def _class_name(award_class: str | None) -> str:
    return f"HẠNG {term('class', award_class, 'vi').upper()}" if award_class else ""


def _details(award: AwardText) -> tuple[str, ...]:
    """Position and unit; else the native place, as the decision prints it."""
    post = ", ".join(filter(None, (award.position, award.unit)))
    if post:
        return (printable(post),)
    places = dict.fromkeys(printable(one) for one in award.native_places)
    return tuple(f"Quê quán: {place}" for place in places)


def _place(design: Design, issuer: str, designs: Designs) -> str:
    if design.place != "{place}":
        return design.place or UNKNOWN_PLACE
    office = designs.office(issuer)
    of_office = office.place if office is not None else None
    return of_office or place_of(issuer, designs.places) or UNKNOWN_PLACE


def _title(design: Design, award: AwardText, designs: Designs) -> tuple[str, ...]:
    if award.signatory_title:
        # "KT. Chủ tịch, Phó Chủ tịch" is signed in two lines.
        parts = _BETWEEN_LINES.split(printable(award.signatory_title).upper())
        return tuple(part.strip() for part in parts if part.strip())
    if design.title != ("{title}",):
        return design.title
    office = designs.office(award.issuer or "")
    return office.title if office is not None else ()
