"""Every act that has a day, and what its days may be: one table for the whole register.

A line is a kind of record, a command, and its fields with days:

    field         the day of something that happened: not after today in Viet Nam
    field=name    the same; requests call the field by the name
    due>start     a day that lies in the future by its nature: not before the other

Days are partial (EDTF): one is to come only if its first day is, and a due day lies before its
start only if its last day lies before the first of the other. Every command passes here, typed or
imported, before its own rules judge it (`registry.work`, `registry.prepared`). Whether the days of
one record stand in their order is judged by its rules: of awards and artifacts in
`registry.award.order`, of cases step by step, of stock by its ledger.

By names, not classes: whoever only prepares awards need not load all other records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import attrgetter
from typing import Any, Final, TypeAlias

from registry.dates import BadDate, is_before, parse_edtf
from registry.errors import Rejected
from registry.personal import Clear, without_sealed

_TABLE: Final = """
decision      RegisterDecision      decided_on
decision      CorrectDecision       corrections.decided_on
decision      CancelDecision        cancelled_on
award         RecordAward           awarded_on persons
award         CorrectAward          corrections.awarded_on corrections.born personal
award         IssueArtifacts        issued_on
award         PrintArtifact         printed_on
award         DeliverArtifact       delivered_on
award         ReturnUndelivered     returned_on
award         SurrenderArtifacts    surrendered_on due_on>surrendered_on
award         MoveArtifact          moved_on
award         HandBackArtifact      handed_back_on
award         ReportFound           found_on
award         ExchangeArtifact      exchanged_on
award         ReissueArtifact       reissued_on
award         ReplaceArtifact       replaced_on
award         OrderRecall           ordered_on due_on>ordered_on
award         RecoverArtifact       recovered_on
award         DeclareUnrecoverable  declared_on
award         DestroyArtifact       destroyed_on
award         ArchiveArtifact       archived_on
award         CancelAward           cancelled_on recall_ordered_on recall_due_on>cancelled_on
award         CancelAward           recall_due_on>recall_ordered_on
award         StripTitle            stripped_on recall_ordered_on recall_due_on>stripped_on
award         StripTitle            recall_due_on>recall_ordered_on
award         NoteVerdict           effective_on strip_due_on>effective_on
award         RestoreAward          restored_on
award         DeclineAward          declined_on
award         TakeDecliningBack     accepted_on
award         ChangeHolder          since died_on
award         CorrectDelivery       corrections.delivered_on=delivered_on
service-case  OpenCase              received_on stated.awarded_on
service-case  AskSupplement         on
service-case  ReceiveSupplement     on
service-case  IdentifyAward         on
service-case  CheckArchive          on
service-case  ConfirmAward          on
service-case  GivePriority          on
service-case  EndPriority           on
service-case  SendCase              on
service-case  TakeBack              on
service-case  ReceiveResult         on
service-case  SuspendCase           on
service-case  ResumeCase            on
service-case  TransferCase          on
service-case  ReportDecisionError   on
service-case  AcceptCorrection      on
service-case  CloseCase             on
service-case  ReopenCase            on
stock         ReceivePieces         happened_on=on
stock         MovePieces            happened_on=on
stock         AllocatePieces        happened_on=on
stock         ReturnPieces          happened_on=on
stock         UsePiece              happened_on=on
stock         SpoilPieces           happened_on=on
stock         DestroyPieces         happened_on=on
stock         CountPieces           happened_on=on
"""

Day: TypeAlias = "tuple[str, str | None]"
"""A field, as requests call it, and the day that a command gives it."""


@dataclass(frozen=True, slots=True)
class _Act:
    """How the days of a command are read: those that are past, and due days with their starts.

    `nested` are those of persons and personal values.
    """

    past: tuple[tuple[str, Callable[[Any], str | None]], ...]
    nested: tuple[Callable[[Any], Iterable[Day]], ...]
    due: tuple[tuple[str, str], ...]


def check_days(kind: str, command: object, today: date) -> None:
    """Raise `Rejected` for a day to come, or a day that is due before its start.

    What is no date at all is left to the command's own rules.
    """
    act = ACTS.get((kind, type(command).__name__))
    if act is None:
        return
    # The bulk of an import lies in other years; of those the text alone tells.
    year = _year_of(today)
    for field, read in act.past:
        on = read(command)
        if on is not None and on[:4] >= year:
            check_past(field, on, today)
    for nested in act.nested:
        for field, on in nested(command):
            if on is not None and on[:4] >= year:
                check_past(field, on, today)
    for due, start in act.due:
        since = getattr(command, start)
        if is_before(getattr(command, due), since):
            raise Rejected("due-before-start", field=due, on=since)


def check_past(field: str, on: str | None, today: date) -> None:
    """Raise `Rejected` naming the field if a day (EDTF) is certainly to come."""
    try:
        to_come = on is not None and parse_edtf(on).earliest > today
    except BadDate:
        return
    if to_come:
        typed = without_sealed(field, {"typed": on})
        raise Rejected("day-in-the-future", field=field, **typed)


@cache
def _year_of(day: date) -> str:
    return str(day.year)


def _of_persons(command: Any) -> list[Day]:
    """When a recipient's persons were born: the year that is public, the day that is sealed."""
    days: list[Day] = []
    for person in command.recipient.persons:
        days.append(("person.born", person.born))
        if isinstance(person.birth_date, Clear):
            days.append(("birth-date", person.birth_date.value))
    return days


def _of_personal(command: Any) -> list[Day]:
    return [
        ("birth-date", value.value)
        for value in command.personal
        if isinstance(value, Clear) and value.kind == "birth-date"
    ]


_NESTED: Final[Mapping[str, Callable[[Any], Iterable[Day]]]] = {
    "persons": _of_persons,
    "personal": _of_personal,
}


def _past(written: str) -> tuple[str, Callable[[Any], str | None]]:
    """The name of a field and how it is read."""
    path, _, name = written.partition("=")
    whole, _, part = path.rpartition(".")
    if whole == "corrections":
        return name or path, lambda command: command.corrections.get(part)
    if whole:
        return name or path, lambda command: getattr(getattr(command, whole), part, None)
    return name or path, attrgetter(path)


def _acts() -> dict[tuple[str, str], _Act]:
    written: dict[tuple[str, str], list[str]] = {}
    for line in _TABLE.strip().splitlines():
        kind, command, *fields = line.split()
        written.setdefault((kind, command), []).extend(fields)
    return {act: _act(fields) for act, fields in written.items()}


def _act(fields: Iterable[str]) -> _Act:
    due = [one.partition(">") for one in fields if ">" in one]
    plain = [one for one in fields if ">" not in one and one not in _NESTED]
    return _Act(
        tuple(map(_past, plain)),
        tuple(_NESTED[one] for one in fields if one in _NESTED),
        tuple((one, start) for one, _, start in due),
    )


ACTS: Final[Mapping[tuple[str, str], _Act]] = _acts()
