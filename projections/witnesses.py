"""Asks witnesses to cosign the log's heads, and keeps what they say (C2SP tlog-witness, client).

Whoever is not reached is asked again about the next head, or a little later about the same one;
nothing waits for it. A witness that sees another history than ours says so by refusing: that is
logged as an error, because either our database was rewritten or its memory is another log's.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import psycopg

from projections.background import Task
from projections.sealed_log import (
    Head,
    add_cosignature,
    consistency_with,
    latest_head,
    list_in_force,
)
from registry.errors import NotReady, VerificationFailed
from registry.proofs.checkpoints import parse_checkpoint, verify_signatures
from registry.proofs.notes import parse_note
from registry.proofs.witnessing import format_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

    from psycopg import Cursor

    from registry.marks import Marks
    from registry.proofs.notes import NoteKey

ANSWER_SECONDS_MAX: Final = 10
ANSWER_BYTES_MAX: Final = 65_536
POLL_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 30.0
SIZE_DIGITS_MAX: Final = 19
_GOOD: Final = 200
_CONFLICT: Final = 409


def ask(cursor: Cursor[Any], head: Head, witnesses: Sequence[NoteKey], address: str) -> list[str]:
    """Let the witness at an address cosign a head; the names of those whose line was kept.

    Raises `VerificationFailed` if it refuses or nothing it says is by a witness of the list, and
    `NotReady` if it is not reached.
    """
    checkpoint, note = parse_checkpoint(head.note)
    status, answer = _post(address, format_request(0, [], head.note))
    if status == _CONFLICT:
        old = _size_in(answer)
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


def follow(
    conninfo: str,
    marks: Marks,
    addresses: Sequence[str],
    stop: Event,
    tasks: Mapping[str, Task] | None = None,
) -> None:
    """Ask about every last head until `stop` is set; whatever fails is tried again.

    Each witness is a task of its own: one that answers nonsense does not hold up the others.
    """
    known = tasks or witness_tasks(addresses)
    asked: dict[str, int] = {}
    due = dict.fromkeys(addresses, 0.0)
    while not stop.wait(POLL_SECONDS):
        for address in addresses:
            if stop.is_set() or time.monotonic() < due[address]:
                continue
            try:
                with psycopg.connect(conninfo, autocommit=True) as connection:
                    _ask_one(connection.cursor(), marks, address, asked)
                known[address].went_well()
            except Exception as error:  # noqa: BLE001 - told, counted and tried again
                due[address] = time.monotonic() + known[address].failed(error, RETRY_SECONDS)


def witness_tasks(addresses: Sequence[str]) -> dict[str, Task]:
    """A task for each witness."""
    return {address: Task(f"witness {address}") for address in addresses}


def _ask_one(cursor: Cursor[Any], marks: Marks, address: str, asked: dict[str, int]) -> None:
    """Ask a witness that has not seen the last head; there may be none yet."""
    try:
        head = latest_head(cursor)
    except NotReady:
        # Nothing to say yet; that also means that nothing was asked.
        return
    if asked.get(address) != head.size:
        ask(cursor, head, list_in_force(cursor, marks).witnesses, address)
        asked[address] = head.size


def _size_in(answer: bytes) -> int:
    """The size that a witness says it knows. Raises `VerificationFailed` where it says none."""
    digits = answer.strip()
    # Python refuses to read thousands of digits, and no log is as large as twenty say.
    if not digits.isdigit() or len(digits) > SIZE_DIGITS_MAX:
        raise VerificationFailed("witness-answer-malformed")
    return int(digits)


def _post(address: str, body: bytes) -> tuple[int, bytes]:
    """Send a request; what is answered, all of it within `ANSWER_SECONDS_MAX`."""
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        with closing(kind(parts.netloc, timeout=ANSWER_SECONDS_MAX)) as connection:
            connection.connect()
            with _hung_up_after(connection.sock, ANSWER_SECONDS_MAX):
                connection.request("POST", f"{parts.path.rstrip('/')}/add-checkpoint", body)
                answer = connection.getresponse()
                return answer.status, answer.read(ANSWER_BYTES_MAX)
    except (OSError, ValueError, HTTPException) as error:
        # Also one that speaks no HTTP, or stops in the middle of a line.
        raise NotReady("witness-unreachable", address=address) from error


@contextmanager
def _hung_up_after(connected: socket.socket, seconds: float) -> Iterator[None]:
    """Hang up when the time is over: one who sends a byte now and then keeps nobody waiting."""

    def hang_up() -> None:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    over = Timer(seconds, hang_up)
    over.daemon = True
    over.start()
    try:
        yield
    finally:
        over.cancel()
