"""Certificates finished in other processes: the QR code drawn, the page set, the file signed.

That takes some thirty milliseconds of a processor for each, and a decision has twelve hundred. So
a few processes are started for a job and end with it; each has one certificate at a time and
answers with what it made.

No key goes there, and so none is written down on the way. A process says what is to be signed
and is told the signature: the key signs here, whether it is in a file or in a token.

What is true if a process dies: it recorded nothing and wrote nothing. The job ends with an error,
and doing it again finds every signature that was recorded before.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Final

import msgspec

from api.child import environment_of_child
from registry.errors import NotReady, Rejected

if TYPE_CHECKING:
    from registry.proofs.keys import Signer

PROCESSES_BY_ITSELF_MAX: Final = 4
# What is made before its turn waits in memory.
WAITING_MAX: Final = 16


class Begin(msgspec.Struct):
    """What a process is told first: the public half of the key for files, if there is one."""

    kid: bytes = b""
    public: bytes = b""
    certificate: bytes = b""


class Sheet(msgspec.Struct):
    """A certificate to finish: its link, and the document in which the QR code is missing.

    Without a document only the picture of the code is made.
    """

    link: str
    document: dict[str, Any] | None = None
    made_at: datetime | None = None


class Word(msgspec.Struct):
    """What a process says: something to sign, what it made, or why it cannot."""

    to_sign: bytes | None = None
    content: bytes = b""
    failure: str | None = None
    params: dict[str, str | int] = {}


def processes_here() -> int:
    """How many processes a job takes that was not told."""
    return min(os.cpu_count() or 1, PROCESSES_BY_ITSELF_MAX)


class Finishers:
    """Processes that finish certificates; one job at a time."""

    def __init__(self, connections: Sequence[Connection], signer: Signer | None) -> None:
        self._connections = connections
        self._signer = signer

    def finish(self, sheets: Iterable[Sheet]) -> Iterator[bytes]:
        """What becomes of each sheet, in their order; a few are under way at a time.

        Raises `Rejected` as the press does, `NotReady` if a process or a key fails.
        """
        numbered, idle = enumerate(sheets), list(self._connections)
        at_work: dict[Connection, int] = {}
        made: dict[int, bytes] = {}
        wanted, following = 0, next(numbered, None)
        while at_work or following is not None:
            while idle and following is not None and len(made) < WAITING_MAX:
                number, sheet = following
                at_work[_give(idle.pop(), sheet)] = number
                # Prepared while the processes work, so that none waits for it.
                following = next(numbered, None)
            for connection in wait(list(at_work)):
                assert isinstance(connection, Connection)  # noqa: S101 - what it was given
                word = self._hear(connection)
                if word is not None:
                    made[at_work.pop(connection)] = word.content
                    idle.append(connection)
            while wanted in made:
                yield made.pop(wanted)
                wanted += 1

    def _hear(self, connection: Connection) -> Word | None:
        """What a process made; None if it only asked for a signature."""
        try:
            word = _read_word(connection.recv_bytes())
            if word.to_sign is not None and self._signer is not None:
                connection.send_bytes(self._signer.sign(word.to_sign))
                return None
        except (EOFError, OSError) as error:
            raise NotReady("finisher-died") from error
        if word.failure is not None:
            raise Rejected(word.failure, field=None, **word.params)
        return word


@contextmanager
def finishers(processes: int, signing: tuple[Signer, bytes] | None = None) -> Iterator[Finishers]:
    """So many processes, gone afterwards; `signing` is the key for files with its certificate."""
    signer, certificate = signing or (None, b"")
    begin = Begin() if signer is None else Begin(signer.kid, signer.public, certificate)
    started: list[tuple[subprocess.Popen[bytes], Connection]] = []
    try:
        for _ in range(processes):
            started.append(_start())  # noqa: PERF401 - those before are ended if one fails
        for _, connection in started:
            connection.send_bytes(encode(begin))
        yield Finishers([connection for _, connection in started], signer)
    finally:
        for process, connection in started:
            connection.close()
            process.kill()
            process.wait()


def _start() -> tuple[subprocess.Popen[bytes], Connection]:
    ours, theirs = Pipe()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.verification.finishing_child", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            env=environment_of_child(),
            pass_fds=(theirs.fileno(),),
            # Ctrl-C is for us; they end when we let go of them.
            process_group=0,
        )
    return process, ours


def _give(connection: Connection, sheet: Sheet) -> Connection:
    # One that died is noticed when it is heard.
    with suppress(OSError):
        connection.send_bytes(encode(sheet))
    return connection


encode: Final = msgspec.msgpack.Encoder().encode
_read_word: Final = msgspec.msgpack.Decoder(Word).decode
