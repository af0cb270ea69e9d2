"""Register of artifacts: one row for each serial, with the stage it has reached.

Which stage that is, and which artifact counts instead of another, is what `registry.award` makes
of the facts; the register adds the days on which an artifact passed the earlier stages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from projections.citation import AWARD_IDS_OF_DECISION
from projections.corrected import put_right
from projections.paging import Page, check_limit, page_of, position_from, where
from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table
from registry import award
from registry.award import artifact
from registry.award.artifact_state import stage_name
from registry.numbers import normalise_serial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Cursor

    from registry.award.artifact import Receiver
    from registry.award.artifact_state import Artifact
    from registry.fact import Fact

_MOVES = frozenset(artifact.EVENTS.values())
# What had not come back when an award was restored is no longer asked back; what belongs to an
# award that was entered by mistake is no artifact.
_EVENTS = _MOVES | {award.AwardRestored, award.AwardWithdrawn}
_LATER = _EVENTS - {artifact.ArtifactIssued}

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
    ("stage_on", "text"),
    ("kept_at", "text"),
    ("supersedes", "text"),
    ("superseded_by", "text"),
    ("succession", "text"),
    ("is_live", "bool"),
)
_TABLE = Table("artifact", _COLUMNS)

# The columns of ArtifactRow, in its order.
_SELECT = """
SELECT t.serial_key, t.serial, t.component, t.award_id, t.position, t.stage, t.recorded_at,
       t.changed_at, t.issued_on, t.printed_on, t.delivered_on, t.receiver_kind,
       t.receiver_name, t.receiver_relation, t.returned_on, t.returned_by, t.return_reason,
       t.stage_on, t.kept_at, t.supersedes, t.superseded_by, t.succession, t.is_live
  FROM artifacts.artifact t
"""
_BY_SERIAL = _SELECT + " WHERE t.serial_key = %s"
_OF_AWARDS = _SELECT + " WHERE t.award_id = ANY(%s::uuid[]) ORDER BY t.award_id, t.position"
_CONDITIONS = {
    "component": "t.component = %(component)s",
    "stage": "t.stage = %(stage)s",
    "is_live": "t.is_live = %(is_live)s",
    "succession": "t.succession = %(succession)s",
    "decision_id": "t.award_id IN (" + AWARD_IDS_OF_DECISION + ")",
    "before": "t.position < %(before)s",
}
_ORDER = " ORDER BY t.position DESC LIMIT %(rows)s"


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """An artifact in the register; its dates are EDTF, `stage` as `stage_name` says.

    `position` is that of the fact that issued it; `stage_on` the day of what last happened to
    it; `succession` tells how another artifact, `superseded_by`, took its place.
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
    stage_on: str | None = None
    kept_at: str | None = None
    supersedes: str | None = None
    superseded_by: str | None = None
    succession: str | None = None
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class ArtifactFilter:
    """Which artifacts to list; None means any."""

    component: str | None = None
    stage: str | None = None
    decision_id: UUID | None = None
    is_live: bool | None = None
    succession: str | None = None


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
        "is_live": wanted.is_live,
        "succession": wanted.succession,
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
    gone: list[UUID] = []
    for stream, facts in stories.items():
        if type(facts[-1].event) is award.AwardWithdrawn:
            gone.append(stream)
            continue
        touched = _touched(fresh[stream])
        rows = _artifacts(facts)
        changed += (row for serial, row in rows.items() if touched is None or serial in touched)
    issued = {fact.position for fact in batch.facts if type(fact.event) is artifact.ArtifactIssued}
    moved = [row.serial_key for row in changed if row.position not in issued]
    # By their award: another one may bear their serials since.
    _TABLE.delete(batch.cursor, "award_id", gone)
    _TABLE.delete(batch.cursor, "serial_key", moved)
    _TABLE.copy(batch.cursor, (_columns(row) for row in changed))


