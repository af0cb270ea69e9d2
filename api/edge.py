"""The outermost layers around the routes: limits, last resort, headers. Plain ASGI.

Bodies are read whole before a route sees them, so that one without a declared length cannot be
larger than allowed either. Uploads of sheets stream instead, and are counted while they do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.requests import Request

from api.imports.routes import UPLOAD_BYTES_MAX
from api.problems import language_for, too_large, unexpected
from api.refusals import TooLarge
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
    """Refuses bodies that are larger than their address takes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = limit_of(scope["path"])
        if _declared_bytes(scope) > limit:
            await too_large(limit, language_for(Request(scope)))(scope, receive, send)
        elif scope["path"] == UPLOAD_PATH:
            await self._app(scope, _counted(receive, limit), send)
        else:
            await self._pass_whole(scope, receive, send, limit)

    async def _pass_whole(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
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
        body = scope[WHOLE_BODY] = b"".join(pieces)
        await self._app(scope, _replayed(body, receive), send)


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
