"""Where a service case must be for a command, and on which day: what several commands ask."""

from __future__ import annotations

from datetime import date
from typing import assert_never
from uuid import UUID

from registry.award.recorded import Standing
from registry.cases import opening as case_opening
from registry.cases.opening import check_day
from registry.cases.states import (
    AwaitingSupplement,
    Closed,
    Open,
    Sent,
    Stage,
    State,
    Suspended,
    Unopened,
    stage_name,
)
from registry.errors import Rejected
from registry.fact import World


def require_open(state: State) -> Open:
    """The case, which must be open. Raises `Rejected`."""
    match state:
        case Unopened():
            raise Rejected("service-case-unknown")
        case Closed():
            raise Rejected("case-closed", receipt=state.file.opened.receipt)
        case Open():
            return state
        case _:
            assert_never(state)


def next_day(state: Open | Closed, typed: str) -> date:
    """The day of a step. Raises `Rejected` if it lies before the last one."""
    on = check_day("on", typed)
    if on < state.file.last_on:
        last = state.file.last_on.isoformat()
        raise Rejected("day-before-last-step", field="on", typed=typed, on=last)
    return on


def require_stage(state: Open, *stages: type[Stage]) -> None:
    """Raise `Rejected` unless the case is in one of these stages."""
    if not isinstance(state.stage, stages):
        raise wrong_stage(state)


def wrong_stage(state: Open) -> Rejected:
    """The error for what cannot be done with a case in its stage."""
    match state.stage:
        case Suspended(legal_basis=basis):
            return Rejected("case-suspended", legal_basis=basis)
        case AwaitingSupplement(papers=papers):
            return Rejected("case-awaits-supplement", papers=", ".join(papers))
        case Sent():
            return Rejected("case-sent-already", receipt=state.file.opened.receipt)
        case _:
            return Rejected("case-stage", case_stage=stage_name(state))


def standing_award(state: Open, award_id: UUID | None, world: World) -> Standing | None:
    """The award of a case; None while it has none. Raises `Rejected` unless it stands."""
    if award_id != state.file.award_id:
        raise Rejected("award-changed-meanwhile", field="award_id")
    return None if award_id is None else case_opening.require_award(award_id, world)


def require_proof(state: Open) -> None:
    """Raise `Rejected` unless the archive has the award."""
    archive = state.file.archive
    if archive is None:
        raise Rejected("archive-not-checked")
    if archive.result == "miss":
        raise Rejected("no-proof-in-archive", archive=archive.archive)
