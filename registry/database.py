"""The database: found or started, brought to the present schema, reached by role.

Without `DATABASE_URL` a private PostgreSQL server runs under the register's home; with it, any
PostgreSQL 15 or later. Every connection acts as one of the roles of `sql/0001_log.sql`, never
as the account that signed in: the writer appends, the reader reads, the projector keeps the
registers.

Migrations (`sql/NNNN_*.sql`) go forward only and run once, under a lock: forty processes that
start at the same time make one schema. A migration that was changed after it ran is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from hashlib import sha256
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from registry.connections import MIGRATION_WAITS, ROLE_WAITS, DatabaseRole, Waits, limited
from registry.database_roles import (
    let_projector_keep_registers,
    make_roles,
    missing_roles,
    projector_may_create,
)
from registry.embedded import EmbeddedPostgres
from registry.errors import NotReady
from registry.homes import check_home, refuse_beside_backup
from registry.marks import Marks
from registry.newest_head import NAME, NewestHead, first_marked, recognise
from registry.personal_key import (
    agree_on_key,
    personal_key_path,
    verify_persons_keys,
)
from registry.sealing import Keyring

if TYPE_CHECKING:
    from pathlib import Path

    from registry.pools import WatchedPool
    from registry.register import Registry
    from registry.settings import Settings

DATABASE_NAME = "sovang"
REASON_CHARACTERS_MAX = 300
SERVER_VERSION_MIN = 150_000

_MIGRATION_LOCK = 5_601_945
_SUPERUSER = "postgres"


class Database:
    """One database and its connection pools, a pool for each role, opened at first use.

    `key_file` is where `home_key` was read from, if it was; `newest_head` is what the home
    remembers of the log.
    """

    def __init__(
        self,
        administrator: str,
        *,
        home_key: bytes,
        key_file: Path | None = None,
        newest_head: NewestHead | None = None,
        waits: Mapping[DatabaseRole, Waits] = ROLE_WAITS,
    ) -> None:
        self.administrator = administrator
        self.home_key = home_key
        self.key_file = key_file
        self.marks = Marks(home_key)
        self.newest_head = newest_head or NewestHead()
        # What the last sample of the registers' rows found, as codes (`projections.sampling`).
        self.row_faults: tuple[str, ...] = ()
        self._waits = waits
        self._pools: dict[DatabaseRole, WatchedPool] = {}
        self._opening = Lock()

    def conninfo(self, role: DatabaseRole) -> str:
        """How to connect and act as a role, within the limits of what it may wait for."""
        acting = f"-c role=sovang_{role}"
        return limited(self.administrator, self._waits[role], name=f"sovang-{role}", options=acting)

    def watch_conninfo(self) -> str:
        """How to connect as who signed in, to see what other sessions do."""
        return limited(self.administrator, self._waits["reader"], name="sovang-watch")

    def pool(self, role: DatabaseRole) -> WatchedPool:
        """The role's pool of autocommit connections; threads that ask at once get the same."""
        pool = self._pools.get(role)
        if pool is None:
            with self._opening:
                pool = self._pools.get(role)
                if pool is None:
                    # Who asks one question over one connection loads neither pool nor rules.
                    from registry.pools import open_pool  # noqa: PLC0415

                    pool = open_pool(self.conninfo(role), f"sovang-{role}")
                    self._pools[role] = pool
        return pool

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

        log = FactLog(self.pool("writer"), self.marks, self._free_log)
        return Registry(log, Keyring(self.home_key, log.subject_keys), load_catalogue())

    def _free_log(self) -> None:
        from registry.log_holder import free_log  # noqa: PLC0415 - as the pool

        free_log(self.watch_conninfo(), self._waits["writer"].idle_seconds_max)

    def migrate(self) -> list[str]:
        """Bring the schema up to date; returns the names of migrations that ran now.

        Raises `NotReady` for a server that is not reached, a schema that is newer, rights that the
        account lacks, and with `database-busy` if another process holds what it needs for long.
        """
        with _administering(self.administrator) as connection:
            return _migrate(connection)

    def check_persons_keys(self) -> None:
        """Raise `NotReady` unless the key opens every person's key."""
        with self.pool("reader").connection() as connection:
            verify_persons_keys(connection, self.home_key)

    def recognise(self, *, doubted: bool = False) -> None:
        """Compare the log with what the home remembers of it (`newest_head`).

        Raises `VerificationFailed` for a log that is shorter or another. A log that is `doubted`
        is opened only to be checked: whoever checks it tells what is wrong.
        """
        with psycopg.connect(self.conninfo("reader"), autocommit=True) as connection:
            cursor = connection.cursor()
            if doubted:
                known = self.newest_head.read()
                marked_from = known.marked_from if known is not None else first_marked(cursor)
            else:
                marked_from = recognise(cursor, self.newest_head).marked_from
        self.marks.unmarked_until = marked_from - 1

    def close(self) -> None:
        """Close every pool."""
        self.newest_head.flush()
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()


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


@contextmanager
def open_database(settings: Settings, *, doubted: bool = False) -> Iterator[Database]:
    """Start the embedded server unless `DATABASE_URL` names one; migrate; close at the end.

    Raises `NotReady`, `EmbeddedPostgresError`, and `VerificationFailed` for a log that is not the
    one which this home remembers, unless it is `doubted`: opened to be checked.
    """
    check_home(settings)
    with ExitStack() as stack:
        administrator = settings.database_url or stack.enter_context(_embedded(settings))
        with _administering(administrator) as connection:
            _migrate(connection)
            key = agree_on_key(connection, settings.home, partial(refuse_beside_backup, settings))
        database = Database(
            administrator,
            home_key=key,
            key_file=personal_key_path(settings.home),
            newest_head=NewestHead(settings.home / NAME),
        )
        stack.callback(database.close)
        database.recognise(doubted=doubted)
        yield database


@contextmanager
def _embedded(settings: Settings) -> Iterator[str]:
    server = EmbeddedPostgres(
        settings.home / "postgres", binaries=settings.programs, run_as=settings.account
    )
    with server:
        make_database(server.conninfo("postgres", _SUPERUSER), DATABASE_NAME)
        yield server.conninfo(DATABASE_NAME, _SUPERUSER)


@contextmanager
def _administering(administrator: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the account itself, which does not wait for others without end."""
    address = limited(administrator, MIGRATION_WAITS, name="sovang-migrate")
    try:
        with psycopg.connect(address, autocommit=True) as connection, _told_of_waiting():
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        reason = str(error).splitlines()[0]
        raise NotReady("database-rights-missing", reason=reason) from error
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())[:REASON_CHARACTERS_MAX]
        raise NotReady("database-unreachable", reason=reason) from error


def _migrate(connection: psycopg.Connection[Any]) -> list[str]:
    _check_server(connection)
    if _is_up_to_date(connection):
        return []
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
        make_roles(connection)
        let_projector_keep_registers(connection)
        return _run_migrations(connection)


def make_database(administrator: str, name: str, template: str = "template0") -> None:
    """Create a database unless it is there; two processes may try at once."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    address = limited(administrator, MIGRATION_WAITS, name="sovang-migrate")
    with psycopg.connect(address, autocommit=True) as connection, _told_of_waiting():
        connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
        if known.fetchone() is None:
            connection.execute(statement)


@contextmanager
def _told_of_waiting() -> Iterator[None]:
    """Raise `NotReady` where another process held what was needed for too long."""
    try:
        yield
    except psycopg.errors.LockNotAvailable as error:
        raise NotReady("database-busy") from error


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
