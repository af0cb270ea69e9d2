"""What we compare with: the `eventsourcing` library, used as its manual says.

Its tables stand in the same database as ours, in a schema of their own, so that disk, memory
and settings are the same for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, DomainEvent, event
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from registry.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventsourcing.persistence import StoredEvent

    from registry.database import Database

SCHEMA = "library"
CHUNK_EVENTS = 200


def make_schema(database: Database) -> None:
    """Make the schema that the library's tables stand in."""
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")


def make_recorder(database: Database, table: str = "events") -> PostgresApplicationRecorder:
    """A recorder of the library's own on a table of its own."""
    make_schema(database)
    parameters = conninfo_to_dict(database.administrator)
    datastore = PostgresDatastore(
        dbname=str(parameters["dbname"]),
        host=str(parameters["host"]),
        port=str(parameters["port"]),
        user=str(parameters["user"]),
        password="",
        schema=SCHEMA,
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name=table)
    recorder.create_table()
    return recorder


def insert_in_chunks(recorder: PostgresApplicationRecorder, events: Sequence[StoredEvent]) -> None:
    """Record events by the library's `insert_events`, in chunks of 200."""
    for start in range(0, len(events), CHUNK_EVENTS):
        recorder.insert_events(events[start : start + CHUNK_EVENTS])


class PlainEvent(DomainEvent):
    """An event as small as the library allows, with text to make it as long as one of ours."""

    text: str


class PlainAward(Aggregate):
    """A line of a register as the library's manual would record it: an aggregate of its own."""

    @event("Recorded")
    def __init__(self, line: dict[str, str]) -> None:
        self.line = line


class PlainApplication(Application[UUID]):
    """An application of the library's own that saves plain events one at a time."""

    name = "plain"

    def record(self, text: str) -> None:
        """Save one event in a stream of its own."""
        self.save(PlainEvent(new_id(), 1, PlainEvent.create_timestamp(), text))  # type: ignore[call-arg]

    def record_line(self, line: dict[str, str]) -> None:
        """Save one line of a register as an aggregate."""
        self.save(PlainAward(line))


def make_application(database: Database) -> PlainApplication:
    """The library's application on the database; close it after use."""
    make_schema(database)
    return PlainApplication(env=environment(database))


def environment(database: Database) -> dict[str, str]:
    """What the library's own factories want to know."""
    parameters = conninfo_to_dict(database.administrator)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parameters["dbname"]),
        "POSTGRES_HOST": str(parameters["host"]),
        "POSTGRES_PORT": str(parameters["port"]),
        "POSTGRES_USER": str(parameters["user"]),
        "POSTGRES_PASSWORD": "",
        "POSTGRES_SCHEMA": SCHEMA,
    }
