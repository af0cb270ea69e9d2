"""Users, and whose token is whose. Of a token only its digest is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table
from registry import user

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Cursor

    from registry.fact import Fact

_EVENTS = frozenset(user.EVENTS.values())
_USER = Table(
    "registered_user",
    (
        ("id", "uuid"),
        ("name", "text"),
        ("role", "text"),
        ("office", "text"),
        ("disabled", "bool"),
        ("version", "int8"),
        ("recorded_at", "timestamptz"),
    ),
)
_INSERT_TOKENS = """
INSERT INTO token (digest, user_id) SELECT * FROM unnest(%b::text[], %b::uuid[])
ON CONFLICT DO NOTHING
"""
_SELECT = """
SELECT u.id, u.name, u.role, u.office, u.disabled, u.version, u.recorded_at
  FROM users.registered_user u
"""
_BY_TOKEN = _SELECT + " JOIN users.token t ON t.user_id = u.id WHERE t.digest = %s"
_LIST = _SELECT + " ORDER BY u.recorded_at, u.id"


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user; one who is disabled may do nothing."""

    id: UUID
    name: str
    role: str
    office: str
    disabled: bool
    version: int
    recorded_at: datetime


def user_of_token(cursor: Cursor[Any], token: str) -> UserRow | None:
    """Who presents this token; also somebody who was disabled: look at `disabled`."""
    row = cursor.execute(_BY_TOKEN, (user.token_digest(token),)).fetchone()
    return None if row is None else UserRow(*row)


def list_users(cursor: Cursor[Any]) -> tuple[UserRow, ...]:
    """All users in the order in which they were added."""
    return tuple(UserRow(*row) for row in cursor.execute(_LIST))


def _apply(batch: Batch) -> None:
    fresh = batch.by_stream(_EVENTS)
    known = [stream for stream, facts in fresh.items() if facts[0].version > 1]
    _USER.delete(batch.cursor, "id", known)
    stories = batch.stories(fresh).values()
    _USER.copy(batch.cursor, [row for facts in stories if (row := _row(facts)) is not None])
    granted = [fact for fact in batch.facts if isinstance(fact.event, user.TokenGranted)]
    if granted:
        digests = [fact.event.digest for fact in granted]
        batch.cursor.execute(_INSERT_TOKENS, (digests, [fact.stream_id for fact in granted]))


def _row(facts: Sequence[Fact[Any]]) -> Row | None:
    state = user.INITIAL
    for fact in facts:
        state = user.evolve(state, fact.event)
    if not isinstance(state, user.Active | user.Disabled):
        return None
    added = state.added
    return (
        facts[0].stream_id,
        added.name,
        added.role,
        added.office,
        isinstance(state, user.Disabled),
        facts[-1].version,
        facts[0].recorded_at,
    )


PROJECTION = Projection(
    name="users",
    version=1,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("users.sql"),
)
