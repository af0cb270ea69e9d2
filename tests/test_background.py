"""No thread beside answering ends in silence: each of them, broken by what nobody expects."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.desk import Desk, WorkFailed
from api.health.log_watch import LogWatch
from api.verification import expiry
from projections import ledger, reading, sealed_log, witnesses
from projections.background import PAUSE_SECONDS_MAX, PAUSE_SECONDS_MIN, Task
from projections.registers import REGISTERS
from projections.runner import Runner
from registry import log_holder
from registry.embedded import EmbeddedPostgres
from registry.embedded import server as embedded_server
from registry.errors import NotReady
from tests.api_house import open_house
from tests.folders import server_folder
from tests.made_log import publish_list, record, sequencer
from tests.test_outages import kill
from tests.test_proofs_keys import refusal

if TYPE_CHECKING:
    from registry.database import Database
    from registry.fact import Authorship
    from registry.register import Registry

LOOKS_MAX = 3_000


def until(happened: Callable[[], object], what: str) -> None:
    for _ in range(LOOKS_MAX):
        if happened():
            return
        time.sleep(0.02)
    pytest.fail(f"never: {what}")


class Breaking:
    """A function that breaks at its first calls, in a way that no caller knows."""

    def __init__(self, works: Callable[..., Any], times: int = 3) -> None:
        self._works = works
        self._times = times
        self.calls = 0

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.calls += 1
        if self.calls <= self._times:
            raise ZeroDivisionError("nobody expects this")
        return self._works(*arguments, **options)


def recovered(task: Task, failures: int = 3) -> Callable[[], bool]:
    def is_so() -> bool:
        state = task.state()
        return state.alive and state.failures == 0 and state.failures_total >= failures

    return is_so


# The thread itself --------------------------------------------------------------------------


def test_pauses_grow_to_a_limit_and_begin_anew_when_it_went_well(
    caplog: pytest.LogCaptureFixture,
) -> None:
    task = Task("thử")
    pauses = [task.failed(ZeroDivisionError("x")) for _ in range(20)]
    assert pauses[:3] == [PAUSE_SECONDS_MIN, PAUSE_SECONDS_MIN * 2, PAUSE_SECONDS_MIN * 4]
    assert max(pauses) == pauses[-1] == PAUSE_SECONDS_MAX
    state = task.state()
    assert (state.failures, state.code) == (20, "unexpected-zero-division-error")
    assert state.failing_since is not None
    assert "background task failed: thử, unexpected-zero-division-error, 20 times" in caplog.text
    assert [record.exc_info is not None for record in caplog.records] == [True] + 19 * [False]
    task.went_well()
    assert task.failed(NotReady("log-not-ready")) == PAUSE_SECONDS_MIN
    assert (task.state().code, task.state().failures_total) == ("log-not-ready", 21)


class Panic(BaseException):
    """What a library in another language raises when it gives up."""


def test_a_thread_outlives_whatever_it_runs_into() -> None:
    task, calls = Task("thử"), []

    def run(stop: threading.Event) -> None:
        calls.append(1)
        if len(calls) < 3:
            raise Panic
        task.went_well()
        stop.wait()

    with task.running(run):
        until(lambda: len(calls) == 3, "the third attempt")
        assert task.state().alive
    assert task.state().failures_total == 2


# Each of them -------------------------------------------------------------------------------


def test_the_registers_thread(
    database: Database, registry: Registry, authorship: Authorship, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    runner.prepare()
    record(registry, authorship, 2)
    # Together, and when that fails each by itself.
    monkeypatch.setattr(ledger, "begin_together", Breaking(ledger.begin_together))
    monkeypatch.setattr(ledger, "due_places", Breaking(ledger.due_places))
    with runner.task.running(runner.run):
        until(recovered(runner.task), "registers follow again")
        with database.pool("reader").connection() as connection:
            assert ledger.wait_for(connection.cursor(), registry.log.head().position, 60)


def test_the_sealing_thread(
    database: Database, registry: Registry, authorship: Authorship, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_list(database)
    record(registry, authorship, 2)
    monkeypatch.setattr("projections.sealing.facts_after", Breaking(reading.facts_after))
    sealer = sequencer(database)
    with sealer.task.running(sealer.run):
        until(recovered(sealer.task), "the log is sealed again")
    with database.pool("reader").connection() as connection:
        assert sealed_log.latest_head(connection.cursor()).size == 3


def test_the_thread_that_watches_the_key_list(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Task("key list")
    monkeypatch.setattr(expiry, "expiry_of", Breaking(expiry.expiry_of))
    with task.running(lambda stop: expiry.watch(database, task, stop)):
        until(recovered(task), "the key list is watched again")


def test_the_thread_that_watches_the_log(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = LogWatch(database, registry, stalled_seconds=10)
    monkeypatch.setattr("api.health.log_watch.holder_of_log", Breaking(log_holder.holder_of_log))
    with watch.task.running(watch.run):
        until(recovered(watch.task), "the log is watched again")


@pytest.mark.parametrize("error", [Panic("gone"), ZeroDivisionError("gone")])
def test_a_job_that_breaks_is_told_and_the_next_one_is_done(
    tmp_path: Path, error: BaseException
) -> None:
    desk: Desk[None, str] = Desk("thử", "imports-busy")

    def work(_progress: Callable[[None], None]) -> str:
        raise error

    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        job = desk.take("thử", folder, work)
        assert job.over.wait(60)
        assert job.state == "failed"
        assert type(job.error) in {WorkFailed, ZeroDivisionError}
        assert not folder.exists()
    assert desk.task.state().failures == 4
    job = desk.take("thử", tmp_path, lambda _progress: "done")
    assert job.over.wait(60)
    assert (job.state, job.report) == ("done", "done")
    assert desk.task.state().failures == 0
    desk.close()


def test_a_database_server_that_cannot_be_started_again_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As on a disk that is full for a while."""
    with server_folder() as folder, EmbeddedPostgres(folder) as server:
        breaking = Breaking(embedded_server.launch_until_ready, 2)
        monkeypatch.setattr("registry.embedded.launch_until_ready", breaking)
        kill(server)
        assert breaking.calls == 3
        until(lambda: server.role == "owner", "it is ours again")
    assert caplog.text.count("embedded PostgreSQL is down") == 2


