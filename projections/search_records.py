"""Search by numbers and by places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from projections.citation import IS_ONLY_CITED
from projections.names import read_name
from projections.places import places_matching
from projections.search_query import Found, Query, Stage
from registry.numbers import normalise_golden_number, normalise_number, normalise_serial

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import LiteralString

    from psycopg import Cursor

    from projections.paging import Key

# One word that happens to be in the name of a place is no search for a place.
PLACE_WORDS_MIN: Final = 2

_LAST_POSITION: Final = 2**63 - 1
_BEHIND_DASH: Final = "."

_DECISIONS = """
SELECT d.position, d.id FROM decisions.decision d
 WHERE d.number_key = %s AND d.position < %s ORDER BY d.position DESC LIMIT %s
"""
_DECISIONS_BEGIN = """
SELECT d.number_key, d.position, d.id FROM decisions.decision d
 WHERE d.number_key >= %(from)s AND d.number_key < %(to)s
   AND (d.number_key, d.position) > (%(from)s, %(position)s)
 ORDER BY d.number_key, d.position LIMIT %(rows)s
"""
_CITING = "SELECT a.number_key, a.position, a.id FROM awards.award a WHERE" + IS_ONLY_CITED  # noqa: S608 - constants
_CITING_NUMBER = (
    _CITING + " AND a.number_key = %s AND a.position < %s ORDER BY a.position DESC LIMIT %s"
)
_CITING_BEGINS = (
    _CITING
    + """
   AND a.number_key >= %(from)s AND a.number_key < %(to)s
   AND (a.number_key, a.position) > (%(from)s, %(position)s)
 ORDER BY a.number_key, a.position LIMIT %(rows)s
"""
)
_AWARDS_IN_GOLDEN_BOOK = """
SELECT a.position, a.id FROM awards.award a
 WHERE a.golden_key = %s AND a.position < %s ORDER BY a.position DESC LIMIT %s
"""
_ARTIFACTS = """
SELECT t.position, t.award_id, t.serial_key FROM artifacts.artifact t
 WHERE t.serial_key = %s AND t.position < %s LIMIT %s
"""
_OF_PLACES = """
SELECT r.sort_key, r.award_id, r.ordinal, r.name, r.is_current
  FROM unnest(%(places)s::text[]) AS p(place_key)
 CROSS JOIN LATERAL (
       SELECT b.sort_key, b.award_id, b.ordinal, b.name, b.is_current
         FROM recipients.recipient b
        WHERE b.place_key = p.place_key COLLATE "C"
          AND (b.sort_key, b.award_id, b.ordinal) > (%(sort)s, %(award)s, %(ordinal)s)
        ORDER BY b.sort_key, b.award_id, b.ordinal LIMIT %(rows)s) AS r
 ORDER BY r.sort_key, r.award_id, r.ordinal LIMIT %(rows)s
"""
_OF_NAME_AND_PLACES = """
SELECT r.sort_key, r.award_id, r.ordinal, r.name, r.is_current
  FROM recipients.recipient r JOIN recipients.name n ON n.norm = r.norm
 WHERE r.place_key = ANY(%(places)s::text[]) AND n.words @> %(words)s::text[]
   AND (r.sort_key, r.award_id, r.ordinal) > (%(sort)s, %(award)s, %(ordinal)s)
 ORDER BY r.sort_key, r.award_id, r.ordinal LIMIT %(rows)s
