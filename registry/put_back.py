"""The log put back to an earlier time on purpose: an older backup restored where a newer was seen.

What was recorded since is gone from the register, while others may hold proofs of it. So going back
is never silent: who restores says why, and the log itself says so from then on, with the head that
was seen last, which whoever holds a newer proof can compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from registry.errors import AlreadyRecorded
from registry.fact import Claim, Named, Outcome, World
from registry.personal import Personal
from registry.rules import require_text

if TYPE_CHECKING:
    from typing import NoReturn


@dataclass(frozen=True, slots=True)
class LogPutBack:
    """An older backup was restored: it had `size` sealed facts where `seen_size` had been seen.

    `seen_root` is the root over those, in base64: the head that this log no longer continues.
    """

    size: int
    seen_size: int
    seen_root: str
    reason: str


Event = LogPutBack
EVENTS: Mapping[str, type] = {"log-put-back.v1": LogPutBack}


@dataclass(frozen=True, slots=True)
class NotPutBack:
    """Nothing of the kind happened."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """It happened once; another time is a record of its own."""

    event: LogPutBack


State = NotPutBack | PutBack
INITIAL: State = NotPutBack()


@dataclass(frozen=True, slots=True)
class PutLogBack:
    """Say that an older backup was restored, and why."""

    size: int
    seen_size: int
    seen_root: str
    reason: str


Command = PutLogBack


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: it is about the log."""
    return ()


def named_records(_command: Command) -> tuple[Named, ...]:
    """None: it is judged by itself."""
    return ()


def decide(_state: State, command: Command, _world: World) -> Outcome:
    """Judge a command. Raises `Rejected`."""
    reason = require_text("reason", command.reason)
    return Outcome((LogPutBack(command.size, command.seen_size, command.seen_root, reason),))


def evolve(_state: State, event: Event) -> State:
    """Apply what happened."""
    return PutBack(event)


def claims(_after: State, _event: Event) -> tuple[Claim, ...]:
    """None: it may happen again."""
    return ()


def taken(_claim: Claim, holder: UUID) -> NoReturn:
    """Never asked: it takes no names."""
    raise AlreadyRecorded("claim-taken", holder)
