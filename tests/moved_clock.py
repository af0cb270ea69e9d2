"""The clock and the time zone that code is given, moved to where dates go wrong.

A test marked `any_day` runs once by each of these clocks, in the whole suite. By hand, every
test runs by one of them: `scripts/test --clock new-year`. Then the programs that tests start
are moved along; PostgreSQL keeps its own time, which no rule of ours reads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
CLOCKS = {
    # A day that most years lack, on a machine ahead of Viet Nam.
    "leap-day": datetime(2028, 2, 29, 23, 0, tzinfo=ZoneInfo("Pacific/Kiritimati")),
    # A day whose digits stand in birth dates, on a machine behind Viet Nam, where it is December.
    "30-november": datetime(2026, 11, 30, 13, 0, tzinfo=ZoneInfo("America/Los_Angeles")),
    "last-minute": datetime(2026, 12, 31, 23, 59, tzinfo=VIET_NAM),
    # Half an hour into the year in Viet Nam: in UTC it is still the year before.
    "new-year": datetime(2026, 12, 31, 17, 30, tzinfo=ZoneInfo("UTC")),
    # Trial keys, key lists and certificates made in 2026 have ended.
    "2030": datetime(2030, 6, 15, 2, 0, tzinfo=VIET_NAM),
}
_CHILDREN = Path(__file__).parent / "clock"


def today() -> str:
    """The day that it is in Viet Nam, on any machine."""
    return datetime.now(VIET_NAM).date().isoformat()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--clock", choices=sorted(CLOCKS), help="run every test by this clock")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "any_day: runs by every clock of tests/moved_clock.py")
    name = config.getoption("--clock")
    if name is None:
        return
    ahead = int((CLOCKS[name] - datetime.now(UTC)).total_seconds())
    os.environ["SOVANG_TEST_CLOCK_SECONDS"] = str(ahead)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_CHILDREN), before)))
    travel = time_machine.travel(CLOCKS[name], tick=True)
    travel.start()
    config.add_cleanup(travel.stop)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("any_day") and not metafunc.config.getoption("clock"):
        metafunc.parametrize("clock", CLOCKS, indirect=True)


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """The clock of a test marked `any_day`; the true one for every other."""
    name = getattr(request, "param", None)
    if name is None:
        yield
        return
    with time_machine.travel(CLOCKS[name], tick=True):
        yield