# Witnesses that answer nonsense -------------------------------------------------------------

NONSENSE = {
    b"hello, this is no HTTP\r\n\r\n": "witness-unreachable",
    b"": "witness-unreachable",
    b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\nshort": "note-malformed",
    b"HTTP/1.1 409 Conflict\r\nContent-Length: 5000\r\n\r\n" + b"9" * 5_000: (
        "witness-answer-malformed"
    ),
    b"HTTP/1.1 409 Conflict\r\nContent-Length: 20\r\n\r\n" + b"9" * 20: "witness-answer-malformed",
    b"HTTP/1.1 409 Conflict\r\nContent-Length: 19\r\n\r\n" + b"9" * 19: "witness-size-stale",
    "HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n²".encode(): "witness-answer-malformed",
    b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n": "witness-refused",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe\n": "note-malformed",
}


@contextmanager
def answering(answer: bytes, *, drips: bool = False) -> Iterator[str]:
    """Somebody on a port who says the same to everybody."""
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(65_536)
                connection.sendall(answer)
                while drips and not stop.wait(0.05):
                    connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stop.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture
def sealed(database: Database, registry: Registry, authorship: Authorship) -> Iterator[Any]:
    """A cursor on a log with a head."""
    publish_list(database)
    record(registry, authorship, 2)
    sealer = sequencer(database)
    sealer.seal_all()
    sealer.close()
    with database.pool("writer").connection() as connection:
        yield connection.cursor()


def test_a_witness_that_answers_nonsense_is_refused_by_a_code(sealed: Any) -> None:
    head = sealed_log.latest_head(sealed)
    for answer, code in NONSENSE.items():
        with answering(answer) as address:
            assert refusal(lambda: witnesses.ask(sealed, head, (), address)) == code, answer[:60]


def test_a_witness_that_sends_a_byte_now_and_then_keeps_nobody_waiting(
    sealed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnesses, "ANSWER_SECONDS_MAX", 0.5)
    head = sealed_log.latest_head(sealed)
    with answering(b"HTTP/1.1 200 OK\r\nX-Slow: ", drips=True) as address:
        # What had come until then is nobody's signature.
        assert refusal(lambda: witnesses.ask(sealed, head, (), address)) == "note-malformed"


def test_the_witnesses_thread_goes_on_and_says_which_fails(
    sealed: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sealed_log.latest_head(sealed).size == 3
    monkeypatch.setattr(witnesses, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(witnesses, "RETRY_SECONDS", 0.01)
    digits, no_http = list(NONSENSE)[3], next(iter(NONSENSE))
    with answering(digits) as one, answering(no_http) as other:
        tasks = witnesses.witness_tasks([one, other])
        asking = Task("witnesses")
        conninfo = database.conninfo("writer")
        asked = (conninfo, database.marks, [one, other])
        run = lambda stop: witnesses.follow(*asked, stop, tasks)  # noqa: E731
        with (
            open_house(database, tasks=[asking, *tasks.values()]) as house,
            asking.running(run),
        ):
            until(lambda: all(task.state().failures > 3 for task in tasks.values()), "failures")
            monkeypatch.setattr(witnesses, "_post", Breaking(lambda *_: (500, b"")))
            until(lambda: tasks[one].state().code == "witness-refused", "another answer")
            assert asking.state().alive
            answer = house.get("/health/ready")
            metrics = house.get("/metrics").text
    # The register can be relied on without them, but the operator is told.
    assert answer.status_code == 200
    told = {(one["code"], one["params"]["thread"]) for one in answer.json()["problems"]}
    assert told == {("thread-failing", f"witness {address}") for address in (one, other)}
    assert f'sovang_thread_failures_total{{thread="witness {one}"}}' in metrics
    assert 'sovang_thread_alive{thread="witnesses"} 1.0' in metrics


# Health sees them ---------------------------------------------------------------------------


def test_a_dead_or_failing_thread_is_named_by_health(database: Database) -> None:
    dead, failing = Task("sealing"), Task("projections")
    dead._thread = threading.Thread(target=lambda: None)
    dead._thread.start()
    dead._thread.join()
    for _ in range(3):
        failing.failed(ZeroDivisionError("x"))
    with open_house(database, tasks=[dead, failing]) as house:
        answer = house.get("/health/ready")
        metrics = house.get("/metrics").text
    assert answer.status_code == 503
    assert answer.json()["status"] == "degraded"
    problems = {one["code"]: one for one in answer.json()["problems"]}
    assert problems["thread-dead"]["params"] == {"thread": "sealing"}
    assert problems["thread-failing"]["params"]["thread"] == "projections"
    assert problems["thread-failing"]["level"] == "error"
    assert "“projections”" in problems["thread-failing"]["detail"]
    assert 'sovang_thread_alive{thread="sealing"} 0.0' in metrics
    assert 'sovang_thread_failing{thread="projections"} 3.0' in metrics
