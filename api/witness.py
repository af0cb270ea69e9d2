"""The witness as a small server of its own: one route, no database, nothing of the register."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from registry.proofs.witnessing import REQUEST_BYTES_MAX, WitnessRefusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from registry.proofs.witnessing import Witness
    from registry.witness_book import WitnessBook

_SIZE_TYPE = "text/x.tlog.size"


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
            kind = _SIZE_TYPE if refusal.status == 409 else "text/plain"  # noqa: PLR2004 - HTTP
            return Response(refusal.body, refusal.status, media_type=kind)
        return PlainTextResponse(f"{line}\n")

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])
