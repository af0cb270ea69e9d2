r"""`register.log.gz`: the log in a form of our own, for any PostgreSQL that we support.

A gzip file of UTF-8 text, lines ended by a line feed:

    sovang-log/1 {"migrations": [...], "server": 180006}
    table log.facts notification_id originator_id originator_version topic state
    1	0193...	1	decision-registered.v1	\\x7b22...
    \.
    table ...
    sequence log.serial_number 17 true
    end 3f5a... (SHA-256 of every byte before this line, in hexadecimal)

Rows are in PostgreSQL's text format of COPY: columns set apart by tabs, `\N` for nothing, bytes as
`\x` and hexadecimal digits, moments in ISO 8601 at UTC. Every table of the schema `log` is there
but `log.head`, which the facts themselves bring about when they are loaded: facts in the order of
their positions, heads in that of their sizes. What is loaded into is the schema that this program
makes; so a file that an older program wrote is read too.
"""

from __future__ import annotations

import gzip
import json
import re
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql

from registry.database import Database, migrations
from registry.durable_files import flush_file
from registry.errors import NotReady, Rejected
from scripts.command_line.archive import KEY_MODE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

FORMAT: Final = "sovang-log/1"
LEVEL: Final = 1
LINE_BYTES_MAX: Final = 100_000_000

# Loaded in this order: what others point to comes first. Tables of later programs come behind.
_FIRST: Final = (
    "facts",
    "claims",
    "subject_keys",
    "key_check",
    "tiles",
    "checkpoints",
    "cosignatures",
    "stamps",
    "key_lists",
)
_ORDER: Final = {"facts": "notification_id"}
_LEFT_OUT: Final = frozenset({"head"})
_NAME: Final = re.compile(r"log\.[a-z_]{1,60}")
_COLUMNS: Final = (
    "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
    " AND NOT a.attisdropped AND a.attgenerated = ''"
    " WHERE c.relnamespace = 'log'::regnamespace AND c.relkind = 'r' GROUP BY c.relname"
)
_KEY: Final = (
    "SELECT array_agg(a.attname::text ORDER BY k.place) FROM pg_index i,"
    " unnest(i.indkey) WITH ORDINALITY AS k(number, place), pg_attribute a"
    " WHERE i.indrelid = %s::regclass AND i.indisprimary"
    " AND a.attrelid = i.indrelid AND a.attnum = k.number"
)
_SEQUENCES: Final = (
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'log'::regnamespace"
    " AND c.relkind = 'S' ORDER BY 1"
)


def write_portable(connection: psycopg.Connection[Any], path: Path) -> None:
    """Write the log as the transaction of this connection sees it."""
    for setting in ("bytea_output = hex", "datestyle = 'ISO, YMD'", "timezone = 'UTC'"):
        connection.execute(f"SET LOCAL {setting}")
    columns = dict(connection.execute(_COLUMNS).fetchall())
    ran = connection.execute("SELECT name FROM public.migrations ORDER BY name").fetchall()
    about = {"migrations": [name for (name,) in ran], "server": connection.info.server_version}
    with _writing(path) as write:
        write(f"{FORMAT} {json.dumps(about)}\n".encode())
        for table in _in_order(columns):
            write(f"table log.{table} {' '.join(columns[table])}\n".encode())
            with (
                connection.cursor() as cursor,
                cursor.copy(_copy_out(connection, table, columns[table])) as rows,
            ):
                for row in rows:
                    write(bytes(row))
            write(b"\\.\n")
        for (name,) in connection.execute(_SEQUENCES).fetchall():
            state = connection.execute(
                sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier("log", name))
            ).fetchone()
            assert state is not None  # noqa: S101 - a sequence has its row
            write(f"sequence log.{name} {state[0]} {str(state[1]).lower()}\n".encode())


