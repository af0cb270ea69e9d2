"""Procedures and their versions: steps with time limits, papers to bring, who decides.

The version that applies to a request is the one in force on the day it was received, and it is
kept by its id (reference, 1.2). All of it is data (`data/procedures.json`), with the source of
each statement and how certain it is:

  read       found in the text of the source;
  recalled   known from memory, not verified;
  inferred   concluded from what was read;
  assumed    not found: the previous version's value stands in, openly, until somebody reads more.

Nothing here refuses a request: a limit that is only recalled or assumed still makes a due date,
and whoever shows the date can show how certain it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from registry.award_form import read_json
from registry.law.working_days import (
    NONE_DECIDED,
    DaysDecided,
    add_working_days,
    next_working_day,
    working_days_between,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.award_form import AwardForm

Procedure = Literal[
    "exchange",
    "reissue",
    "confirmation",
    "cancellation",
    "strip",
    "recall",
    "restoration",
    "custody",
    "issue",
]
PROCEDURES: tuple[Procedure, ...] = get_args(Procedure)
ApplicantKind = Literal["person", "collective", "household"]
Certainty = Literal["read", "recalled", "inferred", "assumed"]
DayKind = Literal["working", "calendar"]
Level = Literal["province", "centre"]


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """So many working or calendar days, counted from the day after the start.

    A limit in calendar days that would end on a day off ends on the next working day (Civil
    Code 2015, Art. 148(5): recalled).
    """

    days: int
    kind: DayKind
    source: str
    certainty: Certainty

    def due_on(self, start: date, used: int = 0, decided: DaysDecided = NONE_DECIDED) -> date:
        """The last day in time, when `used` of the days were over before `start`."""
        left = self.days - used
        if self.kind == "working":
            return add_working_days(start, left, decided)
        return next_working_day(start + timedelta(days=left), decided)

    def days_between(self, start: date, end: date, decided: DaysDecided = NONE_DECIDED) -> int:
        """How many days of the limit pass from `start` until `end`."""
        if self.kind == "working":
            return working_days_between(start, end, decided)
        return max(0, (end - start).days)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a procedure, by whom and within which time; None where no limit is known."""

    code: str
    level: Level
    limit: TimeLimit | None


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """A paper that the applicant brings; `form` is the number of its form in the decree.

    Its name is the term of vocabulary `paper`.
    """

    code: str
    form: str | None
    required: bool
    source: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class OfficeForm:
    """A form that the office itself fills in, by its number in the instrument."""

    number: str
    source: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class ProcedureRule:
    """A version of a procedure; `note_vi` and `note_en` say what about it is not known.

    `forms` are those that the office fills in: `list` of what goes to the central body,
    `certificate` of an exchange or re-issue.
    """

    id: str
    procedure: Procedure
    valid_from: date | None
    valid_to: date | None
    source: str
    certainty: Certainty
    decided_by: str
    steps: tuple[Step, ...]
    checklists: Mapping[ApplicantKind, tuple[ChecklistItem, ...]]
    note_vi: str
    note_en: str
    forms: Mapping[str, OfficeForm]

    def limit_of(self, step: str) -> TimeLimit | None:
        """The time limit of a step; None if it has none, or there is no such step."""
        return next((one.limit for one in self.steps if one.code == step), None)

    def checklist(self, applicant: ApplicantKind) -> tuple[ChecklistItem, ...]:
        """The papers that this kind of applicant brings.

        A household brings what a person does where a version does not name it.
        """
        if applicant == "household" and not self.names(applicant):
            return self.checklists.get("person", ())
        return self.checklists.get(applicant, ())

    def names(self, applicant: ApplicantKind) -> bool:
        """Whether the version says of this kind of applicant that it may apply."""
        return applicant in self.checklists

    def holds_on(self, day: date) -> bool:
        """Whether the version is in force on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


def rule_for(procedure: Procedure, received_on: date) -> ProcedureRule:
    """The version of a procedure for what was received on a day."""
    return next(rule for rule in rules_of(procedure) if rule.holds_on(received_on))


def find_rule(rule_id: str) -> ProcedureRule | None:
    """The version that a record keeps by its id; None if the data has it no more."""
    return _rules_by_id().get(rule_id)


def rules_of(procedure: Procedure) -> tuple[ProcedureRule, ...]:
    """The versions of a procedure, oldest first."""
    return tuple(rule for rule in all_rules() if rule.procedure == procedure)


def deciding_level(form: AwardForm) -> Level:
    """Who makes a form's artifacts anew: the central body, or the province itself.

    What the State President, the National Assembly, the Government or the Prime Minister gave
    goes through the central body; what a ministry or province gave, its own office makes again
    (Gia Lai: reference, 3.2).
    """
    central = _document()["decided_by_the_centre"]
    return (
        "centre" if form.kind in central["kinds"] or form.code in central["forms"] else "province"
    )


@cache
def all_rules() -> tuple[ProcedureRule, ...]:
    """Every version of every procedure, in the order of the data."""
    document = _document()
    return tuple(_parse_rule(entry, document) for entry in document["rules"])


@cache
def _rules_by_id() -> dict[str, ProcedureRule]:
    return {rule.id: rule for rule in all_rules()}


@cache
def _document() -> dict[str, Any]:
    return read_json("procedures.json")


def _parse_rule(entry: dict[str, Any], document: dict[str, Any]) -> ProcedureRule:
    return ProcedureRule(
        id=entry["id"],
        procedure=entry["procedure"],
        valid_from=_parse_day(entry["valid_from"]),
        valid_to=_parse_day(entry["valid_to"]),
        source=entry["source"],
        certainty=entry["certainty"],
        decided_by=entry["decided_by"],
        steps=tuple(map(_parse_step, entry["steps"])),
        checklists={
            applicant: tuple(_parse_item(paper, document) for paper in papers)
            for applicant, papers in document["checklists"].get(entry["checklist"], {}).items()
        },
        note_vi=entry["note_vi"],
        note_en=entry["note_en"],
        forms={name: OfficeForm(**form) for name, form in entry.get("forms", {}).items()},
    )


def _parse_step(entry: dict[str, Any]) -> Step:
    limit = entry["limit"]
    return Step(entry["code"], entry["level"], None if limit is None else TimeLimit(**limit))


def _parse_item(paper: str | dict[str, Any], document: dict[str, Any]) -> ChecklistItem:
    """A paper by its code, or with what differs in a version."""
    differing = {"code": paper} if isinstance(paper, str) else paper
    return ChecklistItem(**{**document["papers"][differing["code"]], **differing})


def _parse_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
