"""What a command costs before it does anything: processor time, beside that of Python itself.

`sovang --help` asks nobody; `find` and `show` run beside a server that has kept up, as a clerk's
or a script's do. Counted is the time that the processor worked for the command, not how long it
took: another program that is busy changes little of that. Each takes turns with `python -c pass`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from projections.registers import REGISTERS
from projections.runner import Runner
from registry.fact import Authorship
from registry.settings import Settings
from scripts.benchmarks.measuring import Result
from scripts.sample_registers import make_register, write_register

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from registry.database import Database
    from scripts.benchmarks.measuring import Bench

ROWS_DEFAULT: Final = 1_000
TURNS: Final = 7
PROJECT: Final = Path(__file__).parent.parent.parent
_AUTHOR: Final = Authorship("đo", "đo")
_SOVANG: Final = (sys.executable, "-m", "scripts.command_line")
_NOTHING: Final = (sys.executable, "-c", "pass")


def run(bench: Bench) -> list[Result]:
    """Processor time of commands, in that of `python -c pass`."""
    with _register(bench) as (environment, award_id):
        asked = {
            "start": ("--help",),
            "start-find": ("find", "giàng"),
            "start-show": ("show", award_id),
        }
        return [
            _compare(bench, name, (*_SOVANG, *arguments), environment)
            for name, arguments in asked.items()
        ]


@contextmanager
def _register(bench: Bench) -> Iterator[tuple[dict[str, str], str]]:
    """A register with a sample; the environment in which commands find it, and an award of it."""
    sheet = bench.folder / "start.csv"
    write_register(make_register("legacy", bench.rows_or(ROWS_DEFAULT), clean=True), sheet)
    home = bench.folder / "start"
    with bench.make_database() as database:
        _keep_key(database, home)
        import_sheet(database.registry(), sheet, ImportOptions(kind="legacy"), _AUTHOR)
        runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
        runner.catch_up()
        runner.close()
        with database.reading() as cursor:
            row = cursor.execute("SELECT id FROM awards.award ORDER BY position LIMIT 1").fetchone()
        assert row is not None  # noqa: S101 - the sample has rows
        settings = Settings(home=home, database_url=database.administrator)
        yield _environment(settings), str(row[0])


def _keep_key(database: Database, home: Path) -> None:
    """Let the commands find the key that this database's personal values are sealed under."""
    (home / "keys").mkdir(parents=True, mode=0o700)
    (home / "keys" / "personal.key").write_bytes(database.home_key)
    (home / "keys" / "personal.key").chmod(0o600)


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "SOVANG_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url or "",
        "PYTHONPATH": str(PROJECT),
    }


def _compare(
    bench: Bench, name: str, command: Sequence[str], environment: dict[str, str]
) -> Result:
    ours, theirs = [], []
    processor_milliseconds(command, environment)
    for _ in range(TURNS):
        ours.append(processor_milliseconds(command, environment))
        theirs.append(processor_milliseconds(_NOTHING, environment))
    value, baseline = median(ours), median(theirs)
    bench.say(f"{name}: {value / baseline:.1f} x python -c pass")
    return Result(name, value, "ms cpu", "python -c pass", baseline, smaller_is_better=True)


def processor_milliseconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """For how long the processor worked for a command, which must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return (user + system) * 1_000
