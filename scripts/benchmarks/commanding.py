"""`command`: one command from its arrival to its acknowledgement, against a bare `save()`.

The command is the commonest one: record an award under a decision. It reads the decision,
judges, takes the award's name, checks that the decision did not change, and waits for the disk.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from registry.decision import RegisterDecision
from registry.rules import Source
from scripts.benchmarks.library import PlainApplication, make_application
from scripts.benchmarks.material import BENCH_AUTHOR, award_commands
from scripts.benchmarks.measuring import Bench, Result, milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.register import Registry

DEFAULT_COMMANDS = 1_000
WARMING_COMMANDS = 20


def run(bench: Bench) -> list[Result]:
    """Commands and bare saves in turns, one by one; the medians of their times."""
    count = bench.rows_or(DEFAULT_COMMANDS)
    bench.say(f"command: {count} commands")
    with bench.make_database() as database:
        registry = database.registry()
        application = make_application(database)
        try:
            ours, theirs = _measure(registry, application, count)
        finally:
            application.close()
    return [
        Result(
            "command",
            1_000 / median(ours),
            "commands/s",
            "bare save() of one event",
            1_000 / median(theirs),
        )
    ]


def _measure(
    registry: Registry, application: PlainApplication, count: int
) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    for command in _commands(registry, count + WARMING_COMMANDS):
        ours.append(milliseconds(partial(registry.create, "award", command, BENCH_AUTHOR)))
        text = "x" * _state_bytes(registry)
        theirs.append(milliseconds(partial(application.record, text)))
    return ours[WARMING_COMMANDS:], theirs[WARMING_COMMANDS:]


def _commands(registry: Registry, count: int) -> Iterator[Any]:
    decision = RegisterDecision(
        "212 QĐ/CTN", "Chủ tịch nước", "1998-05-19", Source("original-decision")
    )
    decision_id = registry.create("decision", decision, BENCH_AUTHOR).stream_id
    for number, command in enumerate(award_commands(count, sealed=False)):
        yield replace(
            command,
            decision_id=decision_id,
            number_typed=None,
            issuer_typed=None,
            listed=True,
            distinct_because=str(number),
        )


def _state_bytes(registry: Registry) -> int:
    """How long the last fact is: as long as the event that the library saves."""
    head = registry.log.head().position
    return len(registry.log.read_after(head - 1, 1)[0][4])
