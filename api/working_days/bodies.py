"""The shape of a decision on working days."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.bodies import CommandBody, Line, TypedDate
from registry.working_calendar import DAYS_PER_DECISION_MAX

Days = Annotated[list[TypedDate], Field(max_length=DAYS_PER_DECISION_MAX)]


class WorkingDaysBody(CommandBody):
    """Days off that would be worked, days worked that would be off, and who announced it.

    With `dry_run` nothing is recorded: the answer says which due days would move.
    """

    off: Days = Field([])
    worked: Days = Field([])
    source: Line
    dry_run: bool = False
