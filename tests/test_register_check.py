"""Everything that follows from the facts of a long and mixed history, and each table touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from projections import ledger
from projections.recount import Recount
from projections.register_check import (
    OF_ONE_RECORD,
    RegistersChecked,
    check_registers,
    sample_registers,
)
from projections.registers import REGISTERS
from projections.sealed_archive import DatabaseArchive, one_moment
from registry.fact import Authorship
from registry.proofs.auditing import Audit
from tests.histories import AUTHORSHIP, award_to, follower, record_award
from tests.test_projections_rebuild import NAMES_OF_REGISTERS, STEPS, History, contents

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.runner import Runner
    from registry.database import Database
    from registry.register import Registry

__all__ = ["follower"]
Finding = tuple[str, dict[str, Any]]


def compared(
    database: Database, check: Callable[..., RegistersChecked] = check_registers
) -> tuple[list[Finding], RegistersChecked]:
    told: list[Finding] = []
    with one_moment(database.conninfo("reader")) as connection:
        done = check(
            connection,
            database.conninfo("projector"),
            database.marks,
            REGISTERS,
            tell=lambda code, **params: told.append((code, params)),
        )
    return told, done


def names_and_keys(database: Database) -> list[Finding]:
    found = Audit()
    with (
        one_moment(database.conninfo("reader")) as connection,
        Recount(DatabaseArchive(connection, database.marks), 0) as recount,
    ):
        recount.compare_names(connection, database.registry().keyring.unwrap)
        for _ in recount.facts():
            pass
        recount.said(found)
    return [(finding.code, finding.params) for finding in found.findings]


def tamper(database: Database, statement: sql.Composable | str) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement)  # type: ignore[arg-type]


def test_a_long_history_follows_from_its_facts_and_a_hand_in_any_table_is_named(
    database: Database,
    registry: Registry,
    follower: Runner,
) -> None:
    history = History(registry)
    for choice in range(12):
        for step in STEPS:
            history.take(step, choice)
    follower.catch_up()
    told, done = compared(database)
    assert told == []
    assert done.facts == registry.log.head().facts
    assert done.left_out == ()
    assert compared(database, sample_registers)[0] == []
    assert names_and_keys(database) == []
    tables = [table for table, rows in contents(database, *NAMES_OF_REGISTERS).items() if rows]
    for table in tables:
        where = sql.Identifier(*table.split("."))
        first = sql.SQL("DELETE FROM {} WHERE ctid = (SELECT min(ctid) FROM {})")
        tamper(database, first.format(where, where))
    told, _ = compared(database)
    assert {f"{one['register']}.{one['table']}" for _, one in told} == set(tables)
    assert {code for code, _ in told} == {"register-row-missing"}
    assert all(one["record"] for _, one in told)
    # What is to be made anew is left out, and said to be; then everything is as it was.
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("UPDATE projection.ledger SET definition = ''")
    told, done = compared(database)
    assert (told, set(done.left_out)) == ([], set(NAMES_OF_REGISTERS))
    follower.prepare()
    assert compared(database)[0] == []


def test_a_register_that_lags_is_compared_where_it_stands(
    database: Database,
    registry: Registry,
    follower: Runner,
) -> None:
    record_award(registry, award_to("Vàng Seo Một"))
    follower.catch_up()
    record_award(registry, award_to("Vàng Seo Hai"))
    told, done = compared(database)
    assert (told, done.facts) == ([], 1)
    # Nothing is left of the registers that were made beside.
    with psycopg.connect(database.administrator) as connection:
        left = connection.execute("SELECT FROM pg_namespace WHERE nspname LIKE '%\\_check'")
        assert left.fetchall() == []
        assert len(ledger.status(connection.cursor())) == len(REGISTERS)


def test_an_award_that_was_recorded_twice_is_named_with_both(
    database: Database, registry: Registry
) -> None:
    """Its names were deleted, so nothing refused the second one."""
    first = record_award(registry, award_to("Vàng Seo Một")).stream_id
    assert names_and_keys(database) == []
    tamper(database, "DELETE FROM log.claims WHERE kind = 'award'")
    second = record_award(registry, award_to("Vàng Seo Một"))
    told = dict(names_and_keys(database))
    assert set(told) == {"claim-wrong", "claim-doubled"}
    assert told["claim-doubled"] == {
        "claim": "award",
        "holder": str(first),
        "record": str(second.stream_id),
        "position": second.position,
    }


def test_a_request_may_stand_for_each_of_its_records(
    database: Database, registry: Registry
) -> None:
    asked = Authorship(AUTHORSHIP.actor, AUTHORSHIP.office, None, "yeu-cau-7", "abc")
    registry.create("award", award_to("Vàng Seo Một"), asked)
    assert names_and_keys(database) == []
    tamper(database, "DELETE FROM log.claims WHERE kind = 'request'")
    ((code, params),) = names_and_keys(database)
    assert (code, params["claim"]) == ("claim-missing", "request")


@pytest.mark.parametrize("register", sorted(OF_ONE_RECORD))
def test_what_is_sampled_is_a_register(register: str) -> None:
    assert register in NAMES_OF_REGISTERS
