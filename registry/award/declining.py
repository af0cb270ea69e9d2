"""An award is declined before it is conferred (từ chối nhận): an outcome that is kept, no award.

It can be declined only while nothing of it came into anybody's hand. What was handed over and comes
back freely is something else: the award stays, see `custody`. Whoever declined may accept after
all. A declined award is not counted, and nobody who does not read the register is told of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from registry.award.artifact_state import Ended, Issued, Printed, Undelivered
from registry.award.recorded import (
    AwardDeclined,
    Declined,
    DecliningTakenBack,
    Recorded,
    require_standing,
)
from registry.errors import Rejected
from registry.fact import Outcome
from registry.rules import TEXT_CHARACTERS_MAX, check_date, check_text, require_text


@dataclass(frozen=True, slots=True)
class DeclineAward:
    """Record that the recipient declined the award; `paper` names what he said it in."""

    declined_on: str
    paper: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TakeDecliningBack:
    """Record that he accepts it after all."""

    accepted_on: str
    paper: str
    note: str | None = None


Command: TypeAlias = DeclineAward | TakeDecliningBack


def decide(state: Recorded, command: Command) -> Outcome:
    """Judge that an award is declined, or accepted after all. Raises `Rejected`."""
    match command:
        case DeclineAward():
            return _decline(state, command)
        case TakeDecliningBack():
            return _take_back(state, command)
        case _:
            assert_never(command)


def _decline(state: Recorded, command: DeclineAward) -> Outcome:
    for one in require_standing(state).artifacts.values():
        if not isinstance(one.stage, Issued | Printed | Undelivered | Ended):
            raise Rejected("award-conferred-already", serial=one.serial)
    check_date("declined_on", command.declined_on)
    paper = require_text("paper", command.paper)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)
    return Outcome((AwardDeclined(command.declined_on, paper, command.note),))


def _take_back(state: Recorded, command: TakeDecliningBack) -> Outcome:
    if not isinstance(state, Declined):
        raise Rejected("award-not-declined")
    check_date("accepted_on", command.accepted_on)
    paper = require_text("paper", command.paper)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)
    return Outcome((DecliningTakenBack(command.accepted_on, paper, command.note),))
