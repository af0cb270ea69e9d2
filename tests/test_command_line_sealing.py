"""Seals at a shell: the log checked in place, exported, and audited where there is nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString, TypeAlias

import psycopg
import pytest
from psycopg import sql

from registry.proofs.disclosure import write_lines
from registry.proofs.key_list import parse_key_list
from registry.proofs.keys import PURPOSES
from registry.proofs.kits import AUDITOR_KEYS
from registry.proofs.notes import parse_note
from scripts.sample_registers import make_register, write_register
from tests.command_shell import Shell, bare_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.embedded import EmbeddedPostgres

PROJECT = Path(__file__).parent.parent
ROWS = 12
KEY_LIST: LiteralString = "topic = 'key-list-published.v1'"
Statement: TypeAlias = "LiteralString | sql.Composed"


@pytest.fixture(scope="module")
def sealed(
    server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A small register with trial keys, sealed: its database and its home."""
    folder = tmp_path_factory.mktemp("sealed")
    write_register(make_register("legacy", ROWS, clean=True), folder / "so-cu.csv")
    with bare_database(server) as url:
        home = folder / "home"
        for arguments in (
            ["import", str(folder / "so-cu.csv")],
            ["log", "checkpoint"],
            ["find", "nguyen"],
            ["log", "check"],
        ):
            ended = subprocess.run(
                [sys.executable, "-m", "scripts.command_line", *arguments],
                cwd=PROJECT,
                env={**os.environ, "DATABASE_URL": url, "SOVANG_HOME": str(home)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert ended.returncode == 0, ended.stderr
        yield url, home


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sealed: tuple[str, Path]
) -> Shell:
    url, home = sealed
    return Shell(monkeypatch, capsys, home, url)


def tamper(url: str, statement: Statement) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(statement).rowcount > 0


def flip(table: str, column: str, byte: int, where: LiteralString = "true") -> sql.Composed:
    """Change one bit of a column; the same again puts it back."""
    return sql.SQL(
        "UPDATE log.{} SET {column} = set_byte({column}, {byte}, get_byte({column}, {byte}) # 1)"
        " WHERE {}"
    ).format(
        sql.Identifier(table),
        sql.SQL(where),
        column=sql.Identifier(column),
        byte=byte,
    )


def codes(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [finding["code"] for finding in answer["findings"]]


def test_status_and_checkpoint_tell_how_far_the_log_is_sealed(shell: Shell) -> None:
    status = shell("log", "status", "--json").answer
    assert status["sealed"]["size"] == status["facts"] > ROWS
    assert status["sealed"]["unsealed"] == 0
    assert "Niêm phong đến cỡ" in shell("log", "status").out
    head = shell("log", "checkpoint")
    assert head.out.split("\n")[:2] == ["127.0.0.1:8000/log", str(status["facts"])]
    assert shell("log", "checkpoint", "--json").answer["note"] == head.out


def test_a_log_as_it_was_sealed_is_good(shell: Shell) -> None:
    checked = shell("log", "check", "--json")
    assert (checked.code, checked.answer["findings"]) == (0, [])
    assert checked.answer["trial"] is True
    said = shell("log", "check")
    assert said.out.startswith("ĐÚNG: ")
    assert "DÙNG THỬ" in said.err
    assert "--roots" in said.err


def test_a_kit_is_audited_without_database_network_or_home(shell: Shell, tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    exported = shell("log", "export", kit, "--json")
    assert exported.code == 0
    assert shell("log", "export", kit).code == 2
    roots = tmp_path / "roots"
    (published,) = (kit / "log/keys").iterdir()
    listed = parse_key_list(parse_note(published.read_bytes()).text)
    roots.write_text("".join(f"{root}\n" for root in listed.roots))
    # A machine on which any database, and any socket, is an error.
    program = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('network')\n"
        "socket.socket.connect = socket.create_connection = refuse\n"
        "import psycopg; psycopg.connect = psycopg.Connection.connect = refuse\n"
        "from scripts.command_line.application import run\n"
        "sys.exit(run(sys.argv[1:]))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "audit", str(kit), "--roots", str(roots), "--json"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "SOVANG_HOME": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(ended.stdout)
    assert (ended.returncode, answer["findings"], answer["roots_pinned"]) == (0, [], True)
    assert answer["size"] == answer["facts"] == exported.answer["size"]
    assert not (tmp_path / "none").exists()


def test_an_auditors_key_is_made_on_his_machine_and_opens_a_kit(
    shell: Shell, tmp_path: Path
) -> None:
    secret = tmp_path / "auditor"
    public = shell("key", "auditor", secret, "--json").answer["public"]
    assert secret.stat().st_mode & 0o777 == 0o600
    assert shell("key", "auditor", secret, "--json").answer["error"]["code"] == "new-file-unusable"
    who = ("--auditor", "Đoàn thanh tra số 3", "--basis", "Quyết định 15/QĐ-TTCP")
    before = shell("log", "status", "--json").answer["facts"]
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    for arguments, code in (
        ((tmp_path / "no", "--auditor-key", "x", *who), "auditor-key-malformed"),
        ((tmp_path / "no", "--auditor-key", public), "disclosure-half-said"),
        ((tmp_path / "no", *who), "disclosure-half-said"),
        ((tmp_path / "no", "--auditor-key", public, *who[:3], " "), "reason-missing"),
        ((tmp_path / "used", "--auditor-key", public, *who), "kit-folder-not-empty"),
    ):
        refused = shell("log", "export", *arguments, "--json")
        assert refused.answer["error"]["code"] == code
    assert shell("log", "status", "--json").answer["facts"] == before
    kit, opened = tmp_path / "kit", tmp_path / "opened"
    assert shell("log", "export", kit, "--auditor-key", public, *who).code == 0
    # Who gave the keys to whom, when and on what basis stands in the very kit that has them.
    last = json.loads(next((kit / "facts").iterdir()).read_text().splitlines()[-1])
    assert last["name"] == "personal-keys-disclosed.v1"
    assert last["state"]["event"] == {
        "auditor": "Đoàn thanh tra số 3",
        "auditor_key": public,
        "reason": "Quyết định 15/QĐ-TTCP",
    }
    assert last["state"]["actor"].startswith("shell:")
    audited = shell("audit", kit, "--key", secret, "--opened", opened, "--json")
    assert (audited.code, audited.answer["findings"]) == (0, [])
    values = [json.loads(line) for line in opened.read_text().splitlines()]
    assert audited.answer["opened"] == len(values) > 0
    assert audited.answer["sealed"] == 0
    assert set(values[0]) == {"position", "person", "kind", "value"}
    assert f"kiểm {len(values)} thông tin cá nhân" in shell("audit", kit, "--key", secret).err
    # Without the key the same kit is as good, and tells nothing.
    assert "opened" not in shell("audit", kit, "--json").answer
    refused = shell("audit", kit, "--key", tmp_path / "none", "--json")
    assert refused.answer["error"]["code"] == "auditor-key-unreadable"
    shell("key", "auditor", tmp_path / "other")
    refused = shell("audit", kit, "--key", tmp_path / "other", "--json")
    assert (refused.code, refused.answer["error"]["code"]) == (4, "auditor-key-of-another")
    # Keys that were slipped into another kit stand in no log.
    shell("log", "export", tmp_path / "plain")
    other = shell("key", "auditor", tmp_path / "third", "--json").answer["public"]
    (tmp_path / "plain" / AUDITOR_KEYS).write_bytes(b"".join(write_lines(other, ())))
    audited = shell("audit", tmp_path / "plain", "--json")
    assert (audited.code, codes(audited.answer)) == (4, ["disclosure-unrecorded"])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("facts/000000000001.jsonl", "fact-differs"),
        ("registers.json", "registers-differ"),
        ("log/checkpoints.jsonl", "signature-wrong"),
    ],
)
def test_a_changed_kit_is_refused_with_its_reason(
    shell: Shell, tmp_path: Path, name: str, code: str
) -> None:
    shell("log", "export", tmp_path / "kit")
    path = tmp_path / "kit" / name
    content = path.read_bytes()
    changed = {
        "fact-differs": content.replace(b'"actor":"', b'"actor":"X', 1),
        "registers-differ": content.replace(b'"standing": ', b'"standing": 1', 1),
        "signature-wrong": content.replace(b"\\n", b"\\n", 1).replace(b"/log\\n", b"/log\\n1", 1),
    }[code]
    assert changed != content
    path.write_bytes(changed)
    audited = shell("audit", tmp_path / "kit", "--json")
    assert audited.code == 4
    assert code in codes(audited.answer)
    assert all(one["message"] != one["code"] for one in audited.answer["findings"])
    assert shell("audit", tmp_path / "kit").out.splitlines()[-1].startswith("SAI: ")


def test_what_is_no_kit_cannot_be_used(shell: Shell, tmp_path: Path) -> None:
    assert shell("audit", tmp_path / "none").code == 2
    assert shell("audit", tmp_path, "--roots", tmp_path / "none").code == 2
    (tmp_path / "roots").write_text("no key\n")
    assert shell("audit", tmp_path, "--roots", tmp_path / "roots").code == 4
    audited = shell("audit", tmp_path, "--json")
    assert codes(audited.answer)[0] == "key-list-missing"


@pytest.mark.parametrize(
    ("statement", "back", "code"),
    [
        (flip("facts", "state", 20, "notification_id = 7"), None, "fact-differs"),
        (flip("tiles", "hashes", 0, "level = 0"), None, "root-differs"),
        (flip("checkpoints", "note", 20), None, "signature-wrong"),
        (flip("facts", "state", 200, KEY_LIST), None, "key-list-missing"),
        (
            "INSERT INTO log.tiles SELECT 0, 9, substring(hashes FOR 32) FROM log.tiles LIMIT 1",
            "DELETE FROM log.tiles WHERE index = 9",
            "archive-stray",
        ),
        (
            "UPDATE awards.award SET standing = 'cancelled' WHERE position = 2",
            "UPDATE awards.award SET standing = 'standing' WHERE position = 2",
            "registers-differ",
        ),
    ],
)
def test_a_change_in_the_database_is_found_in_place(
    shell: Shell, sealed: tuple[str, Path], statement: Statement, back: Statement | None, code: str
) -> None:
    url, _ = sealed
    tamper(url, statement)
    try:
        checked = shell("log", "check", "--json")
        assert checked.code == 4
        assert code in codes(checked.answer)
    finally:
        # Most changes undo themselves when they are made again.
        tamper(url, back or statement)
    assert shell("log", "check", "--json").code == 0


def test_a_changed_fact_is_named_by_its_position(shell: Shell, sealed: tuple[str, Path]) -> None:
    statement = flip("facts", "state", 40, "notification_id = 5")
    tamper(sealed[0], statement)
    findings = shell("log", "check", "--json").answer["findings"]
    tamper(sealed[0], statement)
    assert next(one["position"] for one in findings if one["code"] == "fact-differs") == 5


def test_keys_are_made_retired_and_revoked_under_the_roots(shell: Shell) -> None:
    listed = shell("key", "list", "--json").answer
    assert {key["use"] for key in listed["keys"]} == set(PURPOSES) - {"root", "witness"}
    assert {key["state"] for key in listed["keys"]} == {"valid"}
    made = shell("key", "new", "--use", "issue", "--json").answer
    old = next(key["kid"] for key in listed["keys"] if key["use"] == "issue")
    assert shell("key", "retire", old).code == 0
    revoked = shell("key", "revoke", made["kid"], "--json").answer
    assert revoked["size"] == shell("log", "status", "--json").answer["sealed"]["size"]
    after = shell("key", "list", "--json").answer
    assert after["version"] == listed["version"] + 3
    states = {key["kid"]: key for key in after["keys"]}
    assert states[old]["state"] == "not-valid-then"
    assert states[made["kid"]]["compromised_at_leaf"] == revoked["size"]
    assert "ký bằng" in shell("key", "list").out
    assert shell("log", "check").code == 0


def test_a_key_that_is_not_listed_and_roots_that_are_not_there(
    shell: Shell, tmp_path: Path
) -> None:
    for kid in ("00000000", "xyz"):
        assert shell("key", "retire", kid, "--json").answer["error"]["code"] == "key-unknown"
    refused = shell("key", "new", "--use", "status", "--roots", tmp_path / "none", "--json")
    assert refused.answer["error"]["code"] == "key-set-missing"
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "passphrase").write_text("x")
    refused = shell("key", "new", "--use", "status", "--roots", tmp_path / "empty", "--json")
    assert refused.answer["error"]["code"] == "root-keys-missing"
    assert refused.code == 2
    # And no key was made that no list knows.
    assert not list((shell.home / "keys" / "signing").glob("status-*.key"))[1:]


def test_a_home_without_keys_beside_a_sealed_log_makes_no_new_ones(
    shell: Shell, tmp_path: Path
) -> None:
    # Another machine of the office: the key to personal values was brought, signing keys not.
    shutil.copytree(
        shell.home / "keys", tmp_path / "other" / "keys", ignore=shutil.ignore_patterns("signing")
    )
    shell.set(SOVANG_HOME=str(tmp_path / "other"))
    sealed_elsewhere = shell("log", "checkpoint")
    assert sealed_elsewhere.code == 0
    assert "không được niêm phong" in sealed_elsewhere.err
    assert shell("log", "check").code == 0
    assert not (tmp_path / "other" / "keys" / "signing").exists()
    assert shell("key", "list", "--json").answer["error"]["code"] == "key-set-missing"
