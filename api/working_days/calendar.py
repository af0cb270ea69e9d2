"""The calendar by which time limits are counted, as the register has it, and what moves by it.

A decision on working days changes no fact of a case. So that nothing moves in silence, whoever
decides is told first which due days would move (`cases_moved`), and a case tells afterwards by
which decision its day was moved since it was received (`moves_of`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from projections.cases import running_cases
from registry import working_calendar
from registry.cases.progress import evolve
from registry.cases.states import INITIAL, Open, Unopened
from registry.working_calendar import CALENDAR_ID, Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from psycopg import Cursor

    from registry.cases.clock import Clock
    from registry.fact import Fact
    from registry.law.working_days import DaysDecided
    from registry.register import Registry

CASES_READ_MAX: Final = 20_000
CASES_PER_READ: Final = 500


@dataclass(frozen=True, slots=True)
class DueMove:
    """A decision on working days that moved a due day after the case was received."""

    before: date
    after: date
    source: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """A case whose due day a decision moves."""

    id: str
    receipt: str
    before: date
    after: date


def calendar_facts(registry: Registry) -> tuple[Fact[Any], ...]:
    """Every decision on working days, as it was recorded."""
    return registry.facts_of(CALENDAR_ID)


def days_decided(registry: Registry) -> DaysDecided:
    """The working days that were decided up to now."""
    return days_of(calendar_facts(registry))


def days_of(facts: Sequence[Fact[Any]]) -> DaysDecided:
    """The working days that these decisions make."""
    state = working_calendar.INITIAL
    for fact in facts:
        state = working_calendar.evolve(state, fact.event)
    return state.days


def moves_of(clock: Clock, received_at: datetime, decisions: Sequence[Fact[Any]]) -> list[DueMove]:
    """How a due day moved by decisions that were recorded after the case was, in order."""
    moves = []
    state, before = working_calendar.INITIAL, clock.due_on()
    for fact in decisions:
        state = working_calendar.evolve(state, fact.event)
        after = clock.due_on(state.days)
        moved = before is not None and after is not None and before != after
        if moved and before and after and fact.recorded_at > received_at:
            moves.append(DueMove(before, after, fact.event.source, fact.recorded_at))
        before = after
    return moves


def cases_moved(
    registry: Registry, rows: Cursor[Any], before: DaysDecided, after: DaysDecided
) -> list[CaseMoved]:
    """The running cases whose due day another calendar moves, what is due first before others."""
    changed = [day for day in {**before, **after} if before.get(day) != after.get(day)]
    if not changed:
        return []
    # What was due before the first of these days was counted without them.
    running = running_cases(rows, min(changed), CASES_READ_MAX)
    moved: list[CaseMoved] = []
    for begin in range(0, len(running), CASES_PER_READ):
        ids = running[begin : begin + CASES_PER_READ]
        for facts in registry.stories_of(dict.fromkeys(ids, 1)).values():
            moved += _moved(facts, before, after)
    return sorted(moved, key=lambda case: (case.before, case.receipt))


def _moved(
    facts: Sequence[Fact[Any]], before: DaysDecided, after: DaysDecided
) -> Iterator[CaseMoved]:
    state = INITIAL
    for fact in facts:
        state = evolve(state, fact.event)
    if isinstance(state, Unopened) or not isinstance(state, Open):
        return
    was, will = state.clock.due_on(before), state.clock.due_on(after)
    if was is not None and will is not None and was != will:
        yield CaseMoved(str(facts[0].stream_id), state.file.opened.receipt, was, will)


def after_decision(before: DaysDecided, event: working_calendar.Event) -> DaysDecided:
    """The days that are decided once another decision is made."""
    return working_calendar.evolve(Calendar(before), event).days
