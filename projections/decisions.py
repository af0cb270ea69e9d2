"""Register of decisions: one row for each, as it is known now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections.citation import AWARD_COUNT, decision_identity
from projections.dates import date_bounds, year_bounds
from projections.paging import Page, check_limit, page_of, position_from, where
from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table
from registry import award, decision
from registry.cases import events as case_events

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

_OWN = frozenset(decision.EVENTS.values())
# What happens to another record by a decision: it rests on it from then on.
_RESTING = frozenset(
    {
        award.AwardCancelled,
        award.TitleStripped,
        award.AwardRestored,
        award.AwardCorrectedByDecision,
        decision.DecisionCancelled,
        case_events.ServiceCaseDecisionCorrected,
    }
)
_EVENTS = _OWN | _RESTING
_NAMES = {
    event: name
    for name, event in {**award.EVENTS, **decision.EVENTS, **case_events.EVENTS}.items()
    if event in _RESTING
}
_RESTING_TABLE = Table(
    "resting",
    (
        ("position", "int8"),
        ("decision_id", "uuid"),
        ("record_id", "uuid"),
        ("event", "text"),
    ),
)
_TABLE = Table(
    "decision",
    (
        ("id", "uuid"),
        ("position", "int8"),
        ("version", "int8"),
        ("recorded_at", "timestamptz"),
        ("changed_at", "timestamptz"),
        ("recorded_by", "text"),
        ("office", "text"),
        ("number", "text"),
        ("number_key", "text"),
        ("issuer", "text"),
        ("issuer_key", "text"),
        ("identity", "uuid"),
        ("decided_on", "text"),
        ("decided_earliest", "date"),
        ("decided_latest", "date"),
        ("kind", "text"),
        ("standing", "text"),
        ("signatory", "text"),
        ("signatory_title", "text"),
        ("summary", "text"),
        ("legal_basis", "text"),
        ("scan_sha256", "text"),
        ("source_kind", "text"),
        ("certainty", "text"),
        ("source_reference", "text"),
        ("source_row", "int8"),
    ),
)

# The columns of DecisionRow, in its order. Awards are counted when asked: an index tells, and
# recording an award need not touch its decision, which may even be registered later.
_COLUMNS = """
SELECT d.id, d.position, d.version, d.recorded_at, d.changed_at, d.recorded_by, d.office,
       d.number, d.number_key, d.issuer, d.decided_on, d.decided_earliest, d.decided_latest,
       d.kind, d.standing, d.signatory, d.signatory_title, d.summary, d.legal_basis,
       d.scan_sha256, d.source_kind, d.certainty, d.source_reference, d.source_row,
"""
_SELECT = _COLUMNS + AWARD_COUNT + " FROM decisions.decision d"
_BY_IDS = _SELECT + " WHERE d.id = ANY(%s::uuid[])"
_CONDITIONS = {
    "kind": "d.kind = %(kind)s",
    "issuer_key": "d.issuer_key = %(issuer_key)s",
    "number_key": "d.number_key = %(number_key)s",
    "earliest": "d.decided_latest >= %(earliest)s",
    "latest": "d.decided_earliest <= %(latest)s",
    "before": "d.position < %(before)s",
}
_ORDER = " ORDER BY d.position DESC LIMIT %(rows)s"
# Awards and decisions that were entered by mistake are in no register.
_RESTING_ON = """
SELECT r.record_id, r.event FROM decisions.resting r
 WHERE r.decision_id = %s
   AND (EXISTS (SELECT FROM awards.award a WHERE a.id = r.record_id)
        OR EXISTS (SELECT FROM decisions.decision d WHERE d.id = r.record_id)
        OR EXISTS (SELECT FROM cases.service_case c WHERE c.id = r.record_id))
 ORDER BY r.position LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision in the register.

    `decided_on` is EDTF; earliest and latest are the days it can mean. `position` and
    `recorded_at` are those of its first fact, `version` and `changed_at` of its last.
    """

    id: UUID
    position: int
    version: int
    recorded_at: datetime
    changed_at: datetime
    recorded_by: str
    office: str
    number: str
    number_key: str
    issuer: str
    decided_on: str | None
    decided_earliest: date | None
    decided_latest: date | None
    kind: str
    standing: str
    signatory: str | None
    signatory_title: str | None
    summary: str | None
    legal_basis: str | None
    scan_sha256: str | None
    source_kind: str
    certainty: str
    source_reference: str | None
    source_row: int | None
    award_count: int


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions to list; None means any. Years are inclusive."""

    kind: str | None = None
    issuer_key: str | None = None
    number_key: str | None = None
    year_from: int | None = None
    year_to: int | None = None


