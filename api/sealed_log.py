"""The sealed log as everybody may read it: static, cacheable, copied wherever it is needed.

Heads, tiles and key lists by their C2SP names. Nobody signs in, nothing here tells of a person:
tiles are hashes. A full tile never changes, nor does a partial one at its width.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.service import service_of
from projections import sealed_log
from registry.proofs.tiles import parse_tile

_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_SECONDS: Final = {"Cache-Control": "public, max-age=2"}
_FOR_MINUTES: Final = {"Cache-Control": "public, max-age=300"}
_TEXT: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"
_VERSION_MAX: Final = 2**31 - 1

router = APIRouter(tags=["sealed log"])


@router.get("/log/checkpoint")
def checkpoint(request: Request) -> Response:
    """The last head of the log, signed by the log and by those witnesses who saw it."""
    with service_of(request).reading() as cursor:
        head = sealed_log.latest_head(cursor)
    return _static(head.note, _TEXT, _FOR_SECONDS)


@router.get("/log/tile/entries/{path:path}")
def entries(request: Request, path: str) -> Response:
    """What the leaves of a tile hash: with this the tree can be built again from the server alone.

    Entries hold hashes and names of facts, see `registry.proofs.leaves`.
    """
    leaves = parse_tile("0", path)
    service = service_of(request)
    with service.reading() as cursor:
        content = sealed_log.read_bundle(cursor, service.database.marks, leaves)
    return _static(content, _BYTES, _FOR_EVER)


@router.get("/log/tile/{level}/{path:path}")
def tile(request: Request, level: str, path: str) -> Response:
    """Hashes of the tree, 256 at a time or fewer at its edge (C2SP tlog-tiles)."""
    wanted = parse_tile(level, path)
    with service_of(request).reading() as cursor:
        content = sealed_log.read_tile(cursor, wanted)
    return _static(content, _BYTES, _FOR_EVER)


@router.get("/log/keys")
def key_list(request: Request) -> Response:
    """The key list in force, signed by the roots."""
    service = service_of(request)
    with service.reading() as cursor:
        content = sealed_log.read_key_list(cursor, service.database.marks)
    return _static(content, _TEXT, _FOR_MINUTES)


@router.get("/log/keys/{version}")
def key_list_version(request: Request, version: int) -> Response:
    """An earlier key list: whoever was away for long goes from one to the next."""
    service, wanted = service_of(request), min(max(version, 0), _VERSION_MAX)
    with service.reading() as cursor:
        content = sealed_log.read_key_list(cursor, service.database.marks, wanted)
    return _static(content, _TEXT, _FOR_EVER)


def _static(content: bytes, media_type: str, caching: dict[str, str]) -> Response:
    # Pages of other hosts may check certificates too: what is public here is public to them.
    headers = {**caching, "Access-Control-Allow-Origin": "*"}
    return Response(content, headers=headers, media_type=media_type)
