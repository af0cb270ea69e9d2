"""A decision: the paper by which an authority grants, cancels, corrects or restores.

A decision is one thing, the awards it makes and the artifacts that go with them are others
(reference, section 0). Its identity is issuer, number and date: Lào Cai and Yên Bái may both
have a 1234/QĐ-UBND of one year. The number is kept exactly as written, beside a normalised
form that finds it in any spelling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, assert_never, get_args
from uuid import UUID

from registry.dates import is_before
from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.law.instruments import ended_law_doubts
from registry.numbers import normalise_number
from registry.personal import Personal
from registry.remark import Remark
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Change,
    Source,
    check_choice,
    check_date,
    check_source,
    check_text,
    require_text,
)
from registry.text import comparison_key

DecisionKind = Literal["award", "cancel", "strip", "restore", "correct"]

DAY_OUT_OF_ORDER: Final = "day-before-earlier-act"
"""The code of a doubt about two days of which one should have come before the other."""

CancelReason = Literal["fraud", "false-papers", "unlawful-appraisal", "standard-not-met"]
"""Why an award is cancelled: Art. 93(2) of the law of 2022, points a to d."""
CANCEL_REASONS: tuple[CancelReason, ...] = get_args(CancelReason)


# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DecisionRegistered:
    """A decision was entered in the register."""

    number: str
    number_key: str
    issuer: str
    issuer_key: str
    decided_on: str | None
    kind: DecisionKind
    signatory: str | None
    signatory_title: str | None
    summary: str | None
    legal_basis: str | None
    scan_sha256: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class DecisionCorrected:
    """The register's text about a decision was wrong and is put right."""

    changes: tuple[Change, ...]
    number_key: str
    issuer_key: str
    decided_on: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class DecisionCancelled:
    """The decision is void as a whole (hủy bỏ), by another decision: `decision_id`."""

    decision_id: UUID
    cancelled_on: str | None
    reason: CancelReason
    note: str | None


@dataclass(frozen=True, slots=True)
class DecisionWithdrawn:
    """The decision was entered by mistake (ghi nhầm): this record of it never was.

    `import_id` is the import that was withdrawn as a whole, if this is a part of that.
    """

    reason: str
    import_id: UUID | None


Event = DecisionRegistered | DecisionCorrected | DecisionCancelled | DecisionWithdrawn
EVENTS: Mapping[str, type] = {
    "decision-registered.v1": DecisionRegistered,
    "decision-corrected.v1": DecisionCorrected,
    "decision-cancelled.v1": DecisionCancelled,
    "decision-withdrawn.v1": DecisionWithdrawn,
}


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unregistered:
    """Nothing is known of this decision."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The decision is in the register and stands."""

    content: DecisionRegistered


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The decision is void; no award can be recorded under it any more."""

    content: DecisionRegistered
    by: DecisionCancelled


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The decision was entered by mistake; what the register said of it is kept as history."""

    content: DecisionRegistered
    by: DecisionWithdrawn


Registered: TypeAlias = Standing | Cancelled
"""A decision that is in the register, whether it stands or not."""
Entered: TypeAlias = Registered | Withdrawn
"""A decision that was ever entered, though it may have been by mistake."""
State: TypeAlias = Unregistered | Entered
INITIAL: State = Unregistered()


def standing_name(state: Entered) -> str:
    """Whether the decision stands, in one word, as registers and pages show it."""
    match state:
        case Standing():
            return "standing"
        case Cancelled():
            return "cancelled"
        case Withdrawn():
            return "withdrawn"
        case _:
            assert_never(state)


# Commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterDecision:
    """Enter a decision. Dates are EDTF; everything else is text as the paper has it."""

    number: str
    issuer: str
    decided_on: str | None
    source: Source
    kind: DecisionKind = "award"
    signatory: str | None = None
    signatory_title: str | None = None
    summary: str | None = None
    legal_basis: str | None = None
    scan_sha256: str | None = None


CorrectableField = Literal[
    "number",
    "issuer",
    "decided_on",
    "signatory",
    "signatory_title",
    "summary",
    "legal_basis",
    "scan_sha256",
]


@dataclass(frozen=True, slots=True)
class CorrectDecision:
    """Put right what the register says; fields that are not named stay as they are."""

    corrections: Mapping[CorrectableField, str | None]
    reason: str


@dataclass(frozen=True, slots=True)
class CancelDecision:
    """Make the decision void by another one, on its day unless `cancelled_on` says otherwise."""

    decision_id: UUID
    reason: CancelReason
    cancelled_on: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawDecision:
    """Say that the decision was entered by mistake; that nothing rests on it is for the caller.

    `import_id` is what is withdrawn as a whole.
    """

    reason: str
    import_id: UUID | None = None


