"""The way back and the end of an artifact (thu hồi): ordered, recovered or not, destroyed, kept.

Rules kept here, with their sources in the domain reference, section 3.5:
  * recall follows when the award does not stand, or when another artifact counts instead;
  * to order a recall is one thing, to have the artifact back another: what cannot be had is
    declared so in minutes, and the award is cancelled all the same (scenario 37);
  * destroying needs minutes, the day, and at least two witnesses; the serial is never issued
    again (scenario 41);
  * what may be destroyed or kept as a specimen is what counts no longer and lies in an office.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from registry.award.artifact import (
    ArtifactArchived,
    ArtifactDeclaredUnrecoverable,
    ArtifactDestroyed,
    ArtifactRecovered,
    RecallOrdered,
)
from registry.award.artifact_state import (
    Artifact,
    Delivered,
    Found,
    Holdable,
    InCustody,
    Issued,
    Lost,
    Printed,
    Recalled,
    Recovered,
    Undelivered,
    find,
    wrong_stage,
)
from registry.award.recorded import Declined, Recorded, Standing, TakenAway
from registry.dates import is_before
from registry.errors import Rejected
from registry.fact import Outcome
from registry.remark import Remark
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    check_date,
    check_text,
    require_text,
)

WITNESSES_MIN: Final = 2
WITNESSES_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class OrderRecall:
    """Tell the owner to give the artifact back, until the award's day unless `due_on` says so."""

    serial: str
    ordered_on: str
    due_on: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RecoverArtifact:
    """Record that a recalled artifact came back, and where it lies."""

    serial: str
    recovered_on: str
    kept_at: str
    handed_in_by: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class DeclareUnrecoverable:
    """Record that a recalled artifact cannot be had."""

    serial: str
    declared_on: str
    minutes: str
    reason: str


@dataclass(frozen=True, slots=True)
class DestroyArtifact:
    """Record that the artifact was destroyed."""

    serial: str
    destroyed_on: str
    minutes: str
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArchiveArtifact:
    """Record that the artifact is kept for good as a specimen."""

    serial: str
    archived_on: str
    kept_at: str
    minutes: str | None = None


Command: TypeAlias = (
    OrderRecall | RecoverArtifact | DeclareUnrecoverable | DestroyArtifact | ArchiveArtifact
)


def decide(state: Recorded, command: Command) -> Outcome:
    """Judge a command on an artifact's way back. Raises `Rejected`."""
    match command:
        case OrderRecall():
            return _order(state, command)
        case RecoverArtifact():
            return _recover(state, command)
        case DeclareUnrecoverable():
            return _declare_unrecoverable(state, command)
        case DestroyArtifact():
            return _destroy(state, command)
        case ArchiveArtifact():
            return _archive(state, command)
        case _:
            assert_never(command)


def can_be_recalled(one: Artifact) -> bool:
    """Whether an artifact is where a recall can reach it, and none was ordered."""
    return isinstance(one.stage, Holdable) and not isinstance(one.stage, Lost)


def _order(state: Recorded, command: OrderRecall) -> Outcome:
    one = find(state.artifacts, command.serial)
    check_date("ordered_on", command.ordered_on)
    check_date("due_on", command.due_on)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)
    if not can_be_recalled(one):
        raise wrong_stage(one)
    _check_ground(state, one)
    taken_away = state.by if isinstance(state, TakenAway) else None
    due_on = command.due_on or (taken_away.recall_due_on if taken_away else None)
    if command.due_on is None and is_before(due_on, command.ordered_on):
        # Ordered when the award's own day was past: that day stays the award's.
        due_on = None
    event = RecallOrdered(
        one.serial,
        command.ordered_on,
        due_on,
        taken_away.decision_id if taken_away else None,
        command.note,
    )
    return Outcome((event,))


def _check_ground(state: Recorded, one: Artifact) -> None:
    """Only an award that does not stand, or a successor, is a ground to ask for an artifact."""
    if isinstance(state, Standing | Declined) and one.superseded_by is None:
        raise Rejected("recall-without-ground", field="serial", serial=one.serial)


def _recover(state: Recorded, command: RecoverArtifact) -> Outcome:
    one = find(state.artifacts, command.serial)
    check_date("recovered_on", command.recovered_on)
    kept_at = require_text("kept_at", command.kept_at)
    check_text("handed_in_by", command.handed_in_by)
    check_text("condition", command.condition, TEXT_CHARACTERS_MAX)
    ordered = isinstance(one.stage, Recalled)
    if not ordered:
        if not isinstance(
            one.stage, Issued | Printed | Delivered | Undelivered | InCustody | Found
        ):
            raise wrong_stage(one)
        _check_ground(state, one)
    event = ArtifactRecovered(
        one.serial, command.recovered_on, command.handed_in_by, kept_at, command.condition
    )
    doubt = Remark("recall-not-ordered", (("serial", one.serial),))
    return Outcome((event,), () if ordered else (doubt,))


def _declare_unrecoverable(state: Recorded, command: DeclareUnrecoverable) -> Outcome:
    one = find(state.artifacts, command.serial)
    check_date("declared_on", command.declared_on)
    minutes = require_text("minutes", command.minutes)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    if not isinstance(one.stage, Recalled):
        raise Rejected("recall-not-ordered", field="serial", serial=one.serial)
    event = ArtifactDeclaredUnrecoverable(one.serial, command.declared_on, minutes, reason)
    return Outcome((event,))


def _destroy(state: Recorded, command: DestroyArtifact) -> Outcome:
    one = find(state.artifacts, command.serial)
    check_date("destroyed_on", command.destroyed_on)
    minutes = require_text("minutes", command.minutes)
    witnesses = _check_witnesses(command.witnesses)
    _check_may_end(state, one)
    return Outcome((ArtifactDestroyed(one.serial, command.destroyed_on, minutes, witnesses),))


def _check_witnesses(names: tuple[str, ...]) -> tuple[str, ...]:
    """At least two people, each named once."""
    for index, name in enumerate(names):
        require_text(f"witnesses[{index}].name", name, NAME_CHARACTERS_MAX)
    distinct = {name.strip().casefold() for name in names}
    if not WITNESSES_MIN <= len(distinct) <= WITNESSES_MAX:
        raise Rejected("witnesses-too-few", field="witnesses", limit=WITNESSES_MIN)
    return names


def _archive(state: Recorded, command: ArchiveArtifact) -> Outcome:
    one = find(state.artifacts, command.serial)
    check_date("archived_on", command.archived_on)
    kept_at = require_text("kept_at", command.kept_at)
    check_text("minutes", command.minutes)
    _check_may_end(state, one)
    event = ArtifactArchived(one.serial, command.archived_on, kept_at, command.minutes)
    return Outcome((event,))


def _check_may_end(state: Recorded, one: Artifact) -> None:
    """Raise `Rejected` unless the artifact counts no longer and an office has it."""
    if isinstance(state, Standing) and one.superseded_by is None:
        raise Rejected("artifact-still-counts", field="serial", serial=one.serial)
    never_given = isinstance(state, Declined) and isinstance(one.stage, Issued | Printed)
    spoiled = one.superseded_by is not None or isinstance(state, Declined)
    in_office = isinstance(one.stage, Recovered) or (
        spoiled and isinstance(one.stage, InCustody | Printed | Undelivered)
    )
    in_office = in_office or never_given
    if not in_office:
        raise wrong_stage(one)
