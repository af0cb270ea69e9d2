"""Imports that run beside the server: a few at a time, others wait, too many are turned away.

A job lives in memory while it runs and a while after. What it recorded does not need the job:
the import is a stream of the register, and the same file again goes on where it stopped.
"""

from __future__ import annotations

import shutil
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Final, Literal

import structlog

from api.importing import ImportOptions, Progress, import_sheet
from api.refusals import Busy
from registry.errors import RegistryError
from registry.identifiers import new_id

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from api.import_report import ImportReport
    from registry.fact import Authorship
    from registry.register import Registry

RUNNING_MAX: Final = 2
WAITING_MAX: Final = 16
JOBS_KEPT_MAX: Final = 100

JobState = Literal["waiting", "running", "done", "failed"]

_log = structlog.get_logger(__name__)


class ImportStopped(Exception):  # noqa: N818 - ends a job because the server stops
    """The server stops; the import goes on when the file is sent again."""


@dataclass(slots=True)
class Job:
    """One import: waiting, running, done with a report, or failed with an error."""

    id: UUID
    file_name: str
    state: JobState = "waiting"
    progress: Progress | None = None
    report: ImportReport | None = None
    error: Exception | None = None
    over: Event = field(default_factory=Event)


class ImportDesk:
    """Takes files and imports them in threads of its own."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._threads = ThreadPoolExecutor(RUNNING_MAX, thread_name_prefix="sovang-import")
        self._lock = Lock()
        self._jobs: OrderedDict[UUID, Job] = OrderedDict()
        self._stopping = Event()

    def submit(
        self, folder: Path, path: Path, options: ImportOptions, authorship: Authorship
    ) -> Job:
        """Take a file; `folder` is deleted when its import is over. Raises `Busy`."""
        job = Job(new_id(), options.file_name or path.name)
        with self._lock:
            unfinished = sum(not one.over.is_set() for one in self._jobs.values())
            if unfinished >= RUNNING_MAX + WAITING_MAX or self._stopping.is_set():
                raise Busy("imports-busy")
            self._jobs[job.id] = job
            self._forget_old()
        future = self._threads.submit(self._run, job, path, options, authorship)
        future.add_done_callback(lambda done: self._clean_up(done, job, folder))
        return job

    def job(self, job_id: UUID) -> Job | None:
        """A job by its id, or by the id of the import that it carried out."""
        with self._lock:
            found = self._jobs.get(job_id)
            if found is not None:
                return found
            for one in reversed(self._jobs.values()):
                if one.report is not None and one.report.import_id == job_id:
                    return one
        return None

    def close(self) -> None:
        """Stop: imports end behind the chunk that they are writing."""
        self._stopping.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, path: Path, options: ImportOptions, authorship: Authorship) -> None:
        def progress(made: Progress) -> None:
            job.progress = made
            if self._stopping.is_set():
                raise ImportStopped

        job.state = "running"
        try:
            job.report = import_sheet(self._registry, path, options, authorship, progress)
            job.state = "done"
        except RegistryError as error:
            job.error, job.state = error, "failed"
        except Exception as error:  # noqa: BLE001 - a job's error is told to who asks for the job
            job.error, job.state = error, "failed"
            if not isinstance(error, ImportStopped):
                _log.error("import failed", job=str(job.id), exc_info=error)

    def _clean_up(self, done: Future[None], job: Job, folder: Path) -> None:
        if done.cancelled():
            job.error, job.state = ImportStopped(), "failed"
        shutil.rmtree(folder, ignore_errors=True)
        job.over.set()

    def _forget_old(self) -> None:
        over = [job.id for job in self._jobs.values() if job.over.is_set()]
        for job_id in over[: max(0, len(self._jobs) - JOBS_KEPT_MAX)]:
            del self._jobs[job_id]
