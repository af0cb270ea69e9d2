"""Register of awards: one row for each, with everything a list or a page shows.

Personal values (full birth date, residence, identity paper, phone) are never here, sealed or
not: the register says what the decision publishes.

Number, issuer and date of the decision are read from the register of decisions when asked (see
`citation`), so that correcting a decision need not touch its twelve hundred awards.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import msgspec

from projections.citation import (
    CITES_DECISION,
    DECISION_OF_AWARD,
    NAMES_DECISION,
    cited_identity,
)
from projections.dates import date_bounds, year_bounds
from projections.doubts import IS_HELD_BACK
from projections.paging import Page, check_limit, page_of, position_from, where
from projections.places import places_matching
from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table, jsonb_bytes
from registry import award
from registry.numbers import normalise_golden_number, normalise_number
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from typing import LiteralString
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact
    from registry.recipient import Person

_EVENTS = frozenset(award.EVENTS.values())
# Other events of an award's stream (its artifacts) move nothing here but the version.
_CONTENT_EVENTS = frozenset(award.OWN_EVENTS.values())

_TABLE = Table(
    "award",
    (
        ("id", "uuid"),
        ("position", "int8"),
        ("version", "int8"),
        ("recorded_at", "timestamptz"),
        ("changed_at", "timestamptz"),
        ("recorded_by", "text"),
        ("office", "text"),
        ("decision_id", "uuid"),
        ("identity", "uuid"),
        ("number_typed", "text"),
        ("number_key", "text"),
        ("issuer_typed", "text"),
        ("awarded_on", "text"),
        ("awarded_earliest", "date"),
        ("awarded_latest", "date"),
        ("form", "text"),
        ("form_typed", "text"),
        ("award_class", "text"),
        ("conferral", "text"),
        ("recipient_kind", "text"),
        ("name", "text"),
        ("honorific", "text"),
        ("recipient_position", "text"),
        ("unit", "text"),
        ("category", "text"),
        ("persons", "jsonb"),
        ("merit", "text"),
        ("golden_number", "text"),
        ("golden_key", "text"),
        ("golden_book", "text"),
        ("field_of_activity", "text"),
        ("mode", "text"),
        ("submitting_body", "text"),
        ("note", "text"),
        ("listed", "bool"),
        ("standing", "text"),
        ("source_kind", "text"),
        ("certainty", "text"),
        ("source_reference", "text"),
        ("source_row", "int8"),
    ),
)

_TOUCH = """
UPDATE award a SET version = t.version, changed_at = t.changed_at
  FROM unnest(%s::uuid[], %s::bigint[], %s::timestamptz[]) AS t(id, version, changed_at)
 WHERE a.id = t.id
"""

# The columns of AwardRow, in its order.
_SELECT = f"""
SELECT a.id, a.position, a.version, a.recorded_at, a.changed_at, a.recorded_by, a.office,
       coalesce(a.decision_id, d.id), coalesce(d.number, a.number_typed),
       coalesce(d.issuer, a.issuer_typed),
       CASE WHEN d.id IS NOT NULL THEN d.decided_on
            WHEN a.number_typed IS NOT NULL THEN a.awarded_on END,
       a.number_typed, a.issuer_typed,
       a.awarded_on, a.awarded_earliest, a.awarded_latest, a.form, a.form_typed, a.award_class,
       a.conferral, a.recipient_kind, a.name, a.honorific, a.recipient_position, a.unit,
       a.category, a.persons, a.merit, a.golden_number, a.golden_book, a.field_of_activity,
       a.mode, a.submitting_body, a.note, a.listed, a.standing, a.source_kind, a.certainty,
       a.source_reference, a.source_row, {IS_HELD_BACK}
"""
_OF_ANY = _SELECT + " FROM awards.award a" + DECISION_OF_AWARD
_BY_IDS = _OF_ANY + " WHERE a.id = ANY(%s::uuid[])"
_BEHIND = """
SELECT id, decision_id, position FROM awards.award WHERE position > %s ORDER BY position LIMIT %s
"""
_PART = "SELECT a.* FROM awards.award a"
_CONDITIONS = {
    "form": "a.form = %(form)s",
    "award_class": "a.award_class = %(award_class)s",
    "recipient_kind": "a.recipient_kind = %(recipient_kind)s",
    "conferral": "a.conferral = %(conferral)s",
    "standing": "a.standing = %(standing)s",
    "public": "a.standing <> 'declined'",
    "places": (
        "a.id IN (SELECT r.award_id FROM recipients.recipient r"
        " WHERE r.is_current AND r.place_key = ANY(%(places)s::text[]))"
    ),
    "earliest": "a.awarded_latest >= %(earliest)s",
    "latest": "a.awarded_earliest <= %(latest)s",
    "before": "a.position < %(before)s",
    "behind": "a.position > %(behind)s",
}
_SAME_GOLDEN_NUMBER = """
SELECT a.id, a.golden_book, b.id, b.golden_book
  FROM awards.award a JOIN awards.award b ON b.golden_key = a.golden_key AND b.id <> a.id
 WHERE a.id = ANY(%s::uuid[]) AND b.id <> ALL(%s::uuid[]) ORDER BY b.position
