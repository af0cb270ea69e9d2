"""Register of duties: what is due for which award, by whom, until when; open ones only.

A duty is no record of its own: it is what the state of an award leaves to be done.

  strip              a judgment took effect: the submitting body proposes to strip the title
  recall             an award was cancelled or stripped: its artifact must come back
  hand-in-found      what was lost and issued again turned up: it must be handed in
  hand-back          an award was restored: what was recovered goes back to its owner
  museum-term        a museum holds an artifact for a time: then somebody else does
  replace-destroyed  an award was restored, but its artifact is no more: a new one names it
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from projections.dates import date_bounds
from projections.paging import Page, check_limit, page_of, parse_token, where
from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table
from registry import award
from registry.award import artifact
from registry.award.artifact_state import (
    Archived,
    Artifact,
    Destroyed,
    Found,
    InCustody,
    Recalled,
    Recovered,
)
from registry.award.recalling import can_be_recalled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

DutyKind: TypeAlias = Literal[
    "strip", "recall", "hand-in-found", "hand-back", "replace-destroyed", "museum-term"
]

# Recording and issuing by the thousand leave nothing to do.
_EVENTS = frozenset(award.EVENTS.values()) - {
    award.AwardRecorded,
    award.AwardCorrected,
    award.AwardCorrectedByDecision,
    award.AwardDoubted,
    award.AwardDoubtsConfirmed,
    award.AwardDoubtsSettled,
    artifact.ArtifactIssued,
    artifact.ArtifactPrinted,
    artifact.ArtifactDelivered,
}
_TABLE = Table(
    "duty",
    (
        ("award_id", "uuid"),
        ("ordinal", "int4"),
        ("kind", "text"),
        ("serial", "text"),
        ("component", "text"),
        ("since", "text"),
        ("since_earliest", "date"),
        ("due_on", "text"),
        ("due_latest", "date"),
        ("due_key", "text"),
        ("decision_id", "uuid"),
    ),
)
# Behind every date: a duty without a day comes last.
_NO_DAY = "~"

# The columns of DutyRow, in its order.
_SELECT = """
SELECT d.award_id, d.ordinal, d.kind, d.serial, d.component, d.since, d.due_on, d.due_latest,
       d.due_key, d.decision_id, a.name, a.form, a.award_class, a.submitting_body
  FROM duties.duty d JOIN awards.award a ON a.id = d.award_id
"""
_CONDITIONS = {
    "kind": "d.kind = %(kind)s",
    "known_by": "(d.since_earliest IS NULL OR d.since_earliest <= %(known_by)s)",
    "late_on": "d.due_latest < %(late_on)s",
    "behind": (
        "(d.due_key, d.award_id, d.ordinal)"
        " > (%(behind)s, %(behind_award)s::uuid, %(behind_ordinal)s::int)"
    ),
}
_ORDER = " ORDER BY d.due_key, d.award_id, d.ordinal LIMIT %(rows)s"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done about an award, or about one of its artifacts."""

    kind: DutyKind
    since: str | None
    due_on: str | None = None
    serial: str | None = None
    component: str | None = None
    decision_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DutyRow:
    """An open duty, with the award that it is about; `body` put the award forward."""

    award_id: UUID
    ordinal: int
    kind: str
    serial: str | None
    component: str | None
    since: str | None
    due_on: str | None
    due_latest: date | None
    due_key: str
    decision_id: UUID | None
    name: str
    form: str
    award_class: str | None
    body: str | None

    def is_overdue(self, on: date) -> bool:
        """Whether it should have been done before a day."""
        return self.due_latest is not None and self.due_latest < on


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """Which duties to list, as of a day; None means any."""

    on: date
    kind: str | None = None
    overdue: bool = False


