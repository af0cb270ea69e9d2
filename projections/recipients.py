"""The search register: one row for every name under which an award can be found.

A name that a correction replaced stays findable, marked as no longer current: the certificate
in somebody's hand may still bear it. So names, places and words are only ever added, and
following the log gives the same tables as a rebuild. An award that was entered by mistake is found
under no name; its words stay, for nothing tells by then who else had brought them. Queries are in
`projections.search`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections.names import (
    SORT_KEY_CHARACTERS_MAX,
    Name,
    deletions,
    place_key,
    read_name,
    year_words,
)
from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table
from registry import award

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact
    from registry.recipient import Recipient

_EVENTS = frozenset(
    {
        award.AwardRecorded,
        award.AwardCorrected,
        award.AwardCorrectedByDecision,
        award.AwardWithdrawn,
    }
)
_RECIPIENT = Table(
    "recipient",
    (
        ("award_id", "uuid"),
        ("ordinal", "int2"),
        ("name", "text"),
        ("norm", "text"),
        ("sort_key", "text"),
        ("is_current", "bool"),
        ("born", "text"),
        ("place", "text"),
        ("place_key", "text"),
        ("year_words", "text[]"),
    ),
)
_INSERT_NAMES = """
INSERT INTO name (norm, plain, sort_key, shuffle, words)
SELECT n.norm, n.plain, n.sort_key, n.shuffle, string_to_array(n.words, ' ')
  FROM unnest(%b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[])
       AS n(norm, plain, sort_key, shuffle, words)
ON CONFLICT DO NOTHING
"""
_INSERT_PLACES = """
INSERT INTO place (place_key, words)
SELECT p.place_key, string_to_array(p.place_key, ' ') FROM unnest(%b::text[]) AS p(place_key)
ON CONFLICT DO NOTHING
"""
_INSERT_WORDS = """
INSERT INTO word (word) SELECT unnest(%b::text[]) ON CONFLICT DO NOTHING RETURNING word
"""
_INSERT_DELETIONS = """
INSERT INTO word_deletion (deletion, word)
SELECT * FROM unnest(%b::text[], %b::text[]) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A name of one award, with what tells its bearer from others."""

    name: str
    born: str | None
    place: str | None


def _apply(batch: Batch) -> None:
    fresh = batch.by_stream(_EVENTS)
    cursor = batch.cursor
    known = [stream for stream, facts in fresh.items() if facts[0].version > 1]
    _RECIPIENT.delete(cursor, "award_id", known)
    stories = batch.stories(fresh)
    entries = {stream: _entries(facts) for stream, facts in stories.items()}
    shown = {one: made for one, made in entries.items() if not _is_withdrawn(stories[one])}
    _RECIPIENT.copy(cursor, _rows(shown))
    distinct = {entry for of_award in entries.values() for entry in of_award}
    _add_names(cursor, {entry.name for entry in distinct})
    _add_places(cursor, {entry.place for entry in distinct if entry.place})


def _entries(facts: Sequence[Fact[Any]]) -> dict[_Entry, bool]:
    """Every entry that the facts ever made, and whether it is current."""
    state = award.INITIAL
    entries: dict[_Entry, bool] = {}
    for fact in facts:
        if type(fact.event) in _EVENTS:
            state = award.evolve(state, fact.event)
            if isinstance(state, award.Recorded):
                present = dict.fromkeys(_entries_of(state.content.recipient), True)
                entries = dict.fromkeys(entries, False) | present
    return entries


def _is_withdrawn(facts: Sequence[Fact[Any]]) -> bool:
    """Whether the award was entered by mistake: nothing comes behind that."""
    return type(facts[-1].event) is award.AwardWithdrawn


def _entries_of(recipient: Recipient) -> Iterator[_Entry]:
    """The line itself, as the person's own where it is one person's name, and named persons."""
    own = [person for person in recipient.persons if person.name is None]
    one = own[0] if len(own) == 1 else None
    place = (one.native_place if one else None) or recipient.unit
    yield _Entry(recipient.name, one.born if one else None, place)
    for person in recipient.persons:
        if person.name is not None:
            yield _Entry(person.name, person.born, person.native_place or recipient.unit)


def _rows(entries: dict[UUID, dict[_Entry, bool]]) -> Iterator[Row]:
    for award_id, of_award in entries.items():
        for ordinal, (entry, is_current) in enumerate(of_award.items()):
            name = read_name(entry.name)
            yield (
                award_id,
                ordinal,
                entry.name,
                name.norm,
                name.sort_key[:SORT_KEY_CHARACTERS_MAX],
                is_current,
                entry.born,
                entry.place,
                (place_key(entry.place) or None) if entry.place else None,
                year_words(name.plain_words, entry.born),
            )


def _add_names(cursor: Cursor[Any], texts: Iterable[str]) -> None:
    names = {name.norm: name for name in map(read_name, texts)}
    if not names:
        return
    # In the order of the key, so that neighbours are written together.
    ordered: list[Name] = [names[norm] for norm in sorted(names)]
    cursor.execute(
        _INSERT_NAMES,
        (
            [name.norm for name in ordered],
            [name.plain for name in ordered],
            [name.sort_key for name in ordered],
            [name.shuffle for name in ordered],
            [" ".join(name.words) for name in ordered],
        ),
    )
    _add_words(cursor, {word for name in ordered for word in name.plain_words})


def _add_words(cursor: Cursor[Any], words: set[str]) -> None:
    new = [word for (word,) in cursor.execute(_INSERT_WORDS, (sorted(words),))]
    pairs = sorted((deletion, word) for word in new for deletion in deletions(word))
    if pairs:
        left, right = zip(*pairs, strict=True)
        cursor.execute(_INSERT_DELETIONS, (list(left), list(right)))


def _add_places(cursor: Cursor[Any], texts: Iterable[str]) -> None:
    keys = sorted({place_key(text) for text in texts} - {""})
    if keys:
        cursor.execute(_INSERT_PLACES, (keys,))


PROJECTION = Projection(
    name="recipients",
    version=2,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("recipients.sql"),
    indexes=read_sql("recipients_indexes.sql"),
)
