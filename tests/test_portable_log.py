"""The log in a form of our own comes back on every PostgreSQL of this machine, or not at all."""

from __future__ import annotations

import gzip
import json
import re
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from registry.database import Database, make_database
from registry.embedded import EmbeddedPostgres
from registry.errors import NotReady, Rejected
from registry.fact import Authorship
from scripts.command_line.archive import log_summary
from scripts.command_line.portable_log import load_portable, write_portable
from tests.command_shell import Shell, bare_database
from tests.folders import server_folder
from tests.made_log import publish_list, sequencer
from tests.strangers import award, decision, individual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.register import Registry

AUTHOR = Authorship("can-bo-thu", "Sở Nội vụ")
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
PROGRAMS = [None, *DEBIAN]


@contextmanager
def a_server(programs: Path | None) -> Iterator[str]:
    """The address of an empty database on a server of these programs."""
    with server_folder() as folder, EmbeddedPostgres(folder, binaries=programs) as running:
        make_database(running.conninfo("postgres", "postgres"), "taken_back")
        yield running.conninfo("taken_back", "postgres")


@pytest.fixture
def portable(database: Database, registry: Registry, tmp_path: Path) -> Path:
    """A sealed log with awards, a decision, names with all that a tab could spoil, serials."""
    publish_list(database)
    registry.create("decision", decision(), AUTHOR)
    for name in ("Giàng A Thử", "Lý\\Thị Thử", "Vàng 'A' Sử"):
        registry.create("award", award(individual(name, residence="xã\tBản Cái")), AUTHOR)
    registry.allot_serials(["certificate"], 2026)
    with closing(sequencer(database)) as sealing:
        sealing.seal_all()
    path = tmp_path / "register.log.gz"
    with psycopg.connect(database.administrator) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        write_portable(connection, path)
    return path


def summary(administrator: str) -> object:
    with psycopg.connect(administrator) as connection:
        return log_summary(connection)


@pytest.mark.parametrize("programs", PROGRAMS, ids=lambda one: one and one.parent.name)
def test_the_log_comes_back_on_another_postgresql(
    database: Database, registry: Registry, portable: Path, programs: Path | None
) -> None:
    assert portable.stat().st_mode & 0o777 == 0o600
    with a_server(programs) as other:
        load_portable(other, portable)
        assert summary(other) == summary(database.administrator)
        restored = Database(other, home_key=database.home_key)
        try:
            again = restored.registry()
            assert again.log.read_after(0, 100) == registry.log.read_after(0, 100)
            # The next number is not one that was given.
            assert again.log.serial_numbers(1) == [2]
            again.create("decision", decision(number="2/QĐ"), AUTHOR)
        finally:
            restored.close()


def test_it_is_written_as_its_description_says(portable: Path, registry: Registry) -> None:
    lines = gzip.decompress(portable.read_bytes()).split(b"\n")
    assert re.match(rb"sovang-log/1 \{.*\}$", lines[0])
    assert lines[1].startswith(b"table log.facts notification_id originator_id ")
    facts = lines[2 : lines.index(b"\\.")]
    assert [int(line.split(b"\t")[0]) for line in facts] == list(range(1, len(facts) + 1))
    assert len(facts) == registry.log.head().facts
    assert re.fullmatch(rb"end [0-9a-f]{64}", lines[-2])


def cut_off(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_end(content: bytes) -> bytes:
    return content[: content.rindex(b"end ")]


def change(content: bytes) -> bytes:
    return content.replace(b"decision-registered", b"decision-Registered", 1)


def repeat(content: bytes) -> bytes:
    line = content.split(b"\n")[2] + b"\n"
    return content.replace(line, line + line, 1)


def lead_elsewhere(content: bytes) -> bytes:
    return content.replace(b"table log.claims ", b"table public.migrations ", 1)


def set_the_head(content: bytes) -> bytes:
    return content.replace(b"table log.claims key kind stream", b"table log.head position", 1)


def append(content: bytes) -> bytes:
    return content + b"more\n"


SPOILT = [cut_off, without_end, change, repeat, lead_elsewhere, set_the_head, append]


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_spoilt_log_is_refused_whole(
    server: EmbeddedPostgres, portable: Path, spoil: object
) -> None:
    content = gzip.decompress(portable.read_bytes())
    portable.write_bytes(gzip.compress(spoil(content)))  # type: ignore[operator]
    with bare_database(server) as other:
        with pytest.raises(Rejected, match="portable-log-altered"):
            load_portable(other, portable)
        with psycopg.connect(other) as connection:
            assert connection.execute("SELECT count(*) FROM log.facts").fetchone() == (0,)


def test_a_log_of_a_later_program_is_refused(server: EmbeddedPostgres, portable: Path) -> None:
    content = gzip.decompress(portable.read_bytes())
    later = content.replace(b'"0001_log.sql"', b'"0001_log.sql", "9999_later.sql"', 1)
    portable.write_bytes(gzip.compress(later))
    with bare_database(server) as other, pytest.raises(NotReady, match="schema-newer"):
        load_portable(other, portable)


def test_a_backup_of_a_newer_server_is_restored_from_its_portable_log(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    server: EmbeddedPostgres,
    tmp_path: Path,
) -> None:
    """Into Debian's PostgreSQL where there is one; else the manifest says the server was newer."""
    older = DEBIAN[0] if DEBIAN else None
    backup = tmp_path / "backup"
    with bare_database(server) as url, a_server(older) as other:
        shell = Shell(monkeypatch, capsys, tmp_path / "office" / "home", url)
        assert shell("user", "add", "Lý Thị Thử", "--role", "clerk").code == 0
        log = shell("log", "status", "--json").answer
        assert shell("backup", backup, "--portable").code == 0
        manifest = json.loads((backup / "manifest.json").read_bytes())
        assert "register.log.gz" in manifest["files"]
        more = []
        if older is None:
            manifest["server"] = 990_000
            (backup / "manifest.json").write_text(json.dumps(manifest))
            (backup / "manifest.sig").unlink()
            more = ["--unsigned"]
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(tmp_path / "elsewhere" / "home"))
        restored = shell("restore", backup, *more, "--json")
        assert restored.code == 0, restored.err
        assert shell("log", "status", "--json").answer == log
        assert shell("log", "checkpoint").code == 0
        checked = shell("log", "check", "--json")
        assert checked.code == 0, checked.out
