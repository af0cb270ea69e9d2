"""A PostgreSQL server of one's own, used with a plain account that may make no roles."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from registry import database_roles
from registry.database import Database, make_database
from registry.database_roles import ROLES, roles_sql
from registry.errors import NotReady
from registry.settings import Settings
from tests.command_shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.embedded import EmbeddedPostgres

_numbers = count(1)


class Account:
    """A plain account with a database that an administrator made for it."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.name = f"vạn thư {os.getpid()} {next(_numbers)}"
        self.url = server.conninfo(self.name, self.name)
        self._administrator = server.conninfo("postgres", "postgres")
        self._as_administrator_here = server.conninfo(self.name, "postgres")
        make_database(self._administrator, self.name)
        self.administer(f'CREATE ROLE "{self.name}" LOGIN')

    def administer(self, statements: str) -> None:
        with psycopg.connect(self._administrator, autocommit=True) as connection:
            connection.execute(statements.encode())

    def close(self) -> None:
        name = sql.Identifier(self.name)
        with psycopg.connect(self._as_administrator_here, autocommit=True) as connection:
            connection.execute(sql.SQL("REASSIGN OWNED BY {} TO postgres").format(name))
            connection.execute(sql.SQL("DROP OWNED BY {}").format(name))
        with psycopg.connect(self._administrator, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("DROP ROLE {}").format(name))


@pytest.fixture
def account(server: EmbeddedPostgres) -> Iterator[Account]:
    made = Account(server)
    yield made
    made.close()


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    account: Account,
) -> Shell:
    return Shell(monkeypatch, capsys, tmp_path / "home", account.url)


def test_a_plain_account_is_told_what_an_administrator_must_run_and_then_works(
    shell: Shell, account: Account
) -> None:
    refused = shell("migrate", "--json")
    assert (refused.code, refused.answer["error"]["code"]) == (2, "roles-not-granted")
    assert "sovang migrate --roles-sql" in refused.err
    assert account.name in refused.err

    printed = shell("migrate", "--roles-sql")
    assert printed.code == 0
    document = shell("migrate", "--roles-sql", "--json").answer
    assert document == {"roles": list(ROLES), "sql": printed.out.rstrip("\n")}
    account.administer(printed.out)
    account.administer(printed.out)

    done = shell("migrate", "--json")
    assert done.code == 0, done.err
    assert done.answer["migrations"]
    assert shell("user", "add", "Lý Thị Thử", "--role", "clerk").code == 0
    assert shell("user", "list", "--json").answer["users"][0]["name"] == "Lý Thị Thử"


@pytest.mark.parametrize("role", ROLES)
def test_a_right_that_was_taken_away_is_said_before_anything_waits(
    shell: Shell, account: Account, role: str
) -> None:
    account.administer(roles_sql(account.url))
    assert shell("migrate").code == 0
    account.administer(f'REVOKE {role} FROM "{account.name}"')
    for command in (("migrate",), ("find", "giàng"), ("serve", "--port", "0")):
        ended = shell(*command)
        assert ended.code == 2
        assert role in ended.err
    with pytest.raises(NotReady, match="roles-not-granted"):
        Database(account.url, home_key=bytes(32)).migrate()


def test_a_database_of_another_account_is_said(shell: Shell, account: Account) -> None:
    account.administer(roles_sql(account.url))
    account.administer(f'ALTER DATABASE "{account.name}" OWNER TO postgres')
    ended = shell("migrate", "--json")
    assert (ended.code, ended.answer["error"]["code"]) == (2, "database-not-ours")


def test_an_account_that_may_not_make_roles_is_told_so(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_roles, "ROLES", ("sovang_nobody_made_this",))
    with pytest.raises(NotReady, match="role-missing"):
        Database(account.url, home_key=bytes(32)).migrate()


def test_an_account_that_is_not_there_and_a_server_that_is_not_are_said(
    shell: Shell, server: EmbeddedPostgres, tmp_path: Path
) -> None:
    for url in (server.conninfo("postgres", "không có ai"), f"host={tmp_path} dbname=x user=x"):
        shell.set(DATABASE_URL=url)
        ended = shell("migrate", "--json")
        assert (ended.code, ended.answer["error"]["code"]) == (2, "database-unreachable")
        assert "Traceback" not in ended.err


def test_the_statements_name_account_and_database_of_the_address() -> None:
    printed = roles_sql("postgresql://van_thu:mat-khau@db.example/so_vang")
    assert 'TO "van_thu"' in printed
    assert 'ALTER DATABASE "so_vang"' in printed
    assert "mat-khau" not in printed
    assert 'TO "sovang"' in roles_sql(None)


def test_opening_again_takes_no_lock_and_changes_nothing(database: Database) -> None:
    """Another that holds the lock of migrations does not keep a register from being read."""
    with psycopg.connect(database.administrator) as other:
        other.execute("SELECT pg_advisory_xact_lock(5601945)")
        limited = f"{database.administrator} options='-c lock_timeout=2000'"
        assert conninfo_to_dict(limited)["options"]
        assert Database(limited, home_key=bytes(32)).migrate() == []


def test_settings_say_whether_an_address_was_given(tmp_path: Path) -> None:
    from registry.settings import read_settings  # noqa: PLC0415 - only here

    assert not read_settings({"SOVANG_HOME": str(tmp_path)}).public_url_given
    assert not Settings(home=tmp_path).public_url_given
    given = {"SOVANG_HOME": str(tmp_path), "SOVANG_PUBLIC_URL": "https://so.example"}
    assert read_settings(given).public_url_given
