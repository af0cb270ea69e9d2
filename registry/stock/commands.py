"""Stock of one item type: the commands. Each says whose office acts, on what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from registry.stock.holdings import Condition, Lot, Place


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Open the page of an item type; `design` names its model and period, such as "mẫu 2014"."""

    name: str
    component: str
    numbered: bool
    form: str | None = None
    award_class: str | None = None
    design: str | None = None


@dataclass(frozen=True, slots=True)
class OnPieces:
    """What every command on pieces says: whose office acts, on what, when.

    `store` is a store of that office. For numbered pieces it may be left out: the serials say
    where they are.
    """

    office: str
    lot: Lot
    happened_on: str


@dataclass(frozen=True, slots=True)
class ReceivePieces(OnPieces):
    """Take pieces in from outside."""

    supplier: str
    delivery_note: str
    store: str | None = None


@dataclass(frozen=True, slots=True)
class MovePieces(OnPieces):
    """Bring pieces to another store of the office."""

    to_store: str | None
    store: str | None = None
    condition: Condition = "usable"


@dataclass(frozen=True, slots=True)
class AllocatePieces(OnPieces):
    """Give pieces to another office."""

    destination: Place
    handed_to: str | None = None
    store: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnPieces(OnPieces):
    """Take back what another office held; recorded by the office that gets it, into `store`."""

    origin: Place
    reason: str
    store: str | None = None
    condition: Condition = "usable"


@dataclass(frozen=True, slots=True)
class Purpose:
    """The artifact that a piece becomes."""

    award_id: UUID
    artifact: str
    component: str
    form: str
    award_class: str | None = None


@dataclass(frozen=True, slots=True)
class UsePiece(OnPieces):
    """Make one piece an artifact."""

    purpose: Purpose
    store: str | None = None


@dataclass(frozen=True, slots=True)
class SpoilPieces(OnPieces):
    """Put pieces aside that can no longer be used."""

    reason: str
    store: str | None = None


@dataclass(frozen=True, slots=True)
class DestroyPieces(OnPieces):
    """Destroy pieces before witnesses."""

    minutes: str
    witnesses: tuple[str, ...]
    store: str | None = None
    condition: Condition = "spoiled"


@dataclass(frozen=True, slots=True)
class CountPieces(OnPieces):
    """Say what a store was found to hold."""

    reason: str | None = None
    counted_by: tuple[str, ...] = ()
    store: str | None = None
    condition: Condition = "usable"


PiecesCommand: TypeAlias = (
    ReceivePieces
    | MovePieces
    | AllocatePieces
    | ReturnPieces
    | UsePiece
    | SpoilPieces
    | DestroyPieces
    | CountPieces
)
Command: TypeAlias = OpenItem | PiecesCommand
