"""A user: somebody who may record, for an office, in a role.

Users are facts like everything else, so an auditor sees who could write on any day. Of a token
only its digest is kept: 256 random bits need no slow hash. The digest's beginning is the token's
public name: it is said where tokens are listed, and tells nothing of the token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, assert_never, get_args

from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.personal import Personal
from registry.rules import NAME_CHARACTERS_MAX, check_choice, require_text
from registry.text import comparison_key

if TYPE_CHECKING:
    from uuid import UUID

Role = Literal["clerk", "verifier", "leader", "auditor", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)
TOKEN_ID_CHARACTERS: Final = 8
TOKENS_MAX: Final = 100


def token_digest(token: str) -> str:
    """What is kept of a token: SHA-256, in hexadecimal."""
    return sha256(token.encode()).hexdigest()


def token_id(digest: str) -> str:
    """The public name of a token."""
    return digest[:TOKEN_ID_CHARACTERS]


def format_expiry(moment: datetime) -> str:
    """A moment in UTC to the second, as it is stored: 2027-11-30T17:00:00Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


@dataclass(frozen=True, slots=True)
class UserAdded:
    """Somebody was given a role for an office."""

    name: str
    role: Role
    office: str


@dataclass(frozen=True, slots=True)
class TokenGranted:
    """The user got a token without an end, as all were at first: good until it is revoked."""

    digest: str


@dataclass(frozen=True, slots=True)
class TokenIssued:
    """The user got a token for programs, good until a moment (`format_expiry`)."""

    digest: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """A token opens nothing from now on."""

    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class UserDisabled:
    """The user may do nothing any more."""

    reason: str


Event = UserAdded | TokenGranted | TokenIssued | TokenRevoked | UserDisabled
EVENTS: Mapping[str, type] = {
    "user-added.v1": UserAdded,
    "token-granted.v1": TokenGranted,
    "token-issued.v1": TokenIssued,
    "token-revoked.v1": TokenRevoked,
    "user-disabled.v1": UserDisabled,
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such user."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was not revoked; `expires_at` is None for one without an end."""

    digest: str
    expires_at: str | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether its time has passed."""
        return self.expires_at is not None and datetime.fromisoformat(self.expires_at) <= now


@dataclass(frozen=True, slots=True)
class Active:
    """The user may work."""

    added: UserAdded
    tokens: tuple[Token, ...] = ()

    def token(self, digest: str) -> Token | None:
        """The user's token with this digest, if it was not revoked."""
        return next((one for one in self.tokens if one.digest == digest), None)


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
    """Accept a token with this digest from the user, until a moment or without an end."""

    digest: str
    expires_at: str | None = None


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """Accept a token no more."""

    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class DisableUser:
    """Take every right from the user."""

    reason: str


Command = AddUser | GrantToken | RevokeToken | DisableUser


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
            return _grant(_active(state), command)
        case RevokeToken():
            if _active(state).token(command.digest) is None:
                raise Rejected("token-not-granted", token=token_id(command.digest))
            return Outcome((TokenRevoked(command.digest, require_text("reason", command.reason)),))
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
        case TokenGranted() | TokenIssued():
            if not isinstance(state, Active):
                return state
            ends = event.expires_at if isinstance(event, TokenIssued) else None
            return replace(state, tokens=(*state.tokens, Token(event.digest, ends)))
        case TokenRevoked():
            if not isinstance(state, Active):
                return state
            left = tuple(one for one in state.tokens if one.digest != event.digest)
            return replace(state, tokens=left)
        case UserDisabled():
            return Disabled(state.added) if isinstance(state, Active) else state
        case _:
            assert_never(event)


def claims(_after: State, event: Event) -> tuple[Claim, ...]:
    """A user's name is used once, in any spelling; and so is a token."""
    match event:
        case UserAdded():
            return (Claim("user", comparison_key(event.name)),)
        case TokenGranted() | TokenIssued():
            return (Claim("user", f"token {event.digest}"),)
        case TokenRevoked() | UserDisabled():
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


def _grant(state: Active, command: GrantToken) -> Outcome:
    if len(state.tokens) >= TOKENS_MAX:
        raise Rejected("tokens-too-many", most=TOKENS_MAX)
    if command.expires_at is None:
        return Outcome((TokenGranted(command.digest),))
    ends = datetime.fromisoformat(command.expires_at)
    return Outcome((TokenIssued(command.digest, format_expiry(ends)),))


def _active(state: State) -> Active:
    if not isinstance(state, Active):
        raise Rejected("user-unknown")
    return state
