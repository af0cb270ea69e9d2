"""A swap of working days that is announced later: recorded with its source, and seen by clocks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from projections import cases
from projections.rebuild import rebuild
from projections.register_check import sample_registers
from registry.catalogue import load_catalogue
from registry.errors import Rejected
from registry.fact import World
from registry.law.working_days import is_working_day
from registry.working_calendar import INITIAL, DecideWorkingDays, decide, evolve
from tests.api_house import House, fields_of, open_house, problem
from tests.case_house import Desk
from tests.command_shell import Shell, bare_database
from tests.test_register_check import compared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.database import Database
    from registry.embedded import EmbeddedPostgres

WORLD = World(load_catalogue(), {})
SOURCE = "Công văn 7/VPCP-KGVX ngày 01/02/2026"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def a_swap(**fields: Any) -> dict[str, Any]:
    return {"off": ["2026-02-23"], "worked": ["2026-02-28"], "source": SOURCE} | fields


# Rules --------------------------------------------------------------------------------------


def test_what_was_decided_last_about_a_day_holds() -> None:
    state = INITIAL
    for off, worked in ((("2026-11-23",), ("2026-11-28",)), (("2026-11-28",), ("2026-11-23",))):
        (event,) = decide(state, DecideWorkingDays(off, worked, SOURCE), WORLD).events
        state = evolve(state, event)
        assert not is_working_day(date.fromisoformat(off[0]), state.days)
        assert is_working_day(date.fromisoformat(worked[0]), state.days)


@pytest.mark.parametrize(
    ("off", "worked", "source", "code"),
    [
        ((), (), SOURCE, "days-not-named"),
        (("2026-11-23",), (), " ", "source-missing"),
        (("2026-11",), (), SOURCE, "day-needed"),
        (("2026-11-23", "2026-11-23"), (), SOURCE, "day-named-twice"),
        (("2026-01-02",), (), SOURCE, "day-off-already"),
        (("2026-09-02",), (), SOURCE, "day-off-already"),
        ((), ("2026-01-10",), SOURCE, "day-worked-already"),
        (tuple(f"2026-{m:02}-01" for m in range(1, 13)) * 6, (), SOURCE, "day-named-twice"),
    ],
)
def test_what_changes_nothing_or_names_no_day_is_refused(
    off: tuple[str, ...], worked: tuple[str, ...], source: str, code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        decide(INITIAL, DecideWorkingDays(off, worked, source), WORLD)
    assert refused.value.code == code


def test_more_days_off_than_worked_is_a_doubt() -> None:
    outcome = decide(INITIAL, DecideWorkingDays(("2026-11-23",), (), SOURCE), WORLD)
    assert [one.code for one in outcome.remarks] == ["swap-uneven"]


# Over HTTP ----------------------------------------------------------------------------------


def test_a_swap_recorded_later_moves_due_days_and_says_so(house: House, desk: Desk) -> None:
    award_id = house.award()["id"]
    case = desk.open(award_id=award_id)
    early = desk.open(award_id=award_id, received_on="2026-01-05")
    waiting = desk.open(award_id=award_id)
    desk.step(waiting, "ask-supplement", on="2026-02-04", papers=["decision-named"], reason="thiếu")
    assert case["clock"]["due_on"] == case["due_on_receipt"] == "2026-02-23"
    etag = house.get(f"/api/cases/{case['id']}").headers["ETag"]
    house.catch_up()

    tried = house.done(house.post("/api/working-days", a_swap(dry_run=True)))
    moved = [{"id": case["id"], "receipt": case["receipt"]}]
    moved = [one | {"before": "2026-02-23", "after": "2026-02-24"} for one in moved]
    assert tried["moved"] == {"count": 1, "cases": moved}
    assert desk.read(case)["clock"]["due_on"] == "2026-02-23", "nothing was recorded"

    done = house.done(house.post("/api/working-days", a_swap(), Idempotency_Key="k"))
    assert done["moved"] == {"count": 1, "cases": moved}
    again = house.done(house.post("/api/working-days", a_swap(), Idempotency_Key="k"))
    assert (again["repeated"], again["moved"]["count"]) == (True, 1)

    shown = desk.read(case)
    assert shown["due_on_receipt"] == "2026-02-23", "what was promised stays"
    assert shown["clock"]["due_on"] == "2026-02-24"
    (move,) = shown["clock"]["moved_by"]
    assert (move["before"], move["after"], move["source"]) == ("2026-02-23", "2026-02-24", SOURCE)
    assert desk.read(early)["clock"]["moved_by"] == []
    assert house.get(f"/api/cases/{case['id']}").headers["ETag"] != etag
    before = shown["recorded_at"].replace("+", "%2B")
    assert desk.read(case, known_at=before)["clock"]["due_on"] == "2026-02-23"
    assert desk.queue("overdue", "2026-02-24") == [early["receipt"]]
    assert desk.queue("due-soon", "2026-02-24") == [case["receipt"]]

    later = desk.open(award_id=award_id)
    assert later["due_on_receipt"] == "2026-02-24"
    assert later["clock"]["moved_by"] == [], "its receipt knew already"


def test_the_register_of_cases_is_the_same_however_it_is_filled(house: House, desk: Desk) -> None:
    award_id = house.award()["id"]
    first = desk.open(award_id=award_id)
    house.catch_up()
    house.done(house.post("/api/working-days", a_swap()))
    desk.open(award_id=award_id)
    house.catch_up()
    desk.step(first, "suspend", on="2026-02-05", legal_basis="căn cứ", reason="chờ")
    house.catch_up()

    def rows() -> list[Any]:
        with psycopg.connect(house.database.conninfo("reader")) as connection:
            return connection.execute("SELECT * FROM cases.service_case ORDER BY id").fetchall()

    before = rows()
    assert {str(row[25]) for row in before} == {"2026-02-24", "None"}
    database = house.database
    for facts in (1, 2, 5_000):
        rebuild(
            database.conninfo("projector"), database.marks, [cases.PROJECTION], batch_facts=facts
        )
        assert rows() == before
    assert compared(database)[0] == []
    assert compared(database, sample_registers)[0] == []


def test_the_swaps_that_count_are_told_with_their_sources(house: House) -> None:
    house.done(house.post("/api/working-days", a_swap()))
    swaps = house.done(house.get("/api/working-days?year=2026", None))["swaps"]
    assert [(one["off"], one["worked"]) for one in swaps] == [
        (["2026-01-02"], ["2026-01-10"]),
        (["2026-08-31"], ["2026-08-22"]),
        (["2026-02-23"], ["2026-02-28"]),
    ]
    assert "12729/VPCP-KGVX" in swaps[0]["source"]
    assert swaps[2]["source"] == SOURCE
    assert swaps[2]["recorded_by"] is None, "open to all, so nobody is named"


def test_a_swap_that_cannot_be_used_names_its_field(house: House) -> None:
    problem(house.post("/api/working-days", a_swap(), "clerk"), 403, "role-may-not-write")
    bad = house.post("/api/working-days", a_swap(off=["2026-02-30"]))
    assert fields_of(problem(bad, 422, "date-impossible"))["off[0]"] == "date-impossible"
    problem(house.post("/api/working-days", a_swap(off=["2026-02-22"])), 422, "day-off-already")


def test_terms_of_custody_follow_the_calendar_too(house: House, desk: Desk) -> None:
    award = house.award(issue_artifacts=True, issued_on="1985")
    certificate, insignia = award["artifacts"][:2]
    house.catch_up()
    first = desk.surrender(certificate["serial"])
    house.done(house.post("/api/working-days", a_swap(off=["2026-02-13"], worked=[])))
    house.done(house.post("/api/working-days", a_swap(off=["2026-02-23"], worked=[])))
    second = desk.surrender(insignia["serial"])
    due = [one["custody"]["due_on"] for one in (first, second)]
    assert due == ["2026-02-23", "2026-02-24"]


# In a shell ---------------------------------------------------------------------------------


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    server: EmbeddedPostgres,
) -> Iterator[Shell]:
    with bare_database(server) as url:
        yield Shell(monkeypatch, capsys, tmp_path / "home", url)


def test_an_operator_adds_a_swap_and_is_told_what_moves(shell: Shell) -> None:
    arguments = ("--off", "23/2/2026", "--worked", "2026-02-28", "--source", SOURCE, "--json")
    assert shell("migrate").code == 0
    tried = shell("working-days", "add", *arguments, "--dry-run")
    assert (tried.code, tried.answer["dry_run"]) == (0, True), tried.err
    assert len(shell("working-days", "list", "--json").answer["swaps"]) == 4
    done = shell("working-days", "add", *arguments)
    assert done.code == 0, done.err
    assert (done.answer["off"], done.answer["moved"]["count"]) == (["2026-02-23"], 0)
    again = shell("working-days", "add", *arguments)
    assert again.code == 2
    listed = shell("working-days", "list", "--year", "2026")
    assert "23/02/2026" in listed.out
    assert "Công văn 7/VPCP-KGVX" in listed.out
