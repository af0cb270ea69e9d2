"""A writer that stands still stops the others for a limited time only, and loses nothing itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import psycopg
import pytest

from projections import rebuild
from projections.registers import REGISTERS
from projections.runner import Runner
from registry import database as databases
from registry import log_holder
from registry.connections import DatabaseRole, Waits
from registry.database import Database
from registry.errors import Conflict, NotReady
from registry.importing import Finished
from registry.log_holder import holder_of_log
from tests.api_house import a_decision, open_house, problem
from tests.conftest import TEST_KEY
from tests.histories import award_to, record_award
from tests.strangers import decision
from tests.test_import_interrupted import award_names, import_of
from tests.test_import_samples import LEGACY, SAMPLES, expected_tally

if TYPE_CHECKING:
    from registry.fact import Authorship
    from registry.register import Registry

SHORT = Waits(0.3, 1.0)
ROLES: dict[DatabaseRole, Waits] = {"writer": SHORT, "reader": SHORT, "projector": SHORT}
ATTEMPTS_MAX = 60
LOOKS_MAX = 3_000

# Stops itself once, in the third chunk: before its facts are copied, or with half of them sent.
STOPPED_IMPORT = """
import os, signal, sys
from pathlib import Path
from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from registry import append_ways, copying
from registry.connections import Waits
from registry.database import Database
from registry.fact import Authorship

administrator, key, path, where = sys.argv[1:]
copy_facts, calls = copying.copy_facts, []

def stopping(cursor, events, position, marks):
    calls.append(1)
    if len(calls) != 3:
        copy_facts(cursor, events, position, marks)
    elif where == "transaction":
        os.kill(os.getpid(), signal.SIGSTOP)
        copy_facts(cursor, events, position, marks)
    else:
        rows = list(copying._fact_rows(events, position, marks.mark))
        def halting():
            yield from rows[:300]
            os.kill(os.getpid(), signal.SIGSTOP)
            yield from rows[300:]
        copying._copy(cursor, copying._COPY_FACTS, halting())

append_ways.copy_facts = stopping
waits = Waits(0.3, 1.0)
roles = {"writer": waits, "reader": waits, "projector": waits}
registry = Database(administrator, home_key=bytes.fromhex(key), waits=roles).registry()
report = import_sheet(
    registry, Path(path), ImportOptions(chunk_rows=700), Authorship("can-bo-thu", "Sở Nội vụ")
)
print(report.tally.accepted, len(calls))
"""


@pytest.fixture
def impatient(database: Database) -> Iterator[Database]:
    """The fresh database, reached with limits of a second."""
    other = Database(database.administrator, home_key=TEST_KEY, waits=ROLES)
    yield other
    other.close()


@contextmanager
def stopped_import(database: Database, where: str) -> Iterator[subprocess.Popen[str]]:
    """An import that stands still with the log's lock."""
    arguments = [database.administrator, TEST_KEY.hex(), str(SAMPLES / LEGACY), where]
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED_IMPORT, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    try:
        for _ in range(LOOKS_MAX):
            if Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
                break
            assert process.poll() is None
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("where", ["transaction", "copy"])
def test_an_import_that_is_stopped_stops_the_others_for_a_while_only(
    impatient: Database, where: str
) -> None:
    with open_house(impatient) as house:
        house.token()
        with stopped_import(impatient, where) as process:
            answers = [house.post("/api/decisions", a_decision())]
            while answers[-1].status_code == 503 and len(answers) < ATTEMPTS_MAX:
                answers.append(house.post("/api/decisions", a_decision()))
            os.kill(process.pid, signal.SIGCONT)
            said, _ = process.communicate(timeout=200)

    # Who had to wait too long is told that nothing was recorded, and when to ask again.
    for answer in answers[:-1]:
        problem(answer, 503, "database-busy")
        assert answer.headers["Retry-After"]
    assert len(answers) > 1
    assert answers[-1].status_code == 201

    # And the import, awake again, judges anew and finishes.
    assert process.returncode == 0
    accepted, copies = map(int, said.split())
    names = award_names(impatient)
    assert accepted == len(names) == len(set(names)) == expected_tally(LEGACY).accepted
    assert copies >= 5
    registry = impatient.registry()
    assert isinstance(registry.load("import", import_of(registry)).state, Finished)


