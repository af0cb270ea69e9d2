"""The embedded PostgreSQL: whatever is killed, what was acknowledged is still there.

Each test has a server of its own, with fsync and all. As root the server runs under an account
without rights, and one more test plays the whole life under an ordinary account.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from registry.embedded import EmbeddedPostgres, EmbeddedPostgresError
from registry.embedded.cluster import ServerFolder
from registry.embedded.programs import (
    Account,
    can_enter,
    choose_account,
    copy_programs,
    find_programs,
)
from registry.embedded.server import is_our_server, read_pid_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parent.parent
SECONDS_MAX = 20.0
IS_ROOT = os.geteuid() == 0
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
PROGRAMS = [None, *DEBIAN]

START_AND_WAIT = """
import signal, sys
from pathlib import Path
from registry.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.role, server.server_pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name that every account can pass through."""
    made = Path(tempfile.mkdtemp(prefix="sv-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@cache
def whole_server(programs: Path | None) -> Path:
    """Make a server once; copying its folder is several times faster than making another."""
    made = Path(tempfile.mkdtemp(prefix="sv-whole-", dir="/tmp"))
    atexit.register(shutil.rmtree, made)
    made.chmod(0o755)
    with EmbeddedPostgres(made / "pg", binaries=programs):
        pass
    return made / "pg"


@pytest.fixture
def root(folder: Path, programs: Path | None) -> Path:
    """The root of a server that was stopped cleanly."""
    subprocess.run(["cp", "-a", whole_server(programs), folder / "pg"], check=True)
    return folder / "pg"


@pytest.fixture
def programs() -> Path | None:
    """The wheel's programs, unless a test is parametrised with others."""
    return None


