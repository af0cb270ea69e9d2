"""The library's own test cases for recorders, on our log and a real PostgreSQL.

Its cases count versions from 0 here and from 1 there, ours always from 1: a shim shifts them, and
does nothing else.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, StoredEvent

from registry.errors import CorruptFact
from tests.made_log import tamper

# The cases about ciphers want a package that nothing else here wants; these are not among them.
_cipher = ModuleType("eventsourcing.cipher")
_cipher.AESCipher = object  # type: ignore[attr-defined]
with patch.dict(sys.modules, {"eventsourcing.cipher": _cipher}):
    from eventsourcing.tests.persistence import (
        ApplicationRecorderTestCase,
        NonInterleavingNotificationIDsBaseCase,
    )

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventsourcing.persistence import Notification

    from registry.database import Database
    from registry.log import FactLog

# What the abstract cases are run by: not collected by themselves.
__test__ = {"ApplicationRecorderTestCase": False}


class Shifted(ApplicationRecorder):
    """Our log, its versions one less."""

    def __init__(self, log: FactLog) -> None:
        self._log = log

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Any:
        ours = [
            replace(event, originator_version=event.originator_version + 1)
            for event in stored_events
        ]
        return self._log.insert_events(ours, **kwargs)

    def select_events(self, *arguments: Any, **kwargs: Any) -> Any:
        found = self._log.select_events(*arguments, **kwargs)
        return [replace(event, originator_version=event.originator_version - 1) for event in found]

    def select_notifications(self, *arguments: Any, **kwargs: Any) -> Sequence[Notification]:
        return self._log.select_notifications(*arguments, **kwargs)

    def max_notification_id(self) -> int | None:
        found: int | None = self._log.max_notification_id()
        return found

    def subscribe(self, *_arguments: Any, **_kwargs: Any) -> Any:
        raise NotImplementedError


class OnDatabase:
    """Makes the recorder of a case."""

    database: Database

    @pytest.fixture(autouse=True)
    def _with_database(self, database: Database) -> None:
        self.database = database

    def create_recorder(self) -> Any:
        return Shifted(self.database.registry().log)


class TestApplicationRecorder(OnDatabase, ApplicationRecorderTestCase[Any]):
    """Insert, select, conflicts, many writers beside readers."""


class TestNonInterleaving(OnDatabase, NonInterleavingNotificationIDsBaseCase):
    """Positions of one append stand together, and follow the order of commits."""

    insert_num = 500


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase


def event(version: int = 1, stream: Any = None) -> StoredEvent:
    return StoredEvent(stream or uuid4(), version, "topic", b"state")


def test_a_version_that_is_taken_is_an_integrity_error(database: Database) -> None:
    log = database.registry().log
    first = event()
    assert log.insert_events([first]) == [1]
    with pytest.raises(IntegrityError):
        log.insert_events([first])
    # All of an append or nothing, as the library's readers expect.
    with pytest.raises(IntegrityError):
        log.insert_events([event(), first])
    assert log.insert_events([]) == []
    assert log.max_notification_id() == 1
    assert log.insert_events([event() for _ in range(300)]) == list(range(2, 302))


def test_the_librarys_readers_refuse_what_was_planted(database: Database) -> None:
    log = database.registry().log
    one = event()
    log.insert_events([one])
    assert len(log.select_events(one.originator_id)) == 1
    assert len(log.select_notifications(1, 10)) == 1
    tamper(database, "UPDATE log.facts SET state = 'other'")
    with pytest.raises(CorruptFact):
        log.select_events(one.originator_id)
    with pytest.raises(CorruptFact):
        log.select_notifications(1, 10)


def test_what_the_database_lacks_is_no_integrity_error(database: Database) -> None:
    log = database.registry().log
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("REVOKE EXECUTE ON FUNCTION log.append FROM sovang_writer")
    with pytest.raises(Exception, match="database-rights-missing"):
        log.insert_events([event()])
