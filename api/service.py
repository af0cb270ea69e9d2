"""What every route works with, and how a route gets at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import psycopg
import structlog
from fastapi import Depends
from psycopg.rows import tuple_row
from psycopg_pool import PoolTimeout
from starlette.requests import Request

from api.conditional import (
    parse_idempotency_key,
    parse_if_match,
    request_digest,
    wants_no_waiting,
)
from api.http.access_log import note_actor
from api.identity import TokenBook, User
from api.problems import language_for
from api.refusals import BadRequest
from api.verification.buckets import Buckets
from api.verification.signing import SigningDesk
from api.verification.trust import Trust
from api.verification.verified import VerifiedPayloads
from projections import ledger
from registry.errors import Rejected
from registry.fact import Authorship
from registry.register import Registry
from registry.rules import check_text
from registry.settings import Language

if TYPE_CHECKING:
    from psycopg import Cursor

    from api.imports.desk import ImportDesk
    from api.print_desk import PrintDesk
    from registry.database import Database

READ_YOUR_WRITES_SECONDS_MAX = 3.0
QUERY_CHARACTERS_MAX = 4_096

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """The register behind the routes: its write side, its registers, its users."""

    database: Database
    registry: Registry
    tokens: TokenBook
    imports: ImportDesk
    prints: PrintDesk
    language: Language
    public_url: str
    trust: Trust
    buckets: Buckets
    verified: VerifiedPayloads

    @property
    def signing(self) -> SigningDesk:
        """What signs certificates."""
        return SigningDesk(
            self.registry, self.reading, self.trust, self.public_url, self.database.home_key
        )

    @contextmanager
    def reading(self) -> Iterator[Cursor[Any]]:
        """A cursor on the registers."""
        with (
            self.database.pool("reader").connection() as connection,
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            yield cursor

    def wait_for(self, position: int) -> bool:
        """Wait until the registers show a position of the log; False when it takes too long.

        Never an error: what was recorded stands, whether the registers can be asked or not.
        """
        try:
            with self.reading() as cursor:
                return ledger.wait_for(cursor, position, READ_YOUR_WRITES_SECONDS_MAX)
        except (psycopg.Error, PoolTimeout) as error:
            _log.warning("registers cannot be waited for", reason=str(error))
            return False


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that reads: who asks, in which language, of which register."""

    service: Service
    user: User | None
    language: Language

    @property
    def may_read_personal(self) -> bool:
        """Whether sealed values may be shown."""
        return self.user is not None and self.user.may_read_personal


@dataclass(frozen=True, slots=True)
class Writing(Asking):
    """A request that records: who, under which key, on which version of the record."""

    writer: User
    key: str | None
    digest: str
    expected_version: int | None
    waits: bool

    def authorship(self, basis: str | None = None) -> Authorship:
        """Who records, for which office, on what basis. Raises `Rejected` for a bad basis."""
        check_text("basis", basis)
        digest = self.digest if self.key is not None else None
        return Authorship(self.writer.name, self.writer.office, basis, self.key, digest)


def service_of(request: Request) -> Service:
    """The service of the application that answers this request."""
    service: Service = request.app.state.service
    return service


def check_query(request: Request) -> None:
    """Raise `BadRequest` for a query that holds what no keyboard types; no database takes it."""
    for name, value in request.query_params.multi_items():
        try:
            check_text(name[:40], value, QUERY_CHARACTERS_MAX)
        except Rejected as error:
            raise BadRequest(error.code, field=error.field, **error.params) from None


def _asking(request: Request) -> Asking:
    check_query(request)
    service = service_of(request)
    user = service.tokens.user(request.headers.get("Authorization"))
    if user is not None:
        note_actor(request, user.name)
    return Asking(service, user, language_for(request))


async def _whole_body(request: Request) -> bytes:
    return await request.body()


def _writing(request: Request, body: Annotated[bytes, Depends(_whole_body)]) -> Writing:
    service = service_of(request)
    user = service.tokens.writer(request.headers.get("Authorization"))
    note_actor(request, user.name)
    return Writing(
        service,
        user,
        language_for(request),
        user,
        parse_idempotency_key(request.headers.get("Idempotency-Key")),
        request_digest(request, body),
        parse_if_match(request.headers.get("If-Match")),
        waits=not wants_no_waiting(request.headers.get("Prefer")),
    )


Reads = Annotated[Asking, Depends(_asking)]
Writes = Annotated[Writing, Depends(_writing)]
