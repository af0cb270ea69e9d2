"""A new artifact for an old one: exchange, re-issue, and what the office itself must replace.

Rules kept here, with their sources in the domain reference:
  * neither exchange nor re-issue makes a new award (section 0, fact 2): the new artifact names
    what it supersedes, the old one its successor, and the old serial is never used again;
  * a service case must allow either; the problem names the case's own rule if it does not;
  * exchange needs the old item in custody first (3.2);
  * one component alone can be replaced (scenario 22);
  * a second re-issue is allowed, and shows the first (scenario 24);
  * what the office spoiled before handing it over, or destroyed under an award that was
    restored (scenario 39), it replaces without a case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never
from uuid import UUID

from registry.award.artifact import (
    EXCHANGE_REASONS,
    REISSUE_REASONS,
    ArtifactExchanged,
    ArtifactIssued,
    ArtifactReissued,
    ArtifactReplaced,
    ExchangeReason,
    OfficeReason,
    ReissueReason,
    Succession,
    succeeded_on,
)
from registry.award.artifact_state import (
    Archived,
    Artifact,
    Delivered,
    Destroyed,
    InCustody,
    Issued,
    Printed,
    Stage,
    Undelivered,
    Unrecoverable,
    find_current,
    wrong_stage,
)
from registry.award.issuing import check_serial
from registry.award.recorded import Recorded, Standing, require_standing
from registry.errors import Rejected
from registry.fact import Named, Outcome, World
from registry.remark import Remark
from registry.replacement import Mandate, Permission, ReplacementKind, Withheld
from registry.rules import check_choice, check_date


@dataclass(frozen=True, slots=True)
class ExchangeArtifact:
    """Put a new artifact, `successor`, in the place of one that was handed in."""

    serial: str
    successor: str
    exchanged_on: str
    reason: ExchangeReason
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReissueArtifact:
    """Put a new artifact, `successor`, in the place of one that is lost."""

    serial: str
    successor: str
    reissued_on: str
    reason: ReissueReason
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReplaceArtifact:
    """Put a new artifact in the place of one that the office itself spoiled or destroyed."""

    serial: str
    successor: str
    replaced_on: str


Command: TypeAlias = ExchangeArtifact | ReissueArtifact | ReplaceArtifact


def named_records(command: Command) -> tuple[Named, ...]:
    """Exchange and re-issue rest on a service case."""
    if isinstance(command, ReplaceArtifact) or command.case_id is None:
        return ()
    return (("service-case", command.case_id),)


def decide(state: Recorded, command: Command, world: World) -> Outcome:
    """Judge whether a new artifact may take an old one's place. Raises `Rejected`."""
    standing = require_standing(state)
    one = find_current(standing.artifacts, command.serial)
    check_serial(standing.artifacts, command.successor)
    match command:
        case ExchangeArtifact():
            return _exchange(standing, one, command, world)
        case ReissueArtifact():
            return _reissue(standing, one, command, world)
        case ReplaceArtifact():
            return _replace(one, command)
        case _:
            assert_never(command)


def _exchange(state: Standing, one: Artifact, command: ExchangeArtifact, world: World) -> Outcome:
    check_date("exchanged_on", command.exchanged_on)
    check_choice("reason", command.reason, EXCHANGE_REASONS)
    if not isinstance(one.stage, InCustody):
        raise Rejected("old-item-not-surrendered", field="serial", serial=one.serial)
    case_id = _check_mandate(state, one, "exchange", command.case_id, world)
    event = ArtifactExchanged(
        one.serial, command.successor, command.exchanged_on, command.reason, case_id
    )
    return Outcome(_succession(one, event))


def _reissue(state: Standing, one: Artifact, command: ReissueArtifact, world: World) -> Outcome:
    check_date("reissued_on", command.reissued_on)
    check_choice("reason", command.reason, REISSUE_REASONS)
    if isinstance(one.stage, InCustody):
        raise Rejected("item-in-custody", field="serial", serial=one.serial)
    if not isinstance(one.stage, Issued | Printed | Delivered | Undelivered | Unrecoverable):
        raise wrong_stage(one)
    case_id = _check_mandate(state, one, "reissue", command.case_id, world)
    event = ArtifactReissued(
        one.serial, command.successor, command.reissued_on, command.reason, case_id
    )
    return Outcome(_succession(one, event), _reissued_before(state, one.component))


def _replace(one: Artifact, command: ReplaceArtifact) -> Outcome:
    check_date("replaced_on", command.replaced_on)
    reason = _office_reason(one.stage)
    if reason is None:
        raise Rejected("case-required", field="case_id", serial=one.serial)
    event = ArtifactReplaced(one.serial, command.successor, command.replaced_on, reason)
    return Outcome(_succession(one, event))


def _office_reason(stage: Stage) -> OfficeReason | None:
    match stage:
        case Printed() | Undelivered():
            return "misprinted"
        case Destroyed():
            return "destroyed"
        case Archived():
            return "archived"
        case _:
            return None


def _succession(one: Artifact, event: Succession) -> tuple[ArtifactIssued, Succession]:
    """The new artifact is issued, and takes the old one's place."""
    return ArtifactIssued(event.successor, one.component, succeeded_on(event)), event


def _check_mandate(
    state: Standing, one: Artifact, kind: ReplacementKind, case_id: UUID | None, world: World
) -> UUID:
    """The case that allows the replacement. Raises `Rejected` naming the rule that says no."""
    if case_id is None:
        raise Rejected("case-required", field="case_id", serial=one.serial)
    match _permission(case_id, world):
        case Withheld(code, params):
            raise Rejected(code, field="case_id", **params)
        case Mandate(award_id) if award_id != world.record_id:
            raise Rejected("case-of-other-award", field="case_id")
        case Mandate(kind=allowed) if allowed != kind:
            raise Rejected("case-of-other-kind", field="case_id", replacement=allowed)
        case Mandate(components=components) if one.component not in components:
            allowed_components = ", ".join(components)
            raise Rejected(
                "case-of-other-component",
                field="case_id",
                component=one.component,
                allowed=allowed_components,
            )
        case _:
            _check_unused(state, one, case_id)
            return case_id


def _check_unused(state: Standing, one: Artifact, case_id: UUID) -> None:
    """A case brings one new artifact for each component that it asked for, not two."""
    same = (other for other in state.artifacts.values() if other.component == one.component)
    for by in (other.superseded_by for other in same):
        if isinstance(by, ArtifactExchanged | ArtifactReissued) and by.case_id == case_id:
            raise Rejected("case-used-already", field="case_id", successor=by.successor)


def _permission(case_id: UUID, world: World) -> Permission:
    """What a case allows now; a case that nobody received has nothing to allow."""
    permission = getattr(world.records.get(case_id), "permission", None)
    if not isinstance(permission, Permission):
        raise Rejected("service-case-unknown", field="case_id")
    return permission


def _reissued_before(state: Standing, component: str) -> tuple[Remark, ...]:
    """That this component was issued again before, each time."""
    return tuple(
        Remark(
            "reissued-before",
            (
                ("component", component),
                ("serial", one.serial),
                ("successor", by.successor),
                ("on", by.reissued_on),
            ),
        )
        for one in state.artifacts.values()
        if one.component == component and isinstance(by := one.superseded_by, ArtifactReissued)
    )
