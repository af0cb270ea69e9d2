"""What a stranger is told about a certificate: in force or not, why, and by which decision.

Never anything about a person. Whoever has a name or a year of birth already may ask whether they
match; the register does not say what they should be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.records import read_decision
from projections.as_of import award_as_of
from projections.validity import Status, Validity, validity
from registry.award import Recorded
from registry.dates import parse_edtf
from registry.errors import NotFound
from registry.messages import term
from registry.numbers import normalise_serial
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from api.moment import Moment
    from registry.artifact_state import Artifact
    from registry.award import AwardRecorded
    from registry.fact import Fact
    from registry.register import Registry
    from registry.settings import Language


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision as it was published."""

    number: str
    issuer: str
    decided_on: str | None


@dataclass(frozen=True, slots=True)
class LinkView:
    """One paper of a family of exchanges and re-issues."""

    serial: str
    status: Status
    status_text: str


@dataclass(frozen=True, slots=True)
class StatusView:
    """What held of a paper on a day (`on`; None: now), as the register knew at `known_at`.

    `since` is when it became so, `recorded_at` when the register learned of it. `chain` leads
    from the first paper of its component to the one that counts.
    """

    serial: str
    status: Status
    status_text: str
    in_force: bool
    on: str | None
    known_at: datetime
    since: str | None
    recorded_at: datetime | None
    reason: str | None
    reason_text: str | None
    decision: DecisionView | None
    superseded_by: str | None
    chain: Sequence[LinkView]


@dataclass(frozen=True, slots=True)
class Question:
    """Of which day, as known when, in which language; and what the asker holds already."""

    moment: Moment
    language: Language
    name: str | None = None
    birth_year: int | None = None


def status_of_paper(
    registry: Registry, facts: Sequence[Fact[Any]], serial: str, question: Question
) -> StatusView:
    """The status of the paper with this serial, in any spelling, by the facts of its award."""
    now, moment, language = registry.clock(), question.moment, question.language
    state = award_as_of(facts, moment.as_of, moment.known_at)
    artifacts = state.artifacts if isinstance(state, Recorded) else {}
    own = own_serial(artifacts, serial) or serial
    held = validity(facts, own, moment.as_of, moment.known_at)
    chain = [
        _link(one, validity(facts, one, moment.as_of, moment.known_at), language)
        for one in _family(artifacts, own)
    ]
    return StatusView(
        serial=own,
        status=held.status,
        status_text=_status_text(held, language),
        in_force=held.in_force,
        on=moment.as_of.isoformat() if moment.as_of is not None else None,
        known_at=moment.known_at or now,
        since=held.since,
        recorded_at=held.recorded_at,
        reason=held.reason,
        reason_text=term(held.reasons, held.reason, language)
        if held.reasons and held.reason
        else None,
        decision=_decision(registry, held.decision_id, moment),
        superseded_by=held.successor,
        chain=chain,
    )


def own_serial(artifacts: Mapping[str, Artifact], typed: str) -> str | None:
    """The serial as the register has it, from any spelling."""
    key = normalise_serial(typed)
    return next((own for own in artifacts if normalise_serial(own) == key), None)


def match_facts(content: AwardRecorded, question: Question) -> dict[str, bool]:
    """Whether each fact that the asker holds is what the register has."""
    recipient = content.recipient
    matches = {}
    if question.name is not None:
        names = [recipient.name, *(one.name for one in recipient.persons if one.name)]
        key = comparison_key(question.name)
        matches["name"] = any(comparison_key(one) == key for one in names)
    if question.birth_year is not None:
        years = {parse_edtf(one.born).year for one in recipient.persons if one.born}
        matches["birth_year"] = question.birth_year in years
    return matches


def _status_text(held: Validity, language: Language) -> str:
    text = term("paper-status", held.status, language)
    return f"{text} {held.successor}" if held.successor else text


def _link(serial: str, held: Validity, language: Language) -> LinkView:
    return LinkView(serial, held.status, term("paper-status", held.status, language))


def _family(artifacts: Mapping[str, Artifact], serial: str) -> Iterator[str]:
    """From the first paper of a component to the last."""
    first = artifacts.get(serial)
    while first is not None and first.supersedes is not None:
        first = artifacts.get(first.supersedes)
    while first is not None:
        yield first.serial
        by = first.superseded_by
        first = artifacts.get(by.successor) if by is not None else None


def _decision(registry: Registry, decision_id: UUID | None, moment: Moment) -> DecisionView | None:
    if decision_id is None:
        return None
    try:
        content = read_decision(registry, decision_id, moment).state.content
    except NotFound:
        return None
    return DecisionView(content.number, content.issuer, content.decided_on)
