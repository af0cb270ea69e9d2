"""What is done to the register: processes killed at once, or stopped and let go on."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

    from scripts.campaigns.house import House
    from scripts.campaigns.writing import Writers

STOPPED_SECONDS: Final = (0.2, 3.0)
# Longer than a session may hold the log and stand still.
STALLED_SECONDS: Final = (8.0, 14.0)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault by its name; False if what it is about does not run just now."""

    name: str
    weight: int
    strike: Callable[[House, Writers, Random], bool]


def _kill_server(house: House, _writers: Writers, _chance: Random) -> bool:
    return house.signal_server(signal.SIGKILL)


def _kill_postgres(house: House, _writers: Writers, _chance: Random) -> bool:
    return house.signal_postgres(signal.SIGKILL)


def _kill_import(_house: House, writers: Writers, _chance: Random) -> bool:
    return writers.signal_import(signal.SIGKILL)


def _end_server(house: House, _writers: Writers, _chance: Random) -> bool:
    return house.signal_server(signal.SIGTERM)


def _stop_server(house: House, _writers: Writers, chance: Random) -> bool:
    return _stopped(house.signal_server, chance, STOPPED_SECONDS)


def _stop_postgres(house: House, _writers: Writers, chance: Random) -> bool:
    return _stopped(house.signal_postgres, chance, STOPPED_SECONDS)


def _stall_import(_house: House, writers: Writers, chance: Random) -> bool:
    return _stopped(writers.signal_import, chance, STALLED_SECONDS)


def _stopped(send: Callable[[int], bool], chance: Random, seconds: tuple[float, float]) -> bool:
    if not send(signal.SIGSTOP):
        return False
    time.sleep(chance.uniform(*seconds))
    send(signal.SIGCONT)
    return True


FAULTS: Final = (
    Fault("kill -9 server", 6, _kill_server),
    Fault("kill -9 postgres", 6, _kill_postgres),
    Fault("kill -9 import", 6, _kill_import),
    Fault("end server", 2, _end_server),
    Fault("stop server", 2, _stop_server),
    Fault("stop postgres", 2, _stop_postgres),
    Fault("stop import", 1, _stall_import),
)


def draw(chance: Random) -> Fault:
    """A fault by chance."""
    return chance.choices(FAULTS, [fault.weight for fault in FAULTS])[0]
