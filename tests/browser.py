"""A browser of the size of a phone, driven over a pipe by the DevTools protocol."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from base64 import b64decode
from contextlib import contextmanager
from itertools import count
from time import monotonic, sleep
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or "chromium"
SECONDS_MAX = 30.0
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-pipe",
)


class Browser:
    """One page of one browser; what a page throws is raised here."""

    def __init__(self, commands: IO[bytes], answers: IO[bytes]) -> None:
        self._commands = commands
        self._answers = answers
        self._numbers = count(1)
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.call("Emulation.setDeviceMetricsOverride", **PHONE)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """A command about the page."""
        return self._call(method, self._session, **params)

    def open(self, address: str) -> None:
        """Go to an address; an anchor alone does not load the page again, so leave first."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=address)

    def run(self, script: str) -> Any:
        """What an expression of JavaScript comes to."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """The first value of an expression that is neither empty nor missing."""
        until = monotonic() + SECONDS_MAX
        while monotonic() < until:
            value = self.run(script)
            if value:
                return value
            sleep(0.05)
        raise AssertionError(f"{script} stayed empty; the page says: {self.text()[:500]}")

    def text(self) -> str:
        """What the page says."""
        return str(self.run("document.body ? document.body.innerText : ''"))

    def picture(self, path: Path) -> None:
        """Keep what the page looks like, all of it."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(b64decode(shot["data"]))

    def _call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        self._commands.write(json.dumps(message).encode() + b"\0")
        self._commands.flush()
        while True:
            answer = json.loads(self._read())
            if answer.get("id") == number:
                if "error" in answer:
                    raise AssertionError(method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result

    def _read(self) -> bytes:
        message = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            if not byte:
                raise AssertionError("the browser has ended")
            message += byte
        return bytes(message)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser with a profile of its own."""
    to_browser, commands = os.pipe()
    answers, from_browser = os.pipe()
    with tempfile.TemporaryDirectory(prefix="sv-", ignore_cleanup_errors=True) as profile:
        shell = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        command = [CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}"]
        process = subprocess.Popen(
            ["/bin/bash", "-c", shell, "bash", *command],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        with os.fdopen(commands, "wb") as writing, os.fdopen(answers, "rb") as reading:
            try:
                yield Browser(writing, reading)
            finally:
                process.terminate()
                process.wait(timeout=SECONDS_MAX)
