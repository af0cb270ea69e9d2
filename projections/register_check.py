"""The rows of the registers against the facts: made anew beside, and compared by digest.

Rows are made again from the log, but somebody with a hand in the database could change them
meanwhile, and everybody who looks something up would believe him. So a check makes the registers
once more, in one transaction that is rolled back: nobody sees them, nothing is left if we die, no
lock is taken and no register stands still. What is compared is the moment that the check sees: the
registers as they were, each up to the position that it had come to.

The digest of a table is the sum over its rows, each hashed behind bytes drawn for this one check:
it depends on no order, and nobody can have prepared for it. Where two differ, both are read in
order, and each row that differs is named.

A sample takes some records only, with all that happened to them, and compares their rows: it finds
what was changed or is gone among those, at the price of a few hundred facts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql

from projections import ledger
from projections.projection import Batch
from projections.reading import decode_rows, facts_after, facts_of_streams
from registry.proofs.auditing import FINDINGS_MAX
from registry.working_calendar import CALENDAR_ID

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection, Cursor

    from projections.projection import Projection
    from projections.reading import Reading
    from registry.marks import Marks

BATCH_FACTS: Final = 5_000
ROWS_PER_READ: Final = 2_000
SAMPLE_RECORDS: Final = 200
# Tables each of whose rows follows from the facts of one record.
OF_ONE_RECORD: Final[Mapping[str, tuple[str, ...]]] = {
    "artifacts": ("artifact",),
    "awards": ("award",),
    "cases": ("service_case",),
    "decisions": ("decision",),
    "doubts": ("doubt",),
    "users": ("registered_user", "token"),
}

_SPELLING: Final = "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET bytea_output = 'hex'"
_PLACES: Final = "SELECT name, position, definition FROM projection.ledger"
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename"
_KEY: Final = (
    "SELECT a.attname FROM pg_index i JOIN pg_attribute a"
    " ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
    " WHERE i.indrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND i.indisprimary"
    " ORDER BY a.attnum"
)
_FIRST_COLUMN: Final = (
    "SELECT attname FROM pg_attribute WHERE attnum = 1"
    " AND attrelid = format('%%I.%%I', %s::text, %s::text)::regclass"
)
_DIGEST: Final = (
    "SELECT count(*), coalesce(sum(('x' || encode(substr(sha256(convert_to(%s || t::text,"
    " 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint), 0)::text FROM {} t"
)
_ROWS: Final = (
    'SELECT concat_ws(\' \', {}) COLLATE "C" AS record, t::text COLLATE "C" AS content'
    " FROM {} t ORDER BY 1, 2"
)
# Streams drawn by their facts: a record to which more happened is drawn more often.
_DRAWN: Final = (
    "SELECT DISTINCT originator_id FROM log.facts WHERE notification_id = ANY(%s::bigint[])"
)

TellFunction = Callable[..., None]
ProgressFunction = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RegistersChecked:
    """What was compared: up to which position, and how many facts and rows that took.

    `left_out` are registers that are to be made anew anyway, or were never made.
    """

    facts: int
    rows: int
    left_out: tuple[str, ...] = ()


def check_registers(
    kept: Connection[Any],
    conninfo: str,
    marks: Marks,
    projections: Sequence[Projection],
    *,
    tell: TellFunction,
    progress: ProgressFunction = lambda _done, _all: None,
) -> RegistersChecked:
    """Make registers anew beside, and tell each row of theirs that differs.

    `kept` sees one moment; `conninfo` acts as who keeps the registers. Raises `CorruptFact` where
    the log cannot be read: then nothing can be said of the registers.
    """
    chosen, left_out, head = _chosen(kept, projections, tell)
    facts, rows, salt = 0, 0, os.urandom(16).hex()
    for position, group in _by_position(chosen).items():
        with _beside(conninfo, group) as cursor:
            done = 0
            while done < position:
                behind = facts_after(cursor, done, min(BATCH_FACTS, position - done))
                within = [row for row in behind if row[0] <= position]
                if not within:
                    break  # a gap, which whoever audits the log tells
                done = _apply(cursor, group, decode_rows(within, marks))
                progress(done, head)
            facts += position
            for projection in group:
                rows += _compare(kept, cursor, projection.name, salt, tell)
    return RegistersChecked(facts, rows, left_out)


def sample_registers(
    kept: Connection[Any],
    conninfo: str,
    marks: Marks,
    projections: Sequence[Projection],
    *,
    tell: TellFunction,
    records: int = SAMPLE_RECORDS,
) -> RegistersChecked:
    """Compare the rows of some records, drawn at random. Raises as `check_registers`."""
    chosen, left_out, head = _chosen(kept, projections, tell)
    # Due days follow from the decisions on working days too.
    streams = [*_drawn(kept, head, records), CALENDAR_ID]
    facts, rows = 0, 0
    for position, group in _by_position(chosen).items():
        sampled = [one for one in group if one.name in OF_ONE_RECORD]
        if not sampled or not streams:
            continue
        with _beside(conninfo, sampled) as cursor:
            found = [one for one in facts_of_streams(cursor, streams) if one[0] <= position]
            if found:
                _apply(cursor, sampled, decode_rows(found, marks))
            facts += len(found)
            for projection in sampled:
                for table in OF_ONE_RECORD[projection.name]:
                    rows += _compare_some(kept, cursor, projection.name, table, tell)
    return RegistersChecked(facts, rows, left_out)


def _chosen(
    kept: Connection[Any], projections: Sequence[Projection], tell: TellFunction
) -> tuple[list[tuple[Projection, int]], tuple[str, ...], int]:
    """Registers with their positions, the names of those left out, and the end of the log."""
    kept.execute(_SPELLING)
    # The last fact that is there, whatever the log's own count of them says.
    found = kept.execute("SELECT max(notification_id) FROM log.facts").fetchone()
    head = (found[0] if found is not None else None) or 0
    known = kept.execute("SELECT to_regclass('projection.ledger') IS NOT NULL").fetchone()
    places = kept.execute(_PLACES).fetchall() if known == (True,) else []
    by_name = {name: (position, definition) for name, position, definition in places}
    chosen, left_out = [], []
    for one in projections:
        position, definition = by_name.get(one.name, (0, ""))
        if definition != one.definition:
            left_out.append(one.name)
        elif position > head:
            tell("register-ahead-of-log", register=one.name, position=position, found=head)
        else:
            chosen.append((one, position))
    return chosen, tuple(left_out), head


def _by_position(chosen: Sequence[tuple[Projection, int]]) -> dict[int, list[Projection]]:
    groups: dict[int, list[Projection]] = {}
    for projection, position in chosen:
        groups.setdefault(position, []).append(projection)
    return groups


@contextmanager
def _beside(conninfo: str, projections: Sequence[Projection]) -> Iterator[Cursor[Any]]:
    """A transaction with empty registers of its own; all of it is rolled back."""
    with psycopg.connect(conninfo) as connection, connection.cursor() as cursor:
        cursor.execute(_SPELLING)
        for projection in projections:
            ledger.create_schema(cursor, _own(projection.name), projection.tables)
        try:
            yield cursor
        finally:
            connection.rollback()


def _own(name: str) -> str:
    return f"{name}_check"


def _apply(cursor: Cursor[Any], projections: Sequence[Projection], reading: Reading) -> int:
    """Apply facts to the registers beside; returns the last position."""
    if reading.failure is not None:
        raise reading.failure
    batch = Batch(reading.facts, cursor, reading.marks)
    for projection in projections:
        if projection.events & batch.events:
            ledger.use_schema(cursor, _own(projection.name))
            projection.apply(batch)
    return reading.facts[-1].position


def _compare(
    kept: Connection[Any], cursor: Cursor[Any], name: str, salt: str, tell: TellFunction
) -> int:
    """Compare every table of a register; returns how many rows it has."""
    rows = 0
    for (table,) in cursor.execute(_TABLES, (_own(name),)).fetchall():
        made = cursor.execute(_digest_of(_own(name), table), (salt,)).fetchone()
        found = kept.execute(_digest_of(name, table), (salt,)).fetchone()
        assert made is not None  # noqa: S101 - an aggregate gives a row
        rows += made[0]
        if made != found:
            key = _key_of(cursor, _own(name), table)
            _name_rows(
                name,
                table,
                _rows_of(cursor.connection, _own(name), table, key),
                _rows_of(kept, name, table, key),
                tell,
            )
    return rows


def _digest_of(schema: str, table: str) -> sql.Composed:
    return sql.SQL(_DIGEST).format(sql.Identifier(schema, table))


def _key_of(cursor: Cursor[Any], schema: str, table: str) -> sql.Composed:
    """The columns that name a row: its key, or where it has none its first column."""
    names = cursor.execute(_KEY, (schema, table)).fetchall()
    names = names or cursor.execute(_FIRST_COLUMN, (schema, table)).fetchall()
    return sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(n)) for (n,) in names)


def _rows_of(
    connection: Connection[Any], schema: str, table: str, key: sql.Composed
) -> Iterator[tuple[str, str]]:
    """Name and content of every row, in the order of the bytes of both."""
    with connection.cursor(f"rows_of_{schema}") as cursor:
        cursor.itersize = ROWS_PER_READ
        cursor.execute(sql.SQL(_ROWS).format(key, sql.Identifier(schema, table)))
        yield from cursor


def _name_rows(
    register: str,
    table: str,
    made: Iterator[tuple[str, str]],
    found: Iterator[tuple[str, str]],
    tell: TellFunction,
) -> None:
    """Tell the rows that only one of two ordered series has."""
    alone: dict[str, set[str]] = {}
    for record, code in _differences(made, found):
        alone.setdefault(record, set()).add(code)
        if len(alone) > FINDINGS_MAX:
            break
    for record, codes in alone.items():
        code = f"register-row-{codes.pop()}" if len(codes) == 1 else "register-row-differs"
        tell(code, register=register, table=table, record=record)


def _differences(
    made: Iterator[tuple[str, str]], found: Iterator[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    one, other = next(made, None), next(found, None)
    while one is not None or other is not None:
        if one == other:
            one, other = next(made, None), next(found, None)
        elif other is None or (one is not None and _order(one) < _order(other)):
            assert one is not None  # noqa: S101 - not both are at their end
            yield one[0], "missing"
            one = next(made, None)
        else:
            yield other[0], "extra"
            other = next(found, None)


def _order(row: tuple[str, str]) -> tuple[bytes, bytes]:
    return row[0].encode(), row[1].encode()


def _drawn(kept: Connection[Any], head: int, records: int) -> list[UUID]:
    """Records drawn at random by their facts."""
    if not head:
        return []
    positions = [1 + int.from_bytes(os.urandom(8), "big") % head for _ in range(records)]
    return [stream for (stream,) in kept.execute(_DRAWN, (positions,)).fetchall()]


def _compare_some(
    kept: Connection[Any], cursor: Cursor[Any], name: str, table: str, tell: TellFunction
) -> int:
    """Compare the rows that were made beside with those of the same key; returns how many."""
    key = _key_of(cursor, _own(name), table)
    made = dict(_rows_of(cursor.connection, _own(name), table, key))
    asked = sql.SQL(
        "SELECT concat_ws(' ', {}), t::text FROM {} t WHERE concat_ws(' ', {}) = ANY(%s)"
    ).format(key, sql.Identifier(name, table), key)
    found = dict(kept.execute(asked, (list(made),)).fetchall())
    for record, content in made.items():
        if found.get(record) != content:
            code = "register-row-differs" if record in found else "register-row-missing"
            tell(code, register=name, table=table, record=record)
    return len(made)
