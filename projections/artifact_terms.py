"""Artifacts of new awards by their own terms: to be sent by the centre, to be passed on.

A question with a day, and no register of its own: which awards were decided so long ago that
nothing of them has come, and which artifacts have lain here undelivered so long. What "so long"
is depends on the calendar; whoever asks works out the day up to which a term is over, so a swap
of working days needs no row to be changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from projections.paging import Page, check_limit, page_of, parse_token
from registry.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Cursor

TermStep = Literal["send-artifacts", "pass-on"]
TERM_STEPS: tuple[TermStep, ...] = get_args(TermStep)

# The columns of TermRow, in its order. Awards that were decided on a whole day of the law.
_SENT: Final = """
SELECT a.id, a.position, a.name, a.form, a.award_class, a.submitting_body,
       NULL::text, NULL::text, NULL::text, a.awarded_earliest AS since
  FROM awards.award a
 WHERE a.standing = 'standing' AND a.form = ANY(%(forms)s::text[])
   AND a.awarded_earliest BETWEEN %(first)s AND %(until)s
   AND a.awarded_earliest = a.awarded_latest
   AND NOT EXISTS (SELECT FROM artifacts.artifact t WHERE t.award_id = a.id)
   AND (a.awarded_earliest, a.position) > (%(after)s::date, %(position)s::bigint)
 ORDER BY a.awarded_earliest, a.position LIMIT %(rows)s
"""
# An artifact came on the day of its entry; where that is not known, when it was recorded.
_CAME: Final = """
       CASE WHEN t.issued_on ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN t.issued_on::date
            ELSE (t.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date END
"""
_PASSED_ON: Final = f"""
SELECT * FROM (
SELECT a.id, t.position, a.name, a.form, a.award_class, a.submitting_body,
       t.serial, t.component, t.stage, {_CAME} AS since
  FROM awards.award a JOIN artifacts.artifact t ON t.award_id = a.id
 WHERE a.standing = 'standing' AND a.form = ANY(%(forms)s::text[])
   AND a.awarded_earliest >= %(first)s AND t.is_live AND t.stage IN ('issued', 'printed')
) AS s
 WHERE s.since BETWEEN %(first)s AND %(until)s
   AND (s.since, s.position) > (%(after)s::date, %(position)s::bigint)
 ORDER BY s.since, s.position LIMIT %(rows)s
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class TermRow:
    """An award whose artifacts are to be sent, or an artifact that is to be passed on."""

    award_id: UUID
    position: int
    name: str
    form: str
    award_class: str | None
    body: str | None
    serial: str | None
    component: str | None
    stage: str | None
    since: date


@dataclass(frozen=True, slots=True)
class TermFilter:
    """Which step, of which forms, decided or come from a day on until another."""

    step: TermStep
    forms: Sequence[str]
    first: date
    until: date


def list_terms(
    cursor: Cursor[Any], wanted: TermFilter, limit: int, token: str | None = None
) -> Page[TermRow]:
    """What waits longest before the others. Raises `Rejected` for a bad token."""
    after, position = date.min.isoformat(), 0
    if token is not None:
        day, place = parse_token("artifact-terms", token, (str, int))
        after, position = _parse_day(str(day)), int(place)
    parameters = {
        "forms": list(wanted.forms),
        "first": wanted.first,
        "until": wanted.until,
        "after": after,
        "position": position,
        "rows": check_limit(limit) + 1,
    }
    statement = _SENT if wanted.step == "send-artifacts" else _PASSED_ON
    rows = [TermRow(*row) for row in cursor.execute(statement, parameters)]
    return page_of("artifact-terms", rows, limit, lambda row: (row.since.isoformat(), row.position))


def _parse_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Rejected("page-token-unreadable", field="cursor") from None
