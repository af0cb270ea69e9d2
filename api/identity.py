"""Who asks: a bearer token becomes a user with a role and an office (RFC 6750).

Tokens are looked up where they are claimed, in the log itself, not in a register that may lag.
What was read of a user is kept with the version of the user's record, and every request asks
the log for that version, one look at an index: a token that any process revoked a moment ago
opens nothing here either.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from api.refusals import NotSignedIn
from registry.fact import Claim
from registry.user import Active, Role, Token, token_digest, token_id

if TYPE_CHECKING:
    from uuid import UUID

    from registry.register import Registry

TOKEN_CHARACTERS_MAX: Final = 200
TOKENS_CACHED_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class User:
    """Somebody whom a token speaks for; what he may do is in `registry.rights`."""

    id: UUID
    name: str
    role: Role
    office: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What a token opened when the user's record was at a version; None: it was revoked."""

    user: User | None
    token: Token | None
    stream_id: UUID
    version: int


class TokenBook:
    """Users by token, remembered as long as their records stay as they are."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lock = Lock()
        self._known: dict[str, _Known] = {}

    def user(self, authorization: str | None) -> User | None:
        """The user of an Authorization header; None without one.

        Raises `NotSignedIn` for a token that is not good.
        """
        if authorization is None:
            return None
        return self._user_of(_digest_of(authorization))

    def remembered(self, authorization: str | None) -> User | None:
        """Whom this process last knew behind a token, without asking: he may be nobody by now."""
        try:
            known = self._known.get(_digest_of(authorization or ""))
        except NotSignedIn:
            return None
        return None if known is None else known.user

    def _user_of(self, digest: str) -> User:
        with self._lock:
            known = self._known.get(digest)
        if known is None or self._registry.log.version_of(known.stream_id) != known.version:
            known = self._look_up(digest)
        if known is None:
            raise NotSignedIn("token-unknown")
        if known.user is None or known.token is None:
            raise NotSignedIn("token-revoked", token=token_id(digest))
        if known.token.is_over(self._registry.clock()):
            raise NotSignedIn("token-over", token=token_id(digest))
        return known.user

    def _look_up(self, digest: str) -> _Known | None:
        """Read whose token it is; tokens of nobody are not kept, so that none can be tried out."""
        holder = self._registry.holder(Claim("user", f"token {digest}"))
        if holder is None:
            return None
        loaded = self._registry.load("user", holder)
        state = loaded.state
        token = state.token(digest) if isinstance(state, Active) else None
        user = (
            User(holder, state.added.name, state.added.role, state.added.office)
            if isinstance(state, Active) and token is not None
            else None
        )
        known = _Known(user, token, holder, loaded.version)
        with self._lock:
            if len(self._known) >= TOKENS_CACHED_MAX:
                self._known.clear()
            self._known[digest] = known
        return known


def _digest_of(authorization: str) -> str:
    """The digest of the token in a header. Raises `NotSignedIn`."""
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > TOKEN_CHARACTERS_MAX:
        raise NotSignedIn("token-unknown")
    return token_digest(token)
