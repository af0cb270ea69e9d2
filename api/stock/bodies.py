"""Shapes of what clients send about stock; what they mean is in `api.stock.routes.commands`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.bodies import Body, CommandBody, Line, Name, Text, TypedDate
from registry.award import AwardClass
from registry.stock import PIECES_MAX, RANGES_MAX, WITNESSES_MAX
from registry.stock.holdings import Condition

Names = Annotated[list[Name], Field(max_length=WITNESSES_MAX)]


class ItemBody(CommandBody):
    """An item type to open: a component, of which form and class, in which design."""

    name: Name
    component: Name
    numbered: bool
    form: Line | None = None
    award_class: AwardClass | None = None
    design: Line | None = None


class SerialsBody(Body):
    """Serials as printed, from one to another; one alone without `to`."""

    begin: Annotated[Name, Field(alias="from")]
    end: Annotated[Name | None, Field(alias="to")] = None


class PlaceBody(Body):
    """An office, and a store of it; without one its main store."""

    office: Line
    store: Name | None = None


class PiecesBody(CommandBody):
    """Pieces by their number or their serials, today unless it says when.

    `store` is a store of the writer's own office; for serials it may be left out.
    """

    quantity: Annotated[int, Field(ge=0, le=PIECES_MAX)] | None = None
    serials: Annotated[list[SerialsBody], Field(max_length=RANGES_MAX, default_factory=list)]
    store: Name | None = None
    on: TypedDate | None = None


class ReceiveBody(PiecesBody):
    """Pieces came in."""

    supplier: Line
    delivery_note: Line


class MoveBody(PiecesBody):
    """Pieces went to another store of the office."""

    to_store: Name | None = None
    condition: Condition = "usable"


class AllocateBody(PiecesBody):
    """Pieces were given to another office."""

    to: PlaceBody
    handed_to: Name | None = None


class ReturnPiecesBody(PiecesBody):
    """Another office gave pieces back to the writer's."""

    origin: Annotated[PlaceBody, Field(alias="from")]
    reason: Text
    condition: Condition = "usable"


class SpoilBody(PiecesBody):
    """Pieces can no longer be used."""

    reason: Text


class DestroyBody(PiecesBody):
    """Pieces were destroyed before witnesses."""

    minutes: Line
    witnesses: Names
    condition: Condition = "spoiled"


class CountBody(PiecesBody):
    """What a store was found to hold; a difference needs its reason."""

    reason: Text | None = None
    counted_by: Annotated[Names, Field(default_factory=list)]
    condition: Condition = "usable"
