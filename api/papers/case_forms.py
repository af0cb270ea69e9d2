"""Forms 2.1 and 2.4 of Circular 20/2025: a collective's letter, a certificate of exchange.

The fields are those that the register knows and that every such paper needs; the columns of the
forms themselves were not read. Form 2.2 is the application in `letters`, 2.3 the list of a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.papers.slip import (
    DOTS,
    Fields,
    Paragraph,
    Sheet,
    SignaturePlace,
    Slip,
    headed,
    known,
    say,
    signer,
    slip_document,
)
from registry.messages import format_date

if TYPE_CHECKING:
    from api.papers.letters import Application
    from api.papers.receipts import CitedAward
    from registry.settings import Language


@dataclass(frozen=True, slots=True)
class ReplacedItem:
    """A component: the serial that was handed in or lost, and the new one."""

    component: str
    old_serial: str
    new_serial: str
    on: str


@dataclass(frozen=True, slots=True)
class ReplacementCertificate:
    """An office certifies that artifacts were exchanged or issued again; the award is unchanged."""

    office: str
    form: str
    kind: str
    reason: str
    receipt: str
    issued_on: str
    applicant: str
    award: CitedAward
    items: tuple[ReplacedItem, ...]


def collective_letter_document(application: Application, language: Language) -> dict[str, Any]:
    """A collective's letter, filled in as far as the register can; dots for the rest."""
    form = application.form
    slip = Slip(
        office=application.applicant.upper(),
        number=say("number", language, number=say("unknown", language)),
        place_and_date=say("application.month", language),
        heading=say("batch.to", language, to=application.to),
        below_number=tuple(
            filter(
                None,
                (
                    say("application.form", language, form=form) if form else "",
                    say("letter.about", language, kind=application.kind),
                ),
            )
        ),
        parts=(
            Paragraph(say("letter.opening", language, applicant=application.applicant)),
            known(
                [
                    *application.award.rows(language),
                    (say("confirmation.unit", language), application.unit),
                    (say("application.items", language, kind=application.kind), application.items),
                    (say("application.reason", language), application.reason),
                    (say("application.address", language), application.residence or DOTS),
                    (say("application.phone", language), application.phone or DOTS),
                ]
            ),
            Paragraph(say("letter.promise", language, applicant=application.applicant)),
        ),
        signatures=(
            SignaturePlace(()),
            SignaturePlace((say("letter.head", language),), say("sign-and-seal", language)),
        ),
        gap_mm=28,
    )
    return slip_document(say("letter.about", language, kind=application.kind), [slip], language)


def replacement_certificate_document(
    certificate: ReplacementCertificate, language: Language
) -> dict[str, Any]:
    """The certificate of an exchange or re-issue."""
    slip = Slip(
        office="",
        number=say("number", language, number=say("unknown", language)),
        place_and_date="",
        heading=say("replaced.title", language, kind=certificate.kind.upper()),
        below_number=(say("application.form", language, form=certificate.form),),
        parts=(
            Paragraph(
                say(
                    "replaced.opening",
                    language,
                    office=certificate.office,
                    kind=certificate.kind,
                )
            ),
            _award(certificate, language),
            _items(certificate, language),
            Paragraph(say("replaced.closing", language)),
        ),
        signatures=(SignaturePlace(()), signer(certificate.office, None, language)),
        recipients=(
            say("confirmation.recipients", language),
            f"- {certificate.applicant};",
            say("confirmation.archive", language, receipt=certificate.receipt),
        ),
        gap_mm=28,
    )
    slip = headed(slip, certificate.office, certificate.issued_on, language)
    return slip_document(f"{slip.heading} {certificate.receipt}", [slip], language)


def _award(certificate: ReplacementCertificate, language: Language) -> Fields:
    return known(
        [
            *certificate.award.rows(language),
            (say("application.reason", language), certificate.reason),
        ]
    )


def _items(certificate: ReplacementCertificate, language: Language) -> Sheet:
    return Sheet(
        head=tuple(
            say(f"replaced.{name}", language) for name in ("item", "old-serial", "new-serial", "on")
        ),
        widths=(4, 4, 4, 3),
        rows=tuple(
            (
                item.component,
                item.old_serial,
                item.new_serial,
                format_date(item.on, language),
            )
            for item in certificate.items
        ),
    )
