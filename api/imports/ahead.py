"""Items of a generator, some of them worked out ahead in a thread of its own."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

ItemT = TypeVar("ItemT")


@contextmanager
def ahead(items: Generator[ItemT], most: int) -> Iterator[Iterator[ItemT]]:
    """Give the items in order while up to `most` more are made ready; none of them is None.

    What the generator raises is raised where its item would have come. It is closed at the end,
    wherever it stands.
    """
    with closing(items), ThreadPoolExecutor(1) as making:
        try:
            yield _in_order(items, most, making)
        finally:
            making.shutdown(cancel_futures=True)


def _in_order(items: Generator[ItemT], most: int, making: ThreadPoolExecutor) -> Iterator[ItemT]:
    ready = deque(making.submit(next, items, None) for _ in range(most))
    while (item := ready.popleft().result()) is not None:
        ready.append(making.submit(next, items, None))
        yield item
