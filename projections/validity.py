"""Whether a paper is in force: as of a day, as far as it was known at a moment, and why not.

What became of the award weighs more than what became of the paper: a certificate that was
exchanged under an award that was cancelled later is told as cancelled. One whose award was
entered by mistake never was in force, on whatever day; while a doubt holds an award back, no paper
of it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import UUID

from projections.as_of import award_as_of, had_happened, known
from registry.award import (
    AwardCancelled,
    AwardDoubted,
    AwardRestored,
    AwardWithdrawn,
    Cancelled,
    Declined,
    Recorded,
    Stripped,
    Withdrawn,
    held_by,
)
from registry.award import TitleStripped as Stripping
from registry.award.artifact import (
    ArtifactArchived,
    ArtifactDeclaredUnrecoverable,
    ArtifactDestroyed,
    ArtifactIssued,
    ArtifactRecovered,
    RecallOrdered,
    Succession,
    happened_on,
)
from registry.award.artifact_state import Archived, Destroyed, Ended, Recalled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from registry.award.artifact_state import Artifact
    from registry.fact import Fact

Status = Literal[
    "valid",
    "restored",
    "superseded",
    "recalled",
    "cancelled",
    "stripped",
    "destroyed",
    "archived",
    "text-corrected",
    "held-back",
    "not-yet",
    "withdrawn",
    "not-conferred",
]

_Ending: TypeAlias = (
    RecallOrdered
    | ArtifactRecovered
    | ArtifactDeclaredUnrecoverable
    | ArtifactDestroyed
    | ArtifactArchived
)


@dataclass(frozen=True, slots=True)
class Validity:
    """In force or not; since when (EDTF), and when the register learned of it.

    `reason` is a code of the vocabulary `reasons`; `decision_id` the decision that it rests on;
    `successor` the serial of the paper that counts instead.
    """

    status: Status
    since: str | None = None
    recorded_at: datetime | None = None
    reasons: Literal["cancel-reason", "replacement-reason", "doubt"] | None = None
    reason: str | None = None
    decision_id: UUID | None = None
    successor: str | None = None

    @property
    def in_force(self) -> bool:
        """Whether the paper counts."""
        return self.status in {"valid", "restored"}


def validity(  # noqa: PLR0911 - one for each standing
    facts: Sequence[Fact[Any]],
    serial: str,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Validity:
    """What held of the paper with this serial, by the facts of its award."""
    counted = [
        fact for fact in known(facts, known_at) if as_of is None or had_happened(fact.event, as_of)
    ]
    state = award_as_of(facts, as_of, known_at)
    if isinstance(state, Withdrawn):
        # It never was, so there is no day since when it is not.
        return Validity("withdrawn", None, _last(counted, AwardWithdrawn).recorded_at)
    if not isinstance(state, Recorded) or serial not in state.artifacts:
        return Validity("not-yet")
    if isinstance(state, Cancelled):
        return _cancelled(counted)
    if isinstance(state, Stripped):
        return _stripped(counted)
    if isinstance(state, Declined):
        # Why it was not conferred is nobody's business who looks at a paper.
        return Validity("not-conferred")
    held = held_by(state)
    if held is not None:
        raised = [fact for fact in counted if isinstance(fact.event, AwardDoubted)]
        at = next(fact.recorded_at for fact in reversed(raised) if held in fact.event.doubts)
        return Validity("held-back", None, at, "doubt", held.code)
    return _of_artifact(state.artifacts[serial], counted)


def _cancelled(facts: Iterable[Fact[Any]]) -> Validity:
    fact = _last(facts, AwardCancelled)
    event: AwardCancelled = fact.event
    return Validity(
        "cancelled",
        event.cancelled_on,
        fact.recorded_at,
        "cancel-reason",
        event.reason,
        event.decision_id,
    )


def _stripped(facts: Iterable[Fact[Any]]) -> Validity:
    fact = _last(facts, Stripping)
    event: Stripping = fact.event
    return Validity("stripped", event.stripped_on, fact.recorded_at, decision_id=event.decision_id)


def _of_artifact(artifact: Artifact, facts: Sequence[Fact[Any]]) -> Validity:
    own = [fact for fact in facts if getattr(fact.event, "serial", None) == artifact.serial]
    if artifact.superseded_by is not None:
        fact = _last(own, Succession)
        return Validity(
            "superseded",
            happened_on(fact.event),
            fact.recorded_at,
            "replacement-reason",
            fact.event.reason,
            successor=fact.event.successor,
        )
    if isinstance(artifact.stage, Recalled | Ended):
        fact = _last(own, _Ending)
        decision_id = getattr(fact.event, "decision_id", None)
        status = _ended(artifact)
        return Validity(status, happened_on(fact.event), fact.recorded_at, decision_id=decision_id)
    restored = [fact for fact in facts if isinstance(fact.event, AwardRestored)]
    if restored:
        fact = restored[-1]
        event: AwardRestored = fact.event
        return Validity(
            "restored", event.restored_on, fact.recorded_at, decision_id=event.decision_id
        )
    issued = _last(own, ArtifactIssued)
    return Validity("valid", issued.event.issued_on, issued.recorded_at)


def _ended(artifact: Artifact) -> Status:
    match artifact.stage:
        case Destroyed():
            return "destroyed"
        case Archived():
            return "archived"
        case _:
            return "recalled"


def _last(facts: Iterable[Fact[Any]], events: Any) -> Fact[Any]:
    """The newest fact with one of these events, which the state says there is."""
    return [fact for fact in facts if isinstance(fact.event, events)][-1]
