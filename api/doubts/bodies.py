"""Shapes of what clients send about doubts."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from api.bodies import CommandBody, Line, Text

CODES_MAX: Final = 20


class ConfirmDoubtsBody(CommandBody):
    """Say that an award is as it should be, and why; `codes` names some doubts, none all."""

    reason: Text
    codes: Annotated[tuple[Line, ...], Field(max_length=CODES_MAX, strict=False)] = ()
