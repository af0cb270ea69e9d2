"""A decision: the paper by which an authority grants, cancels, corrects or restores.

A decision is one thing, the awards it makes and the artifacts that go with them are others
(reference, section 0). Its identity is issuer, number and date: Lào Cai and Yên Bái may both
have a 1234/QĐ-UBND of one year. The number is kept exactly as written, beside a normalised
form that finds it in any spelling.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, assert_never

from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.numbers import normalise_number
from registry.personal import Personal
from registry.rules import (
    NAME_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Change,
    Source,
    check_date,
    check_source,
    check_text,
    require_text,
)
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

DecisionKind = Literal["award", "cancel", "strip", "restore", "correct"]


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


Event = DecisionRegistered | DecisionCorrected
EVENTS: Mapping[str, type] = {
    "decision-registered.v1": DecisionRegistered,
    "decision-corrected.v1": DecisionCorrected,
}


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unregistered:
    """Nothing is known of this decision."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The decision is in the register and stands."""

    content: DecisionRegistered


State = Unregistered | Standing
INITIAL: State = Unregistered()


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


Command = RegisterDecision | CorrectDecision


# Rules --------------------------------------------------------------------------------------


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: a decision publishes everything it says."""
    return ()


def named_records(_command: Command) -> tuple[Named, ...]:
    """A decision is judged by itself."""
    return ()


def decide(state: State, command: Command, _world: World) -> Outcome:
    """Judge a command on one decision. Raises `Rejected`."""
    match command:
        case RegisterDecision():
            return _register(state, command)
        case CorrectDecision():
            return _correct(state, command)
        case _:
            assert_never(command)


def evolve(state: State, event: Event) -> State:
    """Apply what happened."""
    match event:
        case DecisionRegistered():
            return Standing(event)
        case DecisionCorrected():
            return _corrected(state, event)
        case _:
            assert_never(event)


def identity_claim(issuer: str, number: str, decided_on: str | None) -> Claim:
    """What makes two mentions of a decision mean the same one: issuer, number and date."""
    key = "|".join((comparison_key(issuer), normalise_number(number), decided_on or ""))
    return Claim("decision", key)


def claims(_after: State, event: Event) -> tuple[Claim, ...]:
    """A decision's identity can be held by one record only."""
    key = "|".join((event.issuer_key, event.number_key, event.decided_on or ""))
    return (Claim("decision", key),)


def _register(state: State, command: RegisterDecision) -> Outcome:
    if isinstance(state, Standing):
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
    return Outcome((event,))


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
    if not isinstance(state, Standing):
        raise Rejected("decision-unknown")
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    before = state.content
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
    if not isinstance(state, Standing):
        return state
    fields: dict[str, Any] = {change.field: change.after for change in event.changes}
    return Standing(
        replace(state.content, **fields, number_key=event.number_key, issuer_key=event.issuer_key)
    )


def taken(_claim: Claim, holder: UUID) -> AlreadyRecorded:
    """The error for a decision that another record holds already."""
    return AlreadyRecorded("decision-registered-already", holder)
