"""The four roles of the database, and the rights that an account needs to act as each of them.

The server that the register brings makes them itself. On a server of one's own an administrator
who may make roles runs `roles_sql` once; then a plain account is enough. What is missing is
found when the database is opened, in one question, and said: a pool of connections that may not
act in their role would wait for one until its time is up.
"""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql

from registry.errors import NotReady

if TYPE_CHECKING:
    from psycopg import Connection

ROLES: Final = ("sovang_owner", "sovang_writer", "sovang_reader", "sovang_projector")
# From PostgreSQL 16 on a member may be one that cannot act as the role.
_SET_RIGHT_SINCE: Final = 160_000
_MISSING: Final = (
    "SELECT role FROM unnest(%s::text[]) AS wanted (role)"
    " LEFT JOIN pg_roles r ON r.rolname = wanted.role"
    " WHERE r.oid IS NULL OR NOT pg_has_role(r.oid, %s)"
)
_PROJECTOR_MAY_CREATE: Final = (
    "SELECT has_database_privilege('sovang_projector', current_database(), 'CREATE')"
)


def make_roles(connection: Connection[Any]) -> None:
    """Make the roles that are missing, and let the administrator act as each of them.

    Roles belong to the whole server, the lock to one database: another database's migration
    may make the same role at the same moment, so each is made in its own subtransaction.
    Raises `NotReady` where the account may neither make them nor act as them.
    """
    for role in ROLES:
        try:
            with connection.transaction():
                known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,))
                if known.fetchone() is None:
                    name = sql.Identifier(role)
                    connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(name))
                    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            continue
        except psycopg.errors.InsufficientPrivilege as error:
            raise NotReady("role-missing", role=role) from error
    verify_roles(connection)


def verify_roles(connection: Connection[Any]) -> None:
    """Raise `NotReady` unless the account may act as each of the roles."""
    missing = missing_roles(connection)
    if missing:
        account = connection.info.user
        raise NotReady("roles-not-granted", account=account, roles=", ".join(missing))


def missing_roles(connection: Connection[Any]) -> tuple[str, ...]:
    """Roles that are not there, or as which the account may not act."""
    right = "SET" if connection.info.server_version >= _SET_RIGHT_SINCE else "MEMBER"
    return tuple(role for (role,) in connection.execute(_MISSING, (list(ROLES), right)))


def let_projector_keep_registers(connection: Connection[Any]) -> None:
    """Let the projector make schemas of its own here. Raises `NotReady`.

    A right on the database itself, which copies and restored dumps do not bring along: so it
    is looked at in every start, not given in a migration.
    """
    if projector_may_create(connection):
        return
    database = sql.Identifier(connection.info.dbname)
    grant = sql.SQL("GRANT CREATE ON DATABASE {} TO sovang_projector").format(database)
    try:
        with connection.transaction():
            connection.execute(grant)
    except psycopg.errors.InsufficientPrivilege:
        pass  # PostgreSQL only warns where the account has some right to give, but not this one.
    if not projector_may_create(connection):
        raise NotReady(
            "database-not-ours", account=connection.info.user, database=connection.info.dbname
        )


def projector_may_create(connection: Connection[Any]) -> bool:
    """Whether the projector may make schemas in this database."""
    row = connection.execute(_PROJECTOR_MAY_CREATE).fetchone()
    return row is not None and bool(row[0])


def roles_sql(administrator: str | None) -> str:
    """What an administrator of the server runs once, so that a plain account is enough.

    `administrator` is the connection string of the register's account; without one the account
    and the database are called `sovang`.
    """
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - only to print

    given = conninfo_to_dict(administrator) if administrator else {"user": "sovang"}
    account = str(given.get("user") or getpass.getuser())
    database = str(given.get("dbname") or account)
    owner = sql.Identifier(account).as_string(None)
    lines = [
        "-- Chạy một lần bằng tài khoản quản trị máy chủ PostgreSQL.",
        "-- Run once as an administrator of the PostgreSQL server.",
        *(_create_role(role) for role in ROLES),
        f"GRANT {', '.join(ROLES)} TO {owner};",
        f"ALTER DATABASE {sql.Identifier(database).as_string(None)} OWNER TO {owner};",
    ]
    return "\n".join(lines)


def _create_role(role: str) -> str:
    return (
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN;"
        " EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
    )
