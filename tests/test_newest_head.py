"""What a home remembers of its log outside the database, and an older backup restored as if now."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.database import open_database
from registry.errors import CorruptFact, NotReady, RegistryError
from registry.newest_head import NAME, NewestHead, Remembered, parse_remembered
from registry.put_back import LogPutBack
from registry.settings import Settings
from tests import made_keys as made
from tests.command_shell import Shell, bare_database
from tests.made_log import publish_list, record, sequencer, tamper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from registry.database import Database
    from registry.embedded import EmbeddedPostgres
    from registry.fact import Authorship
    from registry.register import Registry


def refusal(attempt: Callable[[], object]) -> str:
    with pytest.raises(RegistryError) as caught:
        attempt()
    return caught.value.code


# The file -----------------------------------------------------------------------------------


def a_note(size: int) -> bytes:
    from registry.proofs.checkpoints import Checkpoint, sign_checkpoint  # noqa: PLC0415

    head = Checkpoint(made.LOG, size, bytes([size % 256]) * 32)
    return bytes(sign_checkpoint(head, [made.signer("log", "log")], made.NOW))


@given(st.integers(1, 2**40), st.integers(1, 2**40), st.text(max_size=30))
def test_what_is_written_is_read(marked_from: int, size: int, seen_at: str) -> None:
    one = Remembered(marked_from, a_note(size).decode(), seen_at)
    assert parse_remembered(one.as_bytes()) == one
    assert one.head is not None
    assert one.head.size == size


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"marked_from": 0},
        {"marked_from": "1"},
        {"marked_from": True},
        {"note": "no head"},
        {"note": None},
        {"seen_at": 5},
    ],
)
def test_what_cannot_be_read_is_not_guessed(tmp_path: Path, change: dict[str, Any]) -> None:
    content = json.loads(Remembered(1, a_note(5).decode(), "x").as_bytes())
    path = tmp_path / NAME
    path.write_text(json.dumps(content | change))
    assert refusal(NewestHead(path).read) == "newest-head-unreadable"
    path.write_bytes(b"[" * 50_000)
    assert refusal(NewestHead(path).read) == "newest-head-unreadable"
    path.unlink()
    assert NewestHead(path).read() is None


def test_heads_are_written_down_once_a_second_and_at_the_end(tmp_path: Path) -> None:
    now = 100.0
    newest = NewestHead(tmp_path / NAME, clock=lambda: now)

    def written() -> int:
        found = NewestHead(tmp_path / NAME).read()
        assert found is not None
        assert found.head is not None
        return found.head.size

    newest.remember(a_note(1))
    assert written() == 1
    newest.remember(a_note(2))
    newest.remember(a_note(3))
    assert written() == 1
    now = 101.0
    newest.flush(at_once=False)
    assert written() == 3
    newest.remember(a_note(4))
    newest.flush()
    assert written() == 4
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_a_disk_that_is_full_stops_no_sealing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    newest = NewestHead(tmp_path / "gone" / NAME)
    newest.remember(a_note(1))
    assert "not written down" in caplog.text
    (tmp_path / "gone").mkdir()
    newest.flush()
    assert NewestHead(tmp_path / "gone" / NAME).read() is not None


def test_what_was_sealed_is_remembered(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    publish_list(database)
    sealing = sequencer(database, newest_head=database.newest_head)
    for count in (1, 2, 3):
        record(registry, authorship, count, f"Cán bộ {count}")
        sealing.seal_all()
        assert database.newest_head.known is not None
        head = database.newest_head.known.head
        assert head is not None
        assert head.size == registry.log.head().position
    sealing.close()


# A home of an older program -----------------------------------------------------------------


@pytest.fixture
def older(server: EmbeddedPostgres, tmp_path: Path) -> Iterator[Settings]:
    """A register whose facts carry no marks, and a home that remembers nothing; five are sealed."""
    with bare_database(server) as url:
        settings = Settings(tmp_path / "home", url)
        with open_database(settings) as database:
            publish_list(database)
            registry, author = database.registry(), an_author()
            record(registry, author, 4)
            sealing = sequencer(database)
            sealing.seal_all()
            sealing.close()
            record(registry, author, 2, "Sau")
            tamper(database, "UPDATE log.facts SET mark = NULL")
        (settings.home / NAME).unlink()
        yield settings


def an_author() -> Authorship:
    from registry.fact import Authorship  # noqa: PLC0415

    return Authorship("can-bo-thu", "Sở Nội vụ tỉnh Lào Cai")


def test_a_home_of_an_older_program_goes_on(older: Settings) -> None:
    with open_database(older) as database:
        registry = database.registry()
        assert len(registry.log.read_after(0, 100)) == 7
        record(registry, an_author(), 1, "Mới")
    found = NewestHead(older.home / NAME).read()
    assert found is not None
    assert found.marked_from == 8
    # From there on a fact without a mark is nobody's, however the file came to be.
    with open_database(older) as database:
        assert len(database.registry().log.read_after(0, 100)) == 8
        tamper(database, "UPDATE log.facts SET mark = NULL WHERE notification_id = 8")
    (older.home / NAME).unlink()
    NewestHead(older.home / NAME).write(found)
    with open_database(older) as database, pytest.raises(CorruptFact):
        database.registry().log.read_after(0, 100)


def test_a_home_that_forgot_learns_from_the_first_mark(older: Settings) -> None:
    with open_database(older) as database:
        record(database.registry(), an_author(), 2, "Mới")
    (older.home / NAME).unlink()
    with open_database(older) as database:
        assert len(database.registry().log.read_after(0, 100)) == 9
    found = NewestHead(older.home / NAME).read()
    assert found is not None
    assert found.marked_from == 8


def test_what_was_sealed_before_marks_is_compared_with_the_seal(older: Settings) -> None:
    assert older.database_url is not None
    with psycopg.connect(older.database_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE log.facts SET state = convert_to(replace(convert_from(state, 'UTF8'),"
            " 'Cán bộ 2', 'Cán bộ 9'), 'UTF8')"
        )

    def attempt() -> None:
        with open_database(older):
            pass

    assert refusal(attempt) == "fact-differs"
    assert not (older.home / NAME).exists()


# An older backup ----------------------------------------------------------------------------


def test_an_older_backup_is_restored_only_for_a_reason_that_is_recorded(
    server: EmbeddedPostgres,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    # Signing keys are no part of this.
    monkeypatch.setattr(
        "scripts.command_line.restoring.unpack_signing_keys", lambda *_: None, raising=False
    )
    home = tmp_path / "home"
    with bare_database(server) as url:
        shell = Shell(monkeypatch, capsys, home, url)
        for name in ("Một", "Hai"):
            assert shell("user", "add", name, "--role", "clerk").code == 0
            assert shell("log", "checkpoint").code == 0
            assert shell("backup", tmp_path / f"backup-{name}").code == 0
        known = NewestHead(home / NAME).read()
    assert known is not None
    assert known.head is not None
    # The database is lost, and the keys with it; what was seen is not.
    shutil.rmtree(home / "keys")
    with bare_database(server) as url:
        shell.set(DATABASE_URL=url)
        old = tmp_path / "backup-Một"
        refused = shell("restore", old, "--json")
        assert (refused.code, refused.answer["error"]["code"]) == (4, "log-shorter-than-remembered")
        assert str(known.head.size) in refused.answer["error"]["message"]
        assert not (home / "keys").exists()
    with bare_database(server) as url:
        shell.set(DATABASE_URL=url)
        unsaid = shell("restore", old, "--older-because", " ", "--json")
        assert (unsaid.code, unsaid.answer["error"]["code"]) == (2, "reason-missing")
    with bare_database(server) as url:
        shell.set(DATABASE_URL=url)
        assert shell("restore", old, "--older-because", "Biên bản số 4").code == 0
        with open_database(Settings(home, url)) as database:
            *_, last = database.registry().log.read_after(0, 100)
            event = database.registry().facts_of(last[0])[0].event
        assert isinstance(event, LogPutBack)
        assert (event.reason, event.seen_size) == ("Biên bản số 4", known.head.size)
        assert event.size < event.seen_size
        now = NewestHead(home / NAME).read()
        assert now is not None
        assert now.head is not None
        assert now.head.size == event.size
    # The newest one is as if nothing had been.
    shutil.rmtree(home / "keys")
    NewestHead(home / NAME).write(known)
    with bare_database(server) as url:
        shell.set(DATABASE_URL=url)
        assert shell("restore", tmp_path / "backup-Hai").code == 0


def test_a_backup_that_lost_its_end_is_refused_by_its_own_memory(
    server: EmbeddedPostgres,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Another machine, which remembers nothing: the backup brings along what its home had seen."""
    monkeypatch.setattr(
        "scripts.command_line.restoring.unpack_signing_keys", lambda *_: None, raising=False
    )
    brought = Remembered(1, a_note(900).decode(), "2026-11-30T00:00:00+00:00")
    monkeypatch.setattr("scripts.command_line.restoring._brought", lambda _: brought)
    with bare_database(server) as url:
        shell = Shell(monkeypatch, capsys, tmp_path / "home", url)
        shell("user", "add", "Một", "--role", "clerk")
        shell("log", "checkpoint")
        assert shell("backup", tmp_path / "backup").code == 0
    with bare_database(server) as url:
        shell.set(DATABASE_URL=url, SOVANG_HOME=str(tmp_path / "other"))
        refused = shell("restore", tmp_path / "backup", "--older-because", "x", "--json")
        assert refused.answer["error"]["code"] == "log-shorter-than-remembered"


def test_an_unreadable_memory_is_said_and_stays(tmp_path: Path, server: EmbeddedPostgres) -> None:
    with bare_database(server) as url:
        settings = Settings(tmp_path, url)
        with open_database(settings):
            pass
        (tmp_path / NAME).write_text("x")
        with pytest.raises(NotReady) as caught, open_database(settings):
            pass
        assert caught.value.code == "newest-head-unreadable"
        assert caught.value.params["path"] == str(tmp_path / NAME)
        assert (tmp_path / NAME).read_text() == "x"
