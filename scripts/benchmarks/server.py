"""A PostgreSQL server for benchmarks alone: flushes to disk as in earnest, gone afterwards."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from registry.database import Database, make_database
from registry.embedded import EmbeddedPostgres
from registry.settings import Settings, read_settings
from scripts.benchmarks.measuring import Bench, Say

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCH_KEY = bytes(range(32))
_SUPERUSER = "postgres"


@contextmanager
def open_bench(
    rows: int | None, say: Say, settings: Settings | None = None, build: Path | None = None
) -> Iterator[Bench]:
    """Start a server in a folder of its own; stop and remove both at the end."""
    settings = settings or read_settings()
    with tempfile.TemporaryDirectory(prefix="sovang-bench-") as name:
        folder = Path(name)
        # The server's account must pass through.
        folder.chmod(0o755)
        server = EmbeddedPostgres(
            folder / "postgres", binaries=settings.programs, run_as=settings.account
        )
        with server:
            numbers = count(1)
            yield Bench(lambda: _database(server, next(numbers)), folder, rows, say, build)


@contextmanager
def _database(server: EmbeddedPostgres, number: int) -> Iterator[Database]:
    """A fresh, migrated, empty database; dropped at the end."""
    administrator = server.conninfo(_SUPERUSER, _SUPERUSER)
    name = f"bench_{number}"
    make_database(administrator, name)
    database = Database(server.conninfo(name, _SUPERUSER), home_key=BENCH_KEY)
    try:
        database.migrate()
        yield database
    finally:
        database.close()
        with psycopg.connect(administrator, autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)
