"""Register of service cases: one row for each, with its stage, its clock and what it waits for.

Nothing that depends on today is stored. A queue is a question with a day: the due date of a
running clock stands in the row, and a clock that stands still has none, so a case that the law
blocks is never late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from projections.case_rows import CHANGED_BY, apply_batch
from projections.paging import Page, check_limit, page_of, parse_token, position_from, where
from projections.projection import Projection, read_sql
from registry.award_form import data_bytes
from registry.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Cursor


Queue = Literal["due-soon", "overdue", "blocked", "waiting", "open", "artifact-overdue"]
QUEUES: tuple[Queue, ...] = get_args(Queue)
SOON_DAYS_DEFAULT: Final = 5
SOON_DAYS_MAX: Final = 366

# The columns of CaseRow, in its order.
_SELECT = """
SELECT c.id, c.position, c.version, c.recorded_at, c.changed_at, c.receipt, c.kind, c.award_id,
       c.form, coalesce(a.name, c.stated_recipient), c.components, c.reason, c.applicant,
       c.relation, c.received_on, c.desk, c.route, c.rule, c.level, c.obstacle, c.stage,
       c.clock, c.step, c.since, c.due_on, c.missing, c.batch_id, c.outcome, c.watch,
       c.closed_on, c.priority, c.artifact_due_on
  FROM cases.service_case c LEFT JOIN awards.award a ON a.id = c.award_id
"""
_RUNNING_FROM = """
SELECT id FROM cases.service_case WHERE clock = 'running' AND due_on >= %s
 ORDER BY due_on, position LIMIT %s
"""
_BY_IDS = _SELECT + " WHERE c.id = ANY(%s::uuid[])"
_OPEN_OF_AWARDS = (
    _SELECT + " WHERE c.award_id = ANY(%s::uuid[]) AND c.clock <> 'ended' ORDER BY c.position"
)
_SENDINGS_OF_BATCH = """
SELECT s.case_id, s.batch_id, s.sent_on, s.sent_to, s.ended_on, s.ending, s.reason
  FROM cases.sending s WHERE s.batch_id = %s ORDER BY s.position
"""
_CONDITIONS = {
    "kind": "c.kind = %(kind)s",
    "stage": "c.stage = %(stage)s",
    "desk": "c.desk = %(desk)s",
    "route": "c.route = %(route)s",
    "outcome": "c.outcome = %(outcome)s",
    "watch": "c.watch = %(watch)s",
    "award_id": "c.award_id = %(award_id)s",
    "batch_id": "c.batch_id = %(batch_id)s",
    "priority": "c.priority = %(priority)s",
    "before": "c.position < %(before)s",
}
_NEWEST_FIRST = " ORDER BY c.position DESC LIMIT %(rows)s"
# What has priority comes first.
_TURN: Final = "(NOT c.priority)::int"
# What is in a queue, and by which day it is ordered: what has priority, then the most urgent.
_QUEUES = {
    "due-soon": ("c.clock = 'running' AND c.due_on BETWEEN %(on)s AND %(soon)s", "c.due_on"),
    "overdue": ("c.clock = 'running' AND c.due_on < %(on)s", "c.due_on"),
    "blocked": ("c.clock = 'blocked'", "c.since"),
    "waiting": ("c.clock = 'waiting'", "c.since"),
    "open": ("c.clock <> 'ended'", "c.received_on"),
    "artifact-overdue": ("c.artifact_due_on < %(on)s", "c.artifact_due_on"),
}


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the register; `components` and `missing` are codes joined by commas.

    `since` is the day from which the clock is in its present state; `due_on` is None while it
    stands still. `position` and `recorded_at` are those of the first fact, `version` and
    `changed_at` of the last.
    """

    id: UUID
    position: int
    version: int
    recorded_at: datetime
    changed_at: datetime
    receipt: str
    kind: str
    award_id: UUID | None
    form: str
    recipient: str | None
    components: str
    reason: str
    applicant: str
    relation: str | None
    received_on: date
    desk: str
    route: str
    rule: str
    level: str
    obstacle: str | None
    stage: str
    clock: str
    step: str
    since: date
    due_on: date | None
    missing: str
    batch_id: UUID | None
    outcome: str | None
    watch: str | None
    closed_on: date | None
    priority: bool
    artifact_due_on: date | None

    @property
    def component_codes(self) -> tuple[str, ...]:
        """Which components are asked for."""
        return tuple(self.components.split(", ")) if self.components else ()


