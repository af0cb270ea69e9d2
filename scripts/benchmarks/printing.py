"""`certificates`: a whole decision on paper, from the registers to the file.

Set-up is the time of the same job for a single certificate: a process, the type, the libraries.
What is beyond it, for each certificate, is compared with setting every certificate by itself.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from api.papers.press import typeset
from api.print_desk import print_decision
from api.printing import certificates_of, one_paper
from projections.registers import REGISTERS
from projections.runner import Runner
from registry.award import IssueArtifacts
from registry.decision import RegisterDecision
from registry.rules import Source
from scripts.benchmarks.material import BENCH_AUTHOR, award_commands
from scripts.benchmarks.measuring import Bench, Result, compare, milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from psycopg import Cursor

    from registry.database import Database
    from registry.register import Registry

DEFAULT_CERTIFICATES = 1_200
SINGLE_CERTIFICATES_MAX = 200
AWARDED_ON = "1998-05-19"


def run(bench: Bench) -> list[Result]:
    """Print a decision of so many certificates, and some of them one by one."""
    count = bench.rows_or(DEFAULT_CERTIFICATES)
    with bench.make_database() as database:
        bench.say(f"certificates: recording {count} awards")
        registry = database.registry()
        many, single = record_decision(registry, count), record_decision(registry, 1)
        catch_up(database)
        bench.say("certificates: printing")
        ours, theirs = compare(
            lambda: _beyond_set_up(database, many, single, bench.folder / "all.pdf", count),
            lambda: _one_by_one(database, many),
        )
    unit = "ms each, beyond set-up"
    baseline = "one compile for each, ms"
    return [Result("certificates", ours, unit, baseline, theirs, smaller_is_better=True)]


def _beyond_set_up(database: Database, many: UUID, single: UUID, path: Path, count: int) -> float:
    whole = milliseconds(partial(_print, database, many, path))
    set_up = milliseconds(partial(_print, database, single, path))
    # A decision of a few certificates is all set-up; then the whole is what can be said.
    return (whole - set_up if whole > set_up else whole) / count


def _print(database: Database, decision_id: UUID, path: Path) -> None:
    print_decision(lambda: _reading(database), decision_id, None, path, lambda _: None)


def _one_by_one(database: Database, decision_id: UUID) -> float:
    with _reading(database) as cursor:
        found = certificates_of(cursor, decision_id)
    texts = found.texts[:SINGLE_CERTIFICATES_MAX]

    def set_each() -> None:
        for text in texts:
            paper = one_paper(text, found.made_at, None)
            typeset(paper.layout, paper.document, paper.made_at)

    return milliseconds(set_each) / len(texts)


@contextmanager
def _reading(database: Database) -> Iterator[Cursor[Any]]:
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        yield cursor


def record_decision(registry: Registry, count: int) -> UUID:
    """A decision with so many awards, each with a certificate."""
    number = f"{count}-{registry.log.head().facts} QĐ/CTN"
    decision = RegisterDecision(
        number, "Chủ tịch nước", AWARDED_ON, Source("original-decision"), signatory="Trần Văn Mẫu"
    )
    decision_id = registry.create("decision", decision, BENCH_AUTHOR).stream_id
    serials = registry.allot_serials(["certificate"] * count, int(AWARDED_ON[:4]))
    work = registry.work(BENCH_AUTHOR)
    for order, (command, serial) in enumerate(
        zip(award_commands(count, sealed=False), serials, strict=True)
    ):
        own = replace(
            command,
            decision_id=decision_id,
            number_typed=None,
            issuer_typed=None,
            awarded_on=AWARDED_ON,
            distinct_because=f"{order} of {number}",
            merit="Đã có thành tích trong cuộc kháng chiến chống Mỹ, cứu nước",
        )
        award_id, _ = work.create("award", own)
        work.execute("award", award_id, IssueArtifacts((("certificate", serial),)))
    work.commit()
    return decision_id


def catch_up(database: Database) -> None:
    """Let the registers follow the log to its end."""
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    try:
        runner.catch_up()
    finally:
        runner.close()
