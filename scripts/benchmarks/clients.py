"""Clients that cost little: raw sockets in one process of their own, one request on each at a time.

Started as a program, it reads what to ask on standard input (JSON) and prints what it found:
answers a second. What a client spends, the server on the same cores does not get.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_RECEIVED_BYTES: Final = 65_536
_ANSWER_SECONDS_MAX: Final = 60.0


@dataclass(frozen=True, slots=True)
class Asking:
    """How many clients ask, for how long, how often at most, and with what."""

    port: int
    token: str
    clients: int
    seconds: float
    requests_max: int
    headers: tuple[tuple[str, str], ...] = ()
    series: str = ""


def answers_a_second(asking: Asking) -> float:
    """Let a process of its own ask. Raises `RuntimeError` for an answer that is not 201."""
    ended = subprocess.run(
        [sys.executable, "-m", "scripts.benchmarks.clients"],
        input=json.dumps(asdict(asking)),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    return float(ended.stdout)


class _Client:
    """One kept connection, which asks for the next when it has the answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def is_answered(self) -> bool:
        """Take what has come; whether the answer is whole. Raises `RuntimeError`."""
        received = self.socket.recv(_RECEIVED_BYTES)
        self._received += received
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not received or (found and not head.startswith(b"HTTP/1.1 201")):
            raise RuntimeError(self._received.decode())
        if not found:
            return False
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return False
        self._received = b""
        return True


def ask(asking: Asking) -> float:
    """Ask on every connection until the time or the requests are over; answers a second."""
    requests = _requests(asking)
    waiting, answered = selectors.DefaultSelector(), 0
    for _ in range(asking.clients):
        client = _Client(asking.port)
        waiting.register(client.socket, selectors.EVENT_READ, client)
    began = time.perf_counter()
    for key in list(waiting.get_map().values()):
        key.data.socket.sendall(next(requests))
    until = began + asking.seconds
    while waiting.get_map():
        ready = waiting.select(_ANSWER_SECONDS_MAX)
        if not ready:
            raise RuntimeError("no answer")
        for key, _ in ready:
            if key.data.is_answered():
                answered += 1
                request = next(requests, None) if time.perf_counter() < until else None
                if request is None:
                    waiting.unregister(key.data.socket)
                    key.data.socket.close()
                else:
                    key.data.socket.sendall(request)
    return answered / (time.perf_counter() - began)


def _requests(asking: Asking) -> Iterator[bytes]:
    """Decisions that nobody has recorded yet; as many as there are clients, at least."""
    more = "".join(f"{name}: {value}\r\n" for name, value in asking.headers)
    for number in range(1, max(asking.requests_max, asking.clients) + 1):
        decision = {
            "number": f"{number}/QĐ-{asking.series}",
            "issuer": "Chủ tịch Ủy ban nhân dân tỉnh Lào Cai",
            "decided_on": "2024-05-09",
            "signatory": "Trần Văn Thử",
            "summary": "Tặng Bằng khen cho cá nhân có thành tích trong công tác",
        }
        body = json.dumps(decision, ensure_ascii=False).encode()
        head = (
            "POST /api/decisions HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {asking.token}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    print(ask(Asking(**{**wanted, "headers": tuple(map(tuple, wanted["headers"]))})))
