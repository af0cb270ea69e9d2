"""How far the registers that this process feeds have come, for threads that wait for them.

The ledger in the database says the same to everybody; who waits in the process of the runner need
not ask it again and again.
"""

from __future__ import annotations

import os
import time
import weakref
from contextlib import suppress
from threading import Condition, Lock
from typing import Final

GATHER_SECONDS_MAX: Final = 0.002
"""How long a step is put off for those that were answered together last time."""


class Applied:
    """The position up to which every register here has applied the log. For any thread.

    Those that stand still because of an error are not waited for, as in the ledger.
    """

    def __init__(self) -> None:
        self._moved_lock = Lock()
        self._moved = Condition(self._moved_lock)
        self._position = 0
        # What threads wait for, and how many of them the last step answered.
        self._targets: list[int] = []
        self._answered = 0
        self._came = Condition(self._moved_lock)
        self.wanted = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        """Readable while somebody waits for more: the runner need not hear of it elsewhere."""
        weakref.finalize(self, os.close, self.wanted)

    @property
    def position(self) -> int:
        """Up to where the registers have come, as far as this process knows."""
        return self._position

    def clear_wanted(self) -> None:
        """Say that what was wanted is being looked for."""
        with suppress(BlockingIOError):
            os.eventfd_read(self.wanted)

    def advance(self, position: int) -> None:
        """Say that every register has applied the log up to here, and that it is committed."""
        with self._moved:
            if position > self._position:
                self._position = position
                self._answered = sum(target <= position for target in self._targets)
                self._moved.notify_all()

    def gather(self) -> None:
        """Let as many come as the last step answered: they will be back soon, and share a step.

        Who is alone is not kept waiting; nobody is longer than `GATHER_SECONDS_MAX`.
        """
        with self._came:
            self._came.wait_for(
                lambda: len(self._targets) >= max(1, self._answered), GATHER_SECONDS_MAX
            )

    def wait(self, position: int, seconds_max: float) -> bool:
        """Wait for a position; False when the time is over, for another process may be faster."""
        if self._position >= position:
            return True
        until = time.monotonic() + seconds_max
        with self._moved:
            self._targets.append(position)
            if len(self._targets) >= self._answered:
                self._came.notify_all()
            try:
                os.eventfd_write(self.wanted, 1)
                while self._position < position:
                    left = until - time.monotonic()
                    if left <= 0 or not self._moved.wait(left):
                        return self._position >= position
            finally:
                self._targets.remove(position)
        return True
