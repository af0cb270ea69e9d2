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
from api.http.rights import USER, require
from api.imports.answers import is_taken_back, job_answer, kept_import, recorded_import
from api.imports.desk import ImportJob
from api.imports.options import ImportOptions
from api.problems import language_for
from api.refusals import BadRequest, NotSignedIn
from api.service import Reads, service_of
from api.sheets.delimited import CSV_BYTES_MAX
from registry.fact import Authorship
from registry.rules import NAME_CHARACTERS_MAX

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from api.identity import User
    from api.service import Service
    from registry.fact import Claim

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
    return job_answer(job, language_for(request), posted=True)


@router.get("/{import_id}")
def import_state(import_id: str, asking: Reads) -> Response:
    """How far an import has come, and what became of its rows; also one of a killed server."""
    found = parse_identifier(import_id)
    desk, registry = asking.service.imports, asking.service.registry
    job = desk.job(found)
    if job is not None:
        asking.require("read-import", job.office)
        made = job.report.import_id if job.report is not None else None
        if made is None or not is_taken_back(registry, made):
            return job_answer(job, asking.language)
        # What its report says was so once; the log says what became of it.
        found = made
    kept = desk.kept.find(found)
    if kept is not None:
        asking.require("read-import", kept.office)
        made = kept.import_id
        if made is None or not is_taken_back(registry, made):
            return json_answer(kept_import(kept, registry, desk.kept, asking.language))
        found = made
    asking.require("read-import", *asking.service.judging.units_of(found))
    return json_answer(recorded_import(registry, found, desk.kept, asking.language))


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