@pytest.fixture
def server_account() -> Account:
    return choose_account(None, None)


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def query(server: EmbeddedPostgres, statement: str, user: str = "postgres") -> list[str]:
    with psycopg.connect(server.conninfo("postgres", user), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return [str(row[0]) for row in cursor] if cursor.description else []


@contextmanager
def another_process(root: Path, script: str = START_AND_WAIT) -> Iterator[subprocess.Popen[str]]:
    """Run the script in a process of its own, which says its role and the server's pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(root)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def read_answer(process: subprocess.Popen[str]) -> tuple[str, int]:
    assert process.stdout is not None
    role, pid = process.stdout.readline().split()
    return role, int(pid)


def insert_until_killed(server: EmbeddedPostgres, acknowledged: list[int]) -> None:
    try:
        with psycopg.connect(server.conninfo(), autocommit=True) as connection:
            for number in range(1_000_000):
                connection.execute("INSERT INTO facts VALUES (%s)", (number,))
                acknowledged.append(number)
    except psycopg.OperationalError:
        return


@pytest.mark.parametrize("programs", PROGRAMS, ids=str)
def test_acknowledged_rows_outlive_kill_9_of_the_server(root: Path, programs: Path | None) -> None:
    acknowledged: list[int] = []
    server = EmbeddedPostgres(root, binaries=programs)
    with server:
        query(server, "CREATE TABLE facts (number int PRIMARY KEY)")
        writer = threading.Thread(target=insert_until_killed, args=(server, acknowledged))
        writer.start()
        wait_until(lambda: len(acknowledged) > 200, "rows are written")
        killed = server.server_pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        writer.join(SECONDS_MAX)
        assert not writer.is_alive()
        # The supervisor starts it again by itself.
        wait_until(lambda: server.server_pid not in {None, killed}, "the server is back")
    with server:
        stored = {int(row) for row in query(server, "SELECT number FROM facts")}
    assert set(acknowledged) <= stored
    assert len(stored) <= len(acknowledged) + 1  # the row in flight may stand or not


def test_the_server_ends_with_its_killed_owner_and_starts_again(root: Path) -> None:
    with another_process(root) as owner:
        role, server_pid = read_answer(owner)
        assert role == "owner"
        owner.kill()
        owner.wait()
        wait_until(lambda: not is_alive(server_pid), "the server follows its owner")
    with EmbeddedPostgres(root) as server:
        assert server.role == "owner"
        assert server.server_pid != server_pid


def test_the_server_ends_when_nobody_stops_it_but_python_exits(root: Path) -> None:
    with another_process(root) as owner:
        _, server_pid = read_answer(owner)
        assert owner.stdin is not None
        owner.stdin.close()
        assert owner.wait(SECONDS_MAX) == 0
        wait_until(lambda: not is_alive(server_pid), "the server follows its owner")


def test_owner_and_server_killed_at_once(root: Path) -> None:
    with another_process(root) as owner:
        _, server_pid = read_answer(owner)
        os.kill(owner.pid, signal.SIGSTOP)  # so that it cannot start the server again
        os.kill(server_pid, signal.SIGKILL)
        owner.kill()
        owner.wait()
    assert read_pid_file(ServerFolder(root)) is not None
    with EmbeddedPostgres(root) as server:
        assert query(server, "SELECT 1") == ["1"]


def test_a_server_left_by_a_dead_owner_is_ended_and_replaced(root: Path) -> None:
    deaf = "import registry.embedded.server as s; s.die_with_us = lambda name: []\n"
    with another_process(root, deaf + START_AND_WAIT) as owner:
        _, orphan = read_answer(owner)
        owner.kill()
        owner.wait()
    assert is_alive(orphan)
    with EmbeddedPostgres(root) as server:
        assert server.role == "owner"
        assert not is_alive(orphan)
        assert query(server, "SELECT 1") == ["1"]


@pytest.mark.parametrize("dead", [False, True], ids=["innocent", "zombie"])
@pytest.mark.parametrize("programs", PROGRAMS, ids=str)
def test_a_stale_pid_file_whose_number_is_somebody_elses(
    root: Path, programs: Path | None, server_account: Account, *, dead: bool
) -> None:
    server = EmbeddedPostgres(root, binaries=programs)
    pid_file = server.folder.data / "postmaster.pid"
    with server:
        lines = pid_file.read_text().splitlines(keepends=True)
        segment = lines[6]
    # The same account and the same working folder as the server: only the command differs.
    innocent = subprocess.Popen(
        ["/bin/true"] if dead else ["/bin/sleep", "60"],
        cwd=server.folder.data,
        **server_account.for_process(),
    )
    try:
        lines[0], lines[6] = f"{innocent.pid}\n", segment
        pid_file.write_text("".join(lines))
        if dead:
            wait_until(lambda: not is_alive(innocent.pid), "the zombie is one")
        with server:
            assert server.role == "owner"
            assert query(server, "SELECT 1") == ["1"]
        assert dead or innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_a_second_process_attaches_and_leaves_the_server_alone(root: Path) -> None:
    with EmbeddedPostgres(root) as server:
        query(server, "CREATE TABLE facts (number int)")
        with another_process(root) as second:
            assert read_answer(second) == ("attached", server.server_pid)
            assert second.stdin is not None
            second.stdin.close()
            assert second.wait(SECONDS_MAX) == 0
        assert query(server, "SELECT count(*) FROM facts") == ["0"]


@pytest.mark.parametrize("violently", [False, True])
def test_who_is_attached_takes_over_when_the_owner_goes(root: Path, *, violently: bool) -> None:
    with another_process(root) as owner:
        _, first_pid = read_answer(owner)
        with EmbeddedPostgres(root) as server:
            assert server.role == "attached"
            if violently:
                owner.kill()
            assert owner.stdin is not None
            owner.stdin.close()
            owner.wait()
            wait_until(lambda: server.role == "owner", "the attached process owns the server")
            assert server.server_pid != first_pid
            assert query(server, "SELECT 1") == ["1"]


def test_a_passing_thread_may_start_the_server(root: Path) -> None:
    server = EmbeddedPostgres(root)
    try:
        thread = threading.Thread(target=server.start)
        thread.start()
        thread.join()
        first = server.server_pid
        time.sleep(0.3)  # the kernel's signal would have come with the thread's end
        assert server.server_pid == first
        assert query(server, "SELECT 1") == ["1"]
    finally:
        server.stop()


def test_a_forked_child_does_not_keep_the_dead_owners_lock(root: Path) -> None:
    forking = START_AND_WAIT.replace(
        "print(", "import os, time\nif not os.fork():\n    time.sleep(60)\n    os._exit(0)\nprint("
    )
    with another_process(root, forking) as owner:
        read_answer(owner)
        owner.kill()
        owner.wait()
        begun = time.monotonic()
        with EmbeddedPostgres(root) as server:
            assert server.role == "owner"
        assert time.monotonic() - begun < SECONDS_MAX  # not waited for the child
        os.killpg(owner.pid, 0)  # the child lives on: no error


def test_no_port_no_password_and_two_closed_doors(root: Path) -> None:
    with EmbeddedPostgres(root) as server:
        assert query(server, "SHOW listen_addresses") == [""]
        methods = query(server, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
        assert methods == ["peer"]
        for path in (server.folder.root, server.folder.run, server.folder.data):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
        pid = server.server_pid
        assert pid is not None
        assert Path(f"/proc/{pid}").stat().st_uid == server.folder.data.stat().st_uid != 0


def test_what_a_crash_needs_is_on(folder: Path) -> None:
    with EmbeddedPostgres(folder / "pg") as server:
        for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert query(server, f"SHOW {name}") == ["on"]
        kind = (
            "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'template0'"
        )
        assert query(server, kind) == ["bC.UTF-8"]
        assert query(server, "SELECT upper('nguyễn đức ấy')") == ["NGUYỄN ĐỨC ẤY"]


@pytest.mark.parametrize("programs", PROGRAMS, ids=str)
def test_the_caller_may_act_as_the_roles_of_the_register(root: Path, programs: Path | None) -> None:
    with EmbeddedPostgres(root, binaries=programs) as server:
        query(server, "CREATE ROLE sovang_reader LOGIN")
        assert query(server, "SELECT current_user", user="sovang_reader") == ["sovang_reader"]


def test_a_folder_with_quotes_spaces_and_vietnamese_letters(folder: Path) -> None:
    with EmbeddedPostgres(folder / "sổ 'vàng' \\ $HOME") as server:
        assert query(server, "SELECT 1") == ["1"]


def test_a_path_too_long_for_a_socket_is_refused_before_anything_is_made(folder: Path) -> None:
    root = folder / ("ổ" * 20) / ("x" * 40)
    with pytest.raises(EmbeddedPostgresError) as caught:
        EmbeddedPostgres(root).start()
    assert caught.value.code == "embedded-path-too-long"
    assert caught.value.params["bytes"] == len(os.fsencode(root))
    assert list(folder.iterdir()) == []


def test_the_longest_path_that_is_allowed_works(folder: Path) -> None:
    bytes_max = 107 - len("/run/.s.PGSQL.5432")
    root = folder / ("x" * (bytes_max - len(str(folder)) - 1))
    with EmbeddedPostgres(root) as server:
        assert query(server, "SELECT 1") == ["1"]
    with pytest.raises(EmbeddedPostgresError, match="embedded-path-too-long"):
        EmbeddedPostgres(root.with_name(root.name + "x")).start()


def test_a_path_that_libpq_would_split_is_refused(folder: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="embedded-path-comma"):
        EmbeddedPostgres(folder / "a,b").start()
    assert list(folder.iterdir()) == []


def test_a_folder_of_something_else_is_left_as_it_is(folder: Path) -> None:
    (folder / "letters").mkdir()
    before = folder.stat()
    with pytest.raises(EmbeddedPostgresError, match="embedded-folder-occupied"):
        EmbeddedPostgres(folder).start()
    after = folder.stat()
    assert (before.st_mode, before.st_uid) == (after.st_mode, after.st_uid)


def test_a_closed_parent_is_not_opened(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir()
    closed.chmod(0o000)
    try:
        with pytest.raises(EmbeddedPostgresError, match="embedded-folder-unreachable"):
            EmbeddedPostgres(closed / "deep" / "pg").start()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o000
    finally:
        closed.chmod(0o700)
    assert list(closed.iterdir()) == []


def test_parents_keep_their_modes(folder: Path) -> None:
    parent = folder / "home"
    parent.mkdir()
    parent.chmod(0o711)
    with EmbeddedPostgres(parent / "pg"):
        assert stat.S_IMODE(parent.stat().st_mode) == 0o711
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_data_of_another_major_version_is_refused(folder: Path, server_account: Account) -> None:
    data = folder / "pg" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    (folder / "pg" / "lock").touch()
    for path in (folder / "pg", data):
        os.chown(path, server_account.uid, server_account.gid)
    with pytest.raises(EmbeddedPostgresError) as caught:
        EmbeddedPostgres(folder / "pg").start()
    assert caught.value.code == "embedded-wrong-major"
    assert caught.value.params["found"] == "12"
    assert caught.value.params["wanted"] == find_programs().major
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_an_interrupted_initdb_leaves_nothing(folder: Path) -> None:
    root = folder / "pg"
    with another_process(root) as process:
        wait_until(lambda: list(root.glob("unfinished-*/base")), "initdb is at work")
        process.kill()
        process.wait()
    assert not (root / "data").exists()
    assert list(root.glob("unfinished-*"))
    with EmbeddedPostgres(root) as server:
        assert query(server, "SELECT 1") == ["1"]
    assert list(root.glob("unfinished-*")) == []


def test_a_server_that_does_not_start_says_why(root: Path) -> None:
    server = EmbeddedPostgres(root, settings={"shared_buffers": "a lot"})
    with pytest.raises(EmbeddedPostgresError) as caught:
        server.start()
    assert caught.value.code == "embedded-start-failed"
    assert "shared_buffers" in str(caught.value.params["detail"])
    assert server.role is None
    with EmbeddedPostgres(root) as repaired:
        assert repaired.role == "owner"


def test_missing_programs_are_named(folder: Path) -> None:
    with pytest.raises(EmbeddedPostgresError) as caught:
        EmbeddedPostgres(folder / "pg", binaries=folder).start()
    assert caught.value.code == "embedded-programs-missing"
    assert caught.value.params["folder"] == str(folder)


def test_a_copy_of_the_programs_is_made_once_and_works(folder: Path) -> None:
    programs = find_programs()
    (folder / "programs-1-old").mkdir()
    copy = copy_programs(programs, folder)
    made = copy.folder.stat().st_ino
    assert copy_programs(programs, folder) == copy
    assert copy.folder.stat().st_ino == made
    assert len(list(folder.iterdir())) == 1
    with EmbeddedPostgres(folder / "pg", binaries=copy.folder) as server:
        assert query(server, "CREATE EXTENSION btree_gist") == []


def test_the_server_is_never_roots_nor_anybodys_who_is_not_there() -> None:
    with pytest.raises(EmbeddedPostgresError, match=r"embedded-account-(root|needs-root)"):
        choose_account("root", None)
    code = r"embedded-account-(missing|needs-root)"
    with pytest.raises(EmbeddedPostgresError, match=code):
        choose_account("no-such-account", None)


def test_data_of_another_account_are_refused() -> None:
    wanted = choose_account(None, None).name
    with pytest.raises(EmbeddedPostgresError, match="embedded-folder-foreign"):
        choose_account(wanted, 54_321)


def test_a_process_is_ours_by_its_command_line_alone(folder: Path) -> None:
    ours = ServerFolder(folder)
    assert not is_our_server(os.getpid(), ours)
    assert not is_our_server(2**22 + 1, ours)


AS_ORDINARY_USER = """
import encodings.ascii, os, subprocess, sys
from pathlib import Path
from registry.embedded import EmbeddedPostgres
root, uid, programs = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
os.umask(0o077)

def ask(server, statement):
    command = [programs / "psql", server.conninfo(), "-XAtc", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

for turn in range(2):
    with EmbeddedPostgres(root / "home" / "pg", binaries=programs) as server:
        if not turn:
            ask(server, "CREATE TABLE facts AS SELECT 7 AS number")
        os.kill(server.server_pid, 9)
    with EmbeddedPostgres(root / "home" / "pg", binaries=programs) as server:
        print(server.role, os.stat(f"/proc/{server.server_pid}").st_uid == os.geteuid() != 0,
              ask(server, "SELECT number FROM facts"), flush=True)
"""


def test_a_whole_life_under_an_ordinary_account(folder: Path) -> None:
    programs = find_programs()
    account = pwd.getpwnam("nobody") if IS_ROOT else pwd.getpwuid(os.geteuid())
    ordinary = Account(account.pw_name, account.pw_uid, account.pw_gid)
    if not can_enter(ordinary, programs.folder / "psql"):
        programs = copy_programs(programs, folder)
    home = folder / "ordinary"
    home.mkdir()
    os.chown(home, account.pw_uid, account.pw_gid)
    arguments = [str(home), str(account.pw_uid), str(programs.folder)]
    answer = subprocess.run(
        [sys.executable, "-c", AS_ORDINARY_USER, *arguments],
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.stderr.replace("embedded PostgreSQL ended by itself (-9): restarting\n", "") == ""
    assert answer.stdout.splitlines() == ["owner True 7"] * 2
