"""The import of a file: its lists are found and its rows become facts, chunk by chunk.

An import is a stream of the register, named after the file's digest and the options that change
its meaning: the same file again is the same import. How its chunks are recorded, and what is
true if we die, is said in `job`.
"""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from api.imports.feed import Source, feed_of
from api.imports.job import ImportJob, Named, Progress
from api.imports.options import decision_of, file_digest
from api.imports.reading import reading_of
from api.imports.report import ImportReport
from api.sheets.layout import Layout, find_layout
from api.sheets.reader import open_sheets
from registry.days import check_past
from registry.decision import identity_claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api.imports.options import ImportOptions
    from api.sheets.cells import SheetFile
    from registry.fact import Authorship, Claim
    from registry.register import Registry


def import_sheet(
    registry: Registry,
    path: Path,
    options: ImportOptions,
    authorship: Authorship,
    progress: Callable[[Progress], None] = lambda _progress: None,
    *,
    judge: Callable[[Claim], None] = lambda _decision: None,
    named: Named = lambda _import_id, _version: None,
) -> ImportReport:
    """Import a file; `progress` is called after each chunk, `named` before all.

    `judge` is given the name of the decision whose list it is; it raises if none may be added.
    Good rows are recorded, bad ones reported; run again, it goes on where it stopped. A dry run
    judges the same and records nothing.

    Raises:
        SheetError: the file cannot be read as a list.
        Rejected: the options cannot be used (no decision named for its list, an answer that
            names no form).
        Conflict: other writers were faster `COMMIT_ATTEMPTS_MAX` times in a row.
        NotReady, OutcomeUnknown: the database cannot be reached.
    """
    begun = time.monotonic()
    digest = file_digest(path)
    with open_sheets(path) as sheets, _rare_collection():
        layout = find_layout(sheets, options.kind)
        options = options if options.file_name else replace(options, file_name=path.name)
        decision = decision_of(layout, options)
        if decision is not None:
            check_past("date", decision.decided_on, registry.today())
            judge(identity_claim(decision.issuer, decision.number, decision.decided_on))
        source = Source(
            path,
            options.kind,
            options.file_name or "",
            options.answers,
            options.book,
            decision,
            registry.today(),
        )
        feed = feed_of(source, sheets, layout, registry.catalogue)
        job = ImportJob(registry, feed, layout, options, decision, authorship, digest)
        for note in layout.notes:
            job.findings.add_note(note.code, note.params)
        job.run(progress, named)
    return ImportReport(
        import_id=job.import_id,
        kind=layout.kind,
        dry_run=options.dry_run,
        tally=job.findings.tally,
        problems=tuple(job.findings.problems),
        problems_left_out=job.findings.left_out,
        notes=job.findings.notes(),
        seconds=time.monotonic() - begun,
        questions=job.findings.questions(),
        reading=reading_of(layout),
        sheets=_sheet_names(sheets, layout),
    )


def _sheet_names(file: SheetFile, layout: Layout) -> tuple[str, ...]:
    """Names of the sheets with lists, if there are several."""
    names = tuple(file.heads[index].name for index in layout.sheets)
    return names if len(names) > 1 else ()


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Look for cyclic garbage only between chunks: an import makes millions of objects, no cycles.

    At the usual setting a fifth of an import's time goes into looking.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


__all__ = ["Named", "Progress", "import_sheet"]
