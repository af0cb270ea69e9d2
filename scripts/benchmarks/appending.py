"""`append`: our bulk append against the library's `insert_events`, on the same bytes.

Ours also takes the names and stores the persons' keys, as every import does; the library's
only inserts the events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.benchmarks.library import CHUNK_EVENTS, insert_in_chunks, make_recorder
from scripts.benchmarks.material import Batch, make_batches
from scripts.benchmarks.measuring import ROUNDS, Bench, Result, compare, rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eventsourcing.persistence import StoredEvent
    from eventsourcing.postgres import PostgresApplicationRecorder

    from registry.log import FactLog

DEFAULT_FACTS = 60_000
BATCH_FACTS = 5_000


def run(bench: Bench) -> list[Result]:
    """Append facts in batches of 5,000; compare with chunks of 200."""
    facts = bench.rows_or(DEFAULT_FACTS)
    with bench.make_database() as database:
        bench.say(f"append: {facts} facts")
        registry = database.registry()
        recorder = make_recorder(database)
        batches = make_batches(registry, facts, min(BATCH_FACTS, max(1, facts // ROUNDS)))
        share = -(-len(batches) // ROUNDS)
        rounds = [batches[start : start + share] for start in range(0, len(batches), share)]
        ours, theirs = iter(rounds), iter(rounds)
        value, baseline = compare(
            lambda: _append(registry.log, next(ours)),
            lambda: _insert(recorder, next(theirs)),
            len(rounds),
        )
        recorder.datastore.close()
    name = f"insert_events, chunks of {CHUNK_EVENTS}"
    return [Result("append", value, "facts/s", name, baseline)]


def _append(log: FactLog, batches: Sequence[Batch]) -> float:
    def work() -> None:
        for batch in batches:
            log.append(batch.appending)

    return rate(sum(batch.size for batch in batches), work)


def _insert(recorder: PostgresApplicationRecorder, batches: Sequence[Batch]) -> float:
    events = list(_events(batches))
    return rate(len(events), lambda: insert_in_chunks(recorder, events))


def _events(batches: Sequence[Batch]) -> Iterator[StoredEvent]:
    for batch in batches:
        yield from batch.appending.events
