"""Imports that run beside the server.

What an import recorded does not need its job: the import is a stream of the register, and the
same file again goes on where it stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from api.desk import Desk, Job
from api.imports.importing import Progress, import_sheet
from api.imports.options import ImportOptions
from api.imports.report import ImportReport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from registry.fact import Authorship, Claim
    from registry.register import Registry
    from registry.work_folders import WorkFolders

ImportJob: TypeAlias = Job[Progress, ImportReport]


class ImportDesk(Desk[Progress, ImportReport]):
    """Takes files and imports them."""

    def __init__(self, registry: Registry, folders: WorkFolders) -> None:
        super().__init__("import", "imports-busy")
        self._registry = registry
        self._folders = folders

    def new_folder(self) -> Path:
        """A folder for an upload; whoever asks removes it, or hands it to `submit`."""
        return self._folders.make("upload")

    def submit(
        self,
        folder: Path,
        path: Path,
        options: ImportOptions,
        authorship: Authorship,
        judge: Callable[[Claim], None] = lambda _decision: None,
    ) -> ImportJob:
        """Take a file; `folder` is deleted when its import is over. Raises `Busy`.

        `judge` raises if the decision of a list may not be added to.
        """
        return self.take(
            options.file_name or path.name,
            folder,
            lambda progress: import_sheet(
                self._registry, path, options, authorship, progress, judge=judge
            ),
            authorship.office,
        )

    def job(self, job_id: UUID) -> ImportJob | None:
        """A job by its id, or by the id of the import that it carried out."""
        found = super().job(job_id)
        if found is not None:
            return found
        for one in self.jobs():
            if one.report is not None and one.report.import_id == job_id:
                return one
        return None
