"""How an answer leaves: JSON with its version, a record that is known already, a page of rows."""

from __future__ import annotations

from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from api.conditional import format_etag, is_known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

JSON_TYPE: Final = "application/json"
PDF_TYPE: Final = "application/pdf"
_FILE_NAME_LETTERS: Final = frozenset(ascii_letters + digits + "-.")
# What is said depends on who asks and in which language; no cache may mix them up.
_VARY: Final = {"Vary": "Accept-Language, Authorization", "Cache-Control": "private, no-cache"}


def json_answer(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with a JSON body."""
    content = msgspec.json.encode(body)
    return Response(content, status, {**_VARY, **(headers or {})}, media_type=JSON_TYPE)


def pdf_answer(content: bytes, name: str) -> Response:
    """An answer with a PDF file, which a browser shows under this name.

    Serials and numbers of old papers hold whatever somebody wrote; a header takes less.
    """
    plain = "".join(one if one in _FILE_NAME_LETTERS else "-" for one in name)
    headers = {**_VARY, "Content-Disposition": f'inline; filename="{plain}.pdf"'}
    return Response(content, headers=headers, media_type=PDF_TYPE)


def record_answer(
    request: Request, view: object, version: int, *, is_now: bool, link: str | None = None
) -> Response:
    """A record with its ETag; nothing but that if the client has this version.

    `link` is the id of another record that the view came to show without a new version. A
    record as of another time has no ETag: it may change while its version stays.
    """
    if not is_now:
        return json_answer(view)
    headers = {"ETag": format_etag(version, link)}
    if is_known(request.headers.get("If-None-Match"), headers["ETag"]):
        return Response(status_code=304, headers={**_VARY, **headers})
    return json_answer(view, headers=headers)


def page_answer(
    request: Request,
    name: str,
    rows: list[Any],
    next_token: str | None,
    more: Mapping[str, object] | None = None,
) -> Response:
    """A page of a list: its rows under a name, and where the next page is (RFC 8288)."""
    headers = {}
    if next_token is not None:
        address = request.url.include_query_params(cursor=next_token)
        headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
    body = {name: rows, "next": next_token, **(more or {})}
    return json_answer(body, headers=headers)
