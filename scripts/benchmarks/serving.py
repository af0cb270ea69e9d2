"""The real server as a process: `sovang serve` of this build or of another checkout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

THIS_BUILD: Final = Path(__file__).parent.parent.parent
STOP_SECONDS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Served:
    """Where a server listens, and the token of a clerk whom it knows."""

    port: int
    token: str


@contextmanager
def serving(build: Path, administrator: str, home: Path) -> Iterator[Served]:
    """Run a checkout's server on a database that may be empty; stop it at the end.

    Everything is on: registers, sealing, limits. Raises `RuntimeError` if it does not start.
    """
    environment = {**os.environ, "DATABASE_URL": administrator, "SOVANG_HOME": str(home)}
    token = _add_clerk(build, environment)
    server = subprocess.Popen(
        [*_sovang(build), "serve", "--port", "0"],
        cwd=build,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        port = _port_of(server)
        # What nobody reads fills the pipe.
        reader = Thread(target=_read_on, args=(server.stderr,), daemon=True)
        reader.start()
        yield Served(port, token)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(STOP_SECONDS_MAX)


def _add_clerk(build: Path, environment: Mapping[str, str]) -> str:
    command = ("user", "add", "Đo Tốc Độ", "--role", "clerk", "--token", "--json")
    ended = subprocess.run(
        [*_sovang(build), *command],
        cwd=build,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    return str(json.loads(ended.stdout)["token"])


def _sovang(build: Path) -> tuple[str, ...]:
    """How the command line of a checkout is started, with the checkout's own Python."""
    own = build / ".venv" / "bin" / "python"
    python = sys.executable if build == THIS_BUILD or not own.exists() else str(own)
    return (python, "-m", "scripts.command_line")


def _read_on(log: TextIO) -> None:
    for _ in log:
        pass


def _port_of(server: subprocess.Popen[str]) -> int:
    assert server.stderr is not None  # noqa: S101 - it was asked for
    said = []
    for line in server.stderr:
        said.append(line)
        _, found, address = line.partition("http://")
        if found:
            return int(address.split()[0].rstrip("/").rpartition(":")[2])
    raise RuntimeError("".join(said))
