"""What became of a chunk's rows: counted, and put in words a clerk can follow up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from api.imports.report import Params, ReportedProblem
from api.sheets.lines import row_of
from registry.award.doubts import BEFORE_DECISION
from registry.importing import Tally
from registry.law.competence import AUTHORITY_DOUBTED
from registry.personal import without_sealed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from api.imports.plan import Plan
    from api.sheets.layout import Layout
    from api.sheets.row_results import Problem
    from registry.award import AwardRecorded
    from registry.errors import Rejected
    from registry.remark import Remark

GOLDEN_REPEATED: Final = "golden-number-repeated"
DUPLICATE: Final = "award-recorded-already"

# Doubts about this very row, with the column they are about. Others say what the catalogue
# recalls of a period or an authority: they hold for many rows alike and become notes.
_ROW_REMARKS: Final[Mapping[str, str]] = {
    GOLDEN_REPEATED: "golden_number",
    "class-missing": "form",
    "born-after-award": "born",
    AUTHORITY_DOUBTED: "issuer",
    BEFORE_DECISION: "decided_on",
}
# Where a field of a command came from on the sheet; those not named here are called the same.
_SHEET_FIELDS: Final[Mapping[str, str]] = {
    "award_class": "form",
    "awarded_on": "decided_on",
    "number_typed": "number",
    "issuer_typed": "issuer",
    "golden_book": "golden_number",
    "form_typed": "form",
}

FindAward: TypeAlias = "Callable[[str], AwardRecorded | None]"
"""From the id of an award's record, as remarks name it, to the award."""


@dataclass(slots=True)
class Judged:
    """What became of a chunk's rows; `rows_by_award` tells which row made which record."""

    layout: Layout
    last_row: int = 0
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0
    problems: list[ReportedProblem] = field(default_factory=list)
    notes: list[tuple[str, Params, int]] = field(default_factory=list)
    rows_by_award: dict[UUID, int] = field(default_factory=dict)

    @property
    def tally(self) -> Tally:
        """The counts as the register keeps them."""
        return Tally(self.rows, self.accepted, self.duplicates, self.rejected, self.warnings)

    def accept(
        self,
        plan: Plan,
        remarks: Iterable[Remark],
        find_award: FindAward,
        more: Iterable[Params] = (),
    ) -> None:
        """Count a row whose awards stand; `more` are repeated book numbers found otherwise."""
        warnings = [reported(problem) for problem in plan.warnings]
        self.notes += [(code, params, plan.row) for code, params in plan.notes]
        for remark in remarks:
            params: Params = dict(remark.params)
            if remark.code in _ROW_REMARKS:
                warnings.append(self._warning(plan, remark.code, params, find_award))
            else:
                self.notes.append((remark.code, params, plan.row))
        warnings += [self._warning(plan, GOLDEN_REPEATED, params, find_award) for params in more]
        self.problems += warnings
        self.rows += 1
        self.accepted += 1
        self.warnings += bool(warnings)

    def duplicate(self, row: int, holder: UUID | None, other_row: int | None) -> None:
        """Count a row whose awards are known; `other_row` is the row of this file that has them."""
        params: dict[str, str | int] = {}
        if holder is not None:
            params["holder"] = str(holder)
        if other_row is not None:
            params["other_row"] = row_of(other_row)
        column = self.layout.headers.get("name")
        self.problems.append(ReportedProblem(row, column, DUPLICATE, "duplicate", params))
        self.rows += 1
        self.duplicates += 1

    def reject(self, problems: Iterable[Problem]) -> None:
        """Count a row that could not be read."""
        self.problems += map(reported, problems)
        self.rows += 1
        self.rejected += 1

    def refuse(self, row: int, error: Rejected) -> None:
        """Count a row that a rule of the register refused."""
        field_name = (error.field or "").rpartition(".")[2]
        column = self.layout.headers.get(_SHEET_FIELDS.get(field_name, field_name))
        self.problems.append(
            ReportedProblem(
                row, column, error.code, "error", without_sealed(error.field, error.params)
            )
        )
        self.rows += 1
        self.rejected += 1

    def _warning(
        self, plan: Plan, code: str, params: Params, find_award: FindAward
    ) -> ReportedProblem:
        if code == GOLDEN_REPEATED:
            params = _both(plan, params, find_award)
        column = self.layout.headers.get(_ROW_REMARKS[code])
        return ReportedProblem(plan.row, column, code, "warning", params)


def _both(plan: Plan, params: Params, find_award: FindAward) -> Params:
    """Name both awards that carry one golden-book number."""
    named = {**params, "name": plan.name}
    other = find_award(str(params["holder"])) if "holder" in params else None
    if other is not None:
        named["other_name"] = other.recipient.name
        if other.source.row is not None:
            named["other_row"] = other.source.row
    return named


def reported(problem: Problem) -> ReportedProblem:
    """A reader's problem as reports have it."""
    return ReportedProblem(
        problem.row, problem.column, problem.code, problem.severity, problem.params
    )
