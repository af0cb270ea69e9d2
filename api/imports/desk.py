"""Imports that run beside the server.

What an import recorded does not need its job: the import is a stream of the register, and the
same file again goes on where it stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from api.desk import Desk, Job
from api.imports.importing import Progress, import_sheet
from api.imports.kept import KeptImports, asked
from api.imports.options import ImportOptions
from api.imports.report import ImportReport
from registry.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from api.imports.importing import Named
    from registry.fact import Authorship, Claim
    from registry.register import Registry
    from registry.work_folders import WorkFolders

ImportJob: TypeAlias = Job[Progress, ImportReport]


class ImportDesk(Desk[Progress, ImportReport]):
    """Takes files and imports them."""

    def __init__(self, registry: Registry, folders: WorkFolders, kept: KeptImports) -> None:
        super().__init__("import", "imports-busy")
        self._registry = registry
        self._folders = folders
        self.kept = kept
        kept.remove_old()

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
        name = options.file_name or path.name
        one = asked(new_id(), authorship.office, folder, name, options)

        def work(progress: Callable[[Progress], None], named: Named) -> ImportReport:
            return import_sheet(
                self._registry, path, options, authorship, progress, judge=judge, named=named
            )

        self.kept.remove_old()
        self.kept.keep(one)
        try:
            return self.take(
                name,
                folder,
                lambda progress: self.kept.watch(one, progress, work),
                authorship.office,
                one.id,
            )
        except BaseException:
            self.kept.forget(one.id)
            raise

    def job(self, job_id: UUID) -> ImportJob | None:
        """A job by its id, or by the id of the import that it carried out."""
        found = super().job(job_id)
        if found is not None:
            return found
        for one in self.jobs():
            if one.report is not None and one.report.import_id == job_id:
                return one
        return None
