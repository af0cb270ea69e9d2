"""Errors as RFC 9457 problem details: the one place where an error becomes an HTTP answer.

    {"type", "title", "status", "detail", "code",
     "errors": [{"field", "code", "detail", "params"}]}

`code` is stable and for programs; `detail` is for people, in the language that the request
asks for (Vietnamese unless it prefers English). An unexpected error gets an id that is also in
the log, and nothing of its cause is told.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.desk import WorkStopped
from api.http.framing import BadFraming, HeadTooLarge
from api.languages import preferred_language
from api.refusals import (
    BadRequest,
    Busy,
    FieldProblem,
    InvalidBody,
    NotAllowed,
    NotSignedIn,
    Outdated,
    TooLarge,
    TooManyRequests,
    TooSlow,
)
from api.sheets.cells import SheetError
from registry.errors import (
    AlreadyRecorded,
    Conflict,
    CorruptFact,
    NotFound,
    NotReady,
    OutcomeUnknown,
    RegistryError,
    Rejected,
    VerificationFailed,
)
from registry.messages import describe
from registry.personal import without_sealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi.exceptions import RequestValidationError
    from starlette.requests import Request

    from registry.settings import Language

PROBLEM_TYPE: Final = "application/problem+json"
ERRORS_SHOWN_MAX: Final = 100
RETRY_SECONDS: Final = 5

# First match counts, so subclasses stand before their bases.
STATUS_OF: Final[tuple[tuple[type[RegistryError], HTTPStatus], ...]] = (
    (BadRequest, HTTPStatus.BAD_REQUEST),
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (AlreadyRecorded, HTTPStatus.CONFLICT),
    (Conflict, HTTPStatus.CONFLICT),
    (Outdated, HTTPStatus.PRECONDITION_FAILED),
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (TooSlow, HTTPStatus.REQUEST_TIMEOUT),
    (HeadTooLarge, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
    (BadFraming, HTTPStatus.BAD_REQUEST),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS),
    (InvalidBody, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Rejected, HTTPStatus.UNPROCESSABLE_ENTITY),
    (SheetError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (VerificationFailed, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Busy, HTTPStatus.SERVICE_UNAVAILABLE),
    (OutcomeUnknown, HTTPStatus.SERVICE_UNAVAILABLE),
    (NotReady, HTTPStatus.SERVICE_UNAVAILABLE),
    (CorruptFact, HTTPStatus.INTERNAL_SERVER_ERROR),
)
# What a rule calls unknown is the record that the address names, unless a field named it.
_UNKNOWN_RECORDS: Final = frozenset(
    {
        "award-unknown",
        "decision-unknown",
        "import-unknown",
        "service-case-unknown",
        "stock-item-unknown",
    }
)
_TOO_LARGE: Final = frozenset({"file-too-large", "body-too-large"})
_CODE_OF_STATUS: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "body-malformed",
    HTTPStatus.NOT_FOUND: "route-unknown",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body-too-large",
}
_WANTED_TYPES: Final[Mapping[str, str]] = {
    "string_type": "text",
    "int_type": "integer",
    "int_parsing": "integer",
    "float_type": "number",
    "float_parsing": "number",
    "bool_type": "boolean",
    "bool_parsing": "boolean",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
    "list_type": "list",
    "uuid_parsing": "identifier",
}

# Our code for a complaint of pydantic, and the name of the limit that it tells.
_COMPLAINTS: Final[Mapping[str, tuple[str, str | None]]] = {
    "json_invalid": ("body-malformed", None),
    "missing": ("value-missing", None),
    "extra_forbidden": ("value-unexpected", None),
    "string_too_long": ("text-too-long", "max_length"),
    "string_too_short": ("value-missing", None),
    "string_unicode": ("text-unprintable", None),
    "too_long": ("items-too-many", "max_length"),
    "too_short": ("items-missing", None),
    "greater_than_equal": ("value-out-of-range", "ge"),
    "less_than_equal": ("value-out-of-range", "le"),
}
_PARAMETERS: Final[Mapping[str, str]] = {"max_length": "limit", "le": "limit", "ge": "least"}

_log = structlog.get_logger(__name__)


def status_of(error: RegistryError) -> HTTPStatus:
    """The HTTP status that an error means."""
    if error.code in _UNKNOWN_RECORDS and error.field is None:
        return HTTPStatus.NOT_FOUND
    if error.code in _TOO_LARGE:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if isinstance(error, InvalidBody) and error.known_already:
        return HTTPStatus.CONFLICT
    for kind, status in STATUS_OF:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem_of(error: RegistryError, language: Language) -> Response:
    """The answer to an error that was raised on purpose."""
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return unexpected(error, language)
    if isinstance(error, InvalidBody):
        return _problem(status, error.code, {}, language, error.problems)
    params = without_sealed(error.field, error.params)
    fields = [FieldProblem(error.field, error.code, params)] if error.field else []
    wait = error.params.get("retry_seconds")
    headers = None if wait is None else {"Retry-After": str(wait)}
    return _problem(status, error.code, params, language, fields, headers=headers)


def unexpected(error: BaseException, language: Language) -> Response:
    """The answer to an error that nobody expected; its trace goes to the log under an id."""
    incident = str(uuid4())
    _log.error("unexpected error", incident=incident, exc_info=error)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", {"id": incident}, language)


def refused(error: HTTPException, language: Language) -> Response:
    """The answer where the web framework itself refuses."""
    status = HTTPStatus(error.status_code)
    code = _CODE_OF_STATUS.get(status, "request-refused")
    return _problem(status, code, {}, language, headers=error.headers)


def invalid(error: RequestValidationError, language: Language) -> Response:
    """The answer to a body, query or path that does not have the right shape."""
    problems = [_field_problem(one) for one in error.errors()]
    if any(problem.code == "body-malformed" for problem in problems):
        return _problem(HTTPStatus.BAD_REQUEST, "body-malformed", {}, language)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _problem(status, "body-invalid", {}, language, problems)


def too_large(limit: int, language: Language) -> Response:
    """The answer to a body that is larger than the limit in bytes."""
    return problem_of(TooLarge("body-too-large", limit=limit), language)


def job_problem(error: Exception, stopped: str, language: Language) -> dict[str, Any]:
    """Why a job failed, in brief; `stopped` is the code where it ended because the server did."""
    if isinstance(error, RegistryError):
        detail = describe(error.code, error.params, language)
        return {"code": error.code, "status": int(status_of(error)), "detail": detail}
    code = stopped if isinstance(error, WorkStopped) else "unexpected"
    return {"code": code, "status": 500, "detail": describe(code, {}, language)}


def language_for(request: Request) -> Language:
    """The language of an API answer."""
    return preferred_language(request.headers.get("Accept-Language"))


def _problem(  # noqa: PLR0917 - the parts of one answer
    status: HTTPStatus,
    code: str,
    params: Mapping[str, Any],
    language: Language,
    fields: Iterable[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": describe(code, params, language),
        "code": code,
        "errors": [
            {
                "field": one.field,
                "code": one.code,
                "detail": describe(one.code, params_shown, language),
                "params": params_shown,
            }
            for one in list(fields)[:ERRORS_SHOWN_MAX]
            for params_shown in (without_sealed(one.field, one.params),)
        ],
    }
    if "holder" in params:
        body["holder"] = params["holder"]
    if "id" in params:
        body["incident"] = params["id"]
    return Response(
        msgspec.json.encode(body),
        status,
        _headers(status, language, headers),
        media_type=PROBLEM_TYPE,
    )


def _headers(
    status: HTTPStatus, language: Language, more: Mapping[str, str] | None
) -> dict[str, str]:
    headers = {"Content-Language": language, "Cache-Control": "no-store", **(more or {})}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="sovang"'
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        headers.setdefault("Retry-After", str(RETRY_SECONDS))
    return headers


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    """One complaint of pydantic in our words."""
    kind, context = error["type"], error.get("ctx", {})
    field = field_path(error["loc"])
    if kind in _WANTED_TYPES:
        return FieldProblem(field, "value-wrong-type", {"wants": _WANTED_TYPES[kind]})
    if kind == "literal_error":
        return FieldProblem(field, "not-a-choice", _choice(error, context))
    code, limit = _COMPLAINTS.get(kind, ("value-wrong-type", None))
    params = {} if limit is None else {_PARAMETERS[limit]: context[limit]}
    if kind == "string_too_long" and isinstance(error.get("input"), str):
        params["length"] = len(error["input"])
    return FieldProblem(field, code, params)


def _choice(error: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, str | int]:
    allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    return {"typed": str(error.get("input"))[:40], "allowed": allowed}


# Names that pydantic puts into a path and no client wrote: the tags of a body's alternatives.
_TAGS: Final = frozenset(
    {"body", "query", "path", "header", "one-award", "award-list", "bare-list"}
)


def field_path(parts: Iterable[str | int]) -> str:
    """A path as clients write it: ("body", "awards", 3, "form") gives "awards[3].form"."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part not in _TAGS:
            path += f".{part}" if path else part
    return path
