"""Routes of papers about artifacts and cases: receipts, confirmation, application, cover letter.

An intake receipt shows the papers that were there when the request came in. What an old
certificate says is printed as it says it; today's names stand on the cover letter only.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import pdf_answer
from api.artifact_orders import serial_as_recorded
from api.cases.answers import case_view_for
from api.cases.list import list_form
from api.cases.records import CaseRecord, fold_case, read_case, read_cases
from api.commands import parse_identifier
from api.family import award_in_short, receipt_of
from api.moment import NOW, Moment
from api.papers.case_forms import (
    ReplacedItem,
    ReplacementCertificate,
    collective_letter_document,
    replacement_certificate_document,
)
from api.papers.letters import (
    Application,
    BatchLetter,
    BatchLetterLine,
    Confirmation,
    application_document,
    batch_letter_document,
    confirmation_document,
)
from api.papers.press import typeset
from api.papers.receipts import (
    AppliedLimit,
    ChecklistPaper,
    CitedAward,
    CustodyItem,
    CustodyReceipt,
    IntakeReceipt,
    custody_document,
    intake_document,
)
from api.records import award_of_serial, read_award
from api.service import Asking, Reads
from projections.cases import sendings_of_batch
from registry.award import held_by
from registry.award.artifact import ArtifactReplaced, succeeded_on
from registry.award.doubts import held_back
from registry.cases.events import ServiceCaseConfirmed
from registry.errors import NotFound, Rejected
from registry.law.procedures import find_rule
from registry.messages import term

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from api.cases.views import CaseView
    from api.family import AwardInShort, ReceiptView
    from api.personal_views import PersonalView
    from api.records import AwardRecord
    from registry.fact import Fact
    from registry.settings import Language

router = APIRouter(prefix="/api", tags=["papers"])

# An office's paper is Vietnamese unless English is asked for by name: the language of a clerk's
# browser must not decide it.
PaperLanguage = Literal["vi", "en"]


@router.get("/artifacts/{serial}/receipt.pdf")
def custody_receipt(serial: str, asking: Reads, language: PaperLanguage = "vi") -> Response:
    """The receipt on which the artifact was last handed in, in two copies."""
    registry = asking.service.registry
    record = read_award(registry, award_of_serial(registry, serial))
    receipt = receipt_of(record, serial_as_recorded(record, serial), language)
    if receipt is None:
        raise NotFound("artifact-never-handed-in", field="serial", serial=serial[:100])
    cited = _cited_in_short(record, award_in_short(registry, record, language))
    document = custody_document(_custody(receipt, cited), language)
    return _slip(document, receipt.recorded_at, receipt.number)


@router.get("/cases/{case_id}/receipt.pdf")
def intake_receipt(case_id: str, asking: Reads, language: PaperLanguage = "vi") -> Response:
    """The receipt of a request, as it was when the request came in."""
    record = _find(asking, case_id)
    then = Moment(known_at=record.facts[0].recorded_at)
    view = _view(asking, fold_case(record.facts[:1]), language, then)
    return _slip(intake_document(_intake(view), language), view.recorded_at, view.receipt)


@router.get("/cases/{case_id}/confirmation.pdf")
def confirmation(case_id: str, asking: Reads, language: PaperLanguage = "vi") -> Response:
    """The confirmation letter of a case. Raises `Rejected` while none was issued.

    Nor is one printed of an award that a doubt holds back meanwhile.
    """
    record = _find(asking, case_id)
    _check_free(asking, record)
    view, issued = _view(asking, record, language), _confirmed(record)
    document = confirmation_document(_confirmation(view, issued), language)
    return _slip(document, issued.recorded_at, f"{view.receipt}-xac-nhan")


@router.get("/cases/{case_id}/application.pdf")
def application(case_id: str, asking: Reads) -> Response:
    """The application of a case, filled in as on the old certificate."""
    record = _find(asking, case_id)
    view = _view(asking, record, "vi")
    asked = _application(view)
    by_letter = asked.applicant_kind == "collective"
    document = (collective_letter_document if by_letter else application_document)(asked, "vi")
    return _slip(document, view.recorded_at, f"{view.receipt}-don")


@router.get("/cases/{case_id}/replacement.pdf")
def replacement_certificate(case_id: str, asking: Reads) -> Response:
    """The certificate of an exchange or re-issue (form 2.4), once new artifacts are there."""
    record = _find(asking, case_id)
    file, view = record.state.file, _view(asking, record, "vi")
    rule = find_rule(file.opened.rule)
    form = rule.forms.get("certificate") if rule is not None else None
    if form is None:
        raise Rejected("form-not-of-this-rule", field="id", rule=file.opened.rule)
    replaced = _replaced(asking, record)
    if not replaced:
        raise Rejected("nothing-replaced-yet", field="id", receipt=view.receipt)
    certificate = ReplacementCertificate(
        office=view.desk,
        form=form.number,
        kind=view.kind_name,
        reason=view.reason_text or view.reason_name,
        receipt=view.receipt,
        issued_on=max(one.on for one in replaced),
        applicant=view.applicant.name,
        award=_cited_as_printed(view),
        items=replaced,
    )
    document = replacement_certificate_document(certificate, "vi")
    return _slip(document, view.changed_at, f"{view.receipt}-chung-nhan")


@router.get("/case-batches/{batch_id}/letter.pdf")
def batch_letter(batch_id: str, asking: Reads) -> Response:
    """The cover letter of a batch, with today's names of places beside those printed."""
    found = parse_identifier(batch_id)
    with asking.service.reading() as rows:
        sendings = sendings_of_batch(rows, found)
    if not sendings:
        raise NotFound("batch-unknown")
    records = read_cases(asking.service.registry, [one.case_id for one in sendings])
    for record in records:
        asking.require("read-paper", *record.units)
    views = [_view(asking, one, "vi") for one in records]
    sent = _sending_of(records[0], found)
    letter = BatchLetter(
        office=sent.authorship.office,
        sent_on=sent.event.on,
        to=sent.event.sent_to,
        lines=tuple(_batch_line(view) for view in views),
        form=list_form(date.fromisoformat(sent.event.on)),
    )
    return _slip(batch_letter_document(letter, "vi"), sent.recorded_at, str(found))


