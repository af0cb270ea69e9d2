"""The server as a process: starts, says where, holds a sample if asked, stops when told."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from registry.errors import NotReady
from registry.messages import describe
from registry.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

ROOT = Path(__file__).parent.parent
PROGRAM = """
import sys
from pathlib import Path
from api.server import serve
from registry.settings import Settings
settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2], language=sys.argv[3])
serve(settings, "127.0.0.1", 0, with_sample=sys.argv[4] == "sample")
"""
START_SECONDS_MAX = 60
READY_LOOKS_MAX = 300


class Running:
    """A server in a process of its own."""

    def __init__(self, home: Path, database: Database, language: str, sample: str) -> None:
        arguments = [str(home), database.administrator, language, sample]
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []

    def wait_for_address(self) -> str:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.strip())
            found = re.search(r"http://\S+", line)
            if found:
                return found.group()
        raise AssertionError(self.said)

    def get(self, address: str) -> str:
        with urllib.request.urlopen(address, timeout=START_SECONDS_MAX) as answer:  # noqa: S310
            return str(answer.read().decode())

    def wait_until_ready(self, address: str) -> None:
        """A machine that does other things may take longer than health waits."""
        for _ in range(READY_LOOKS_MAX):
            try:
                assert '"ready"' in self.get(f"{address}/health/ready")
            except urllib.error.HTTPError as error:
                error.close()
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self.said)

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(30)
        assert self.process.stderr is not None
        self.said += [line.strip() for line in self.process.stderr]
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


@pytest.fixture
def start(database: Database, tmp_path: Path) -> Iterator[Any]:
    running: list[Running] = []

    def begin(language: str = "vi", sample: str = "") -> Running:
        running.append(Running(tmp_path, database, language, sample))
        return running[-1]

    yield begin
    for one in running:
        one.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_cleanly(start: Any, number: int) -> None:
    server = start()
    address = server.wait_for_address()
    assert "Sổ Vàng đang chạy tại" in server.said[-1]
    server.wait_until_ready(address)
    assert server.stop(number) == 0
    told = [line for line in server.said if not line.startswith("{")]
    assert told[-2:] == ["Nhấn Ctrl-C để dừng.", "Đang dừng…"]


def test_the_first_start_makes_trial_keys_and_says_so(start: Any) -> None:
    server = start("en")
    address = server.wait_for_address()
    assert [line for line in server.said if "TRIAL set of keys" in line]
    key_list = server.get(f"{address}/log/keys")
    assert '"trial":true' in key_list
    assert server.stop(signal.SIGTERM) == 0
    again = start("en")
    address = again.wait_for_address()
    assert again.get(f"{address}/log/keys") == key_list
    assert [line for line in again.said if "TRIAL set of keys" in line]


def test_the_sample_register_is_there_when_the_address_is_said_and_comes_once(start: Any) -> None:
    server = start("en", "sample")
    address = server.wait_for_address()
    assert "Loaded 4,046 sample awards." in server.said
    assert "1200/QĐ-UBND" in server.get(f"{address}/")
    server.stop(signal.SIGTERM)
    again = start("en", "sample")
    again.wait_for_address()
    assert not [line for line in again.said if "sample register" in line]


def test_an_address_in_use_is_said_before_anything_is_started(tmp_path: Path) -> None:
    from api.server import serve  # noqa: PLC0415 - loads the whole application

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings(home=tmp_path / "home")
        with pytest.raises(NotReady) as caught:
            serve(settings, "127.0.0.1", other.getsockname()[1])
    assert caught.value.code == "address-in-use"
    assert "--port" in describe(caught.value.code, caught.value.params, "vi")
    assert not (tmp_path / "home").exists()


class _Made(Exception):  # noqa: N818 - ends the start where the application would be made
    """What the application was given."""


@pytest.mark.parametrize("given", [None, "https://so.example"])
def test_without_an_address_of_its_own_papers_lead_to_the_port_that_is_served(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: str | None,
) -> None:
    from api import server  # noqa: PLC0415 - loads the whole application

    def create(_database: Database, *, public_url: str, **_: Any) -> None:
        raise _Made(public_url)

    monkeypatch.setattr(server, "create_application", create)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(home=tmp_path, database_url=database.administrator)
    if given is not None:
        settings = replace(settings, public_url=given, public_url_given=True)
    with pytest.raises(_Made) as made:
        server.serve(settings, "127.0.0.1", port, projections=False)
    assert str(made.value) == (given or f"http://127.0.0.1:{port}")


def test_an_address_that_is_not_that_of_the_log_is_noticed(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from api.server import open_keys  # noqa: PLC0415 - loads the whole application

    def said(url: str) -> str:
        settings = Settings(home=tmp_path, public_url=url, public_url_given=True, language="en")
        open_keys(database, settings)
        return capsys.readouterr().err

    assert "NOTE" not in said("https://so.example")
    moved = said("https://moi.example")
    assert "https://moi.example" in moved
    assert "so.example/log" in moved
    assert "NOTE" not in said("https://so.example")
