"""Items made ahead come in their order, no more of them than asked for, and end as they should."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from api.imports.ahead import ahead

if TYPE_CHECKING:
    from collections.abc import Generator

MOST = 3
SECONDS_MAX = 10


class Source:
    """A generator that notes how far it was asked and whether it was closed."""

    def __init__(self, items: int, failing_at: int | None = None) -> None:
        self.items = items
        self.failing_at = failing_at
        self.made = 0
        self.closed = False
        self.changed = threading.Condition()

    def __iter__(self) -> Generator[int]:
        try:
            for number in range(self.items):
                if number == self.failing_at:
                    raise ValueError(number)
                with self.changed:
                    self.made += 1
                    self.changed.notify_all()
                yield number
        finally:
            self.closed = True

    def wait_until_made(self, count: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.made >= count, SECONDS_MAX)


def test_all_items_come_in_order_and_the_source_is_closed() -> None:
    source = Source(50)
    with ahead(iter(source), MOST) as items:
        assert list(items) == list(range(50))
    assert source.closed


def test_so_many_are_made_before_they_are_asked_for_and_no_more() -> None:
    source = Source(50)
    with ahead(iter(source), MOST) as items:
        assert next(items) == 0
        assert source.wait_until_made(MOST + 1)
        assert source.made == MOST + 1
    assert source.closed
    assert source.made <= MOST + 1


def test_an_error_comes_where_its_item_would_have_come() -> None:
    source = Source(50, failing_at=2)
    came: list[int] = []
    with pytest.raises(ValueError, match="2"), ahead(iter(source), MOST) as items:
        came.extend(iter(items.__next__, None))
    assert came == [0, 1]
    assert source.closed


def test_whoever_leaves_early_leaves_nothing_running() -> None:
    source = Source(10**9)
    before = threading.active_count()
    with ahead(iter(source), MOST) as items:
        next(items)
    assert source.closed
    assert threading.active_count() == before
