"""Shapes of what clients send about an artifact's life after it was handed over.

Dates that are left out mean today, except where a paper must say them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.bodies import (
    ARTIFACTS_MAX,
    Body,
    CommandBody,
    Identifier,
    Line,
    Name,
    PieceBody,
    ReceiverBody,
    Text,
    TypedDate,
)
from registry.award.artifact import ExchangeReason, HolderKind, Purpose, ReissueReason
from registry.award.recalling import WITNESSES_MAX


class ItemBody(Body):
    """Another artifact of the same award, handed in on the same receipt."""

    serial: Name
    condition: Text | None = None


class SurrenderBody(CommandBody):
    """A citizen hands the artifact in, and perhaps others of the award with it.

    The registry allots the receipt's number; `receipt` is for one that was written long ago.
    Without `due_on` a new receipt promises the day of the exchange case: `case_id`, or the one
    that is open about the artifact; without a case, the term of the procedures.
    """

    surrendered_by: ReceiverBody
    purpose: Purpose
    kept_at: Line
    surrendered_on: TypedDate | None = None
    due_on: TypedDate | None = None
    condition: Text | None = None
    also: list[ItemBody] = Field(default_factory=list, max_length=ARTIFACTS_MAX)
    receipt: Name | None = None
    case_id: Identifier | None = None


class MoveBody(CommandBody):
    """Where the artifact lies now."""

    kept_at: Line
    moved_on: TypedDate | None = None
    note: Text | None = None


class HandBackBody(CommandBody):
    """The artifact itself was given back, and somebody signed for it."""

    receiver: ReceiverBody
    handed_back_on: TypedDate | None = None
    note: Text | None = None


class HolderBody(CommandBody):
    """Who holds the artifact after its recipient's death.

    An heir has a relation; a museum holds it by a `decision`, `until` a day or for good; what
    comes to the State lies `kept_at`.
    """

    kind: HolderKind
    name: Name
    relation: Line | None = None
    identity_paper: Line | None = None
    decision: Line | None = None
    kept_at: Line | None = None
    until: TypedDate | None = None
    since: TypedDate | None = None
    died_on: TypedDate | None = None
    note: Text | None = None


class FoundBody(CommandBody):
    """An artifact that was lost or given up turned up."""

    found_on: TypedDate | None = None
    found_by: Line | None = None
    note: Text | None = None


class SuccessionBody(CommandBody):
    """A new artifact in an old one's place; without a serial the registry allots one.

    `stock` is the piece that it is made of.
    """

    serial: Name | None = None
    stock: PieceBody | None = None


class ExchangeBody(SuccessionBody):
    """A new artifact for one that was handed in."""

    reason: ExchangeReason
    case_id: Identifier | None = None
    exchanged_on: TypedDate | None = None


class ReissueBody(SuccessionBody):
    """A new artifact for one that is lost."""

    reason: ReissueReason
    case_id: Identifier | None = None
    reissued_on: TypedDate | None = None


class ReplaceBody(SuccessionBody):
    """A new artifact for one that the office itself spoiled or destroyed."""

    replaced_on: TypedDate | None = None


class RecallBody(CommandBody):
    """The owner is told to give the artifact back; without a day, until the award's own."""

    ordered_on: TypedDate | None = None
    due_on: TypedDate | None = None
    note: Text | None = None


class RecoverBody(CommandBody):
    """The artifact came back."""

    kept_at: Line
    recovered_on: TypedDate | None = None
    handed_in_by: Line | None = None
    condition: Text | None = None


class UnrecoverableBody(CommandBody):
    """The artifact cannot be had; `minutes` names the paper that says so."""

    minutes: Line
    reason: Text
    declared_on: TypedDate | None = None


class DestroyBody(CommandBody):
    """The artifact was destroyed, before two witnesses at least."""

    destroyed_on: TypedDate
    minutes: Line
    witnesses: Annotated[list[Name], Field(max_length=WITNESSES_MAX)]


class ArchiveBody(CommandBody):
    """The artifact is kept for good as a specimen."""

    kept_at: Line
    archived_on: TypedDate | None = None
    minutes: Line | None = None
