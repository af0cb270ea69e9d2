"""A body that is read in one step is refused exactly as FastAPI refuses it on every other route."""

from __future__ import annotations

import json
from inspect import signature
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.responses import Response
from starlette.testclient import TestClient

from api import application as house
from api.bodies import OneOrMoreAwards
from api.edge import LimitedBodies
from api.http.direct_route import DirectRoute
from api.verification.routes import VerifyBody
from tests.api_house import an_award

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"
FIELDS = st.sampled_from(["p", "serial", "check_code", "name", "birth_year", "on", "known_at", "q"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=6,
)


def _at_once(body: VerifyBody) -> Response:
    return Response(repr(body).encode(errors="backslashreplace"))


def _awards(body: OneOrMoreAwards) -> Response:
    return Response(repr(body).encode(errors="backslashreplace"))


def _as_everywhere(body: VerifyBody) -> Response:
    return Response(repr(body).encode(errors="backslashreplace"))


def _client() -> TestClient:
    application = FastAPI()
    application.router.routes += [
        DirectRoute("/api/at-once", _at_once, methods=["POST"]),
        DirectRoute("/api/awards-at-once", _awards, methods=["POST"]),
    ]
    application.post("/api/awards-as-everywhere")(_awards)
    application.post("/api/as-everywhere")(_as_everywhere)
    application.add_middleware(LimitedBodies)
    house._answer_errors(application)
    return TestClient(application)


CLIENT = _client()


def _told(path: str, content: bytes, content_type: str | None) -> tuple[int, object]:
    headers: Mapping[str, str] = {} if content_type is None else {"Content-Type": content_type}
    answer = CLIENT.post(path, content=content, headers=headers)
    return answer.status_code, answer.text


def check(content: bytes, content_type: str | None = JSON, shape: str = "") -> int:
    """Both ways give one answer; its status."""
    status, told = _told(f"/api/{shape}at-once", content, content_type)
    assert (status, told) == _told(f"/api/{shape}as-everywhere", content, content_type)
    return status


@given(VALUES)
@example({"p": "1", "birth_year": 1930})
@example({"birth_year": 1930.0})
@example({"birth_year": True})
@example({"birth_year": 1 << 70})
@example({"p": "\ud800"})
@example({"name": "a" * 10_000})
def test_whatever_is_written_in_json_gets_the_same_answer(value: object) -> None:
    check(json.dumps(value).encode())


AWARD = an_award()
CHANGES = st.dictionaries(
    st.sampled_from(sorted({*AWARD, "awards", "issue_artifacts", "basis", "joint"})),
    VALUES | st.just([AWARD]),
    max_size=3,
)


@given(CHANGES, st.booleans())
@example({}, False)
@example({"awards": [AWARD]}, True)
@example({"awarded_on": 1985}, False)
@example({"issue_artifacts": "true"}, False)
@example({"issue_artifacts": 1}, True)
def test_a_body_of_several_shapes_gets_the_same_answer(
    changes: Mapping[str, object], in_list: bool
) -> None:
    award = AWARD | dict(changes)
    check(json.dumps([award] if in_list else award).encode(), shape="awards-")


def test_every_command_costs_one_thread() -> None:
    """What takes `Writes` and is no upload needs nothing that only FastAPI can find."""
    commands = [
        route
        for module in house._API_ROUTERS
        for route in module.router.routes
        if isinstance(route, APIRoute) and "writing" in signature(route.endpoint).parameters
    ]
    left = {
        route.path for route in commands if "_direct" not in getattr(route.app, "__qualname__", "")
    }
    assert len(commands) > 40
    assert left == set()


@given(st.binary(max_size=12))
def test_any_bytes_get_the_same_answer(content: bytes) -> None:
    check(content)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"p"', 422),
        (b"{", 400),
        (b'{"p":"1",}', 400),
        (b'{"p":"\xff"}', 400),
        (b'{"p":"1"}x', 400),
        (b'{"birth_year":NaN}', 422),
        (b'{"p":"1","p":"2"}', 200),
        (b'\xef\xbb\xbf{"p":"1"}', 200),
        ('{"p":"1"}'.encode("utf-16"), 200),
        (b"[" * 10_000, 400),
        (b'{"p":' + b"[" * 10_000, 400),
    ],
)
def test_each_bad_body_has_its_status(content: bytes, status: int) -> None:
    assert check(content) == status


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (None, 422),
        ("text/plain", 422),
        ("application/x-www-form-urlencoded", 422),
        ("application/jsonp", 422),
        ("json", 422),
        ("application/problem+json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/json;", 200),
        (" application/json", 200),
        ("", 422),
        ("application/json/x", 422),
    ],
)
def test_only_json_is_read(content_type: str | None, status: int) -> None:
    assert check(b'{"p":"1"}', content_type) == status
