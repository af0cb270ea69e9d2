"""Asks witnesses to cosign the log's heads, and keeps what they say (C2SP tlog-witness, client).

Whoever is not reached is asked again about the next head, or a little later about the same one;
nothing waits for it. A witness that sees another history than ours says so by refusing: that is
logged as an error, because either our database was rewritten or its memory is another log's.
"""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Final

import psycopg

from projections.sealed_log import (
    Head,
    add_cosignature,
    consistency_with,
    latest_head,
    list_in_force,
)
from registry.errors import NotReady, RegistryError, VerificationFailed
from registry.proofs.checkpoints import parse_checkpoint, verify_signatures
from registry.proofs.notes import parse_note
from registry.proofs.witnessing import format_request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from psycopg import Cursor

    from registry.marks import Marks
    from registry.proofs.notes import NoteKey

ANSWER_SECONDS_MAX: Final = 10
ANSWER_BYTES_MAX: Final = 65_536
POLL_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 30.0
_GOOD: Final = 200
_CONFLICT: Final = 409

_log = logging.getLogger(__name__)


def ask(cursor: Cursor[Any], head: Head, witnesses: Sequence[NoteKey], address: str) -> list[str]:
    """Let the witness at an address cosign a head; the names of those whose line was kept.

    Raises `VerificationFailed` if it refuses or nothing it says is by a witness of the list, and
    `NotReady` if it is not reached.
    """
    checkpoint, note = parse_checkpoint(head.note)
    status, answer = _post(address, format_request(0, [], head.note))
    if status == _CONFLICT and answer.strip().isdigit():
        old = int(answer)
        if not 0 < old <= head.size:
            raise VerificationFailed("witness-size-stale", size=old)
        proof = consistency_with(cursor, head, old)
        status, answer = _post(address, format_request(old, proof, head.note))
    if status != _GOOD:
        raise VerificationFailed("witness-refused", status=status)
    said = parse_note(note.text + b"\n" + answer)
    verified = verify_signatures(checkpoint, said, witnesses)
    if not verified:
        raise VerificationFailed("witness-unlisted")
    for line in said.signatures:
        if any(line.is_by(key) for key in verified):
            add_cosignature(cursor, head.size, line.name, str(line))
    return sorted(key.name for key in verified)


def follow(conninfo: str, marks: Marks, addresses: Sequence[str], stop: Event) -> None:
    """Ask about every last head until `stop` is set; whatever fails is tried again."""
    asked: dict[str, int] = {}
    pause = POLL_SECONDS
    while not stop.wait(pause):
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                pause = _ask_all(connection.cursor(), marks, addresses, asked)
        except (psycopg.Error, RegistryError) as error:
            _log.warning("witnesses are not asked: %s", error)
            pause = RETRY_SECONDS


def _ask_all(
    cursor: Cursor[Any], marks: Marks, addresses: Sequence[str], asked: dict[str, int]
) -> float:
    """Ask those who have not seen the last head; how long to wait before the next look."""
    try:
        head = latest_head(cursor)
    except NotReady:
        return POLL_SECONDS
    pause = POLL_SECONDS
    for address in addresses:
        if asked.get(address) == head.size:
            continue
        try:
            ask(cursor, head, list_in_force(cursor, marks).witnesses, address)
            asked[address] = head.size
        except VerificationFailed as error:
            _log.error("witness %s refuses: %s", address, error)
            pause = RETRY_SECONDS
        except NotReady as error:
            _log.warning("witness %s is not reached: %s", address, error)
            pause = RETRY_SECONDS
    return pause


def _post(address: str, body: bytes) -> tuple[int, bytes]:
    request = urllib.request.Request(  # noqa: S310 - the operator names the address
        f"{address.rstrip('/')}/add-checkpoint", data=body, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX) as answer:  # noqa: S310
            return answer.status, answer.read(ANSWER_BYTES_MAX)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(ANSWER_BYTES_MAX)
    except (OSError, ValueError) as error:
        raise NotReady("witness-unreachable", address=address) from error
