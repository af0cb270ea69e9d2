"""The clock of a service case: which days count against a time limit, and until when.

It counts the days of the step the case is in, the province's or the centre's, and runs only
while the office works on the case: not while the applicant is asked for papers (`waiting`), not
while the law stands in the way (`blocked`). Late and legally blocked are different things
(scenario 18).

What is kept is from which day until which each step ran. How many days those are is counted when
somebody asks, by the calendar that he knows: a swap of working days that is announced later moves
the due day of a case whose clock runs, and no fact of the case has to change for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from registry.law.procedures import TimeLimit, find_rule
from registry.law.working_days import NONE_DECIDED, DaysDecided

ClockState = Literal["running", "waiting", "blocked", "ended"]
ClockStep = Literal["province", "centre", "notice"]


@dataclass(frozen=True, slots=True)
class Run:
    """A time during which the clock of a step ran: the days after `since` until `until`."""

    step: ClockStep
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Clock:
    """How the time of the present step goes: `since` when the present state of it lasts.

    `ran` are the times before `since` during which it ran.
    """

    rule: str
    step: ClockStep
    state: ClockState
    since: date
    ran: tuple[Run, ...] = ()

    @property
    def limit(self) -> TimeLimit | None:
        """The time limit of the present step; None where none is known."""
        return self._limit_of(self.step)

    def due_on(self, decided: DaysDecided = NONE_DECIDED) -> date | None:
        """The last day in time; None while the clock stands still or no limit is known."""
        limit = self.limit
        if self.state != "running" or limit is None:
            return None
        used = sum(
            limit.days_between(run.since, run.until, decided)
            for run in self.ran
            if run.step == self.step
        )
        return limit.due_on(self.since, used, decided)

    def days_used(self, on: date, decided: DaysDecided = NONE_DECIDED) -> int:
        """Days used of all steps until a day."""
        return sum(
            limit.days_between(run.since, run.until, decided)
            for run in self._ran_until(on)
            if (limit := self._limit_of(run.step)) is not None
        )

    def moved(self, on: date, state: ClockState, step: ClockStep | None = None) -> Clock:
        """The clock in another state, or another step, from a day on."""
        return Clock(self.rule, step or self.step, state, on, self._ran_until(on))

    def artifact_due_on(
        self, approved_on: date, decided: DaysDecided = NONE_DECIDED
    ) -> date | None:
        """The last day on which the centre sends the new artifact, by the artifact's own term.

        It runs from the centre's answer beside the time to tell the applicant; None where the
        rule has none.
        """
        limit = self._limit_of("artifact")
        return None if limit is None else limit.due_on(approved_on, decided=decided)

    def _limit_of(self, step: ClockStep | Literal["artifact"]) -> TimeLimit | None:
        rule = find_rule(self.rule)
        return None if rule is None else rule.limit_of(step)

    def _ran_until(self, on: date) -> tuple[Run, ...]:
        if self.state != "running":
            return self.ran
        return (*self.ran, Run(self.step, self.since, on))
