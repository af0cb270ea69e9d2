"""Rows written in bulk: COPY in PostgreSQL's binary format, a statement for each only of a few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeAlias

from psycopg import sql

if TYPE_CHECKING:
    from psycopg import Cursor

Row: TypeAlias = "tuple[Any, ...]"

INSERTED_ROWS_MAX = 2

_JSONB_VERSION = b"\x01"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the register that is being filled: column names and PostgreSQL types."""

    name: str
    columns: Sequence[tuple[str, str]]

    def copy(self, cursor: Cursor[Any], rows: Iterable[Row]) -> None:
        """Add rows, their values in the order of the columns; jsonb as `jsonb_bytes`.

        A few are inserted: a COPY takes two round trips more, and all day there is one row.
        """
        coming = iter(rows)
        few = list(islice(coming, INSERTED_ROWS_MAX + 1))
        if len(few) <= INSERTED_ROWS_MAX:
            self._insert(cursor, few)
            return
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(self.name),
            sql.SQL(", ").join(sql.Identifier(c) for c, _ in self.columns),
        )
        with cursor.copy(statement) as copy:
            # A binary COPY carries no types: the bytes of a jsonb are passed through as they are.
            copy.set_types(["bytea" if kind == "jsonb" else kind for _, kind in self.columns])
            for row in chain(few, coming):
                copy.write_row(row)

    def _insert(self, cursor: Cursor[Any], rows: Iterable[Row]) -> None:
        statement, is_jsonb = _insertion(self)
        for row in rows:
            values = [
                value[len(_JSONB_VERSION) :].decode() if jsonb and value is not None else value
                for value, jsonb in zip(row, is_jsonb, strict=True)
            ]
            cursor.execute(statement, values, prepare=True)

    def delete(self, cursor: Cursor[Any], column: str, keys: Sequence[Any]) -> None:
        """Remove the rows with these keys; the column's type is that of its declaration."""
        if keys:
            kind = dict(self.columns)[column]
            cursor.execute(
                sql.SQL("DELETE FROM {} WHERE {} = ANY(%s::{}[])").format(
                    sql.Identifier(self.name), sql.Identifier(column), sql.SQL(kind)
                ),
                (list(keys),),
            )


@lru_cache
def _insertion(table: Table) -> tuple[bytes, tuple[bool, ...]]:
    """The statement that inserts one row, and which of its values are jsonb."""
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(sql.Identifier(column) for column, _ in table.columns),
        sql.SQL(", ").join(sql.SQL("%s::" + kind) for _, kind in table.columns),
    )
    return statement.as_bytes(), tuple(kind == "jsonb" for _, kind in table.columns)


def jsonb_bytes(json: bytes) -> bytes:
    """The binary form of a jsonb value with this text."""
    return _JSONB_VERSION + json
