"""A run of the press: hundreds of pages into one file, by a process of its own.

typst keeps what it laid out, so a server that printed a large decision would keep hundreds of
megabytes. The process that does it ends with the decision; it sets some pages at a time and joins
them, so that its memory hardly grows with the number of pages, and says how far it has come.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from api.child import environment_of_child
from registry.errors import NotReady, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from api.papers.press import Layout

PAGES_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Printing:
    """How many pages of all are set."""

    pages: int
    total: int


Watch = Callable[[Printing], None]


class RunOrder(msgspec.Struct):
    """What the process is told: a layout, its document with `title` and `pages`, where to."""

    layout: str
    document: dict[str, Any]
    made_at: datetime
    path: str


class RunWord(msgspec.Struct):
    """What the process says, one a line: pages set so far, or why it cannot go on."""

    pages: int = 0
    failure: str | None = None
    params: dict[str, str | int] = {}


def print_pages(
    layout: Layout, document: Mapping[str, Any], made_at: datetime, path: Path, watch: Watch
) -> None:
    """Print a document with many pages to a file, telling `watch` how far it has come.

    Raises `Rejected` as `typeset` does, or for more pages than a file may have; `NotReady` if
    the process ends without a word. What `watch` raises stops the run.
    """
    total = len(document["pages"])
    if total > PAGES_MAX:
        raise Rejected("pages-too-many", limit=PAGES_MAX, length=total)
    watch(Printing(0, total))
    child = _start(RunOrder(layout, dict(document), made_at, str(path)))
    try:
        done = 0
        for word in _words(child.stdout):
            if word.failure is not None:
                raise Rejected(word.failure, field=None, **word.params)
            done = word.pages
            watch(Printing(done, total))
        if child.wait() != 0 or done != total:
            raise NotReady("press-failed")
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _start(order: RunOrder) -> subprocess.Popen[bytes]:
    with TemporaryFile() as told:
        told.write(msgspec.json.encode(order))
        told.seek(0)
        return subprocess.Popen(
            [sys.executable, "-m", "api.papers.run_child"],
            stdin=told,
            stdout=subprocess.PIPE,
            env=environment_of_child(),
        )


def _words(pipe: IO[bytes] | None) -> Iterator[RunWord]:
    assert pipe is not None  # noqa: S101 - it was asked for
    return (msgspec.json.decode(line, type=RunWord) for line in pipe)
