"""Rows written in bulk: COPY in PostgreSQL's binary format, never a statement for each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from psycopg import sql

if TYPE_CHECKING:
    from psycopg import Cursor

Row: TypeAlias = "tuple[Any, ...]"

_JSONB_VERSION = b"\x01"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the register that is being filled: column names and PostgreSQL types."""

    name: str
    columns: Sequence[tuple[str, str]]

    def copy(self, cursor: Cursor[Any], rows: Iterable[Row]) -> None:
        """Add rows, their values in the order of the columns; jsonb as `jsonb_bytes`."""
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(self.name),
            sql.SQL(", ").join(sql.Identifier(c) for c, _ in self.columns),
        )
        with cursor.copy(statement) as copy:
            # A binary COPY carries no types: the bytes of a jsonb are passed through as they are.
            copy.set_types(["bytea" if kind == "jsonb" else kind for _, kind in self.columns])
            for row in rows:
                copy.write_row(row)

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


def jsonb_bytes(json: bytes) -> bytes:
    """The binary form of a jsonb value with this text."""
    return _JSONB_VERSION + json
