"""Shapes of what clients send to take back what was entered by mistake."""

from __future__ import annotations

from api.bodies import CommandBody, Text


class WithdrawBody(CommandBody):
    """Take a record back that was entered by mistake, and say why."""

    reason: Text


class WithdrawAwardBody(WithdrawBody):
    """The same for an award; `with_signed` says that its signed papers count no longer either."""

    with_signed: bool = False
