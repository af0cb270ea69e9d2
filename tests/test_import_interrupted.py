"""An import survives kill -9 at any moment, a second run beside it, and rival writers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from api.imports import job
from api.imports.importing import Progress, import_sheet
from api.imports.options import ImportOptions
from registry.award import AwardRecorded
from registry.errors import Conflict, OutcomeUnknown
from registry.importing import Finished, ImportFinished, Running, Tally
from tests.conftest import TEST_KEY
from tests.made_sheets import decision_file, decision_row, legacy_file, legacy_row
from tests.test_import_samples import (
    LEGACY,
    LIST,
    SAMPLES,
    THE_DECISION,
    all_facts,
    expected_tally,
    options_for,
)

if TYPE_CHECKING:
    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry

PROGRAM = """
import sys
from pathlib import Path
from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from registry.database import Database
from registry.fact import Authorship

administrator, key, path = sys.argv[1:]
registry = Database(administrator, home_key=bytes.fromhex(key)).registry()
options = ImportOptions(chunk_rows=100)
import_sheet(registry, Path(path), options, Authorship("can-bo-thu", "Sở Nội vụ"),
             lambda progress: print(progress.tally.rows, flush=True))
"""


def start_import(database: Database) -> subprocess.Popen[str]:
    arguments = [database.administrator, TEST_KEY.hex(), str(SAMPLES / LEGACY)]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


def award_names(database: Database) -> list[tuple[str, int | None]]:
    return sorted(
        (fact.event.recipient.name, fact.event.source.row)
        for fact in all_facts(database)
        if type(fact.event) is AwardRecorded
    )


@pytest.mark.parametrize("chunks_before", [1, 7, 20])
def test_kill_minus_9_in_the_middle_loses_and_doubles_nothing(
    database: Database, registry: Registry, authorship: Authorship, chunks_before: int
) -> None:
    process = start_import(database)
    assert process.stdout is not None
    for _ in range(chunks_before):
        assert process.stdout.readline()
    time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    half = len(award_names(database))
    report = import_sheet(registry, SAMPLES / LEGACY, ImportOptions(chunk_rows=100), authorship)
    names = award_names(database)

    assert 0 < half < len(names)
    assert report.tally == expected_tally(LEGACY)
    assert len(names) == len(set(names)) == report.tally.accepted
    assert len([p for p in report.problems if p.severity == "error"]) == report.tally.rejected
    assert isinstance(registry.load("import", report.import_id).state, Finished)


class Stopped(Exception):  # noqa: N818
    """The test's own interruption."""


def stop_after(rows: int) -> Any:
    def stop(progress: Progress) -> None:
        if progress.tally.rows >= rows:
            raise Stopped

    return stop


def import_of(registry: Registry) -> UUID:
    """The only import in the log."""
    rows = registry.log.read_after(0, 10_000)
    return next(stream for stream, _, _, name, _ in rows if name == "import-begun.v1")


def test_an_interrupted_import_goes_on_behind_its_last_chunk(
    registry: Registry, authorship: Authorship
) -> None:
    options = ImportOptions(chunk_rows=500)
    with pytest.raises(Stopped):
        import_sheet(registry, SAMPLES / LEGACY, options, authorship, stop_after(1_000))
    progress: list[Tally] = []
    dry = import_sheet(registry, SAMPLES / LEGACY, ImportOptions(dry_run=True), authorship)
    stopped = registry.load("import", import_of(registry)).state
    report = import_sheet(
        registry, SAMPLES / LEGACY, options, authorship, lambda one: progress.append(one.tally)
    )

    # The chunk that was being written when the stop came stands too.
    assert stopped.tally.rows == 1_500
    assert progress[0].rows == 2_000
    assert dry.tally == report.tally == expected_tally(LEGACY)
    assert len(registry.facts_of(report.import_id)) == 2 + 6 + 1


