"""A server that strangers hold on to: late, many, large or unclear, it goes on answering others."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.edge import BODY_LIMIT, LastResort, LimitedBodies, limit_of_request
from api.http.connections import Connections
from api.http.limits import ANONYMOUS_BYTES_MAX, Budget, Limits
from tests.test_http_framing import GET, HOST, POST, REFUSED
from tests.web_server import WebServer, listen, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

# Short, so that tests wait little; nothing here is right only because it is quick.
LIMITS = Limits(
    head_seconds=0.3,
    body_seconds=0.3,
    body_bytes_per_second=1 << 20,
    idle_seconds=0.3,
    answer_seconds=0.3,
    linger_seconds=0.3,
    sweep_seconds=0.05,
)
PATIENT = Limits()
WAIT_SECONDS_MAX = 60.0


async def echo(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {len(await request.body())}")


async def long_answer(_request: Request) -> Response:
    return PlainTextResponse("x" * (64 << 20))


@contextmanager
def running(
    limits: Limits = PATIENT, budget: Budget | None = None
) -> Iterator[tuple[WebServer, int]]:
    """A server behind our own edge, and its port."""
    inner = Starlette(
        routes=[
            Route("/long", long_answer),
            Route("/{path:path}", echo, methods=["GET", "POST"]),
        ]
    )
    listening, _ = listen()
    port = listening.getsockname()[1]
    with serving(LastResort(LimitedBodies(inner, budget)), listening, limits) as server:
        yield server, port


class Caller:
    """A connection that says what it likes, and reads until it is left."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS_MAX)

    def say(self, content: bytes) -> None:
        with suppress(ConnectionError):
            self.socket.sendall(content)

    def hear_all(self) -> bytes:
        """Everything until the server ends the connection. Raises `TimeoutError`."""
        heard = b""
        with suppress(ConnectionError):
            while more := self.socket.recv(65_536):
                heard += more
        return heard

    def close(self) -> None:
        self.socket.close()


@contextmanager
def calling(port: int) -> Iterator[Caller]:
    caller = Caller(port)
    try:
        yield caller
    finally:
        caller.close()


def refusal(heard: bytes) -> tuple[int, str]:
    """Status and code of the one answer that was heard."""
    head, _, body = heard.partition(b"\r\n\r\n")
    told = json.loads(body)
    assert b"application/problem+json" in head
    assert b"connection: close" in head
    assert told["detail"] != told["code"]
    return int(head.split()[1]), told["code"]


def assert_answers(port: int) -> None:
    answer = httpx2.get(f"http://127.0.0.1:{port}/", timeout=WAIT_SECONDS_MAX)
    assert (answer.status_code, answer.text) == (200, "GET 0")


def wait_until_left(server: WebServer) -> None:
    until = time.monotonic() + WAIT_SECONDS_MAX
    while len(server.connections) and time.monotonic() < until:
        time.sleep(0.02)
    assert len(server.connections) == 0


# Heads --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running() as (_, port):
        yield port


@pytest.mark.parametrize("name", REFUSED)
def test_an_unclear_request_is_refused_and_others_are_answered(port: int, name: str) -> None:
    content, code = REFUSED[name]
    with calling(port) as caller:
        caller.say(content)
        status, found = refusal(caller.hear_all())
    assert found == code
    assert status == (431 if code in {"head-too-large", "fields-too-many"} else 400)
    assert_answers(port)


def test_nothing_behind_an_unclear_request_is_carried_out(port: int) -> None:
    bad, _ = REFUSED["length and chunks"]
    with calling(port) as caller:
        caller.say(bad + GET + HOST + b"\r\n")
        heard = caller.hear_all()
    assert heard.count(b"HTTP/1.1 ") == 1


def test_requests_behind_each_other_are_answered_in_their_order(port: int) -> None:
    with calling(port) as caller:
        caller.say(POST + b"Content-Length: 2\r\n\r\n{}" + GET + HOST + b"\r\n")
        caller.say(GET + HOST + b"Connection: close\r\n\r\n")
        heard = caller.hear_all()
    assert [line for line in heard.split(b"\r\n") if line[:4] in {b"POST", b"GET "}]
    assert heard.index(b"POST 2") < heard.index(b"GET 0")
    assert heard.count(b"GET 0") == 2


