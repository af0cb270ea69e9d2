"""Working days that were announced after this program was made: decided in the register.

One record for the whole register. Each decision says on which days offices do not work, on which
they do, and who announced it; what was decided last about a day holds, so a decision that was
wrong is put right by another one. Time limits are counted by it from then on, those of cases that
run already too: the log says when each became known, and from what.

Only what changes something can be decided: a day that is off already, by law or by an earlier
decision, is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final
from uuid import UUID

from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.law.working_days import DaysDecided, is_working_day
from registry.personal import Personal
from registry.remark import Remark
from registry.rules import check_date, require_text

if TYPE_CHECKING:
    from typing import NoReturn

CALENDAR_ID: Final = UUID("7d0a4c52-6a0e-5b1f-9c3d-2f6b8e4a1c07")
"""The one record of working days."""
DAYS_PER_DECISION_MAX: Final = 60


# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkingDaysDecided:
    """Offices do not work on the days `off` and work on the days `worked`; `source` says by whom.

    Days are whole, `2026-01-02`, in order.
    """

    off: tuple[str, ...]
    worked: tuple[str, ...]
    source: str


Event = WorkingDaysDecided
EVENTS: Mapping[str, type] = {"working-days-decided.v1": WorkingDaysDecided}


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Calendar:
    """What was decided so far: whether offices work on a day."""

    days: DaysDecided = field(default_factory=dict)


State = Calendar
INITIAL: State = Calendar()


# Commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DecideWorkingDays:
    """Say on which days offices do not work, and on which they do."""

    off: tuple[str, ...]
    worked: tuple[str, ...]
    source: str


Command = DecideWorkingDays


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: days are nobody's."""
    return ()


def named_records(_command: Command) -> tuple[Named, ...]:
    """None: it is judged by itself."""
    return ()


def decide(state: State, command: Command, _world: World) -> Outcome:
    """Judge a command. Raises `Rejected`."""
    source = require_text("source", command.source)
    off, worked = _check_days("off", command.off), _check_days("worked", command.worked)
    if not off and not worked:
        raise Rejected("days-not-named", field="off")
    if len(off) + len(worked) > DAYS_PER_DECISION_MAX:
        raise Rejected("too-many-days", field="off", limit=DAYS_PER_DECISION_MAX)
    for name, days, works in (("off", off, False), ("worked", worked, True)):
        for day in days:
            if is_working_day(day, state.days) is works:
                code = "day-worked-already" if works else "day-off-already"
                raise Rejected(code, field=name, on=day.isoformat())
    event = WorkingDaysDecided(_texts(off), _texts(worked), source)
    return Outcome((event,), _doubts(len(off), len(worked)))


def _check_days(name: str, typed: tuple[str, ...]) -> list[date]:
    days = [_check_day(name, one) for one in typed]
    if len(set(days)) != len(days):
        raise Rejected("day-named-twice", field=name)
    return sorted(days)


def _check_day(name: str, typed: str) -> date:
    on = check_date(name, typed)
    if on is None or on.text != on.earliest.isoformat():
        raise Rejected("day-needed", field=name, typed=typed[:40])
    return on.earliest


def _texts(days: list[date]) -> tuple[str, ...]:
    return tuple(day.isoformat() for day in days)


def _doubts(off: int, worked: int) -> tuple[Remark, ...]:
    """A swap has as many days off as days worked; one that was announced alone is no swap."""
    if off == worked:
        return ()
    return (Remark("swap-uneven", (("off", str(off)), ("worked", str(worked)))),)


def evolve(state: State, event: Event) -> State:
    """Apply what happened."""
    off = dict.fromkeys(map(date.fromisoformat, event.off), False)
    worked = dict.fromkeys(map(date.fromisoformat, event.worked), True)
    return Calendar({**state.days, **off, **worked})


def claims(_after: State, _event: Event) -> tuple[Claim, ...]:
    """None: there is one such record."""
    return ()


def taken(_claim: Claim, holder: UUID) -> NoReturn:
    """Never asked: it takes no names."""
    raise AlreadyRecorded("claim-taken", holder)
