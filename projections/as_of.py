"""One record at another time: what held on a day, as far as it was known at a moment.

Two times (see `registry.fact`). `known_at` leaves out what was recorded later; `as_of` leaves
out what happened later. A correction is no happening: it says that the text was wrong from the
beginning, so it counts for every day, from the moment it was recorded on.

What happened on a partial date has happened on a day once its earliest day has come: of 1985 we
know no more than that it may have been on the first of January. What has no date happened when
its record began.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, assert_never

from projections.dates import date_bounds
from registry import award, decision
from registry.artifact import (
    ArtifactDelivered,
    ArtifactIssued,
    ArtifactPrinted,
    ArtifactReturnedUndelivered,
    ArtifactSigned,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from registry.fact import Fact


def award_as_of(
    facts: Iterable[Fact[Any]], as_of: date | None = None, known_at: datetime | None = None
) -> award.State:
    """The award as of a day (None: without limit), known at a moment (None: now).

    `Unrecorded` if it had not been recorded by then, or had not been made on that day.
    """
    state = award.INITIAL
    for fact in known(facts, known_at):
        if as_of is None or _had_happened(fact.event, as_of):
            state = award.evolve(state, fact.event)
    if isinstance(state, award.Standing) and not _by(state.content.awarded_on, as_of):
        return award.INITIAL
    return state


def decision_as_of(
    facts: Iterable[Fact[Any]], as_of: date | None = None, known_at: datetime | None = None
) -> decision.State:
    """The decision as of a day, known at a moment; `Unregistered` if there was none."""
    state = decision.INITIAL
    for fact in known(facts, known_at):
        state = decision.evolve(state, fact.event)
    if isinstance(state, decision.Standing) and not _by(state.content.decided_on, as_of):
        return decision.INITIAL
    return state


def known(facts: Iterable[Fact[Any]], known_at: datetime | None) -> list[Fact[Any]]:
    """Facts that were recorded by a moment, inclusive; all of them for None."""
    return [fact for fact in facts if known_at is None or fact.recorded_at <= known_at]


def _had_happened(event: award.Event, as_of: date) -> bool:
    match event:
        case award.AwardRecorded() | award.AwardCorrected():
            # Judged at the end, by the date that the award has after corrections.
            return True
        case ArtifactIssued():
            return _by(event.issued_on, as_of)
        case ArtifactPrinted():
            return _by(event.printed_on, as_of)
        case ArtifactDelivered():
            return _by(event.delivered_on, as_of)
        case ArtifactReturnedUndelivered():
            return _by(event.returned_on, as_of)
        case ArtifactSigned():
            return True
        case _:
            assert_never(event)


def _by(happened_on: str | None, as_of: date | None) -> bool:
    earliest, _ = date_bounds(happened_on)
    return as_of is None or earliest is None or earliest <= as_of
