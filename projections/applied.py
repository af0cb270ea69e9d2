"""How far the registers that this process feeds have come, for threads that wait for them.

The ledger in the database says the same to everybody; who waits in the process of the runner need
not ask it again and again.
"""

from __future__ import annotations

import os
import time
import weakref
from contextlib import suppress
from threading import Condition


class Applied:
    """The position up to which every register here has applied the log. For any thread.

    Those that stand still because of an error are not waited for, as in the ledger.
    """

    def __init__(self) -> None:
        self._moved = Condition()
        self._position = 0
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
                self._moved.notify_all()

    def wait(self, position: int, seconds_max: float) -> bool:
        """Wait for a position; False when the time is over, for another process may be faster."""
        if self._position >= position:
            return True
        os.eventfd_write(self.wanted, 1)
        until = time.monotonic() + seconds_max
        with self._moved:
            while self._position < position:
                left = until - time.monotonic()
                if left <= 0 or not self._moved.wait(left):
                    return self._position >= position
        return True
