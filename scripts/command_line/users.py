"""`sovang user`: who may record, for which office, in which role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from projections.users import list_users
from registry.errors import AlreadyRecorded, NotFound
from registry.fact import Claim
from registry.messages import format_time, term
from registry.text import comparison_key
from registry.user import Active, AddUser, DisableUser, Role
from scripts.command_line.registers import bring_up_to_date
from scripts.command_line.session import OFFICE, Session, authorship

if TYPE_CHECKING:
    from uuid import UUID

    from projections.users import UserRow
    from registry.register import Registry


def add(session: Session, name: str, role: Role, unit: str, token_days: int | None = None) -> None:
    """Add a user; with a token good for so many days, print it this once. Raises `Rejected`."""
    from scripts.command_line.tokens import NewToken  # noqa: PLC0415 - tokens name users

    with session.database() as database:
        registry = database.registry()
        _refuse_known(registry, name)
        # User and token are one transaction: a user never stands without the token asked for.
        work = registry.work(authorship())
        stream_id, _ = work.create("user", AddUser(name, role, unit or OFFICE))
        token = NewToken(registry.clock(), token_days) if token_days is not None else None
        if token is not None:
            work.execute("user", stream_id, token.command)
        work.commit()
    if session.as_json:
        shown = {"token": None} if token is None else token.view()
        session.answer({"id": str(stream_id), "name": name, "role": role, **shown})
        return
    session.say("user.added", name=name, role=term("role", role, session.language))
    if token is not None:
        token.tell(session)


def disable(session: Session, name: str, reason: str) -> None:
    """Take every right from a user. Raises `NotFound` and `Rejected`."""
    with session.database() as database:
        registry = database.registry()
        stream_id = find_user(registry, name)
        registry.execute("user", stream_id, DisableUser(reason), authorship())
    if session.as_json:
        session.answer({"id": str(stream_id), "name": name, "disabled": True})
    else:
        session.say("user.disabled", name=name)


def show_all(session: Session) -> None:
    """List all users in the order in which they were added."""
    with session.database() as database:
        bring_up_to_date(session, database)
        with database.pool("reader").connection() as connection:
            rows = list_users(connection.cursor())
    if session.as_json:
        session.answer({"users": [_user_json(row) for row in rows]})
        return
    headings = ("name", "role", "office", "state", "recorded")
    session.table(
        [f"column.{heading}" for heading in headings],
        [
            (
                row.name,
                term("role", row.role, session.language),
                row.office,
                session.text("user.inactive" if row.disabled else "user.active"),
                format_time(row.recorded_at, session.language),
            )
            for row in rows
        ],
    )


def _user_json(row: UserRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "role": row.role,
        "office": row.office,
        "disabled": row.disabled,
        "recorded_at": row.recorded_at.isoformat(),
    }


def find_user(registry: Registry, name: str) -> UUID:
    """The user of a name, in any spelling. Raises `NotFound`."""
    stream_id = registry.holder(Claim("user", comparison_key(name)))
    if stream_id is None:
        raise NotFound("user-unknown", field="NAME", name=name)
    return stream_id


def _refuse_known(registry: Registry, name: str) -> None:
    """Raise `AlreadyRecorded` for the name of a user, saying what can be done about it."""
    stream_id = registry.holder(Claim("user", comparison_key(name)))
    if stream_id is None:
        return
    state = registry.load("user", stream_id).state
    code = "user-name-taken" if isinstance(state, Active) else "user-name-of-disabled"
    raise AlreadyRecorded(code, stream_id, name=state.added.name)
