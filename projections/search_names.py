"""Search by name: whole names first, then names that begin so, then words in any order.

Names are looked for in the table of distinct names, which is a fraction of the register, and
their bearers by a btree. With diacritics typed, each step looks for exactly those first.

Up to `NAMES_SORTED_MAX` names that share the typed words are fetched and sorted. Of more
("nguyen thi"), the first are found by walking along an order that has nothing to do with the
words, so that a page costs some hundred rows wherever in the alphabet the names lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from projections.names import UNKNOWN_YEAR
from projections.search_query import Found, Query, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Cursor

    from projections.paging import Key

NAMES_SORTED_MAX: Final = 2_000
NAME_SHAPE: Final = (int, str, str, str, int)

NamePlace: TypeAlias = "tuple[int, str, str]"
"""Where a name stands in a stage: rank, order within the rank, and the name's norm."""
NamesFunction: TypeAlias = "Callable[[Cursor[Any], Query, NamePlace | None, int], list[NamePlace]]"

_FIRST_AWARD: Final = UUID(int=0)
_SORTED, _SHUFFLED = 0, 1
# The range of texts that begin with a text and a space: "!" follows the space in ASCII.
_BEHIND_SPACE: Final = "!"

_BEARERS = """
SELECT n.place, r.award_id, r.ordinal, r.name, r.is_current
  FROM unnest(%(norms)s::text[], %(awards)s::uuid[], %(ordinals)s::bigint[]) WITH ORDINALITY
       AS n(norm, award_id, ordinal, place)
 CROSS JOIN LATERAL (
       SELECT b.award_id, b.ordinal, b.name, b.is_current FROM recipients.recipient b
        WHERE b.norm = n.norm COLLATE "C" AND (b.award_id, b.ordinal) > (n.award_id, n.ordinal)
        ORDER BY b.award_id, b.ordinal LIMIT %(rows)s) AS r
 ORDER BY n.place, r.award_id, r.ordinal LIMIT %(rows)s
"""
_WHOLE_EXACT = "SELECT 0, '', n.norm FROM recipients.name n WHERE n.norm = %(norm)s"
_WHOLE = """
SELECT (n.norm <> %(norm)s)::int, '', n.norm FROM recipients.name n WHERE n.plain = %(plain)s
"""
_BEGIN_EXACT = """
SELECT 0, n.norm, n.norm FROM recipients.name n
 WHERE n.norm >= %(from)s AND n.norm < %(to)s
"""
_BEGIN = """
SELECT 0, n.plain, n.norm FROM recipients.name n
 WHERE n.plain >= %(from)s AND n.plain < %(to)s AND (n.plain, n.norm) >= (%(from)s, %(norm)s)
"""
_ANY = """
SELECT 0, n.sort_key, n.norm FROM recipients.name n
 WHERE n.words @> %(words)s::text[]
"""
# Behind coalesce the planner takes the condition for one that many rows meet, as is the case
# here: it must walk along the shuffle, whatever it thinks of these words together.
_ANY_SHUFFLED = """
SELECT 1, lpad(n.shuffle::text, 10, '0'), n.norm FROM recipients.name n
 WHERE coalesce(n.words @> %(words)s::text[], false) AND (n.shuffle, n.norm) >= (%(from)s, %(norm)s)
"""
_NOT_ACCENTED = " AND NOT n.words @> %(accented)s::text[]"
_NOT_BEGINNING_EXACTLY = " AND NOT starts_with(n.norm || ' ', %(begins)s)"
_NOT_BEGINNING = " AND NOT starts_with(n.plain || ' ', %(begins)s)"

