"""A request goes before others: who applies is over ninety, or gravely ill.

That a case goes first is for everybody who works on cases to see. Why it does says how old or how
ill somebody is: it is sealed under the key of the person who applies, and no register holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from registry.award.recorded import AwardRecorded
from registry.cases.events import (
    PRIORITY_GROUNDS,
    Applicant,
    PriorityGround,
    ServiceCasePriorityEnded,
    ServiceCasePriorityGiven,
)
from registry.cases.states import Open
from registry.dates import parse_edtf
from registry.errors import Rejected
from registry.fact import Outcome
from registry.personal import Clear, Personal
from registry.remark import Remark
from registry.rules import TEXT_CHARACTERS_MAX, require_text

AGE_YEARS: Final = 90
# A sealed value is as long as what it seals: all grounds are made one length, or it would tell.
GROUND_CHARACTERS: Final = 16


@dataclass(frozen=True, slots=True)
class GivePriority:
    """Let the case go before others; `ground` is sealed, one of `PRIORITY_GROUNDS`."""

    on: str
    ground: Personal
    evidence: Personal | None = None


@dataclass(frozen=True, slots=True)
class EndPriority:
    """Let the case wait its turn again."""

    on: str
    reason: str


def give(state: Open, command: GivePriority) -> Outcome:
    """Judge that a case goes first. Raises `Rejected`."""
    if state.file.priority is not None:
        raise Rejected("priority-given-already", receipt=state.file.opened.receipt)
    check_ground(state.file.opened.applicant, command.ground, command.evidence)
    event = ServiceCasePriorityGiven(command.on, command.ground, command.evidence)
    return Outcome((event,))


def end(state: Open, command: EndPriority) -> Outcome:
    """Judge that a case goes first no more. Raises `Rejected`."""
    if state.file.priority is None:
        raise Rejected("priority-not-given", receipt=state.file.opened.receipt)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    return Outcome((ServiceCasePriorityEnded(command.on, reason),))


def check_ground(applicant: Applicant, ground: Personal, evidence: Personal | None) -> None:
    """Raise `Rejected` for another ground than those known, or of somebody else."""
    for value in (ground, evidence):
        if value is not None and value.subject != str(applicant.person):
            raise Rejected("personal-value-of-another", field=value.kind)
    if isinstance(ground, Clear) and ground_of(ground.value) not in PRIORITY_GROUNDS:
        # What was typed instead may say what somebody suffers from: it is not repeated.
        allowed = ", ".join(PRIORITY_GROUNDS)
        raise Rejected("not-a-choice", field="priority_ground", allowed=allowed)


def sealed_ground(ground: PriorityGround) -> str:
    """A ground as it is sealed."""
    return ground.ljust(GROUND_CHARACTERS)


def ground_of(sealed: str) -> str:
    """The ground that was sealed."""
    return sealed.rstrip()


def age_remark(applicant: Applicant, award: AwardRecorded, year: int) -> tuple[Remark, ...]:
    """That who applies is over ninety by the award's own record, and might go first."""
    person = next(iter(award.recipient.persons), None)
    in_person = applicant.kind == "person" and applicant.relation is None
    if not in_person or person is None or person.born is None:
        return ()
    if year - parse_edtf(person.born).latest.year <= AGE_YEARS:
        return ()
    return (Remark("priority-may-apply"),)
