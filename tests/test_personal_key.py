"""Keys and data belong together: the right key opens a register, no other one touches it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import psycopg
import pytest

from api.application import create_application
from projections.registers import REGISTERS
from projections.runner import Runner
from registry.database import Database, open_database
from registry.errors import NotReady
from registry.fact import Authorship
from registry.key_list import THE_LIST
from registry.key_set import signing_folder
from registry.personal_key import kept_check, key_check, personal_key_path
from registry.settings import Settings
from registry.trust import prepare_keys
from tests.command_shell import Shell, bare_database
from tests.conftest import TEST_KEY
from tests.folders import server_folder
from tests.strangers import award, decision, individual

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from registry.embedded import EmbeddedPostgres

AUTHOR = Authorship("can-bo-thu", "Sở Nội vụ tỉnh Lào Cai")
OTHER_KEY = bytes(range(1, 33))


@pytest.fixture
def settings(server: EmbeddedPostgres, tmp_path: Path) -> Iterator[Settings]:
    """A home and a database of one's own, both empty."""
    with bare_database(server) as url:
        yield Settings(home=tmp_path / "home", database_url=url)


def record(settings: Settings, name: str = "Lý Thị Thử") -> UUID:
    """Record an award with a sealed residence; its id."""
    with open_database(settings) as database:
        recorded = database.registry().create(
            "award", award(individual(name, residence="xã Bản Cái")), AUTHOR
        )
        return recorded.stream_id


def residence(settings: Settings, stream_id: UUID) -> str | None:
    """The sealed residence of that award, opened."""
    with open_database(settings) as database:
        registry = database.registry()
        person = registry.facts_of(stream_id)[0].event.recipient.persons[0]
        opened = registry.keyring.open(person.residence, (stream_id, 1, "award-recorded.v1"))
        return opened.value if opened is not None else None


def refused(settings: Settings) -> NotReady:
    """Why a register does not open."""
    with pytest.raises(NotReady) as caught, open_database(settings):
        pass
    return caught.value


def facts_in(settings: Settings) -> int:
    """How many facts the database holds, asked without any key."""
    assert settings.database_url is not None
    with psycopg.connect(settings.database_url) as connection:
        row = connection.execute("SELECT count(*) FROM log.facts").fetchone()
    assert row is not None
    return int(row[0])


# The key is missing, altered, or another's --------------------------------------------------


def lose_file(path: Path) -> None:
    path.unlink()


def lose_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def alter(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def exchange(path: Path) -> None:
    path.write_bytes(OTHER_KEY)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:31])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


HARM = [
    (lose_file, "personal-key-missing"),
    (lose_folder, "personal-key-missing"),
    (alter, "personal-key-wrong"),
    (exchange, "personal-key-wrong"),
    (cut, "key-encryption-key-malformed"),
    (lengthen, "key-encryption-key-malformed"),
]


@pytest.mark.parametrize(("harm", "code"), HARM, ids=lambda one: getattr(one, "__name__", one))
def test_without_its_key_a_register_does_not_open_and_with_it_everything_is_there(
    settings: Settings, harm: object, code: str
) -> None:
    stream_id = record(settings)
    path = personal_key_path(settings.home)
    key = path.read_bytes()
    harm(path)  # type: ignore[operator]
    harmed = path.read_bytes() if path.exists() else None
    for _ in range(2):
        error = refused(settings)
        assert error.code == code
        assert error.params["path"] == str(path)
    # Nothing was made in the place of what is missing, nothing was written.
    assert (path.read_bytes() if path.exists() else None) == harmed
    assert facts_in(settings) == 1
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(key)
    assert residence(settings, stream_id) == "xã Bản Cái"
    assert residence(settings, record(settings, "Lý Văn Thử")) == "xã Bản Cái"


def test_the_key_is_missing_where_facts_name_no_person(settings: Settings) -> None:
    """No sealed value yet, but check codes on paper come from the key too."""
    with open_database(settings) as database:
        database.registry().create("decision", decision(), AUTHOR)
    personal_key_path(settings.home).unlink()
    assert refused(settings).code == "personal-key-missing"


def test_a_second_home_on_the_same_database_is_refused_and_makes_no_key(
    settings: Settings, tmp_path: Path
) -> None:
    stream_id = record(settings)
    second = Settings(home=tmp_path / "second", database_url=settings.database_url)
    assert refused(second).code == "personal-key-missing"
    assert not second.home.exists()
    path = personal_key_path(second.home)
    path.parent.mkdir(parents=True)
    path.write_bytes(OTHER_KEY)
    assert refused(second).code == "personal-key-wrong"
    path.write_bytes(personal_key_path(settings.home).read_bytes())
    assert residence(second, stream_id) == "xã Bản Cái"


