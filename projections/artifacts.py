"""Register of artifacts: one row for each serial, with the stage it has reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, assert_never

from projections.citation import AWARD_IDS_OF_DECISION
from projections.paging import Page, check_limit, page_of, position_from, where
from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table
from registry import artifact
from registry.numbers import normalise_serial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

_EVENTS = frozenset(
    {
        artifact.ArtifactIssued,
        artifact.ArtifactPrinted,
        artifact.ArtifactDelivered,
        artifact.ArtifactReturnedUndelivered,
    }
)

_COLUMNS = (
    ("serial_key", "text"),
    ("serial", "text"),
    ("component", "text"),
    ("award_id", "uuid"),
    ("position", "int8"),
    ("stage", "text"),
    ("recorded_at", "timestamptz"),
    ("changed_at", "timestamptz"),
    ("issued_on", "text"),
    ("printed_on", "text"),
    ("delivered_on", "text"),
    ("receiver_kind", "text"),
    ("receiver_name", "text"),
    ("receiver_relation", "text"),
    ("returned_on", "text"),
    ("returned_by", "text"),
    ("return_reason", "text"),
)
_TABLE = Table("artifact", _COLUMNS)

# The columns of ArtifactRow, in its order.
_SELECT = """
SELECT t.serial_key, t.serial, t.component, t.award_id, t.position, t.stage, t.recorded_at,
       t.changed_at, t.issued_on, t.printed_on, t.delivered_on, t.receiver_kind,
       t.receiver_name, t.receiver_relation, t.returned_on, t.returned_by, t.return_reason
  FROM artifacts.artifact t
"""
_BY_SERIAL = _SELECT + " WHERE t.serial_key = %s"
_OF_AWARDS = _SELECT + " WHERE t.award_id = ANY(%s::uuid[]) ORDER BY t.award_id, t.position"
_CONDITIONS = {
    "component": "t.component = %(component)s",
    "stage": "t.stage = %(stage)s",
    "decision_id": "t.award_id IN (" + AWARD_IDS_OF_DECISION + ")",
    "before": "t.position < %(before)s",
}
_ORDER = " ORDER BY t.position DESC LIMIT %(rows)s"


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """An artifact in the register; its dates are EDTF, `stage` as `artifact.stage_name` says.

    `position` is that of the fact that issued it.
    """

    serial_key: str
    serial: str
    component: str
    award_id: UUID
    position: int
    stage: str
    recorded_at: datetime
    changed_at: datetime
    issued_on: str | None = None
    printed_on: str | None = None
    delivered_on: str | None = None
    receiver_kind: str | None = None
    receiver_name: str | None = None
    receiver_relation: str | None = None
    returned_on: str | None = None
    returned_by: str | None = None
    return_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ArtifactFilter:
    """Which artifacts to list; None means any."""

    component: str | None = None
    stage: str | None = None
    decision_id: UUID | None = None


def find_artifact(cursor: Cursor[Any], serial: str) -> ArtifactRow | None:
    """An artifact by its serial, in any spelling."""
    row = cursor.execute(_BY_SERIAL, (normalise_serial(serial),)).fetchone()
    return None if row is None else ArtifactRow(*row)


def artifacts_of(cursor: Cursor[Any], award_ids: Sequence[UUID]) -> tuple[ArtifactRow, ...]:
    """The artifacts of awards, in the order in which they were issued."""
    return tuple(ArtifactRow(*row) for row in cursor.execute(_OF_AWARDS, (list(award_ids),)))


def list_artifacts(
    cursor: Cursor[Any], wanted: ArtifactFilter, limit: int, token: str | None = None
) -> Page[ArtifactRow]:
    """Artifacts from the newest issued to the oldest. Raises `Rejected` for a bad token."""
    parameters = {
        "component": wanted.component,
        "stage": wanted.stage,
        "decision_id": wanted.decision_id,
        "before": position_from("artifacts", token),
        "rows": check_limit(limit) + 1,
    }
    statement = _SELECT + where(_CONDITIONS, parameters) + _ORDER
    rows = [ArtifactRow(*row) for row in cursor.execute(statement, parameters)]
    return page_of("artifacts", rows, limit, lambda row: (row.position,))


def _apply(batch: Batch) -> None:
    fresh = batch.by_stream(_EVENTS)
    stories = batch.stories(fresh)
    changed: list[ArtifactRow] = []
    for stream, facts in stories.items():
        touched = {fact.event.serial for fact in fresh[stream]}
        changed += (row for serial, row in _artifacts(facts).items() if serial in touched)
    issued = {fact.position for fact in batch.facts if type(fact.event) is artifact.ArtifactIssued}
    moved = [row.serial_key for row in changed if row.position not in issued]
    _TABLE.delete(batch.cursor, "serial_key", moved)
    _TABLE.copy(batch.cursor, (_columns(row) for row in changed))


def _artifacts(facts: Sequence[Fact[Any]]) -> dict[str, ArtifactRow]:
    """The artifacts of one award after these facts, by serial."""
    rows: dict[str, ArtifactRow] = {}
    for fact in facts:
        if type(fact.event) in _EVENTS:
            row = _moved(rows.get(fact.event.serial), fact)
            if row is not None:
                rows[row.serial] = row
    return rows


def _moved(row: ArtifactRow | None, fact: Fact[artifact.Event]) -> ArtifactRow | None:
    """The row after an event; None, as in `registry.artifact`, if the serial is unknown."""
    event = fact.event
    if isinstance(event, artifact.ArtifactIssued):
        return _issued(event, fact)
    if row is None:
        return None
    if isinstance(event, artifact.ArtifactSigned):
        return row
    row = replace(row, changed_at=fact.recorded_at)
    match event:
        case artifact.ArtifactPrinted():
            return replace(row, stage="printed", printed_on=event.printed_on)
        case artifact.ArtifactDelivered():
            return replace(
                row,
                stage="delivered",
                delivered_on=event.delivered_on,
                receiver_kind=event.receiver.kind,
                receiver_name=event.receiver.name,
                receiver_relation=event.receiver.relation,
            )
        case artifact.ArtifactReturnedUndelivered():
            return replace(
                row,
                stage="undelivered",
                returned_on=event.returned_on,
                returned_by=event.returned_by,
                return_reason=event.reason,
            )
        case _:
            assert_never(event)


def _issued(event: artifact.ArtifactIssued, fact: Fact[Any]) -> ArtifactRow:
    return ArtifactRow(
        serial_key=normalise_serial(event.serial),
        serial=event.serial,
        component=event.component,
        award_id=fact.stream_id,
        position=fact.position,
        stage="issued",
        recorded_at=fact.recorded_at,
        changed_at=fact.recorded_at,
        issued_on=event.issued_on,
    )


def _columns(row: ArtifactRow) -> Row:
    return tuple(getattr(row, name) for name, _ in _COLUMNS)


PROJECTION = Projection(
    name="artifacts",
    version=1,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("artifacts.sql"),
    indexes=read_sql("artifacts_indexes.sql"),
)
