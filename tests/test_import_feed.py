"""Rows read by a process of their own are the rows read here; what it dies of is an answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from api.imports import feed as import_feed
from api.imports.importing import Progress, import_sheet
from api.imports.options import ImportOptions
from api.sheets.cells import SheetError
from registry.award import AwardRecorded
from registry.prepared import Preparer
from tests.conftest import TEST_KEY, fresh_database
from tests.made_sheets import legacy_file, legacy_row
from tests.strangers import decision as a_decision
from tests.test_import_interrupted import PROGRAM
from tests.test_import_samples import LEGACY, LIST, SAMPLES, all_facts, expected_tally, options_for

if TYPE_CHECKING:
    from registry.database import Database
    from registry.embedded import EmbeddedPostgres
    from registry.fact import Authorship
    from registry.register import Registry


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every file counts as large and is read by others alone; the processes started for that."""
    started: list[int] = []
    start = import_feed._start_child

    def noting(*arguments: Any) -> subprocess.Popen[bytes]:
        process = start(*arguments)
        started.append(process.pid)
        return process

    monkeypatch.setattr(import_feed, "LARGE_FILE_BYTES_MIN", 0)
    monkeypatch.setattr(import_feed, "_start_child", noting)
    monkeypatch.setattr(import_feed._SharedFeed, "_rows_until", lambda *_: iter(()))
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    return started


