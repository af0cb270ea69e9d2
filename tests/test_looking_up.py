"""A look-up in one call: what it finds, and that it raises what a cursor would raise."""

from __future__ import annotations

from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from projections.looking_up import NUMBER_MAX, LookUp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database

TWICE = LookUp(b"twice", b"SELECT $1 * 2, 'two'::text WHERE $1 > 0")


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database.conninfo("reader"), autocommit=True) as opened:
        yield opened


def test_the_row_of_a_number_or_none(connection: psycopg.Connection[Any]) -> None:
    assert TWICE.find(connection, 21) == ((42).to_bytes(8, "big"), b"two")
    assert TWICE.find(connection, 0) is None


def test_a_statement_that_a_connection_forgot_is_prepared_again(
    connection: psycopg.Connection[Any],
) -> None:
    for _ in range(2):
        assert TWICE.find(connection, 1) == ((2).to_bytes(8, "big"), b"two")
        connection.execute("DEALLOCATE ALL")


def test_errors_are_those_of_a_cursor(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        TWICE.find(connection, NUMBER_MAX)
    with pytest.raises(psycopg.errors.UndefinedTable):
        LookUp(b"nowhere", b"SELECT * FROM nowhere WHERE id = $1").find(connection, 1)
    assert TWICE.find(connection, 1) is not None


def test_others_go_on_while_the_server_thinks(connection: psycopg.Connection[Any]) -> None:
    slow = LookUp(b"slow", b"SELECT pg_sleep(0.5)::text, $1")
    asking = Thread(target=slow.find, args=(connection, 1))
    asking.start()
    sleep(0.05)
    assert asking.is_alive()
    asking.join()


def test_a_lost_connection_is_an_outage(
    connection: psycopg.Connection[Any], database: Database
) -> None:
    assert TWICE.find(connection, 1) is not None
    with psycopg.connect(database.administrator, autocommit=True) as other:
        ended = other.execute(
            "SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,)
        ).fetchone()
    assert ended == (True,)
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            TWICE.find(connection, 1)
