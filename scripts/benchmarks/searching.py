"""`search`: how long a clerk waits, 95 times of a hundred, for a name among N awards.

`search` looks for names by two or three of their words in any order, `search-typing-error` for
names with one wrong letter. Both are compared with what a register without an index of words
does: read every folded name from the first to the last.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from projections.registers import REGISTERS
from projections.runner import Runner
from projections.search import find
from registry.text import fold
from scripts.benchmarks.importing import import_in_child, write_register_in_child
from scripts.benchmarks.measuring import Bench, Result, milliseconds, percentile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Cursor

    from registry.database import Database

DEFAULT_ROWS = 60_000
SEARCHES = 300
SCANS = 20
WARMING_SEARCHES = 20
PAGE_ROWS = 20
SEED = 7
LETTERS = "abcdeghiklmnopqrstuvxy"
# What every clerk types sooner or later, and what finds the most.
COMMON = ("nguyen thi", "nguyen van", "tran")


def run(bench: Bench) -> list[Result]:
    """Search a register of so many awards."""
    rows = bench.rows_or(DEFAULT_ROWS)
    path = bench.folder / "search.csv"
    with bench.make_database() as database:
        bench.say(f"search: importing {rows} rows")
        write_register_in_child(path, rows, SEED)
        import_in_child(database.administrator, path)
        path.unlink()
        bench.say("search: projecting")
        _project(database)
        bench.say("search: searching")
        return _measure(database)


def _project(database: Database) -> None:
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    try:
        runner.catch_up()
    finally:
        runner.close()
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA scan; GRANT USAGE ON SCHEMA scan TO sovang_reader")
        connection.execute(
            "CREATE TABLE scan.name AS SELECT r.award_id, n.plain"
            " FROM recipients.recipient r JOIN recipients.name n USING (norm)"
        )
        connection.execute("GRANT SELECT ON scan.name TO sovang_reader")
        connection.execute("VACUUM ANALYZE")


def _measure(database: Database) -> list[Result]:
    chance = random.Random(SEED)  # noqa: S311 - examples, not secrets
    with database.pool("reader").connection() as connection, connection.cursor() as cursor:
        names = _names(cursor)
        exact = [_some_words(chance, chance.choice(names)) for _ in range(SEARCHES)]
        exact += COMMON
        wrong = [_with_error(chance, chance.choice(names)) for _ in range(SEARCHES)]
        ours = _times(cursor, exact)
        guessed = _times(cursor, wrong)
        scans = [milliseconds(partial(_scan, cursor, typed)) for typed in exact[:SCANS]]
    baseline = percentile(scans)
    name = "sequential scan, LIKE on the fold"
    return [
        Result("search", percentile(ours), "ms p95", name, baseline, smaller_is_better=True),
        Result(
            "search-typing-error",
            percentile(guessed),
            "ms p95",
            name,
            baseline,
            smaller_is_better=True,
        ),
    ]


def _names(cursor: Cursor[Any]) -> list[str]:
    """Names as often as they occur."""
    sample = "SELECT name FROM recipients.recipient ORDER BY award_id LIMIT 20000"
    return [name for (name,) in cursor.execute(sample)]


def _some_words(chance: random.Random, name: str) -> str:
    words = fold(name).split()
    return " ".join(chance.sample(words, chance.randint(min(2, len(words)), len(words))))


def _with_error(chance: random.Random, name: str) -> str:
    """Change, drop, double or swap one letter of one word."""
    words = fold(name).split()
    place = chance.randrange(len(words))
    word = words[place]
    at = chance.randrange(len(word))
    words[place] = chance.choice(
        (
            word[:at] + chance.choice(LETTERS) + word[at + 1 :],
            word[:at] + word[at + 1 :] if len(word) > 1 else word * 2,
            word[:at] + chance.choice(LETTERS) + word[at:],
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        )
    )
    return " ".join(words)


def _times(cursor: Cursor[Any], texts: Sequence[str]) -> list[float]:
    for typed in texts[:WARMING_SEARCHES]:
        find(cursor, typed, PAGE_ROWS)
    return [milliseconds(partial(find, cursor, typed, PAGE_ROWS)) for typed in texts]


def _scan(cursor: Cursor[Any], typed: str) -> list[Any]:
    statement = (
        "SELECT award_id FROM scan.name WHERE plain LIKE ALL(%s::text[]) ORDER BY plain LIMIT %s"
    )
    return cursor.execute(statement, ([f"%{word}%" for word in typed.split()], 21)).fetchall()