def test_a_body_in_chunks_is_read(port: int) -> None:
    def parts() -> Iterator[bytes]:
        yield b"[" + b"1," * 4_000
        yield b"1]"

    answer = httpx2.post(f"http://127.0.0.1:{port}/", content=parts())
    assert answer.text == "POST 8003"


def test_a_client_that_asks_first_is_told_to_go_on(port: int) -> None:
    with calling(port) as caller:
        caller.say(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert caller.socket.recv(1_000).startswith(b"HTTP/1.1 100 ")
        caller.say(b"{}")
        heard = b""
        while b"POST 2" not in heard:
            piece = caller.socket.recv(1_000)
            assert piece, heard
            heard += piece


# Time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"", None),
        (b"GE", (408, "head-too-slow")),
        (GET + HOST, (408, "head-too-slow")),
        (POST + b"Content-Length: 10\r\n\r\n", (408, "body-too-slow")),
        (POST + b"Content-Length: 10\r\n\r\n12345", (408, "body-too-slow")),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n123", (408, "body-too-slow")),
    ],
)
def test_half_a_request_is_not_waited_for(said: bytes, answer: tuple[int, str] | None) -> None:
    with running(LIMITS) as (server, port):
        with calling(port) as caller:
            caller.say(said)
            heard = caller.hear_all()
        assert (refusal(heard) if heard else None) == answer
        wait_until_left(server)
        assert_answers(port)


def test_two_hundred_half_open_connections_are_all_closed() -> None:
    with running(LIMITS) as (server, port), ExitStack() as stack:
        callers = [stack.enter_context(calling(port)) for _ in range(200)]
        for number, caller in enumerate(callers):
            caller.say((b"", b"GET /", POST + b"Content-Length: 9\r\n\r\n1")[number % 3])
        for caller in callers:
            caller.hear_all()
        wait_until_left(server)
        assert_answers(port)


def test_one_byte_now_and_then_is_too_slow_as_well() -> None:
    with running(LIMITS) as (_, port), calling(port) as caller:
        caller.say(POST + b"Content-Length: 16000\r\n\r\n")
        caller.socket.settimeout(0.02)
        heard, until = b"", time.monotonic() + WAIT_SECONDS_MAX
        while not heard and time.monotonic() < until:
            caller.say(b"x")
            with suppress(TimeoutError):
                heard = caller.socket.recv(10_000)
    assert refusal(heard) == (408, "body-too-slow")


def test_a_connection_that_has_its_answer_is_closed_after_a_while() -> None:
    with running(LIMITS) as (server, port), calling(port) as caller:
        caller.say(GET + HOST + b"\r\n")
        assert caller.hear_all().endswith(b"GET 0")
        wait_until_left(server)


def test_who_takes_nothing_of_an_answer_is_left() -> None:
    with running(LIMITS) as (server, port), calling(port) as caller:
        caller.say(b"GET /long HTTP/1.1\r\n" + HOST + b"\r\n")
        wait_until_left(server)
        assert_answers(port)


def test_a_stop_does_not_wait_for_who_never_ends() -> None:
    with running() as (server, port), ExitStack() as stack:
        for said in (b"", b"GET", POST + b"Content-Length: 9\r\n\r\n1"):
            stack.enter_context(calling(port)).say(said)
        server.stop()


# Number -------------------------------------------------------------------------------------


def test_one_connection_too_many_is_told_so() -> None:
    with running(replace(PATIENT, connections_max=3)) as (server, port), ExitStack() as stack:
        callers = [stack.enter_context(calling(port)) for _ in range(3)]
        until = time.monotonic() + WAIT_SECONDS_MAX
        while len(server.connections) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        with calling(port) as caller:
            heard = caller.hear_all()
        assert refusal(heard) == (503, "connections-too-many")
        assert b"retry-after: " in heard.lower()
        for one in callers:
            one.close()
        wait_until_left(server)
        assert_answers(port)


