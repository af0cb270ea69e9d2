"""The routes of the page that checks a certificate on the device, and of what belongs to it."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.service import service_of
from api.verification.page import MANIFEST, make_page, worker

router = APIRouter(include_in_schema=False)

_ASK_AGAIN = {"Cache-Control": "no-cache"}


@router.get("/v")
def check_page(request: Request) -> Response:
    """The page itself, under a policy that lets nothing else run."""
    service = service_of(request)
    page = make_page(service.trust, service.public_url, service.language)
    headers = {**_ASK_AGAIN, "ETag": page.tag, "Content-Security-Policy": page.policy}
    if request.headers.get("If-None-Match") == page.tag:
        return Response(status_code=304, headers=headers)
    return Response(page.content, 200, headers, media_type="text/html")


@router.get("/v.worker.js")
def page_worker() -> Response:
    """The service worker, which may keep nothing but that page."""
    # A worker obeys the policy of its own file: what it keeps, it must be allowed to fetch.
    headers = {**_ASK_AGAIN, "Content-Security-Policy": "default-src 'none'; connect-src 'self'"}
    return Response(worker(), 200, headers, media_type="text/javascript")


@router.get("/v.webmanifest")
def page_manifest() -> Response:
    """What makes the page installable."""
    content = msgspec.json.encode(MANIFEST)
    return Response(content, 200, _ASK_AGAIN, media_type="application/manifest+json")