def _find(asking: Asking, case_id: str) -> CaseRecord:
    return read_case(asking.service.registry, parse_identifier(case_id))


def _view(asking: Asking, record: CaseRecord, language: Language, moment: Moment = NOW) -> CaseView:
    return case_view_for(Asking(asking.service, asking.user, language), record, moment)


def _check_free(asking: Asking, record: CaseRecord) -> None:
    """Raise `Rejected` if a doubt holds back the award of a case."""
    award_id = record.state.file.award_id
    if award_id is None:
        return
    held = held_by(read_award(asking.service.registry, award_id).state)
    if held is not None:
        raise held_back(held)


def _slip(document: Mapping[str, Any], made_at: datetime, name: str) -> Response:
    return pdf_answer(typeset("slip", document, made_at), name)


def _replaced(asking: Asking, record: CaseRecord) -> tuple[ReplacedItem, ...]:
    """The artifacts in whose place new ones came by this case."""
    award_id = record.state.file.award_id
    if award_id is None:
        return ()
    artifacts = read_award(asking.service.registry, award_id).state.artifacts
    return tuple(
        ReplacedItem(
            term("component", one.component, "vi"), one.serial, by.successor, succeeded_on(by)
        )
        for one in artifacts.values()
        if (by := one.superseded_by) is not None
        and not isinstance(by, ArtifactReplaced)
        and by.case_id == record.id
    )


def _confirmed(record: CaseRecord) -> Fact[ServiceCaseConfirmed]:
    letters = [fact for fact in record.facts if isinstance(fact.event, ServiceCaseConfirmed)]
    if not letters:
        raise Rejected("confirmation-missing", field="id")
    return letters[-1]


def _sending_of(record: CaseRecord, batch_id: UUID) -> Fact[Any]:
    """The fact by which a case went with a batch."""
    return next(fact for fact in record.facts if getattr(fact.event, "batch_id", None) == batch_id)


# What the register has, as papers take it ---------------------------------------------------


