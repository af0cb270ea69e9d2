"""Imports as the API tells of them: a job of this process, one of another or of a killed one.

Where no process is at it any more, the log's own record says how far an import came; its state is
then `interrupted`, with the sentence that the same file goes on where it stopped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.answers import json_answer
from api.desk import WorkStopped
from api.problems import job_problem, problem_of, unexpected
from api.sheets.lines import row_of
from registry.errors import NotFound, RegistryError
from registry.importing import (
    Finished,
    ImportBegun,
    ImportFileRead,
    RowProblem,
    RowsImported,
    Running,
    Tally,
    Withdrawing,
    Withdrawn,
)
from registry.messages import describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from starlette.responses import Response

    from api.imports.desk import ImportJob
    from api.imports.kept import KeptImport, KeptImports
    from registry.fact import Fact
    from registry.register import Registry
    from registry.settings import Language

STOPPED = "import-stopped"
INTERRUPTED = "import-interrupted"
TRIAL_STOPPED = "import-trial-stopped"


def job_answer(job: ImportJob, language: Language, *, posted: bool = False) -> Response:
    """The state of a job; for the request that made it, its failure is that request's."""
    location = {"Location": f"/api/imports/{job.id}"}
    if not job.over.is_set():
        return json_answer(_job_state(job), 202 if posted else 200, location)
    if job.report is not None:
        report = job.report.as_json(_describe, language)
        return json_answer({"id": str(job.id), "state": "done", **report}, 200, location)
    if posted:
        return _failure(job, language)
    problem = job_problem(job.error or WorkStopped(), STOPPED, language)
    return json_answer({**_job_state(job), "problem": problem})


def kept_import(
    one: KeptImport, registry: Registry, kept: KeptImports, language: Language
) -> dict[str, Any]:
    """An import of another process, or of one that is gone."""
    if one.report is not None:
        report = one.report.as_json(_describe, language)
        return {"id": str(one.id), "state": "done", **report}
    if one.problem is not None:
        detail = describe(one.problem.code, one.problem.params, language)
        problem = {"code": one.problem.code, "status": one.problem.status, "detail": detail}
        return {**_kept_state(one, "failed"), "problem": problem}
    if one.goes_on:
        return _kept_state(one, one.state)
    return _cut_off(one, registry, kept, language)


def recorded_import(
    registry: Registry, import_id: UUID, kept: KeptImports, language: Language
) -> dict[str, Any]:
    """An import as the register has it. Raises `NotFound`."""
    state = registry.load("import", import_id).state
    going_on = isinstance(state, Running) and import_id in kept.going_on()
    if isinstance(state, Running) and not going_on:
        # One that ended between the two looks was not cut off.
        state = registry.load("import", import_id).state
    if not isinstance(state, Running | Finished | Withdrawing | Withdrawn):
        raise NotFound("import-unknown")
    facts = registry.facts_of(import_id)
    answer = {
        "id": str(import_id),
        "import_id": str(import_id),
        "state": "done",
        "file": state.begun.file_name,
        "kind": state.begun.kind,
        **_counts(state.tally),
        "problems": [
            {
                "row": row_of(one.row),
                "column": one.column,
                "code": one.code,
                "severity": one.severity,
                "message": describe(one.code, {}, language),
            }
            for one in _problems_of(facts)
        ],
        "reading": _reading_of(facts),
    }
    if isinstance(state, Finished):
        return answer
    if isinstance(state, Withdrawing | Withdrawn):
        stage = "withdrawn" if isinstance(state, Withdrawn) else "withdrawing"
        return {**answer, "state": stage, "withdrawn": state.awards}
    if going_on:
        return {**answer, "state": "running"}
    return {**answer, "state": "interrupted", "problem": _stopped(INTERRUPTED, language)}


def is_taken_back(registry: Registry, import_id: UUID) -> bool:
    """Whether an import is withdrawn, or on its way there."""
    return isinstance(registry.load("import", import_id).state, Withdrawing | Withdrawn)


def _cut_off(
    one: KeptImport, registry: Registry, kept: KeptImports, language: Language
) -> dict[str, Any]:
    """An import that nobody is at any more: what stands of it."""
    if one.import_id is not None and not one.dry_run:
        loaded = registry.load("import", one.import_id)
        # A record that was finished before is not this run's doing.
        if isinstance(loaded.state, Running) or loaded.version > one.version:
            recorded = recorded_import(registry, one.import_id, kept, language)
            return {**recorded, "id": str(one.id)}
    code = TRIAL_STOPPED if one.dry_run else INTERRUPTED
    nothing = {"fraction": 0.0, **_counts(Tally())}
    problem = _stopped(code, language)
    return {**_kept_state(one, "interrupted"), **nothing, "problem": problem}


def _kept_state(one: KeptImport, state: str) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "state": state,
        "file": one.file,
        "fraction": one.fraction,
        **_counts(one.tally),
    }


def _job_state(job: ImportJob) -> dict[str, Any]:
    progress = job.progress
    return {
        "id": str(job.id),
        "state": job.state,
        "file": job.title,
        "fraction": progress.fraction if progress is not None else 0.0,
        **_counts(progress.tally if progress is not None else Tally()),
    }


def _counts(tally: Tally) -> dict[str, int]:
    return {
        "rows": tally.rows,
        "accepted": tally.accepted,
        "duplicates": tally.duplicates,
        "rejected": tally.rejected,
        "warnings": tally.warnings,
    }


def _stopped(code: str, language: Language) -> dict[str, Any]:
    return {"code": code, "status": 500, "detail": describe(code, {}, language)}


def _failure(job: ImportJob, language: Language) -> Response:
    error = job.error
    if isinstance(error, RegistryError):
        return problem_of(error, language)
    return unexpected(error or WorkStopped(), language)


def _problems_of(facts: Sequence[Fact[Any]]) -> list[RowProblem]:
    """Problems of the rows since the import last began."""
    problems: list[RowProblem] = []
    for fact in facts:
        match fact.event:
            case ImportBegun():
                problems = []
            case RowsImported(problems=more):
                problems += more
            case _:
                pass
    return problems


def _reading_of(facts: Sequence[Fact[Any]]) -> dict[str, Any]:
    """How the file was read when the import last began; empty for one of before this was kept."""
    reading: dict[str, Any] = {}
    for fact in facts:
        match fact.event:
            case ImportBegun():
                reading = {}
            case ImportFileRead(reading=text):
                reading = json.loads(text)
            case _:
                pass
    return reading


def _describe(code: str, params: Mapping[str, str | int], language: str) -> str:
    return describe(code, params, "en" if language == "en" else "vi")
