"""`sovang user token`: secrets with which programs sign in, each with a public id and an end."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from projections.users import list_tokens, tokens_named
from registry.errors import NotFound, Rejected
from registry.messages import format_time
from registry.text import comparison_key
from registry.user import (
    TOKEN_ID_CHARACTERS,
    GrantToken,
    RevokeToken,
    format_expiry,
    token_digest,
    token_id,
)
from scripts.command_line.registers import bring_up_to_date
from scripts.command_line.session import Session, authorship
from scripts.command_line.users import find_user

if TYPE_CHECKING:
    from projections.users import TokenRow
    from registry.database import Database

TOKEN_BYTES = 32
DIGEST_CHARACTERS = 64


class NewToken:
    """A token that was drawn now: its secret, and what is recorded of it."""

    def __init__(self, now: datetime, days: int) -> None:
        self.secret = secrets.token_urlsafe(TOKEN_BYTES)
        self.expires_at = now + timedelta(days=days)
        self.id = token_id(token_digest(self.secret))
        self.command = GrantToken(token_digest(self.secret), format_expiry(self.expires_at))

    def view(self) -> dict[str, Any]:
        """The token for programs."""
        return {
            "token": self.secret,
            "token_id": self.id,
            "expires_at": self.command.expires_at,
        }

    def tell(self, session: Session) -> None:
        """Print the token this once: on standard output, and nothing else there."""
        ends = format_time(self.expires_at, session.language)
        session.say("user.token", id=self.id, ends=ends)
        print(self.secret)


def grant(session: Session, name: str, days: int) -> None:
    """Give a user one more token. Raises `NotFound` and `Rejected`."""
    with session.database() as database:
        registry = database.registry()
        stream_id = find_user(registry, name)
        token = NewToken(registry.clock(), days)
        registry.execute("user", stream_id, token.command, authorship())
    if session.as_json:
        session.answer({"user_id": str(stream_id), "name": name, **token.view()})
    else:
        token.tell(session)


def renew(session: Session, typed: str, days: int, *, keep_old: bool) -> None:
    """Put a new token in place of one, in one transaction. Raises `NotFound` and `Rejected`."""
    with session.database() as database:
        registry = database.registry()
        old = _find_token(session, database, typed)
        if old.revoked_at is not None:
            raise Rejected("token-not-granted", token=token_id(old.digest))
        token = NewToken(registry.clock(), days)
        work = registry.work(authorship())
        work.execute("user", old.user_id, token.command)
        if not keep_old:
            command = RevokeToken(old.digest, session.text("token.renewed"))
            work.execute("user", old.user_id, command)
        work.commit()
    if session.as_json:
        answer = {"user_id": str(old.user_id), "name": old.user_name, **token.view()}
        session.answer({**answer, "replaces": token_id(old.digest), "old_revoked": not keep_old})
    else:
        token.tell(session)


def revoke(session: Session, typed: str, reason: str) -> None:
    """Let a token open nothing any more. Raises `NotFound` and `Rejected`."""
    with session.database() as database:
        old = _find_token(session, database, typed)
        command = RevokeToken(old.digest, reason)
        database.registry().execute("user", old.user_id, command, authorship())
    shown = token_id(old.digest)
    if session.as_json:
        answer = {"user_id": str(old.user_id), "name": old.user_name, "token_id": shown}
        session.answer({**answer, "revoked": True})
    else:
        session.say("token.revoked-now", id=shown, name=old.user_name)


def show_all(session: Session, name: str | None) -> None:
    """List tokens with their ends and states, of all users or of one. Raises `NotFound`."""
    with session.database() as database:
        wanted = find_user(database.registry(), name) if name is not None else None
        bring_up_to_date(session, database)
        with database.pool("reader").connection() as connection:
            rows = list_tokens(connection.cursor())
    rows = tuple(row for row in rows if wanted in (None, row.user_id))
    now = datetime.now(UTC)
    if session.as_json:
        session.answer({"tokens": [_token_json(row, now) for row in rows]})
        return
    session.table(
        [f"column.{heading}" for heading in ("token", "name", "state", "granted", "ends")],
        [
            (
                token_id(row.digest),
                row.user_name,
                session.text(f"token.{_state(row, now)}"),
                format_time(row.granted_at, session.language),
                format_time(row.expires_at, session.language)
                if row.expires_at is not None
                else session.text("token.unending"),
            )
            for row in rows
        ],
    )


def _find_token(session: Session, database: Database, typed: str) -> TokenRow:
    """The one token of this id. Raises `NotFound`, and `Rejected` where it is not one alone."""
    bring_up_to_date(session, database)
    beginning = comparison_key(typed).replace(" ", "")
    found: tuple[TokenRow, ...] = ()
    if TOKEN_ID_CHARACTERS <= len(beginning) <= DIGEST_CHARACTERS:
        with database.pool("reader").connection() as connection:
            found = tokens_named(connection.cursor(), beginning)
    if not found:
        raise NotFound("token-id-unknown", field="TOKEN-ID", token=typed)
    if len(found) > 1:
        raise Rejected("token-id-ambiguous", field="TOKEN-ID", token=typed)
    return found[0]


def _state(row: TokenRow, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "over" if row.expires_at is not None and row.expires_at <= now else "good"


def _token_json(row: TokenRow, now: datetime) -> dict[str, Any]:
    return {
        "token_id": token_id(row.digest),
        "user_id": str(row.user_id),
        "name": row.user_name,
        "state": _state(row, now),
        "granted_at": row.granted_at.isoformat(),
        "expires_at": None if row.expires_at is None else format_expiry(row.expires_at),
        "revoked_at": None if row.revoked_at is None else row.revoked_at.isoformat(),
    }
