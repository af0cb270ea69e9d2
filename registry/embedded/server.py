"""One process of the embedded server: launched, awaited, ended.

No process is ever signalled unless its command line says that it is our server.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from registry.embedded.cluster import Cluster, ServerFolder, open_log
from registry.embedded.configuration import write_configuration
from registry.embedded.programs import ENVIRONMENT, EmbeddedPostgresError

if TYPE_CHECKING:
    import threading

# Recovery after a crash replays up to max_wal_size of log: half a minute here, more on slow disks.
START_SECONDS_MAX = 1_800.0
STOP_SECONDS_MAX = 60.0
STOP_AT_ONCE_SECONDS_MAX = 10.0
READY_POLL_SECONDS = 0.01
RETRY_PAUSE_SECONDS = 0.25
LOG_TAIL_CHARACTERS = 700


@dataclass(frozen=True, slots=True)
class PidFile:
    """What `postmaster.pid` says; it may be older than the last crash."""

    pid: int
    ready: bool


def read_pid_file(folder: ServerFolder) -> PidFile | None:
    """Read `postmaster.pid`; None if it is missing or being written."""
    try:
        lines = (folder.data / "postmaster.pid").read_text().splitlines()
        ready = len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004 - pidfile.h
        return PidFile(abs(int(lines[0])), ready)
    except (OSError, ValueError, IndexError):
        return None


def is_our_server(pid: int, folder: ServerFolder) -> bool:
    """Whether the process is a living server of this data folder.

    A process number in a file proves nothing: after a crash it may belong to anybody. The
    command line is looked at, which every user may read, also inside a container where root may
    not look at other users' working folders. That of a dead process (a zombie) is empty.
    """
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    if os.path.basename(command[0]) != b"postgres":  # noqa: PTH119 - bytes, not a path
        return False
    return command[1:3] == [b"-D", os.fsencode(folder.data)]


def answers(folder: ServerFolder) -> bool:
    """Whether a server takes connections on the folder's socket."""
    found = read_pid_file(folder)
    if found is None or not found.ready:
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(folder.socket))
        except OSError:
            return False
    return True


def launch_until_ready(
    cluster: Cluster, stopping: threading.Event
) -> subprocess.Popen[bytes] | None:
    """Start the server and wait until it takes connections; None if told to stop meanwhile.

    It ends when the calling thread ends. The caller holds the lock of the folder.
    Raises `EmbeddedPostgresError` (`embedded-start-failed`) with the end of the server's log.
    """
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        write_configuration(cluster)
        with open_log(cluster.folder, cluster.account) as log:
            start_of_log = log.seek(0, os.SEEK_END)
            server = _launch(cluster, log)
        if _wait_until_ready(cluster.folder, server, deadline, stopping):
            return server
        if server.poll() is None:
            stop_child(server)
        if stopping.is_set():
            return None
        said = _read_from(cluster.folder.log, start_of_log)
        # Sessions of a killed server live until they notice; its memory is theirs till then.
        if "shared memory block" not in said or time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                "embedded-start-failed",
                log=str(cluster.folder.log),
                detail=said.strip()[-LOG_TAIL_CHARACTERS:],
            )
        stopping.wait(RETRY_PAUSE_SECONDS)


def _launch(cluster: Cluster, log: BinaryIO) -> subprocess.Popen[bytes]:
    folder = cluster.folder
    environment = dict(ENVIRONMENT)
    stale = read_pid_file(folder)
    if stale is not None:
        # Whoever started it is dead, for we hold the lock: end the server, if it lives on.
        _stop_orphan(stale.pid, folder)
        # The number may be somebody else's by now, or a zombie's. The server leaves the number
        # of its grandparent out of account, and still looks at the shared memory.
        environment["PG_GRANDPARENT_PID"] = str(stale.pid)
    for leftover in (folder.socket, Path(f"{folder.socket}.lock")):
        leftover.unlink(missing_ok=True)
    return subprocess.Popen(
        [*die_with_us("INT"), f"{cluster.programs.folder}/postgres", "-D", f"{folder.data}"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=environment,
        cwd=folder.root,
        start_new_session=True,  # Ctrl-C in the terminal is for us, not for the server
        **cluster.account.for_process(),
    )


def _wait_until_ready(
    folder: ServerFolder,
    server: subprocess.Popen[bytes],
    deadline: float,
    stopping: threading.Event,
) -> bool:
    while server.poll() is None and time.monotonic() < deadline:
        found = read_pid_file(folder)
        if found is not None and found.pid == server.pid and found.ready:
            return True
        if stopping.wait(READY_POLL_SECONDS):
            return False
    return False


def die_with_us(signal_name: str) -> list[str]:
    """Command prefix after which the kernel sends the signal when the starting thread ends.

    Without setpriv (util-linux, always there on Debian) the server outlives a killed owner and
    the next owner ends it.
    """
    setpriv = shutil.which("setpriv", path=ENVIRONMENT["PATH"])
    return [setpriv, "--pdeathsig", signal_name, "--"] if setpriv else []


def stop_child(server: subprocess.Popen[bytes]) -> None:
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
