"""What HTTP headers say about a request: conditions on a version, and repetition.

A record's ETag is its version in quotes; behind a dash may stand the id of another record that
its view leads to, which concerns readers only. `If-Match` makes a command hold only for the version
that the client saw (RFC 9110, 13.1.1); `If-None-Match` saves sending a record again (13.1.2).
`Idempotency-Key` lets a client repeat a request whose answer it did not get.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from api.refusals import BadRequest, Outdated

if TYPE_CHECKING:
    from starlette.requests import Request

KEY_CHARACTERS_MAX: Final = 200
HEADER_CHARACTERS_MAX: Final = 1_000
VERSION_DIGITS_MAX: Final = 18


def format_etag(version: int, link: str | None = None) -> str:
    """The ETag of a record at a version, shown with a link to another one."""
    return f'"{version}"' if link is None else f'"{version}-{link}"'


def parse_if_match(header: str | None) -> int | None:
    """The version that a command expects; None if any will do.

    Raises `BadRequest` for anything but one ETag, and `Outdated` for a weak one, which never
    matches here.
    """
    if header is None or header.strip() == "*":
        return None
    tag = header.strip()
    if tag.startswith("W/"):
        raise Outdated("record-changed", field="If-Match")
    digits = tag[1:-1].partition("-")[0]
    quoted = len(tag) > len('""') and tag[0] == tag[-1] == '"'
    if not quoted or not (digits.isascii() and digits.isdigit()):
        raise BadRequest("if-match-malformed", field="If-Match")
    if len(digits) > VERSION_DIGITS_MAX:
        raise BadRequest("if-match-malformed", field="If-Match")
    return int(digits)


def is_known(header: str | None, etag: str) -> bool:
    """Whether If-None-Match names this ETag, so that nothing need be sent."""
    if header is None or len(header) > HEADER_CHARACTERS_MAX:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or etag in tags


def parse_idempotency_key(header: str | None) -> str | None:
    """The key under which a request may be repeated. Raises `BadRequest`."""
    if header is None:
        return None
    key = header.strip()
    if not 1 <= len(key) <= KEY_CHARACTERS_MAX or not (key.isascii() and key.isprintable()):
        raise BadRequest(
            "idempotency-key-malformed", field="Idempotency-Key", limit=KEY_CHARACTERS_MAX
        )
    return key


def request_digest(request: Request, body: bytes) -> str:
    """A fingerprint of what was asked: method, path, query if there is one, and body."""
    query = f"?{request.url.query}" if request.url.query else ""
    digest = sha256(f"{request.method} {request.url.path}{query}\n".encode())
    digest.update(body)
    return digest.hexdigest()


def wants_no_waiting(header: str | None) -> bool:
    """Whether the client prefers an answer before the registers have followed (RFC 7240)."""
    if header is None:
        return False
    return "respond-async" in {part.strip().lower() for part in header.split(",")}