def load_portable(administrator: str, path: Path) -> None:
    """Load a log into a database without one: all of it, in one transaction, or nothing.

    Raises `Rejected` with `portable-log-altered`, and `NotReady` where a later program wrote it.
    """
    database = Database(administrator, home_key=b"")
    database.migrate()
    with psycopg.connect(administrator) as connection, _reading(path) as lines:
        _check_program(lines.next())
        known: dict[str, list[str]] = dict(connection.execute(_COLUMNS).fetchall())
        while True:
            kind, *rest = lines.next().decode().rstrip("\n").split(" ")
            if kind == "table":
                _load_table(connection, lines, rest, known)
            elif kind == "sequence":
                _load_sequence(connection, *rest)
            elif kind == "end":
                lines.finish(rest[0] if rest else "")
                return
            else:
                raise Rejected("portable-log-altered", path=str(path))


def _in_order(tables: dict[str, list[str]]) -> list[str]:
    behind = sorted(tables.keys() - set(_FIRST) - _LEFT_OUT)
    return [*(table for table in _FIRST if table in tables), *behind]


def _copy_out(connection: psycopg.Connection[Any], table: str, columns: list[str]) -> sql.Composed:
    key = connection.execute(_KEY, (f"log.{table}",)).fetchone()
    order = [_ORDER[table]] if table in _ORDER else (key[0] if key is not None else None)
    return sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {order}) TO STDOUT").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        table=sql.Identifier("log", table),
        order=sql.SQL(", ").join(map(sql.Identifier, order or columns)),
    )


def _check_program(head: bytes) -> None:
    name, _, about = head.decode().partition(" ")
    if name != FORMAT:
        raise Rejected("portable-log-altered")
    unknown = set(json.loads(about)["migrations"]) - {name for name, _ in migrations()}
    if unknown:
        raise NotReady("schema-newer-than-program", name=min(unknown))


def _load_table(
    connection: psycopg.Connection[Any],
    lines: _Lines,
    named: list[str],
    known: dict[str, list[str]],
) -> None:
    name, *columns = named
    table = name.removeprefix("log.")
    if not _NAME.fullmatch(name) or table in _LEFT_OUT or not set(columns) <= set(known[table]):
        raise Rejected("portable-log-altered")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("log", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while (line := lines.next()) != b"\\.\n":
            copy.write(line)


def _load_sequence(
    connection: psycopg.Connection[Any], name: str, last: str, is_called: str
) -> None:
    if not _NAME.fullmatch(name):
        raise Rejected("portable-log-altered")
    connection.execute(
        "SELECT setval(%s::regclass, %s, %s)", (name, int(last), is_called == "true")
    )


@contextmanager
def _writing(path: Path) -> Iterator[Any]:
    """Write a new file that nobody else may read, with the digest of all at its end."""
    digest = sha256()
    path.touch(mode=KEY_MODE, exist_ok=False)
    with gzip.open(path, "wb", compresslevel=LEVEL) as file:

        def write(piece: bytes) -> None:
            digest.update(piece)
            file.write(piece)

        yield write
        file.write(f"end {digest.hexdigest()}\n".encode())
    flush_file(path)


class _Lines:
    """The lines of a file, and the digest of all that were read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = sha256()
        self._last = self._digest.copy()

    def next(self) -> bytes:
        """The next line. Raises `Rejected` at the end of a file that was cut off."""
        line = self._file.readline(LINE_BYTES_MAX)
        if not line.endswith(b"\n"):
            raise Rejected("portable-log-altered")
        self._last = self._digest.copy()
        self._digest.update(line)
        return line

    def finish(self, said: str) -> None:
        """Raise `Rejected` unless the last line named the digest of all before it."""
        if self._last.hexdigest() != said or self._file.read(1):
            raise Rejected("portable-log-altered")


@contextmanager
def _reading(path: Path) -> Iterator[_Lines]:
    """The lines of a file. Raises `Rejected` for whatever is wrong in it."""
    try:
        with gzip.open(path, "rb") as file:
            yield _Lines(file)  # type: ignore[arg-type]  # reads bytes, as it was asked to
    except (EOFError, OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise Rejected("portable-log-altered", path=str(path)) from error
    except psycopg.OperationalError:
        raise
    except psycopg.DatabaseError as error:
        # What the tables of the log refuse: a row twice, a head that is not larger than the last.
        raise Rejected("portable-log-altered", path=str(path)) from error
