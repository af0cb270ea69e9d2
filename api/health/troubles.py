"""What is wrong with the register, each with a code and a sentence; every check is a function.

An `error` makes the server unready (503): what it answers or records cannot be relied on. A
`warning` is for the operator, and requests go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from api.health.log_watch import LogWatch
    from api.health.look import Look
    from projections.background import Task
    from registry.register import Registry

Level = Literal["error", "warning"]

UNSEALED_SECONDS_MAX: Final = 60.0
FREE_BYTES_MIN: Final = 64 << 20
LOG_HELD_SECONDS: Final = 5.0
FAILURES_IN_A_ROW: Final = 3
# Without these, what is recorded is not shown, not sealed, or nobody sees who stops the others.
_ESSENTIAL: Final = frozenset({"projections", "sealing", "log watch"})
# At the last attempt to record something; the others are seen by the look itself.
_REMEMBERED: Final = frozenset(
    {
        "disk-full",
        "disk-full-recording",
        "database-out-of-memory",
        "database-read-only",
        "database-resources-exhausted",
        "database-rights-missing",
        "database-storage-failing",
        "database-damaged",
    }
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong."""

    code: str
    level: Level = "error"
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the checks may look at: what was seen, and what the process knows itself."""

    look: Look
    registry: Registry
    tasks: Sequence[Task]
    watch: LogWatch | None
    now: datetime


Check: TypeAlias = Callable[[Circumstances], Iterator[Trouble]]


def _registers(seen: Circumstances) -> Iterator[Trouble]:
    for one in seen.look.statuses:
        if one.completeness == "INCOMPLETE":
            yield Trouble("register-incomplete", params={"projection": one.name})
        if one.failure is not None:
            params = {"projection": one.name, "reason": one.failure.code}
            yield Trouble("register-failing", params=params)


def _end(seen: Circumstances) -> Iterator[Trouble]:
    if seen.look.end_failure is not None:
        yield Trouble(seen.look.end_failure.code, params=seen.look.end_failure.params)


def _rows(seen: Circumstances) -> Iterator[Trouble]:
    if seen.look.row_faults:
        yield Trouble("registers-altered", params={"codes": ", ".join(seen.look.row_faults)})


def _sealing(seen: Circumstances) -> Iterator[Trouble]:
    if seen.look.unsealed_seconds > UNSEALED_SECONDS_MAX:
        seconds = round(seen.look.unsealed_seconds)
        params = {"count": seen.look.sealed.unsealed, "seconds": seconds}
        yield Trouble("sealing-behind", params=params)


def _tiles(seen: Circumstances) -> Iterator[Trouble]:
    wrong = seen.look.tile
    if wrong is not None:
        yield Trouble(wrong.code, params={"level": wrong.level, "index": wrong.index})


def _space(seen: Circumstances) -> Iterator[Trouble]:
    free = seen.look.free_bytes
    if free is not None and free < FREE_BYTES_MIN:
        yield Trouble("disk-almost-full", params={"megabytes": free >> 20})


def _recording(seen: Circumstances) -> Iterator[Trouble]:
    code = seen.registry.log.trouble()
    if code in _REMEMBERED:
        yield Trouble(code)


def _threads(seen: Circumstances) -> Iterator[Trouble]:
    for task in seen.tasks:
        state = task.state()
        if not state.alive:
            yield Trouble("thread-dead", params={"thread": state.name})
        elif state.failures and state.code is not None:
            lasting = state.name in _ESSENTIAL and state.failures >= FAILURES_IN_A_ROW
            params: dict[str, str | int] = {
                "thread": state.name,
                "reason": state.code,
                "failures": state.failures,
            }
            yield Trouble("thread-failing", "error" if lasting else "warning", params)


def _log_lock(seen: Circumstances) -> Iterator[Trouble]:
    held = None if seen.watch is None else seen.watch.held
    if held is not None and held.seconds >= LOG_HELD_SECONDS:
        params: dict[str, str | int] = {
            "application": held.application,
            "process": held.pid,
            "seconds": round(held.seconds),
        }
        yield Trouble("log-held", "warning", params)


def _clock(seen: Circumstances) -> Iterator[Trouble]:
    seconds = seen.registry.recorded_time.seconds_behind(seen.now)
    if seconds:
        yield Trouble("clock-behind-log", "warning", {"seconds": seconds})


# A check of another part of the register is added here.
CHECKS: Final[tuple[Check, ...]] = (
    _registers,
    _end,
    _rows,
    _sealing,
    _tiles,
    _space,
    _recording,
    _threads,
    _log_lock,
    _clock,
)


def troubles(seen: Circumstances) -> list[Trouble]:
    """Everything that is wrong, errors first."""
    found = [trouble for check in CHECKS for trouble in check(seen)]
    return sorted(found, key=lambda one: one.level != "error")
