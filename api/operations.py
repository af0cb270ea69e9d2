"""Health and metrics: whether the server lives, whether it may be asked, how it does.

Ready means that the database answers and no register is known to be wrong. A register that is
merely behind is still ready: it says how far. So does the sealed log: the age of its last head,
and how many facts stand behind it; and so does the key list that the roots must sign anew.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import psycopg
import structlog
from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer
from api.service import service_of
from api.verification.expiry import Expiry, expiry_of
from projections import ledger
from projections.sealed_log import SealState, seal_state
from registry.errors import RegistryError
from registry.newest_head import end_failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.service import Service
    from projections.ledger import ProjectionStatus
    from registry.log import Head

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_DATABASE_ERRORS: Final = (RegistryError, psycopg.Error, PoolTimeout)

_log = structlog.get_logger(__name__)
router = APIRouter(tags=["operations"])


@router.get("/health/live")
def live() -> Response:
    """The server runs."""
    return json_answer({"status": "live"})


@router.get("/health/ready")
def ready(request: Request) -> Response:
    """The database answers; for each register, how far it is behind and whether it is whole."""
    service = service_of(request)
    try:
        head, statuses, sealed, expiry = _look(service)
        failure = _log_failure(service)
    except _DATABASE_ERRORS as error:
        _log.warning("not ready", reason=str(error))
        return json_answer({"status": "unavailable"}, 503)
    wrong = [one for one in statuses if one.completeness == "INCOMPLETE" or one.failure is not None]
    faults = service.database.row_faults
    body = {
        "status": "degraded" if wrong or failure or faults else "ready",
        "log": {"position": head.position, "facts": head.facts, "failure": failure},
        "sealed": _sealed(sealed),
        "key_list": _key_list(expiry),
        "projections": [_status(one) for one in statuses],
        "row_faults": faults,
    }
    return json_answer(body, 503 if wrong or failure or faults else 200)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Metrics in the text format of Prometheus."""
    collected: CollectorRegistry = request.app.state.metrics.collected
    return Response(generate_latest(collected), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class Metrics:
    """Counts and times of one application, kept apart from other applications' in a process."""

    def __init__(self, service: Service) -> None:
        self.collected = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter(
            "sovang_requests", "Requests answered.", labels, registry=self.collected
        )
        self.seconds = Histogram(
            "sovang_request_seconds",
            "Seconds that requests took.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.collected,
        )
        self.collected.register(_LogGauges(service))
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        labels = (method, route, status)
        if labels not in self._children:
            counted = self.requests.labels(method, route, str(status))
            self._children[labels] = counted, self.seconds.labels(method, route)
        counter, histogram = self._children[labels]
        counter.inc()
        histogram.observe(seconds)


class _LogGauges:
    """The log and its registers, looked at when metrics are asked for."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """One look at the database; nothing of it when it does not answer."""
        up = GaugeMetricFamily("sovang_database_up", "Whether the database answers.")
        try:
            head, statuses, sealed, expiry = _look(self._service)
        except _DATABASE_ERRORS:
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [up, *_log_families(head, statuses), *_seal_families(sealed), *_key_families(expiry)]

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing ahead of time: describing must not need a database."""
        return []


class MeasuredRequests:
    """Counts requests by route; an address that is no route is counted as `unknown`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            # A method is whatever a client writes; an unbounded label would fill the memory.
            method = scope["method"] if route != "unknown" else "any"
            self._metrics.note(method, route, status, perf_counter() - begun)


def _look(
    service: Service,
) -> tuple[Head, tuple[ProjectionStatus, ...], SealState, Expiry | None]:
    head, now = service.registry.log.head(), service.registry.clock()
    with service.reading() as cursor:
        return (
            head,
            ledger.status(cursor),
            seal_state(cursor),
            expiry_of(cursor, service.database.marks, now),
        )


def _log_failure(service: Service) -> str | None:
    """A log that lost its end, or was put back; a fact that nobody wrote stops the registers."""
    with service.reading() as cursor:
        return end_failure(cursor, service.database.newest_head)


def _key_list(expiry: Expiry | None) -> dict[str, Any] | None:
    if expiry is None:
        return None
    return {
        "version": expiry.version,
        "expires_at": expiry.expires_at,
        "days_left": expiry.days_left,
        "renew": expiry.is_due,
    }


def _sealed(state: SealState) -> dict[str, Any]:
    return {
        "size": state.size,
        "sealed_at": state.sealed_at,
        "age_seconds": state.age_seconds,
        "unsealed": state.unsealed,
    }


def _status(one: ProjectionStatus) -> dict[str, Any]:
    return {
        "name": one.name,
        "position": one.position,
        "lag": one.lag,
        "completeness": one.completeness,
        "failure": one.failure.code if one.failure is not None else None,
    }


def _log_families(head: Head, statuses: Iterable[ProjectionStatus]) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily("sovang_log_position", "Head of the log.", value=head.position)
    lag = GaugeMetricFamily(
        "sovang_projection_lag_facts", "Facts behind the log.", labels=["projection"]
    )
    whole = GaugeMetricFamily(
        "sovang_projection_complete", "1 unless facts were missed.", labels=["projection"]
    )
    for one in statuses:
        lag.add_metric([one.name], one.lag)
        whole.add_metric([one.name], 0 if one.completeness == "INCOMPLETE" else 1)
    yield lag
    yield whole


def _seal_families(state: SealState) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily("sovang_sealed_size", "Leaves under the last head.", value=state.size)
    yield GaugeMetricFamily(
        "sovang_unsealed_facts", "Facts behind the last head.", value=state.unsealed
    )
    if state.age_seconds is not None:
        yield GaugeMetricFamily(
            "sovang_checkpoint_age_seconds", "Age of the last head.", value=state.age_seconds
        )


def _key_families(expiry: Expiry | None) -> Iterator[GaugeMetricFamily]:
    if expiry is not None:
        yield GaugeMetricFamily(
            "sovang_key_list_days_left", "Days until the key list ends.", value=expiry.days_left
        )
