"""Connections that are limited in number and time, each read strictly, one request after the other.

Between a socket and uvicorn's protocol stands `Framing`: the parser (llhttp, by way of httptools)
sees a piece only when it has the one form that we read. What both read is what counts; what either
refuses is refused. The next head is not looked at before the answer to the one before has left.

One sweep a second looks at every connection, so that a request costs no timer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from math import inf
from typing import TYPE_CHECKING, Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.http.framing import BadFraming, Framing
from api.http.limits import Limits
from api.problems import problem_of
from api.refusals import Busy, TooSlow
from api.verification.buckets import network_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from registry.errors import RegistryError
    from registry.settings import Language

RECEIVED_BYTES_MAX: Final = 65_536
"""Bytes that wait behind a request before a connection is read no more."""


class Connections:
    """The connections of one server, counted, and swept for those that take too long."""

    def __init__(
        self,
        limits: Limits | None = None,
        language: Language = "vi",
        trusted: Sequence[IPv4Network | IPv6Network] = (),
    ) -> None:
        """`trusted` are networks of proxies, each of which speaks for many clients."""
        self.limits = limits or Limits()
        self.language: Language = language
        self._trusted = trusted
        self._open: set[GuardedProtocol] = set()
        self._networks: Counter[str] = Counter()
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    @property
    def protocol(self) -> Callable[..., asyncio.Protocol]:
        """What makes the protocol of each connection, as uvicorn's `http` wants it."""
        return partial(GuardedProtocol, guard=self)

    def admit(self, one: GuardedProtocol) -> bool:
        """Count a connection; False if it is one too many."""
        limits, network = self.limits, one.network
        here = self._networks[network] if network is not None else 0
        self._open.add(one)
        if network is not None:
            self._networks[network] += 1
        if self._sweep is None:
            self._sweep = one.loop.call_later(limits.sweep_seconds, self._look, one.loop)
        return len(self._open) <= limits.connections_max and (
            here < limits.connections_per_network_max
        )

    def network_of(self, client: tuple[str, int] | None) -> str | None:
        """The network that a client counts for; None for this machine and for proxies."""
        if client is None:
            return None
        address = ip_address(client[0])
        if address.is_loopback or any(address in one for one in self._trusted):
            return None
        return network_of(client[0])

    def forget(self, one: GuardedProtocol) -> None:
        """Count a connection no more."""
        if one in self._open:
            self._open.discard(one)
            if one.network is not None:
                self._networks[one.network] -= 1
                self._networks += Counter()  # drops those that are at zero

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what takes too long; look again while anything is open."""
        self._sweep = None
        for one in list(self._open):
            one.check(loop.time())
        if self._open:
            self._sweep = loop.call_later(self.limits.sweep_seconds, self._look, loop)


class GuardedProtocol(HttpToolsProtocol):
    """One connection: uvicorn's protocol behind `Framing` and the limits of `Connections`."""

    def __init__(self, *arguments: Any, guard: Connections, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.network: str | None = None
        self._guard = guard
        self._framing = Framing()
        self._received = bytearray()
        self._is_answering = False
        self._is_over = False
        self._until = inf
        self._unsent = (0, inf)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, or refuse one connection too many."""
        super().connection_made(transport)
        self.network = self._guard.network_of(self.client)
        self._until = self.loop.time() + self._guard.limits.head_seconds
        if not self._guard.admit(self):
            self._refuse(Busy("connections-too-many"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        self._guard.forget(self)
        self._received.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self._is_over:
            return
        if not self._received and self._framing.is_between and not self._is_answering:
            self._until = self.loop.time() + self._guard.limits.head_seconds
        self._received += data
        self._read_on()

    def on_response_complete(self) -> None:
        """Look at the next request, or end the connection if this one was answered unread."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            self._end(self._guard.limits.answer_seconds)
            return
        self._is_answering = False
        if not self._framing.is_between:
            self._linger()
            return
        self.flow.resume_reading()
        limits = self._guard.limits
        waits = limits.head_seconds if self._received else limits.idle_seconds
        self._until = self.loop.time() + waits
        self.loop.call_soon(self._read_on)

    def check(self, now: float) -> None:
        """End the connection if it takes too long."""
        if self.transport.is_closing() or self._is_over:
            if now > self._until:
                self.transport.abort()
        elif self.flow.write_paused:
            self._check_taken(now)
        elif self.flow.read_paused:
            # What we do not read is not late.
            self._until = max(self._until, now + self._guard.limits.body_seconds)
        elif now <= self._until:
            return
        elif self._framing.is_in_body:
            self._refuse(TooSlow("body-too-slow"))
        elif self._received:
            self._refuse(TooSlow("head-too-slow"))
        else:
            self._end(self._guard.limits.linger_seconds)
            self.transport.close()

    def _read_on(self) -> None:
        """Show the parser whatever is whole, up to the end of one request."""
        try:
            while not self._is_answering or self._framing.is_in_body:
                if self._is_over or self.transport.is_closing():
                    return
                begins = self._framing.is_between
                piece = self._framing.take(self._received)
                if piece is None:
                    return
                self._is_answering = True
                self._until = self._until_behind(piece, begins=begins)
                self.parser.feed_data(piece)
        except BadFraming as error:
            self._refuse(error)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(BadFraming("head-malformed"))
        else:
            if len(self._received) > RECEIVED_BYTES_MAX:
                self.flow.pause_reading()

    def _until_behind(self, piece: bytes, *, begins: bool) -> float:
        """Until when the rest of a request must be there, behind a piece of it."""
        limits = self._guard.limits
        if self._framing.is_between:
            return inf
        if begins:
            return self.loop.time() + limits.body_seconds
        return self._until + len(piece) / limits.body_bytes_per_second

    def _check_taken(self, now: float) -> None:
        """End a client that has taken nothing of its answer for too long."""
        left, since = self._unsent
        size = self.transport.get_write_buffer_size()
        if size != left or since == inf:
            self._unsent = (size, now)
        elif now > since + self._guard.limits.answer_seconds:
            self.transport.abort()

    def _refuse(self, error: RegistryError) -> None:
        """Say why the connection ends, unless an answer has begun; then end it."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            if cycle.response_started:
                self.transport.abort()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(_answer(error, self._guard.language))
        self._linger()

    def _linger(self) -> None:
        """Send no more, but read on for a moment: what is unread would destroy the answer."""
        self._end(self._guard.limits.linger_seconds)
        self.flow.resume_reading()
        with suppress(OSError):  # who hung up already needs no end
            self.transport.write_eof()

    def _end(self, seconds: float) -> None:
        self._is_over = True
        self._received.clear()
        self._until = self.loop.time() + seconds


def _answer(error: RegistryError, language: Language) -> bytes:
    """A whole answer, for which no application is asked."""
    answer = problem_of(error, language)
    lines = [f"HTTP/1.1 {answer.status_code} Refused\r\n".encode()]
    lines += [b"%b: %b\r\n" % field for field in answer.raw_headers]
    lines += [b"x-content-type-options: nosniff\r\nconnection: close\r\n\r\n", bytes(answer.body)]
    return b"".join(lines)
