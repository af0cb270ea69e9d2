"""`commands-http`: decisions recorded over kept connections, against bare saves of as many clients.

One client, 8 and 32. The server is `sovang serve` as it is, with registers, sealing and every
limit, on the database server that the library saves to: flushes to disk as in earnest. An answer
comes when the registers show the decision, as clients get it unless they ask otherwise;
`-async` is for those that do (`Prefer: respond-async`). Bare saves are the library's `save()` of
one event as long as ours, from as many threads.

`--build DIR` measures another checkout's server in the same turns: `-build` says how many times
as fast this one is.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import TYPE_CHECKING, Final

from psycopg.conninfo import make_conninfo

from registry.database import make_database
from scripts.benchmarks.clients import Asking, answers_a_second
from scripts.benchmarks.library import PlainApplication, make_application
from scripts.benchmarks.measuring import ROUNDS, Bench, Result
from scripts.benchmarks.serving import THIS_BUILD, Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.database import Database

CLIENTS: Final = (1, 8, 32)
SECONDS: Final = 2.0
WARMING_REQUESTS: Final = 40
# A decision's fact, as it is stored.
EVENT_CHARACTERS: Final = 420
_ASYNC: Final = (("Prefer", "respond-async"),)


def run(bench: Bench) -> list[Result]:
    """Decisions a second of each number of clients; medians of what was measured in turns."""
    results: list[Result] = []
    with bench.make_database() as database, ExitStack() as stack:
        application = make_application(database)
        stack.callback(application.close)
        ours = stack.enter_context(_server(bench, database, THIS_BUILD, "ours"))
        other = None
        if bench.build is not None:
            other = stack.enter_context(_server(bench, database, bench.build, "other"))
        for clients in CLIENTS:
            bench.say(f"commands-http: {clients} clients")
            results += _results(clients, _measure(bench, application, clients, ours, other))
    return results


@contextmanager
def _server(bench: Bench, database: Database, build: Path, name: str) -> Iterator[Served]:
    """A build's server on a database of its own, in the server of `database`."""
    make_database(database.administrator, name)
    administrator = make_conninfo(database.administrator, dbname=name)
    with serving(build, administrator, bench.folder / f"home-{name}") as served:
        _ask(bench, served, 1, requests_max=WARMING_REQUESTS)
        yield served


def _measure(
    bench: Bench, application: PlainApplication, clients: int, ours: Served, other: Served | None
) -> dict[str, float]:
    rates: dict[str, list[float]] = {"save": [], "http": [], "async": [], "build": []}
    for _ in range(ROUNDS):
        rates["save"].append(_save(bench, application, clients))
        rates["http"].append(_ask(bench, ours, clients))
        rates["async"].append(_ask(bench, ours, clients, headers=_ASYNC))
        if other is not None:
            rates["build"].append(_ask(bench, other, clients))
    return {name: median(found) for name, found in rates.items() if found}


def _results(clients: int, rates: dict[str, float]) -> list[Result]:
    name, unit = f"commands-http-{clients}", "decisions/s"
    baseline = f"bare save(), {clients} clients"
    found = [
        Result(name, rates["http"], unit, baseline, rates["save"]),
        Result(f"{name}-async", rates["async"], unit, baseline, rates["save"]),
    ]
    if "build" in rates:
        baseline = f"the other build, {clients} clients"
        found.append(Result(f"{name}-build", rates["http"], unit, baseline, rates["build"]))
    return found


def _ask(
    bench: Bench,
    served: Served,
    clients: int,
    *,
    headers: tuple[tuple[str, str], ...] = (),
    requests_max: int = 1_000_000,
) -> float:
    most = min(requests_max, bench.rows_or(requests_max))
    series = str(time.monotonic_ns())
    asking = Asking(served.port, served.token, clients, SECONDS, most, headers, series)
    return answers_a_second(asking)


def _save(bench: Bench, application: PlainApplication, clients: int) -> float:
    """Bare saves a second of so many threads."""
    text = "x" * EVENT_CHARACTERS
    each = -(-bench.rows_or(1_000_000) // clients)
    until = time.perf_counter() + SECONDS

    def save() -> int:
        saved = 0
        while saved < each and time.perf_counter() < until:
            application.record(text)
            saved += 1
        return saved

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        saved = sum(one.result() for one in [threads.submit(save) for _ in range(clients)])
    return saved / (time.perf_counter() - began)
