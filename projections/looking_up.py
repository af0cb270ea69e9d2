"""One row by its number, in one call to the server.

For what is asked each time that anybody checks a certificate: a cursor makes a dozen objects and
lets go of the interpreter several times, and in a busy server each time is a wait to have it back.
So libpq is called directly (`psycopg.pq`), once for each question: a statement is prepared when a
connection first does not know it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, Format

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.pq.abc import PGconn, PGresult

NUMBER_MAX: Final = (1 << 63) - 1

_NUMBER_BYTES: Final = 8
_INT8: Final = psycopg.adapters.types["int8"].oid
_UNKNOWN_STATEMENT: Final = b"26000"


@dataclass(frozen=True, slots=True)
class LookUp:
    """A statement with one number in it, `$1`, and the name under which connections know it."""

    name: bytes
    statement: bytes

    def find(self, connection: Connection[Any], number: int) -> tuple[bytes, ...] | None:
        """The one row for a number from 0 to `NUMBER_MAX`; None if there is none.

        Values are as PostgreSQL sends them in its binary format; none may be null.
        Raises as `Cursor.execute` does.
        """
        pgconn = connection.pgconn
        result = self._ask(pgconn, number)
        if _is_unknown(result):
            _check(pgconn, pgconn.prepare(self.name, self.statement, [_INT8]))
            result = self._ask(pgconn, number)
        _check(pgconn, result)
        if result.ntuples == 0:
            return None
        return tuple([result.get_value(0, column) or b"" for column in range(result.nfields)])

    def _ask(self, pgconn: PGconn, number: int) -> PGresult:
        asked = number.to_bytes(_NUMBER_BYTES, "big")
        return pgconn.exec_prepared(self.name, [asked], [Format.BINARY], Format.BINARY)


def _is_unknown(result: PGresult) -> bool:
    failed = result.status == ExecStatus.FATAL_ERROR
    return failed and result.error_field(DiagnosticField.SQLSTATE) == _UNKNOWN_STATEMENT


def _check(pgconn: PGconn, result: PGresult) -> None:
    if result.status in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
        return
    if pgconn.status != ConnStatus.OK:
        raise psycopg.OperationalError("the connection is lost")
    raise error_from_result(result)
