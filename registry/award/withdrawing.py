"""What a clerk entered by mistake (ghi nhầm) is taken back: an award, a delivery.

Cancelling says that what was granted is void from a day on; withdrawing says that it never was,
and that only the register was wrong. So it rests on no decision, and is refused where something
happened that cannot be the register's own error: an artifact in somebody's hand or on its way
back, another in its place, an award that a decision took away. That is withdrawn first, where it
can be.

What the office still has goes along: artifacts that are entered, printed or came back. A paper
that was signed may be anywhere as a file, so whoever withdraws says that he knows of it; whoever
presents it is told that it never was valid.

A delivery that never was is taken back while nothing happened since; then the artifact is where it
was before. One that was, but not as it was entered, is corrected: day, receiver, paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, assert_never
from uuid import UUID

from registry.award.artifact import DeliveryCorrected, DeliveryWithdrawn
from registry.award.artifact_state import (
    Artifact,
    Delivered,
    Issued,
    Printed,
    Undelivered,
    find,
    find_current,
    stage_name,
    wrong_stage,
)
from registry.award.delivery import FIELDS, DeliveryField, corrected_delivery
from registry.award.issuing import check_receiver
from registry.award.recorded import AwardWithdrawn, Recorded, Standing, standing_name
from registry.errors import Rejected
from registry.fact import Named, Outcome, World
from registry.personal import Personal
from registry.remark import Remark
from registry.rules import (
    TEXT_CHARACTERS_MAX,
    Change,
    check_choice,
    check_date,
    require_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class WithdrawAward:
    """Say that the award was entered by mistake.

    `with_signed` says that its signed papers count no longer either. `decision_id` or
    `import_id` is what is withdrawn as a whole, `golden_heir` as in `AwardWithdrawn`.
    """

    reason: str
    with_signed: bool = False
    decision_id: UUID | None = None
    import_id: UUID | None = None
    golden_heir: UUID | None = None


@dataclass(frozen=True, slots=True)
class WithdrawDelivery:
    """Say that the artifact with this serial was not taken in hand, as was last entered."""

    serial: str
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectDelivery:
    """Put right what the register says of the last time that the artifact was taken in hand.

    `person` is who took it: another one than was entered, or the same.
    """

    serial: str
    corrections: Mapping[DeliveryField, str | None]
    person: UUID
    identity_paper: Personal | None
    reason: str


Command: TypeAlias = WithdrawAward | WithdrawDelivery | CorrectDelivery


def named_records(command: Command) -> tuple[Named, ...]:
    """The award that has a golden-book number from now on."""
    if isinstance(command, WithdrawAward) and command.golden_heir is not None:
        return (("award", command.golden_heir),)
    return ()


def decide(state: Recorded, command: Command, world: World) -> Outcome:
    """Judge the taking back of what was entered by mistake. Raises `Rejected`."""
    match command:
        case WithdrawAward():
            return _withdraw(state, command, world)
        case WithdrawDelivery():
            return _withdraw_delivery(state, command)
        case CorrectDelivery():
            return _correct_delivery(state, command)
        case _:
            assert_never(command)


def _withdraw(state: Recorded, command: WithdrawAward, world: World) -> Outcome:
    if not isinstance(state, Standing):
        raise Rejected("withdraw-award-taken-away", standing=standing_name(state))
    standing = state
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    _check_nothing_happened(standing)
    signed = [one.serial for one in standing.artifacts.values() if one.signed]
    if signed and not command.with_signed:
        raise Rejected("withdraw-certificate-signed", field="with_signed", serial=signed[0])
    heir = command.golden_heir
    if heir is not None and not isinstance(world.records.get(heir), Recorded):
        heir = None
    event = AwardWithdrawn(reason, command.decision_id, command.import_id, heir)
    return Outcome((event,), tuple(_remarks(standing.artifacts.values())))


def _check_nothing_happened(state: Standing) -> None:
    """Raise `Rejected` naming what stands in the way, and is withdrawn first if it can be."""
    if state.verdict is not None:
        raise Rejected("withdraw-verdict-noted", effective_on=state.verdict.effective_on)
    for one in state.artifacts.values():
        if one.superseded_by is not None:
            successor = one.superseded_by.successor
            raise Rejected("withdraw-artifact-replaced", serial=one.serial, successor=successor)
        if isinstance(one.stage, Delivered):
            on = one.stage.delivered_on
            raise Rejected("withdraw-artifact-delivered", serial=one.serial, on=on)
        if not isinstance(one.stage, Issued | Printed | Undelivered):
            stage = stage_name(one.stage)
            raise Rejected("withdraw-artifact-moved", serial=one.serial, stage=stage)


def _remarks(artifacts: Iterable[Artifact]) -> Iterable[Remark]:
    """Papers that are there though they never should have been: somebody must see to them."""
    for one in artifacts:
        if one.signed or isinstance(one.stage, Printed | Undelivered):
            yield Remark("withdrawn-paper-exists", (("serial", one.serial),))


def _withdraw_delivery(state: Recorded, command: WithdrawDelivery) -> Outcome:
    one = find_current(state.artifacts, command.serial)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    if not isinstance(one.stage, Delivered):
        raise wrong_stage(one)
    return Outcome((DeliveryWithdrawn(one.serial, reason),))


def _correct_delivery(state: Recorded, command: CorrectDelivery) -> Outcome:
    one = find(state.artifacts, command.serial)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    if not one.deliveries:
        raise Rejected("not-delivered", field="serial", serial=one.serial)
    last = one.deliveries[-1]
    before = delivery_fields(last)
    for name in command.corrections:
        check_choice("corrections", name, FIELDS)
    changes = tuple(
        Change(name, before[name], after)
        for name, after in sorted(command.corrections.items())
        if before[name] != after
    )
    if not changes and command.identity_paper is None:
        raise Rejected("nothing-to-correct")
    event = DeliveryCorrected(one.serial, changes, command.person, command.identity_paper, reason)
    on, receiver = corrected_delivery(last.delivered_on, last.receiver, event)
    check_date("delivered_on", on)
    check_receiver(state.content, "receiver", receiver)
    return Outcome((event,))


def delivery_fields(delivery: Delivered) -> Mapping[DeliveryField, str | None]:
    """What a correction may change of a delivery, as the register has it."""
    receiver = delivery.receiver
    return {
        "delivered_on": delivery.delivered_on,
        "receiver_kind": receiver.kind,
        "receiver": receiver.name,
        "relation": receiver.relation,
    }
