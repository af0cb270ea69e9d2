"""The clock of a service case: which days count against a time limit, and until when.

It counts the days of the step the case is in, the province's or the centre's, and runs only
while the office works on the case: not while the applicant is asked for papers (`waiting`), not
while the law stands in the way (`blocked`). Late and legally blocked are different things
(scenario 18). Days used are kept for each step and never shrink.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from registry.law.procedures import TimeLimit, find_rule

ClockState = Literal["running", "waiting", "blocked", "ended"]
ClockStep = Literal["province", "centre", "notice"]


@dataclass(frozen=True, slots=True)
class Clock:
    """How the time of the present step goes: `since` when the present state of it lasts.

    `spent` are the days used by each step before `since`.
    """

    rule: str
    step: ClockStep
    state: ClockState
    since: date
    spent: Mapping[str, int] = field(default_factory=dict)

    @property
    def limit(self) -> TimeLimit | None:
        """The time limit of the present step; None where none is known."""
        rule = find_rule(self.rule)
        return None if rule is None else rule.limit_of(self.step)

    @property
    def due_on(self) -> date | None:
        """The last day in time; None while the clock stands still or no limit is known."""
        limit = self.limit
        if self.state != "running" or limit is None:
            return None
        return limit.due_on(self.since, self.spent.get(self.step, 0))

    def days_used(self, on: date) -> int:
        """Days used of all steps until a day."""
        return sum(self._spent_until(on).values())

    def moved(self, on: date, state: ClockState, step: ClockStep | None = None) -> Clock:
        """The clock in another state, or another step, from a day on."""
        return Clock(self.rule, step or self.step, state, on, self._spent_until(on))

    def _spent_until(self, on: date) -> dict[str, int]:
        spent = dict(self.spent)
        limit = self.limit
        if self.state == "running" and limit is not None:
            spent[self.step] = spent.get(self.step, 0) + limit.days_between(self.since, on)
        return spent
