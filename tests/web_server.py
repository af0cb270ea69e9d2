"""The application behind a real socket, where a test can stop it."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Any

import uvicorn

from api.http.connections import Connections
from api.http.limits import Limits
from api.http.listening import address_of
from api.http.listening import listen as listening_on

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator


class WebServer:
    """Serves an application until it is told to stop."""

    def __init__(
        self, application: Any, listening: socket.socket, limits: Limits | None = None
    ) -> None:
        self.connections = Connections(limits)
        configuration = uvicorn.Config(
            application,
            http=self.connections.protocol,  # type: ignore[arg-type]
            ws="none",
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(configuration)
        self._thread = Thread(target=self._server.run, args=([listening],))
        self._thread.start()
        while not self._server.started:
            sleep(0.01)

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()


def listen() -> tuple[socket.socket, str]:
    """A socket on a free port, and its address."""
    listening = listening_on("127.0.0.1", 0)
    return listening, address_of(listening)


@contextmanager
def serving(
    application: Any, listening: socket.socket, limits: Limits | None = None
) -> Iterator[WebServer]:
    """The application on a socket."""
    server = WebServer(application, listening, limits)
    try:
        yield server
    finally:
        server.stop()
