"""How often one network, and all together, may ask: token buckets of bounded memory.

A network is the first 24 bits of an IPv4 address or the first 48 of an IPv6 one: whoever has
one address of a household or an office mostly has all. Addresses are kept only here, in memory,
and never logged.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Lock
from time import monotonic
from typing import Final

from api.refusals import TooManyRequests

NETWORKS_MAX: Final = 50_000
EVERYBODY: Final = "*"

_IPV4_BITS, _IPV6_BITS = 24, 48


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many questions a second for long, and so many at once."""

    per_second: float
    at_once: int


# Somebody who types codes needs few; a scanner at a counter needs some; a thief would need many.
NETWORK_ALLOWANCE: Final = Allowance(per_second=2, at_once=60)
COMMON_ALLOWANCE: Final = Allowance(per_second=500, at_once=1_000)


class Buckets:
    """Tokens left for each network and for everybody; those asked longest ago are forgotten."""

    def __init__(
        self,
        network: Allowance = NETWORK_ALLOWANCE,
        common: Allowance = COMMON_ALLOWANCE,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._network = network
        self._common = common
        self._clock = clock
        self._lock = Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, address: str | None) -> None:
        """Let one question pass. Raises `TooManyRequests`."""
        with self._lock:
            # The network first: one that asks too often must not use up what all may ask.
            allowed = self._take(network_of(address), self._network)
            if not (allowed and self._take(EVERYBODY, self._common)):
                raise TooManyRequests("asked-too-often")

    def take_common(self) -> None:
        """Let one question pass that no network need be watched for. Raises as `take`."""
        with self._lock:
            if not self._take(EVERYBODY, self._common):
                raise TooManyRequests("asked-too-often")

    def _take(self, name: str, allowance: Allowance) -> bool:
        now = self._clock()
        before, left = self._left.pop(name, (now, float(allowance.at_once)))
        left = min(allowance.at_once, left + (now - before) * allowance.per_second)
        self._left[name] = (now, left - 1 if left >= 1 else left)
        if len(self._left) > NETWORKS_MAX:
            self._left.popitem(last=False)
        return left >= 1


def network_of(address: str | None) -> str:
    """The network of a client's address; all that have none share one."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    bits = _IPV4_BITS if parsed.version == 4 else _IPV6_BITS  # noqa: PLR2004 - the version's name
    return f"{parsed.version}:{int(parsed) >> (parsed.max_prefixlen - bits)}"
