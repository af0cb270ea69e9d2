"""Register of holders: artifacts that heirs, a museum or the State hold after a death.

A row for each artifact that counts and whose holder is another than its recipient; of an award
that does not stand there is none, for its artifacts are asked back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections.paging import Page, check_limit, page_of, position_from, where
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

# What may give an artifact a holder, or take it out of the register.
_EVENTS = frozenset(
    {
        artifact.ArtifactHolderChanged,
        artifact.ArtifactExchanged,
        artifact.ArtifactReissued,
        artifact.ArtifactReplaced,
        artifact.ArtifactDestroyed,
        artifact.ArtifactArchived,
        artifact.ArtifactRecovered,
        artifact.ArtifactDeclaredUnrecoverable,
        award.AwardCancelled,
        award.TitleStripped,
        award.AwardRestored,
        award.AwardDeclined,
        award.DecliningTakenBack,
    }
)
_TABLE = Table(
    "holder",
    (
        ("serial_key", "text"),
        ("serial", "text"),
        ("component", "text"),
        ("award_id", "uuid"),
        ("position", "int8"),
        ("kind", "text"),
        ("name", "text"),
        ("relation", "text"),
        ("since", "text"),
        ("until", "text"),
        ("decision", "text"),
        ("kept_at", "text"),
    ),
)
# The columns of HolderRow, in its order.
_SELECT = """
SELECT h.serial, h.component, h.award_id, h.position, h.kind, h.name, h.relation, h.since,
       h.until, h.decision, h.kept_at, a.name, a.form, a.award_class
  FROM holders.holder h JOIN awards.award a ON a.id = h.award_id
"""
_CONDITIONS = {"kind": "h.kind = %(kind)s", "before": "h.position < %(before)s"}
_NEWEST_FIRST = " ORDER BY h.position DESC LIMIT %(rows)s"


@dataclass(frozen=True, slots=True)
class HolderRow:
    """An artifact and who holds it; `recipient` is whose award it is of."""

    serial: str
    component: str
    award_id: UUID
    position: int
    kind: str
    name: str
    relation: str | None
    since: str
    until: str | None
    decision: str | None
    kept_at: str | None
    recipient: str
    form: str
    award_class: str | None


def list_holders(
    cursor: Cursor[Any], kind: str | None, limit: int, token: str | None = None
) -> Page[HolderRow]:
    """Artifacts that somebody else holds, what changed last first. Raises `Rejected`."""
    parameters = {
        "kind": kind,
        "before": position_from("holders", token),
        "rows": check_limit(limit) + 1,
    }
    statement = _SELECT + where(_CONDITIONS, parameters) + _NEWEST_FIRST
    rows = [HolderRow(*row) for row in cursor.execute(statement, parameters)]
    return page_of("holders", rows, limit, lambda row: (row.position,))


def _apply(batch: Batch) -> None:
    fresh = batch.by_stream(_EVENTS)
    _TABLE.delete(batch.cursor, "award_id", list(fresh))
    stories = batch.stories(fresh)
    _TABLE.copy(batch.cursor, (row for facts in stories.values() for row in _rows(facts)))


def _rows(facts: Sequence[Fact[Any]]) -> Iterator[Row]:
    """Who holds the artifacts of one award after these facts."""
    state, changed = award.INITIAL, 0
    positions: dict[str, int] = {}
    for fact in facts:
        state = award.evolve(state, fact.event)
        changed = fact.position
        if isinstance(fact.event, artifact.Succession):
            positions[fact.event.successor] = changed
        elif isinstance(fact.event, artifact.ArtifactHolderChanged):
            positions[fact.event.serial] = changed
    if not isinstance(state, award.Standing):
        return
    for serial, one in state.artifacts.items():
        if one.holder is None or not one.is_live:
            continue
        holder = one.holder.holder
        yield (
            normalise_serial(serial),
            serial,
            one.component,
            facts[0].stream_id,
            positions[serial],
            holder.kind,
            holder.name,
            holder.relation,
            one.holder.since,
            holder.until,
            holder.decision,
            holder.kept_at,
        )


PROJECTION = Projection(
    name="holders",
    version=1,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("holders.sql"),
    indexes=read_sql("holders_indexes.sql"),
)
