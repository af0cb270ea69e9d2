"""The server's log never holds up an answer, whoever reads it."""

from __future__ import annotations

import io
import json
import os
from threading import Event

from api.health.log_lines import LogLines


class Stalled(io.StringIO):
    """A reader that stands still until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.let_go = Event(), Event()

    def write(self, text: str) -> int:
        self.reached.set()
        self.let_go.wait(60)
        return super().write(text)


def test_a_reader_that_stands_still_holds_up_nobody_and_hears_what_was_lost() -> None:
    target = Stalled()
    lines = LogLines(target, lines_max=5)
    lines.write("first\n")
    assert target.reached.wait(60)
    for number in range(100):
        lines.write(f"{number}\n")
    target.let_go.set()
    lines.close()
    first, *told = target.getvalue().splitlines()
    assert first == "first"
    numbers = [int(line) for line in told if line.isdigit()]
    (lost,) = [json.loads(line) for line in told if not line.isdigit()]
    assert numbers == [0, 1, 2, 3, 4]
    assert lost["count"] == 95
    assert lost["event"] == "log lines lost"


def test_a_pipe_that_is_full_takes_no_answer_with_it() -> None:
    """A pipe takes 64 KB; nobody reads it."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as target:
        lines = LogLines(target)
        for _ in range(2_000):
            lines.write("x" * 99 + "\n")
        heard = b""
        while len(heard) < 200_000:
            heard += os.read(reading, 65_536)
        lines.close()
    os.close(reading)
    assert heard.count(b"\n") == 2_000
