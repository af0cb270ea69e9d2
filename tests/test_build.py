"""A reader beside registers that are whole loads nothing that makes them; else it makes them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from projections.build import is_current
from projections.registers import REGISTERS
from projections.runner import Runner
from tests.conftest import TEST_KEY
from tests.histories import register_decision

if TYPE_CHECKING:
    from registry.database import Database

ROOT = Path(__file__).parent.parent
PROGRAM = """
import sys
from scripts.command_line.application import run
code = run(["find", "12 QĐ/CTN"])
print(*sorted(name for name in sys.modules), file=sys.stderr)
sys.exit(code)
"""
# What writes, what makes registers, what serves, and what converts arguments.
NOT_TO_FIND = {
    "api.server",
    "eventsourcing",
    "fastapi",
    "projections.runner",
    "psycopg_pool",
    "pydantic",
    "registry.codec",
    "registry.register",
    "rich",
}


def current(database: Database) -> bool:
    with database.reading() as cursor:
        return is_current(cursor)


def test_registers_are_current_only_as_this_program_made_them_and_whole(
    database: Database,
) -> None:
    assert not current(database), "nobody has made any"
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    runner.catch_up()
    assert current(database)
    register_decision(database.registry(), "12/QĐ-CTN")
    assert not current(database), "behind the log"
    runner.catch_up()
    assert current(database)
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        for spoil, mend in (
            (
                "UPDATE projection.ledger SET digest = digest # 1 WHERE name = 'awards'",
                "UPDATE projection.ledger SET digest = digest # 1 WHERE name = 'awards'",
            ),
            (
                "UPDATE projection.ledger SET error_code = 'x' WHERE name = 'awards'",
                "UPDATE projection.ledger SET error_code = NULL WHERE name = 'awards'",
            ),
            (
                "UPDATE projection.prepared SET build = 'another program'",
                None,
            ),
        ):
            connection.execute(spoil)
            assert not current(database), spoil
            if mend is not None:
                connection.execute(mend)
                assert current(database), mend
    again = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    again.prepare()
    assert current(database)
    again.close()
    runner.close()


def test_find_loads_nothing_that_writes(database: Database, tmp_path: Path) -> None:
    """How long it takes is not tested here; what makes it long is."""
    register_decision(database.registry(), "12/QĐ-CTN")
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    runner.catch_up()
    runner.close()
    keys = tmp_path / "home" / "keys"
    keys.mkdir(parents=True)
    (keys / "personal.key").write_bytes(TEST_KEY)
    environment = {
        **os.environ,
        "DATABASE_URL": database.administrator,
        "SOVANG_HOME": str(tmp_path / "home"),
    }
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "12/QĐ-CTN" in ended.stdout
    assert not NOT_TO_FIND & set(ended.stderr.split())
