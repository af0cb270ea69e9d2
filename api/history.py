"""The history of a record as people read it: who, when, what, before and after, on what basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.history_details import details_of, reason_of
from registry.award import AwardCorrected, AwardCorrectedByDecision
from registry.award.artifact import DeliveryCorrected
from registry.codec import event_name
from registry.decision import DecisionCorrected
from registry.messages import form_name, format_date, term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from registry.fact import Fact
    from registry.rules import Change
    from registry.settings import Language

_DATES = frozenset({"awarded_on", "decided_on", "born", "delivered_on"})
_VOCABULARIES = {
    "award_class": "class",
    "conferral": "conferral",
    "sex": "sex",
    "receiver_kind": "receiver-kind",
}


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One field before and after a correction, in words."""

    field: str
    field_name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class DetailView:
    """Something that an event says, in words; `record_id` if it is another record."""

    field: str
    field_name: str
    value: str
    record_id: str | None = None


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


def history_of(
    facts: Iterable[Fact[Any]], language: Language, named: Mapping[str, str]
) -> tuple[HistoryEntry, ...]:
    """The facts of a record in words, in the order in which they were recorded.

    `named` are the words for other records, by their ids.
    """
    return tuple(_entry(fact, language, named) for fact in facts)


def _entry(fact: Fact[Any], language: Language, named: Mapping[str, str]) -> HistoryEntry:
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
        reason=reason_of(fact.event, language),
        details=tuple(
            _detail(field, value, language, named)
            for field, value in details_of(fact.event, language)
            if value
        ),
        changes=tuple(_changes(fact.event, language)),
    )


def _detail(field: str, value: str, language: Language, named: Mapping[str, str]) -> DetailView:
    words = named.get(value)
    name = term("field", field, language)
    if words is None:
        return DetailView(field, name, value)
    return DetailView(field, name, words, record_id=value)


def _changes(event: object, language: Language) -> Iterable[ChangeView]:
    match event:
        case (
            AwardCorrected(changes=changes)
            | AwardCorrectedByDecision(changes=changes)
            | DecisionCorrected(changes=changes)
            | DeliveryCorrected(changes=changes)
        ):
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
