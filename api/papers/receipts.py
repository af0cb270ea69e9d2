"""Receipts: for what a citizen hands in, and for a request that was received."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from api.papers.slip import (
    DOTS,
    CheckLine,
    Checklist,
    Paragraph,
    Sheet,
    SignaturePlace,
    Slip,
    headed,
    known,
    say,
    slip_document,
)
from api.papers.wording import date_in_words
from registry.messages import format_date

if TYPE_CHECKING:
    from registry.settings import Language


@dataclass(frozen=True, slots=True)
class CitedAward:
    """An award as papers about it name it: everything as printed or as decided, never today's."""

    recipient: str
    form: str
    number: str | None = None
    decided_on: str | None = None
    issuer: str | None = None
    golden_number: str | None = None

    def decision(self, language: Language) -> str | None:
        """The decision in a line; None if nothing is known of it."""
        if not (self.number or self.decided_on or self.issuer):
            return None
        unknown = say("unknown", language)
        return say(
            "decision-line",
            language,
            number=self.number or unknown,
            date=day_in_words(self.decided_on, language) if self.decided_on else unknown,
            issuer=self.issuer or unknown,
        )

    def rows(self, language: Language) -> list[tuple[str, str | None]]:
        """Labels and values for a paper."""
        return [
            (say("recipient", language), self.recipient),
            (say("award", language), self.form),
            (say("decision", language), self.decision(language)),
            (say("golden-book", language), self.golden_number),
        ]


@dataclass(frozen=True, slots=True)
class CustodyItem:
    """An artifact that was handed in, and the state it was in."""

    name: str
    serial: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class CustodyReceipt:
    """What an office took from a citizen, why, until when, and where it lies."""

    office: str
    number: str
    taken_on: str
    giver: str
    relation: str | None
    award: CitedAward
    purpose: str
    kept_at: str
    due_on: str | None
    items: tuple[CustodyItem, ...]
    taker: str
    given_back: bool = False


@dataclass(frozen=True, slots=True)
class ChecklistPaper:
    """A paper of a procedure's checklist."""

    name: str
    form: str | None
    present: bool


@dataclass(frozen=True, slots=True)
class AppliedLimit:
    """Where the time limit comes from that was applied; `assumed` if it only stands in."""

    source: str
    assumed: bool


@dataclass(frozen=True, slots=True)
class IntakeReceipt:
    """A request that was received: its papers, and when it will be answered."""

    office: str
    number: str
    received_on: str
    due_on: str | None
    kind: str
    items: str
    applicant: str
    relation: str | None
    award: CitedAward
    route: str
    rule: str | None
    limit: AppliedLimit | None
    papers: tuple[ChecklistPaper, ...]
    missing: tuple[str, ...]
    taker: str


def custody_document(receipt: CustodyReceipt, language: Language) -> dict[str, Any]:
    """Two copies on one sheet: for whoever handed in, and for the office."""
    slip = Slip(
        office="",
        number=say("number", language, number=receipt.number),
        place_and_date="",
        heading=say("custody.title", language),
        parts=(
            known(_custody_rows(receipt, language)),
            _items(receipt, language),
            Paragraph(say(_promise_of(receipt), language), indent=False, italic=True),
        ),
        signatures=(
            _signer("custody.giver", receipt.giver, language),
            _signer("custody.taker", receipt.taker, language),
        ),
        gap_mm=14,
    )
    slip = headed(slip, receipt.office, receipt.taken_on, language)
    copies = [
        replace(slip, below_number=(say(f"custody.copy-{number}", language),)) for number in (1, 2)
    ]
    return slip_document(f"{slip.heading} {receipt.number}", copies, language)


def intake_document(receipt: IntakeReceipt, language: Language) -> dict[str, Any]:
    """The receipt that an applicant takes home."""
    checklist = Checklist(tuple(_check_line(one, language) for one in receipt.papers))
    missing = "; ".join(receipt.missing)
    slip = Slip(
        office="",
        number=say("number", language, number=receipt.number),
        place_and_date="",
        heading=say("intake.title", language),
        parts=(
            known(_intake_rows(receipt, language)),
            Paragraph(say("intake.papers", language), indent=False),
            checklist,
            *(
                [Paragraph(say("intake.missing", language, papers=missing), indent=False)]
                if missing
                else []
            ),
            Paragraph(say("intake.status", language), indent=False, italic=True),
        ),
        signatures=(
            _signer("intake.giver", receipt.applicant, language),
            _signer("intake.taker", receipt.taker, language),
        ),
    )
    slip = headed(slip, receipt.office, receipt.received_on, language)
    return slip_document(f"{slip.heading} {receipt.number}", [slip], language)


def day_in_words(on: str, language: Language) -> str:
    """A date within a paper."""
    return date_in_words(on) if language == "vi" else format_date(on, language)


def _promise_of(receipt: CustodyReceipt) -> str:
    return "custody.given-back" if receipt.given_back else "custody.promise"


def _custody_rows(receipt: CustodyReceipt, language: Language) -> list[tuple[str, str | None]]:
    due = day_in_words(receipt.due_on, language) if receipt.due_on else None
    return [
        (say("custody.from", language), _giver(receipt.giver, receipt.relation, language)),
        (say("custody.on", language), day_in_words(receipt.taken_on, language)),
        *receipt.award.rows(language),
        (say("custody.purpose", language), receipt.purpose),
        (say("custody.kept-at", language), receipt.kept_at),
        (
            say("custody.due", language),
            None if receipt.given_back else due or say("custody.no-due", language),
        ),
    ]


def _intake_rows(receipt: IntakeReceipt, language: Language) -> list[tuple[str, str | None]]:
    due = day_in_words(receipt.due_on, language) if receipt.due_on else None
    request = say("intake.kind-of", language, kind=receipt.kind, items=receipt.items).strip(" :")
    return [
        (say("intake.kind", language), request),
        (say("intake.from", language), _giver(receipt.applicant, receipt.relation, language)),
        *receipt.award.rows(language),
        (say("intake.on", language), day_in_words(receipt.received_on, language)),
        (say("intake.due", language), due or say("intake.no-due", language)),
        (say("intake.route", language), receipt.route),
        (say("intake.rule", language), receipt.rule),
        (say("intake.limit", language), _limit(receipt.limit, language)),
    ]


def _limit(limit: AppliedLimit | None, language: Language) -> str | None:
    if limit is None or not limit.assumed:
        return None if limit is None else limit.source
    return say("intake.limit-assumed", language, source=limit.source)


def _items(receipt: CustodyReceipt, language: Language) -> Sheet:
    names = ("order", "item", "serial", "condition")
    return Sheet(
        head=tuple(say(f"custody.{name}", language) for name in names),
        widths=(1, 5, 4, 6),
        rows=tuple(
            (str(number), one.name, one.serial, one.condition or DOTS)
            for number, one in enumerate(receipt.items, start=1)
        ),
    )


def _check_line(paper: ChecklistPaper, language: Language) -> CheckLine:
    words = paper.name
    if paper.form is not None:
        words = say("intake.paper-form", language, name=paper.name, form=paper.form)
    return CheckLine(words, paper.present)


def _giver(name: str, relation: str | None, language: Language) -> str:
    if relation is None:
        return name
    return say("custody.from-relative", language, name=name, relation=relation)


def _signer(title: str, name: str, language: Language) -> SignaturePlace:
    return SignaturePlace((say(title, language),), say("sign-here", language), name)