"""
_NEWEST_FIRST = " ORDER BY a.position DESC LIMIT %(rows)s"
_AS_RECORDED = " ORDER BY a.position LIMIT %(rows)s"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What a decision publishes about a person; `born` is an EDTF year."""

    name: str | None
    sex: str | None
    born: str | None
    native_place: str | None


@dataclass(frozen=True, slots=True)
class AwardRow:
    """An award in the register.

    `number`, `issuer` and `decided_on` (EDTF) are those of its decision, if that is registered:
    named by id or only cited, `decision_id` is it. Else they are as the award's source cites
    it, which is always in `number_typed` and `issuer_typed`. `position` and `recorded_at` are
    those of its first fact, `version` and `changed_at` of its last. `held_back` tells whether a
    doubt holds it back, see `projections.doubts`.
    """

    id: UUID
    position: int
    version: int
    recorded_at: datetime
    changed_at: datetime
    recorded_by: str
    office: str
    decision_id: UUID | None
    number: str | None
    issuer: str | None
    decided_on: str | None
    number_typed: str | None
    issuer_typed: str | None
    awarded_on: str | None
    awarded_earliest: date | None
    awarded_latest: date | None
    form: str
    form_typed: str | None
    award_class: str | None
    conferral: str
    recipient_kind: str
    name: str
    honorific: str | None
    recipient_position: str | None
    unit: str | None
    category: str | None
    persons: tuple[PersonRow, ...]
    merit: str | None
    golden_number: str | None
    golden_book: str | None
    field_of_activity: str | None
    mode: str | None
    submitting_body: str | None
    note: str | None
    listed: bool
    standing: str
    source_kind: str
    certainty: str
    source_reference: str | None
    source_row: int | None
    held_back: bool


@dataclass(frozen=True, slots=True)
class AwardFilter:
    """Which awards to list; None means any. Years are inclusive; a commune is its name.

    `public` leaves out what was declined: it is no award.
    """

    form: str | None = None
    award_class: str | None = None
    decision_id: UUID | None = None
    recipient_kind: str | None = None
    conferral: str | None = None
    standing: str | None = None
    commune: str | None = None
    public: bool | None = None
    year_from: int | None = None
    year_to: int | None = None


def find_award(cursor: Cursor[Any], award_id: UUID) -> AwardRow | None:
    """An award by its id."""
    return awards_by_id(cursor, [award_id]).get(award_id)


def awards_by_id(cursor: Cursor[Any], ids: Sequence[UUID]) -> dict[UUID, AwardRow]:
    """Those of these awards that are in the register."""
    found = (_award_row(row) for row in cursor.execute(_BY_IDS, (list(ids),)))
    return {row.id: row for row in found}


def list_awards(
    cursor: Cursor[Any], wanted: AwardFilter, limit: int, token: str | None = None
) -> Page[AwardRow]:
    """Awards from the newest recorded to the oldest; those of one decision in its own order.

    Raises `Rejected` for a bad token.
    """
    in_order = wanted.decision_id is not None
    earliest, latest = year_bounds(wanted.year_from, wanted.year_to)
    commune = wanted.commune
    parameters = {
        "form": wanted.form,
        "award_class": wanted.award_class,
        "decision_id": wanted.decision_id,
        "recipient_kind": wanted.recipient_kind,
        "conferral": wanted.conferral,
        "standing": wanted.standing,
        "public": wanted.public or None,
        "places": None if commune is None else places_matching(cursor, commune),
        "earliest": earliest,
        "latest": latest,
        "before": None if in_order else position_from("awards", token),
        "behind": position_from("awards", token, start=0) if in_order else None,
        "rows": check_limit(limit) + 1,
    }
    statement = _list_of_decision(parameters) if in_order else _list_of_any(parameters)
    rows = [_award_row(row) for row in cursor.execute(statement, parameters)]
    return page_of("awards", rows, limit, lambda row: (row.position,))


def awards_of_decision(cursor: Cursor[Any], decision_id: UUID) -> tuple[AwardRow, ...]:
    """Every award of a decision, in its own order."""
    parameters = dict.fromkeys(_CONDITIONS) | {"decision_id": decision_id, "rows": None}
    statement = _list_of_decision(parameters)
    return tuple(_award_row(row) for row in cursor.execute(statement, parameters))


