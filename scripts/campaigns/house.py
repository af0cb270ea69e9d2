"""A register of the campaign's own: a home, `sovang serve` on a free port, and its PostgreSQL.

Only processes that the campaign started are ever signalled: the server by its process, PostgreSQL
by the number in its data folder, and that only while its command line names this folder.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry.embedded.cluster import ServerFolder
from registry.embedded.server import is_our_server, read_pid_file

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECT: Final = Path(__file__).parents[2]
START_SECONDS_MAX: Final = 180
COMMAND_SECONDS_MAX: Final = 600
ANSWER_SECONDS_MAX: Final = 20
POLL_SECONDS: Final = 0.05


class CampaignFailed(Exception):  # noqa: N818 - the campaign says why it cannot go on
    """The register does not come back, or a command fails that must not."""


class House:
    """The server, started as often as it is killed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port()
        self._log = (home.parent / "server.log").open("ab")
        self._server: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        """The command line of this checkout."""
        return [sys.executable, "-m", "scripts.command_line", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """Only this home, whatever the caller's environment says."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SOVANG_", "DATABASE_"))}
        return kept | {"SOVANG_HOME": str(self.home), "SOVANG_LANG": "en"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS_MAX,
        )

    def answer(self, *arguments: str) -> Any:
        """What a command answers. Raises `CampaignFailed`."""
        ended = self.run(*arguments, "--json")
        if ended.returncode:
            raise CampaignFailed(f"sovang {' '.join(arguments)}: {ended.stderr or ended.stdout}")
        return json.loads(ended.stdout)

    def begin(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Begin a command that may be killed."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    # The server ------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the server unless it runs; does not wait for it."""
        if self._server is None or self._server.poll() is not None:
            self._server = subprocess.Popen(
                self.command("serve", "--port", str(self.port)),
                cwd=PROJECT,
                env=self.environment,
                stdout=self._log,
                stderr=self._log,
            )

    def wait_until_ready(self) -> dict[str, Any]:
        """Wait until the register is whole and up to date. Raises `CampaignFailed`."""
        deadline = time.monotonic() + START_SECONDS_MAX
        said: dict[str, Any] = {}
        while time.monotonic() < deadline:
            self.start()
            said = self._ready()
            registers = said.get("projections", ())
            if said.get("status") == "ready" and all(
                one["completeness"] == "complete" for one in registers
            ):
                return said
            time.sleep(POLL_SECONDS)
        raise CampaignFailed(f"not ready after {START_SECONDS_MAX} s: {said}")

    def _ready(self) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self.port}/health/ready"
        try:
            with urllib.request.urlopen(address, timeout=ANSWER_SECONDS_MAX) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return {"status": str(error.read()[:500])}
        except (OSError, ValueError) as error:
            return {"status": str(error)}
        return found

    def signal_server(self, number: int) -> bool:
        """Signal the server; False if it does not run."""
        if self._server is None or self._server.poll() is not None:
            return False
        self._server.send_signal(number)
        if number == signal.SIGKILL:
            self._server.wait()
        return True

    def signal_postgres(self, number: int) -> bool:
        """Signal PostgreSQL's first process; False if it does not run."""
        folder = ServerFolder(self.home.resolve() / "postgres")
        found = read_pid_file(folder)
        if found is None or not is_our_server(found.pid, folder):
            return False
        try:
            os.kill(found.pid, number)
        except ProcessLookupError:
            return False
        return True

    def close(self) -> None:
        """Stop everything."""
        if self.signal_server(signal.SIGTERM) and self._server is not None:
            try:
                self._server.wait(60)
            except subprocess.TimeoutExpired:
                self.signal_server(signal.SIGKILL)
        self._log.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
