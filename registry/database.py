"""The database: found or started, brought to the present schema, reached by role.

Without `DATABASE_URL` a private PostgreSQL server runs under the register's home; with it, any
PostgreSQL 15 or later. Every connection acts as one of the roles of `sql/0001_log.sql`, never
as the account that signed in: the writer appends, the reader reads, the projector keeps the
registers.

Migrations (`sql/NNNN_*.sql`) go forward only and run once, under a lock: forty processes that
start at the same time make one schema. A migration that was changed after it ran is refused.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from registry.database_roles import (
    let_projector_keep_registers,
    make_roles,
    missing_roles,
    projector_may_create,
)
from registry.embedded import EmbeddedPostgres
from registry.errors import NotReady
from registry.sealing import Keyring, read_key_file

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    from registry.register import Registry
    from registry.settings import Settings

DatabaseRole = Literal["writer", "reader", "projector"]

DATABASE_NAME = "sovang"
POOL_CONNECTIONS_MAX = 8
CONNECT_SECONDS_MAX = 10
REASON_CHARACTERS_MAX = 300
SERVER_VERSION_MIN = 150_000

_MIGRATION_LOCK = 5_601_945
_SUPERUSER = "postgres"


class Database:
    """One database and its connection pools, a pool for each role, opened at first use."""

    def __init__(self, administrator: str, *, home_key: bytes) -> None:
        self.administrator = administrator
        self.home_key = home_key
        self._pools: dict[DatabaseRole, ConnectionPool[psycopg.Connection[Any]]] = {}
        self._opening = Lock()

    def conninfo(self, role: DatabaseRole) -> str:
        """How to connect and act as a role."""
        parameters = conninfo_to_dict(self.administrator)
        options = f"{parameters.get('options') or ''} -c role=sovang_{role}".strip()
        return make_conninfo(
            self.administrator,
            options=options,
            application_name=f"sovang-{role}",
            connect_timeout=parameters.get("connect_timeout") or CONNECT_SECONDS_MAX,
        )

    def pool(self, role: DatabaseRole) -> ConnectionPool[psycopg.Connection[Any]]:
        """The role's pool of autocommit connections; threads that ask at once get the same."""
        pool = self._pools.get(role)
        if pool is None:
            with self._opening:
                pool = self._pools.get(role)
                if pool is None:
                    pool = self._pools[role] = self._open_pool(role)
        return pool

    def _open_pool(self, role: DatabaseRole) -> ConnectionPool[psycopg.Connection[Any]]:
        # A command that asks one question over one connection loads neither pool nor rules.
        from psycopg_pool import ConnectionPool  # noqa: PLC0415

        return ConnectionPool(
            self.conninfo(role),
            kwargs={"autocommit": True},
            min_size=1,
            max_size=POOL_CONNECTIONS_MAX,
            open=True,
            name=f"sovang-{role}",
            check=_check_connection if role == "reader" else None,
        )

    @contextmanager
    def reading(self) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor of the reader on a connection of its own, for a question or two."""
        with psycopg.connect(self.conninfo("reader"), autocommit=True) as connection:
            yield connection.cursor()

    def registry(self) -> Registry:
        """The register's write side on this database."""
        from registry.catalogue import load_catalogue  # noqa: PLC0415 - as the pool
        from registry.log import FactLog  # noqa: PLC0415
        from registry.register import Registry  # noqa: PLC0415

        log = FactLog(self.pool("writer"))
        return Registry(log, Keyring(self.home_key, log.subject_keys), load_catalogue())

    def migrate(self) -> list[str]:
        """Bring the schema up to date; returns the names of migrations that ran now.

        Raises `NotReady` for a server that is not reached, a schema that is newer, and rights
        that the account lacks.
        """
        with self._administering() as connection:
            _check_server(connection)
            if _is_up_to_date(connection):
                return []
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
                make_roles(connection)
                let_projector_keep_registers(connection)
                return _run_migrations(connection)

    @contextmanager
    def _administering(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection of the account itself."""
        try:
            with psycopg.connect(_with_time_limit(self.administrator), autocommit=True) as found:
                yield found
        except psycopg.errors.InsufficientPrivilege as error:
            reason = str(error).splitlines()[0]
            raise NotReady("database-rights-missing", reason=reason) from error
        except psycopg.OperationalError as error:
            reason = " ".join(str(error).split())[:REASON_CHARACTERS_MAX]
            raise NotReady("database-unreachable", reason=reason) from error

    def close(self) -> None:
        """Close every pool."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()


def _with_time_limit(administrator: str) -> str:
    """The connection string, with a limit on the seconds that connecting takes."""
    limit = conninfo_to_dict(administrator).get("connect_timeout") or CONNECT_SECONDS_MAX
    return make_conninfo(administrator, connect_timeout=limit)


def _is_up_to_date(connection: psycopg.Connection[Any]) -> bool:
    """Whether nothing is left to do: all migrations ran and all rights are given.

    Most opens end here, with no lock taken and nothing waited for.
    """
    try:
        ran = connection.execute("SELECT name, sha256 FROM public.migrations").fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return False
    wanted = {name: sha256(statements).hexdigest() for name, statements in migrations()}
    return (
        dict(ran) == wanted and not missing_roles(connection) and projector_may_create(connection)
    )


def _check_connection(connection: psycopg.Connection[Any]) -> None:
    """Ask a connection for life only if its server has said anything since it was last used.

    A server that ends a connection says so or hangs up; asking each time costs a round trip.
    """
    ear = select.poll()
    ear.register(connection.fileno(), select.POLLIN)
    if ear.poll(0):
        from psycopg_pool import ConnectionPool  # noqa: PLC0415 - loaded long since

        ConnectionPool.check_connection(connection)


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """Start the embedded server unless `DATABASE_URL` names one; migrate; close at the end.

    Raises `NotReady` or `EmbeddedPostgresError`.
    """
    with ExitStack() as stack:
        administrator = settings.database_url or stack.enter_context(_embedded(settings))
        key = read_key_file(settings.home / "keys" / "personal.key")
        database = Database(administrator, home_key=key)
        stack.callback(database.close)
        database.migrate()
        yield database


@contextmanager
def _embedded(settings: Settings) -> Iterator[str]:
    server = EmbeddedPostgres(
        settings.home / "postgres", binaries=settings.programs, run_as=settings.account
    )
    with server:
        make_database(server.conninfo("postgres", _SUPERUSER), DATABASE_NAME)
        yield server.conninfo(DATABASE_NAME, _SUPERUSER)


def make_database(administrator: str, name: str, template: str = "template0") -> None:
    """Create a database unless it is there; two processes may try at once."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
        if known.fetchone() is None:
            connection.execute(statement)


def _check_server(connection: psycopg.Connection[Any]) -> None:
    version = connection.info.server_version
    if version < SERVER_VERSION_MIN:
        raise NotReady("server-too-old", version=version, least=SERVER_VERSION_MIN)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise NotReady("server-encoding", encoding=encoding)


def _run_migrations(connection: psycopg.Connection[Any]) -> list[str]:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS public.migrations"
        " (name text PRIMARY KEY, sha256 text NOT NULL, ran_at timestamptz DEFAULT now())"
    )
    ran = dict(connection.execute("SELECT name, sha256 FROM public.migrations").fetchall())
    now_run = []
    for name, statements in migrations():
        digest = sha256(statements).hexdigest()
        if name in ran:
            if ran[name] != digest:
                raise NotReady("migration-changed", name=name)
            continue
        connection.execute(statements)
        connection.execute(
            "INSERT INTO public.migrations (name, sha256) VALUES (%s, %s)", (name, digest)
        )
        now_run.append(name)
    unknown = ran.keys() - {name for name, _ in migrations()}
    if unknown:
        raise NotReady("schema-newer-than-program", name=min(unknown))
    return now_run


def migrations() -> list[tuple[str, bytes]]:
    """Name and statements of every migration, in order."""
    folder = files("registry") / "sql"
    return sorted(
        (file.name, file.read_bytes()) for file in folder.iterdir() if file.name.endswith(".sql")
    )
