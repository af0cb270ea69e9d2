"""The sockets that servers listen on, and what they pass on to the connections they take."""

from __future__ import annotations

import ast
import asyncio
import socket
from pathlib import Path

import pytest

from api.http.listening import address_of, listen
from registry.errors import NotReady

PROJECT = Path(__file__).parent.parent


async def accepted(listening: socket.socket) -> int:
    """TCP_NODELAY of a connection that asyncio takes on a socket."""
    taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    class Protocol(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            own = transport.get_extra_info("socket")
            taken.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    server = await asyncio.get_running_loop().create_server(Protocol, sock=listening)
    async with server:
        host, port = listening.getsockname()[:2]
        _, writer = await asyncio.open_connection(host, port)
        option = await taken
        writer.close()
    return option


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_no_answer_waits_for_an_acknowledgement(host: str) -> None:
    if host == "::1" and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with listen(host, 0) as listening:
        assert asyncio.run(accepted(listening)) == 1


def test_a_socket_without_its_protocol_is_what_made_answers_wait() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        assert asyncio.run(accepted(listening)) == 0


def test_nothing_else_of_the_program_listens() -> None:
    """Whoever needs a server takes the socket that is made in one place."""
    found = []
    for folder in ("api", "registry", "projections", "scripts"):
        for path in (PROJECT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    called = ast.unparse(node.func)
                    if called == "uvicorn.run" or called.endswith("listening.listen"):
                        found.append(str(path.relative_to(PROJECT)))
    assert found == ["api/http/listening.py"]


def test_its_address_is_one_that_a_browser_finds() -> None:
    with listen("0.0.0.0", 0) as listening:  # noqa: S104
        port = listening.getsockname()[1]
        assert address_of(listening) == f"http://localhost:{port}"
        with pytest.raises(NotReady) as caught:
            listen("0.0.0.0", port)  # noqa: S104
        assert caught.value.code == "address-in-use"
