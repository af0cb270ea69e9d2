"""An award is taken away and given back: cancelled, stripped, restored.

Three things that must not be confused (reference, section 3.5): an award that is cancelled
(hủy bỏ) is void, and recall follows; a title that is stripped (tước) is taken from its holder,
and that it was held stays history; an award that is restored (phục hồi) stands again, and what
was recorded between stays recorded (scenario 38).

Since the law of 2022 (Art. 93(4) to (8)) heroes of the resistance and Heroic Mothers lose their
title on narrower grounds, legal persons on one of their own; the State President strips and
restores titles; who granted cancels. What does not fit is a doubt.

Each rests on a registered decision of its own kind. One finding may need several, by different
authorities, each with its own basis and deadline (scenario 36).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias, assert_never
from uuid import UUID

from registry.award.artifact import RecallOrdered
from registry.award.recalling import can_be_recalled
from registry.award.recorded import (
    VERDICT_GROUNDS,
    AwardCancelled,
    AwardRestored,
    Cancelled,
    Declined,
    Recorded,
    Standing,
    Stripped,
    TitleStripped,
    VerdictGround,
    VerdictNoted,
    VerdictNotedOnGround,
    require_standing,
)
from registry.catalogue import Catalogue
from registry.dates import is_before
from registry.decision import (
    CANCEL_REASONS,
    CancelReason,
    DecisionRegistered,
    issuer_doubts,
    resting_on,
)
from registry.errors import Rejected
from registry.fact import Named, Outcome, World
from registry.remark import Remark
from registry.rules import TEXT_CHARACTERS_MAX, check_choice, check_date, check_text, require_text
from registry.text import comparison_key

TITLE_KIND: Final = "state_honorary_title"
# Art. 93(4) to (9) of Law 06/2022/QH15 holds from its first day on.
LAW_OF_2022_FROM: Final = date(2024, 1, 1)
# Heroes, where they are heroes of the resistance, and Heroic Mothers (Art. 93(4)).
PROTECTED_TITLES: Final = frozenset({"HON-AHLD", "HON-AHLLVT", "HON-BMVNAH"})
_PRESIDENT: Final = comparison_key("Chủ tịch nước")


@dataclass(frozen=True, slots=True)
class CancelAward:
    """Make the award void, on the decision's day unless `cancelled_on` says otherwise.

    With `recall_ordered_on` the recall of every live artifact is ordered with it.
    """

    decision_id: UUID
    reason: CancelReason
    cancelled_on: str | None = None
    recall_due_on: str | None = None
    recall_ordered_on: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NoteVerdict:
    """Record that a court's judgment on the holder of a title took effect."""

    effective_on: str
    sentence: str
    court: str | None = None
    judgment: str | None = None
    strip_due_on: str | None = None
    rule: str | None = None
    ground: VerdictGround | None = None


@dataclass(frozen=True, slots=True)
class StripTitle:
    """Take a state honorary title from its holder; else as `CancelAward`."""

    decision_id: UUID
    stripped_on: str | None = None
    recall_due_on: str | None = None
    recall_ordered_on: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RestoreAward:
    """Let an award stand again that was cancelled or stripped."""

    decision_id: UUID
    restored_on: str | None = None
    note: str | None = None


Command: TypeAlias = CancelAward | NoteVerdict | StripTitle | RestoreAward


def named_records(command: Command) -> tuple[Named, ...]:
    """The decision that the command rests on."""
    return () if isinstance(command, NoteVerdict) else (("decision", command.decision_id),)


def decide(state: Recorded, command: Command, world: World) -> Outcome:
    """Judge a command on whether an award stands. Raises `Rejected`."""
    match command:
        case CancelAward():
            return _cancel(state, command, world)
        case NoteVerdict():
            return _note_verdict(require_standing(state), command, world.catalogue)
        case StripTitle():
            return _strip(require_standing(state), command, world)
        case RestoreAward():
            return _restore(state, command, world)
        case _:
            assert_never(command)


def _cancel(state: Recorded, command: CancelAward, world: World) -> Outcome:
    if isinstance(state, Cancelled):
        raise Rejected("award-cancelled-already")
    if isinstance(state, Declined):
        raise Rejected("award-declined")
    by = resting_on(world, command.decision_id, "cancel").content
    check_choice("reason", command.reason, CANCEL_REASONS)
    check_date("cancelled_on", command.cancelled_on)
    _check_recall(command, command.cancelled_on or by.decided_on)
    event = AwardCancelled(
        command.decision_id,
        command.cancelled_on or by.decided_on,
        command.reason,
        command.recall_due_on,
        command.note,
    )
    doubts = issuer_doubts(by, state.content.issuer_typed)
    return Outcome((event, *_recalls(state, command)), doubts)