def _touched(facts: Sequence[Fact[Any]]) -> set[str] | None:
    """Serials that the facts move; None if they may move every one of the award's."""
    serials: set[str] = set()
    for fact in facts:
        match fact.event:
            case award.AwardRestored() | award.AwardWithdrawn():
                return None
            case (
                artifact.ArtifactExchanged()
                | artifact.ArtifactReissued()
                | (artifact.ArtifactReplaced()) as event
            ):
                serials |= {event.serial, event.successor}
            case event:
                serials.add(event.serial)
    return serials


def _artifacts(facts: Sequence[Fact[Any]]) -> dict[str, ArtifactRow]:
    """The artifacts of one award after these facts, by serial."""
    rows: dict[str, ArtifactRow] = {}
    changed_at = {fact.event.serial: fact.recorded_at for fact in facts if _corrects(fact)}
    for fact in put_right(facts):
        if type(fact.event) in _MOVES:
            row = _passed(rows.get(fact.event.serial), fact)
            if row is not None:
                rows[row.serial] = row
    # What was only issued needs no rules to tell its stage, and it comes by the hundred thousand.
    if not any(type(fact.event) in _LATER for fact in facts):
        return rows
    state = award.INITIAL
    for fact in facts:
        state = award.evolve(state, fact.event)
    if not isinstance(state, award.Recorded):
        return {}
    return {
        serial: replace(
            _with_state(row, state.artifacts[serial]),
            changed_at=max(row.changed_at, changed_at.get(serial, row.changed_at)),
        )
        for serial, row in rows.items()
    }


def _corrects(fact: Fact[Any]) -> bool:
    """Whether it says that what was entered of a delivery was wrong."""
    return type(fact.event) in {artifact.DeliveryWithdrawn, artifact.DeliveryCorrected}


def _with_state(row: ArtifactRow, one: Artifact) -> ArtifactRow:
    by = one.superseded_by
    return replace(
        row,
        stage=stage_name(one.stage),
        kept_at=one.custody.kept_at if one.custody else getattr(one.stage, "kept_at", None),
        supersedes=one.supersedes,
        superseded_by=by.successor if by is not None else None,
        succession=artifact.succession_kind(by) if by is not None else None,
        is_live=one.is_live,
    )


def _passed(  # noqa: PLR0911 - one for each event with a day of its own
    row: ArtifactRow | None, fact: Fact[artifact.Event]
) -> ArtifactRow | None:
    """The row after an event; None if the serial is unknown, as in `award.artifact_state`."""
    event = fact.event
    if isinstance(event, artifact.ArtifactIssued):
        return _issued(event, fact)
    if row is None:
        return None
    if isinstance(
        event,
        artifact.ArtifactSigned
        | artifact.FileSigned
        | artifact.DeliveryWithdrawn
        | artifact.DeliveryCorrected,
    ):
        return row
    row = replace(row, changed_at=fact.recorded_at, stage_on=artifact.happened_on(event))
    match event:
        case artifact.ArtifactPrinted():
            return replace(row, printed_on=event.printed_on)
        case artifact.ArtifactDelivered():
            return _received(row, event.delivered_on, event.receiver)
        case artifact.ArtifactHandedBack():
            return _received(row, event.handed_back_on, event.receiver)
        case artifact.ArtifactReturnedUndelivered():
            return replace(
                row,
                returned_on=event.returned_on,
                returned_by=event.returned_by,
                return_reason=event.reason,
            )
        case _:
            return row


def _received(row: ArtifactRow, on: str, receiver: Receiver) -> ArtifactRow:
    return replace(
        row,
        delivered_on=on,
        receiver_kind=receiver.kind,
        receiver_name=receiver.name,
        receiver_relation=receiver.relation,
    )


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
        stage_on=event.issued_on,
    )


def _columns(row: ArtifactRow) -> Row:
    return tuple(getattr(row, name) for name, _ in _COLUMNS)


PROJECTION = Projection(
    name="artifacts",
    version=3,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("artifacts.sql"),
    indexes=read_sql("artifacts_indexes.sql"),
)
