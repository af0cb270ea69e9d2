"""The witness as a small server of its own: two routes, no database, nothing of the register.

POST /add-checkpoint        cosign a head
GET  /ORIGIN-HASH/checkpoint   the last head of a log that was cosigned, for whoever watches
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from registry.errors import NotReady
from registry.proofs.witnessing import REQUEST_BYTES_MAX, WitnessRefusal
from registry.witness_book import origin_hash

if TYPE_CHECKING:
    from starlette.requests import Request

    from registry.proofs.witnessing import Witness
    from registry.witness_book import WitnessBook

_SIZE_TYPE = "text/x.tlog.size"
_TEXT_TYPE = "text/plain; charset=utf-8"

_log = logging.getLogger(__name__)


def create_witness(witness: Witness, book: WitnessBook) -> Starlette:
    """The application of a witness (C2SP tlog-witness)."""

    async def add_checkpoint(request: Request) -> Response:
        content = b""
        async for part in request.stream():
            content += part
            if len(content) > REQUEST_BYTES_MAX:
                return PlainTextResponse("", 413)
        try:
            line = await to_thread.run_sync(book.answer, witness, content, int(time.time()))
        except WitnessRefusal as refusal:
            kind = _SIZE_TYPE if refusal.status == 409 else _TEXT_TYPE  # noqa: PLR2004 - HTTP
            # The framework would add a character set, and clients compare the type as it is.
            return Response(refusal.body, refusal.status, {"Content-Type": kind})
        except NotReady as error:
            _log.error("the witness signs nothing: %s", error)
            return PlainTextResponse("", 503)
        return PlainTextResponse(f"{line}\n")

    def checkpoint(request: Request) -> Response:
        origin = origins.get(request.path_params["origin"])
        try:
            note = book.seen(origin).note if origin is not None else b""
        except NotReady as error:
            _log.error("the witness tells nothing: %s", error)
            return PlainTextResponse("", 503)
        return PlainTextResponse(note, 200 if note else 404)

    origins = {origin_hash(origin): origin for origin in witness.logs}
    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin}/checkpoint", checkpoint, methods=["GET"]),
        ]
    )
