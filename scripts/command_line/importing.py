"""`sovang import`: a sheet into the register, with progress, a report, an exit code."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from api.imports.importing import Progress, import_sheet
from api.imports.kept import KeptImports, asked
from api.imports.options import ImportOptions
from registry.errors import Rejected
from registry.identifiers import new_id
from registry.messages import describe, format_number
from registry.rules import require_text
from registry.work_folders import WorkFolders
from scripts.command_line.failures import DONE, DONE_IN_PART
from scripts.command_line.session import Session, authorship

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from api.imports.kept import Work
    from api.imports.report import ImportReport
    from registry.fact import Authorship

PROBLEMS_SHOWN_MAX = 50
_SPOKEN_TALLY = ("rows", "accepted", "duplicates", "rejected", "warnings")


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked at the shell."""

    file: Path
    kind: Literal["auto", "decision", "legacy"]
    number: str | None
    date: str | None
    issuer: str | None
    book: str | None
    answers: tuple[str, ...]
    dry_run: bool
    issue_artifacts: bool
    office: str = ""

    def options(self) -> ImportOptions:
        """The options of the import job. Raises `Rejected`."""
        return ImportOptions(
            kind=self.kind,
            number=self.number,
            date=self.date,
            issuer=self.issuer,
            book=self.book,
            answers=parse_answers(self.answers),
            dry_run=self.dry_run,
            # The usual of the sheet's kind, unless it was forbidden.
            issue_artifacts=None if self.issue_artifacts else False,
        )


def run(session: Session, request: Request) -> int:
    """Import; return 0, or 3 when rows were rejected.

    Raises `SheetError` and `Rejected`, `Conflict`, `OutcomeUnknown`.
    """
    options = request.options()
    with _named_as_typed(), session.database() as database, session.progress() as progress:
        task = progress.add_task(session.text("importing", file=request.file.name), total=None)

        def show(now: Progress) -> None:
            rows = now.tally.rows
            total = max(rows, round(rows / now.fraction)) if now.fraction else None
            progress.update(task, completed=rows, total=total)

        author = authorship()
        if request.office:
            author = replace(author, office=require_text("office", request.office))
        registry = database.registry()
        with _kept(session, request, options, author) as watch:
            report = watch(
                show,
                lambda progress, named: import_sheet(
                    registry, request.file, options, author, progress, named=named
                ),
            )
    document = report.as_json(_describe(session), session.language)
    if session.as_json:
        session.answer(document)
    else:
        _print(session, report, document)
    return DONE_IN_PART if report.tally.rejected else DONE


@contextmanager
def _kept(
    session: Session, request: Request, options: ImportOptions, author: Authorship
) -> Iterator[Callable[[Callable[[Progress], None], Work], ImportReport]]:
    """Let others see that this import goes on, and what became of it."""
    folders, kept = WorkFolders(session.settings.home), KeptImports(session.settings.home)
    try:
        folder = folders.make("import")
        one = asked(new_id(), author.office, folder, request.file.name, options)
        yield partial(kept.watch, one)
    finally:
        folders.close()


def parse_answers(answers: tuple[str, ...]) -> Mapping[str, str]:
    """What the sheet writes, to a code of the catalogue and its class. Raises `Rejected`."""
    parsed: dict[str, str] = {}
    for answer in answers:
        typed, _, code = answer.rpartition("=")
        if not typed.strip() or not code.strip():
            raise Rejected("answer-unreadable", field="--answer", typed=answer[:100])
        parsed[typed.strip()] = code.strip()
    return parsed


@contextmanager
def _named_as_typed() -> Iterator[None]:
    """Name options in complaints as the shell knows them."""
    try:
        yield
    except Rejected as error:
        if error.field in {"number", "date", "issuer", "book", "kind", "answers"}:
            error.field = "--answer" if error.field == "answers" else f"--{error.field}"
        raise


def _print_reading(session: Session, reading: Mapping[str, Any]) -> None:
    """Say how the file was read: each list, each column and what it became."""
    for part in reading["lists"]:
        first, last = part["header_rows"]
        columns = ", ".join(
            f"{column['column'] or '-'} → {column['field'] or session.text('import.left-out')}"
            for column in part["columns"]
        )
        session.say(
            "import.reading",
            format=reading["format"],
            kind=reading["kind"],
            sheet=part["sheet"] or "-",
            rows=f"{first}-{last}" if first != last else str(first),
            columns=columns,
        )


def _describe(session: Session) -> Any:
    return lambda code, params, _language: describe(code, params, session.language)


def _print(session: Session, report: ImportReport, document: dict[str, Any]) -> None:
    if document["held_back"]:
        session.say("import.held-back", count=format_number(report.held_back, session.language))
    # What one answer settles is shown with its first row only, and asked once below.
    asked = {question["code"] for question in document["questions"]}
    first = {(question["code"], question["first_row"]) for question in document["questions"]}
    single = [
        problem
        for problem in document["problems"]
        if problem["code"] not in asked or (problem["code"], problem["row"]) in first
    ]
    shown = single[:PROBLEMS_SHOWN_MAX]
    if shown:
        headings = ("row", "column", "severity", "message")
        session.table(
            [f"column.{heading}" for heading in headings],
            [
                (
                    problem["row"],
                    problem["column"],
                    session.text(f"severity.{problem['severity']}"),
                    problem["message"],
                )
                for problem in shown
            ],
        )
    more = len(single) - len(shown) + sum(report.problems_left_out.values())
    if more:
        session.say("import.more", count=format_number(more, session.language))
    for question in document["questions"]:
        session.say(
            "import.question",
            rows=question["rows_count"],
            typed=question["typed"],
            choices="; ".join(f"{one['code']} ({one['name']})" for one in question["choices"]),
        )
    _print_reading(session, document["reading"])
    for note in document["notes"]:
        session.say("import.note", rows=note["rows_count"], sentence=note["message"])
    code = "import.dry-run" if report.dry_run else "import.done"
    counts = {name: format_number(document[name], session.language) for name in _SPOKEN_TALLY}
    print(session.text(code, seconds=f"{report.seconds:.1f}", **counts))