def list_duties(
    cursor: Cursor[Any], wanted: DutyFilter, limit: int, token: str | None = None
) -> Page[DutyRow]:
    """Open duties, what is due first before the others. Raises `Rejected` for a bad token."""
    behind, award_id, ordinal = (
        parse_token("duties", token, (str, str, int)) if token else (None, None, None)
    )
    parameters = {
        "kind": wanted.kind,
        "known_by": wanted.on,
        "late_on": wanted.on if wanted.overdue else None,
        "behind": behind,
        "rows": check_limit(limit) + 1,
    }
    statement = _SELECT + where(_CONDITIONS, parameters) + _ORDER
    parameters |= {"behind_award": award_id, "behind_ordinal": ordinal}
    rows = [DutyRow(*row) for row in cursor.execute(statement, parameters)]
    return page_of("duties", rows, limit, lambda row: (row.due_key, str(row.award_id), row.ordinal))


def duties_of(facts: Sequence[Fact[Any]]) -> Iterator[Duty]:
    """What an award leaves to be done after these facts."""
    state = award.INITIAL
    restored_on = None
    for fact in facts:
        state = award.evolve(state, fact.event)
        if isinstance(fact.event, award.AwardRestored):
            restored_on = fact.event.restored_on
    if not isinstance(state, award.Recorded):
        return
    if isinstance(state, award.Standing) and state.verdict is not None:
        yield Duty("strip", state.verdict.effective_on, state.verdict.strip_due_on)
    for one in state.artifacts.values():
        if one.superseded_by is not None:
            yield from _of_superseded(one)
        elif isinstance(state, award.Standing):
            yield from _of_standing(one, restored_on)
        elif isinstance(state, award.TakenAway):
            yield from _of_taken_away(one, state.by)


def _of_standing(one: Artifact, restored_on: str | None) -> Iterator[Duty]:
    if one.holder is not None and one.holder.holder.until is not None:
        since, until = one.holder.since, one.holder.holder.until
        yield Duty("museum-term", since, until, one.serial, one.component)
    match one.stage:
        case Recovered() | InCustody(purpose="recall"):
            yield Duty("hand-back", restored_on, None, one.serial, one.component)
        case Destroyed() | Archived():
            yield Duty("replace-destroyed", restored_on, None, one.serial, one.component)
        case _:
            return


def _of_superseded(one: Artifact) -> Iterator[Duty]:
    """What was found after another took its place must be handed in, ordered back or not."""
    match one.stage:
        case Found(found_on=found_on):
            yield Duty("hand-in-found", found_on, None, one.serial, one.component)
        case Recalled(ordered_on=ordered_on, due_on=due_on):
            yield Duty("hand-in-found", ordered_on, due_on, one.serial, one.component)
        case _:
            return


def _of_taken_away(one: Artifact, by: award.AwardCancelled | award.TitleStripped) -> Iterator[Duty]:
    if isinstance(one.stage, Recalled) or can_be_recalled(one):
        ordered = one.stage.due_on if isinstance(one.stage, Recalled) else None
        due_on = ordered or by.recall_due_on
        yield Duty("recall", award.taken_on(by), due_on, one.serial, one.component, by.decision_id)


def _apply(batch: Batch) -> None:
    fresh = batch.by_stream(_EVENTS)
    _TABLE.delete(batch.cursor, "award_id", list(fresh))
    stories = batch.stories(fresh)
    _TABLE.copy(
        batch.cursor,
        (
            _row(stream, ordinal, duty)
            for stream, facts in stories.items()
            for ordinal, duty in enumerate(duties_of(facts))
        ),
    )


def _row(award_id: UUID, ordinal: int, duty: Duty) -> Row:
    since_earliest, _ = date_bounds(duty.since)
    _, due_latest = date_bounds(duty.due_on)
    return (
        award_id,
        ordinal,
        duty.kind,
        duty.serial,
        duty.component,
        duty.since,
        since_earliest,
        duty.due_on,
        due_latest,
        due_latest.isoformat() if due_latest is not None else _NO_DAY,
        duty.decision_id,
    )


PROJECTION = Projection(
    name="duties",
    version=2,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("duties.sql"),
    indexes=read_sql("duties_indexes.sql"),
)
