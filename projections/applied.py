"""How far the registers that this process feeds have come, for threads that wait for them.

The ledger in the database says the same to everybody; who waits in the process of the runner need
not ask it again and again.
"""

from __future__ import annotations

import time
from threading import Condition


class Applied:
    """The position up to which every register here has applied the log. For any thread.

    Those that stand still because of an error are not waited for, as in the ledger.
    """

    def __init__(self) -> None:
        self._moved = Condition()
        self._position = 0

    def advance(self, position: int) -> None:
        """Say that every register has applied the log up to here, and that it is committed."""
        with self._moved:
            if position > self._position:
                self._position = position
                self._moved.notify_all()

    def wait(self, position: int, seconds_max: float) -> bool:
        """Wait for a position; False when the time is over, for another process may be faster."""
        until = time.monotonic() + seconds_max
        with self._moved:
            while self._position < position:
                left = until - time.monotonic()
                if left <= 0 or not self._moved.wait(left):
                    return self._position >= position
        return True
