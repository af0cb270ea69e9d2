"""Withdrawing a decision with the awards that were entered under it, in one transaction.

Awards that only cite it, as lines of an old register do, were entered by themselves and stay. What
rests on it is in the way: a decision that took something away was no mistake of entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from api.withdrawals.judged import Asked, InTheWay, Judged, Listed, judge_awards, obstacle
from api.withdrawals.obstacles import seen_by_registers
from projections.awards import awards_naming, awards_of_decision
from projections.decisions import records_resting_on
from registry.award import WithdrawAward
from registry.decision import WithdrawDecision, Withdrawn, require_registered
from registry.errors import Rejected
from registry.messages import term
from registry.register import Order

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Cursor

    from api.records import DecisionRecord

RESTING_SHOWN_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """The orders that withdraw a decision, and what they mean."""

    orders: Sequence[Order]
    judged: Judged
    citing: int


def plan_decision(
    asked: Asked, cursor: Cursor[object], record: DecisionRecord, command: WithdrawAward
) -> Plan:
    """Judge a decision with its awards. The registers must know all of the log."""
    rows = awards_naming(cursor, record.id)
    citing = len(awards_of_decision(cursor, record.id)) - len(rows)
    listed = [Listed(row.id, row.name, row.office, row.source_row) for row in rows]
    seen = seen_by_registers(cursor, [one.id for one in listed])
    judged = judge_awards(asked, listed, seen, replace(command, decision_id=record.id))
    orders = list(judged.orders)
    # One that is withdrawn already may have awards left that were entered at that very moment.
    if not isinstance(record.state, Withdrawn) or not orders:
        own = WithdrawDecision(command.reason)
        orders.insert(0, Order("decision", record.id, own))
        blocked = in_the_way_of(asked, cursor, record.id, own)
        judged = replace(judged, in_the_way=(*blocked, *judged.in_the_way))
    return Plan(orders, judged, citing)


def in_the_way_of(
    asked: Asked, cursor: Cursor[object], decision_id: UUID, command: WithdrawDecision
) -> Iterator[InTheWay]:
    """What is in the way of a decision itself; that it is withdrawn already is not."""
    state = asked.registry.load("decision", decision_id).state
    if isinstance(state, Withdrawn):
        return
    listed = Listed(decision_id, require_registered(state).content.number, "")
    try:
        asked.registry.work(asked.authorship).execute("decision", decision_id, command)
    except Rejected as error:
        yield obstacle(listed, error, asked.language)
    for resting, event in records_resting_on(cursor, decision_id, RESTING_SHOWN_MAX):
        act = term("event", event, asked.language)
        rests = Rejected("withdraw-decision-rested-on", act=act, record=str(resting))
        yield obstacle(listed, rests, asked.language)
