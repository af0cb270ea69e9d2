"""The history of a record as people read it: who, when, what, before and after, on what basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from registry.artifact import (
    ArtifactDelivered,
    ArtifactIssued,
    ArtifactPrinted,
    ArtifactReturnedUndelivered,
    ArtifactSigned,
)
from registry.award import AwardCorrected, AwardRecorded
from registry.codec import event_name
from registry.decision import DecisionCorrected, DecisionRegistered
from registry.messages import form_name, form_with_class, format_date, term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from registry.fact import Fact
    from registry.rules import Change
    from registry.settings import Language

_DATES = frozenset({"awarded_on", "decided_on", "born"})
_VOCABULARIES = {"award_class": "class", "conferral": "conferral", "sex": "sex"}


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One field before and after a correction, in words."""

    field: str
    field_name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class DetailView:
    """Something that an event says, in words."""

    field: str
    field_name: str
    value: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One fact of a record."""

    version: int
    position: int
    event: str
    title: str
    recorded_at: datetime
    actor: str
    office: str
    basis: str | None
    reason: str | None
    details: Sequence[DetailView]
    changes: Sequence[ChangeView]


def history_of(facts: Iterable[Fact[Any]], language: Language) -> tuple[HistoryEntry, ...]:
    """The facts of a record in words, in the order in which they were recorded."""
    return tuple(_entry(fact, language) for fact in facts)


def _entry(fact: Fact[Any], language: Language) -> HistoryEntry:
    name = event_name(fact.event)
    return HistoryEntry(
        version=fact.version,
        position=fact.position,
        event=name,
        title=term("event", name, language),
        recorded_at=fact.recorded_at,
        actor=fact.authorship.actor,
        office=fact.authorship.office,
        basis=fact.authorship.basis,
        reason=getattr(fact.event, "reason", None),
        details=tuple(
            DetailView(field, term("field", field, language), value)
            for field, value in _details(fact.event, language)
            if value
        ),
        changes=tuple(_changes(fact.event, language)),
    )


def _details(  # noqa: PLR0911 - one for each kind of event
    event: object, language: Language
) -> list[tuple[str, str | None]]:
    match event:
        case DecisionRegistered():
            return [
                ("number", event.number),
                ("issuer", event.issuer),
                ("decided_on", _date(event.decided_on, language)),
            ]
        case AwardRecorded():
            return [
                ("name", event.recipient.name),
                ("form", form_with_class(event.form, event.award_class, language)),
                ("awarded_on", _date(event.awarded_on, language)),
                ("source", _source(event, language)),
            ]
        case AwardCorrected():
            return [(value.kind, "•••") for value in event.personal]
        case ArtifactIssued():
            return [
                ("component", term("component", event.component, language)),
                ("serial", event.serial),
                ("issued_on", _date(event.issued_on, language)),
            ]
        case ArtifactPrinted():
            return [("serial", event.serial), ("printed_on", _date(event.printed_on, language))]
        case ArtifactDelivered():
            return [
                ("serial", event.serial),
                ("delivered_on", _date(event.delivered_on, language)),
                ("receiver", event.receiver.name),
                ("relation", event.receiver.relation),
            ]
        case ArtifactReturnedUndelivered():
            return [
                ("serial", event.serial),
                ("returned_on", _date(event.returned_on, language)),
                ("returned_by", event.returned_by),
            ]
        case ArtifactSigned():
            return [("serial", event.serial), ("kid", event.kid)]
        case _:
            return []


def _changes(event: object, language: Language) -> Iterable[ChangeView]:
    match event:
        case AwardCorrected(changes=changes) | DecisionCorrected(changes=changes):
            return [_change(change, language) for change in changes]
        case _:
            return []


def _change(change: Change, language: Language) -> ChangeView:
    return ChangeView(
        change.field,
        term("field", change.field, language),
        _in_words(change.field, change.before, language),
        _in_words(change.field, change.after, language),
    )


def _in_words(field: str, value: str | None, language: Language) -> str | None:
    if value is None:
        return None
    if field in _DATES:
        return format_date(value, language)
    if field == "form":
        return form_name(value, language)
    if field in _VOCABULARIES:
        return term(_VOCABULARIES[field], value, language)
    return value


def _source(event: AwardRecorded, language: Language) -> str:
    source = event.source
    words = [term("source-kind", source.kind, language)]
    if source.reference:
        words.append(source.reference)
    if source.row is not None:
        words.append(f"dòng {source.row}" if language == "vi" else f"row {source.row}")
    if source.certainty != "certain":
        words.append(term("certainty", source.certainty, language))
    return ", ".join(words)


def _date(text: str | None, language: Language) -> str | None:
    return format_date(text, language) if text is not None else None
