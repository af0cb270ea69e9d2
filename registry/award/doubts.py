"""What does not fit about an award stays on it until somebody with the right has settled it.

A register also holds what offices did wrongly, so a doubt refuses nothing. Two kinds:

  * who decided the award might not confer this form on that day (`registry.law.competence`):
    such an award is held back, that is, nothing of it is printed, signed, or told as in force;
  * days stand in another order than such things happen (also `order`): that is shown, and holds
    nothing back.

Both end by `ConfirmDoubts` with a reason, which has a right of its own, or because what they were
about was corrected. What was confirmed once is not doubted again in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never
from uuid import UUID

from registry import decision as decisions
from registry.award.recorded import (
    AwardDoubted,
    AwardDoubtsConfirmed,
    AwardDoubtsSettled,
    AwardRecorded,
    Doubts,
    Entered,
    Recorded,
    Standing,
    Withdrawn,
)
from registry.dates import is_before
from registry.errors import Rejected
from registry.fact import Outcome, World
from registry.law.competence import AUTHORITY_DOUBTED, load_competence
from registry.remark import Remark
from registry.rules import TEXT_CHARACTERS_MAX, require_text

HOLDING: Final = frozenset({AUTHORITY_DOUBTED})
"""Codes of doubts that hold an award back."""
BORN_AFTER: Final = "born-after-award"
BEFORE_DECISION: Final = "awarded-before-decision"
_OF_CONTENT: Final = frozenset({AUTHORITY_DOUBTED, BORN_AFTER, BEFORE_DECISION})
"""Codes of doubts that follow from what the register says of an award and its decision."""


@dataclass(frozen=True, slots=True)
class ConfirmDoubts:
    """Say that an award is as it should be, and why; `codes` names some doubts, () all of them."""

    reason: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewAward:
    """Judge anew who decided the award and when: its decision was corrected, or the table was.

    `decision_id` is the award's decision, where it names one.
    """

    decision_id: UUID | None


Command: TypeAlias = ConfirmDoubts | ReviewAward
Event: TypeAlias = AwardDoubted | AwardDoubtsConfirmed | AwardDoubtsSettled


def decide(state: Recorded, command: Command, world: World) -> Outcome:
    """Judge a command on what is doubtful. Raises `Rejected`."""
    match command:
        case ConfirmDoubts():
            return _confirm(state, command)
        case ReviewAward():
            if command.decision_id != state.content.decision_id:
                raise Rejected("decision-of-other-award", field="decision_id")
            events = review(state.doubts, state.content, world)
            return Outcome(events, raised(events))
        case _:
            assert_never(command)


def after(doubts: Doubts, event: Event) -> Doubts:
    """What is doubtful after an event."""
    match event:
        case AwardDoubted(doubts=new):
            fresh = tuple(one for one in new if one not in doubts.open)
            return replace(doubts, open=doubts.open + fresh)
        case AwardDoubtsConfirmed(doubts=settled):
            return Doubts(_without(doubts.open, settled), (*doubts.confirmed, *settled))
        case AwardDoubtsSettled(doubts=settled):
            return replace(doubts, open=_without(doubts.open, settled))
        case _:
            assert_never(event)


def held_by(state: Entered) -> Remark | None:
    """The doubt that holds an award back; None if none does, or the award never was."""
    if isinstance(state, Withdrawn):
        return None
    return next((one for one in state.doubts.open if one.code in HOLDING), None)


def require_free(state: Standing) -> Standing:
    """The award, unless a doubt holds it back. Raises `Rejected`."""
    held = held_by(state)
    if held is not None:
        raise held_back(held)
    return state


def held_back(doubt: Remark) -> Rejected:
    """The error for what is not done for an award while a doubt holds it back."""
    return Rejected("award-held-back", doubt=doubt.code, **dict(doubt.params))


def content_doubts(content: AwardRecorded, world: World) -> tuple[Remark, ...]:
    """The doubts about an award's own text, by its decision or else by what its source says."""
    decision = world.records.get(content.decision_id) if content.decision_id else None
    issuer, number = content.issuer_typed, content.number_typed
    found: list[Remark] = []
    if isinstance(decision, decisions.Registered):
        issuer, number = decision.content.issuer, decision.content.number
        decided_on = decision.content.decided_on
        if content.awarded_on != decided_on and is_before(content.awarded_on, decided_on):
            days = (("on", content.awarded_on or ""), ("earlier_on", decided_on or ""))
            found.append(Remark(BEFORE_DECISION, days))
    awarded_on = content.awarded_on
    doubt = load_competence().doubt(content.form, issuer, number, awarded_on)
    if doubt is not None:
        found.append(doubt)
    if awarded_on is not None:
        for person in content.recipient.persons:
            # By the year alone nearly everybody was born before.
            if person.born is not None and person.born[:4] > awarded_on[:4]:
                found.append(Remark(BORN_AFTER))
                break
    return tuple(found)


def review(doubts: Doubts, content: AwardRecorded, world: World) -> tuple[Event, ...]:
    """What follows for the doubts of an award whose content or decision may be another now."""
    if content.decision_id is not None and content.decision_id not in world.records:
        return ()
    now = content_doubts(content, world)
    gone = tuple(one for one in doubts.open if one.code in _OF_CONTENT and one not in now)
    new = tuple(one for one in now if one not in doubts.open and one not in doubts.confirmed)
    settled: tuple[Event, ...] = (AwardDoubtsSettled(gone),) if gone else ()
    return (*settled, AwardDoubted(new)) if new else settled


def doubted(found: Iterable[Remark]) -> tuple[AwardDoubted, ...]:
    """The event that keeps doubts which came up just now; none for none."""
    kept = tuple(found)
    return (AwardDoubted(kept),) if kept else ()


def raised(events: Iterable[object]) -> tuple[Remark, ...]:
    """The doubts that events keep, to be told with the command that brought them up."""
    return tuple(
        doubt for event in events if isinstance(event, AwardDoubted) for doubt in event.doubts
    )


def _confirm(state: Recorded, command: ConfirmDoubts) -> Outcome:
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    wanted = command.codes or tuple(one.code for one in state.doubts.open)
    chosen = tuple(one for one in state.doubts.open if one.code in wanted)
    unknown = set(command.codes) - {one.code for one in chosen}
    if not chosen or unknown:
        raise Rejected("no-doubt-to-confirm", field="codes" if unknown else None)
    return Outcome((AwardDoubtsConfirmed(chosen, reason),))


def _without(doubts: tuple[Remark, ...], gone: tuple[Remark, ...]) -> tuple[Remark, ...]:
    return tuple(one for one in doubts if one not in gone)