def _strip(state: Standing, command: StripTitle, world: World) -> Outcome:
    _check_title(state, world.catalogue)
    by = resting_on(world, command.decision_id, "strip").content
    check_date("stripped_on", command.stripped_on)
    _check_recall(command, command.stripped_on or by.decided_on)
    event = TitleStripped(
        command.decision_id,
        command.stripped_on or by.decided_on,
        command.recall_due_on,
        command.note,
    )
    doubts = _president_doubts(by, state.content.issuer_typed)
    return Outcome((event, *_recalls(state, command)), doubts)


def _check_title(state: Standing, catalogue: Catalogue) -> None:
    """Only a state honorary title is stripped (Art. 93(3))."""
    form = catalogue.form(state.content.form)
    if form.kind != TITLE_KIND:
        raise Rejected("not-a-title", form=form.name_vi)


def _check_recall(command: CancelAward | StripTitle, since: str | None) -> None:
    check_date("recall_due_on", command.recall_due_on)
    if is_before(command.recall_due_on, since):
        raise Rejected("due-before-start", field="recall_due_on", on=since)
    check_date("recall_ordered_on", command.recall_ordered_on)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)


def _recalls(state: Recorded, command: CancelAward | StripTitle) -> Iterable[RecallOrdered]:
    """The recall of each live artifact, where it is ordered together with the decision."""
    if command.recall_ordered_on is None:
        return
    for one in state.artifacts.values():
        if one.is_live and can_be_recalled(one):
            yield RecallOrdered(
                one.serial,
                command.recall_ordered_on,
                command.recall_due_on,
                command.decision_id,
                None,
            )


def _note_verdict(state: Standing, command: NoteVerdict, catalogue: Catalogue) -> Outcome:
    _check_title(state, catalogue)
    check_date("effective_on", command.effective_on)
    check_date("strip_due_on", command.strip_due_on)
    check_text("court", command.court)
    check_text("judgment", command.judgment)
    sentence = require_text("sentence", command.sentence, TEXT_CHARACTERS_MAX)
    said = (
        command.effective_on,
        command.court,
        command.judgment,
        sentence,
        command.strip_due_on,
        command.rule,
    )
    doubts = _ground_doubts(state, command, catalogue)
    if command.ground is None:
        return Outcome((VerdictNoted(*said),), doubts)
    check_choice("ground", command.ground, VERDICT_GROUNDS)
    return Outcome((VerdictNotedOnGround(*said, command.ground),), doubts)


def _ground_doubts(
    state: Standing, command: NoteVerdict, catalogue: Catalogue
) -> tuple[Remark, ...]:
    """Doubts whether the title may be lost on this ground; none before the law of 2022.

    Whether a hero is one of the resistance the catalogue does not say, so nothing is refused.
    """
    effective_on = check_date("effective_on", command.effective_on)
    if effective_on is None or effective_on.latest < LAW_OF_2022_FROM:
        return ()
    kind, ground = state.content.recipient.kind, command.ground
    of_legal_persons = ground == "activity-ended"
    if ground is not None and of_legal_persons != (kind == "collective"):
        return (Remark("ground-does-not-fit", (("kind", kind),)),)
    if state.content.form in PROTECTED_TITLES and ground in {None, "sentence"}:
        form = catalogue.form(state.content.form).name_vi
        return (Remark("strip-grounds-narrower", (("form", form),)),)
    return ()


def _president_doubts(by: DecisionRegistered, granted_by: str | None) -> tuple[Remark, ...]:
    """Titles are stripped and restored by the State President (Art. 93(7)).

    Before the law of 2022 a doubt only where somebody else had granted it.
    """
    decided_on = check_date("decided_on", by.decided_on)
    if decided_on is None or decided_on.latest < LAW_OF_2022_FROM:
        return issuer_doubts(by, granted_by)
    if by.issuer_key == _PRESIDENT:
        return ()
    return (Remark("not-by-the-president", (("issuer", by.issuer),)),)


def _restore(state: Recorded, command: RestoreAward, world: World) -> Outcome:
    if isinstance(state, Standing | Declined):
        raise Rejected("not-cancelled")
    by = resting_on(world, command.decision_id, "restore").content
    check_date("restored_on", command.restored_on)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)
    restored_on = command.restored_on or by.decided_on
    doubts = _president_doubts(by, None) if isinstance(state, Stripped) else ()
    return Outcome((AwardRestored(command.decision_id, restored_on, command.note),), doubts)