_YEAR = """
SELECT y.rank, y.sort_key, y.award_id, y.ordinal, y.name, y.is_current
  FROM (SELECT r.award_id, r.ordinal, r.name, r.is_current, r.sort_key,
               CASE WHEN r.norm = %(norm)s THEN 0 ELSE {rank} END AS rank
          FROM recipients.recipient r WHERE r.year_words @> %(words)s::text[]) AS y
 WHERE (y.rank, y.sort_key, y.award_id, y.ordinal) > (%(rank)s, %(sort)s, %(award)s, %(ordinal)s)
 ORDER BY y.rank, y.sort_key, y.award_id, y.ordinal LIMIT %(rows)s
"""


# Which of two people of a year comes first: with diacritics typed, the one who has them all.
_YEAR_ACCENTED = _YEAR.format(
    rank="CASE WHEN string_to_array(r.norm, ' ') @> %(accented)s::text[] THEN 1 ELSE 2 END"
)
_YEAR_PLAIN = _YEAR.format(rank="1")


def bearers(
    cursor: Cursor[Any], names: Sequence[NamePlace], after: Key | None, limit: int
) -> list[Found]:
    """Awards of these names in their order, behind a key if the first name is the key's."""
    if not names:
        return []
    awards, ordinals = [_FIRST_AWARD] * len(names), [-1] * len(names)
    if after is not None and tuple(after[:3]) == names[0]:
        awards[0], ordinals[0] = _uuid(after[3]), int(after[4])
    parameters = {
        "norms": [norm for _, _, norm in names],
        "awards": awards,
        "ordinals": ordinals,
        "rows": limit,
    }
    return [
        Found((*names[place - 1], award.hex, ordinal), award, name=name, is_current=is_current)
        for place, award, ordinal, name, is_current in cursor.execute(_BEARERS, parameters)
    ]


def _by_names(names_of: NamesFunction) -> Callable[..., list[Found]]:
    """Turn a way to find names into a way to find awards."""

    def find(cursor: Cursor[Any], query: Query, after: Key | None, limit: int) -> list[Found]:
        start = None if after is None else (int(after[0]), str(after[1]), str(after[2]))
        # Every name has a bearer, and the first may have no more behind the key.
        names = names_of(cursor, query, start, limit + 1)
        return bearers(cursor, names, after, limit)

    return find


def _whole_exact(
    cursor: Cursor[Any], query: Query, _start: NamePlace | None, _limit: int
) -> list[NamePlace]:
    return cursor.execute(_WHOLE_EXACT, {"norm": query.name.norm}).fetchall()


def _whole(
    cursor: Cursor[Any], query: Query, start: NamePlace | None, _limit: int
) -> list[NamePlace]:
    statement = _WHOLE + (_NOT_ACCENTED if query.is_accented else "")
    return _sorted_from(start, cursor.execute(statement, _parameters(query)).fetchall())


def _begin_exact(
    cursor: Cursor[Any], query: Query, start: NamePlace | None, limit: int
) -> list[NamePlace]:
    norm = query.name.norm
    parameters = {"from": start[2] if start else f"{norm} ", "to": norm + _BEHIND_SPACE}
    return cursor.execute(
        _BEGIN_EXACT + " ORDER BY n.norm LIMIT %(rows)s", parameters | {"rows": limit}
    ).fetchall()


def _begin(
    cursor: Cursor[Any], query: Query, start: NamePlace | None, limit: int
) -> list[NamePlace]:
    plain = query.name.plain
    parameters = _parameters(query) | {
        "from": start[1] if start else f"{plain} ",
        "norm": start[2] if start else "",
        "to": plain + _BEHIND_SPACE,
        "rows": limit,
    }
    statement = _BEGIN + (_NOT_ACCENTED if query.is_accented else "")
    return cursor.execute(
        statement + " ORDER BY n.plain, n.norm LIMIT %(rows)s", parameters
    ).fetchall()


def _any_exact(
    cursor: Cursor[Any], query: Query, start: NamePlace | None, limit: int
) -> list[NamePlace]:
    words = [*query.name.accented_words, *query.name.plain_words]
    parameters = {"words": words, "begins": f"{query.name.norm} "}
    return _any_order(cursor, _NOT_BEGINNING_EXACTLY, parameters, start, limit)


