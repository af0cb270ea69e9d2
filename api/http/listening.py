"""The sockets that our servers listen on: made in one place, so that none of them answers late."""

from __future__ import annotations

import errno
import socket
from typing import Final

from registry.errors import NotReady

CONNECTIONS_WAITING_MAX: Final = 512
PORT_MAX: Final = 65_535


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections. Raises `NotReady` if the address cannot be used.

    It names its protocol, and what it accepts inherits the number: asyncio sets TCP_NODELAY only
    then. Without it the second packet of each answer waits 40 ms for the client's delayed ACK.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(CONNECTIONS_WAITING_MAX)
    except OSError as error:
        listening.close()
        if error.errno != errno.EADDRINUSE:
            reason = error.strerror or str(error)
            raise NotReady("address-unusable", host=host, port=port, reason=reason) from error
        other = port + 1 if port < PORT_MAX else port - 1
        raise NotReady("address-in-use", host=host, port=port, other=other) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
