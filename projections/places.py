"""Places as printed, found by their words: "xã Bản Cái", "X. Ban Cai", "bản cái"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from projections.names import PLACE_KINDS, place_words

if TYPE_CHECKING:
    from psycopg import Cursor

PLACES_MAX = 2_000

_PLACES = """
SELECT place_key FROM recipients.place
 WHERE words @> %(words)s::text[]
   AND strpos(' ' || place_key || ' ', %(phrase)s) > 0
 ORDER BY place_key LIMIT %(rows)s
"""
_PLACES_WITHOUT_KIND = """
SELECT place_key FROM recipients.place
 WHERE words @> %(words)s::text[] AND starts_with(place_key || ' ', %(phrase)s)
 ORDER BY place_key LIMIT %(rows)s
"""


def split_kind(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kind of place ("xa", "thi tran") and the rest of the words; no kind if it is not said."""
    for kind in sorted(PLACE_KINDS, key=len, reverse=True):
        if words[: len(kind)] == kind and len(words) > len(kind):
            return kind, words[len(kind) :]
    return (), words


def places_matching(cursor: Cursor[Any], text: str) -> list[str]:
    """Keys of places that contain these words next to each other; at most `PLACES_MAX`.

    A kind of place that is asked for ("xã") may be missing where the place begins the line.
    """
    words = place_words(text)
    if not words:
        return []
    kind, rest = split_kind(words)
    found = _places(cursor, _PLACES, words)
    if kind:
        found += _places(cursor, _PLACES_WITHOUT_KIND, rest)
    return list(dict.fromkeys(found))[:PLACES_MAX]


def _places(cursor: Cursor[Any], statement: str, words: tuple[str, ...]) -> list[str]:
    parameters = {
        "words": list(set(words)),
        "phrase": f" {' '.join(words)} " if statement is _PLACES else f"{' '.join(words)} ",
        "rows": PLACES_MAX,
    }
    return [key for (key,) in cursor.execute(statement, parameters)]
