"""What became of a line of a list: awards to record, reasons why not, or no row at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from registry.award import RecordAward

if TYPE_CHECKING:
    from api.sheets.forms import ReadForm

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong or doubtful about a row: `column` is its header as the sheet writes it."""

    row: int
    column: str | None
    code: str
    severity: Severity
    params: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class DecisionMention:
    """A decision as a row of a register, or the clerk for a whole list, names it."""

    number: str
    issuer: str
    decided_on: str | None


@dataclass(frozen=True, slots=True)
class ReadableRow:
    """A row that says which awards to record; `mention` is the decision it names, if it does.

    The awards do not name their decision yet: that it has a record is found out with them.
    """

    row: int
    mention: DecisionMention | None
    awards: tuple[RecordAward, ...]
    warnings: tuple[Problem, ...] = ()
    notes: tuple[tuple[str, Mapping[str, str | int]], ...] = ()
    """What should be said of many rows at once."""


@dataclass(frozen=True, slots=True)
class RowName:
    """A name, and the honorific that stood in front of it in the same cell."""

    text: str
    honorific: str | None = None


@dataclass(frozen=True, slots=True)
class RowForm:
    """A form as typed and as understood; `number` is the decision's in a column of its own."""

    typed: str
    form: ReadForm
    number: str | None = None


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that cannot be recorded, with every reason."""

    row: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line that is no row of the list: a heading, a total, a signature."""

    row: int
    problem: Problem


ReadRow: TypeAlias = ReadableRow | UnreadableRow | SkippedLine


class BadRow(Exception):  # noqa: N818 - ends the reading of one row
    """A row cannot be recorded; raised once all its problems are known."""