def _cited_in_short(record: AwardRecord, award: AwardInShort) -> CitedAward:
    golden = record.state.content.golden_book
    return CitedAward(
        recipient=" ".join(filter(None, (award.honorific, award.name))),
        form=award.form_name,
        number=award.decision_number,
        decided_on=award.decided_on,
        issuer=award.decision_issuer,
        golden_number=golden.number if golden is not None else None,
    )


def _cited_as_printed(view: CaseView) -> CitedAward:
    printed = view.as_printed
    return CitedAward(
        recipient=printed.recipient,
        form=printed.form_name,
        number=printed.number,
        decided_on=printed.awarded_on,
        issuer=printed.issuer,
    )


def _custody(receipt: ReceiptView, cited: CitedAward) -> CustodyReceipt:
    return CustodyReceipt(
        office=receipt.office,
        number=receipt.number,
        taken_on=receipt.surrendered_on,
        giver=receipt.surrendered_by,
        relation=receipt.relation,
        award=cited,
        purpose=receipt.purpose_name,
        kept_at=receipt.kept_at,
        due_on=receipt.due_on,
        items=tuple(
            CustodyItem(one.component_name, one.serial, one.condition) for one in receipt.items
        ),
        taker=receipt.taken_by,
        given_back=receipt.purpose == "given-back",
    )


def _intake(view: CaseView) -> IntakeReceipt:
    return IntakeReceipt(
        office=view.desk,
        number=view.receipt,
        received_on=view.received_on,
        due_on=view.due_on_receipt,
        kind=view.kind_name,
        items=_items(view),
        applicant=view.applicant.name,
        relation=view.applicant.relation,
        award=_cited_as_printed(view),
        route=view.route.body,
        rule=view.rule.source,
        limit=_limit(view),
        papers=tuple(ChecklistPaper(one.name, one.form, one.present) for one in view.checklist),
        missing=tuple(one.name for one in view.missing),
        taker=view.recorded_by,
    )


def _limit(view: CaseView) -> AppliedLimit | None:
    """Where the limit of the first step comes from: by it the receipt's day was set."""
    first = next((one for one in view.rule.limits if one.step == "province"), None)
    return None if first is None else AppliedLimit(first.source, first.certainty == "assumed")


def _confirmation(view: CaseView, issued: Fact[ServiceCaseConfirmed]) -> Confirmation:
    archive = view.archive
    return Confirmation(
        office=issued.authorship.office,
        number=issued.event.number,
        signed_on=issued.event.on,
        signatory=issued.event.signatory,
        award=_cited_as_printed(view),
        born=view.as_printed.born,
        native_place=view.as_printed.native_place,
        unit=view.as_printed.unit,
        archive=archive.archive if archive is not None else "",
        evidence=archive.evidence if archive is not None else None,
        applicant=view.applicant.name,
        receipt=view.receipt,
    )


def _application(view: CaseView) -> Application:
    applicant, printed = view.applicant, view.as_printed
    forms = (one.form for one in view.checklist if one.code.startswith(("application-", "letter-")))
    return Application(
        applicant_kind=applicant.kind,
        kind_code=view.kind,
        kind=view.kind_name,
        form=next(forms, None),
        to=view.route.body,
        applicant=applicant.name,
        relation=applicant.relation,
        residence=_opened(applicant.residence),
        phone=_opened(applicant.phone),
        identity_paper=_opened(applicant.identity_paper),
        award=_cited_as_printed(view),
        born=printed.born,
        native_place=printed.native_place,
        unit=printed.unit,
        items=_items(view),
        reason=view.reason_text or view.reason_name,
    )


def _batch_line(view: CaseView) -> BatchLetterLine:
    printed = view.as_printed
    return BatchLetterLine(
        award=_cited_as_printed(view),
        place_printed=printed.native_place or printed.unit,
        place_today=view.cover_letter.native_place_today,
        kind=view.kind_name,
    )


def _items(view: CaseView) -> str:
    return ", ".join(one.name for one in view.components)


def _opened(value: PersonalView | None) -> str | None:
    return value.value if value is not None else None
