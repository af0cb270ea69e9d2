"""A user: somebody who may record, for an office, in a role.

Users are facts like everything else, so an auditor sees who could write on any day. Of a token
only its digest is kept: 256 random bits need no slow hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, assert_never, get_args

from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.personal import Personal
from registry.rules import NAME_CHARACTERS_MAX, check_choice, require_text
from registry.text import comparison_key

if TYPE_CHECKING:
    from uuid import UUID

Role = Literal["clerk", "verifier", "leader", "auditor", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)


def token_digest(token: str) -> str:
    """What is kept of a token: SHA-256, in hexadecimal."""
    return sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class UserAdded:
    """Somebody was given a role for an office."""

    name: str
    role: Role
    office: str


@dataclass(frozen=True, slots=True)
class TokenGranted:
    """The user got a token for programs; earlier ones stay good until the user is disabled."""

    digest: str


@dataclass(frozen=True, slots=True)
class UserDisabled:
    """The user may do nothing any more."""

    reason: str


Event = UserAdded | TokenGranted | UserDisabled
EVENTS: Mapping[str, type] = {
    "user-added.v1": UserAdded,
    "token-granted.v1": TokenGranted,
    "user-disabled.v1": UserDisabled,
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such user."""


@dataclass(frozen=True, slots=True)
class Active:
    """The user may work."""

    added: UserAdded
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disabled:
    """The user may do nothing any more."""

    added: UserAdded


State = Unknown | Active | Disabled
INITIAL: State = Unknown()


@dataclass(frozen=True, slots=True)
class AddUser:
    """Give somebody a role for an office."""

    name: str
    role: Role
    office: str


@dataclass(frozen=True, slots=True)
class GrantToken:
    """Accept a token with this digest from the user."""

    digest: str


@dataclass(frozen=True, slots=True)
class DisableUser:
    """Take every right from the user."""

    reason: str


Command = AddUser | GrantToken | DisableUser


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: users sign with their names."""
    return ()


def named_records(_command: Command) -> tuple[Named, ...]:
    """A user is judged by itself."""
    return ()


def decide(state: State, command: Command, _world: World) -> Outcome:
    """Judge a command on one user. Raises `Rejected`."""
    match command:
        case AddUser():
            return _add(state, command)
        case GrantToken():
            _active(state)
            return Outcome((TokenGranted(command.digest),))
        case DisableUser():
            _active(state)
            return Outcome((UserDisabled(require_text("reason", command.reason)),))
        case _:
            assert_never(command)


def evolve(state: State, event: Event) -> State:
    """Apply what happened."""
    match event:
        case UserAdded():
            return Active(event)
        case TokenGranted():
            if not isinstance(state, Active):
                return state
            return replace(state, tokens=(*state.tokens, event.digest))
        case UserDisabled():
            return Disabled(state.added) if isinstance(state, Active) else state
        case _:
            assert_never(event)


def claims(_after: State, event: Event) -> tuple[Claim, ...]:
    """A user's name is used once, in any spelling; and so is a token."""
    match event:
        case UserAdded():
            return (Claim("user", comparison_key(event.name)),)
        case TokenGranted():
            return (Claim("user", f"token {event.digest}"),)
        case UserDisabled():
            return ()
        case _:
            assert_never(event)


def taken(_claim: Claim, holder: UUID) -> AlreadyRecorded:
    """The error for a name that another user has."""
    return AlreadyRecorded("user-name-taken", holder)


def _add(state: State, command: AddUser) -> Outcome:
    if not isinstance(state, Unknown):
        raise Rejected("user-name-taken")
    check_choice("role", command.role, ROLES)
    event = UserAdded(
        require_text("name", command.name, NAME_CHARACTERS_MAX),
        command.role,
        require_text("office", command.office),
    )
    return Outcome((event,))


def _active(state: State) -> Active:
    if not isinstance(state, Active):
        raise Rejected("user-unknown")
    return state
