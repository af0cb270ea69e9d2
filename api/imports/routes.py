"""Routes of imports: send a sheet, watch it, read what became of every row.

The upload goes to a file of its own while it arrives, never through memory. A small sheet is
answered with its report at once; a large one with 202 and the address where it can be watched.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from anyio import to_thread
from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer
from api.commands import parse_identifier
from api.desk import WorkStopped
from api.http.rights import USER, require
from api.imports.desk import ImportJob
from api.imports.options import ImportOptions
from api.problems import job_problem, language_for, problem_of, unexpected
from api.refusals import BadRequest, NotSignedIn
from api.service import Reads, service_of
from api.sheets.delimited import CSV_BYTES_MAX
from api.sheets.lines import row_of
from registry.errors import NotFound, RegistryError
from registry.fact import Authorship
from registry.importing import Finished, ImportBegun, RowProblem, RowsImported, Running
from registry.messages import describe
from registry.rules import NAME_CHARACTERS_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from starlette.datastructures import FormData

    from api.identity import User
    from api.service import Service
    from registry.fact import Claim, Fact
    from registry.register import Registry
    from registry.settings import Language

UPLOAD_BYTES_MAX: Final = CSV_BYTES_MAX + (1 << 20)
FIELD_BYTES_MAX: Final = 1 << 20
FIELDS_MAX: Final = 12
COPY_BYTES: Final = 1 << 20
ANSWER_SECONDS_MAX: Final = 5.0
ANSWERS_MAX: Final = 1_000

_FIELDS: Final = frozenset(
    {"kind", "number", "date", "issuer", "book", "dry_run", "answers", "issue_artifacts"}
)
_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off", ""})

router = APIRouter(prefix="/api/imports", tags=["imports"])

_FORM_SCHEMA: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "kind": {"type": "string", "enum": ["auto", "decision", "legacy"]},
                        "number": {"type": "string"},
                        "date": {"type": "string"},
                        "issuer": {"type": "string"},
                        "book": {"type": "string"},
                        "dry_run": {"type": "boolean"},
                        "issue_artifacts": {"type": "boolean"},
                        "answers": {
                            "type": "string",
                            "description": (
                                'JSON: what was typed, to a form\'s name, "CODE" or "CODE:CLASS";'
                                ' a column\'s heading, to "month-first", "day-first" or a kind'
                            ),
                        },
                    },
                }
            }
        },
    }
}


@router.post("", openapi_extra=_FORM_SCHEMA)
async def import_file(request: Request) -> Response:
    """Import a file: a decision's list, or an old register (`kind`).

    Read are .xlsx, .xlsm, .xls, .ods, .docx, .csv and web pages called .xls; `reading` in the
    answer says how.
    """
    service = service_of(request)
    user: User | None = request.scope[USER]
    if user is None:
        raise NotSignedIn("sign-in-missing")
    async with request.form(
        max_files=1, max_fields=FIELDS_MAX, max_part_size=FIELD_BYTES_MAX
    ) as form:
        file, options = _file_of(form), _options(form)
        job = await to_thread.run_sync(_take, service, file, options, user)
    wait = 0.0 if _respond_async(request) else ANSWER_SECONDS_MAX
    await to_thread.run_sync(job.over.wait, wait)
    return _job_answer(job, language_for(request), posted=True)


@router.get("/{import_id}")
def import_state(import_id: str, asking: Reads) -> Response:
    """How far an import has come, and what became of its rows."""
    found = parse_identifier(import_id)
    job = asking.service.imports.job(found)
    if job is not None:
        asking.require("read-import", job.office)
        return _job_answer(job, asking.language)
    asking.require("read-import", *asking.service.judging.units_of(found))
    return json_answer(_recorded_import(asking.service.registry, found, asking.language))


def _respond_async(request: Request) -> bool:
    return "respond-async" in request.headers.get("Prefer", "").lower()


def _take(service: Service, file: UploadFile, options: ImportOptions, user: User) -> ImportJob:
    """Keep the upload in a folder of its own and hand it to the desk."""
    folder = service.imports.new_folder()
    path = folder / "upload"
    try:
        # How large it may be was counted while it arrived.
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target, COPY_BYTES)
        author = Authorship(user.name, user.office)
        return service.imports.submit(folder, path, options, author, partial(_judge, service, user))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _judge(service: Service, user: User, decision: Claim) -> None:
    """Raise `NotAllowed` for the list of a decision to which the user may add no awards."""
    holder = service.registry.holder(decision)
    if holder is not None:
        units = service.judging.units_of(holder)
        require(service.judging, user, "record-award", *units)


def _file_of(form: FormData) -> UploadFile:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise BadRequest("value-missing", field="file")
    return file


def _options(form: FormData) -> ImportOptions:
    """What the form says about the file. Raises `BadRequest` naming the field."""
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    unknown = given.keys() - _FIELDS
    if unknown:
        raise BadRequest("value-unexpected", field=min(unknown)[:40])
    kind = given.get("kind") or "auto"
    if kind not in {"auto", "decision", "legacy"}:
        allowed = "auto, decision, legacy"
        raise BadRequest("not-a-choice", field="kind", typed=kind[:40], allowed=allowed)
    return ImportOptions(
        kind=cast("Literal['auto', 'decision', 'legacy']", kind),
        number=given.get("number") or None,
        date=given.get("date") or None,
        issuer=given.get("issuer") or None,
        book=given.get("book") or None,
        answers=_answers(given.get("answers")),
        dry_run=_flag("dry_run", given.get("dry_run")) or False,
        issue_artifacts=_flag("issue_artifacts", given.get("issue_artifacts")),
        file_name=_file_name(_file_of(form)),
    )


def _file_name(file: UploadFile) -> str:
    """The name of the file without folders; what cannot be printed goes."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    printable = "".join(character for character in name if character.isprintable())
    return printable.strip()[:NAME_CHARACTERS_MAX] or "sheet"


