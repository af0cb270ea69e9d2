"""`certificates-signed`: a whole decision as signed files in a ZIP, complete.

For each certificate: its text signed and recorded, the log sealed, QR code, PDF/A with credential
and log proof inside, the file signed (PAdES). Two processes finish them beside the one that has
the keys. The figure is that of the whole job, set-up and all, and it is compared with the whole
job that prints the same pages unsigned: the ratio tells what signing costs.

One round: it takes half a minute, and the second would find the texts signed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from api.print_desk import print_decision
from api.server import sealing
from api.signed_files import sign_decision
from api.verification.opening import open_signing_desk
from registry.key_set import open_key_set, signing_folder
from registry.settings import Settings
from scripts.benchmarks.material import BENCH_AUTHOR
from scripts.benchmarks.measuring import Bench, Result, compare, milliseconds
from scripts.benchmarks.printing import DEFAULT_CERTIFICATES, catch_up, record_decision

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from api.papers.run import Printing
    from api.verification.signing import SigningDesk

PROCESSES = 2


def run(bench: Bench) -> list[Result]:
    """Sign a decision of so many certificates."""
    count = bench.rows_or(DEFAULT_CERTIFICATES)
    settings = Settings(home=bench.folder / "home", public_url="https://sovang.bench.test")
    with bench.make_database() as database:
        bench.say(f"certificates-signed: recording {count} awards")
        decision_id = record_decision(database.registry(), count)
        catch_up(database)
        desk = open_signing_desk(database, settings)
        with sealing(database, open_key_set(signing_folder(settings.home))):
            bench.say(f"certificates-signed: signing with {PROCESSES} processes")
            ours, theirs = compare(
                lambda: _milliseconds_each(partial(_sign, desk, decision_id, bench.folder), count),
                lambda: _milliseconds_each(partial(_print, desk, decision_id, bench.folder), count),
                rounds=1,
            )
    unit = f"ms each, {PROCESSES} processes, whole job"
    baseline = "unsigned pages, ms each, whole job"
    return [Result("certificates-signed", ours, unit, baseline, theirs, smaller_is_better=True)]


def _milliseconds_each(work: partial[None], count: int) -> float:
    return milliseconds(work) / count


def _sign(desk: SigningDesk, decision_id: UUID, folder: Path) -> None:
    path = folder / "signed.zip"
    made = sign_decision(desk, decision_id, path, _nobody_watches, BENCH_AUTHOR, PROCESSES)
    if made.unproved:
        raise AssertionError(f"{made.unproved} files without the log's proof")


def _print(desk: SigningDesk, decision_id: UUID, folder: Path) -> None:
    print_decision(desk.reading, decision_id, None, folder / "pages.pdf", _nobody_watches)


def _nobody_watches(_: Printing) -> None:
    pass
