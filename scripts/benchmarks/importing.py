"""`import`: rows of a clean old register per second, from the file to the log, end to end.

Compared with the library's own path over the same file: read a line, make an aggregate of it,
`Application.save()`; no checks, no names taken, nothing sealed. `import-memory` is the peak
memory of the importing process, measured in a process of its own, beside the 500 MB that an
import may take.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from registry.database import Database
from scripts.benchmarks.library import make_application
from scripts.benchmarks.material import BENCH_AUTHOR
from scripts.benchmarks.measuring import ROUNDS, Bench, Result, rate
from scripts.benchmarks.server import BENCH_KEY
from scripts.sample_registers import make_register, write_register

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

DEFAULT_ROWS = 150_000
SAVED_ROWS_MAX = 2_000
ROWS_IN_ROUNDS_MAX = 150_000
MEMORY_LIMIT_MEGABYTES = 500.0
KIBIBYTES_PER_MEBIBYTE = 1_024


@dataclass(frozen=True, slots=True)
class Imported:
    """What one import did and took."""

    rows: int
    seconds: float
    megabytes: float


def run(bench: Bench) -> list[Result]:
    """Import a register in parts, each against so many saves; a large one in one part."""
    rows = bench.rows_or(DEFAULT_ROWS)
    rounds = min(rows, ROUNDS) if rows <= ROWS_IN_ROUNDS_MAX else 1
    ours, theirs, memory = [], [], []
    for number in range(1, rounds + 1):
        path = bench.folder / f"register-{number}.csv"
        bench.say(f"import: writing {rows // rounds} rows")
        write_register_in_child(path, rows // rounds, seed=number)
        # A register of its own each time: all number their golden book from 1.
        with bench.make_database() as database:
            # Before and after, because a long import may meet a busy hour.
            theirs.append(_save(database, path))
            bench.say(f"import: reading {rows // rounds} rows")
            imported = import_in_child(database.administrator, path)
            theirs.append(_save(database, path))
        path.unlink()
        ours.append(imported.rows / imported.seconds)
        memory.append(imported.megabytes)
    return [
        Result("import", median(ours), "rows/s", "library: save() of each row", median(theirs)),
        Result(
            "import-memory",
            max(memory),
            "MB",
            "limit of the importing process",
            MEMORY_LIMIT_MEGABYTES,
            smaller_is_better=True,
        ),
    ]


def write_register_in_child(path: Path, rows: int, seed: int) -> None:
    """Write a clean old register; in a child, so that a million rows do not stay with us."""
    process = get_context("spawn").Process(target=_write_register, args=(path, rows, seed))
    process.start()
    process.join()


def _write_register(path: Path, rows: int, seed: int) -> None:
    write_register(make_register("legacy", rows, seed, clean=True), path)


def import_in_child(administrator: str, path: Path) -> Imported:
    """Import in a fresh process, so that its peak memory is the import's alone."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_import, args=(administrator, path, theirs))
    process.start()
    theirs.close()
    imported: Imported = ours.recv()
    process.join()
    return imported


def _import(administrator: str, path: Path, answer: Connection) -> None:
    database = Database(administrator, home_key=BENCH_KEY)
    report = import_sheet(database.registry(), path, ImportOptions(kind="legacy"), BENCH_AUTHOR)
    if report.tally.accepted + report.tally.duplicates != report.tally.rows:
        raise AssertionError(report.tally)
    answer.send(Imported(report.tally.rows, report.seconds, _peak_megabytes()))
    database.close()


def _peak_megabytes() -> float:
    """Most memory that this process held since its program started.

    Not `getrusage`: what it tells a fresh process includes the memory of the one that made it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / KIBIBYTES_PER_MEBIBYTE


def _save(database: Database, path: Path) -> float:
    """Rows per second of the library's own path over the first rows of a file."""
    application = make_application(database)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(islice(csv.DictReader(file), SAVED_ROWS_MAX))

    def work() -> None:
        for line in lines:
            application.record_line(line)

    try:
        return rate(len(lines), work)
    finally:
        application.close()
