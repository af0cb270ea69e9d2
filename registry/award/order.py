"""The order of an award's days: what came later in the register came later in the world.

Nothing happens to an artifact before what happened to it last, nor before its award was conferred;
an award is not taken away before it was conferred, nor given back before it was taken away, and
nothing rests on a decision that is younger. A day that certainly breaks the order is a doubt: it is
recorded, shown on the award, and queued (see `doubts`). Old registers hold such days, and nobody
knows which of the two is wrong. Partial days that may stand in order are left in peace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias, assert_never

from registry import decision as decisions
from registry.award import artifact as artifacts
from registry.award.artifact import (
    ArtifactDeclaredUnrecoverable,
    ArtifactIssued,
    ArtifactRecovered,
    RecallOrdered,
    happened_on,
)
from registry.award.artifact_state import (
    Archived,
    Delivered,
    Destroyed,
    Found,
    InCustody,
    Issued,
    Lost,
    Printed,
    Recalled,
    Recovered,
    Stage,
    Undelivered,
    Unrecoverable,
)
from registry.award.recorded import (
    OWN_EVENTS,
    AwardCancelled,
    AwardCorrectedByDecision,
    AwardRestored,
    Recorded,
    TakenAway,
    TitleStripped,
    VerdictNoted,
    taken_on,
)
from registry.dates import is_before
from registry.decision import DAY_OUT_OF_ORDER
from registry.fact import World
from registry.remark import Remark

Act: TypeAlias = tuple[str, str | None]
"""What happened, by its stored name, and on which day (EDTF)."""

_NAMES: Final = {event: name for name, event in {**OWN_EVENTS, **artifacts.EVENTS}.items()}
_RECALLING: Final = (RecallOrdered, ArtifactRecovered, ArtifactDeclaredUnrecoverable)
_CONFERRED: Final = "award-recorded.v1"
_DECIDED: Final = "decision-registered.v1"
_DELIVERED: Final = "artifact-delivered.v1"


def order_doubts(state: Recorded, events: Iterable[object], world: World) -> tuple[Remark, ...]:
    """The doubts about the days of what was decided for an award that was in this state."""
    found = dict.fromkeys(_found(state, tuple(events), world))
    known = {*state.doubts.open, *state.doubts.confirmed}
    return tuple(one for one in found if one not in known)


def settled_doubts(state: Recorded, events: Iterable[object]) -> tuple[Remark, ...]:
    """The open doubts about a delivery's day that is put right, or was of no delivery at all."""
    gone = tuple(_left_behind(state, tuple(events)))
    return tuple(one for one in state.doubts.open if _rests_on_any(one, gone))


def _left_behind(state: Recorded, events: tuple[object, ...]) -> Iterator[tuple[str, str]]:
    """Serials with the days of deliveries that the register does not tell any more."""
    for event in events:
        if isinstance(event, artifacts.DeliveryCorrected):
            yield from (
                (event.serial, change.before)
                for change in event.changes
                if change.field == "delivered_on" and change.before is not None
            )
        elif isinstance(event, artifacts.DeliveryWithdrawn):
            yield event.serial, state.artifacts[event.serial].deliveries[-1].delivered_on


def _rests_on_any(doubt: Remark, gone: tuple[tuple[str, str], ...]) -> bool:
    told = dict(doubt.params)
    return doubt.code == DAY_OUT_OF_ORDER and any(
        told.get("serial") == serial
        and (_DELIVERED, day)
        in {(told.get("act"), told.get("on")), (told.get("earlier"), told.get("earlier_on"))}
        for serial, day in gone
    )


def _found(state: Recorded, events: tuple[object, ...], world: World) -> Iterator[Remark]:
    taken = next((_taken(one) for one in events if _is_taking(one)), _taken_before(state))
    for event in events:
        if isinstance(event, artifacts.DeliveryCorrected):
            act: Act = (_DELIVERED, _corrected_day(event))
            earlier = _before_delivery(state, event)
            serial: str | None = event.serial
        elif isinstance(event, artifacts.Event):
            act = (_NAMES[type(event)], happened_on(event))
            earlier = _before_artifact(state, event, taken)
            serial = event.serial
        else:
            act, serial = (_NAMES.get(type(event), ""), _own_day(event)), None
            earlier = _before_award(state, event, world)
        if act[1] is not None:
            for name, day in earlier:
                if is_before(act[1], day):
                    yield _doubt(act, (name, day), serial)