Command = RegisterDecision | CorrectDecision | CancelDecision | WithdrawDecision


# Rules --------------------------------------------------------------------------------------


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: a decision publishes everything it says."""
    return ()


def named_records(command: Command) -> tuple[Named, ...]:
    """A decision is judged by itself, and cancelled by another one."""
    if isinstance(command, CancelDecision):
        return (("decision", command.decision_id),)
    return ()


def decide(state: State, command: Command, world: World) -> Outcome:
    """Judge a command on one decision. Raises `Rejected`."""
    match command:
        case RegisterDecision():
            return _register(state, command)
        case CorrectDecision():
            return _correct(state, command)
        case CancelDecision():
            return _cancel(state, command, world)
        case WithdrawDecision():
            return _withdraw(state, command)
        case _:
            assert_never(command)


def evolve(state: State, event: Event) -> State:
    """Apply what happened."""
    match event:
        case DecisionRegistered():
            return Standing(event)
        case DecisionCorrected():
            return _corrected(state, event)
        case DecisionCancelled():
            return Cancelled(state.content, event) if isinstance(state, Registered) else state
        case DecisionWithdrawn():
            return Withdrawn(state.content, event) if isinstance(state, Registered) else state
        case _:
            assert_never(event)


def identity_claim(issuer: str, number: str, decided_on: str | None) -> Claim:
    """What makes two mentions of a decision mean the same one: issuer, number and date."""
    key = "|".join((comparison_key(issuer), normalise_number(number), decided_on or ""))
    return Claim("decision", key)


def claims(_after: State, event: Event) -> tuple[Claim, ...]:
    """A decision's identity can be held by one record only."""
    if isinstance(event, DecisionCancelled | DecisionWithdrawn):
        return ()
    key = "|".join((event.issuer_key, event.number_key, event.decided_on or ""))
    return (Claim("decision", key),)


def require_registered(state: State) -> Registered:
    """The decision, whether it stands or not. Raises `Rejected` if there is none."""
    if isinstance(state, Withdrawn):
        raise Rejected("decision-withdrawn", number=state.content.number)
    if isinstance(state, Unregistered):
        raise Rejected("decision-unknown")
    return state


def _register(state: State, command: RegisterDecision) -> Outcome:
    if isinstance(state, Entered):
        raise Rejected("decision-registered-already", number=state.content.number)
    event = DecisionRegistered(
        number=require_text("number", command.number, NAME_CHARACTERS_MAX),
        number_key=normalise_number(command.number),
        issuer=require_text("issuer", command.issuer, NAME_CHARACTERS_MAX),
        issuer_key=comparison_key(command.issuer),
        decided_on=command.decided_on,
        kind=command.kind,
        signatory=command.signatory,
        signatory_title=command.signatory_title,
        summary=command.summary,
        legal_basis=command.legal_basis,
        scan_sha256=command.scan_sha256,
        source=command.source,
    )
    _check_content(event)
    return Outcome((event,), _law_doubts(event))


def _law_doubts(content: DecisionRegistered) -> tuple[Remark, ...]:
    """Doubts about a decision that cites as its basis what had ended by its own day."""
    decided_on = check_date("decided_on", content.decided_on)
    if decided_on is None:
        return ()
    return ended_law_doubts(content.legal_basis, decided_on.earliest)


def _check_content(content: DecisionRegistered) -> None:
    require_text("number", content.number, NAME_CHARACTERS_MAX)
    require_text("issuer", content.issuer, NAME_CHARACTERS_MAX)
    if not content.number_key:
        raise Rejected("number-missing", field="number")
    check_date("decided_on", content.decided_on)
    check_text("signatory", content.signatory, NAME_CHARACTERS_MAX)
    check_text("signatory_title", content.signatory_title, NAME_CHARACTERS_MAX)
    check_text("summary", content.summary, TEXT_CHARACTERS_MAX)
    check_text("legal_basis", content.legal_basis, TEXT_CHARACTERS_MAX)
    _check_digest(content.scan_sha256)
    check_source(content.source)


def _check_digest(digest: str | None) -> None:
    hexadecimal_characters = 64
    if digest is None:
        return
    if len(digest) != hexadecimal_characters or digest.strip("0123456789abcdef"):
        raise Rejected("digest-malformed", field="scan_sha256")