def _any(cursor: Cursor[Any], query: Query, start: NamePlace | None, limit: int) -> list[NamePlace]:
    parameters = _parameters(query) | {
        "words": list(query.name.plain_words),
        "begins": f"{query.name.plain} ",
    }
    conditions = _NOT_BEGINNING + (_NOT_ACCENTED if query.is_accented else "")
    return _any_order(cursor, conditions, parameters, start, limit)


def _any_order(
    cursor: Cursor[Any],
    conditions: str,
    parameters: dict[str, Any],
    start: NamePlace | None,
    limit: int,
) -> list[NamePlace]:
    """Names with these words: all of them sorted, or the next ones of very many."""
    if start is None or start[0] == _SORTED:
        parameters["rows"] = NAMES_SORTED_MAX + 1
        found = cursor.execute(
            _ANY + conditions + " LIMIT %(rows)s", parameters, prepare=False
        ).fetchall()
        if len(found) <= NAMES_SORTED_MAX:
            return _sorted_from(start, found)[:limit]
    shuffle, norm = (int(start[1]), start[2]) if start and start[0] == _SHUFFLED else (0, "")
    parameters |= {"from": shuffle, "norm": norm, "rows": limit}
    statement = _ANY_SHUFFLED + conditions + " ORDER BY n.shuffle, n.norm LIMIT %(rows)s"
    return cursor.execute(statement, parameters, prepare=False).fetchall()


def _sorted_from(start: NamePlace | None, names: list[NamePlace]) -> list[NamePlace]:
    return sorted(name for name in names if start is None or name >= start)


def _parameters(query: Query) -> dict[str, Any]:
    return {
        "norm": query.name.norm,
        "plain": query.name.plain,
        "accented": list(query.name.accented_words),
    }


def _with_year(cursor: Cursor[Any], query: Query, after: Key | None, limit: int) -> list[Found]:
    return _of_year(cursor, query, str(query.year), after, limit)


def _with_unknown_year(
    cursor: Cursor[Any], query: Query, after: Key | None, limit: int
) -> list[Found]:
    return _of_year(cursor, query, UNKNOWN_YEAR, after, limit)


def _of_year(
    cursor: Cursor[Any], query: Query, year: str, after: Key | None, limit: int
) -> list[Found]:
    rank, sort, _, award, ordinal = after or (-1, "", "", _FIRST_AWARD.hex, -1)
    parameters = {
        "norm": query.name.norm,
        "accented": [word[1:] for word in query.name.accented_words],
        "words": [f"{word} {year}" for word in query.name.plain_words],
        "rank": rank,
        "sort": sort,
        "award": _uuid(award),
        "ordinal": ordinal,
        "rows": limit,
    }
    statement = _YEAR_ACCENTED if query.is_accented else _YEAR_PLAIN
    return [
        Found((rank, sort, "", award.hex, ordinal), award, name=name, is_current=is_current)
        for rank, sort, award, ordinal, name, is_current in cursor.execute(
            statement, parameters, prepare=False
        )
    ]


def _uuid(text: object) -> UUID:
    return UUID(hex=str(text))


EXACT_STAGES: Final = (
    Stage("whole-exact", "name", NAME_SHAPE, _by_names(_whole_exact)),
    Stage("begin-exact", "name", NAME_SHAPE, _by_names(_begin_exact)),
    Stage("any-exact", "name", NAME_SHAPE, _by_names(_any_exact)),
)
PLAIN_STAGES: Final = (
    Stage("whole", "name", NAME_SHAPE, _by_names(_whole)),
    Stage("begin", "name", NAME_SHAPE, _by_names(_begin)),
    Stage("any", "name", NAME_SHAPE, _by_names(_any)),
)
YEAR_STAGES: Final = (
    Stage("year", "name-and-year", NAME_SHAPE, _with_year),
    Stage("unknown-year", "name-and-unknown-year", NAME_SHAPE, _with_unknown_year),
)
