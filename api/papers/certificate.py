"""What one certificate says: the text of an award as its own decision and paper have it.

The text is that of the award: names and places as printed, never today's. Number and date stand
exactly as written. What the decision says of its signatory wins over what the design assumes.

`proof` is what makes a certificate verifiable: a QR code, its check code, lines in small print
and files inside the PDF. The layout keeps a place for it and does without when there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from api.papers.designs import load_designs
from api.papers.wording import (
    UNKNOWN,
    UNKNOWN_PLACE,
    capitals,
    date_in_words,
    date_parts,
    place_and_date,
    place_of,
    printable,
)
from registry.errors import Rejected
from registry.messages import term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.papers.designs import Design, Designs


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
    """One certificate, ready to be set. `qr` is an SVG picture of 25 mm.

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
    check_code: str | None = None
    proof_lines: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def references(self) -> tuple[str, ...]:
        """The lines at the bottom left: decision and golden book."""
        number = self.decision_number or UNKNOWN
        golden = (f"Vào sổ vàng số: {self.golden_number}",) if self.golden_number else ()
        return (f"Quyết định số: {number} {self.decision_words}".rstrip(), *golden)


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


def _page(text: CertificateText) -> dict[str, Any]:
    return {
        "verb": text.verb,
        "award": [one for one in (text.form_name, text.class_name) if one],
        "recipient": text.recipient,
        "details": text.details,
        "merit": text.merit,
        "references": text.references,
        "place_and_date": place_and_date(text.place, text.signed_on),
        "title": text.title,
        "signatory": text.signatory,
        "qr": None if text.qr is None else text.qr.decode(),
        "check_code": text.check_code,
        "proof_lines": text.proof_lines,
        "attachments": text.attachments,
    }


def _design(design_id: str, issuer: str) -> dict[str, Any]:
    design = load_designs().by_id(design_id)
    return {
        "page_mm": design.page_mm,
        "frame_mm": design.frame_mm,
        "gap_mm": design.gap_mm,
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
