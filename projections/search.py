"""Find anything from a half-remembered word: names, years, communes, numbers, serials.

A text is read in every way it may be meant, from the surest to the least sure: `Stage` after
`Stage`, until the page is full. Each hit says what matched, and carries what a clerk needs to
tell people apart.

`tests/test_search.py` shows what is found; `scripts/bench search` how fast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from projections.artifacts import ArtifactRow, find_artifact
from projections.awards import AwardRow, awards_by_id
from projections.decisions import DecisionRow, decisions_by_id
from projections.paging import (
    PAGE_ROWS_DEFAULT,
    Key,
    check_limit,
    format_token,
    parse_any_token,
)
from projections.search_names import EXACT_STAGES, PLAIN_STAGES, YEAR_STAGES
from projections.search_query import Found, Matched, Query, Stage, read_query
from projections.search_records import (
    NAME_AND_PLACE_STAGE,
    NAME_AND_REST_STAGE,
    NUMBER_STAGES,
    PLACE_STAGE,
    is_number_only,
)
from projections.search_similar import SIMILAR_STAGE
from registry.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Cursor


PUBLIC_MATCHES: Final[frozenset[Matched]] = frozenset(
    {"name", "similar-name", "decision-number", "decision-number-begins"}
)


@dataclass(frozen=True, slots=True)
class AwardHit:
    """An award; `artifact` is the one whose serial was typed.

    `name` is the name that matched; it is not `is_current` if a correction has replaced it.
    """

    matched: Matched
    award: AwardRow
    artifact: ArtifactRow | None = None
    name: str | None = None
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class DecisionHit:
    """A decision; several may bear one number, and differ by issuer and date."""

    matched: Matched
    decision: DecisionRow


Hit: TypeAlias = AwardHit | DecisionHit


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Hits, best first, with the token of the next page; None on the last one.

    `similar_token` is there when similar names were not looked for because others were found:
    the page that it leads to has them, if there are any.
    """

    hits: tuple[Hit, ...]
    next_token: str | None
    similar_token: str | None = None


def find(
    cursor: Cursor[Any],
    text: str,
    limit: int = PAGE_ROWS_DEFAULT,
    token: str | None = None,
    *,
    public: bool = False,
) -> SearchPage:
    """Look for what was typed. Raises `Rejected` for a text or token that cannot be used.

    One record is shown once on a page; a couple found by both names may be on two. With `public`
    records are found by what anybody may see of them.
    """
    check_limit(limit)
    query = read_query(text)
    if public:
        # Whoever is found by a name and a year of birth was born in it.
        query = replace(query, year=None)
    stages = public_stages_for(query) if public else stages_for(query)
    place, after = _resume(stages, token)
    found, guess_left = _walk(cursor, query, stages[place:], after, limit + 1)
    shown = found[:limit]
    following = None
    if len(found) > limit:
        stage, last = shown[-1]
        following = format_token("find", (stage.name, *last.key))
    guess = format_token("find", (guess_left.name,)) if guess_left and following is None else None
    return SearchPage(_hits(cursor, shown, public=public), following, guess)


def stages_for(query: Query) -> tuple[Stage, ...]:
    """The ways in which a text is read, the surest first."""
    stages: tuple[Stage, ...] = NUMBER_STAGES if query.has_digit else ()
    if query.has_digit and is_number_only(query):
        return stages
    if query.is_place:
        stages += (PLACE_STAGE,)
    names = (*EXACT_STAGES, *PLAIN_STAGES) if query.is_accented else PLAIN_STAGES
    stages += names if query.year is None else YEAR_STAGES
    if not query.is_place:
        stages += (NAME_AND_PLACE_STAGE, PLACE_STAGE)
    if query.before_place is None and not query.is_place:
        stages += (NAME_AND_REST_STAGE,)
    if query.year is not None:
        # The year may be remembered wrongly.
        stages += tuple(replace(stage, guess=1) for stage in names)
    return (*stages, SIMILAR_STAGE)


def public_stages_for(query: Query) -> tuple[Stage, ...]:
    """The ways to find by names and decision numbers alone."""
    numbers = tuple(one for one in NUMBER_STAGES if one.matched in PUBLIC_MATCHES)
    names = (*EXACT_STAGES, *PLAIN_STAGES) if query.is_accented else PLAIN_STAGES
    if query.has_digit and is_number_only(query):
        return numbers
    return (*(numbers if query.has_digit else ()), *names, SIMILAR_STAGE)


def _resume(stages: Sequence[Stage], token: str | None) -> tuple[int, Key | None]:
    """Stage and key behind which to go on."""
    if token is None:
        return 0, None
    name, *key = parse_any_token("find", token) or ("",)
    for place, stage in enumerate(stages):
        if stage.name == name and tuple(type(part) for part in key) in {stage.shape, ()}:
            return place, tuple(key) or None
    raise Rejected("page-token-unreadable", field="cursor")


def _walk(
    cursor: Cursor[Any],
    query: Query,
    stages: Sequence[Stage],
    after: Key | None,
    rows_max: int,
) -> tuple[list[tuple[Stage, Found]], Stage | None]:
    """Collect records stage by stage; also tell which guess was not made, having others."""
    found: dict[UUID | str | None, tuple[Stage, Found]] = {}
    guess = stages[0].guess
    for stage in stages:
        if len(found) >= rows_max:
            break
        if stage.guess > guess:
            if found or after is not None:
                return list(found.values()), stage
            guess = stage.guess
        start = after if stage is stages[0] else None
        for one in _find(cursor, query, stage, start, rows_max):
            record = one.serial_key or one.award_id or one.decision_id
            if len(found) < rows_max:
                found.setdefault(record, (stage, one))
    return list(found.values()), None


def _find(
    cursor: Cursor[Any], query: Query, stage: Stage, after: Key | None, rows_max: int
) -> list[Found]:
    try:
        return stage.find(cursor, query, after, rows_max)
    except ValueError:
        # Only a token that we did not write has an id that is none.
        raise Rejected("page-token-unreadable", field="cursor") from None


def _hits(
    cursor: Cursor[Any], found: Sequence[tuple[Stage, Found]], *, public: bool
) -> tuple[Hit, ...]:
    """The records with everything a clerk needs; one that a register lacks yet is left out.

    For the `public` what was declined is no award.
    """
    awards = awards_by_id(cursor, [one.award_id for _, one in found if one.award_id])
    if public:
        awards = {one: row for one, row in awards.items() if row.standing != "declined"}
    decisions = decisions_by_id(cursor, [one.decision_id for _, one in found if one.decision_id])
    hits: list[Hit] = []
    for stage, one in found:
        if one.decision_id in decisions:
            hits.append(DecisionHit(stage.matched, decisions[one.decision_id]))
        elif one.award_id in awards:
            artifact = find_artifact(cursor, one.serial_key) if one.serial_key else None
            hits.append(
                AwardHit(stage.matched, awards[one.award_id], artifact, one.name, one.is_current)
            )
    return tuple(hits)
