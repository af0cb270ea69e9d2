"""Places as printed, found by their words: "xã Bản Cái", "X. Ban Cai", "bản cái"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from projections.names import PLACE_KINDS, place_words

if TYPE_CHECKING:
    from psycopg import Cursor

PLACES_MAX = 2_000

# A phrase is looked for between spaces; one that must begin the place, behind the start sign.
_START = "|"
_PLACES = """
SELECT place_key FROM recipients.place
 WHERE words @> %(words)s::text[]
   AND (SELECT bool_and(strpos('| ' || place_key || ' ', phrase) > 0)
          FROM unnest(%(phrases)s::text[]) AS phrase)
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

    What commas part may lie apart. A kind of place that is asked for ("xã") may be missing
    where the place begins the line.
    """
    parts = [words for part in text.split(",") if (words := place_words(part))]
    if not parts:
        return []
    found = _places(cursor, parts, [f" {' '.join(words)} " for words in parts])
    kind, rest = split_kind(parts[0])
    if kind:
        begins = f"{_START} {' '.join(rest)} "
        others = [f" {' '.join(words)} " for words in parts[1:]]
        found += _places(cursor, [rest, *parts[1:]], [begins, *others])
    return list(dict.fromkeys(found))[:PLACES_MAX]


def _places(cursor: Cursor[Any], parts: list[tuple[str, ...]], phrases: list[str]) -> list[str]:
    parameters = {
        "words": list({word for words in parts for word in words}),
        "phrases": phrases,
        "rows": PLACES_MAX,
    }
    return [key for (key,) in cursor.execute(_PLACES, parameters)]