@dataclass(frozen=True, slots=True)
class SendingRow:
    """A case in a batch, and what became of it: `ending` is sent-back, approved or refused."""

    case_id: UUID
    batch_id: UUID
    sent_on: date
    sent_to: str
    ended_on: date | None
    ending: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; None means any.

    A queue is asked for a day `on`; `soon_days` is how far due dates are looked ahead.
    """

    kind: str | None = None
    stage: str | None = None
    desk: str | None = None
    route: str | None = None
    outcome: str | None = None
    watch: str | None = None
    award_id: UUID | None = None
    batch_id: UUID | None = None
    priority: bool | None = None
    queue: str | None = None
    on: date | None = None
    soon_days: int = SOON_DAYS_DEFAULT


def list_cases(
    cursor: Cursor[Any], wanted: CaseFilter, limit: int, token: str | None = None
) -> Page[CaseRow]:
    """Cases from the newest received to the oldest; of a queue, priority and then the most urgent.

    Raises `Rejected` for a bad token, or a queue that there is not.
    """
    parameters: dict[str, Any] = {
        name: getattr(wanted, name) for name in _CONDITIONS if name != "before"
    }
    parameters["rows"] = check_limit(limit) + 1
    if wanted.queue is not None:
        return _list_queue(cursor, wanted, parameters, limit, token)
    parameters["before"] = position_from("cases", token)
    statement = _SELECT + where(_CONDITIONS, parameters) + _NEWEST_FIRST
    rows = [CaseRow(*row) for row in cursor.execute(statement, parameters)]
    return page_of("cases", rows, limit, lambda row: (row.position,))


def cases_by_id(cursor: Cursor[Any], ids: Sequence[UUID]) -> dict[UUID, CaseRow]:
    """Those of these cases that are in the register."""
    found = (CaseRow(*row) for row in cursor.execute(_BY_IDS, (list(ids),)))
    return {row.id: row for row in found}


def open_cases_of_award(cursor: Cursor[Any], award_id: UUID) -> tuple[CaseRow, ...]:
    """The cases about an award that have not ended, as they were received."""
    return open_cases_of_awards(cursor, (award_id,))


def open_cases_of_awards(cursor: Cursor[Any], award_ids: Sequence[UUID]) -> tuple[CaseRow, ...]:
    """The same of several awards."""
    return tuple(CaseRow(*row) for row in cursor.execute(_OPEN_OF_AWARDS, (list(award_ids),)))


def running_cases(cursor: Cursor[Any], due_from: date, rows_max: int) -> list[UUID]:
    """Cases whose clock runs and that are due on a day or later, what is due first first."""
    return [one for (one,) in cursor.execute(_RUNNING_FROM, (due_from, rows_max))]


def sendings_of_batch(cursor: Cursor[Any], batch_id: UUID) -> tuple[SendingRow, ...]:
    """The cases of a batch, in the order in which they were sent."""
    return tuple(SendingRow(*row) for row in cursor.execute(_SENDINGS_OF_BATCH, (batch_id,)))


def _list_queue(
    cursor: Cursor[Any],
    wanted: CaseFilter,
    parameters: dict[str, Any],
    limit: int,
    token: str | None,
) -> Page[CaseRow]:
    queue, on = wanted.queue or "", wanted.on
    if queue not in _QUEUES:
        raise Rejected("queue-unknown", field="queue", typed=queue[:40], allowed=", ".join(QUEUES))
    if on is None:
        raise Rejected("value-missing", field="on")
    if not 0 <= wanted.soon_days <= SOON_DAYS_MAX:
        raise Rejected("value-out-of-range", field="within", limit=SOON_DAYS_MAX)
    condition, key = _QUEUES[queue]
    after_turn, after_day, after = _place_in(queue, token)
    parameters |= {
        "after_turn": after_turn,
        "before": None,
        "on": on,
        "soon": on + timedelta(days=wanted.soon_days),
        "after_day": after_day,
        "after": after,
    }
    filters = where(_CONDITIONS, parameters)
    statement = (
        _SELECT
        + (filters + " AND " if filters else " WHERE ")
        + condition
        + f" AND ({_TURN}, {key}, c.position)"
        + " > (%(after_turn)s::int, %(after_day)s::date, %(after)s::bigint)"
        + f" ORDER BY {_TURN}, {key}, c.position LIMIT %(rows)s"
    )
    rows = [CaseRow(*row) for row in cursor.execute(statement, parameters)]
    name = key.removeprefix("c.")
    return page_of(
        f"cases-{queue}",
        rows,
        limit,
        lambda row: (int(not row.priority), getattr(row, name).isoformat(), row.position),
    )


def _place_in(queue: str, token: str | None) -> tuple[int, str, int]:
    """The last row shown of a queue: its turn, its day and position."""
    if token is None:
        return 0, date.min.isoformat(), 0
    turn, day, position = parse_token(f"cases-{queue}", token, (int, str, int))
    try:
        return int(turn), date.fromisoformat(str(day)).isoformat(), int(position)
    except ValueError:
        raise Rejected("page-token-unreadable", field="cursor") from None


PROJECTION = Projection(
    name="cases",
    version=1,
    events=CHANGED_BY,
    apply=apply_batch,
    tables=read_sql("cases.sql"),
    indexes=read_sql("cases_indexes.sql"),
    # Due days are counted by terms and calendar: other ones make other rows of the same facts.
    rests_on=b"".join(
        (
            data_bytes("procedures.json"),
            data_bytes("working-days.json"),
            version("holidays").encode(),
        )
    ),
)
