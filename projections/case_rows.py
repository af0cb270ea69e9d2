"""How the register of service cases is filled: a row for each case, one for each sending.

The due day of a running clock is counted by the working days that were decided up to the end of
the batch, read from the log itself; a decision on working days counts every running case anew.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from projections.writing import Row, Table
from registry import working_calendar
from registry.cases import states as case_states
from registry.cases.events import (
    EVENTS,
    ServiceCaseOpened,
    ServiceCaseResultReceived,
    ServiceCaseSent,
    ServiceCaseSentBack,
)
from registry.cases.progress import evolve
from registry.cases.states import Approved, Closed, Open, Sent, Unopened, stage_name, working
from registry.numbers import normalise_serial
from registry.working_calendar import CALENDAR_ID, WorkingDaysDecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from projections.projection import Batch
    from registry.fact import Fact
    from registry.law.working_days import DaysDecided

_CASE_EVENTS = frozenset(EVENTS.values())
# A decision on working days moves due days.
CHANGED_BY: Final = _CASE_EVENTS | {WorkingDaysDecided}
_TABLE = Table(
    "service_case",
    (
        ("id", "uuid"),
        ("position", "int8"),
        ("version", "int8"),
        ("recorded_at", "timestamptz"),
        ("changed_at", "timestamptz"),
        ("receipt", "text"),
        ("receipt_key", "text"),
        ("kind", "text"),
        ("award_id", "uuid"),
        ("form", "text"),
        ("stated_recipient", "text"),
        ("components", "text"),
        ("reason", "text"),
        ("applicant", "text"),
        ("relation", "text"),
        ("received_on", "date"),
        ("desk", "text"),
        ("route", "text"),
        ("rule", "text"),
        ("level", "text"),
        ("obstacle", "text"),
        ("stage", "text"),
        ("clock", "text"),
        ("step", "text"),
        ("since", "date"),
        ("due_on", "date"),
        ("missing", "text"),
        ("batch_id", "uuid"),
        ("outcome", "text"),
        ("watch", "text"),
        ("closed_on", "date"),
        ("priority", "bool"),
        ("artifact_due_on", "date"),
    ),
)
_SENDINGS = Table(
    "sending",
    (
        ("case_id", "uuid"),
        ("batch_id", "uuid"),
        ("sent_on", "date"),
        ("sent_to", "text"),
        ("position", "int8"),
        ("ended_on", "date"),
        ("ending", "text"),
        ("reason", "text"),
    ),
)
# Without the schema: while a register is rebuilt, its own stand beside the old ones.
_RUNNING = "SELECT id FROM service_case WHERE clock = 'running'"


def apply_batch(batch: Batch) -> None:
    """Apply a batch of facts; see `projections.projection`."""
    fresh = batch.by_stream(_CASE_EVENTS)
    known = [stream for stream, facts in fresh.items() if facts[0].version > 1]
    stories = batch.stories(fresh)
    _SENDINGS.delete(batch.cursor, "case_id", known)
    sendings = [row for facts in stories.values() for row in _sendings(facts)]
    _SENDINGS.copy(batch.cursor, sendings)
    if WorkingDaysDecided in batch.events:
        # The due day of every case whose clock runs is counted anew.
        running = [one for (one,) in batch.cursor.execute(_RUNNING) if one not in stories]
        stories |= batch.until_now(running)
        known += running
    _TABLE.delete(batch.cursor, "id", known)
    decided = _days_decided(batch)
    rows = [row for facts in stories.values() if (row := _row(facts, decided)) is not None]
    _TABLE.copy(batch.cursor, rows)


def _days_decided(batch: Batch) -> DaysDecided:
    """Working days decided up to the end of a batch, from the log itself."""
    calendar = working_calendar.INITIAL
    for fact in batch.until_now((CALENDAR_ID,)).get(CALENDAR_ID, ()):
        calendar = working_calendar.evolve(calendar, fact.event)
    return calendar.days


def _row(facts: Sequence[Fact[Any]], decided: DaysDecided) -> Row | None:
    state = case_states.INITIAL
    for fact in facts:
        state = evolve(state, fact.event)
    if isinstance(state, Unopened):
        return None
    first, last, file, opened = facts[0], facts[-1], state.file, state.file.opened
    clock, routing = state.clock, state.file.routing
    closing = state.closing if isinstance(state, Closed) else None
    return (
        first.stream_id,
        first.position,
        last.version,
        first.recorded_at,
        last.recorded_at,
        opened.receipt,
        normalise_serial(opened.receipt),
        opened.kind,
        file.award_id,
        routing.form,
        opened.stated.recipient if opened.stated else None,
        ", ".join(opened.components),
        opened.reason,
        opened.applicant.name,
        opened.applicant.relation,
        date.fromisoformat(opened.received_on),
        file.desk,
        routing.route,
        opened.rule,
        routing.level,
        routing.obstacle,
        stage_name(state),
        clock.state,
        clock.step,
        clock.since,
        clock.due_on(decided),
        ", ".join(file.missing),
        _batch_of(state),
        closing.outcome if closing else None,
        closing.watch if closing else None,
        date.fromisoformat(closing.on) if closing else None,
        file.priority is not None,
        _artifact_due_on(state, decided),
    )


def _artifact_due_on(state: Open | Closed, decided: DaysDecided) -> date | None:
    """Until when the centre sends the new artifact; None once the case has ended."""
    result = state.file.result
    if result is None or not isinstance(state, Open) or not isinstance(state.stage, Approved):
        return None
    return state.clock.artifact_due_on(date.fromisoformat(result.on), decided)


def _batch_of(state: Open | Closed) -> UUID | None:
    """The batch in which a case is with the central body."""
    stage = working(state.stage)
    return stage.batch_id if isinstance(stage, Sent) else None


def _sendings(facts: Sequence[Fact[Any]]) -> Iterator[Row]:
    """Each time that the case went to the central body, with what came of it."""
    sent: tuple[Fact[Any], ServiceCaseSent] | None = None
    for fact in facts:
        match fact.event:
            case ServiceCaseOpened():
                sent = None
            case ServiceCaseSent() as event:
                sent = (fact, event)
            case ServiceCaseSentBack() as event if sent is not None:
                yield _sending(*sent, event.on, "sent-back", event.reason)
                sent = None
            case ServiceCaseResultReceived() as event if sent is not None:
                yield _sending(*sent, event.on, event.result, event.reason)
                sent = None
            case _:
                pass
    if sent is not None:
        yield _sending(*sent, None, None, None)


def _sending(
    fact: Fact[Any],
    event: ServiceCaseSent,
    ended_on: str | None,
    ending: str | None,
    reason: str | None,
) -> Row:
    return (
        fact.stream_id,
        event.batch_id,
        date.fromisoformat(event.on),
        event.sent_to,
        fact.position,
        date.fromisoformat(ended_on) if ended_on else None,
        ending,
        reason,
    )
