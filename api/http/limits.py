"""How much of this process the connections of the world may take, in number, time and bytes."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Final

BODIES_BYTES_MAX: Final = 64 << 20
"""All bodies that are held at once, from their first byte until they are answered."""

ANONYMOUS_BODIES_BYTES_MAX: Final = 4 << 20
"""The part of it that requests without a token may take together."""

ANONYMOUS_BYTES_MAX: Final = 16 << 10
"""What a single request without a token may send."""

UPLOAD_BYTES_HELD: Final = 1 << 20
"""What an upload holds in memory while the rest of it goes to a file."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of connections; times in seconds.

    A head must be there in time from its first byte on, a body in `body_seconds` and a second more
    for each `body_bytes_per_second`. One that waits for nothing is closed after `idle_seconds`, and
    so is a client that takes nothing of its answer for `answer_seconds`.
    """

    connections_max: int = 512
    connections_per_network_max: int = 256
    head_seconds: float = 10.0
    body_seconds: float = 20.0
    body_bytes_per_second: int = 8_192
    idle_seconds: float = 15.0
    answer_seconds: float = 30.0
    linger_seconds: float = 2.0
    sweep_seconds: float = 1.0


class Budget:
    """Bytes that may be held, all together and by anonymous requests. For any thread."""

    def __init__(
        self,
        bytes_max: int = BODIES_BYTES_MAX,
        anonymous_bytes_max: int = ANONYMOUS_BODIES_BYTES_MAX,
    ) -> None:
        self._most = {False: bytes_max, True: anonymous_bytes_max}
        self._held = {False: 0, True: 0}
        self._lock = Lock()

    @property
    def held(self) -> int:
        """Bytes that are held now."""
        return sum(self._held.values())

    def take(self, count: int, *, anonymous: bool = False) -> bool:
        """Hold so many bytes more; False, and nothing is held, if they are too many."""
        with self._lock:
            own = self._held[anonymous] + count
            if own > self._most[anonymous] or self.held + count > self._most[False]:
                return False
            self._held[anonymous] = own
            return True

    def give_back(self, count: int, *, anonymous: bool = False) -> None:
        """Hold so many bytes less."""
        with self._lock:
            self._held[anonymous] -= count
