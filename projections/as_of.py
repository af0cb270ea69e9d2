"""One record at another time: what held on a day, as far as it was known at a moment.

Two times (see `registry.fact`). `known_at` leaves out what was recorded later; `as_of` leaves
out what happened later. A correction is no happening: it says that the text was wrong from the
beginning, so it counts for every day, from the moment it was recorded on. So does a withdrawal,
which says that there never was anything.

What happened on a partial date has happened on a day once its earliest day has come: of 1985 we
know no more than that it may have been on the first of January. What has no date happened when
its record began.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from projections.corrected import put_right
from projections.dates import date_bounds
from registry import award, decision
from registry.award.artifact import happened_on
from registry.stock import record as stock_record
from registry.stock.record import StockItemOpened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from registry.fact import Fact


def award_as_of(
    facts: Iterable[Fact[Any]], as_of: date | None = None, known_at: datetime | None = None
) -> award.State:
    """The award as of a day (None: without limit), known at a moment (None: now).

    `Unrecorded` if it had not been recorded by then, or had not been made on that day;
    `Withdrawn`, whatever the day, once it is known that it was entered by mistake.
    """
    state = award.INITIAL
    told = known(facts, known_at)
    for fact in told if as_of is None else put_right(told):
        if as_of is None or had_happened(fact.event, as_of):
            state = award.evolve(state, fact.event)
    if isinstance(state, award.Recorded) and not by_day(state.content.awarded_on, as_of):
        return award.INITIAL
    return state


def decision_as_of(
    facts: Iterable[Fact[Any]], as_of: date | None = None, known_at: datetime | None = None
) -> decision.State:
    """The decision as of a day, known at a moment; `Unregistered` if there was none."""
    state = decision.INITIAL
    for fact in known(facts, known_at):
        event = fact.event
        if not isinstance(event, decision.DecisionCancelled) or by_day(event.cancelled_on, as_of):
            state = decision.evolve(state, event)
    if isinstance(state, decision.Registered) and not by_day(state.content.decided_on, as_of):
        return decision.INITIAL
    return state


def stock_as_of(
    facts: Iterable[Fact[Any]], as_of: date | None = None, known_at: datetime | None = None
) -> stock_record.State:
    """Stock of an item type by the end of a day; `Unopened` if its page was not open by then.

    Movements count on the days on which they are booked, in that order: what was recorded late
    stands before what happened later.
    """
    told = known(facts, known_at)
    if as_of is not None:
        last = as_of.toordinal()
        told = sorted((one for one in told if _booked(one) <= last), key=_booked)
    state = stock_record.INITIAL
    for fact in told:
        state = stock_record.evolve(state, fact.event)
    return state


def _booked(fact: Fact[stock_record.Event]) -> int:
    event = fact.event
    return 0 if isinstance(event, StockItemOpened) else stock_record.day_of(event)


def known(facts: Iterable[Fact[Any]], known_at: datetime | None) -> list[Fact[Any]]:
    """Facts that were recorded by a moment, inclusive; all of them for None."""
    return [fact for fact in facts if known_at is None or fact.recorded_at <= known_at]


def had_happened(  # noqa: PLR0911 - one for each event
    event: award.Event, as_of: date
) -> bool:
    """Whether something had happened to an award on a day."""
    match event:
        case (
            award.AwardRecorded()
            | award.AwardCorrected()
            | award.AwardCorrectedByDecision()
            | award.AwardWithdrawn()
            | award.AwardDoubted()
            | award.AwardDoubtsConfirmed()
            | award.AwardDoubtsSettled()
        ):
            # Judged at the end, by the date that the award has after corrections. What is doubted,
            # or found right, is so from the beginning.
            return True
        case award.AwardCancelled():
            return by_day(event.cancelled_on, as_of)
        case award.VerdictNoted():
            return by_day(event.effective_on, as_of)
        case award.TitleStripped():
            return by_day(event.stripped_on, as_of)
        case award.AwardRestored():
            return by_day(event.restored_on, as_of)
        case award.AwardDeclined():
            return by_day(event.declined_on, as_of)
        case award.DecliningTakenBack():
            return by_day(event.accepted_on, as_of)
        case _:
            return by_day(happened_on(event), as_of)


def by_day(on: str | None, as_of: date | None) -> bool:
    """Whether something that happened on a partial date had happened on a day."""
    earliest, _ = date_bounds(on)
    return as_of is None or earliest is None or earliest <= as_of