@pytest.mark.parametrize("error", [OutcomeUnknown, Conflict])
@pytest.mark.parametrize("stored", [True, False])
def test_a_commit_that_failed_or_only_seemed_to(  # noqa: PLR0917
    registry: Registry,
    database: Database,
    authorship: Authorship,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    stored: bool,
) -> None:
    append = registry.log.append
    calls: list[int] = []

    def failing(appending: Any) -> Any:
        calls.append(1)
        if len(calls) in {1, 3}:
            if stored:
                append(appending)
            raise error("connection-lost")
        return append(appending)

    monkeypatch.setattr(registry.log, "append", failing)
    options = options_for(LIST, chunk_rows=400)
    report = import_sheet(registry, SAMPLES / LIST, options, authorship)
    names = award_names(database)

    assert report.tally == expected_tally(LIST)
    assert len(names) == len(set(names)) == report.tally.accepted


def test_a_lost_answer_to_the_only_commit_is_found_to_stand(
    registry: Registry, authorship: Authorship, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = registry.log.append

    def losing(appending: Any) -> Any:
        append(appending)
        raise OutcomeUnknown("connection-lost")

    monkeypatch.setattr(registry.log, "append", losing)
    report = import_sheet(registry, SAMPLES / LIST, options_for(LIST), authorship)

    assert report.tally == expected_tally(LIST)


def test_an_import_that_never_wins_gives_up(
    registry: Registry, authorship: Authorship, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def losing(_appending: Any) -> Any:
        raise Conflict("record-changed")

    monkeypatch.setattr(registry.log, "append", losing)
    monkeypatch.setattr(job, "RETRY_SECONDS", 0)
    path = legacy_file(tmp_path / "a.csv", legacy_row())

    with pytest.raises(Conflict):
        import_sheet(registry, path, ImportOptions(), authorship)


def test_two_runs_of_one_import_share_the_work(database: Database, authorship: Authorship) -> None:
    together = threading.Barrier(2)
    registries = [database.registry(), database.registry()]

    def run(registry: Registry) -> Any:
        together.wait()
        options = ImportOptions(chunk_rows=150)
        return import_sheet(registry, SAMPLES / LEGACY, options, authorship)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(run, registries))
    names = award_names(database)

    assert len(names) == len(set(names)) == expected_tally(LEGACY).accepted
    # The slower run may begin after the faster one has ended, and then finds all of it known.
    assert expected_tally(LEGACY) in {report.tally for report in reports}


def test_another_import_taking_the_same_award_meanwhile_makes_it_a_duplicate(
    registry: Registry,
    database: Database,
    authorship: Authorship,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    one = decision_file(tmp_path / "a.csv", decision_row(1), decision_row(2))
    other = decision_file(tmp_path / "b.csv", decision_row(2), decision_row(3))
    append, rival = registry.log.append, database.registry()
    options = ImportOptions(**THE_DECISION)

    def overtaken(appending: Any) -> Any:
        monkeypatch.setattr(registry.log, "append", append)
        import_sheet(rival, other, options, authorship)
        return append(appending)

    monkeypatch.setattr(registry.log, "append", overtaken)
    report = import_sheet(registry, one, options, authorship)
    awards = [fact.event for fact in all_facts(database) if type(fact.event) is AwardRecorded]

    assert (report.tally.accepted, report.tally.duplicates) == (1, 1)
    assert len({award.decision_id for award in awards}) == 1
    assert len(awards) == 3


def test_an_import_knows_its_decision(registry: Registry, authorship: Authorship) -> None:
    report = import_sheet(registry, SAMPLES / LIST, options_for(LIST), authorship)
    begun = registry.facts_of(report.import_id)[0].event

    assert begun.file_name == LIST
    assert isinstance(begun.decision_id, UUID)
    assert registry.load("decision", begun.decision_id).version == 1


def test_a_file_of_no_rows_is_an_import_too(
    registry: Registry, authorship: Authorship, tmp_path: Path
) -> None:
    path = legacy_file(tmp_path / "a.xlsx")
    report = import_sheet(registry, path, ImportOptions(), authorship)

    assert report.tally == Tally()
    assert isinstance(registry.facts_of(report.import_id)[-1].event, ImportFinished)
    assert not isinstance(registry.load("import", report.import_id).state, Running)
