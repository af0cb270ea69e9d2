"""A line in the log for every request: when, what, who, how it ended and how long it took.

    {"event": "request", "id", "method", "route", "status", "milliseconds", "actor", "code", ...}

`route` is the template, never the address: addresses hold names that people look for. There is
no query, no token and no address of a network. `actor` is the user who signed in; `code` the
reason of a refusal. The answer carries the id as `X-Request-Id`, so that a clerk can name it.
"""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_BYTES: Final = 6
_SERVER_ERROR: Final = 500
_BROKEN_OFF: Final = 499

_log = structlog.get_logger(__name__)


def note_actor(scope: Scope, name: str) -> None:
    """Say for the log who asks."""
    scope.setdefault("state", {})["actor"] = name


def note_code(request: Request, code: str) -> None:
    """Say for the log why the request is refused."""
    request.state.code = code


class LoggedRequests:
    """Writes the line when a request is over; the outermost layer, so that nothing is missed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = os.urandom(REQUEST_ID_BYTES).hex()
        begun, status = perf_counter(), _BROKEN_OFF

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = (b"x-request-id", request_id.encode())
                message["headers"] = [*message.get("headers", ()), own]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            status = _SERVER_ERROR
            raise
        finally:
            _write(scope, request_id, status, perf_counter() - begun)


def _write(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "unknown")
    state = scope.get("state", {})
    write = _log.error if status >= _SERVER_ERROR else _log.info
    write(
        "request",
        id=request_id,
        # A method is whatever a client writes.
        method=scope["method"] if route != "unknown" else "any",
        route=route,
        status=status,
        milliseconds=round(seconds * 1_000, 1),
        actor=state.get("actor"),
        code=state.get("code"),
    )