def test_every_command_refuses_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
    tmp_path: Path,
) -> None:
    record(settings)
    path = personal_key_path(settings.home)
    path.rename(tmp_path / "kept-elsewhere")
    shell = Shell(monkeypatch, capsys, settings.home, settings.database_url)
    sheet = tmp_path / "danh-sach.csv"
    sheet.write_text("Họ và tên\nLý A\n")
    for command in (
        ["user", "add", "Lý Thị Thử", "--role", "clerk"],
        ["find", "Lý"],
        ["project"],
        ["import", str(sheet), "--number", "1/QĐ", "--date", "2026-01-01", "--issuer", "Chủ tịch"],
        ["log", "check"],
        ["log", "export", str(tmp_path / "kit")],
        ["backup", str(tmp_path / "backup")],
        ["projections", "rebuild", "awards"],
        ["migrate"],
    ):
        ended = shell(*command)
        assert (command[0], ended.code) == (command[0], 2)
        assert str(path) in ended.err
        assert "bản sao lưu" in ended.err
    # Served in a process of its own: a server sets up the log of its whole process.
    serving = [sys.executable, "-m", "scripts.command_line", "serve", "--port", "0"]
    served = subprocess.run(serving, check=False, capture_output=True, text=True, timeout=120)
    assert served.returncode == 2
    assert str(path) in served.stderr
    assert not path.exists()
    assert not (tmp_path / "backup" / "manifest.json").exists()
    assert facts_in(settings) == 1


# A running server ---------------------------------------------------------------------------


def test_ready_says_when_the_key_file_is_altered_while_the_server_runs(
    settings: Settings,
) -> None:
    from starlette.testclient import TestClient  # noqa: PLC0415

    record(settings)
    path = personal_key_path(settings.home)
    key = path.read_bytes()
    with open_database(settings) as database:
        runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
        runner.catch_up()
        runner.close()
        application = create_application(database, registry=database.registry())
        client = TestClient(application, client=("127.0.0.1", 1))
        codes = []
        for content in (key, OTHER_KEY, key[:5], None, key):
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)
            codes.append(client.get("/health/ready").json().get("code"))
    assert codes == [
        None,
        "personal-key-wrong",
        "key-encryption-key-malformed",
        "personal-key-missing",
        None,
    ]


def test_the_log_check_opens_every_person_s_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    """A check value that somebody exchanged together with the key file is found by the keys."""
    record(settings)
    shell = Shell(monkeypatch, capsys, settings.home, settings.database_url)
    assert shell("log", "checkpoint").code == 0
    assert shell("log", "check", "--json").code == 0
    personal_key_path(settings.home).write_bytes(OTHER_KEY)
    assert settings.database_url is not None
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE log.key_check DISABLE TRIGGER USER")
        connection.execute("UPDATE log.key_check SET value = %s", (key_check(OTHER_KEY),))
    ended = shell("log", "check", "--json")
    assert ended.code == 4
    assert ended.answer["error"]["code"] == "personal-key-wrong"


# First starts -------------------------------------------------------------------------------


def test_racing_first_starts_in_one_home_agree_on_one_key(settings: Settings) -> None:
    starts = 6
    together = Barrier(starts)

    def start(_: int) -> bytes:
        together.wait()
        with open_database(settings) as database:
            return database.home_key

    with ThreadPoolExecutor(starts) as pool:
        keys = set(pool.map(start, range(starts)))
    assert keys == {personal_key_path(settings.home).read_bytes()}


def test_of_racing_first_starts_in_two_homes_one_is_refused_without_a_key(
    settings: Settings, tmp_path: Path
) -> None:
    homes = [
        Settings(home=tmp_path / name, database_url=settings.database_url)
        for name in ("one", "two", "three")
    ]
    together = Barrier(len(homes))

    def start(one: Settings) -> str:
        together.wait()
        try:
            with open_database(one):
                return "open"
        except NotReady as error:
            return error.code

    with ThreadPoolExecutor(len(homes)) as pool:
        ended = sorted(pool.map(start, homes))
    assert ended == ["open", "personal-key-missing", "personal-key-missing"]
    assert sum(personal_key_path(one.home).exists() for one in homes) == 1


