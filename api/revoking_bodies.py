"""Shapes of what clients send to cancel, strip and restore.

`decision_id` is the decision that the command rests on: one of the kind cancel, strip or
restore that is in the register. The day is that decision's unless it is given.
"""

from __future__ import annotations

from api.bodies import CommandBody, Identifier, Line, Text, TypedDate
from registry.award import VerdictGround
from registry.decision import CancelReason


class RecallTerms(CommandBody):
    """What follows for the artifacts: until when they are back, and whether that is ordered now.

    With `order_recall` the recall of every artifact that counts is ordered together with it.
    """

    recall_due_on: TypedDate | None = None
    order_recall: bool = False
    note: Text | None = None


class CancelAwardBody(RecallTerms):
    """Make one award void."""

    decision_id: Identifier
    reason: CancelReason
    cancelled_on: TypedDate | None = None


class CancelDecisionBody(RecallTerms):
    """Make a decision void with every award under it.

    With `dry_run` nothing is recorded: the answer shows what would be. Then the cancelling
    decision and the reason need not be known yet.
    """

    decision_id: Identifier | None = None
    reason: CancelReason | None = None
    cancelled_on: TypedDate | None = None
    dry_run: bool = False


class StripBody(RecallTerms):
    """Take a state honorary title from its holder."""

    decision_id: Identifier
    stripped_on: TypedDate | None = None


class DeclineBody(CommandBody):
    """The recipient declined the award before it was conferred; `paper` is what he said it in."""

    declined_on: TypedDate
    paper: Line
    note: Text | None = None


class AcceptBody(CommandBody):
    """Who had declined accepts after all."""

    accepted_on: TypedDate
    paper: Line
    note: Text | None = None


class RestoreBody(CommandBody):
    """Let the award stand again."""

    decision_id: Identifier
    restored_on: TypedDate | None = None
    note: Text | None = None


class VerdictBody(CommandBody):
    """A court's judgment on the holder of a title took effect; `ground` is a point of Art. 93."""

    effective_on: TypedDate
    sentence: Text
    court: Line | None = None
    judgment: Line | None = None
    ground: VerdictGround | None = None
