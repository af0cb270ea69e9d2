"""What citizens hand in: taken against a receipt, kept at a place, given back or not.

Originals that were handed in for exchange have lain for fifteen years and were then given back
as they were (reference, section 0, fact 6). So each item is followed by itself: on which
receipt it came, why, where it lies now, when its owner was told to hear of it.

Rules kept here:
  * only what is in a citizen's hand can be handed in; an old award's item that nobody entered
    is entered first, and then handed in;
  * what its holder gives back freely ends nothing: the award stays, nobody is owed an answer,
    and it can be given to him again;
  * what was superseded or belongs to an award that does not stand is never given back;
  * an original that turns up after a re-issue is superseded and must be handed in
    (scenario 23).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from registry.award.artifact import (
    PURPOSES,
    ArtifactFound,
    ArtifactHandedBack,
    ArtifactMoved,
    ArtifactSurrendered,
    Purpose,
    Receiver,
)
from registry.award.artifact_state import (
    Archived,
    Artifact,
    Delivered,
    Found,
    Holdable,
    InCustody,
    Issued,
    Lost,
    Recalled,
    Recovered,
    Unrecoverable,
    find,
    find_current,
    wrong_stage,
)
from registry.award.issuing import check_receiver
from registry.award.recorded import Declined, Recorded, Standing, require_standing
from registry.errors import Rejected
from registry.fact import Outcome
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    check_choice,
    check_date,
    check_text,
    require_text,
)


@dataclass(frozen=True, slots=True)
class SurrenderArtifacts:
    """Record that a citizen handed artifacts of the award in, all of them on one receipt.

    `items` are pairs of serial and the condition in which it is.
    """

    items: tuple[tuple[str, str | None], ...]
    surrendered_on: str
    surrendered_by: Receiver
    receipt: str
    purpose: Purpose
    kept_at: str
    due_on: str | None = None


@dataclass(frozen=True, slots=True)
class MoveArtifact:
    """Record where an artifact that an office keeps lies now."""

    serial: str
    moved_on: str
    kept_at: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class HandBackArtifact:
    """Record that the artifact itself was given back, and who signed for it."""

    serial: str
    handed_back_on: str
    receiver: Receiver
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ReportFound:
    """Record that an artifact that was lost or given up turned up."""

    serial: str
    found_on: str
    found_by: str | None = None
    note: str | None = None


Command: TypeAlias = SurrenderArtifacts | MoveArtifact | HandBackArtifact | ReportFound


def decide(state: Recorded, command: Command) -> Outcome:
    """Judge a command on what citizens hand in. Raises `Rejected`."""
    match command:
        case SurrenderArtifacts():
            return _surrender(state, command)
        case MoveArtifact():
            return _move(state, command)
        case HandBackArtifact():
            return _hand_back(require_standing(state), command)
        case ReportFound():
            return _report_found(state, command)
        case _:
            assert_never(command)


def _surrender(state: Recorded, command: SurrenderArtifacts) -> Outcome:
    check_receiver(state.content, "surrendered_by", command.surrendered_by)
    require_text("custody_receipt", command.receipt, NAME_CHARACTERS_MAX)
    require_text("kept_at", command.kept_at)
    check_choice("purpose", command.purpose, PURPOSES)
    _check_term(command.surrendered_on, command.due_on)
    events: list[ArtifactSurrendered] = []
    for serial, condition in command.items:
        one = find(state.artifacts, serial)
        check_text("condition", condition, TEXT_CHARACTERS_MAX)
        if any(one.serial == event.serial for event in events):
            raise Rejected("serial-named-twice", field="serial", serial=one.serial)
        _check_surrender(state, one, command.purpose)
        events.append(_surrendered(one.serial, condition, command))
    if not events:
        raise Rejected("serial-missing", field="serial")
    return Outcome(tuple(events))


def _surrendered(
    serial: str, condition: str | None, command: SurrenderArtifacts
) -> ArtifactSurrendered:
    return ArtifactSurrendered(
        serial=serial,
        surrendered_on=command.surrendered_on,
        surrendered_by=command.surrendered_by,
        receipt=command.receipt,
        purpose=command.purpose,
        due_on=command.due_on,
        condition=condition,
        kept_at=command.kept_at,
    )


def _check_term(surrendered_on: str, due_on: str | None) -> None:
    begun, due = check_date("surrendered_on", surrendered_on), check_date("due_on", due_on)
    if begun is not None and due is not None and due.latest < begun.earliest:
        raise Rejected("due-before-start", field="due_on", on=surrendered_on)


def _check_surrender(state: Recorded, one: Artifact, purpose: Purpose) -> None:
    held = _held(one)
    # Nobody recorded the delivery of most old items: entered only, they are with their owners.
    if not isinstance(held, Issued | Delivered | Found):
        raise wrong_stage(one)
    if purpose in {"exchange", "safekeeping", "given-back"} or isinstance(state, Declined):
        require_standing(state)
        find_current(state.artifacts, one.serial)
    asked_back = isinstance(one.stage, Recalled) or not isinstance(state, Standing)
    fits = {
        "exchange": not asked_back,
        "safekeeping": not asked_back,
        "given-back": not asked_back,
        "recall": asked_back,
        "found": isinstance(held, Found),
    }
    if not fits[purpose]:
        raise Rejected("purpose-does-not-fit", field="purpose", purpose=purpose, serial=one.serial)


def _held(one: Artifact) -> Holdable | None:
    """Where the artifact is, as far as anybody knows, if it may still be in a citizen's hand."""
    if isinstance(one.stage, Recalled):
        return one.stage.before
    return one.stage if isinstance(one.stage, Holdable) else None


def _move(state: Recorded, command: MoveArtifact) -> Outcome:
    one = find(state.artifacts, command.serial)
    check_date("moved_on", command.moved_on)
    kept_at = require_text("kept_at", command.kept_at)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)
    if one.custody is None and not isinstance(one.stage, Recovered | Archived):
        raise wrong_stage(one)
    return Outcome((ArtifactMoved(one.serial, command.moved_on, kept_at, command.note),))


def _hand_back(state: Standing, command: HandBackArtifact) -> Outcome:
    one = find_current(state.artifacts, command.serial)
    check_date("handed_back_on", command.handed_back_on)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)
    if not isinstance(one.stage, InCustody | Recovered):
        raise wrong_stage(one)
    check_receiver(state.content, "receiver", command.receiver)
    event = ArtifactHandedBack(one.serial, command.handed_back_on, command.receiver, command.note)
    return Outcome((event,))


def _report_found(state: Recorded, command: ReportFound) -> Outcome:
    one = find(state.artifacts, command.serial)
    check_date("found_on", command.found_on)
    check_text("found_by", command.found_by)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)
    if not isinstance(one.stage, Lost | Unrecoverable):
        raise wrong_stage(one)
    event = ArtifactFound(one.serial, command.found_on, command.found_by, command.note)
    return Outcome((event,))