_START_AND_DIE = """
import os, signal, sys
from pathlib import Path
from registry import personal_key
from registry.database import open_database
from registry.settings import Settings

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

{when}
with open_database(Settings(home=Path(sys.argv[1]), database_url=sys.argv[2])):
    pass
"""
MOMENTS = {
    "key half written": "personal_key.os.link = die",
    "key in place, no check value": "personal_key.keep_check = die",
    "check value not committed": (
        "real = personal_key.keep_check\n"
        "personal_key.keep_check = lambda *given: (real(*given), die())"
    ),
    "check value committed, no mark": "personal_key._mark_in_use = die",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_first_start_killed_anywhere_is_begun_again(settings: Settings, moment: str) -> None:
    code = _START_AND_DIE.format(when=MOMENTS[moment])
    died = subprocess.run(
        [sys.executable, "-c", code, str(settings.home), str(settings.database_url)],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    path = personal_key_path(settings.home)
    key = path.read_bytes() if path.exists() else None
    stream_id = record(settings)
    # A key that is there is the one that counts: nothing may be sealed under a second one.
    assert key in {None, path.read_bytes()}
    assert residence(settings, stream_id) == "xã Bản Cái"


# A database of an older program -------------------------------------------------------------


def test_an_older_register_takes_its_key_only_if_it_opens_what_is_there(
    settings: Settings,
) -> None:
    path = personal_key_path(settings.home)
    assert settings.database_url is not None
    with closing(Database(settings.database_url, home_key=TEST_KEY)) as database:
        database.migrate()
        database.registry().create("award", award(individual("Lý A", residence="b")), AUTHOR)
    assert refused(settings).code == "personal-key-missing"
    path.parent.mkdir(parents=True)
    path.write_bytes(OTHER_KEY)
    error = refused(settings)
    assert error.code == "personal-key-wrong"
    assert (error.params["shut"], error.params["persons"]) == (1, 1)
    path.write_bytes(TEST_KEY)
    with open_database(settings):
        pass
    with psycopg.connect(settings.database_url) as connection:
        assert kept_check(connection) == key_check(TEST_KEY)


def test_nobody_changes_the_check_value(settings: Settings) -> None:
    record(settings)
    assert settings.database_url is not None
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        for statement in (
            "UPDATE log.key_check SET value = sha256('x')",
            "DELETE FROM log.key_check",
            "TRUNCATE log.key_check",
            "INSERT INTO log.key_check (value) VALUES (sha256('x'))",
        ):
            with pytest.raises(psycopg.DatabaseError):
                connection.execute(statement)


# A database that is gone --------------------------------------------------------------------


def test_keys_in_use_begin_no_second_register_in_an_empty_database(
    server: EmbeddedPostgres, settings: Settings
) -> None:
    record(settings)
    with bare_database(server) as other:
        error = refused(Settings(home=settings.home, database_url=other))
    assert error.code == "register-missing"


def test_an_emptied_folder_of_the_server_beside_keys_begins_no_second_register() -> None:
    with server_folder() as folder:
        settings = Settings(home=folder.parent / "home")
        stream_id = record(settings)
        data = settings.home / "postgres"
        data.rename(folder.parent / "moved")
        assert refused(settings).code == "register-missing"
        assert not data.exists()
        (data / "data").mkdir(parents=True)
        assert refused(settings).code == "register-missing"
        assert not any((data / "data").iterdir())
        (data / "data").rmdir()
        data.rmdir()
        (folder.parent / "moved").rename(data)
        assert residence(settings, stream_id) == "xã Bản Cái"


def test_a_database_that_was_dropped_is_not_made_again_beside_keys() -> None:
    with server_folder() as folder:
        settings = Settings(home=folder.parent / "home")
        record(settings)
        with open_database(settings) as database:
            database.close()
            there = database.administrator.replace("dbname='sovang'", "dbname='postgres'")
            with psycopg.connect(there, autocommit=True) as connection:
                connection.execute("DROP DATABASE sovang WITH (FORCE)")
        assert refused(settings).code == "register-missing"


# Other things that are made when they are missing ---------------------------------------------


def test_signing_keys_are_not_made_again_for_a_log_that_was_sealed(
    settings: Settings, tmp_path: Path
) -> None:
    """The claim that finds the key list is gone; so are the key files. Nothing new is made."""
    assert settings.database_url is not None
    with open_database(settings) as database:
        prepare_keys(database.registry(), settings)
        signing = signing_folder(settings.home)
        signing.rename(tmp_path / "away")
        with pytest.raises(NotReady, match="key-set-missing"):
            prepare_keys(database.registry(), settings)
        with psycopg.connect(settings.database_url, autocommit=True) as connection:
            connection.execute("ALTER TABLE log.claims DISABLE TRIGGER USER")
            connection.execute("DELETE FROM log.claims WHERE kind = %s", (THE_LIST.kind,))
        for _ in range(2):
            with pytest.raises(NotReady, match="key-list-lost"):
                prepare_keys(database.registry(), settings)
        assert not signing.exists()
        assert database.registry().log.head().facts == 1


def test_the_check_value_tells_nothing_of_the_key() -> None:
    assert key_check(TEST_KEY) != key_check(OTHER_KEY)
    assert key_check(TEST_KEY) not in {TEST_KEY, sha256(TEST_KEY).digest()}