def _own_day(event: object) -> str | None:
    match event:
        case AwardCancelled():
            return event.cancelled_on
        case TitleStripped():
            return event.stripped_on
        case AwardRestored():
            return event.restored_on
        case VerdictNoted():
            return event.effective_on
        case AwardCorrectedByDecision():
            return event.corrected_on
        case _:
            return None


def _before_award(state: Recorded, event: object, world: World) -> Iterator[Act]:
    yield _CONFERRED, state.content.awarded_on
    if isinstance(event, AwardRestored):
        yield from _taken_before(state)
    by = getattr(event, "decision_id", None)
    decision = world.records.get(by) if by is not None else None
    if isinstance(decision, decisions.Registered):
        yield _DECIDED, decision.content.decided_on


def _before_artifact(
    state: Recorded, event: artifacts.Event, taken: tuple[Act, ...]
) -> Iterator[Act]:
    yield _CONFERRED, state.content.awarded_on
    if isinstance(event, _RECALLING):
        yield from taken
    one = None if isinstance(event, ArtifactIssued) else state.artifacts.get(event.serial)
    if one is not None:
        yield from _days_of(one.stage)


def _corrected_day(event: artifacts.DeliveryCorrected) -> str | None:
    return next((one.after for one in event.changes if one.field == "delivered_on"), None)


def _before_delivery(state: Recorded, event: artifacts.DeliveryCorrected) -> Iterator[Act]:
    """What came before the delivery that is put right now."""
    yield _CONFERRED, state.content.awarded_on
    delivered = state.artifacts[event.serial].deliveries[-1]
    if delivered.before is not None:
        yield from _days_of(delivered.before)


def _is_taking(event: object) -> bool:
    return isinstance(event, AwardCancelled | TitleStripped)


def _taken(event: object) -> tuple[Act, ...]:
    assert isinstance(event, AwardCancelled | TitleStripped)  # noqa: S101 - just asked
    return ((_NAMES[type(event)], taken_on(event)),)


def _taken_before(state: Recorded) -> tuple[Act, ...]:
    return _taken(state.by) if isinstance(state, TakenAway) else ()


def _days_of(stage: Stage) -> Iterator[Act]:  # noqa: C901, PLR0912 - one for each
    """How an artifact came to its stage, and on which day."""
    match stage:
        case Issued():
            yield "artifact-issued.v1", stage.issued_on
        case Printed():
            yield "artifact-printed.v1", stage.printed_on
        case Delivered():
            yield "artifact-delivered.v1", stage.delivered_on
        case Undelivered():
            yield "artifact-returned-undelivered.v1", stage.returned_on
        case InCustody():
            yield "artifact-surrendered.v1", stage.taken_on
        case Lost():
            yield "artifact-reissued.v1", stage.lost_by
        case Found():
            yield "artifact-found.v1", stage.found_on
        case Recalled():
            yield "artifact-recall-ordered.v1", stage.ordered_on
            yield from _days_of(stage.before)
        case Recovered():
            yield "artifact-recovered.v1", stage.recovered_on
        case Unrecoverable():
            yield "artifact-declared-unrecoverable.v1", stage.declared_on
        case Destroyed():
            yield "artifact-destroyed.v1", stage.destroyed_on
        case Archived():
            yield "artifact-archived.v1", stage.archived_on
        case _:
            assert_never(stage)


def _doubt(act: Act, earlier: Act, serial: str | None) -> Remark:
    params = {
        "act": act[0],
        "on": act[1],
        "earlier": earlier[0],
        "earlier_on": earlier[1],
        "serial": serial,
    }
    told = tuple((name, value) for name, value in params.items() if value is not None)
    return Remark(DAY_OUT_OF_ORDER, told)