def _flag(field: str, value: str | None) -> bool | None:
    if value is None:
        return None
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise BadRequest("value-wrong-type", field=field, wants="boolean")


def _answers(text: str | None) -> Mapping[str, str]:
    """What the clerk answered about forms that may be several."""
    if not text:
        return {}
    try:
        answers = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("answers-malformed", field="answers") from None
    if not isinstance(answers, dict) or len(answers) > ANSWERS_MAX:
        raise BadRequest("answers-malformed", field="answers")
    if not all(isinstance(value, str) for value in answers.values()):
        raise BadRequest("answers-malformed", field="answers")
    return answers


def _job_answer(job: ImportJob, language: Language, *, posted: bool = False) -> Response:
    """The state of a job; for the request that made it, its failure is that request's."""
    location = {"Location": f"/api/imports/{job.id}"}
    if not job.over.is_set():
        return json_answer(_job_state(job), 202 if posted else 200, location)
    if job.report is not None:
        report = job.report.as_json(_describe, language)
        return json_answer({"id": str(job.id), "state": "done", **report}, 200, location)
    if posted:
        return _failure(job, language)
    problem = job_problem(job.error or WorkStopped(), "import-stopped", language)
    return json_answer({**_job_state(job), "problem": problem})


def _job_state(job: ImportJob) -> dict[str, Any]:
    tally = job.progress.tally if job.progress is not None else None
    return {
        "id": str(job.id),
        "state": job.state,
        "file": job.title,
        "fraction": job.progress.fraction if job.progress is not None else 0.0,
        "rows": tally.rows if tally else 0,
        "accepted": tally.accepted if tally else 0,
        "duplicates": tally.duplicates if tally else 0,
        "rejected": tally.rejected if tally else 0,
        "warnings": tally.warnings if tally else 0,
    }


def _failure(job: ImportJob, language: Language) -> Response:
    error = job.error
    if isinstance(error, RegistryError):
        return problem_of(error, language)
    return unexpected(error or WorkStopped(), language)


def _recorded_import(registry: Registry, import_id: UUID, language: Language) -> dict[str, Any]:
    """An import as the register has it. Raises `NotFound`."""
    state = registry.load("import", import_id).state
    if not isinstance(state, Running | Finished):
        raise NotFound("import-unknown")
    facts = registry.facts_of(import_id)
    tally = state.tally
    return {
        "id": str(import_id),
        "import_id": str(import_id),
        "state": "done" if isinstance(state, Finished) else "interrupted",
        "file": state.begun.file_name,
        "kind": state.begun.kind,
        "rows": tally.rows,
        "accepted": tally.accepted,
        "duplicates": tally.duplicates,
        "rejected": tally.rejected,
        "warnings": tally.warnings,
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
    }


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


def _describe(code: str, params: Mapping[str, str | int], language: str) -> str:
    return describe(code, params, "en" if language == "en" else "vi")
