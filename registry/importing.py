"""An import: one file of rows, taken in chunks, that can be stopped and resumed.

The stream of an import is named after what was imported (the file's digest and the options
that change its meaning), so the same file is the same import. Each chunk's facts and the fact
that the chunk is done are one transaction: after a crash at any moment the import goes on
behind the last chunk that stands, and nothing is doubled or lost.

Problems are kept by row, column and code, without what the cell said: that is in the file, and
it may speak of persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, assert_never
from uuid import UUID, uuid5

from registry.errors import Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.personal import Personal
from registry.rules import check_text, require_text

if TYPE_CHECKING:
    from registry.errors import AlreadyRecorded

SheetKind = Literal["decision", "legacy"]
Severity = Literal["error", "warning", "duplicate"]

_NAMESPACE = UUID("5a1d9f0e-6f3c-4c39-9a59-2a8f1b7f5e10")


def import_id(digest: str) -> UUID:
    """The id of the import of this file with these options: always the same."""
    return uuid5(_NAMESPACE, digest)


# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of rows: each row is accepted, a duplicate or rejected; some have warnings."""

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.rows + other.rows,
            self.accepted + other.accepted,
            self.duplicates + other.duplicates,
            self.rejected + other.rejected,
            self.warnings + other.warnings,
        )


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was refused, doubted or known already; `row` is the number the sheet shows."""

    row: int
    column: str | None
    code: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class ImportBegun:
    """An import of a file began, or began anew after an earlier one had finished."""

    file_name: str
    file_sha256: str
    kind: SheetKind
    decision_id: UUID | None


@dataclass(frozen=True, slots=True)
class ImportFileRead:
    """How the file of an import that begins was read, as JSON: lists, columns, what was left out.

    Nothing that a row says is in it.
    """

    reading: str


@dataclass(frozen=True, slots=True)
class RowsImported:
    """Rows up to and with `last_row` were judged; those accepted stand."""

    last_row: int
    tally: Tally
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class ImportFinished:
    """Every row of the file was judged."""

    tally: Tally


Event = ImportBegun | ImportFileRead | RowsImported | ImportFinished
EVENTS: Mapping[str, type] = {
    "import-begun.v1": ImportBegun,
    "import-file-read.v1": ImportFileRead,
    "rows-imported.v1": RowsImported,
    "import-finished.v1": ImportFinished,
}


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unknown:
    """This file was never imported."""


@dataclass(frozen=True, slots=True)
class Running:
    """The import has judged rows up to `last_row`."""

    begun: ImportBegun
    last_row: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Finished:
    """The import is done."""

    begun: ImportBegun
    tally: Tally


State = Unknown | Running | Finished
INITIAL: State = Unknown()


# Commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BeginImport:
    """Begin an import, or go on with one that was interrupted."""

    file_name: str
    file_sha256: str
    kind: SheetKind
    decision_id: UUID | None = None
    reading: str = ""


@dataclass(frozen=True, slots=True)
class ImportRows:
    """Say what became of the next rows."""

    last_row: int
    tally: Tally
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class FinishImport:
    """Say that no row is left."""


Command = BeginImport | ImportRows | FinishImport


# Rules --------------------------------------------------------------------------------------


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: an import names rows, not persons."""
    return ()


def named_records(_command: Command) -> tuple[Named, ...]:
    """An import is judged by itself."""
    return ()


def decide(state: State, command: Command, _world: World) -> Outcome:
    """Judge a step of an import. Raises `Rejected`."""
    match command:
        case BeginImport():
            return _begin(state, command)
        case ImportRows():
            return _import_rows(state, command)
        case FinishImport():
            return Outcome((ImportFinished(_running(state).tally),))
        case _:
            assert_never(command)


def evolve(state: State, event: Event) -> State:
    """Apply what happened."""
    match event:
        case ImportBegun():
            return Running(event, 0, Tally())
        case ImportFileRead():
            return state
        case RowsImported():
            if not isinstance(state, Running):
                return state
            return replace(state, last_row=event.last_row, tally=state.tally + event.tally)
        case ImportFinished():
            return Finished(state.begun, event.tally) if isinstance(state, Running) else state
        case _:
            assert_never(event)


def claims(_after: State, _event: Event) -> tuple[Claim, ...]:
    """An import holds no name beside its own stream."""
    return ()


def taken(_claim: Claim, _holder: UUID) -> AlreadyRecorded:
    """An import claims nothing that could be taken."""
    raise AssertionError


def _begin(state: State, command: BeginImport) -> Outcome:
    require_text("file_name", command.file_name)
    check_text("file_sha256", command.file_sha256)
    if isinstance(state, Running):
        return Outcome(())
    event = ImportBegun(command.file_name, command.file_sha256, command.kind, command.decision_id)
    return Outcome((event, ImportFileRead(command.reading)) if command.reading else (event,))


def _running(state: State) -> Running:
    if not isinstance(state, Running):
        raise Rejected("import-not-running")
    return state


def _import_rows(state: State, command: ImportRows) -> Outcome:
    running = _running(state)
    if command.last_row <= running.last_row:
        raise Rejected("import-rows-judged-already", last_row=running.last_row)
    return Outcome((RowsImported(command.last_row, command.tally, command.problems),))
