"""Users, and whose token is whose. Of a token only its digest is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

from projections.projection import Batch, Projection, read_sql
from projections.writing import Row, Table
from registry import user

if TYPE_CHECKING:
    from collections.abc import Sequence
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
_TOKEN = Table(
    "token",
    (
        ("digest", "text"),
        ("user_id", "uuid"),
        ("granted_at", "timestamptz"),
        ("expires_at", "timestamptz"),
        ("revoked_at", "timestamptz"),
    ),
)
_SELECT = """
SELECT u.id, u.name, u.role, u.office, u.disabled, u.version, u.recorded_at
  FROM users.registered_user u
"""
_BY_TOKEN = _SELECT + " JOIN users.token t ON t.user_id = u.id WHERE t.digest = %s"
_LIST = _SELECT + " ORDER BY u.recorded_at, u.id"
_TOKENS = """
SELECT t.digest, u.id, u.name, t.granted_at, t.expires_at, t.revoked_at
  FROM users.token t JOIN users.registered_user u ON u.id = t.user_id
"""
_TOKENS_LISTED = _TOKENS + " ORDER BY u.recorded_at, u.id, t.granted_at, t.digest"
_TOKENS_NAMED = _TOKENS + " WHERE starts_with(t.digest, %s) ORDER BY t.digest LIMIT 2"


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


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token that was granted; `revoked_at` is also set where its user was disabled."""

    digest: str
    user_id: UUID
    user_name: str
    granted_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def list_tokens(cursor: Cursor[Any]) -> tuple[TokenRow, ...]:
    """All tokens ever granted, user by user, in the order of granting."""
    return tuple(TokenRow(*row) for row in cursor.execute(_TOKENS_LISTED))


def tokens_named(cursor: Cursor[Any], beginning: str) -> tuple[TokenRow, ...]:
    """Tokens whose digest begins so; two at most: more than one is too many."""
    return tuple(TokenRow(*row) for row in cursor.execute(_TOKENS_NAMED, (beginning,)))


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
    _TOKEN.delete(batch.cursor, "user_id", known)
    _USER.delete(batch.cursor, "id", known)
    stories = batch.stories(fresh).values()
    _USER.copy(batch.cursor, [row for facts in stories if (row := _row(facts)) is not None])
    _TOKEN.copy(batch.cursor, [row for facts in stories for row in _tokens(facts)])


def _tokens(facts: Sequence[Fact[Any]]) -> list[Row]:
    """Rows of a user's tokens, by what happened to each."""
    rows: dict[str, Row] = {}
    for fact in facts:
        event: user.Event = fact.event
        at = fact.recorded_at
        match event:
            case user.TokenGranted():
                rows[event.digest] = (event.digest, fact.stream_id, at, None, None)
            case user.TokenIssued():
                ends = datetime.fromisoformat(event.expires_at)
                rows[event.digest] = (event.digest, fact.stream_id, at, ends, None)
            case user.TokenRevoked():
                rows[event.digest] = (*rows[event.digest][:4], at)
            case user.UserDisabled():
                rows = {digest: (*row[:4], row[4] or at) for digest, row in rows.items()}
            case user.UserAdded():
                pass
            case _:
                assert_never(event)
    return list(rows.values())


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
    version=2,
    events=_EVENTS,
    apply=_apply,
    tables=read_sql("users.sql"),
)
