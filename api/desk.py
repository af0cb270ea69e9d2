"""Work that runs beside the server: a few jobs at a time, others wait, too many are turned away.

A job lives in memory while it runs and a while after, with a folder of its own for files. What
kind of work it is, `api.imports.routes.desk` and `api.print_desk` say.
"""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

import structlog

from api.refusals import Busy
from projections.background import Task
from registry.errors import RegistryError
from registry.identifiers import new_id

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

RUNNING_MAX: Final = 2
WAITING_MAX: Final = 16
JOBS_KEPT_MAX: Final = 100

JobState = Literal["waiting", "running", "done", "failed"]
ProgressT = TypeVar("ProgressT")
ReportT = TypeVar("ReportT")

_log = structlog.get_logger(__name__)


class WorkStopped(Exception):  # noqa: N818 - ends a job because the server stops
    """The server stops before the job is done."""


class WorkFailed(Exception):  # noqa: N818 - like its sibling
    """A job ended by what is no error of this program's, such as a library's panic."""


@dataclass(slots=True)
class Job(Generic[ProgressT, ReportT]):
    """One piece of work: waiting, running, done with a report, or failed with an error.

    `office` is the unit for which it is done.
    """

    id: UUID
    title: str
    folder: Path
    office: str
    state: JobState = "waiting"
    progress: ProgressT | None = None
    report: ReportT | None = None
    error: Exception | None = None
    over: Event = field(default_factory=Event)


class Desk(Generic[ProgressT, ReportT]):
    """Takes work and does it in threads of its own.

    `busy` is the code for who is turned away. A job's folder is deleted when the job is over, or
    with `keeps_folders` when the job is forgotten.
    """

    def __init__(
        self, name: str, busy: str, *, keeps_folders: bool = False, kept_max: int = JOBS_KEPT_MAX
    ) -> None:
        self.task = Task(f"{name} jobs")
        self._busy = busy
        self._keeps_folders = keeps_folders
        self._kept_max = kept_max
        self._threads = ThreadPoolExecutor(RUNNING_MAX, thread_name_prefix=f"sovang-{name}")
        self._lock = Lock()
        self._jobs: OrderedDict[UUID, Job[ProgressT, ReportT]] = OrderedDict()
        self._stopping = Event()

    def take(
        self,
        title: str,
        folder: Path,
        work: Callable[[Callable[[ProgressT], None]], ReportT],
        office: str = "",
        job_id: UUID | None = None,
    ) -> Job[ProgressT, ReportT]:
        """Take work with a folder. Raises `Busy`; the folder is then still the caller's."""
        job: Job[ProgressT, ReportT] = Job(job_id or new_id(), title, folder, office)
        with self._lock:
            unfinished = sum(not one.over.is_set() for one in self._jobs.values())
            if unfinished >= RUNNING_MAX + WAITING_MAX or self._stopping.is_set():
                raise Busy(self._busy)
            self._jobs[job.id] = job
            self._forget_old()
        future = self._threads.submit(self._run, job, work)
        future.add_done_callback(lambda done: self._clean_up(done, job))
        return job

    def job(self, job_id: UUID) -> Job[ProgressT, ReportT] | None:
        """A job by its id."""
        with self._lock:
            return self._jobs.get(job_id)

    def jobs(self) -> tuple[Job[ProgressT, ReportT], ...]:
        """Every job that is remembered, the latest first."""
        with self._lock:
            return tuple(reversed(self._jobs.values()))

    def close(self) -> None:
        """Stop: jobs end where they next say how far they are."""
        self._stopping.set()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for job in self.jobs():
            shutil.rmtree(job.folder, ignore_errors=True)

    def _run(
        self,
        job: Job[ProgressT, ReportT],
        work: Callable[[Callable[[ProgressT], None]], ReportT],
    ) -> None:
        def progress(made: ProgressT) -> None:
            job.progress = made
            if self._stopping.is_set():
                raise WorkStopped

        job.state = "running"
        try:
            job.report = work(progress)
            job.state = "done"
        except (RegistryError, WorkStopped) as error:
            job.error, job.state = error, "failed"
        except BaseException as error:  # noqa: BLE001 - a library's panic is no Exception
            # Its error is told to who asks for the job; the thread takes the next one.
            self.task.failed(error)
            _log.error("job failed", job=str(job.id), title=job.title, exc_info=error)
            job.error = error if isinstance(error, Exception) else WorkFailed(repr(error))
            job.state = "failed"
        else:
            self.task.went_well()

    def _clean_up(self, done: Future[None], job: Job[ProgressT, ReportT]) -> None:
        try:
            if done.cancelled():
                job.error, job.state = WorkStopped(), "failed"
            if not self._keeps_folders:
                shutil.rmtree(job.folder, ignore_errors=True)
        finally:
            job.over.set()

    def _forget_old(self) -> None:
        over = [job for job in self._jobs.values() if job.over.is_set()]
        for job in over[: max(0, len(self._jobs) - self._kept_max)]:
            del self._jobs[job.id]
            shutil.rmtree(job.folder, ignore_errors=True)
