"""What a stranger is told about a certificate: in force or not, why, and by which decision.

Never anything about a person. Whoever has a name or a year of birth already may ask whether they
match; the register does not say what they should be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.records import read_decision
from projections.standing import Standing, standing_of
from registry.dates import parse_edtf
from registry.errors import NotFound
from registry.messages import term
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from api.moment import Moment
    from projections.standing import Holder
    from projections.validity import Status, Validity
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

    @property
    def holds_facts(self) -> bool:
        """Whether the asker wants to know if what he holds matches."""
        return self.name is not None or self.birth_year is not None


def status_of_paper(
    registry: Registry, facts: Sequence[Fact[Any]], serial: str, question: Question
) -> StatusView:
    """The status of the paper with this serial, in any spelling, by the facts of its award."""
    moment = question.moment
    standing = standing_of(facts, serial, moment.as_of, moment.known_at)
    return view_of_standing(registry, standing, question)


def view_of_standing(registry: Registry, standing: Standing, question: Question) -> StatusView:
    """What is told of a standing, in the asker's language."""
    held, moment, language = standing.held, question.moment, question.language
    return StatusView(
        serial=standing.serial,
        status=held.status,
        status_text=_status_text(held, language),
        in_force=held.in_force,
        on=moment.as_of.isoformat() if moment.as_of is not None else None,
        known_at=moment.known_at or registry.clock(),
        since=held.since,
        recorded_at=held.recorded_at,
        reason=held.reason,
        reason_text=term(held.reasons, held.reason, language)
        if held.reasons and held.reason
        else None,
        decision=_decision(registry, held.decision_id, moment),
        superseded_by=held.successor,
        chain=[
            LinkView(serial, status, term("paper-status", status, language))
            for serial, status in standing.chain
        ],
    )


def match_facts(holder: Holder, question: Question) -> dict[str, bool]:
    """Whether each fact that the asker holds is what the register has."""
    matches = {}
    if question.name is not None:
        key = comparison_key(question.name)
        matches["name"] = any(comparison_key(one) == key for one in holder.names)
    if question.birth_year is not None:
        years = {parse_edtf(one).year for one in holder.births}
        matches["birth_year"] = question.birth_year in years
    return matches


def _status_text(held: Validity, language: Language) -> str:
    text = term("paper-status", held.status, language)
    return f"{text} {held.successor}" if held.successor else text


def _decision(registry: Registry, decision_id: UUID | None, moment: Moment) -> DecisionView | None:
    if decision_id is None:
        return None
    try:
        content = read_decision(registry, decision_id, moment).state.content
    except NotFound:
        return None
    return DecisionView(content.number, content.issuer, content.decided_on)
