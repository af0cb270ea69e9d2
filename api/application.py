"""The application: routes, errors and limits put together around one database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, cast

import psycopg
from anyio import to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api import (
    artifacts,
    awards,
    catalogue,
    certificates,
    custody,
    decision_cancelling,
    decision_printing,
    decisions,
    family,
    operations,
    paper_routes,
    procedures,
    queues,
    recalling,
    replacing,
    revoking,
    sealed_log,
    search,
)
from api.cases import batches as case_batches
from api.cases import routes as cases
from api.cases import steps as case_steps
from api.doubts import routes as doubts
from api.edge import LastResort, LimitedBodies
from api.http.access_log import LoggedRequests, note_code
from api.http.addresses import Network
from api.http.direct_route import direct_addresses
from api.http.rights import CheckedRights, Judging
from api.identity import TokenBook
from api.imports import routes as imports
from api.imports.desk import ImportDesk
from api.imports.kept import KeptImports
from api.operations import Health, MeasuredRequests, Metrics
from api.print_desk import PrintDesk
from api.problems import invalid, language_for, problem_of, refused
from api.service import Service
from api.stock import report as stock_report
from api.stock import routes as stock
from api.verification import check_page
from api.verification import routes as verification
from api.verification.buckets import Buckets
from api.verification.opening import trust_of
from api.verification.verified import VerifiedPayloads
from api.web import pages, stock_page
from api.withdrawals import routes as withdrawals
from api.working_days import artifact_terms
from api.working_days import routes as working_days
from registry.errors import NotReady, RegistryError
from registry.outages import meaning_of
from registry.rights import Units
from registry.settings import PUBLIC_URL_DEFAULT
from registry.work_folders import WorkFolders

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from api.health.log_watch import LogWatch
    from api.verification.trust import Trust
    from projections.applied import Applied
    from projections.background import Task
    from registry.database import Database
    from registry.register import Registry
    from registry.settings import Language

TITLE: Final = "Sổ Vàng"
_API_ROUTERS: Final = (
    # First, for it is asked most, and an address is looked for in this order.
    verification,
    decisions,
    awards,
    artifacts,
    certificates,
    family,
    cases,
    case_steps,
    case_batches,
    paper_routes,
    procedures,
    working_days,
    artifact_terms,
    custody,
    replacing,
    recalling,
    revoking,
    decision_cancelling,
    withdrawals,
    decision_printing,
    queues,
    doubts,
    imports,
    search,
    catalogue,
    sealed_log,
    check_page,
    operations,
    stock,
    stock_report,
)


def create_application(
    database: Database,
    *,
    registry: Registry | None = None,
    language: Language = "vi",
    home: Path | None = None,
    public_url: str = PUBLIC_URL_DEFAULT,
    trust: Trust | None = None,
    buckets: Buckets | None = None,
    units: Units | None = None,
    proxies: Sequence[Network] = (),
    applied: Applied | None = None,
    tasks: Sequence[Task] = (),
    watch: LogWatch | None = None,
) -> FastAPI:
    """The HTTP application on a database; `language` is that of pages by default.

    `home` is the register's folder, where offices keep their nudges of printed text;
    `public_url` is what QR codes lead to. Without `trust` nothing is signed. `units` says how
    offices stand to each other, `proxies` whose word on a client's address counts, `applied` how
    far registers are that this process feeds.

    It runs no projections: whoever starts it does, or another process. `tasks` are threads whose
    health is told; `watch` sees who holds the log.
    """
    registry = registry if registry is not None else database.registry()
    folders = WorkFolders(home)
    import_desk = ImportDesk(registry, folders, KeptImports(home))
    print_desk = PrintDesk(home, folders)
    service = Service(
        database,
        registry,
        TokenBook(registry),
        import_desk,
        print_desk,
        language,
        public_url,
        trust or trust_of(database, None),
        Buckets() if buckets is None else buckets,
        VerifiedPayloads(),
        Judging(registry, units or Units()),
        proxies,
        applied,
    )

    @asynccontextmanager
    async def lifespan(_application: FastAPI) -> AsyncIterator[None]:
        yield
        await to_thread.run_sync(import_desk.close)
        await to_thread.run_sync(print_desk.close)
        await to_thread.run_sync(folders.close)

    application = FastAPI(
        title=TITLE,
        version=_version(),
        description="The register of record for Vietnamese commendation artifacts.",
        lifespan=lifespan,
        # What is measured is told under /metrics.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        # The viewers of API descriptions load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    application.state.service = service
    application.state.health = Health(service, home, tasks, watch)
    application.state.metrics = Metrics(application.state.health)
    # The routes themselves: a router inside a router looks for an address twice.
    for module in (*_API_ROUTERS, pages, stock_page):
        application.router.routes += module.router.routes
    pages.add_style(application)
    _answer_errors(application)
    # The last one added is the outermost.
    application.add_middleware(cast("Any", LimitedBodies))
    # In front of the bodies: who may not do a thing need not send one.
    application.add_middleware(
        cast("Any", CheckedRights),
        service=service,
        direct=direct_addresses(application.routes),
        on_error=_on_registry_error,
        on_unknown=_on_refusal,
    )
    application.add_middleware(cast("Any", MeasuredRequests), metrics=application.state.metrics)
    application.add_middleware(cast("Any", LastResort))
    application.add_middleware(cast("Any", LoggedRequests))
    return application


def _answer_errors(application: FastAPI) -> None:
    application.add_exception_handler(RegistryError, _on_registry_error)
    application.add_exception_handler(RequestValidationError, _on_invalid)
    application.add_exception_handler(HTTPException, _on_refusal)
    application.add_exception_handler(psycopg.Error, _on_database_error)
    for missing in (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        application.add_exception_handler(missing, _on_missing_register)


def _on_registry_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RegistryError)  # noqa: S101 - registered for this class
    note_code(request, error.code)
    if pages.is_page(request):
        return pages.error_page(request, error)
    return problem_of(error, language_for(request))


def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    note_code(request, "body-invalid")
    return invalid(error, language_for(request))


def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    if pages.is_page(request):
        return pages.refusal_page(request, error)
    return refused(error, language_for(request))


def _on_database_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, psycopg.Error)  # noqa: S101 - registered for this class
    meant = meaning_of(error)
    if meant is None:
        raise error
    return _on_registry_error(request, meant)


def _on_missing_register(request: Request, _error: Exception) -> Response:
    """No process has made the registers yet."""
    return _on_registry_error(request, NotReady("registers-not-ready"))


def _version() -> str:
    try:
        return version("sovang")
    except PackageNotFoundError:
        return "0"
