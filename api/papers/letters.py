"""Letters and applications: confirmation of an award, cover letter of a batch, the citizen's form.

What an old certificate says is printed as it says it. Today's names of places stand on the cover
letter and nowhere else (scenario 29).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.papers.receipts import CitedAward
from api.papers.slip import (
    DOTS,
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

if TYPE_CHECKING:
    from registry.settings import Language


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An office confirms from its archive that an award was made."""

    office: str
    number: str
    signed_on: str
    signatory: str | None
    award: CitedAward
    born: str | None
    native_place: str | None
    unit: str | None
    archive: str
    evidence: str | None
    applicant: str
    receipt: str


@dataclass(frozen=True, slots=True)
class BatchLetterLine:
    """A case of a batch: its place as printed and, where another name holds, as of today."""

    award: CitedAward
    place_printed: str | None
    place_today: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class BatchLetter:
    """The letter with which cases go to the central body; `form` is the number of their list."""

    office: str
    sent_on: str
    to: str
    lines: tuple[BatchLetterLine, ...]
    number: str | None = None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """A citizen's application, filled in as far as the register can; dots for the rest.

    `form` is its number in the procedure. Contacts are given only to who may read them.
    """

    applicant_kind: str
    kind_code: str
    kind: str
    form: str | None
    to: str
    applicant: str
    relation: str | None
    residence: str | None
    phone: str | None
    identity_paper: str | None
    award: CitedAward
    born: str | None
    native_place: str | None
    unit: str | None
    items: str
    reason: str


def confirmation_document(letter: Confirmation, language: Language) -> dict[str, Any]:
    """The confirmation letter."""
    rows = [
        *letter.award.rows(language),
        *_as_printed(letter.born, letter.native_place, letter.unit, language),
        (say("confirmation.evidence", language), letter.evidence),
    ]
    opening = say("confirmation.opening", language, archive=letter.archive, office=letter.office)
    closing = say("confirmation.closing", language, applicant=letter.applicant)
    slip = Slip(
        office="",
        number=say("number", language, number=letter.number),
        place_and_date="",
        heading=say("confirmation.title", language),
        parts=(Paragraph(opening), known(rows), Paragraph(closing)),
        signatures=(SignaturePlace(()), signer(letter.office, letter.signatory, language)),
        recipients=(
            say("confirmation.recipients", language),
            f"- {letter.applicant};",
            say("confirmation.archive", language, receipt=letter.receipt),
        ),
        gap_mm=28,
    )
    slip = headed(slip, letter.office, letter.signed_on, language)
    return slip_document(f"{slip.heading} {letter.number}", [slip], language)


def batch_letter_document(letter: BatchLetter, language: Language) -> dict[str, Any]:
    """The cover letter of a batch, with its cases."""
    counts = Counter(line.kind for line in letter.lines)
    kinds = ", ".join(
        say("batch.kind-count", language, count=count, kind=kind) for kind, count in counts.items()
    )
    opening = say(
        "batch.opening",
        language,
        office=letter.office,
        count=len(letter.lines),
        kinds=kinds,
        form=say("batch.form", language, form=letter.form) if letter.form else "",
    )
    slip = Slip(
        office="",
        number=say("number", language, number=letter.number or say("unknown", language)),
        place_and_date="",
        heading=say("batch.to", language, to=letter.to),
        below_number=(say("batch.title", language),),
        parts=(
            Paragraph(opening),
            _cases(letter, language),
            Paragraph(say("batch.closing", language, office=letter.office, to=letter.to)),
        ),
        signatures=(SignaturePlace(()), signer(letter.office, None, language)),
        recipients=tuple(
            say(key, language)
            for key in ("confirmation.recipients", "batch.as-above", "batch.archive")
        ),
        gap_mm=28,
    )
    slip = headed(slip, letter.office, letter.sent_on, language)
    return slip_document(say("batch.title", language), [slip], language)


def application_document(application: Application, language: Language) -> dict[str, Any]:
    """The application: a citizen reads it, signs it and hands it in."""
    form = application.form
    slip = Slip(
        office="",
        number=say("application.form", language, form=form) if form else "",
        place_and_date="",
        heading=_application_title(application, language),
        subheading=(say("application.to", language, to=application.to),),
        parts=(
            known(_applicant_rows(application, language)),
            Paragraph(say("application.as-printed", language), indent=False),
            known(
                [
                    *application.award.rows(language),
                    *_as_printed(
                        application.born, application.native_place, application.unit, language
                    ),
                    (
                        say("application.items", language, kind=application.kind),
                        application.items,
                    ),
                    (say("application.reason", language), application.reason),
                ]
            ),
            Paragraph(say("application.promise", language)),
        ),
        signatures=(
            SignaturePlace(
                (say("application.local", language),),
                say("sign-and-seal", language),
                above=(say("application.month", language),),
            ),
            SignaturePlace(
                (say(_signer_of(application), language),),
                say("sign-here", language),
                application.applicant,
                above=(say("application.month", language),),
            ),
        ),
        gap_mm=26,
    )
    return slip_document(slip.heading, [slip], language)


def _application_title(application: Application, language: Language) -> str:
    if application.kind_code == "confirmation":
        return say("application.title-confirmation", language)
    return say("application.title", language, kind=application.kind.upper())


def _signer_of(application: Application) -> str:
    household = application.applicant_kind == "household"
    return "application.household-signer" if household else "application.signer"


def _applicant_label(application: Application) -> str:
    household = application.applicant_kind == "household"
    return "application.household" if household else "application.applicant"


def _applicant_rows(application: Application, language: Language) -> list[tuple[str, str | None]]:
    return [
        (say(_applicant_label(application), language), application.applicant),
        (
            say("application.relation", language),
            application.relation or say("application.self", language),
        ),
        (say("application.address", language), application.residence or DOTS),
        (say("application.paper", language), application.identity_paper or DOTS),
        (say("application.phone", language), application.phone or DOTS),
    ]


def _as_printed(
    born: str | None, native_place: str | None, unit: str | None, language: Language
) -> list[tuple[str, str | None]]:
    return [
        (say("confirmation.born", language), born),
        (say("confirmation.native-place", language), native_place),
        (say("confirmation.unit", language), unit),
    ]


def _cases(letter: BatchLetter, language: Language) -> Sheet:
    names = ("order", "name", "place", "award", "kind")
    return Sheet(
        head=tuple(say(f"batch.{name}", language) for name in names),
        widths=(1, 4, 6, 7, 3),
        rows=tuple(
            (
                str(number),
                line.award.recipient,
                _place(line, language),
                "; ".join(filter(None, (line.award.form, line.award.decision(language)))),
                line.kind,
            )
            for number, line in enumerate(letter.lines, start=1)
        ),
    )


def _place(line: BatchLetterLine, language: Language) -> str:
    if line.place_today is None or line.place_today == line.place_printed:
        return line.place_printed or ""
    printed = line.place_printed or DOTS
    return say("batch.place-today", language, printed=printed, today=line.place_today)
