"""The read side at a shell: brought up to date, followed, looked at, rebuilt.

A command that reads first brings the registers up to the end of the log, unless somebody else
(a running server) is at it: then it waits for him, with a limit. Beside a server that has kept
up there is nothing to do, and what would do it is not even loaded.
"""
# ruff: noqa: PLC0415 - a command that only reads loads nothing that writes

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg

from projections.build import is_current
from registry.errors import Conflict, NotReady, Rejected, VerificationFailed
from scripts.command_line.failures import REFUTED

if TYPE_CHECKING:
    from projections.ledger import ProjectionStatus
    from projections.rebuild import ProgressFunction, RebuildProgress
    from projections.runner import Runner
    from registry.database import Database
    from scripts.command_line.session import Session

WAIT_SECONDS_MAX = 120.0
POLL_SECONDS = 0.1


def bring_up_to_date(session: Session, database: Database) -> None:
    """Let the registers show everything that the log has now.

    Raises `NotReady` when somebody else takes longer than `WAIT_SECONDS_MAX` for that, or when
    a register stands still because of an error: an answer from it would be wrong.
    """
    with database.reading() as cursor:
        if is_current(cursor):
            return
    _bring_up_to_date(session, database)


def _bring_up_to_date(session: Session, database: Database) -> None:
    from projections.registers import REGISTERS
    from projections.runner import BATCH_FACTS, Runner

    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    try:
        with session.progress() as progress:
            task = progress.add_task(session.text("catching-up"), total=None)

            def show(done: RebuildProgress) -> None:
                progress.update(task, completed=done.position, total=done.head)

            _catch_up(runner, show, lambda: progress.advance(task, BATCH_FACTS))
    finally:
        runner.close()
    with psycopg.connect(database.conninfo("projector"), autocommit=True) as connection:
        _wait_until_complete(connection.cursor())


def _wait_until_complete(cursor: psycopg.Cursor[Any]) -> None:
    from projections import ledger

    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while behind := [state for state in ledger.status(cursor) if state.lag]:
        ahead = next((state for state in behind if state.lag < 0), None)
        if ahead is not None:
            # Nobody who waits gets facts back that the log had.
            raise VerificationFailed(
                "register-ahead-of-log",
                register=ahead.name,
                position=ahead.position,
                found=ahead.position + ahead.lag,
            )
        failed = [state.name for state in behind if state.failure is not None]
        if failed or time.monotonic() > deadline:
            names = ", ".join(failed or [state.name for state in behind])
            raise NotReady("registers-behind", names=names)
        time.sleep(POLL_SECONDS)


def _catch_up(runner: Runner, show: ProgressFunction, advance: Any) -> None:
    try:
        runner.prepare(show)
    except Conflict:
        # Somebody else fills the registers; what is left is to wait for him.
        return
    while runner.step():
        advance()


def follow(session: Session) -> None:
    """Keep the registers up to date until Ctrl-C or a request to end."""
    import signal
    from threading import Event

    from api.server import open_keys, sealing
    from projections.registers import REGISTERS
    from projections.runner import Runner

    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with session.database() as database:
        session.say("projecting")
        if session.as_json:
            session.answer({"projecting": [projection.name for projection in REGISTERS]})
        key_set = open_keys(database, session.settings)
        with sealing(database, key_set, session.settings.witnesses):
            Runner(database.conninfo("projector"), database.marks, REGISTERS).run(stop)


def show_status(session: Session) -> int:
    """Lag and completeness of each register; the exit code is 4 if one missed a fact."""
    from projections import ledger
    from projections.registers import REGISTERS

    with (
        session.database() as database,
        psycopg.connect(database.conninfo("projector"), autocommit=True) as connection,
    ):
        ledger.set_up(connection, REGISTERS)
        states = ledger.status(connection.cursor())
    if session.as_json:
        session.answer({"projections": [_status_json(state) for state in states]})
    else:
        headings = ("name", "position", "lag", "completeness", "failure")
        session.table(
            [f"column.{heading}" for heading in headings],
            [
                (state.name, state.position, state.lag, state.completeness, _failure(state))
                for state in states
            ],
        )
    incomplete = any(state.completeness == "INCOMPLETE" for state in states)
    return REFUTED if incomplete else 0


def rebuild_one(session: Session, name: str) -> None:
    """Rebuild a register beside the old one and swap. Raises `Rejected` and `Conflict`."""
    from projections import ledger
    from projections.rebuild import rebuild
    from projections.registers import REGISTERS

    chosen = [projection for projection in REGISTERS if projection.name == name]
    if not chosen:
        names = ", ".join(projection.name for projection in REGISTERS)
        raise Rejected("projection-unknown", field="NAME", typed=name[:100], names=names)
    with session.database() as database, session.progress() as progress:
        conninfo = database.conninfo("projector")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            ledger.set_up(connection, REGISTERS)
        task = progress.add_task(session.text("rebuilding", name=name), total=None)
        rebuild(
            conninfo,
            database.marks,
            chosen,
            lambda done: progress.update(task, completed=done.position, total=done.head),
        )
    if session.as_json:
        session.answer({"rebuilt": name})
    else:
        session.say("rebuilt", name=name)


def _status_json(state: ProjectionStatus) -> dict[str, Any]:
    failure = state.failure
    return {
        "name": state.name,
        "position": state.position,
        "lag": state.lag,
        "completeness": state.completeness,
        "failure": {
            "code": failure.code,
            "position": failure.position,
            "position_last": failure.position_last,
            "failures": failure.failures,
        }
        if failure
        else None,
        "rebuilt_at": state.rebuilt_at.isoformat() if state.rebuilt_at else None,
    }


def _failure(state: ProjectionStatus) -> str:
    failure = state.failure
    return f"{failure.code} ({failure.position}–{failure.position_last})" if failure else ""
