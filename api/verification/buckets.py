"""How often one network, and all together, may ask: token buckets of bounded memory.

Of one paper wrong answers are counted too, whoever gives them: a year of birth is one of a hundred,
so that a hundred networks with a question each would find it.

A network is the first 24 bits of an IPv4 address or the first 48 of an IPv6 one: whoever has
one address of a household or an office mostly has all. Addresses are kept only here, in memory,
and never logged.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic
from typing import Final

from api.refusals import TooManyRequests

NETWORKS_MAX: Final = 50_000
EVERYBODY: Final = "*"
DAY_SECONDS: Final = 86_400

_IPV4_BITS, _IPV6_BITS = 24, 48


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many questions a second for long, and so many at once."""

    per_second: float
    at_once: int


# Somebody who types codes needs few; a scanner at a counter needs some; a thief would need many.
NETWORK_ALLOWANCE: Final = Allowance(per_second=2, at_once=60)
COMMON_ALLOWANCE: Final = Allowance(per_second=500, at_once=1_000)


# A family mistypes twice; at four more a day a guesser needs weeks for a year of birth.
FACTS_ALLOWANCE: Final = Allowance(per_second=4 / DAY_SECONDS, at_once=5)
# Whoever copies eight letters from worn paper errs more often, and they are 40 bits.
CODES_ALLOWANCE: Final = Allowance(per_second=1 / 60, at_once=20)


class _Tokens:
    """Tokens left under each name; those asked for longest ago are forgotten."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, name: str, allowance: Allowance) -> bool:
        """Whether there was a token left."""
        now = self._clock()
        before, left = self._left.pop(name, (now, float(allowance.at_once)))
        left = min(allowance.at_once, left + (now - before) * allowance.per_second)
        self._left[name] = (now, left - 1 if left >= 1 else left)
        if len(self._left) > NETWORKS_MAX:
            self._left.popitem(last=False)
        return left >= 1

    def give_back(self, name: str) -> None:
        """Put a token back that was taken a moment ago."""
        if name in self._left:
            before, left = self._left[name]
            self._left[name] = before, left + 1


class Guesses:
    """Wrong answers about papers: after a few of them a paper is not asked about for a while.

    A token is taken before the answer is known, so that many at once are no way around.
    """

    def __init__(self, allowance: Allowance, clock: Callable[[], float] = monotonic) -> None:
        self._allowance = allowance
        self._retry_seconds = (
            round(1 / allowance.per_second) if allowance.per_second else DAY_SECONDS
        )
        self._lock = Lock()
        self._tokens = _Tokens(clock)

    def take(self, paper: str) -> None:
        """Let one answer about a paper be judged. Raises `TooManyRequests`."""
        with self._lock:
            if not self._tokens.take(paper, self._allowance):
                raise TooManyRequests("guessed-too-often", retry_seconds=self._retry_seconds)

    def give_back(self, paper: str) -> None:
        """The answer was right: it does not count."""
        with self._lock:
            self._tokens.give_back(paper)


class Buckets:
    """Tokens left for each network and for everybody, and wrong answers about each paper."""

    def __init__(
        self,
        network: Allowance = NETWORK_ALLOWANCE,
        common: Allowance = COMMON_ALLOWANCE,
        clock: Callable[[], float] = monotonic,
        facts: Allowance = FACTS_ALLOWANCE,
        codes: Allowance = CODES_ALLOWANCE,
    ) -> None:
        self._network = network
        self._common = common
        self._lock = Lock()
        self._tokens = _Tokens(clock)
        self.facts = Guesses(facts, clock)
        self.codes = Guesses(codes, clock)

    def __len__(self) -> int:
        return len(self._tokens)

    def take(self, address: str | None) -> None:
        """Let one question pass. Raises `TooManyRequests`."""
        with self._lock:
            # The network first: one that asks too often must not use up what all may ask.
            allowed = self._tokens.take(network_of(address), self._network)
            if not (allowed and self._tokens.take(EVERYBODY, self._common)):
                raise TooManyRequests("asked-too-often")

    def take_common(self) -> None:
        """Let one question pass that no network need be watched for. Raises as `take`."""
        with self._lock:
            if not self._tokens.take(EVERYBODY, self._common):
                raise TooManyRequests("asked-too-often")


def network_of(address: str | None) -> str:
    """The network of a client's address; all that have none share one."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = _IPV4_BITS if parsed.version == 4 else _IPV6_BITS  # noqa: PLR2004 - the version's name
    return f"{parsed.version}:{int(parsed) >> (parsed.max_prefixlen - bits)}"
