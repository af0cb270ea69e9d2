"""Search with a typing error: in one word a letter too many, missing, wrong, or two swapped.

A space too many or missing is such an error too.

Vietnamese names are made of a few thousand syllables. The words that somebody may have meant
come from a table of words with one letter left out (the symmetric deletion method): two words
one error apart share a row there, the first letter being no exception. Then names are searched
with each word replaced in turn. A word that no name has must be the mistyped one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from projections.names import MISTYPED_WORD_CHARACTERS_MAX, deletions, is_one_error_away
from projections.search_names import NAME_SHAPE, NamePlace, bearers
from projections.search_query import Found, Query, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Cursor

    from projections.paging import Key

NAMES_SIMILAR_MAX: Final = 500
_RANK_WHOLE, _RANK_AS_LONG, _RANK_LONGER = 0, 1, 2

_NEIGHBOURS = """
SELECT DISTINCT t.place, d.word
  FROM unnest(%s::int[], %s::text[]) AS t(place, deletion)
  JOIN recipients.word_deletion d ON d.deletion = t.deletion COLLATE "C"
"""
_KNOWN_WORDS = "SELECT word FROM recipients.word WHERE word = ANY(%s::text[])"
_WHOLE = """
SELECT n.plain, n.sort_key, n.norm FROM recipients.name n WHERE n.plain = ANY(%s::text[])
"""
_ANY_ORDER = """
SELECT n.plain, n.sort_key, n.norm FROM recipients.name n
 WHERE n.words @> %s::text[] AND n.words && %s::text[] LIMIT %s
"""
_YEAR = """
SELECT r.sort_key, r.award_id, r.ordinal, r.name, r.is_current
  FROM recipients.recipient r
 WHERE r.year_words @> %s::text[] AND r.year_words && %s::text[]
 ORDER BY r.sort_key, r.award_id, r.ordinal LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """Words that may have been meant: `kept` as typed, and one of `instead` for the other one.

    `wholes` are the whole names that come of it.
    """

    kept: tuple[str, ...]
    instead: tuple[str, ...]
    wholes: tuple[str, ...]


def _similar(cursor: Cursor[Any], query: Query, after: Key | None, limit: int) -> list[Found]:
    meanings = list(_meanings(cursor, query.name.plain_words))
    if query.year is not None:
        return _similar_of_year(cursor, query.year, meanings, after, limit)
    names = _names(cursor, meanings, len(query.name.plain_words))
    if after is not None:
        start = (int(after[0]), str(after[1]), str(after[2]))
        names = [name for name in names if name >= start]
    return bearers(cursor, names[: limit + 1], after, limit)


def _meanings(cursor: Cursor[Any], words: tuple[str, ...]) -> Iterator[_Meaning]:
    neighbours = _neighbours(cursor, words)
    unknown = [place for place, word in enumerate(words) if word not in neighbours[place]]
    if len(unknown) <= 1:
        for place in unknown or range(len(words)):
            instead = tuple(sorted(neighbours[place] - {words[place]}))
            if instead:
                yield _replaced(words, place, 1, instead)
    yield from _spaced(cursor, words, unknown)


def _neighbours(cursor: Cursor[Any], words: tuple[str, ...]) -> list[set[str]]:
    """For each word the words of the register one error away, and itself if it is known."""
    pairs = [(place, part) for place, word in enumerate(words) for part in deletions(word)]
    places, parts = zip(*pairs, strict=True)
    found: list[set[str]] = [set() for _ in words]
    for place, word in cursor.execute(_NEIGHBOURS, (list(places), list(parts))):
        if is_one_error_away(words[place], word):
            found[place].add(word)
    return found


def _replaced(
    words: tuple[str, ...], place: int, length: int, instead: tuple[str, ...]
) -> _Meaning:
    before, behind = words[:place], words[place + length :]
    wholes = tuple(" ".join((*before, word, *behind)) for word in instead)
    return _Meaning((*before, *behind), instead, wholes)


def _spaced(
    cursor: Cursor[Any], words: tuple[str, ...], unknown: Sequence[int]
) -> Iterator[_Meaning]:
    """A word that should be two, or two that should be one."""
    splits = [
        (place, words[place][:cut], words[place][cut:])
        for place in unknown[:1]
        for cut in range(1, min(len(words[place]), MISTYPED_WORD_CHARACTERS_MAX))
    ]
    joined = {
        place: words[place] + words[place + 1]
        for place in range(len(words) - 1)
        if set(unknown) <= {place, place + 1}
    }
    asked = {*joined.values(), *(part for _, *parts in splits for part in parts)}
    known = {word for (word,) in cursor.execute(_KNOWN_WORDS, (sorted(asked),))}
    for place, left, right in splits:
        if len(unknown) == 1 and {left, right} <= known:
            whole = " ".join((*words[:place], left, right, *words[place + 1 :]))
            yield _Meaning((*words[:place], left, *words[place + 1 :]), (right,), (whole,))
    for place, word in joined.items():
        if word in known:
            yield _replaced(words, place, 2, (word,))


def _names(cursor: Cursor[Any], meanings: Sequence[_Meaning], words: int) -> list[NamePlace]:
    """Names that may have been meant: whole ones, then those as long, then longer ones."""
    wholes = [whole for meaning in meanings for whole in meaning.wholes]
    found = {
        norm: (_RANK_WHOLE, sort, norm)
        for _, sort, norm in cursor.execute(_WHOLE, (wholes,), prepare=False)
    }
    for meaning in meanings:
        parameters = (list(meaning.kept), list(meaning.instead), NAMES_SIMILAR_MAX)
        for plain, sort, norm in cursor.execute(_ANY_ORDER, parameters, prepare=False):
            rank = _RANK_AS_LONG if plain.count(" ") < words else _RANK_LONGER
            found.setdefault(norm, (rank, sort, norm))
    return sorted(found.values())


def _similar_of_year(
    cursor: Cursor[Any], year: str, meanings: Sequence[_Meaning], after: Key | None, limit: int
) -> list[Found]:
    found: dict[Key, Found] = {}
    for meaning in meanings:
        kept = [f"{word} {year}" for word in meaning.kept]
        instead = [f"{word} {year}" for word in meaning.instead]
        for sort, award, ordinal, name, is_current in cursor.execute(
            _YEAR, (kept, instead, NAMES_SIMILAR_MAX), prepare=False
        ):
            key = (0, sort, "", award.hex, ordinal)
            if after is None or key > after:
                found[key] = Found(key, award, name=name, is_current=is_current)
    return [found[key] for key in sorted(found)][:limit]


SIMILAR_STAGE: Final = Stage("similar", "similar-name", NAME_SHAPE, _similar, guess=2)