class FakeTransport(asyncio.Transport):
    """A connection from somewhere, as far as a protocol looks at it."""

    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 4711), "sockname": ("192.0.2.1", 8000)})
        self.written = b""

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def write_eof(self) -> None:
        """Nothing was open."""

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing was open."""


async def admitted(connections: Connections, addresses: list[str]) -> list[bool]:
    """Whether a connection from each address may stay, one after the other."""
    import uvicorn  # noqa: PLC0415 - only here
    from uvicorn.server import ServerState  # noqa: PLC0415

    config = uvicorn.Config(Starlette(), log_config=None)
    found = []
    for address in addresses:
        protocol = connections.protocol(config=config, server_state=ServerState(), app_state={})
        transport = FakeTransport(address)
        protocol.connection_made(transport)
        found.append(transport.written == b"")
    return found


def test_one_network_does_not_take_all_connections() -> None:
    connections = Connections(replace(PATIENT, connections_per_network_max=2))
    addresses = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "198.51.100.1", "127.0.0.1"]
    found = asyncio.run(admitted(connections, [*addresses, "127.0.0.1", "127.0.0.1"]))
    assert found == [True, True, False, True, True, True, True]


# Bytes --------------------------------------------------------------------------------------


def test_all_bodies_together_have_a_limit() -> None:
    """Six clerks send half a list each and wait: three fit, the others are told to come again."""
    budget = Budget(bytes_max=700_000)
    head = POST + b"Authorization: Bearer x\r\nContent-Length: 400000\r\n\r\n"
    with running(PATIENT, budget) as (_, port), ExitStack() as stack:
        callers = []
        for number in range(6):
            caller = stack.enter_context(calling(port))
            caller.say(head + b"x" * 200_000)
            callers.append(caller)
            until = time.monotonic() + WAIT_SECONDS_MAX
            while budget.held < min(3, number + 1) * 200_000 and time.monotonic() < until:
                time.sleep(0.01)
            assert budget.held <= 700_000
        for caller in callers[3:]:
            heard = caller.hear_all()
            assert heard.startswith(b"HTTP/1.1 503 ")
            assert b'"bodies-too-many"' in heard
            assert b"retry-after: " in heard.lower()
        for caller in callers[:3]:
            caller.close()
        until = time.monotonic() + WAIT_SECONDS_MAX
        while budget.held and time.monotonic() < until:
            time.sleep(0.01)
        assert budget.held == 0
        assert_answers(port)


def test_what_was_held_is_given_back_however_a_request_ends() -> None:
    budget = Budget(bytes_max=1_000_000)
    with running(LIMITS, budget) as (server, port):
        with calling(port) as gone, calling(port) as late, calling(port) as whole:
            head = POST + b"Authorization: Bearer x\r\nContent-Length: 100000\r\n\r\n"
            gone.say(head + b"x" * 50_000)
            gone.close()
            late.say(head + b"x" * 50_000)
            whole.say(head + b"x" * 100_000)
            assert b"POST 100000" in whole.hear_all()
            late.hear_all()
        wait_until_left(server)
        until = time.monotonic() + WAIT_SECONDS_MAX
        while budget.held and time.monotonic() < until:
            time.sleep(0.01)
        assert budget.held == 0


def test_strangers_send_little_and_do_not_use_up_what_clerks_need(port: int) -> None:
    with calling(port) as caller:
        caller.say(POST + b"Content-Length: 16000000\r\n\r\n" + b"x" * 100_000)
        heard = caller.hear_all()
    assert b"413" in heard.split(b"\r\n")[0]
    assert b'"body-too-large"' in heard
    budget = Budget(bytes_max=100, anonymous_bytes_max=40)
    assert budget.take(40, anonymous=True)
    assert not budget.take(1, anonymous=True)
    assert budget.take(60)
    assert not budget.take(1)
    budget.give_back(40, anonymous=True)
    assert budget.take(40)
    assert budget.held == 100


def test_a_layer_in_front_may_allow_less() -> None:
    scope: dict[str, Any] = {"path": "/api/decisions", "headers": []}
    assert limit_of_request(scope) == ANONYMOUS_BYTES_MAX
    scope["headers"] = [(b"authorization", b"Bearer x")]
    assert limit_of_request(scope) == 2 << 20
    assert limit_of_request({**scope, BODY_LIMIT: 100}) == 100
