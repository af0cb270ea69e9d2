"""Fixtures: a real PostgreSQL server for the whole run, a fresh database for each test.

A fresh database is a copy of one that was migrated once; it costs some 40 ms. The server runs
without fsync: what must survive a crash is tested on servers of their own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from registry.database import Database, make_database
from registry.embedded import EmbeddedPostgres
from registry.fact import Authorship

if TYPE_CHECKING:
    from registry.register import Registry

# What an example takes says more of the machine than of the program.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

pytest_plugins = ["tests.moved_clock"]

_TEMPLATE = "sovang_template"
_numbers = count(1)

TEST_KEY = bytes(range(32))


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server of this test process."""
    with tempfile.TemporaryDirectory(prefix="sovang-test-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)  # noqa: S103, PTH101 - the server's account must pass through
        root = Path(folder) / "postgres"
        with EmbeddedPostgres(root, settings={"fsync": "off", "max_connections": "100"}) as running:
            administrator = running.conninfo("postgres", "postgres")
            make_database(administrator, _TEMPLATE)
            template = Database(running.conninfo(_TEMPLATE, "postgres"), home_key=TEST_KEY)
            template.migrate()
            template.close()
            yield running


@pytest.fixture
def database(server: EmbeddedPostgres) -> Iterator[Database]:
    """A fresh, migrated, empty database."""
    with fresh_database(server) as database:
        yield database


@contextmanager
def fresh_database(server: EmbeddedPostgres) -> Iterator[Database]:
    """A fresh, migrated, empty database, gone afterwards."""
    name = f"sovang_{os.getpid()}_{next(_numbers)}"
    administrator = server.conninfo("postgres", "postgres")
    make_database(administrator, name, template=_TEMPLATE)
    database = Database(server.conninfo(name, "postgres"), home_key=TEST_KEY)
    database.migrate()
    yield database
    database.close()
    with psycopg.connect(administrator, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)


@pytest.fixture(autouse=True)
def _patient_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long health looks says more of the machine than of the program."""
    monkeypatch.setattr("api.health.look.LOOK_SECONDS_MAX", 120.0)
    monkeypatch.setattr("api.health.look._STATEMENT_MILLISECONDS", 120_000)


@pytest.fixture
def registry(database: Database) -> Registry:
    """The register's write side on the fresh database."""
    return database.registry()


@pytest.fixture
def authorship() -> Authorship:
    """An invented clerk."""
    return Authorship(actor="can-bo-thu", office="Sở Nội vụ tỉnh Lào Cai")
