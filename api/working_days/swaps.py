"""The swaps of working days as clients see them: those that came with the program, then our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from registry.law.working_days import announced_swaps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from registry.fact import Fact


@dataclass(frozen=True, slots=True)
class SwapView:
    """Days off and days worked instead; who recorded it where it was decided in the register."""

    off: Sequence[str]
    worked: Sequence[str]
    source: str
    certainty: str
    recorded_at: datetime | None = None
    recorded_by: str | None = None


def swap_views(
    facts: Sequence[Fact[Any]], year: int | None = None, *, actors: bool = False
) -> list[SwapView]:
    """Every swap that counts, the register's own last; of a year if one is named."""
    announced = (
        SwapView(
            [day.isoformat() for day in swap.off],
            [day.isoformat() for day in swap.worked],
            swap.source,
            swap.certainty,
        )
        for swap in announced_swaps()
    )
    decided = (
        SwapView(
            fact.event.off,
            fact.event.worked,
            fact.event.source,
            "decided",
            fact.recorded_at,
            fact.authorship.actor if actors else None,
        )
        for fact in facts
    )
    return [one for one in (*announced, *decided) if year is None or _is_of(one, year)]


def _is_of(swap: SwapView, year: int) -> bool:
    return any(day.startswith(f"{year:04}-") for day in (*swap.off, *swap.worked))
