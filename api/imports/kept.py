"""What became of each import, in a file of its own: a killed server's can still be told.

    HOME/imports/JOB.json

It holds what was asked, which record of the log it is, and in the end the report, which may name
persons as far as reports do (nothing sealed): the folder is closed to others, and a file goes
after `DAYS_KEPT`. How many rows stand only the log says, for a file may be a moment behind it.

What is true if we die: the file says that the import is going on, and nobody holds the folder in
which its upload lay. So every process can tell an import that goes on from one that was cut off.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from uuid import UUID

import msgspec
import structlog

from api.desk import WorkStopped
from api.imports.report import ImportReport
from registry.durable_files import replace_file
from registry.errors import RegistryError
from registry.importing import Tally
from registry.personal import without_sealed
from registry.work_folders import is_worked_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.imports.importing import Named, Progress
    from api.imports.options import ImportOptions

DAYS_KEPT: Final = 30
SECONDS_BETWEEN: Final = 2.0
"""Between two notes of how far an import is."""
Work: TypeAlias = "Callable[[Callable[[Progress], None], Named], ImportReport]"
"""Imports; is given whom to tell how far it is, and which record it is."""

_FOLDER_MODE: Final = 0o700
_SECONDS_OF_DAY: Final = 86_400

_log = structlog.get_logger(__name__)


class KeptProblem(msgspec.Struct, frozen=True):
    """Why an import failed, without what is sealed."""

    code: str
    status: int
    params: dict[str, str | int]


class KeptImport(msgspec.Struct, frozen=True, kw_only=True):
    """An import as its file has it.

    `folder` is where its upload lies while it goes on. `version` is that of the log's record
    `import_id` when this run took it up: where it still has it, this run recorded nothing.
    """

    id: UUID
    office: str
    file: str
    folder: str
    kind: str
    number: str | None = None
    date: str | None = None
    issuer: str | None = None
    book: str | None = None
    dry_run: bool = False
    issue_artifacts: bool | None = None
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    import_id: UUID | None = None
    version: int = 0
    fraction: float = 0.0
    tally: Tally = msgspec.field(default_factory=Tally)
    problem: KeptProblem | None = None
    report: ImportReport | None = None

    @property
    def goes_on(self) -> bool:
        """Whether some process, of this machine or another, is at it or will be."""
        return self.state in {"waiting", "running"} and is_worked_on(Path(self.folder))


def asked(job_id: UUID, office: str, folder: Path, file: str, options: ImportOptions) -> KeptImport:
    """An import that nobody has begun. What was typed about forms is left out."""
    return KeptImport(
        id=job_id,
        office=office,
        file=file,
        folder=str(folder),
        kind=options.kind,
        number=options.number,
        date=options.date,
        issuer=options.issuer,
        book=options.book,
        dry_run=options.dry_run,
        issue_artifacts=options.issue_artifacts,
    )


class KeptImports:
    """The files of a home; without a home nothing is kept."""

    def __init__(self, home: Path | None) -> None:
        self._folder = home / "imports" if home is not None else None

    def keep(self, one: KeptImport) -> None:
        """Write down how an import stands. What cannot be written stops no import."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            replace_file(self._path(self._folder, one.id), msgspec.json.encode(one))
        except OSError as error:
            _log.warning("state of an import not kept", job=str(one.id), reason=str(error))

    def find(self, job_id: UUID) -> KeptImport | None:
        """An import by the id of its job."""
        if self._folder is None:
            return None
        path = self._path(self._folder, job_id)
        one = _read(path)
        # One that ended between the two looks was not cut off.
        return one if one is None or one.goes_on else _read(path)

    def forget(self, job_id: UUID) -> None:
        """Take away the file of an import that never came to be."""
        if self._folder is not None:
            self._path(self._folder, job_id).unlink(missing_ok=True)

    def going_on(self) -> frozenset[UUID]:
        """The records of the log that some process is importing into now."""
        return frozenset(
            one.import_id
            for one in filter(None, map(_read, self._files()))
            if one.import_id is not None and not one.dry_run and one.goes_on
        )

    def remove_old(self) -> None:
        """Take away what has stood for longer than `DAYS_KEPT` and is not going on."""
        oldest = time.time() - DAYS_KEPT * _SECONDS_OF_DAY
        for path in self._files(".*", "*.json"):
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    one = _read(path)
                    if one is None or not one.goes_on:
                        path.unlink()

    def watch(
        self,
        one: KeptImport,
        progress: Callable[[Progress], None],
        work: Work,
    ) -> ImportReport:
        """Do an import and keep how it stands; its errors are the caller's, too."""
        note = _Note(self, one, progress)
        try:
            report = work(note.progress, note.named)
        except RegistryError as error:
            note.change(state="failed", problem=_problem_of(error))
            raise
        except (WorkStopped, KeyboardInterrupt, SystemExit):
            # Cut off, as by a kill: it can go on.
            raise
        except BaseException:
            note.change(state="failed", problem=KeptProblem("unexpected", 500, {}))
            raise
        note.change(state="done", report=report, tally=report.tally, fraction=1.0)
        return report

    def _files(self, *patterns: str) -> Iterator[Path]:
        if self._folder is not None:
            for pattern in patterns or ("*.json",):
                yield from self._folder.glob(pattern)

    @staticmethod
    def _path(folder: Path, job_id: UUID) -> Path:
        return folder / f"{job_id}.json"


class _Note:
    """What is kept of one import while it is done."""

    def __init__(
        self, kept: KeptImports, one: KeptImport, progress: Callable[[Progress], None]
    ) -> None:
        self._kept = kept
        self._one = one
        self._progress = progress
        self._kept_at = float("-inf")

    def named(self, import_id: UUID, version: int) -> None:
        self.change(state="running", import_id=import_id, version=version)

    def progress(self, made: Progress) -> None:
        if time.monotonic() - self._kept_at >= SECONDS_BETWEEN:
            self.change(tally=made.tally, fraction=made.fraction)
        self._progress(made)

    def change(self, **changes: object) -> None:
        self._one = msgspec.structs.replace(self._one, **changes)
        self._kept.keep(self._one)
        self._kept_at = time.monotonic()


def _problem_of(error: RegistryError) -> KeptProblem:
    from api.problems import status_of  # noqa: PLC0415 - loads the web server's library

    params = without_sealed(error.field, error.params)
    return KeptProblem(error.code, int(status_of(error)), params)


def _read(path: Path) -> KeptImport | None:
    """What a file says; None for one that is gone, or that the disk lost."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=KeptImport)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        _log.warning("state of an import unreadable", path=str(path), reason=str(error))
        return None
