"""A service case goes to the central body in a batch, and comes back with an answer or a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry.award.recorded import Standing
from registry.cases.artifacts import held_components
from registry.cases.events import (
    CentreResult,
    ServiceCaseResultReceived,
    ServiceCaseSent,
    ServiceCaseSentBack,
)
from registry.cases.rules import require_stage, standing_award, wrong_stage
from registry.cases.states import (
    AwaitingSupplement,
    Open,
    Sent,
    SentBack,
    Suspended,
    Verified,
    hindrance,
    stage_name,
)
from registry.errors import Rejected
from registry.fact import Outcome, World
from registry.law.successions import successor_of
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    check_choice,
    check_text,
    require_text,
)


@dataclass(frozen=True, slots=True)
class SendCase:
    """Send the case to the central body, in a batch."""

    on: str
    batch_id: UUID
    award_id: UUID | None
    sent_to: str | None = None


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Note that the central body sent the case back."""

    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiveResult:
    """Note the central body's answer; a refusal says why."""

    on: str
    result: CentreResult
    number: str | None = None
    reason: str | None = None


# Rules --------------------------------------------------------------------------------------


def send(state: Open, command: SendCase, on: date, world: World) -> Outcome:
    """Judge a sending. Raises `Rejected` naming the first rule that says not yet."""
    if isinstance(state.stage, Sent):
        raise Rejected("case-sent-already", receipt=state.file.opened.receipt)
    withheld = hindrance(state)
    if withheld is not None:
        raise Rejected(withheld.code, **withheld.params)
    if state.file.routing.level != "centre":
        raise Rejected("province-makes-it-itself")
    require_stage(state, Verified, SentBack)
    award = standing_award(state, command.award_id, world)
    if award is not None:
        _require_old_items(state, award)
    sent_to = command.sent_to or successor_of("Ban Thi đua - Khen thưởng Trung ương", on).name
    check_text("sent_to", sent_to)
    return Outcome((ServiceCaseSent(command.on, command.batch_id, sent_to),))


def _require_old_items(state: Open, award: Standing) -> None:
    """An exchange goes nowhere before the old item is in custody, with a receipt."""
    opened = state.file.opened
    if opened.kind != "exchange":
        return
    held = held_components(award)
    for component in opened.components:
        if component not in held:
            raise Rejected("old-item-not-in-custody", component=component)


def take_back(state: Open, command: TakeBack) -> Outcome:
    """Judge a return from the central body. Raises `Rejected`."""
    if not isinstance(state.stage, Sent):
        raise _not_sent(state)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    return Outcome((ServiceCaseSentBack(command.on, state.stage.batch_id, reason),))


def receive_result(state: Open, command: ReceiveResult) -> Outcome:
    """Judge the central body's answer. Raises `Rejected`."""
    if not isinstance(state.stage, Sent):
        raise _not_sent(state)
    check_choice("result", command.result, ("approved", "refused"))
    check_text("number", command.number, NAME_CHARACTERS_MAX)
    check_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    if command.result == "refused":
        require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    event = ServiceCaseResultReceived(command.on, command.result, command.number, command.reason)
    return Outcome((event,))


def _not_sent(state: Open) -> Rejected:
    if isinstance(state.stage, Suspended | AwaitingSupplement):
        return wrong_stage(state)
    return Rejected("case-not-sent", case_stage=stage_name(state))
