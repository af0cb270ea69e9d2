"""What an import did, row by row as far as it can be kept, and in numbers for all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID

from api.sheets.lines import row_of, sheet_of
from registry.award.doubts import HOLDING
from registry.importing import RowProblem, Severity, SheetKind, Tally
from registry.settings import Language

PROBLEMS_KEPT_MAX: Final = 10_000
NOTES_KEPT_MAX: Final = 1_000
QUESTIONS_KEPT_MAX: Final = 1_000
_ASKED: Final = frozenset(
    {"form-ambiguous", "form-unknown", "form-code-differs", "kind-unknown", "class-not-allowed"}
)

Params: TypeAlias = Mapping[str, str | int]
Describe: TypeAlias = Callable[[str, Params, Language], str]
"""From a code, its parameters and a language to a sentence: `registry.messages.describe`."""

_OF_ONE_ROW: Final = frozenset({"on"})


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """A row that was refused, doubted or known already; `row` is the number the sheet shows."""

    row: int
    column: str | None
    code: str
    severity: Severity
    params: Params = field(default_factory=dict)

    def as_fact(self) -> RowProblem:
        """The problem as the register keeps it: without what the cell said."""
        return RowProblem(self.row, self.column, self.code, self.severity)


@dataclass(slots=True)
class ReportedNote:
    """A doubt about many rows at once, such as a form outside its recalled period."""

    code: str
    params: Params
    rows_count: int
    first_row: int | None


@dataclass(slots=True)
class Question:
    """Something that one answer settles for every row that writes it so."""

    typed: str
    code: str
    rows_count: int
    first_row: int
    choices: tuple[tuple[str, str], ...] = ()
    """Codes and names to choose from."""

    def as_json(self) -> dict[str, Any]:
        """The question as reports have it."""
        return {
            "typed": self.typed,
            "code": self.code,
            "rows_count": self.rows_count,
            "first_row": self.first_row,
            "choices": [{"code": code, "name": name} for code, name in self.choices],
        }


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or in a dry run would do.

    `problems` holds the first of them up to `PROBLEMS_KEPT_MAX`; `problems_left_out` counts the
    rest by code. `seconds` is how long this run took.
    """

    import_id: UUID
    kind: SheetKind
    dry_run: bool
    tally: Tally
    problems: tuple[ReportedProblem, ...]
    problems_left_out: Mapping[str, int]
    notes: tuple[ReportedNote, ...]
    seconds: float
    questions: tuple[Question, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    """Names of the sheets with lists, where there are several."""

    @property
    def held_back(self) -> int:
        """How many awards are recorded and held back, or would be, because of a doubt."""
        kept = sum(problem.code in HOLDING for problem in self.problems)
        return kept + sum(self.problems_left_out.get(code, 0) for code in HOLDING)

    def as_json(self, describe: Describe, language: Language) -> dict[str, Any]:
        """The JSON document of the command line and of `GET /api/imports/{id}`."""
        return {
            "rows": self.tally.rows,
            "accepted": self.tally.accepted,
            "duplicates": self.tally.duplicates,
            "rejected": self.tally.rejected,
            "warnings": self.tally.warnings,
            "held_back": self.held_back,
            "problems": [
                {
                    **self._place(problem.row),
                    "column": problem.column,
                    "code": problem.code,
                    "severity": problem.severity,
                    "message": describe(problem.code, problem.params, language),
                }
                for problem in self.problems
            ],
            "problems_left_out": dict(self.problems_left_out),
            "notes": [
                {
                    "code": note.code,
                    "params": dict(note.params),
                    "rows_count": note.rows_count,
                    "first_row": None if note.first_row is None else row_of(note.first_row),
                    "message": describe(note.code, note.params, language),
                }
                for note in self.notes
            ],
            "questions": [question.as_json() for question in self.questions],
            "reading": dict(self.reading),
            "import_id": str(self.import_id),
            "kind": self.kind,
            "dry_run": self.dry_run,
            "seconds": round(self.seconds, 3),
        }

    def _place(self, position: int) -> dict[str, Any]:
        """The row as the sheet shows it, and the sheet if there are several."""
        place: dict[str, Any] = {"row": row_of(position)}
        if self.sheets:
            place["sheet"] = self.sheets[sheet_of(position)]
        return place


class Findings:
    """Problems and notes of one import, bounded in memory however many there are."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.problems: list[ReportedProblem] = []
        self.left_out: Counter[str] = Counter()
        self._notes: dict[tuple[str, ...], ReportedNote] = {}
        self._questions: dict[tuple[str, str], Question] = {}

    def add_problems(self, problems: list[ReportedProblem]) -> None:
        """Keep problems, or count those that are too many."""
        for problem in problems:
            if problem.code in _ASKED:
                self._ask(problem)
        room = PROBLEMS_KEPT_MAX - len(self.problems)
        self.problems.extend(problems[:room])
        self.left_out.update(problem.code for problem in problems[room:])

    def add_note(
        self, code: str, params: Params, rows_count: int = 0, first_row: int | None = None
    ) -> None:
        """Count a doubt; those that say the same of other rows are one note."""
        key = (code, *(f"{k}={v}" for k, v in sorted(params.items()) if k not in _OF_ONE_ROW))
        note = self._notes.get(key)
        if note is not None:
            note.rows_count += rows_count
        elif len(self._notes) < NOTES_KEPT_MAX:
            self._notes[key] = ReportedNote(code, params, rows_count, first_row)
        else:
            self.left_out[code] += 1

    def _ask(self, problem: ReportedProblem) -> None:
        """Ask once what many rows leave open."""
        typed = str(problem.params.get("typed", ""))
        if not typed:
            return
        question = self._questions.get((problem.code, typed))
        if question is not None:
            question.rows_count += 1
        elif len(self._questions) < QUESTIONS_KEPT_MAX:
            candidates = str(problem.params.get("candidates", "")).split("; ")
            codes = str(problem.params.get("codes", "")).split()
            choices = tuple(zip(codes, candidates, strict=False))
            asked = Question(typed, problem.code, 1, row_of(problem.row), choices)
            self._questions[problem.code, typed] = asked

    def questions(self) -> tuple[Question, ...]:
        """What the clerk is asked about the file, each thing once."""
        return tuple(self._questions.values())

    def notes(self) -> tuple[ReportedNote, ...]:
        """The notes in the order in which they came up."""
        return tuple(self._notes.values())
