"""Who asks: a bearer token becomes a user with a role and an office (RFC 6750).

Tokens are looked up where they are claimed, in the log itself, not in a register that may lag:
a user who was disabled a moment ago is not let in because a projection is behind.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from api.refusals import NotSignedIn
from registry.fact import Claim
from registry.user import Active, Role, token_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from registry.register import Registry

TOKEN_CHARACTERS_MAX: Final = 200
TOKENS_CACHED_MAX: Final = 1_000
CACHE_SECONDS_MAX: Final = 5.0


@dataclass(frozen=True, slots=True)
class User:
    """Somebody whom a token speaks for; what he may do is in `registry.rights`."""

    id: UUID
    name: str
    role: Role
    office: str


class TokenBook:
    """Users by token, remembered for a few seconds."""

    def __init__(self, registry: Registry, clock: Callable[[], float] = time.monotonic) -> None:
        self._registry = registry
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, tuple[float, User]] = {}

    def user(self, authorization: str | None) -> User | None:
        """The user of an Authorization header; None without one.

        Raises `NotSignedIn` for a token that is not good.
        """
        if authorization is None:
            return None
        digest = _digest_of(authorization)
        user = self._remembered(digest) or self._look_up(digest)
        if user is None:
            raise NotSignedIn("token-unknown")
        return user

    def remembered(self, authorization: str) -> User | None:
        """The user of a header who was looked up a moment ago: never waits for the database.

        Raises `NotSignedIn` for a header that holds no token.
        """
        return self._remembered(_digest_of(authorization))

    def _remembered(self, digest: str) -> User | None:
        with self._lock:
            until, user = self._known.get(digest, (0.0, None))
        return user if until > self._clock() else None

    def _look_up(self, digest: str) -> User | None:
        holder = self._registry.holder(Claim("user", f"token {digest}"))
        state = self._registry.load("user", holder).state if holder is not None else None
        if holder is None or not isinstance(state, Active) or digest not in state.tokens:
            return None
        user = User(holder, state.added.name, state.added.role, state.added.office)
        with self._lock:
            if len(self._known) >= TOKENS_CACHED_MAX:
                self._known.clear()
            self._known[digest] = (self._clock() + CACHE_SECONDS_MAX, user)
        return user


def _digest_of(authorization: str) -> str:
    """The digest of the token in a header. Raises `NotSignedIn`."""
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > TOKEN_CHARACTERS_MAX:
        raise NotSignedIn("token-unknown")
    return token_digest(token)
