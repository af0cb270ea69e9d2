"""Backups: who exchanges a part of one is found, the keys in it are sealed, a hostile one is inert.

Where nothing else is said, a register on the trial keys of a first start is backed up and restored
into another database.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from registry.database import open_database
from registry.embedded.programs import find_programs
from registry.errors import Rejected
from registry.fact import Authorship
from registry.personal_key import personal_key_path
from registry.settings import Settings
from scripts.command_line.backup_manifest import manifest_signer
from scripts.command_line.tar_files import MEMBERS_MAX, pack_folder, unpack_folder
from tests.command_shell import Shell, bare_database
from tests.folders import server_folder
from tests.strangers import award, individual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from registry.embedded import EmbeddedPostgres

AUTHOR = Authorship("can-bo-thu", "Sở Nội vụ tỉnh Lào Cai")
OTHER_KEY = bytes(range(1, 33))


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    server: EmbeddedPostgres,
) -> Iterator[Shell]:
    with bare_database(server) as url:
        yield Shell(monkeypatch, capsys, tmp_path / "offices" / "home", url)


@pytest.fixture
def backup(shell: Shell, tmp_path: Path) -> Path:
    """A signed backup of a register with a sealed value and trial keys."""
    fill(shell)
    folder = tmp_path / "backup"
    assert shell("backup", folder).code == 0
    return folder


@pytest.fixture
def elsewhere(server: EmbeddedPostgres, tmp_path: Path, backup: Path) -> Iterator[dict[str, str]]:
    """The environment of another machine: an empty database, an empty home."""
    assert (backup / "manifest.json").is_file()
    with bare_database(server) as other:
        yield {"DATABASE_URL": other, "SOVANG_HOME": str(tmp_path / "elsewhere" / "home")}


def fill(shell: Shell) -> None:
    """A user (which publishes the trial keys' list) and an award with a sealed residence."""
    assert shell("user", "add", "Lý Thị Thử", "--role", "clerk").code == 0
    assert shell("log", "checkpoint").code == 0
    with open_database(settings_of(shell)) as database:
        recorded = database.registry().create(
            "award", award(individual("Giàng A Thử", residence="xã Bản Cái")), AUTHOR
        )
    assert recorded.version == 1


def settings_of(shell: Shell) -> Settings:
    return Settings(home=shell.home, database_url=os.environ["DATABASE_URL"])


def code_of(ended: Any) -> str:
    return str(ended.answer["error"]["code"])


def rewrite_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest, with digests that agree with the files again."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    for name in manifest["files"]:
        if (folder / name).is_file():
            manifest["files"][name]["sha256"] = sha256((folder / name).read_bytes()).hexdigest()
    change(manifest)
    path.write_text(json.dumps(manifest))


def nothing_kept(environment: dict[str, str]) -> bool:
    """Whether a restore that was refused left nothing behind."""
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT to_regclass('log.facts')").fetchone()
    home = Path(environment["SOVANG_HOME"])
    return row == (None,) and not (home / "keys").exists()


# Signed -------------------------------------------------------------------------------------


def test_a_signed_backup_comes_back(
    shell: Shell, backup: Path, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    manifest = json.loads((backup / "manifest.json").read_bytes())
    # Sealed before the award was recorded: one leaf is the list of keys, one the user.
    assert manifest["checkpoint"].splitlines()[1] == "2"
    roots = tmp_path / "roots"
    roots.write_text("\n".join(trial_roots(shell)))
    shell.set(**elsewhere)
    restored = shell("restore", backup, "--roots", roots, "--json")
    assert (restored.code, restored.answer["signed"]) == (0, True)
    assert not list((Path(elsewhere["SOVANG_HOME"]) / "keys").glob(".*"))
    assert shell("log", "check", "--json").code == 0


def trial_roots(shell: Shell) -> list[str]:
    """The root keys of the list in force, as `--roots` takes them."""
    note = (shell.home / "keys" / "signing" / "key-list").read_text(encoding="utf-8")
    return [str(root) for root in json.loads(note.split("\n\n", maxsplit=1)[0])["roots"]]


def exchange_key(folder: Path) -> None:
    (folder / "personal.key").write_bytes(OTHER_KEY)


def exchange_key_and_check(folder: Path) -> None:
    from registry.personal_key import key_check  # noqa: PLC0415

    exchange_key(folder)
    rewrite_manifest(folder, lambda one: one.update(key_check=key_check(OTHER_KEY).hex()))


def exchange_signing_keys(folder: Path) -> None:
    path = folder / "signing-keys.tar"
    inside = folder.parent / "inside"
    unpack_folder(path.read_bytes(), inside)
    (inside / "one-more").write_bytes(b"x")
    path.write_bytes(pack_folder(inside))


def say_another_time(folder: Path) -> None:
    rewrite_manifest(folder, lambda one: one.update(program="9"))


def take_the_signature(folder: Path) -> None:
    (folder / "manifest.sig").unlink()


def spoil_the_signature(folder: Path) -> None:
    (folder / "manifest.sig").write_bytes(b'{"kid":"00000000","signature":"00","v":1}')


def say_it_is_older(folder: Path) -> None:
    rewrite_manifest(folder, lambda one: one.update(format=1))


def say_it_is_older_without_the_migration(folder: Path) -> None:
    exchange_key(folder)
    rewrite_manifest(folder, lambda one: one.update(format=1, migrations=one["migrations"][:5]))


EXCHANGED = [
    (exchange_key, "backup-key-differs"),
    (exchange_key_and_check, "backup-key-differs"),
    (exchange_signing_keys, "backup-signature-wrong"),
    (say_another_time, "backup-signature-wrong"),
    (take_the_signature, "backup-unsigned"),
    (spoil_the_signature, "backup-signature-wrong"),
    (say_it_is_older, "backup-altered"),
    (say_it_is_older_without_the_migration, "backup-key-differs"),
]


@pytest.mark.parametrize(
    ("exchange", "code"), EXCHANGED, ids=lambda one: getattr(one, "__name__", one)
)
def test_who_exchanges_a_part_of_a_backup_is_found(
    shell: Shell,
    backup: Path,
    elsewhere: dict[str, str],
    exchange: Callable[[Path], None],
    code: str,
) -> None:
    exchange(backup)
    rewrite = exchange not in {take_the_signature, spoil_the_signature}
    if rewrite:
        rewrite_manifest(backup, lambda _: None)
    shell.set(**elsewhere)
    ended = shell("restore", backup, "--json")
    assert (ended.code in {2, 4}, code_of(ended)) == (True, code)
    assert nothing_kept(elsewhere)


def test_roots_that_signed_nothing_in_it_refuse_a_backup(
    shell: Shell, backup: Path, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    """Somebody made a whole register of his own; its files agree, his keys signed it."""
    shell("key", "roots", tmp_path / "others")
    shell.set(**elsewhere)
    ended = shell("restore", backup, "--roots", tmp_path / "others" / "roots", "--json")
    assert (ended.code, code_of(ended)) == (4, "key-list-threshold")
    assert nothing_kept(elsewhere)
    take_the_signature(backup)
    assert shell("restore", backup, "--unsigned").code == 0


def test_a_backup_without_the_log_s_key_is_made_and_restored_on_request_only(
    shell: Shell, tmp_path: Path, server: EmbeddedPostgres
) -> None:
    fill(shell)
    signing = shell.home / "keys" / "signing"
    signing.rename(tmp_path / "away")
    assert code_of(shell("backup", tmp_path / "one", "--json")) == "key-set-missing"
    assert shell("backup", tmp_path / "two", "--unsigned", "--plain-keys").code == 0
    with bare_database(server) as other:
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(tmp_path / "elsewhere" / "home"))
        assert code_of(shell("restore", tmp_path / "two", "--json")) == "backup-unsigned"
        assert shell("restore", tmp_path / "two", "--unsigned").code == 0


def undo_migrations(connection: psycopg.Connection[Any]) -> None:
    """Bring the log back to what it was before it had a key check, marks and released names."""
    first = (files("registry") / "sql" / "0001_log.sql").read_text(encoding="utf-8")
    (append,) = re.findall(r"CREATE FUNCTION log\.append\(.*?END \$\$;", first, re.DOTALL)
    connection.execute("DROP TABLE log.key_check")
    connection.execute("DROP FUNCTION log.append")
    connection.execute("ALTER TABLE log.facts DROP COLUMN mark")
    connection.execute("DROP TRIGGER claims_only_release ON log.claims")
    connection.execute("DROP FUNCTION log.only_release, log.release_claims, log.take_released")
    connection.execute("ALTER TABLE log.claims DROP COLUMN released")
    connection.execute("SET ROLE sovang_owner")
    connection.execute(append)
    connection.execute("RESET ROLE")
    connection.execute("DELETE FROM public.migrations WHERE name >= '0006'")


def test_a_backup_of_the_program_before_still_comes_back(
    shell: Shell, backup: Path, elsewhere: dict[str, str]
) -> None:
    """Format 1: no check value in the database, the key in plain, no signature."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        undo_migrations(connection)
        url = os.environ["DATABASE_URL"]
    dump = backup / "register.dump"
    dump.unlink()
    subprocess.run(
        [
            str(find_programs(None).folder / "pg_dump"),
            f"--dbname={url}",
            "--format=custom",
            f"--file={dump}",
            "--exclude-schema=registers",
        ],
        check=True,
    )
    (backup / "manifest.sig").unlink()
    (backup / "newest-head.json").unlink()

    def as_before(manifest: dict[str, Any]) -> None:
        manifest["format"] = 1
        manifest["migrations"] = manifest["migrations"][:5]
        del manifest["key_check"], manifest["checkpoint"], manifest["files"]["newest-head.json"]
        # As a program wrote it that knew of no stamps.
        del manifest["log"]["rows"]["log.stamps"]

    rewrite_manifest(backup, as_before)
    shell.set(**elsewhere)
    restored = shell("restore", backup, "--json")
    assert (restored.code, restored.answer.get("signed")) == (0, False)
    assert "không có chữ ký" in restored.err
    assert shell("log", "check", "--json").code == 0


# Sealed keys --------------------------------------------------------------------------------


def test_the_keys_are_sealed_under_the_office_s_passphrase(
    shell: Shell, tmp_path: Path, server: EmbeddedPostgres
) -> None:
    fill(shell)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("một mật khẩu dài của cơ quan\n")
    shell.set(SOVANG_BACKUP_PASSPHRASE_FILE=str(passphrase))
    backup = tmp_path / "backup"
    assert shell("backup", backup).code == 0
    key = personal_key_path(shell.home).read_bytes()
    signing = [path.read_bytes() for path in shell.home.rglob("*.key") if path.stat().st_size > 32]
    for path in backup.iterdir():
        content = path.read_bytes()
        assert key not in content
        assert key.hex().encode() not in content
        assert not any(secret in content for secret in signing)
        assert path.stat().st_mode & 0o077 == 0
    with bare_database(server) as other:
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(tmp_path / "elsewhere" / "home"))
        shell.set(SOVANG_BACKUP_PASSPHRASE_FILE="")
        assert code_of(shell("restore", backup, "--json")) == "backup-passphrase-missing"
        passphrase.write_text("một mật khẩu khác")
        shell.set(SOVANG_BACKUP_PASSPHRASE_FILE=str(passphrase))
        assert code_of(shell("restore", backup, "--json")) == "backup-passphrase-wrong"
        passphrase.write_text("một mật khẩu dài của cơ quan")
        assert shell("restore", backup).code == 0
        assert personal_key_path(tmp_path / "elsewhere" / "home").read_bytes() == key
        assert shell("log", "check", "--json").code == 0


def test_keys_in_plain_are_never_kept_in_silence(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(shell)
    trial = shell("backup", tmp_path / "trial")
    assert "KHÔNG niêm phong" in trial.err
    # In earnest, without a terminal and without a file: made, and told once.
    from scripts.command_line import backup  # noqa: PLC0415

    real = manifest_signer
    monkeypatch.setattr(backup, "manifest_signer", lambda *given: (real(*given)[0], False))
    earnest = shell("backup", tmp_path / "earnest", "--json")
    assert "personal.key.sealed" in earnest.answer["files"]
    assert "personal.key" not in earnest.answer["files"]
    (line,) = [line for line in earnest.err.splitlines() if "chỉ in một lần" in line]
    told = line.rsplit(" ", 1)[1]
    assert len(told) == 40
    assert told not in earnest.out
    plain = shell("backup", tmp_path / "plain", "--plain-keys")
    assert "KHÔNG niêm phong, như đã yêu cầu" in plain.err
    assert (tmp_path / "plain" / "personal.key").stat().st_size == 32


# A register that gives way, or does not ------------------------------------------------------


def test_a_command_in_an_emptied_home_makes_nothing_that_blocks_the_restore(
    shell: Shell, backup: Path, elsewhere: dict[str, str]
) -> None:
    """No backup beside it is seen, so a command makes a register in which nothing is."""
    shell.set(**elsewhere)
    assert shell("find", "Giàng").code == 0
    made = personal_key_path(Path(elsewhere["SOVANG_HOME"]))
    unused = made.read_bytes()
    assert shell("restore", backup).code == 0
    assert made.read_bytes() != unused
    (aside,) = made.parent.parent.glob("keys-before-restore-*")
    assert (aside / "personal.key").read_bytes() == unused
    assert shell("log", "check", "--json").code == 0


def test_an_empty_home_with_a_backup_beside_it_waits_for_the_restore(
    shell: Shell, backup: Path, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "new-home"
    shell.set(**elsewhere, SOVANG_LANG="en")
    shell.set(SOVANG_HOME=str(home))
    for command in (["find", "x"], ["user", "list"], ["log", "status"]):
        ended = shell(*command)
        assert ended.code == 2
        assert f"sovang restore {backup}" in ended.err
    # In a process of its own: a server sets up the log of its whole process.
    serving = [sys.executable, "-m", "scripts.command_line", "serve", "--port", "0"]
    served = subprocess.run(
        [*serving, "--with-sample"], check=False, capture_output=True, text=True, timeout=240
    )
    assert served.returncode == 2
    assert f"sovang restore {backup}" in served.stderr
    shell.set(DATABASE_URL="")
    assert f"sovang restore {backup}" in shell("log", "status").err
    assert not home.exists()
    shell.set(**elsewhere)
    shell.set(SOVANG_HOME=str(home))
    assert shell("restore", backup).code == 0
    assert shell("log", "status").code == 0


# Killed anywhere ----------------------------------------------------------------------------

_RUN_AND_DIE = """
import os, signal, sys
from scripts.command_line import backup, restoring
from scripts.command_line.application import run

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def after(function):
    return lambda *given, **named: (function(*given, **named), die())

{when}
sys.exit(run(sys.argv[1:]))
"""
RESTORING = {
    "before loading": "restoring._load = die",
    "after loading": "restoring._load = after(restoring._load)",
    "after checking": "restoring._check = after(restoring._check)",
    "signing keys half there": "restoring.unpack_folder = after(restoring.unpack_folder)",
    "keys in place": "restoring._keep_keys = after(restoring._keep_keys)",
}


def killed(when: str, *arguments: str | Path) -> None:
    code = _RUN_AND_DIE.format(when=when)
    died = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert died.returncode == -signal.SIGKILL, died.stderr


@pytest.mark.parametrize("moment", RESTORING)
def test_a_restore_killed_anywhere_is_refused_until_it_is_done(
    shell: Shell, backup: Path, elsewhere: dict[str, str], moment: str
) -> None:
    shell.set(**elsewhere)
    killed(RESTORING[moment], "restore", backup)
    assert code_of(shell("log", "status", "--json")) == "restore-unfinished"
    assert shell("restore", backup).code == 0
    assert shell("log", "check", "--json").code == 0
    keys = Path(elsewhere["SOVANG_HOME"]) / "keys"
    assert {path.name for path in keys.iterdir()} == {"personal.key", "signing", "in-use"}


@pytest.mark.parametrize("moment", ["before loading", "after loading"])
def test_a_restore_into_the_embedded_server_is_finished_after_a_kill(
    shell: Shell, backup: Path, moment: str
) -> None:
    digest = shell("log", "status", "--json").answer["digest"]
    with server_folder() as folder:
        shell.set(DATABASE_URL="", SOVANG_HOME=str(folder.parent / "home"))
        killed(RESTORING[moment], "restore", backup)
        assert code_of(shell("find", "Giàng", "--json")) == "restore-unfinished"
        assert shell("restore", backup).code == 0
        assert shell("log", "status", "--json").answer["digest"] == digest
        again = shell("restore", backup, "--json")
        assert code_of(again) == "restore-home-not-empty"


def test_keys_without_their_database_wait_for_it(shell: Shell, backup: Path) -> None:
    """The folder of the embedded server is gone; the restore goes into another home."""
    with server_folder() as folder:
        home = folder.parent / "home"
        shell.set(DATABASE_URL="", SOVANG_HOME=str(home))
        assert shell("restore", backup).code == 0
        assert shell("log", "status").code == 0
        shutil.rmtree(home / "postgres")
        for command in (["find", "x"], ["log", "status"]):
            assert code_of(shell(*command, "--json")) == "register-missing"
        assert code_of(shell("restore", backup, "--json")) == "restore-home-not-empty"
        assert not (home / "postgres").exists()
        assert personal_key_path(home).is_file()
        shell.set(SOVANG_HOME=str(folder.parent / "new"))
        assert shell("restore", backup).code == 0


BACKING_UP = {
    "dumped": "backup._dump = after(backup._dump)",
    "a key written": "backup._keep_secret = after(backup._keep_secret)",
    "signed": "backup.flush_file = die",
}


@pytest.mark.parametrize("moment", BACKING_UP)
def test_a_backup_killed_anywhere_is_no_backup(
    shell: Shell, tmp_path: Path, server: EmbeddedPostgres, moment: str
) -> None:
    fill(shell)
    folder = tmp_path / "backup"
    killed(BACKING_UP[moment], "backup", folder)
    with bare_database(server) as other:
        shell.set(DATABASE_URL=other, SOVANG_HOME=str(tmp_path / "elsewhere" / "home"))
        assert code_of(shell("restore", folder, "--json")) == "backup-not-found"


# A hostile tar ------------------------------------------------------------------------------


def tar_of(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for member, inside in members:
            member.size = member.size or len(inside)
            archive.addfile(member, io.BytesIO(inside))
    return content.getvalue()


def named(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


HOSTILE = {
    "out of the folder": tar_of((named("../out"), b"x")),
    "out by a middle": tar_of((named("a/../../out"), b"x")),
    "absolute": tar_of((named("/absolute"), b"x")),
    "symbolic link": tar_of((named("link", tarfile.SYMTYPE, "/etc/passwd"), b"")),
    "hard link": tar_of((named("link", tarfile.LNKTYPE, "/etc/passwd"), b"")),
    "device": tar_of((named("null", tarfile.CHRTYPE), b"")),
    "pipe": tar_of((named("pipe", tarfile.FIFOTYPE), b"")),
    "twice": tar_of((named("a"), b"x"), (named("a"), b"y")),
    "a file as a folder": tar_of((named("a"), b"x"), (named("a/b"), b"y")),
    "a folder as a file": tar_of((named("a/b"), b"x"), (named("a"), b"y")),
    "a line break": tar_of((named("a\nb"), b"x")),
    "cut off": tar_of((named("a"), bytes(5_000)))[:2_000],
    "no tar": b"no tar at all" * 100,
    "many": tar_of(*((named(f"{number}"), b"") for number in range(MEMBERS_MAX + 1))),
    "nothing": b"",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_tar_writes_nothing(tmp_path: Path, kind: str) -> None:
    with pytest.raises(Rejected, match="backup-tar-unusable"):
        unpack_folder(HOSTILE[kind], tmp_path / "inner" / "folder")
    assert not (tmp_path / "inner" / "folder").exists()
    assert not (tmp_path / "out").exists()


def test_a_tar_larger_than_it_may_be_is_refused(tmp_path: Path) -> None:
    member = named("a")
    member.size = 21_000_000
    with pytest.raises(Rejected, match="backup-tar-unusable"):
        unpack_folder(tar_of((member, bytes(21_000_000))), tmp_path / "folder")


def test_a_folder_comes_out_of_its_tar_as_it_went_in(tmp_path: Path) -> None:
    one = tmp_path / "one"
    (one / "roots").mkdir(parents=True)
    (one / "roots" / "root-01.key").write_bytes(b"\x00\x01")
    (one / "empty").mkdir()
    (one / "tệp").write_bytes(b"")
    (one / "link").symlink_to("/etc/passwd")
    unpack_folder(pack_folder(one), tmp_path / "two")
    (one / "link").unlink()
    names = [path.relative_to(one) for path in sorted(one.rglob("*"))]
    assert [
        path.relative_to(tmp_path / "two") for path in sorted((tmp_path / "two").rglob("*"))
    ] == (names)
    for name in names:
        path = tmp_path / "two" / name
        assert path.stat().st_mode & 0o077 == 0
        assert path.is_dir() or path.read_bytes() == (one / name).read_bytes()


def test_a_tar_of_the_program_before_comes_out(tmp_path: Path) -> None:
    """It was made of the folder itself, with owners and modes."""
    one = tmp_path / "one"
    (one / "roots").mkdir(parents=True)
    (one / "roots" / "root-01.key").write_bytes(b"x")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.add(one, arcname=".")
    unpack_folder(content.getvalue(), tmp_path / "two")
    assert (tmp_path / "two" / "roots" / "root-01.key").read_bytes() == b"x"


def test_a_hostile_tar_in_a_backup_gives_a_verdict_and_leaves_nothing(
    shell: Shell, backup: Path, elsewhere: dict[str, str]
) -> None:
    (backup / "signing-keys.tar").write_bytes(HOSTILE["out of the folder"])
    (backup / "manifest.sig").unlink()
    rewrite_manifest(backup, lambda _: None)
    shell.set(**elsewhere)
    ended = shell("restore", backup, "--unsigned", "--json")
    assert (ended.code, code_of(ended)) == (2, "backup-tar-unusable")
    assert nothing_kept(elsewhere)
    shutil.rmtree(backup)