def _correct(state: State, command: CorrectDecision) -> Outcome:
    before = require_registered(state).content
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    corrections: dict[str, Any] = {str(name): new for name, new in command.corrections.items()}
    after = replace(before, **corrections)
    _check_content(after)
    changes = tuple(
        Change(field, getattr(before, field), value)
        for field, value in sorted(command.corrections.items())
        if getattr(before, field) != value
    )
    if not changes:
        raise Rejected("nothing-to-correct")
    return Outcome(
        (
            DecisionCorrected(
                changes=changes,
                number_key=normalise_number(after.number),
                issuer_key=comparison_key(after.issuer),
                decided_on=after.decided_on,
                reason=reason,
            ),
        )
    )


def _corrected(state: State, event: DecisionCorrected) -> State:
    if not isinstance(state, Registered):
        return state
    fields: dict[str, Any] = {change.field: change.after for change in event.changes}
    content = replace(
        state.content, **fields, number_key=event.number_key, issuer_key=event.issuer_key
    )
    return replace(state, content=content)


# Decisions that rest on others --------------------------------------------------------------


def resting_on(world: World, decision_id: UUID, kind: DecisionKind) -> Standing:
    """The decision that something rests on: registered, of the right kind, not void itself.

    Raises `Rejected`.
    """
    found = standing_decision(world, decision_id)
    if found.content.kind != kind:
        raise Rejected(
            "decision-of-other-kind",
            field="decision_id",
            number=found.content.number,
            kind=found.content.kind,
            wanted=kind,
        )
    return found


def standing_decision(world: World, decision_id: UUID) -> Standing:
    """The decision that a command names, which must stand. Raises `Rejected`."""
    match world.records.get(decision_id):
        case Standing() as found:
            return found
        case Cancelled(content):
            raise Rejected("decision-cancelled", field="decision_id", number=content.number)
        case Withdrawn(content):
            raise Rejected("decision-withdrawn", field="decision_id", number=content.number)
        case _:
            raise Rejected("decision-unknown", field="decision_id")


def _cancel(state: State, command: CancelDecision, world: World) -> Outcome:
    content = require_registered(state).content
    if isinstance(state, Cancelled):
        raise Rejected("decision-cancelled-already", number=content.number)
    by = resting_on(world, command.decision_id, "cancel").content
    check_choice("reason", command.reason, CANCEL_REASONS)
    check_date("cancelled_on", command.cancelled_on)
    check_text("note", command.note, TEXT_CHARACTERS_MAX)
    cancelled_on = command.cancelled_on or by.decided_on
    event = DecisionCancelled(command.decision_id, cancelled_on, command.reason, command.note)
    younger = out_of_order("decision-registered.v1", by.decided_on, cancelled_on)
    doubts = (*order_doubts(Cancelled(content, event)), *younger)
    return Outcome((event,), (*dict.fromkeys(doubts), *issuer_doubts(by, content.issuer)))


def order_doubts(state: Entered) -> tuple[Remark, ...]:
    """The doubt about a decision that was made void before it was made; stays while it is so."""
    if not isinstance(state, Cancelled):
        return ()
    return out_of_order("decision-registered.v1", state.content.decided_on, state.by.cancelled_on)


def out_of_order(
    earlier: str, earlier_on: str | None, cancelled_on: str | None
) -> tuple[Remark, ...]:
    """The doubt if a cancelling certainly lies before what must have come before it."""
    if not is_before(cancelled_on, earlier_on):
        return ()
    params = {
        "act": "decision-cancelled.v1",
        "on": cancelled_on or "",
        "earlier": earlier,
        "earlier_on": earlier_on or "",
    }
    return (Remark(DAY_OUT_OF_ORDER, tuple(params.items())),)


def _withdraw(state: State, command: WithdrawDecision) -> Outcome:
    registered = require_registered(state)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    if isinstance(registered, Cancelled):
        number = registered.content.number
        raise Rejected("withdraw-decision-cancelled", number=number)
    return Outcome((DecisionWithdrawn(reason, command.import_id),))


def issuer_doubts(by: DecisionRegistered, granted_by: str | None) -> tuple[Remark, ...]:
    """A doubt if what one authority granted is taken away by another.

    Not more than a doubt: authorities were merged and renamed.
    """
    if granted_by is None or comparison_key(granted_by) == by.issuer_key:
        return ()
    return (Remark("issuer-differs", (("issuer", by.issuer), ("granted_by", granted_by))),)


def taken(_claim: Claim, holder: UUID) -> AlreadyRecorded:
    """The error for a decision that another record holds already."""
    return AlreadyRecorded("decision-registered-already", holder)
