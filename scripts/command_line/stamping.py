"""`sovang log stamp`: an authority of another house stamps the newest head (RFC 3161).

Where the network may not be reached the request goes by file, and so does the answer:

    sovang log stamp --request FILE              writes the request
    sovang log stamp --request FILE --answer A   takes what the authority said to it
"""

from __future__ import annotations

import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final

from projections.sealed_log import add_stamp, head_with_digest, latest_head
from registry.errors import NotReady, Rejected
from registry.messages import format_time
from registry.proofs.checkpoints import parse_checkpoint
from registry.proofs.stamps import (
    NONCE_BITS,
    STAMP_BYTES_MAX,
    StampRequest,
    digest_of_head,
    parse_request,
    stamp_in,
    verify_stamp,
)
from scripts.command_line.disclosing import write_new
from scripts.command_line.sealing import read_certificates, seal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from psycopg import Cursor

    from scripts.command_line.session import Session

ANSWER_SECONDS_MAX: Final = 30
_QUERY: Final = "application/timestamp-query"


@dataclass(frozen=True, slots=True)
class _Answered:
    """What an authority said to a request about the head of a size."""

    size: int
    asked: StampRequest
    answer: bytes


def run(
    session: Session, request: Path | None, answer: Path | None, certificate: Path | None
) -> None:
    """Ask for a stamp, or take one. Raises `Rejected`, `NotReady` and `VerificationFailed`."""
    with session.database() as database:
        seal(session, database)
        with database.pool("writer").connection() as connection:
            cursor = connection.cursor()
            if answer is None and request is not None:
                _write_request(session, cursor, request)
                return
            roots = read_certificates(certificate or session.settings.tsa_certificate)
            if not roots:
                raise Rejected("tsa-certificate-unnamed", field="--tsa")
            if answer is None:
                _keep(session, cursor, _ask(session, cursor), roots)
            else:
                _keep(session, cursor, _read_answer(cursor, request, answer), roots)


def _newest(cursor: Cursor[Any]) -> tuple[int, StampRequest]:
    head = latest_head(cursor)
    digest = digest_of_head(parse_checkpoint(head.note)[0].text)
    return head.size, StampRequest(digest, secrets.randbits(NONCE_BITS))


def _write_request(session: Session, cursor: Cursor[Any], path: Path) -> None:
    size, asked = _newest(cursor)
    write_new(path, bytes(asked))
    _tell(session, "stamp.requested", size=size, path=str(path))


def _ask(session: Session, cursor: Cursor[Any]) -> _Answered:
    """Ask the authority of the settings about the newest head."""
    url = session.settings.tsa_url
    if url is None:
        raise Rejected("tsa-unnamed", field="SOVANG_TSA_URL")
    size, asked = _newest(cursor)
    return _Answered(size, asked, _send(url, bytes(asked)))


def _read_answer(cursor: Cursor[Any], request: Path | None, answer: Path) -> _Answered:
    """An answer that came by file, to a request that went by file."""
    if request is None:
        raise Rejected("stamp-request-unnamed", field="--request")
    asked = parse_request(_read(request))
    return _Answered(head_with_digest(cursor, asked.digest), asked, _read(answer))


def _keep(
    session: Session, cursor: Cursor[Any], answered: _Answered, roots: Sequence[bytes]
) -> None:
    token = stamp_in(answered.answer)
    at = verify_stamp(token, answered.asked.digest, roots, answered.asked.nonce)
    add_stamp(cursor, answered.size, token)
    told = at.isoformat() if session.as_json else format_time(at, session.language)
    _tell(session, "stamp.kept", size=answered.size, at=told)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()[: STAMP_BYTES_MAX + 1]
    except OSError as error:
        raise Rejected("stamp-file-unreadable", field="FILE", path=str(path)) from error


def _send(url: str, body: bytes) -> bytes:
    """What an authority answers. Raises `NotReady` if it is not reached."""
    query = urllib.request.Request(  # noqa: S310 - the operator names the address
        url, data=body, headers={"Content-Type": _QUERY}, method="POST"
    )
    try:
        with urllib.request.urlopen(query, timeout=ANSWER_SECONDS_MAX) as answer:  # noqa: S310
            content: bytes = answer.read(STAMP_BYTES_MAX + 1)
            return content
    except (OSError, ValueError, HTTPException) as error:
        raise NotReady("tsa-unreachable", address=url) from error


def _tell(session: Session, code: str, **params: str | int) -> None:
    if session.as_json:
        session.answer({"done": code.removeprefix("stamp."), **params})
    else:
        session.say(code, **params)
