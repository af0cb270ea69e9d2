"""An import: one file of rows, taken in chunks, that can be stopped and resumed.

The stream of an import is named after what was imported (the file's digest and the options
that change its meaning), so the same file is the same import. Each chunk's facts and the fact
that the chunk is done are one transaction: after a crash at any moment the import goes on
behind the last chunk that stands, and nothing is doubled or lost.

Problems are kept by row, column and code, without what the cell said: that is in the file, and
it may speak of persons.

An import that was a mistake as a whole (a wrong file) is withdrawn in chunks too, each with what it
takes back. Until that is finished the file is not imported again; then it is as if it never was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, assert_never
from uuid import UUID, uuid5

from registry.errors import Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.personal import Personal
from registry.rules import TEXT_CHARACTERS_MAX, check_text, require_text

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


@dataclass(frozen=True, slots=True)
class ImportWithdrawalBegun:
    """The import was a mistake: from now on all that it recorded is being withdrawn.

    `with_signed` says that signed papers count no longer either.
    """

    reason: str
    with_signed: bool


@dataclass(frozen=True, slots=True)
class RecordsWithdrawn:
    """So many awards and decisions of the import were withdrawn in one transaction."""

    awards: int
    decisions: int


@dataclass(frozen=True, slots=True)
class ImportWithdrawn:
    """Nothing of what the import recorded is left; `awards` and `decisions` were withdrawn so."""

    awards: int
    decisions: int


Event = (
    ImportBegun
    | ImportFileRead
    | RowsImported
    | ImportFinished
    | ImportWithdrawalBegun
    | RecordsWithdrawn
    | ImportWithdrawn
)
EVENTS: Mapping[str, type] = {
    "import-begun.v1": ImportBegun,
    "import-file-read.v1": ImportFileRead,
    "rows-imported.v1": RowsImported,
    "import-finished.v1": ImportFinished,
    "import-withdrawal-begun.v1": ImportWithdrawalBegun,
    "import-records-withdrawn.v1": RecordsWithdrawn,
    "import-withdrawn.v1": ImportWithdrawn,
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


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """The import is being withdrawn; `awards` and `decisions` are so far."""

    begun: ImportBegun
    tally: Tally
    by: ImportWithdrawalBegun
    awards: int = 0
    decisions: int = 0


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The import is withdrawn; the same file may be imported anew."""

    begun: ImportBegun
    tally: Tally
    by: ImportWithdrawalBegun
    awards: int
    decisions: int


State = Unknown | Running | Finished | Withdrawing | Withdrawn
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


@dataclass(frozen=True, slots=True)
class BeginWithdrawal:
    """Begin to take back all that an import recorded, or go on with it."""

    reason: str
    with_signed: bool = False


@dataclass(frozen=True, slots=True)
class WithdrawRecords:
    """Say how many records are withdrawn with this."""

    awards: int
    decisions: int = 0


@dataclass(frozen=True, slots=True)
class FinishWithdrawal:
    """Say that nothing of the import is left."""


Command = (
    BeginImport | ImportRows | FinishImport | BeginWithdrawal | WithdrawRecords | FinishWithdrawal
)


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
        case BeginWithdrawal():
            return _begin_withdrawal(state, command)
        case WithdrawRecords():
            _withdrawing(state)
            return Outcome((RecordsWithdrawn(command.awards, command.decisions),))
        case FinishWithdrawal():
            done = _withdrawing(state)
            return Outcome((ImportWithdrawn(done.awards, done.decisions),))
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
        case ImportWithdrawalBegun() | RecordsWithdrawn() | ImportWithdrawn():
            return _taken_back(state, event)
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
    if isinstance(state, Withdrawing):
        raise Rejected("import-being-withdrawn", file=state.begun.file_name)
    event = ImportBegun(command.file_name, command.file_sha256, command.kind, command.decision_id)
    return Outcome((event, ImportFileRead(command.reading)) if command.reading else (event,))


def _taken_back(
    state: State, event: ImportWithdrawalBegun | RecordsWithdrawn | ImportWithdrawn
) -> State:
    """An import on its way back."""
    match state, event:
        case (Running() | Finished(), ImportWithdrawalBegun()):
            return Withdrawing(state.begun, state.tally, event)
        case (Withdrawing(), RecordsWithdrawn()):
            awards, decisions = state.awards + event.awards, state.decisions + event.decisions
            return replace(state, awards=awards, decisions=decisions)
        case (Withdrawing(), ImportWithdrawn()):
            return Withdrawn(state.begun, state.tally, state.by, event.awards, event.decisions)
        case _:
            return state


def _begin_withdrawal(state: State, command: BeginWithdrawal) -> Outcome:
    if isinstance(state, Unknown):
        raise Rejected("import-unknown")
    if isinstance(state, Withdrawn):
        raise Rejected("import-withdrawn", file=state.begun.file_name)
    reason = require_text("reason", command.reason, TEXT_CHARACTERS_MAX)
    if isinstance(state, Withdrawing):
        return Outcome(())
    return Outcome((ImportWithdrawalBegun(reason, command.with_signed),))


def _withdrawing(state: State) -> Withdrawing:
    if not isinstance(state, Withdrawing):
        raise Rejected("import-not-being-withdrawn")
    return state


def _running(state: State) -> Running:
    if isinstance(state, Withdrawing):
        raise Rejected("import-being-withdrawn", file=state.begun.file_name)
    if not isinstance(state, Running):
        raise Rejected("import-not-running")
    return state


def _import_rows(state: State, command: ImportRows) -> Outcome:
    running = _running(state)
    if command.last_row <= running.last_row:
        raise Rejected("import-rows-judged-already", last_row=running.last_row)
    return Outcome((RowsImported(command.last_row, command.tally, command.problems),))