"""


def _position(after: Key | None) -> int:
    return _LAST_POSITION if after is None else int(after[0])


def _by_decision_number(
    cursor: Cursor[Any], query: Query, after: Key | None, limit: int
) -> list[Found]:
    parameters = (normalise_number(query.text), _position(after), limit)
    return [
        Found((position,), decision_id=decision)
        for position, decision in cursor.execute(_DECISIONS, parameters)
    ]


def _by_beginning_of_number(
    cursor: Cursor[Any], query: Query, after: Key | None, limit: int
) -> list[Found]:
    return [
        Found((number, place), decision_id=decision)
        for number, place, decision in _beginning(cursor, _DECISIONS_BEGIN, query, after, limit)
    ]


def _by_beginning_of_typed_number(
    cursor: Cursor[Any], query: Query, after: Key | None, limit: int
) -> list[Found]:
    return [
        Found((number, place), award)
        for number, place, award in _beginning(cursor, _CITING_BEGINS, query, after, limit)
    ]


def _beginning(
    cursor: Cursor[Any], statement: LiteralString, query: Query, after: Key | None, limit: int
) -> Iterable[tuple[str, int, UUID]]:
    """Number, position and record of those whose number goes on behind what was typed."""
    key = normalise_number(query.text)
    if not key:
        return ()
    start, position = after or (f"{key}-", 0)
    parameters = {"from": start, "to": key + _BEHIND_DASH, "position": position, "rows": limit}
    return cursor.execute(statement, parameters)


def _by_typed_number(
    cursor: Cursor[Any], query: Query, after: Key | None, limit: int
) -> list[Found]:
    """Awards whose source cites a decision that is not in the register."""
    parameters = (normalise_number(query.text), _position(after), limit)
    return [
        Found((position,), award)
        for _, position, award in cursor.execute(_CITING_NUMBER, parameters)
    ]


def _by_golden_number(
    cursor: Cursor[Any], query: Query, after: Key | None, limit: int
) -> list[Found]:
    parameters = (normalise_golden_number(query.text.strip()), _position(after), limit)
    return [
        Found((position,), award)
        for position, award in cursor.execute(_AWARDS_IN_GOLDEN_BOOK, parameters)
    ]


def _by_serial(cursor: Cursor[Any], query: Query, after: Key | None, limit: int) -> list[Found]:
    parameters = (normalise_serial(query.text), _position(after), limit)
    return [
        Found((position,), award, serial_key=serial)
        for position, award, serial in cursor.execute(_ARTIFACTS, parameters)
    ]


def _by_place(cursor: Cursor[Any], query: Query, after: Key | None, limit: int) -> list[Found]:
    if not query.is_place and len(query.name.plain_words) < PLACE_WORDS_MIN:
        return []
    places = places_matching(cursor, query.text)
    return _in_places(cursor, _OF_PLACES, places, (), after=after, limit=limit)


def _by_name_and_place(
    cursor: Cursor[Any], query: Query, after: Key | None, limit: int
) -> list[Found]:
    """Name and place as the text parts them by a comma or a kind of place."""
    if query.before_place is None or query.place_text is None:
        return []
    places = places_matching(cursor, query.place_text)
    words = query.before_place.plain_words
    return _in_places(cursor, _OF_NAME_AND_PLACES, places, words, after=after, limit=limit)


def _by_name_and_rest(
    cursor: Cursor[Any], query: Query, after: Key | None, limit: int
) -> list[Found]:
    """A name, and the longest rest of the text that is a place of several words."""
    words = query.name.plain_words
    for start in range(1, len(words) - PLACE_WORDS_MIN + 1):
        places = places_matching(cursor, " ".join(words[start:]))
        if places:
            name = words[:start]
            return _in_places(cursor, _OF_NAME_AND_PLACES, places, name, after=after, limit=limit)
    return []


def _in_places(
    cursor: Cursor[Any],
    statement: str,
    places: list[str],
    words: tuple[str, ...],
    *,
    after: Key | None,
    limit: int,
) -> list[Found]:
    if not places:
        return []
    sort, award, ordinal = after or ("", UUID(int=0).hex, -1)
    parameters = {
        "places": places,
        "words": list(words),
        "sort": sort,
        "award": UUID(hex=str(award)),
        "ordinal": ordinal,
        "rows": limit,
    }
    return [
        Found((sort, award.hex, ordinal), award, name=name, is_current=is_current)
        for sort, award, ordinal, name, is_current in cursor.execute(
            statement, parameters, prepare=False
        )
    ]


NUMBER_STAGES: Final = (
    Stage("decision-number", "decision-number", (int,), _by_decision_number),
    Stage("typed-number", "decision-number", (int,), _by_typed_number),
    Stage("serial", "serial", (int,), _by_serial),
    Stage("golden-number", "golden-number", (int,), _by_golden_number),
    Stage("number-begins", "decision-number-begins", (str, int), _by_beginning_of_number),
    Stage(
        "typed-number-begins",
        "decision-number-begins",
        (str, int),
        _by_beginning_of_typed_number,
    ),
)
PLACE_STAGE: Final = Stage("place", "place", (str, str, int), _by_place)
NAME_AND_PLACE_STAGE: Final = Stage(
    "name-and-place", "name-and-place", (str, str, int), _by_name_and_place
)
NAME_AND_REST_STAGE: Final = Stage(
    "name-and-rest", "name-and-place", (str, str, int), _by_name_and_rest, guess=1
)


def is_number_only(query: Query) -> bool:
    """Whether the text has no letters that could be a name."""
    return not any(character.isalpha() for character in read_name(query.text).plain)
