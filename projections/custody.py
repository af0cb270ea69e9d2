"""Register of custody: every artifact that an office keeps for a citizen, against a receipt.

A row stands here from the day on which the artifact was handed in until it was handed back,
recovered, destroyed or kept as a specimen. One that was exchanged lies here still, but is no
longer owed to anybody: nothing about it is past due. Nor is one that was given back freely.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from projections.dates import date_bounds
from projections.paging import Page, check_limit, page_of, parse_token, where
from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table
from registry import award
from registry.award import artifact
from registry.numbers import normalise_serial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

# What may bring an artifact in, move it, or let it go; awards are recorded by the thousand and
# their artifacts issued, which is no business of this register.
_EVENTS = frozenset(
    {
        artifact.ArtifactSurrendered,
        artifact.ArtifactMoved,
        artifact.ArtifactHandedBack,
        artifact.DeliveryWithdrawn,
        artifact.ArtifactExchanged,
        artifact.RecallOrdered,
        artifact.ArtifactRecovered,
        artifact.ArtifactDeclaredUnrecoverable,
        artifact.ArtifactDestroyed,
        artifact.ArtifactArchived,
        award.AwardRestored,
        award.AwardWithdrawn,
    }
)
_TABLE = Table(
    "held",
    (
        ("serial_key", "text"),
        ("serial", "text"),
        ("component", "text"),
        ("award_id", "uuid"),
        ("position", "int8"),
        ("receipt", "text"),
        ("taken_on", "text"),
        ("taken_latest", "date"),
        ("due_on", "text"),
        ("due_latest", "date"),
        ("purpose", "text"),
        ("condition", "text"),
        ("kept_at", "text"),
        ("surrendered_by", "text"),
        ("relation", "text"),
        ("superseded_by", "text"),
        ("office", "text"),
    ),
)
# The columns of HeldRow, in its order.
_SELECT = """
SELECT h.serial, h.component, h.award_id, h.position, h.receipt, h.taken_on, h.taken_latest,
       h.due_on, h.due_latest, h.purpose, h.condition, h.kept_at, h.surrendered_by, h.relation,
       h.superseded_by, h.office, a.name, a.form, a.award_class
  FROM custody.held h JOIN awards.award a ON a.id = h.award_id
"""
_CONDITIONS = {
    "taken_by": "h.taken_latest <= %(taken_by)s",
    "due_before": (
        "h.due_latest < %(due_before)s AND h.superseded_by IS NULL AND h.purpose <> 'given-back'"
    ),
    "purpose": "h.purpose = %(purpose)s",
    "owed": "(h.superseded_by IS NULL AND h.purpose <> 'given-back') = %(owed)s",
    "behind": "(h.taken_latest, h.position) > (%(behind)s::date, %(position)s::bigint)",
}
_ORDER = " ORDER BY h.taken_latest, h.position LIMIT %(rows)s"


@dataclass(frozen=True, slots=True)
class HeldRow:
    """An artifact in custody, with the award that it belongs to.

    `position` is that of the fact that took it in; `superseded_by` the serial that counts
    instead, if it was exchanged meanwhile. `office` took it in.
    """

    serial: str
    component: str
    award_id: UUID
    position: int
    receipt: str
    taken_on: str
    taken_latest: date
    due_on: str | None
    due_latest: date | None
    purpose: str
    condition: str | None
    kept_at: str
    surrendered_by: str
    relation: str | None
    superseded_by: str | None
    office: str
    name: str
    form: str
    award_class: str | None

    def held_days(self, on: date) -> int:
        """For how many days it has lain with the office."""
        return max(0, (on - self.taken_latest).days)

    def is_past_due(self, on: date) -> bool:
        """Whether its owner was promised an answer before a day, and it is still owed to him."""
        due = self.due_latest
        owed = self.superseded_by is None and self.purpose != "given-back"
        return due is not None and due < on and owed


@dataclass(frozen=True, slots=True)
class CustodyFilter:
    """Which artifacts to list, as of a day; None means any.

    `owed` leaves out, or shows alone, what is owed to nobody: exchanged, or given back freely.
    """

    on: date
    longer_than_days: int | None = None
    past_due: bool = False
    purpose: str | None = None
    owed: bool | None = None


def list_custody(
    cursor: Cursor[Any], wanted: CustodyFilter, limit: int, token: str | None = None
) -> Page[HeldRow]:
    """Artifacts in custody, what lies longest first. Raises `Rejected` for a bad token."""
    behind, position = parse_token("custody", token, (str, int)) if token else (None, None)
    days = wanted.longer_than_days
    parameters = {
        "taken_by": wanted.on - timedelta(days=days + 1) if days is not None else None,
        "due_before": wanted.on if wanted.past_due else None,
        "purpose": wanted.purpose,
        "owed": wanted.owed,
        "behind": behind,
        "rows": check_limit(limit) + 1,
    }
    statement = _SELECT + where(_CONDITIONS, parameters) + _ORDER
    rows = [HeldRow(*row) for row in cursor.execute(statement, parameters | {"position": position})]
    return page_of("custody", rows, limit, lambda row: (row.taken_latest.isoformat(), row.position))


def _apply(batch: Batch) -> None:
    fresh = batch.by_stream(_EVENTS)
    _TABLE.delete(batch.cursor, "award_id", list(fresh))
    stories = batch.stories(fresh)
    _TABLE.copy(batch.cursor, (row for facts in stories.values() for row in _rows(facts)))


def _rows(facts: Sequence[Fact[Any]]) -> Iterator[Row]:
    """What an office keeps of one award after these facts."""
    state = award.INITIAL
    taken: dict[str, Fact[artifact.ArtifactSurrendered]] = {}
    for fact in facts:
        state = award.evolve(state, fact.event)
        if isinstance(fact.event, artifact.ArtifactSurrendered):
            taken[fact.event.serial] = fact
    if not isinstance(state, award.Recorded):
        return
    for serial, one in state.artifacts.items():
        custody = one.custody
        if custody is None:
            continue
        _, taken_latest = date_bounds(custody.taken_on)
        _, due_latest = date_bounds(custody.due_on)
        yield (
            normalise_serial(serial),
            serial,
            one.component,
            facts[0].stream_id,
            taken[serial].position,
            custody.receipt,
            custody.taken_on,
            taken_latest,
            custody.due_on,
            due_latest,
            custody.purpose,
            custody.condition,
            custody.kept_at,
            custody.surrendered_by.name,
            custody.surrendered_by.relation,
            one.superseded_by.successor if one.superseded_by is not None else None,
            taken[serial].authorship.office,
        )


PROJECTION = Projection(
    name="custody",
    version=2,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("custody.sql"),
    indexes=read_sql("custody_indexes.sql"),
)
