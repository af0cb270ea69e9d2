"""The `eventsourcing` library's way to a database, on a connection pool of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import DictRow, dict_row

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg_pool import ConnectionPool


class Datastore(PostgresDatastore):
    """The library's datastore on a connection pool of ours."""

    def __init__(self, pool: ConnectionPool[Connection[Any]]) -> None:
        super().__init__(dbname="", host="", port="", user="", password="", schema="log")
        self.pool = pool  # type: ignore[assignment]  # ours, with other row types

    def close(self) -> None:
        """Leave the pool open: others use it too, and the library closes it with its recorder."""

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        """Lend a connection that gives rows as the library wants them."""
        with super().get_connection() as connection:
            ours = connection.row_factory
            connection.row_factory = dict_row
            try:
                yield connection
            finally:
                connection.row_factory = ours
