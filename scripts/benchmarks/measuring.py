"""Results, and how they are measured: rounds that alternate, and medians.

The machine that a benchmark meets is never idle. What we measure and what we compare with take
turns, so that a busy minute falls on both, and of each the median counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from registry.database import Database

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 3
PERCENTILE = 95

Say: TypeAlias = Callable[[str], None]
MakeDatabase: TypeAlias = Callable[[], AbstractContextManager[Database]]


@dataclass(frozen=True, slots=True)
class Result:
    """One figure beside the one it is compared with, both from the same run.

    `baseline` says what the other figure is. `smaller_is_better` for times and memory.
    """

    name: str
    value: float
    unit: str
    baseline: str
    baseline_value: float
    smaller_is_better: bool = False

    @property
    def ratio(self) -> float:
        """How many times better than the baseline; below 1 it is worse."""
        if self.smaller_is_better:
            return self.baseline_value / self.value
        return self.value / self.baseline_value

    def as_json(self) -> dict[str, str | float]:
        """The result as the command prints it."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "baseline": self.baseline,
            "baseline_value": round(self.baseline_value, 3),
            "ratio": round(self.ratio, 3),
        }


@dataclass(frozen=True, slots=True)
class Bench:
    """What a benchmark is given: a server of its own, a folder, how large to be, whom to tell.

    `build` is another checkout of this program to compare with.
    """

    make_database: MakeDatabase
    folder: Path
    rows: int | None
    say: Say
    build: Path | None = None

    def rows_or(self, default: int) -> int:
        """How many rows to take: those asked for, or the benchmark's own number."""
        return default if self.rows is None else self.rows


def rate(count: int, work: Callable[[], object]) -> float:
    """How many per second: `count` divided by the seconds that the work takes."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def milliseconds(work: Callable[[], object]) -> float:
    """How long the work takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1_000


def percentile(values: Sequence[float], percent: int = PERCENTILE) -> float:
    """The value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def compare(
    ours: Callable[[], float], theirs: Callable[[], float], rounds: int = ROUNDS
) -> tuple[float, float]:
    """Medians of both, measured in turns."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
