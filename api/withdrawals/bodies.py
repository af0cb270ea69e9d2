"""Shapes of what clients send to take back what was entered by mistake."""

from __future__ import annotations

from api.bodies import Body, CommandBody, Line, Name, Text, TypedDate
from registry.award.artifact import ReceiverKind


class WithdrawBody(CommandBody):
    """Take a record back that was entered by mistake, and say why."""

    reason: Text


class WithdrawAwardBody(WithdrawBody):
    """The same for an award; `with_signed` says that its signed papers count no longer either."""

    with_signed: bool = False


class WithdrawManyBody(CommandBody):
    """Take back a decision with its awards, or all that an import recorded.

    With `dry_run` nothing is recorded: the answer shows what would be. Then the reason need not be
    said yet.
    """

    reason: Text | None = None
    with_signed: bool = False
    dry_run: bool = False


class ReceiverCorrections(Body):
    """What was wrong of who took the artifact; fields that are not sent stay as they are."""

    kind: ReceiverKind | None = None
    name: Name | None = None
    relation: Line | None = None
    identity_paper: Line | None = None


class CorrectDeliveryBody(WithdrawBody):
    """Put right what the register says of the last delivery; what is not sent stays."""

    delivered_on: TypedDate | None = None
    receiver: ReceiverCorrections = ReceiverCorrections()
