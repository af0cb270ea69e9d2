"""An award: one form and class of commendation given to one recipient under one decision.

The front door to everything about an award and the artifacts that go with it: which commands
there are, what they lead to, which names they take. Pure functions and no library: what an
award was on any day is these functions over its facts.

The rules are told by story, in this reading order: `recorded` (what is kept), `entry`
(recording and correcting), `issuing` (from stock to hand), `custody` (what citizens hand in),
`holding` (after the recipient's death), `replacing` (exchange and re-issue), `revoking` (cancel,
strip, restore), `declining` (before it is conferred), `recalling` (the way back and the end),
`withdrawing` (what was entered by mistake).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias, assert_never
from uuid import UUID

from registry.award import artifact as artifacts
from registry.award import (
    artifact_state,
    custody,
    declining,
    doubts,
    holding,
    issuing,
    order,
    recalling,
    replacing,
    revoking,
    signing,
    withdrawing,
)
from registry.award.artifact import (
    ArtifactDelivered,
    ArtifactHandedBack,
    ArtifactHolderChanged,
    ArtifactIssued,
    ArtifactSigned,
    ArtifactSurrendered,
)
from registry.award.custody import HandBackArtifact, MoveArtifact, ReportFound, SurrenderArtifacts
from registry.award.declining import DeclineAward, TakeDecliningBack
from registry.award.doubts import ConfirmDoubts, ReviewAward, held_by
from registry.award.entry import (
    CorrectableField,
    CorrectAward,
    RecordAward,
    correct,
    corrected,
    golden_claim,
    meaning_of,
    read_field,
    record,
)
from registry.award.holding import ChangeHolder
from registry.award.issuing import (
    PRINTED_COMPONENTS,
    DeliverArtifact,
    IssueArtifacts,
    PrintArtifact,
    ReturnUndelivered,
    expected_components,
)
from registry.award.recalling import (
    ArchiveArtifact,
    DeclareUnrecoverable,
    DestroyArtifact,
    OrderRecall,
    RecoverArtifact,
)
from registry.award.recorded import (
    CONFERRALS,
    INITIAL,
    OWN_EVENTS,
    AwardCancelled,
    AwardClass,
    AwardCorrected,
    AwardCorrectedByDecision,
    AwardDeclined,
    AwardDoubted,
    AwardDoubtsConfirmed,
    AwardDoubtsSettled,
    AwardRecorded,
    AwardRestored,
    AwardWithdrawn,
    Cancelled,
    Conferral,
    Declined,
    DecliningTakenBack,
    Entered,
    GoldenBook,
    OwnEvent,
    Recorded,
    Standing,
    State,
    Stripped,
    TakenAway,
    TitleStripped,
    Unrecorded,
    VerdictGround,
    VerdictNoted,
    VerdictNotedOnGround,
    Withdrawn,
    require_recorded,
    standing_name,
    taken_on,
)
from registry.award.replacing import ExchangeArtifact, ReissueArtifact, ReplaceArtifact
from registry.award.revoking import CancelAward, NoteVerdict, RestoreAward, StripTitle
from registry.award.signing import RecordSignedFile, SignArtifact
from registry.award.withdrawing import CorrectDelivery, WithdrawAward, WithdrawDelivery
from registry.errors import AlreadyRecorded
from registry.fact import Claim, Named, Outcome, World
from registry.numbers import normalise_serial
from registry.personal import Personal

# What others may name of an award: they need not know in which story it is told.
__all__ = [
    "CONFERRALS",
    "EVENTS",
    "INITIAL",
    "OWN_EVENTS",
    "PRINTED_COMPONENTS",
    "ArchiveArtifact",
    "AwardCancelled",
    "AwardClass",
    "AwardCorrected",
    "AwardCorrectedByDecision",
    "AwardDeclined",
    "AwardDoubted",
    "AwardDoubtsConfirmed",
    "AwardDoubtsSettled",
    "AwardRecorded",
    "AwardRestored",
    "AwardWithdrawn",
    "CancelAward",
    "Cancelled",
    "ChangeHolder",
    "Command",
    "Conferral",
    "ConfirmDoubts",
    "CorrectAward",
    "CorrectDelivery",
    "CorrectableField",
    "DeclareUnrecoverable",
    "DeclineAward",
    "Declined",
    "DecliningTakenBack",
    "DeliverArtifact",
    "DestroyArtifact",
    "Entered",
    "Event",
    "ExchangeArtifact",
    "GoldenBook",
    "HandBackArtifact",
    "IssueArtifacts",
    "MoveArtifact",
    "NoteVerdict",
    "OrderRecall",
    "OwnEvent",
    "PrintArtifact",
    "RecordAward",
    "RecordSignedFile",
    "Recorded",
    "RecoverArtifact",
    "ReissueArtifact",
    "ReplaceArtifact",
    "ReportFound",
    "RestoreAward",
    "ReturnUndelivered",
    "ReviewAward",
    "SignArtifact",
    "Standing",
    "State",
    "StripTitle",
    "Stripped",
    "SurrenderArtifacts",
    "TakeDecliningBack",
    "TakenAway",
    "TitleStripped",
    "Unrecorded",
    "VerdictGround",
    "VerdictNoted",
    "VerdictNotedOnGround",
    "WithdrawAward",
    "WithdrawDelivery",
    "Withdrawn",
    "claims",
    "decide",
    "evolve",
    "expected_components",
    "golden_claim",
    "held_by",
    "meaning_of",
    "named_records",
    "personal_values",
    "read_field",
    "standing_name",
    "taken",
    "taken_on",
]

Event: TypeAlias = OwnEvent | artifacts.Event
EVENTS: Mapping[str, type] = {**OWN_EVENTS, **artifacts.EVENTS}

Continuing: TypeAlias = (
    CorrectAward
    | doubts.Command
    | issuing.Command
    | custody.Command
    | declining.Command
    | holding.Command
    | replacing.Command
    | recalling.Command
    | revoking.Command
    | signing.Command
    | withdrawing.Command
)
Command: TypeAlias = RecordAward | Continuing


def personal_values(event: Event) -> Iterator[Personal]:
    """Personal values of recipients, and identity papers of those who took or gave something."""
    match event:
        case AwardRecorded(recipient=recipient):
            for person in recipient.persons:
                yield from person.personal_values()
        case AwardCorrected(personal=values) | AwardCorrectedByDecision(personal=values):
            yield from values
        case (
            ArtifactDelivered(receiver=who)
            | ArtifactHandedBack(receiver=who)
            | ArtifactSurrendered(surrendered_by=who)
            | ArtifactHolderChanged(holder=who)
        ):
            if who.identity_paper is not None:
                yield who.identity_paper
        case artifacts.DeliveryCorrected(identity_paper=paper):
            if paper is not None:
                yield paper
        case (
            AwardCancelled()
            | VerdictNoted()
            | TitleStripped()
            | AwardRestored()
            | AwardWithdrawn()
            | AwardDoubted()
            | AwardDoubtsConfirmed()
            | AwardDoubtsSettled()
            | AwardDeclined()
            | DecliningTakenBack()
            | ArtifactIssued()
            | artifacts.ArtifactPrinted()
            | artifacts.DeliveryWithdrawn()
            | artifacts.ArtifactReturnedUndelivered()
            | artifacts.ArtifactMoved()
            | artifacts.ArtifactExchanged()
            | artifacts.ArtifactReissued()
            | artifacts.ArtifactReplaced()
            | artifacts.ArtifactFound()
            | artifacts.RecallOrdered()
            | artifacts.ArtifactRecovered()
            | artifacts.ArtifactDeclaredUnrecoverable()
            | artifacts.ArtifactDestroyed()
            | artifacts.ArtifactArchived()
            | ArtifactSigned()
            | artifacts.FileSigned()
        ):
            return
        case _:
            assert_never(event)


def named_records(command: Command) -> tuple[Named, ...]:
    """Decisions and service cases that a command rests on."""
    match command:
        case RecordAward() | ReviewAward():
            decision_id = command.decision_id
            return () if decision_id is None else (("decision", decision_id),)
        case CorrectAward(decision_id=by, under=under):
            named = dict.fromkeys(one for one in (by, under) if one is not None)
            return tuple(("decision", one) for one in named)
        case ExchangeArtifact() | ReissueArtifact() | ReplaceArtifact():
            return replacing.named_records(command)
        case CancelAward() | NoteVerdict() | StripTitle() | RestoreAward():
            return revoking.named_records(command)
        case WithdrawAward():
            return withdrawing.named_records(command)
        case _:
            return ()


def decide(state: State, command: Command, world: World) -> Outcome:
    """Judge a command on one award. Raises `Rejected`.

    Days that stand out of order are kept as a doubt, whatever the story.
    """
    if isinstance(command, RecordAward):
        return record(state, command, world)
    recorded = require_recorded(state)
    outcome = _decide(recorded, command, world)
    gone = order.settled_doubts(recorded, outcome.events)
    found = order.order_doubts(recorded, outcome.events, world)
    settled = (AwardDoubtsSettled(gone),) if gone else ()
    return Outcome((*outcome.events, *settled, *doubts.doubted(found)), (*outcome.remarks, *found))


def _decide(  # noqa: C901, PLR0911 - one for each story
    recorded: Recorded, command: Continuing, world: World
) -> Outcome:
    if isinstance(command, CorrectAward):
        return correct(recorded, command, world)
    if isinstance(command, doubts.Command):
        return doubts.decide(recorded, command, world)
    if isinstance(command, issuing.Command):
        return issuing.decide(recorded, command, world)
    if isinstance(command, custody.Command):
        return custody.decide(recorded, command)
    if isinstance(command, declining.Command):
        return declining.decide(recorded, command)
    if isinstance(command, holding.Command):
        return holding.decide(recorded, command)
    if isinstance(command, replacing.Command):
        return replacing.decide(recorded, command, world)
    if isinstance(command, recalling.Command):
        return recalling.decide(recorded, command)
    if isinstance(command, revoking.Command):
        return revoking.decide(recorded, command, world)
    if isinstance(command, signing.Command):
        return signing.decide(recorded, command)
    if isinstance(command, withdrawing.Command):
        return withdrawing.decide(recorded, command, world)
    assert_never(command)


def evolve(  # noqa: C901, PLR0911 - one for each event
    state: State, event: Event
) -> State:
    """Apply what happened."""
    if isinstance(event, AwardRecorded):
        return Standing(event)
    if isinstance(state, Unrecorded | Withdrawn):
        return state
    match event:
        case AwardCorrected() | AwardCorrectedByDecision():
            return corrected(state, event)
        case AwardDoubted() | AwardDoubtsConfirmed() | AwardDoubtsSettled():
            return replace(state, doubts=doubts.after(state.doubts, event))
        case AwardCancelled():
            return Cancelled(state.content, state.artifacts, event, state.doubts)
        case VerdictNoted():
            return replace(state, verdict=event) if isinstance(state, Standing) else state
        case TitleStripped():
            return Stripped(state.content, state.artifacts, event, state.doubts)
        case AwardRestored() | DecliningTakenBack():
            return _restored(state)
        case AwardDeclined():
            return Declined(state.content, state.artifacts, event, state.doubts)
        case AwardWithdrawn():
            return Withdrawn(state.content, state.artifacts, event)
        case _:
            return _artifact_moved(state, event)


def claims(after: State, event: Event) -> tuple[Claim, ...]:
    """One record per meaning, artifact per serial, award per receipt; golden numbers watched.

    What an award meant before a correction stays claimed: the paper that spelled it so is
    still the same award when it is typed in again.
    """
    match event:
        case AwardRecorded() | AwardCorrected() | AwardCorrectedByDecision():
            if not isinstance(after, Recorded):
                return ()
            content = after.content
            return (Claim("award", meaning_of(content)), *golden_claim(content.golden_book))
        case ArtifactIssued():
            return (Claim("serial", normalise_serial(event.serial)),)
        case ArtifactSurrendered():
            return (Claim("receipt", normalise_serial(event.receipt)),)
        case ArtifactSigned() | artifacts.FileSigned():
            return (signing.claim_of(event),)
        case _:
            return ()


def taken(claim: Claim, holder: UUID) -> AlreadyRecorded:
    """The error for an award, a serial or a receipt that another record holds already."""
    match claim.kind:
        case "serial":
            return AlreadyRecorded("serial-used-already", holder, serial=claim.key)
        case "receipt":
            return AlreadyRecorded("custody-receipt-used-already", holder, receipt=claim.key)
        case "status-index":
            return AlreadyRecorded("status-index-taken", holder, index=claim.key)
        case "signed-file":
            return AlreadyRecorded("signed-file-recorded-already", holder)
        case _:
            return AlreadyRecorded("award-recorded-already", holder)


def _restored(state: Recorded) -> Standing:
    restored = {
        serial: artifact_state.award_restored(one) for serial, one in state.artifacts.items()
    }
    return Standing(state.content, restored, doubts=state.doubts)


def _artifact_moved(state: Recorded, event: artifacts.Event) -> Recorded:
    moved = artifact_state.evolve(state.artifacts.get(event.serial), event)
    if moved is None:
        return state
    changed = {**state.artifacts, event.serial: moved}
    if isinstance(event, artifacts.Succession) and event.successor in changed:
        changed[event.successor] = artifact_state.follow(changed[event.successor], moved)
    return replace(state, artifacts=changed)
