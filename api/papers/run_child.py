"""The process of a run: reads its order on standard input, says how far it is on its output."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from api.papers.joining import JoinedPages
from api.papers.press import typeset_part
from api.papers.run import RunOrder, RunWord
from registry.errors import Rejected

if TYPE_CHECKING:
    from api.papers.press import Layout

PAGES_AT_ONCE: Final = 50
MEMORY_BYTES_MAX: Final = 4 << 30


def main() -> None:
    """Carry out one order."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=RunOrder)
    try:
        _print(order)
    except Rejected as error:
        _say(RunWord(failure=error.code, params=dict(error.params)))


def _print(order: RunOrder) -> None:
    pages: list[Any] = order.document["pages"]
    joined = JoinedPages(order.document["title"], order.made_at)
    for start in range(0, len(pages), PAGES_AT_ONCE):
        some = pages[start : start + PAGES_AT_ONCE]
        part = order.document | {"pages": some}
        joined.add(typeset_part(cast("Layout", order.layout), part, order.made_at))
        if start + len(some) < len(pages):
            _say(RunWord(start + len(some)))
    joined.save(Path(order.path))
    # Said last: whoever hears of all pages finds the file whole.
    _say(RunWord(len(pages)))


def _say(word: RunWord) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