def test_a_session_that_holds_the_log_and_does_nothing_is_ended(
    impatient: Database, authorship: Authorship, caplog: pytest.LogCaptureFixture
) -> None:
    registry = impatient.registry()
    with psycopg.connect(impatient.administrator, application_name="a terminal") as idle:
        idle.execute("SELECT log.lock_head()")
        pid = idle.info.backend_pid
        with psycopg.connect(impatient.watch_conninfo(), autocommit=True) as connection:
            holder = holder_of_log(connection)
        refused = []
        for _ in range(ATTEMPTS_MAX):
            try:
                registry.create("decision", decision(), authorship)
                break
            except NotReady as error:
                refused.append(error.code)
        assert set(refused) == {"database-busy"}
        assert registry.log.head().facts == 1
        with pytest.raises(psycopg.Error):
            idle.execute("SELECT 1")
    assert holder is not None
    assert (holder.application, holder.pid, holder.waits_for_client) == ("a terminal", pid, True)
    assert f"log held by a terminal (pid {pid}) since" in caplog.text
    assert f"log taken back from a terminal (pid {pid})" in caplog.text


def test_a_session_that_works_keeps_the_log(impatient: Database) -> None:
    """However long it takes: a commit that waits for its replica looks like this too."""
    with (
        psycopg.connect(impatient.administrator) as working,
        psycopg.connect(impatient.watch_conninfo(), autocommit=True) as connection,
    ):
        working.execute("SELECT log.lock_head()")
        asleep = Thread(target=working.execute, args=("SELECT pg_sleep(3)",))
        asleep.start()
        time.sleep(0.2)
        before = holder_of_log(connection)
        assert before is not None
        time.sleep(1.2)
        assert not log_holder.end_stalled(connection, before, 1.0)
        asleep.join()


def test_no_limit_reaches_a_commit(impatient: Database) -> None:
    """A wait for a replica that is cancelled reports success, so nothing may cancel one."""
    for role in ROLES:
        with impatient.pool(role).connection() as connection:
            for setting in ("statement_timeout", "transaction_timeout"):
                found = connection.execute(
                    "SELECT setting FROM pg_settings WHERE name = %s", (setting,)
                ).fetchone()
                # Before PostgreSQL 17 there is only one of them.
                assert found in {("0",), None}


def test_a_commit_may_take_longer_than_every_limit(
    impatient: Database, authorship: Authorship
) -> None:
    with psycopg.connect(impatient.administrator, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(2.5); RETURN NULL; END'"
        )
        connection.execute(
            "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON log.facts DEFERRABLE"
            " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()"
        )
    registry = impatient.registry()
    assert registry.create("decision", decision(), authorship).position == 1


def test_a_migration_waits_for_another_but_not_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "MIGRATION_WAITS", SHORT)
    with psycopg.connect(database.administrator, autocommit=True) as other:
        # One that may run twice: there must be something to do.
        other.execute("DELETE FROM public.migrations WHERE name = '0005_quicker_digest.sql'")
    with psycopg.connect(database.administrator) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (databases._MIGRATION_LOCK,))
        with pytest.raises(NotReady) as caught:
            database.migrate()
    assert caught.value.code == "database-busy"
    assert database.migrate() == ["0005_quicker_digest.sql"]
    assert database.migrate() == []


def test_a_reader_that_stands_still_delays_a_rebuild_and_does_not_end_it(
    impatient: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "SWAP_ATTEMPTS_MAX", 2)
    runner = Runner(impatient.conninfo("projector"), impatient.marks, REGISTERS)
    runner.catch_up()
    record_award(registry, award_to("Lù Seo Vần"))
    awards = [one for one in REGISTERS if one.name == "awards"]
    with psycopg.connect(impatient.administrator) as reader:
        reader.execute("SELECT FROM projection.ledger FOR SHARE")
        with pytest.raises(Conflict) as caught:
            rebuild.rebuild(impatient.conninfo("projector"), impatient.marks, awards)
        assert caught.value.code == "rebuild-waited"
    rebuild.rebuild(impatient.conninfo("projector"), impatient.marks, awards)
    # What is no longer needed, and still read, is left to be dropped at the next start.
    with psycopg.connect(impatient.administrator) as reader:
        reader.execute("SELECT FROM awards.award LIMIT 1")
        rebuild.rebuild(impatient.conninfo("projector"), impatient.marks, awards)
        runner.prepare()
        runner.catch_up()
    runner.prepare()
    with psycopg.connect(impatient.administrator) as connection:
        left = connection.execute("SELECT FROM pg_namespace WHERE nspname = 'awards_old'")
        assert left.fetchone() is None
    runner.close()
