"""The family of a serial: what came before it and after it, each with its story from issue on.

Also the receipt on which a citizen handed an artifact in: everything that its paper says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import record_answer
from api.artifact_orders import serial_as_recorded
from api.artifact_story import chain_of
from api.artifact_views import ArtifactView
from api.award_answers import artifact_with_serial
from api.history_names import read_history
from api.moment import parse_moment
from api.records import award_of_serial, decision_of, read_award, refuse_withdrawn
from api.service import Reads
from projections.as_of import by_day
from registry.award.artifact import ArtifactSurrendered, Succession
from registry.messages import form_with_class, format_date, term

if TYPE_CHECKING:
    from api.history import HistoryEntry
    from api.records import AwardRecord
    from api.service import Asking
    from registry.fact import Fact
    from registry.register import Registry
    from registry.settings import Language

router = APIRouter(prefix="/api/artifacts", tags=["artifacts"])


@dataclass(frozen=True, slots=True)
class ReceiptItem:
    """One artifact on a receipt."""

    serial: str
    component: str
    component_name: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt as its paper says it: who took what from whom, for what, until when."""

    number: str
    surrendered_on: str
    surrendered_on_text: str
    surrendered_by: str
    relation: str | None
    purpose: str
    purpose_name: str
    due_on: str | None
    due_on_text: str | None
    kept_at: str
    items: Sequence[ReceiptItem]
    office: str
    taken_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AwardInShort:
    """The award that an artifact belongs to, as papers about the artifact name it."""

    id: str
    name: str
    honorific: str | None
    form: str
    form_name: str
    awarded_on: str | None
    decision_number: str | None
    decision_issuer: str | None
    decided_on: str | None


@router.get("/{serial}/family")
def family(request: Request, serial: str, asking: Reads) -> Response:
    """The artifacts of one component in the order in which they took each other's place."""
    moment = parse_moment(request.query_params)
    registry = asking.service.registry
    record = read_award(registry, award_of_serial(registry, serial), moment)
    refuse_withdrawn(record)
    own = serial_as_recorded(record, serial)
    artifacts = [_member(asking, record, one) for one in chain_of(record, own)]
    body = {
        "award": asdict(award_in_short(registry, record, asking.language)),
        "component": record.state.artifacts[own].component,
        "asked": own,
        "live": next((one["serial"] for one in artifacts if one["is_live"]), None),
        "artifacts": artifacts,
    }
    return record_answer(request, body, record.version, is_now=moment.is_now)


def artifact_document(asking: Asking, record: AwardRecord, serial: str) -> dict[str, Any]:
    """An artifact with the award it belongs to, and the receipt that it was last taken on."""
    registry, language = asking.service.registry, asking.language
    receipt = receipt_of(record, serial, language)
    return {
        **asdict(artifact_with_serial(asking, record, serial)),
        "award_id": str(record.id),
        "version": record.version,
        "award": asdict(award_in_short(registry, record, language)),
        "receipt": asdict(receipt) if receipt is not None else None,
    }


def award_in_short(registry: Registry, record: AwardRecord, language: Language) -> AwardInShort:
    """The award with its decision as its own record has it, or as the award's source cites it."""
    content, decision = record.state.content, decision_of(registry, record)
    made_by = decision.state.content if decision is not None else None
    return AwardInShort(
        id=str(record.id),
        name=content.recipient.name,
        honorific=content.recipient.honorific,
        form=content.form,
        form_name=form_with_class(content.form, content.award_class, language),
        awarded_on=content.awarded_on,
        decision_number=made_by.number if made_by else content.number_typed,
        decision_issuer=made_by.issuer if made_by else content.issuer_typed,
        decided_on=made_by.decided_on if made_by else content.awarded_on,
    )


def receipt_of(record: AwardRecord, serial: str, language: Language) -> ReceiptView | None:
    """The receipt on which an artifact was last handed in; None if it never was."""
    own = [fact for fact in _surrenders(record) if fact.event.serial == serial]
    if not own:
        return None
    last, event = own[-1], own[-1].event
    return ReceiptView(
        number=event.receipt,
        surrendered_on=event.surrendered_on,
        surrendered_on_text=format_date(event.surrendered_on, language),
        surrendered_by=event.surrendered_by.name,
        relation=event.surrendered_by.relation,
        purpose=event.purpose,
        purpose_name=term("purpose", event.purpose, language),
        due_on=event.due_on,
        due_on_text=format_date(event.due_on, language) if event.due_on else None,
        kept_at=event.kept_at,
        items=[
            _item(record, fact.event, language)
            for fact in _surrenders(record)
            if fact.event.receipt == event.receipt
        ],
        office=last.authorship.office,
        taken_by=last.authorship.actor,
        recorded_at=last.recorded_at,
    )


def _surrenders(record: AwardRecord) -> list[Fact[ArtifactSurrendered]]:
    """What was handed in by the day of the record, of artifacts that it has."""
    return [
        fact
        for fact in record.facts
        if isinstance(fact.event, ArtifactSurrendered)
        and fact.event.serial in record.state.artifacts
        and by_day(fact.event.surrendered_on, record.as_of)
    ]


def _item(record: AwardRecord, event: ArtifactSurrendered, language: Language) -> ReceiptItem:
    component = record.state.artifacts[event.serial].component
    name = term("component", component, language)
    return ReceiptItem(event.serial, component, name, event.condition)


def _member(asking: Asking, record: AwardRecord, serial: str) -> dict[str, Any]:
    """One artifact of the family, with everything that was recorded about it."""
    view: ArtifactView = artifact_with_serial(asking, record, serial)
    return {**asdict(view), "history": _story(asking, record, serial)}


def _story(asking: Asking, record: AwardRecord, serial: str) -> tuple[HistoryEntry, ...]:
    """The history of one artifact: what names its serial, also as somebody's successor."""
    facts = [fact for fact in record.facts if _names(fact.event, serial)]
    return read_history(asking.service.registry, facts, asking.language)


def _names(event: object, serial: str) -> bool:
    if isinstance(event, Succession) and event.successor == serial:
        return True
    return getattr(event, "serial", None) == serial
