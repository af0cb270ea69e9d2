"""The log of requests: one line each, and nothing in it of what people look for."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.api_house import House, a_decision, open_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

ROOT = Path(__file__).parent.parent
PROGRAM = """
import logging, structlog, sys
from api.server import log_to
log_to(sys.stderr)
structlog.get_logger("api").info("request", route="/api/awards")
logging.getLogger("projections").warning("%s pauses: %s", "runner", "two\\nlines")
try:
    1 / 0
except ZeroDivisionError as error:
    structlog.get_logger("api").error("unexpected error", exc_info=error)
    logging.getLogger("projections").exception("failed")
"""


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


def test_a_request_is_one_line_with_who_what_and_how_it_ended(house: House) -> None:
    house.token()
    house.catch_up()
    with capture_logs() as lines:
        done = house.post("/api/decisions", a_decision())
        house.post("/api/decisions", {"number": 1})
        house.post("/api/decisions", a_decision(), None)
        house.get("/api/search?q=Giàng+Seo+Phử+1930", "clerk")
        house.get("/api/awards/7f3c5b1e-0000-7000-8000-000000000000", None)
        house.get("/không/có/Giàng")
    requests = [line for line in lines if line["event"] == "request"]
    said = [(one["method"], one["route"], one["status"], one["code"]) for one in requests]
    assert said == [
        ("POST", "/api/decisions", 201, None),
        ("POST", "/api/decisions", 422, "body-invalid"),
        ("POST", "/api/decisions", 401, "sign-in-missing"),
        ("GET", "/api/search", 200, None),
        ("GET", "/api/awards/{award_id}", 404, "award-unknown"),
        ("any", "unknown", 404, None),
    ]
    assert [one["actor"] for one in requests] == ["clerk Thử"] * 2 + [None, "clerk Thử", None, None]
    assert done.headers["X-Request-Id"] == requests[0]["id"]
    assert all(one["milliseconds"] >= 0 for one in requests)
    text = json.dumps(lines, ensure_ascii=False, default=str)
    for secret in ("Giàng", "1930", "7f3c5b1e", house.token()):
        assert secret not in text


def test_whoever_logs_it_is_one_line_of_json_with_its_time() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [line["event"] for line in lines] == [
        "request",
        "runner pauses: two\nlines",
        "unexpected error",
        "failed",
    ]
    assert [line["level"] for line in lines] == ["info", "warning", "error", "error"]
    assert all(line["time"].endswith("Z") for line in lines)
    assert all("ZeroDivisionError" in line["exception"] for line in lines[2:])
    assert logging.getLogger().level == logging.WARNING
