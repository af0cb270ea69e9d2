"""`project`: the registers filled from an empty read side, against the library's runner.

`project` fills all registers together, `project-one` one alone. The library's `ProjectionRunner`
is given the same facts, read by the same decoder, and a projection that does one INSERT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import StoredEvent, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from projections import awards
from projections.registers import REGISTERS
from projections.runner import Runner
from registry.codec import FactMapper
from registry.sealing import Keyring
from scripts.benchmarks.library import environment, insert_in_chunks, make_recorder
from scripts.benchmarks.material import record_register
from scripts.benchmarks.measuring import ROUNDS, Bench, Result, compare, rate
from scripts.benchmarks.server import BENCH_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from eventsourcing.persistence import Mapper

    from projections.projection import Projection as Register
    from registry.database import Database
    from registry.fact import Fact
    from registry.log import FactLog

DEFAULT_ROWS = 30_000
LIBRARY_FACTS_MAX = 3_000
WAIT_SECONDS_MAX = 600.0


def run(bench: Bench) -> list[Result]:
    """Project the facts of an old register in rounds."""
    rows = bench.rows_or(DEFAULT_ROWS)
    bench.say(f"project: {rows} rows")
    with bench.make_database() as database:
        registry = database.registry()
        facts = record_register(registry, rows)
        sample = _copy_to_library(database, registry.log, min(facts, LIBRARY_FACTS_MAX))
        every, library = compare(
            lambda: _fill(database, REGISTERS, facts),
            lambda: _run_library(database, sample),
            ROUNDS,
        )
        one, again = compare(
            lambda: _fill(database, [awards.PROJECTION], facts),
            lambda: _run_library(database, sample),
            ROUNDS,
        )
    baseline = "ProjectionRunner, one INSERT per event"
    return [
        Result("project", every, "facts/s", baseline, library),
        Result("project-one", one, "facts/s", baseline, again),
    ]


def _fill(database: Database, registers: Sequence[Register], facts: int) -> float:
    """Fill registers from nothing, indexes included."""
    _drop_registers(database)
    runner = Runner(database.conninfo("projector"), database.marks, registers)
    try:
        return rate(facts, runner.catch_up)
    finally:
        runner.close()


def _drop_registers(database: Database) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        schemas = connection.execute(
            "SELECT quote_ident(nspname) FROM pg_namespace"
            " WHERE nspowner = 'sovang_projector'::regrole"
        ).fetchall()
        for (schema,) in schemas:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


# The library's way --------------------------------------------------------------------------


class FactApplication(Application[Any]):
    """An application of the library's that reads our facts from its own table."""

    name = "facts"

    def construct_mapper(self) -> Mapper[UUID]:
        """Read stored bytes as strictly as we do."""
        return FactMapper(Keyring(BENCH_KEY, lambda _subjects: {}))


class InsertView(PostgresTrackingRecorder):
    """A table that gets one row for each event."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {} (id uuid, version bigint, name text)").format(
                Identifier("library", "view")
            )
        )

    def add(self, fact: Fact[Any], tracking: Tracking) -> None:
        """One row and the position, in one transaction, as the library's manual does it."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO library.view VALUES (%s, %s, %s)",
                (fact.stream_id, fact.version, type(fact.event).__name__),
                prepare=True,
            )


class InsertProjection(Projection[InsertView]):
    """One INSERT for each event."""

    name = "inserting"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Insert the row."""
        self.view.add(domain_event, tracking)


def _copy_to_library(database: Database, log: FactLog, facts: int) -> Sequence[StoredEvent]:
    recorder = make_recorder(database, "facts_events")
    events = [
        StoredEvent(stream, version, name, bytes(state))
        for stream, version, _, name, state in log.read_after(0, facts)
    ]
    insert_in_chunks(recorder, events)
    recorder.datastore.close()
    return events


def _run_library(database: Database, sample: Sequence[StoredEvent]) -> float:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS library.inserting_tracking, library.view")

    def work() -> None:
        with ProjectionRunner(
            application_class=FactApplication,
            projection_class=InsertProjection,
            view_class=InsertView,
            env=environment(database),
        ) as runner:
            runner.wait(len(sample), timeout=WAIT_SECONDS_MAX)

    return rate(len(sample), work)
