"""The end of a service case, with an outcome and a reason, and its reopening.

Without a legal basis a case does not wait for ever: it ends, names the source, and is watched
for the trigger on which to look at it again (reference, section 0, fact 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from registry.award.recorded import Recorded
from registry.cases import opening as case_opening
from registry.cases.artifacts import components_replaced_by, held_components
from registry.cases.events import OUTCOMES, CaseOutcome, ServiceCaseClosed, ServiceCaseReopened
from registry.cases.opening import obstacle_remark, visible_text
from registry.cases.rules import next_day, wrong_stage
from registry.cases.states import (
    AwaitingSupplement,
    Open,
    Refused,
    State,
    Suspended,
    Unopened,
    stage_name,
)
from registry.errors import Rejected
from registry.fact import Outcome, World
from registry.law.instruments import ended_law_doubts
from registry.law.unavailable import obstacle_by_code, obstacle_for
from registry.remark import Remark
from registry.rules import TEXT_CHARACTERS_MAX, check_choice, check_text, require_text


@dataclass(frozen=True, slots=True)
class CloseCase:
    """End the case with an outcome and a reason.

    `award_id` is its award as far as it has one: what was delivered is looked up there.
    """

    on: str
    outcome: CaseOutcome
    reason: str
    award_id: UUID | None
    legal_source: str | None = None
    watch: str | None = None
    transferred_to: str | None = None


@dataclass(frozen=True, slots=True)
class ReopenCase:
    """Open a closed case again; `confirming_decision` names one of the State President's."""

    on: str
    legal_basis: str
    confirming_decision: str | None = None


# Rules --------------------------------------------------------------------------------------


def close(state: Open, command: CloseCase, world: World) -> Outcome:
    """Judge an ending. Raises `Rejected` unless the outcome fits the case."""
    check_choice("outcome", command.outcome, OUTCOMES)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    if command.award_id != state.file.award_id:
        raise Rejected("award-changed-meanwhile", field="award_id")
    award = case_opening.known_award(command.award_id, world)
    _check_outcome(state, command, award, world.record_id)
    source, watch = _without_basis(state, command)
    check_text("transferred_to", command.transferred_to)
    event = ServiceCaseClosed(
        command.on, command.outcome, reason, source, watch, command.transferred_to
    )
    doubts = ended_law_doubts(command.legal_source, state.file.judged_on)
    return Outcome((event,), _still_held(state, award) + doubts)


def _check_outcome(  # noqa: C901, PLR0912 - one for each outcome
    state: Open, command: CloseCase, award: Recorded | None, case_id: UUID | None
) -> None:
    file, kind = state.file, state.file.opened.kind
    match command.outcome:
        case "delivered":
            _check_delivered(state, award, case_id)
        case "refused":
            if file.result is not None and not isinstance(state.stage, Refused):
                raise Rejected("case-not-refused", field="outcome")
        case "no-legal-basis" | "no-procedure":
            obstacle = obstacle_by_code(file.routing.obstacle or "")
            if obstacle is None:
                require_text("legal_source", command.legal_source, TEXT_CHARACTERS_MAX)
            elif obstacle.outcome != command.outcome:
                raise Rejected("outcome-does-not-fit", field="outcome", outcome=obstacle.outcome)
        case "proof-unobtainable":
            if file.archive is None or file.archive.result == "hit":
                raise Rejected("archive-has-proof" if file.archive else "archive-not-checked")
        case "original-returned":
            if kind != "exchange":
                raise Rejected("not-an-exchange", field="outcome")
            if _still_held(state, award):
                raise Rejected("original-still-in-custody", field="outcome")
        case "transferred":
            require_text("transferred_to", command.transferred_to)
        case "withdrawn" | "died-without-representative":
            return
        case _:
            assert_never(command.outcome)


def _check_delivered(state: Open, award: Recorded | None, case_id: UUID | None) -> None:
    """What was asked for is there: the letter, or a new artifact for each component."""
    file = state.file
    if file.opened.kind == "confirmation":
        if file.confirmation is None:
            raise Rejected("confirmation-missing", field="outcome")
        return
    if isinstance(state.stage, Suspended | AwaitingSupplement):
        raise wrong_stage(state)
    if award is None:
        raise Rejected("award-not-identified", field="outcome")
    replaced = components_replaced_by(award, case_id)
    for component in file.opened.components:
        if component not in replaced:
            raise Rejected("replacement-missing", field="outcome", component=component)


def _still_held(state: Open, award: Recorded | None) -> tuple[Remark, ...]:
    """Doubts about closing a case while the office still has what the citizen handed in."""
    held = () if award is None else held_components(award)
    return tuple(
        Remark("original-still-in-custody", (("component", component),))
        for component in state.file.opened.components
        if component in held
    )


def _without_basis(state: Open, command: CloseCase) -> tuple[str | None, str | None]:
    """The source and the trigger to watch: what the data say, unless the clerk says otherwise."""
    check_text("legal_source", command.legal_source, TEXT_CHARACTERS_MAX)
    check_text("watch", command.watch)
    if command.outcome not in {"no-legal-basis", "no-procedure"}:
        return command.legal_source, command.watch
    obstacle = obstacle_by_code(state.file.routing.obstacle or "")
    source, watch = command.legal_source, command.watch
    if obstacle is not None:
        source, watch = source or obstacle.source, watch or obstacle.trigger
    return source, require_text("watch", watch)


def reopen(state: State, command: ReopenCase) -> Outcome:
    """Judge a reopening. Raises `Rejected` unless the case is closed, with nothing delivered."""
    if isinstance(state, Unopened):
        raise Rejected("service-case-unknown")
    if isinstance(state, Open):
        raise Rejected("case-not-closed", case_stage=stage_name(state))
    on = next_day(state, command.on)
    if state.closing.outcome == "delivered":
        raise Rejected("case-delivered", receipt=state.file.opened.receipt)
    basis = require_text("legal_basis", command.legal_basis, TEXT_CHARACTERS_MAX)
    check_text("confirming_decision", command.confirming_decision)
    confirming = visible_text(command.confirming_decision) or state.file.confirming_decision
    obstacle = None
    if state.file.routing.obstacle is not None:
        form, kind = state.file.routing.form, state.file.opened.kind
        obstacle = obstacle_for(form, kind, on, confirmed=confirming is not None)
    code = None if obstacle is None else obstacle.code
    remarks: tuple[Remark, ...] = () if obstacle is None else (obstacle_remark(obstacle),)
    remarks += ended_law_doubts(basis, on)
    return Outcome((ServiceCaseReopened(command.on, basis, confirming, code),), remarks)
