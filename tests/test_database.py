"""The database: one schema however many start at once, roles, migrations that only go forward."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import TYPE_CHECKING

import psycopg
import pytest

from registry import database as databases
from registry.database import Database, make_database, migrations, open_database
from registry.errors import NotReady
from registry.settings import Settings
from tests.conftest import TEST_KEY
from tests.folders import server_folder
from tests.strangers import decision

if TYPE_CHECKING:
    from registry.embedded import EmbeddedPostgres
    from registry.fact import Authorship

STARTS = 12
_numbers = count(1)


@pytest.fixture
def empty(server: EmbeddedPostgres) -> Database:
    """A database that was never migrated."""
    name = f"empty_{next(_numbers)}"
    make_database(server.conninfo("postgres", "postgres"), name)
    return Database(server.conninfo(name, "postgres"), home_key=TEST_KEY)


def test_many_simultaneous_starts_make_one_schema(empty: Database) -> None:
    with ThreadPoolExecutor(STARTS) as pool:
        ran = list(pool.map(lambda _: empty.migrate(), range(STARTS)))
    assert sorted(map(len, ran)) == [0] * (STARTS - 1) + [len(migrations())]
    assert empty.registry().log.head().position == 0
    empty.close()


def test_a_migration_changed_after_it_ran_is_refused(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.migrate()
    (name, statements), *others = migrations()
    changed = [(name, statements + b"\n-- edited"), *others]
    monkeypatch.setattr(databases, "migrations", lambda: changed)
    with pytest.raises(NotReady, match="migration-changed"):
        empty.migrate()


def test_a_schema_newer_than_the_program_is_refused(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.migrate()
    older: list[tuple[str, bytes]] = []
    monkeypatch.setattr(databases, "migrations", lambda: older)
    with pytest.raises(NotReady, match="schema-newer-than-program"):
        empty.migrate()


def test_a_migration_that_fails_leaves_nothing(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [*migrations(), ("9999_broken.sql", b"CREATE TABLE half (x int); SELECT 1/0")]
    monkeypatch.setattr(databases, "migrations", lambda: broken)
    with pytest.raises(psycopg.errors.DivisionByZero):
        empty.migrate()
    with psycopg.connect(empty.administrator) as connection:
        found = connection.execute(
            "SELECT to_regclass('half'), to_regclass('log.facts'), to_regclass('public.migrations')"
        ).fetchone()
    assert found == (None, None, None)


def test_connections_act_in_their_role(database: Database) -> None:
    for role in ("writer", "reader", "projector"):
        with database.pool(role).connection() as connection:
            row = connection.execute("SELECT current_user").fetchone()
        assert row == (f"sovang_{role}",)


def test_the_reader_cannot_write_anything(database: Database) -> None:
    with database.pool("reader").connection() as connection:
        for statement in (
            "SELECT log.lock_head()",
            "INSERT INTO log.claims VALUES ('', '', gen_random_uuid())",
            "SELECT nextval('log.serial_number')",
            "CREATE SCHEMA mine",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_embedded_default_keeps_what_was_recorded(authorship: Authorship) -> None:
    with server_folder() as folder:
        settings = Settings(home=folder.parent / "home")
        with open_database(settings) as database:
            recorded = database.registry().create("decision", decision(), authorship)
        with open_database(settings) as database:
            assert database.registry().facts_of(recorded.stream_id)[0].event == recorded.events[0]


def test_a_server_of_ones_own_is_reached_by_its_url(
    server: EmbeddedPostgres, authorship: Authorship
) -> None:
    make_database(server.conninfo("postgres", "postgres"), "own_server")
    with server_folder() as folder:
        url = server.conninfo("own_server", "postgres")
        settings = Settings(home=folder.parent / "home", database_url=url)
        with open_database(settings) as database:
            assert database.registry().create("decision", decision(), authorship).position == 1
        assert not (folder.parent / "home" / "postgres").exists()


def test_threads_that_ask_for_a_pool_at_once_get_the_same(database: Database) -> None:
    """A pool that nobody kept would be closed by chance, with connections that others use."""
    threads = 8
    together = Barrier(threads)

    def ask(_: int) -> int:
        together.wait()
        return id(database.pool("reader"))

    with ThreadPoolExecutor(threads) as askers:
        assert len(set(askers.map(ask, range(threads)))) == 1
