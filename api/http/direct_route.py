"""A route whose function runs with everything it takes in one step of another thread.

FastAPI goes to a thread for each plain dependency and once more for the function, makes Python
objects of the body before it makes a shape of them, and enters three stacks on the way. Here the
function's parameters are looked at once, when the route is made; a request then costs one thread.
Who asks is judged in that thread too, where the layer in front left it to the route
(`api.http.rights`).

What may be taken: `Reads` or `Writes`, the request, parts of the path as text, and a `body`. A
function that takes anything else is left to FastAPI. OpenAPI is FastAPI's in both cases.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args, get_type_hints

from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.http.rights import JUDGE, USER
from api.service import Reads, Writes, asking_of, writing_of
from api.whole_body import WHOLE_BODY, parse_body

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

Take: TypeAlias = Callable[[Request, bytes], Any]

_TAKEN: Final[dict[Any, Take]] = {
    get_args(Reads)[1].dependency: lambda request, _body: asking_of(request),
    get_args(Writes)[1].dependency: writing_of,
}


class DirectRoute(APIRoute):
    """A route that FastAPI describes, and answers only where it must."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        takes = _takes_of(endpoint, set(self.param_convertors))
        self.is_direct = takes is not None
        """Whether it answers itself, and so judges who asks."""
        if takes is not None:
            self.app = _direct(endpoint, takes)


def direct_addresses(routes: Iterable[BaseRoute]) -> frozenset[tuple[str, str]]:
    """Method and path of those that answer themselves."""
    return frozenset(
        (method, one.path)
        for one in routes
        if isinstance(one, DirectRoute) and one.is_direct
        for method in one.methods or ()
    )


def _direct(
    endpoint: Callable[..., Response], takes: dict[str, Take]
) -> Callable[[Scope, Receive, Send], Any]:
    def answer(request: Request, body: bytes) -> Response:
        judge = request.scope.pop(JUDGE, None)
        if judge is not None:
            request.scope[USER] = judge()
        return endpoint(**{name: take(request, body) for name, take in takes.items()})

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        body = scope.get(WHOLE_BODY)
        if body is None:
            body = scope[WHOLE_BODY] = await request.body()
        response = await run_in_threadpool(answer, request, body)
        await response(scope, receive, send)

    return application


def _takes_of(endpoint: Callable[..., Any], names: set[str]) -> dict[str, Take] | None:
    """How each parameter is found; None if one of them is not known here."""
    hints = get_type_hints(endpoint, include_extras=True)
    if inspect.iscoroutinefunction(endpoint) or hints.pop("return", None) is not Response:
        return None
    takes = {name: _take_of(name, hint, names) for name, hint in hints.items()}
    known = {name: take for name, take in takes.items() if take is not None}
    if set(known) != set(inspect.signature(endpoint).parameters):
        return None
    # Who may not ask is told so, whatever is wrong with the body.
    return dict(sorted(known.items(), key=lambda one: one[0] == "body"))


def _take_of(name: str, hint: Any, names: set[str]) -> Take | None:
    if hint is Request:
        return lambda request, _body: request
    if name in names:
        return (lambda request, _body: request.path_params[name]) if hint is str else None
    if name == "body":
        shape: TypeAdapter[Any] = TypeAdapter(hint)
        return lambda request, _body: parse_body(request, shape)
    marks = [one for one in get_args(hint)[1:] if hasattr(one, "dependency")]
    return _TAKEN.get(marks[0].dependency) if len(marks) == 1 else None
