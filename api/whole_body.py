"""A JSON body read in one step, for what is asked most.

FastAPI makes a mail message of the content type, Python objects of the body, and then a shape of
the objects. Here the shape is made of the bytes; only a body that does not fit goes FastAPI's way,
so that every complaint has the code that it has on all other routes.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.requests import Request

BodyT = TypeVar("BodyT")

WHOLE_BODY: Final = "sovang.body"
"""Where `api.edge.LimitedBodies` puts a body that it has read whole."""


def parse_body(request: Request, shape: TypeAdapter[BodyT]) -> BodyT:
    """The body in its shape. Raises as FastAPI does for a parameter of this shape."""
    content: bytes = request.scope[WHOLE_BODY]
    is_json = _is_json(request.headers.get("Content-Type", ""))
    if is_json:
        try:
            return shape.validate_json(content)
        except ValidationError:
            # Complaints about bytes are not those about objects: see below.
            pass
    if not content:
        raise RequestValidationError([{"type": "missing", "loc": ("body",)}])
    try:
        return shape.validate_python(_decode(content) if is_json else content)
    except ValidationError as error:
        complaints = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(complaints) from error


def describe_body(shape: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a route whose body is parsed here."""
    schema = shape.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    main, _, subtype = kind.partition("/")
    return main == "application" and (subtype == "json" or subtype.endswith("+json"))


def _decode(content: bytes) -> Any:
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        complaint = {"type": "json_invalid", "loc": ("body", error.pos)}
        raise RequestValidationError([complaint]) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
