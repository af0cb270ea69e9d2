"""The outermost layers around the routes: limits, last resort, headers. Plain ASGI.

Bodies are read whole before a route sees them, so that one without a declared length cannot be
larger than allowed either. Uploads of sheets stream instead, and are counted while they do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from starlette.requests import Request

from api.http.limits import ANONYMOUS_BYTES_MAX, UPLOAD_BYTES_HELD, Budget
from api.imports.routes import UPLOAD_BYTES_MAX
from api.problems import language_for, problem_of, too_large, unexpected
from api.refusals import Busy, TooLarge
from api.whole_body import WHOLE_BODY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX: Final = 2 << 20
AWARD_LIST_BYTES_MAX: Final = 16 << 20
UPLOAD_PATH: Final = "/api/imports"
# Anybody may send a body there: a certificate's payload is a twentieth of this.
CHECKING_PATH: Final = "/api/verify"
CHECKING_BYTES_MAX: Final = 16 << 10

BODY_LIMIT: Final = "sovang.body-limit"
"""Where a layer in front of the bodies may put how many bytes this request's body may have."""

_SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"; ".join(
            (
                b"default-src 'none'",
                b"style-src 'self'",
                b"img-src 'self'",
                b"form-action 'self'",
                b"base-uri 'none'",
                b"frame-ancestors 'none'",
            )
        ),
    ),
)


class LastResort:
    """Turns an error that nobody caught into a problem with an id, and adds safe headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens behind."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = _with_security(message.get("headers", ()))
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            answer = unexpected(error, language_for(Request(scope)))
            if started:
                raise
            await answer(scope, receive, sending)


def _with_security(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers with those for safety; an answer that has one of its own keeps it."""
    given = list(headers)
    own = {name.lower() for name, _ in given}
    return given + [(name, value) for name, value in _SECURITY_HEADERS if name not in own]


class LimitedBodies:
    """Refuses bodies that are larger than their address takes, or than there is room for.

    A body counts from its first byte until its request is answered, so that what all of them hold
    together has a limit too. The copy that joins the pieces of one is made and gone in one step.
    """

    def __init__(self, app: ASGIApp, budget: Budget | None = None) -> None:
        self._app = app
        self._budget = budget or Budget()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit, declared = limit_of_request(scope), _declared_bytes(scope)
        if declared > limit:
            await too_large(limit, language_for(Request(scope)))(scope, receive, send)
            return
        with _Held(self._budget, anonymous=_is_anonymous(scope)) as held:
            if scope["path"] != UPLOAD_PATH:
                await self._pass_whole(scope, receive, send, limit, held)
            elif held.grows(UPLOAD_BYTES_HELD):
                await self._app(scope, _counted(receive, limit), send)
            else:
                await _refuse_for_room(scope, receive, send)

    async def _pass_whole(
        self, scope: Scope, receive: Receive, send: Send, limit: int, held: _Held
    ) -> None:
        pieces, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            more = message.get("more_body", False)
            if size > limit:
                await too_large(limit, language_for(Request(scope)))(scope, receive, send)
                return
            if not held.grows(len(pieces[-1])):
                pieces.clear()
                await _refuse_for_room(scope, receive, send)
                return
        body = scope[WHOLE_BODY] = b"".join(pieces)
        pieces.clear()
        await self._app(scope, _replayed(body, receive), send)


class _Held:
    """What one request holds of a budget; given back at its end."""

    def __init__(self, budget: Budget, *, anonymous: bool) -> None:
        self._budget = budget
        self._anonymous = anonymous
        self._bytes = 0

    def grows(self, count: int) -> bool:
        """Hold more; False if there is no room."""
        if count and not self._budget.take(count, anonymous=self._anonymous):
            return False
        self._bytes += count
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._budget.give_back(self._bytes, anonymous=self._anonymous)


async def _refuse_for_room(scope: Scope, receive: Receive, send: Send) -> None:
    answer = problem_of(Busy("bodies-too-many"), language_for(Request(scope)))
    await answer(scope, receive, send)


def _is_anonymous(scope: Scope) -> bool:
    """Whether a request brings nothing that could say who asks."""
    return not any(name in {b"authorization", b"cookie"} for name, _ in scope["headers"])


def limit_of_request(scope: Scope) -> int:
    """Bytes that the body of this request may have.

    That of its address, less for who says nothing of himself, and never more than a layer in
    front allowed (`BODY_LIMIT`).
    """
    limit: int = min(limit_of(scope["path"]), scope.get(BODY_LIMIT, UPLOAD_BYTES_MAX))
    return min(limit, ANONYMOUS_BYTES_MAX) if _is_anonymous(scope) else limit


def _declared_bytes(scope: Scope) -> int:
    """The length that a request says its body has; 0 where it says none."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


def limit_of(path: str) -> int:
    """Bytes that a body for this address may have."""
    if path == UPLOAD_PATH:
        return UPLOAD_BYTES_MAX
    if path == CHECKING_PATH:
        return CHECKING_BYTES_MAX
    if path.startswith("/api/decisions/") and path.endswith("/awards"):
        return AWARD_LIST_BYTES_MAX
    return BODY_BYTES_MAX


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A body that was read already, then whatever the client does next."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _counted(receive: Receive, limit: int) -> Receive:
    """A body counted while it streams. Raises `TooLarge`."""
    size = 0

    async def counting() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise TooLarge("body-too-large", limit=limit)
        return message

    return counting