def find_decision(cursor: Cursor[Any], decision_id: UUID) -> DecisionRow | None:
    """A decision by its id."""
    return decisions_by_id(cursor, [decision_id]).get(decision_id)


def decisions_by_id(cursor: Cursor[Any], ids: Sequence[UUID]) -> dict[UUID, DecisionRow]:
    """Those of these decisions that are in the register."""
    found = (DecisionRow(*row) for row in cursor.execute(_BY_IDS, (list(ids),)))
    return {row.id: row for row in found}


def records_resting_on(
    cursor: Cursor[Any], decision_id: UUID, limit: int
) -> tuple[tuple[UUID, str], ...]:
    """What rests on a decision beside the awards that it made: a record, and by which event."""
    return tuple(cursor.execute(_RESTING_ON, (decision_id, limit)))


def list_decisions(
    cursor: Cursor[Any], wanted: DecisionFilter, limit: int, token: str | None = None
) -> Page[DecisionRow]:
    """Decisions from the newest recorded to the oldest. Raises `Rejected` for a bad token."""
    earliest, latest = year_bounds(wanted.year_from, wanted.year_to)
    parameters = {
        "kind": wanted.kind,
        "issuer_key": wanted.issuer_key,
        "number_key": wanted.number_key,
        "earliest": earliest,
        "latest": latest,
        "before": position_from("decisions", token),
        "rows": check_limit(limit) + 1,
    }
    statement = _SELECT + where(_CONDITIONS, parameters) + _ORDER
    rows = [DecisionRow(*row) for row in cursor.execute(statement, parameters)]
    return page_of("decisions", rows, limit, lambda row: (row.position,))


def _apply(batch: Batch) -> None:
    fresh = batch.by_stream(_OWN)
    known = [stream for stream, facts in fresh.items() if facts[0].version > 1]
    stories = batch.stories(fresh)
    _TABLE.delete(batch.cursor, "id", known)
    rows = [row for facts in stories.values() if (row := _row(facts)) is not None]
    _TABLE.copy(batch.cursor, rows)
    _RESTING_TABLE.copy(
        batch.cursor,
        (
            (fact.position, fact.event.decision_id, fact.stream_id, _NAMES[type(fact.event)])
            for fact in batch.facts_of(_RESTING)
        ),
    )


def _row(facts: Sequence[Fact[Any]]) -> Row | None:
    state = decision.INITIAL
    for fact in facts:
        state = decision.evolve(state, fact.event)
    if not isinstance(state, decision.Registered):
        return None
    first, last, content = facts[0], facts[-1], state.content
    return (
        first.stream_id,
        first.position,
        last.version,
        first.recorded_at,
        last.recorded_at,
        first.authorship.actor,
        first.authorship.office,
        content.number,
        content.number_key,
        content.issuer,
        content.issuer_key,
        decision_identity(content),
        content.decided_on,
        *date_bounds(content.decided_on),
        content.kind,
        decision.standing_name(state),
        content.signatory,
        content.signatory_title,
        content.summary,
        content.legal_basis,
        content.scan_sha256,
        content.source.kind,
        content.source.certainty,
        content.source.reference,
        content.source.row,
    )


PROJECTION = Projection(
    name="decisions",
    version=4,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("decisions.sql"),
    indexes=read_sql("decisions_indexes.sql"),
)
