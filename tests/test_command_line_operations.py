"""What an operator does: users, the state of log and registers, backup and restore."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from projections.registers import REGISTERS
from scripts.sample_registers import make_register, write_register
from tests.command_shell import Shell, bare_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.embedded import EmbeddedPostgres

PROJECT = Path(__file__).parent.parent
NAMES = {register.name for register in REGISTERS}


@pytest.fixture
def url(server: EmbeddedPostgres) -> Iterator[str]:
    with bare_database(server) as url:
        yield url


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    url: str,
) -> Shell:
    return Shell(monkeypatch, capsys, tmp_path / "home", url)


def fill(shell: Shell, folder: Path, rows: int = 60) -> None:
    sample = folder / "so-cu.csv"
    write_register(make_register("legacy", rows, clean=True), sample)
    assert shell("import", sample).code == 0


def read_names(path: Path) -> set[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["name"] for row in csv.DictReader(file)}


def test_a_user_is_added_listed_and_disabled(shell: Shell) -> None:
    added = shell("user", "add", "Lý Thị Thử", "--role", "clerk", "--unit", "Sở Nội vụ", "--token")
    assert added.code == 0
    token = added.out.strip()
    assert len(token) > 40
    assert token not in added.err
    (listed,) = shell("user", "list", "--json").answer["users"]
    assert (listed["name"], listed["role"], listed["office"]) == (
        "Lý Thị Thử",
        "clerk",
        "Sở Nội vụ",
    )
    assert not listed["disabled"]
    assert shell("user", "disable", "lý thị thử", "--reason", "nghỉ hưu").code == 0
    assert shell("user", "list", "--json").answer["users"][0]["disabled"]
    assert "đã ngừng" in shell("user", "list").out


def test_tokens_are_granted_listed_renewed_and_revoked_one_by_one(shell: Shell) -> None:
    added = shell("user", "add", "Lý Thị Thử", "--role", "clerk", "--token", "--json").answer
    more = shell("user", "token", "grant", "lý thị thử", "--days", "30", "--json").answer
    other = shell("user", "token", "grant", "Lý Thị Thử")
    assert other.code == 0
    assert added["token_id"] in shell("user", "token", "list").out
    assert other.out.strip() not in shell("user", "token", "list", "--json").out

    renewed = shell("user", "token", "renew", added["token_id"], "--json").answer
    assert renewed["replaces"] == added["token_id"]
    assert renewed["token"] != added["token"]
    kept = shell("user", "token", "renew", more["token_id"], "--keep-old", "--json").answer
    revoked = shell("user", "token", "revoke", renewed["token_id"].upper(), "--reason", "lộ mã")
    assert revoked.code == 0

    listed = shell("user", "token", "list", "Lý Thị Thử", "--json").answer["tokens"]
    states = {one["token_id"]: one["state"] for one in listed}
    assert len(states) == 5
    assert {one for one, state in states.items() if state == "revoked"} == {
        added["token_id"],
        renewed["token_id"],
    }
    assert states[more["token_id"]] == states[kept["token_id"]] == "good"
    again = shell("user", "token", "renew", added["token_id"], "--keep-old", "--json")
    assert (again.code, again.answer["error"]["code"]) == (2, "token-not-granted")
    unknown = shell("user", "token", "revoke", "00000000", "--reason", "x", "--json")
    assert (unknown.code, unknown.answer["error"]["code"]) == (2, "token-id-unknown")
    assert shell("user", "token", "list", "Vàng A Không").code == 2
    shell("user", "disable", "Lý Thị Thử", "--reason", "nghỉ hưu")
    listed = shell("user", "token", "list", "--json").answer["tokens"]
    assert {one["state"] for one in listed} == {"revoked"}


def test_a_name_that_is_there_is_told_with_what_to_do(shell: Shell) -> None:
    shell("user", "add", "Lý Thị Thử", "--role", "clerk")
    again = shell("user", "add", "LÝ  thị thử", "--role", "clerk")
    assert "sovang user token grant “Lý Thị Thử”" in again.err
    shell("user", "disable", "Lý Thị Thử", "--reason", "nghỉ hưu")
    gone = shell("user", "add", "LÝ THỊ THỬ", "--role", "clerk", "--json")
    assert gone.answer["error"]["code"] == "user-name-of-disabled"
    assert shell("user", "add", "Lý Thị Thử (Sa Pa)", "--role", "clerk").code == 0


def test_a_name_is_given_once(shell: Shell) -> None:
    assert shell("user", "add", "Lý Thị Thử", "--role", "clerk", "--json").answer["token"] is None
    again = shell("user", "add", "LÝ  thị thử", "--role", "leader", "--json")
    assert again.code == 2
    assert again.answer["error"]["code"] == "user-name-taken"
    unknown = shell("user", "disable", "Vàng A Không", "--reason", "không có")
    assert unknown.code == 2


def test_the_state_of_log_and_registers(shell: Shell, tmp_path: Path) -> None:
    fill(shell, tmp_path)
    log = shell("log", "status", "--json").answer
    assert log["position"] == log["facts"] > 60
    assert len(log["digest"]) == 16
    assert {one["lag"] for one in projections(shell).values()} == {log["facts"]}
    shell("find", "nguyen")
    states = projections(shell)
    assert set(states) == NAMES
    assert {(one["lag"], one["completeness"]) for one in states.values()} == {(0, "complete")}
    assert "complete" in shell("projections", "status").out


def projections(shell: Shell) -> dict[str, dict[str, object]]:
    states = shell("projections", "status", "--json").answer["projections"]
    return {state["name"]: state for state in states}


def test_a_register_that_missed_a_fact_is_no_and_a_rebuild_mends_it(
    shell: Shell, tmp_path: Path, url: str
) -> None:
    fill(shell, tmp_path)
    shell("find", "nguyen")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE projection.ledger SET facts = facts - 1 WHERE name = 'awards'")
    ended = shell("projections", "status", "--json")
    assert ended.code == 4
    assert shell("projections", "rebuild", "awards", "--json").answer == {"rebuilt": "awards"}
    assert shell("projections", "status").code == 0
    unknown = shell("projections", "rebuild", "people")
    assert unknown.code == 2


def test_a_register_that_stands_still_gives_no_answer(
    shell: Shell, tmp_path: Path, url: str
) -> None:
    shell("find", "nguyen")
    fill(shell, tmp_path)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE awards.award ADD CHECK (name = '')")
    ended = shell("find", "nguyen", "--json")
    assert ended.code == 2
    assert ended.answer["error"]["code"] == "registers-behind"


def test_migrating_says_what_the_schema_has(shell: Shell) -> None:
    names = [one["name"] for one in shell("migrate", "--json").answer["migrations"]]
    assert names == sorted(path.name for path in (PROJECT / "registry" / "sql").glob("*.sql"))
    assert shell("migrate").code == 0


def test_project_follows_the_log_until_it_is_told_to_end(shell: Shell, tmp_path: Path) -> None:
    fill(shell, tmp_path)
    command = [sys.executable, "-m", "scripts.command_line", "project"]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "Ctrl-C" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


# Backup and restore -------------------------------------------------------------------------


def test_a_backup_comes_back_whole(shell: Shell, tmp_path: Path, server: EmbeddedPostgres) -> None:
    fill(shell, tmp_path)
    shell("user", "add", "Lý Thị Thử", "--role", "clerk")
    shell("export", "awards", "--out", tmp_path / "before.csv")
    log = shell("log", "status", "--json").answer
    sealed = log.pop("sealed")
    assert sealed["size"] == 0
    manifest = shell("backup", tmp_path / "backup", "--json").answer
    assert {name: manifest["log"][name] for name in log} == log
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "backup").iterdir()}
    names = {"register.dump", "personal.key", "newest-head.json"}
    assert modes == dict.fromkeys([*names, "manifest.json"], 0o600)
    assert set(manifest["files"]) == names

    with bare_database(server) as other:
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(tmp_path / "new-home"))
        assert shell("restore", tmp_path / "backup").code == 0
        assert shell("log", "status", "--json").answer == log | {"sealed": sealed}
        shell("export", "awards", "--out", tmp_path / "after.csv")
        assert read_names(tmp_path / "after.csv") == read_names(tmp_path / "before.csv")
        assert [one["name"] for one in shell("user", "list", "--json").answer["users"]] == [
            "Lý Thị Thử"
        ]
        # What was recorded stays recorded, in the restored register too.
        with psycopg.connect(other) as connection, pytest.raises(psycopg.DatabaseError):
            connection.execute("DELETE FROM log.facts")
        fill(shell, tmp_path, rows=70)


def test_a_restored_home_opens_the_sealed_values(
    shell: Shell, tmp_path: Path, server: EmbeddedPostgres
) -> None:
    fill(shell, tmp_path, rows=1)
    shell("backup", tmp_path / "backup")
    with bare_database(server) as other:
        new_home = tmp_path / "new-home"
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(new_home))
        shell("restore", tmp_path / "backup")
        key = new_home / "keys" / "personal.key"
        assert key.read_bytes() == (shell.home / "keys" / "personal.key").read_bytes()
        assert key.stat().st_mode & 0o777 == 0o600


def test_a_restore_overwrites_nothing(shell: Shell, tmp_path: Path) -> None:
    fill(shell, tmp_path, rows=1)
    shell("backup", tmp_path / "backup")
    in_use = shell("restore", tmp_path / "backup", "--json")
    assert in_use.code == 2
    assert in_use.answer["error"]["code"] == "restore-home-not-empty"
    shell.set(SOVANG_HOME=str(tmp_path / "new-home"))
    in_use = shell("restore", tmp_path / "backup", "--json")
    assert in_use.answer["error"]["code"] == "restore-database-not-empty"
    assert not (tmp_path / "new-home" / "keys").exists()


def test_a_backup_is_made_into_an_empty_folder_only(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "other.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    assert shell("backup", tmp_path / "full").code == 2
    assert shell("backup", tmp_path / "file").code == 2


@pytest.mark.parametrize("name", ["register.dump", "personal.key", "manifest.json"])
def test_an_altered_backup_is_refused(
    shell: Shell, tmp_path: Path, server: EmbeddedPostgres, name: str
) -> None:
    fill(shell, tmp_path, rows=1)
    shell("backup", tmp_path / "backup")
    path = tmp_path / "backup" / name
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    with bare_database(server) as other:
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(tmp_path / "new-home"))
        assert shell("restore", tmp_path / "backup").code == 2
    path.unlink()
    assert shell("restore", tmp_path / "backup").code == 2


def test_a_restored_home_goes_on_sealing_with_the_same_keys(
    shell: Shell, tmp_path: Path, server: EmbeddedPostgres
) -> None:
    shell("user", "add", "Lý Thị Thử", "--role", "clerk")
    head = shell("log", "checkpoint").out
    keys = shell("key", "list", "--json").answer
    manifest = shell("backup", tmp_path / "backup", "--json").answer
    assert (tmp_path / "backup" / "signing-keys.tar").stat().st_mode & 0o777 == 0o600
    assert "signing-keys.tar" in manifest["files"]
    assert (tmp_path / "backup" / "manifest.sig").stat().st_mode & 0o777 == 0o600
    with bare_database(server) as other:
        new_home = tmp_path / "new-home"
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(new_home))
        assert shell("restore", tmp_path / "backup").code == 0
        assert shell("log", "checkpoint").out == head
        assert shell("key", "list", "--json").answer == keys
        modes = {path.stat().st_mode & 0o077 for path in (new_home / "keys").rglob("*")}
        assert modes == {0}
        shell("user", "add", "Giàng Văn Thử", "--role", "clerk")
        assert shell("log", "checkpoint").code == 0
        assert shell("log", "check", "--json").answer["size"] == 3


def test_a_restore_that_differs_from_its_manifest_keeps_nothing(
    shell: Shell, tmp_path: Path, server: EmbeddedPostgres
) -> None:
    fill(shell, tmp_path, rows=1)
    shell("backup", tmp_path / "backup")
    path = tmp_path / "backup" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["log"]["digest"] = "0" * 16
    path.write_text(json.dumps(manifest))
    with bare_database(server) as other:
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(tmp_path / "new-home"))
        ended = shell("restore", tmp_path / "backup", "--json")
        assert ended.answer["error"]["code"] == "restore-differs"
    assert not (tmp_path / "new-home" / "keys").exists()


def test_backup_and_restore_of_the_embedded_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Where the server's account may pass; pytest's own folder is closed to it.
    home = Path(f"/tmp/sovang-shell-{os.getpid()}")  # noqa: S108
    shell = Shell(monkeypatch, capsys, home / "one")
    try:
        assert shell("user", "add", "Lý Thị Thử", "--role", "clerk").code == 0
        log = shell("log", "status", "--json").answer
        assert shell("backup", tmp_path / "backup").code == 0
        shell.set(SOVANG_HOME=str(home / "two"))
        assert shell("restore", tmp_path / "backup").code == 0
        assert shell("log", "status", "--json").answer == log
        refused = shell("restore", tmp_path / "backup", "--json")
        assert refused.answer["error"]["code"] == "restore-home-not-empty"
        assert shell("log", "status", "--json").answer == log
    finally:
        shutil.rmtree(home, ignore_errors=True)