def awards_naming(cursor: Cursor[Any], decision_id: UUID) -> tuple[AwardRow, ...]:
    """The awards that were entered under a decision, in its own order; not those that cite it."""
    statement = _OF_ANY + " WHERE a.decision_id = %s ORDER BY a.position"
    return tuple(_award_row(row) for row in cursor.execute(statement, (decision_id,)))


def golden_heirs(cursor: Cursor[Any], award_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Of each of these awards whose golden-book number others bear too, the first of the others."""
    heirs: dict[UUID, UUID] = {}
    rows = cursor.execute(_SAME_GOLDEN_NUMBER, (list(award_ids), list(award_ids)))
    for own, own_book, other, other_book in rows:
        if comparison_key(own_book or "") == comparison_key(other_book or ""):
            heirs.setdefault(own, other)
    return heirs


def awards_behind(
    cursor: Cursor[Any], position: int, limit: int
) -> list[tuple[UUID, UUID | None, int]]:
    """Awards behind a position of the log: id, the decision they name, position."""
    return cursor.execute(_BEHIND, (position, limit)).fetchall()


def _list_of_any(parameters: Mapping[str, Any]) -> LiteralString:
    return _OF_ANY + where(_CONDITIONS, parameters) + _NEWEST_FIRST


def _list_of_decision(parameters: Mapping[str, Any]) -> LiteralString:
    """Awards that name the decision and those that cite it; of each, as many as are shown."""
    parts = (
        _PART + where(_CONDITIONS | {"decision_id": belongs}, parameters) + _AS_RECORDED
        for belongs in (NAMES_DECISION, CITES_DECISION)
    )
    both = "((" + ") UNION ALL (".join(parts) + ")) AS a"
    return _SELECT + " FROM " + both + DECISION_OF_AWARD + _AS_RECORDED


_PERSONS_COLUMN = [field.name for field in fields(AwardRow)].index("persons")


def _award_row(row: tuple[Any, ...]) -> AwardRow:
    values = list(row)
    values[_PERSONS_COLUMN] = tuple(PersonRow(*person) for person in row[_PERSONS_COLUMN])
    return AwardRow(*values)


def _apply(batch: Batch) -> None:
    changed = batch.by_stream(_CONTENT_EVENTS)
    _TABLE.delete(
        batch.cursor,
        "id",
        [stream for stream, facts in changed.items() if facts[0].version > 1],
    )
    stories = batch.stories(changed)
    rows = [row for facts in stories.values() if (row := _row(facts)) is not None]
    if rows:
        _TABLE.copy(batch.cursor, rows)
    # A row that was just made has the version of its last fact, which may be a correction
    # behind its artifacts.
    moved = batch.by_stream(_EVENTS - _CONTENT_EVENTS)
    _touch(batch, {one: facts[-1] for one, facts in moved.items() if one not in changed})


def _touch(batch: Batch, last: dict[UUID, Fact[Any]]) -> None:
    """Move the version of awards whose artifacts moved."""
    if last:
        versions = [fact.version for fact in last.values()]
        times = [fact.recorded_at for fact in last.values()]
        batch.cursor.execute(_TOUCH, (list(last), versions, times))


def _row(facts: Sequence[Fact[Any]]) -> Row | None:
    state = award.INITIAL
    for fact in facts:
        if type(fact.event) in _CONTENT_EVENTS:
            state = award.evolve(state, fact.event)
    if not isinstance(state, award.Recorded):
        return None
    first, last, content = facts[0], facts[-1], state.content
    recipient, golden, source = content.recipient, content.golden_book, content.source
    typed = content.number_typed
    return (
        first.stream_id,
        first.position,
        last.version,
        first.recorded_at,
        last.recorded_at,
        first.authorship.actor,
        first.authorship.office,
        content.decision_id,
        cited_identity(content),
        typed,
        normalise_number(typed) if typed and content.decision_id is None else None,
        content.issuer_typed,
        content.awarded_on,
        *date_bounds(content.awarded_on),
        content.form,
        content.form_typed,
        content.award_class,
        content.conferral,
        recipient.kind,
        recipient.name,
        recipient.honorific,
        recipient.position,
        recipient.unit,
        recipient.category,
        _persons_json(recipient.persons),
        content.merit,
        golden.number if golden else None,
        normalise_golden_number(golden.number) if golden else None,
        golden.book if golden else None,
        content.field_of_activity,
        content.mode,
        content.submitting_body,
        content.note,
        content.listed,
        award.standing_name(state),
        source.kind,
        source.certainty,
        source.reference,
        source.row,
    )


_encode_json = msgspec.json.Encoder().encode


def _persons_json(persons: Sequence[Person]) -> bytes:
    return jsonb_bytes(
        _encode_json([(one.name, one.sex, one.born, one.native_place) for one in persons])
    )


PROJECTION = Projection(
    name="awards",
    version=4,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("awards.sql"),
    indexes=read_sql("awards_indexes.sql"),
)
