"""Until when something must be done that the law gives a time for; see `registry.law.procedures`.

A partial date counts from its last day: nobody is late before it is certain. `days` are the
working days that were decided in the register.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.dates import parse_edtf
from registry.law.procedures import rule_for

if TYPE_CHECKING:
    from datetime import date

    from registry.law.procedures import Procedure
    from registry.law.working_days import DaysDecided


def recall_due_on(decided_on: str | None, days: DaysDecided) -> str | None:
    """The day until which artifacts must be back after a decision; None where none is set."""
    if decided_on is None:
        return None
    due_on, _ = _due("recall", "collect", parse_edtf(decided_on).latest, days)
    return due_on


def strip_due_on(effective_on: str, days: DaysDecided) -> tuple[str | None, str]:
    """The day until which a title must be proposed for stripping, and the rule that says so."""
    return _due("strip", "propose", parse_edtf(effective_on).latest, days)


def custody_due_on(taken_on: str, days: DaysDecided) -> tuple[str | None, str]:
    """The day until which a citizen hears of what he handed in, and the source of that term."""
    start = parse_edtf(taken_on).latest
    due_on, _ = _due("custody", "answer", start, days)
    limit = rule_for("custody", start).limit_of("answer")
    return due_on, "" if limit is None else limit.source


def _due(procedure: Procedure, step: str, start: date, days: DaysDecided) -> tuple[str | None, str]:
    rule = rule_for(procedure, start)
    limit = rule.limit_of(step)
    return (None if limit is None else limit.due_on(start, decided=days).isoformat()), rule.id
