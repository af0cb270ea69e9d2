"""Who asks: a bearer token becomes a user with a role and an office (RFC 6750).

Tokens are looked up where they are claimed, in the log itself, not in a register that may lag:
a user who was disabled a moment ago is not let in because a projection is behind.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from api.refusals import NotAllowed, NotSignedIn
from registry.fact import Claim
from registry.user import WRITING_ROLES, Active, Role, token_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from registry.register import Registry

TOKEN_CHARACTERS_MAX: Final = 200
TOKENS_CACHED_MAX: Final = 1_000
CACHE_SECONDS_MAX: Final = 5.0
# Who may read what is sealed: birth dates, identity papers, residences.
PERSONAL_ROLES: Final[frozenset[Role]] = frozenset({"clerk", "verifier", "leader", "auditor"})


@dataclass(frozen=True, slots=True)
class User:
    """Somebody whom a token speaks for."""

    id: UUID
    name: str
    role: Role
    office: str

    @property
    def may_write(self) -> bool:
        """Whether the role records."""
        return self.role in WRITING_ROLES

    @property
    def may_read_personal(self) -> bool:
        """Whether the role reads sealed values."""
        return self.role in PERSONAL_ROLES


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
        scheme, _, token = authorization.strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_CHARACTERS_MAX:
            raise NotSignedIn("token-unknown")
        digest = token_digest(token)
        user = self._remembered(digest) or self._look_up(digest)
        if user is None:
            raise NotSignedIn("token-unknown")
        return user

    def writer(self, authorization: str | None) -> User:
        """The user, who must be allowed to record. Raises `NotSignedIn` or `NotAllowed`."""
        user = self.user(authorization)
        if user is None:
            raise NotSignedIn("sign-in-missing")
        if not user.may_write:
            raise NotAllowed("role-may-not-write", role=user.role)
        return user

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