@pytest.mark.parametrize("name", [LEGACY, LIST])
def test_a_reading_process_gives_the_same_rows(
    registry: Registry,
    authorship: Authorship,
    children: list[int],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    report = import_sheet(registry, SAMPLES / name, options_for(name), authorship)
    assert len(children) == 1
    assert report.tally == expected_tally(name)

    monkeypatch.setattr(import_feed, "LARGE_FILE_BYTES_MIN", 1 << 40)
    again = import_sheet(registry, SAMPLES / name, options_for(name), authorship)
    assert len(children) == 1
    assert again.tally.accepted == 0
    assert again.tally.rejected == report.tally.rejected
    errors = [
        [
            (one.row, one.column, one.code, one.params)
            for one in told.problems
            if one.severity == "error"
        ]
        for told in (report, again)
    ]
    assert errors[0] == errors[1] != []


def old_register(path: Path, rows: int) -> Path:
    """A .csv of several blocks: here and there a bad row, a heading, a number used twice."""
    lines = [legacy_row(n, name=f"Lò Văn {n}") for n in range(1, rows + 1)]
    lines[10][1] = None
    lines[700] = ["PHẦN HAI"]
    lines[1_200][6] = "Huân chương không có thật"
    lines[1_700][10] = "3"
    lines[1_900] = [*lines[5]]
    return legacy_file(path, *lines)


def facts_by_row(database: Database) -> list[tuple[Any, ...]]:
    """What was recorded, in order, without what is random: ids and sealed values."""
    return [
        (
            event.source.row,
            event.recipient.name,
            event.decision_id,
            replace(
                event,
                recipient=replace(
                    event.recipient,
                    persons=tuple(
                        replace(person, id=UUID(int=0), residence=None)
                        for person in event.recipient.persons
                    ),
                ),
            ),
        )
        for event in (fact.event for fact in all_facts(database))
        if type(event) is AwardRecorded
    ]


def without_records(problems: Any) -> list[Any]:
    """Problems without the ids of the records that they name."""
    return [
        replace(one, params={k: v for k, v in one.params.items() if k != "holder"})
        for one in problems
    ]


@pytest.mark.parametrize("dry_run", [False, True])
def test_processes_in_turns_record_what_one_that_judges_itself_records(  # noqa: PLR0917
    server: EmbeddedPostgres,
    authorship: Authorship,
    children: list[int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    dry_run: bool,
) -> None:
    path = old_register(tmp_path / "so-cu.csv", 2_300)
    told, facts = [], []
    for alone in (False, True):
        if alone:
            monkeypatch.setattr(import_feed, "LARGE_FILE_BYTES_MIN", 1 << 40)
            monkeypatch.setattr(Preparer, "prepare", lambda _, commands: [None] * len(commands))
        with fresh_database(server) as database:
            options = ImportOptions(kind="legacy", dry_run=dry_run)
            told.append(import_sheet(database.registry(), path, options, authorship))
            facts.append(facts_by_row(database))

    assert len(children) == 1
    assert told[0].tally == told[1].tally
    assert (told[0].tally.accepted, told[0].tally.rejected) == (2_296, 2)
    assert without_records(told[0].problems) == without_records(told[1].problems)
    assert told[0].notes == told[1].notes
    assert facts[0] == facts[1]
    assert [row for row, *_ in facts[0]] == sorted(row for row, *_ in facts[0])


def test_lines_of_a_registered_decision_belong_to_it(
    database: Database,
    registry: Registry,
    authorship: Authorship,
    children: list[int],
    tmp_path: Path,
) -> None:
    paper = a_decision("7 KT/HĐNN", issuer="Hội đồng Nhà nước", decided_on="1985-03-12")
    decision_id = registry.create("decision", paper, authorship).stream_id
    path = old_register(tmp_path / "so-cu.csv", 2_000)
    import_sheet(registry, path, ImportOptions(kind="legacy"), authorship)

    belong = [row for row in facts_by_row(database) if row[2] == decision_id]
    assert [row[1] for row in belong] == ["Lò Văn 7"]
    (fact,) = [
        fact
        for fact in all_facts(database)
        if type(fact.event) is AwardRecorded and fact.event.decision_id == decision_id
    ]
    (residence,) = fact.event.recipient.persons[0].personal_values()
    opened = registry.keyring.open(residence, (fact.stream_id, 1, "award-recorded.v1"))
    assert opened is not None
    assert opened.value == "xã Tả Phìn, tỉnh Lào Cai"
    assert children


def test_a_reader_killed_in_the_middle_stops_the_import_which_then_goes_on(
    database: Database,
    registry: Registry,
    authorship: Authorship,
    children: list[int],
    tmp_path: Path,
) -> None:
    path = old_register(tmp_path / "so-cu.csv", 6_000)
    options = ImportOptions(kind="legacy", chunk_rows=300)
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.tally.rows >= 900 and not killed:
            killed.extend(children_of(children[0]))
            os.kill(killed[0], signal.SIGKILL)

    with pytest.raises(SheetError, match="file-damaged"):
        import_sheet(registry, path, options, authorship, kill)
    half = len(facts_by_row(database))
    report = import_sheet(registry, path, options, authorship)
    rows = [row for row, *_ in facts_by_row(database)]

    assert len(killed) == 2
    assert not any(map(is_alive, [*children, *killed]))
    assert 0 < half < len(rows)
    assert len(rows) == len(set(rows)) == report.tally.accepted == 5_996
    assert rows == sorted(rows)


def test_readers_end_when_the_import_is_killed(
    database: Database, children: list[int], tmp_path: Path
) -> None:
    path = old_register(tmp_path / "so-cu.csv", 20_000)
    program = PROGRAM.replace("import sys\n", LARGE_FROM_THE_START, 1)
    arguments = [database.administrator, TEST_KEY.hex(), str(path)]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    (first,) = children_of(process.pid)
    readers = [first, *children_of(first)]
    process.kill()
    process.wait()
    process.stdout.close()

    assert len(readers) == 2
    deadline = time.monotonic() + 30
    while any(map(is_alive, readers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, readers))
    assert children == []


LARGE_FROM_THE_START = """import os, sys
from api.imports import feed as import_feed
import_feed.LARGE_FILE_BYTES_MIN = 0
import_feed._SharedFeed._rows_until = lambda *_: iter(())
os.cpu_count = lambda: 2
"""


def children_of(process_id: int) -> list[int]:
    tasks = Path(f"/proc/{process_id}/task").glob("*/children")
    return [int(one) for task in tasks for one in task.read_text().split()]


def is_alive(process_id: int) -> bool:
    try:
        status = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_until_other_processes_are_ready_rows_are_read_here(
    server: EmbeddedPostgres,
    authorship: Authorship,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    path = old_register(tmp_path / "so-cu.csv", 2_300)
    looks = iter([False, False, False, True])
    until = import_feed._SharedFeed._rows_until
    monkeypatch.setattr(
        import_feed._SharedFeed,
        "_rows_until",
        lambda feed, _ready, done: until(feed, lambda: next(looks), done),
    )
    facts = []
    for large in (0, 1 << 40):
        monkeypatch.setattr(import_feed, "LARGE_FILE_BYTES_MIN", large)
        with fresh_database(server) as database:
            options = ImportOptions(kind="legacy")
            report = import_sheet(database.registry(), path, options, authorship)
            facts.append(facts_by_row(database))
        assert (report.tally.accepted, report.tally.rejected) == (2_296, 2)

    assert next(looks, None) is None
    assert facts[0] == facts[1]


def test_a_residence_comes_over_the_pipe_and_is_sealed(
    registry: Registry, authorship: Authorship, children: list[int]
) -> None:
    import_sheet(registry, SAMPLES / LEGACY, ImportOptions(chunk_rows=500), authorship)
    stream, version, _, name, state = next(
        row for row in registry.log.read_after(0, 100) if row[3] == "award-recorded.v1"
    )
    fact = registry.facts_of(stream)[0]
    residence = fact.event.recipient.persons[0].residence
    opened = registry.keyring.open(residence, (stream, version, name))
    assert opened is not None
    assert opened.value.startswith("xã ")
    assert opened.value.encode() not in bytes(state)
    assert children


def test_what_a_reading_process_cannot_read_is_the_same_answer(
    registry: Registry, authorship: Authorship, children: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "so-cu.csv"
    lines = ["STT,Họ và tên,Năm sinh,Hình thức khen thưởng,Số quyết định,Ngày quyết định"]
    lines += [f"{n},Lò Văn {n},1930,Bảng gia đình vẻ vang,1 LCT,1970" for n in range(1, 3_000)]
    lines += ['9,"' + "x" * (1 << 22)]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SheetError, match="file-damaged"):
        import_sheet(registry, path, ImportOptions(kind="legacy"), authorship)
    assert children


def test_a_reading_process_that_dies_without_a_word_is_noticed(
    registry: Registry, authorship: Authorship, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*_: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", "pass"])

    monkeypatch.setattr(import_feed, "LARGE_FILE_BYTES_MIN", 0)
    monkeypatch.setattr(import_feed, "_start_child", dying)
    with pytest.raises(SheetError, match="file-damaged"):
        import_sheet(registry, SAMPLES / LEGACY, ImportOptions(), authorship)
    assert registry.log.head().position == 0
