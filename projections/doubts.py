"""Register of doubts: what is open about which award, oldest first; those that hold it back.

A doubt is a fact of its award. Here it stands from the moment it was recorded until somebody with
the right confirmed the award, or what it was about was corrected. Of an award that does not stand
nothing is left to settle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from projections.paging import Page, check_limit, page_of, parse_token, where
from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table, jsonb_bytes
from registry import award
from registry.award.doubts import HOLDING
from registry.remark import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import LiteralString
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

# Recording and issuing by the thousand leave no doubt but by a fact of its own.
_EVENTS: Final = frozenset(
    {
        award.AwardDoubted,
        award.AwardDoubtsConfirmed,
        award.AwardDoubtsSettled,
        award.AwardCancelled,
        award.TitleStripped,
        award.AwardRestored,
        award.AwardWithdrawn,
    }
)
_TABLE: Final = Table(
    "doubt",
    (
        ("award_id", "uuid"),
        ("ordinal", "int4"),
        ("code", "text"),
        ("params", "jsonb"),
        ("holds", "bool"),
        ("position", "int8"),
        ("recorded_at", "timestamptz"),
        ("office", "text"),
    ),
)
IS_HELD_BACK: Final[LiteralString] = (
    "EXISTS (SELECT FROM doubts.doubt q WHERE q.award_id = a.id AND q.holds)"
)
"""Whether an award `a` is held back."""

# The columns of DoubtRow, in its order.
_SELECT: Final = """
SELECT q.award_id, q.ordinal, q.code, q.params, q.holds, q.position, q.recorded_at, q.office,
       a.name, a.form, a.award_class, a.awarded_on
  FROM doubts.doubt q JOIN awards.award a ON a.id = q.award_id
"""
_CONDITIONS: Final = {
    "code": "q.code = %(code)s",
    "holds": "q.holds = %(holds)s",
    "behind": (
        "(q.position, q.award_id, q.ordinal)"
        " > (%(behind)s::bigint, %(behind_award)s::uuid, %(behind_ordinal)s::int)"
    ),
}
_ORDER: Final = " ORDER BY q.position, q.award_id, q.ordinal LIMIT %(rows)s"


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """An open doubt with the award that it is about; `office` recorded the award.

    `position` and `recorded_at` are those of the fact that brought it up.
    """

    award_id: UUID
    ordinal: int
    code: str
    params: tuple[tuple[str, str], ...]
    holds: bool
    position: int
    recorded_at: datetime
    office: str
    name: str
    form: str
    award_class: str | None
    awarded_on: str | None

    @property
    def remark(self) -> Remark:
        """The doubt as it was recorded."""
        return Remark(self.code, self.params)


@dataclass(frozen=True, slots=True)
class DoubtFilter:
    """Which doubts to list; None means any."""

    code: str | None = None
    holds: bool | None = None


def list_doubts(
    cursor: Cursor[Any], wanted: DoubtFilter, limit: int, token: str | None = None
) -> Page[DoubtRow]:
    """Open doubts, the oldest first. Raises `Rejected` for a bad token."""
    behind, award_id, ordinal = (
        parse_token("doubts", token, (int, str, int)) if token else (None, None, None)
    )
    parameters = {
        "code": wanted.code,
        "holds": wanted.holds,
        "behind": behind,
        "rows": check_limit(limit) + 1,
    }
    statement = _SELECT + where(_CONDITIONS, parameters) + _ORDER
    parameters |= {"behind_award": award_id, "behind_ordinal": ordinal}
    rows = [_doubt_row(row) for row in cursor.execute(statement, parameters)]
    return page_of(
        "doubts", rows, limit, lambda row: (row.position, str(row.award_id), row.ordinal)
    )


def _doubt_row(row: tuple[Any, ...]) -> DoubtRow:
    award_id, ordinal, code, params, *rest = row
    return DoubtRow(award_id, ordinal, code, tuple((one, two) for one, two in params), *rest)


def _apply(batch: Batch) -> None:
    fresh = batch.by_stream(_EVENTS)
    _TABLE.delete(batch.cursor, "award_id", list(fresh))
    stories = batch.stories(fresh)
    _TABLE.copy(batch.cursor, (row for facts in stories.values() for row in _rows(facts)))


def _rows(facts: Sequence[Fact[Any]]) -> Iterator[Row]:
    """The open doubts of one award after these facts."""
    state = award.INITIAL
    raised: dict[Remark, Fact[award.AwardDoubted]] = {}
    for fact in facts:
        state = award.evolve(state, fact.event)
        if isinstance(fact.event, award.AwardDoubted):
            raised.update((doubt, fact) for doubt in fact.event.doubts)
    if not isinstance(state, award.Standing):
        return
    for ordinal, doubt in enumerate(state.doubts.open):
        yield (
            facts[0].stream_id,
            ordinal,
            doubt.code,
            jsonb_bytes(msgspec.json.encode(doubt.params)),
            doubt.code in HOLDING,
            raised[doubt].position,
            raised[doubt].recorded_at,
            facts[0].authorship.office,
        )


PROJECTION = Projection(
    name="doubts",
    version=1,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("doubts.sql"),
    indexes=read_sql("doubts_indexes.sql"),
)
