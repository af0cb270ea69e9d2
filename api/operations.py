"""Health and metrics: whether the server lives, whether it may be asked, how it does.

Ready means that the database answers and nothing is known to be wrong (`api.health`). A register
that is merely behind is still ready: it says how far. So does the sealed log: the age of its last
head, and how many facts stand behind it; and so does the key list that the roots must sign anew.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import psycopg
import structlog
from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer
from api.health.look import HealthLook
from api.health.troubles import Circumstances, Trouble, troubles
from api.problems import language_for
from api.service import sees_operations
from registry.errors import NotReady, RegistryError
from registry.messages import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from prometheus_client.core import Metric
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.health.log_watch import LogWatch
    from api.health.look import Look
    from api.service import Service
    from api.verification.expiry import Expiry
    from projections.background import Task
    from projections.ledger import ProjectionStatus
    from projections.sealed_log import SealState
    from registry.log import Head
    from registry.settings import Language

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_log = structlog.get_logger(__name__)
router = APIRouter(tags=["operations"])


@router.get("/health/live")
def live() -> Response:
    """The server runs."""
    return json_answer({"status": "live"})


@router.get("/health/ready")
def ready(request: Request) -> Response:
    """The database answers; for each register, how far it is behind and whether it is whole.

    What is wrong has a code and a sentence; answered within two seconds, whatever stands still.
    Only whether it is ready to who asks from elsewhere without a role that operates.
    """
    health: Health = request.app.state.health
    language = language_for(request)
    is_told = sees_operations(request)
    try:
        look = health.look()
    except RegistryError as error:
        _log.warning("not ready", reason=str(error))
        problems = [_problem(Trouble(error.code, params=error.params), language)]
        told = {"code": error.code, "problems": problems} if is_told else {}
        return json_answer({"status": "unavailable", **told}, 503)
    found = health.troubles(look)
    wrong = any(one.level == "error" for one in found)
    status = 503 if wrong else 200
    if not is_told:
        return json_answer({"status": "degraded" if wrong else "ready"}, status)
    body = {
        "status": "degraded" if wrong else "ready",
        "problems": [_problem(one, language) for one in found],
        "log": {
            "position": look.head.position,
            "facts": look.head.facts,
            "failure": look.end_failure.code if look.end_failure is not None else None,
        },
        "sealed": _sealed(look.sealed),
        "key_list": _key_list(look.expiry),
        "projections": [_status(one) for one in look.statuses],
        "row_faults": look.row_faults,
    }
    return json_answer(body, status)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Metrics in the text format of Prometheus."""
    collected: CollectorRegistry = request.app.state.metrics.collected
    return Response(generate_latest(collected), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class Health:
    """How one application's register does, and the threads that keep it going."""

    def __init__(
        self,
        service: Service,
        home: Path | None,
        tasks: Sequence[Task] = (),
        watch: LogWatch | None = None,
    ) -> None:
        self.watch = watch
        self.tasks = (*tasks, service.imports.task, service.prints.task)
        self._registry = service.registry
        self._looks = HealthLook(service.database, service.registry, home)

    def look(self) -> Look:
        """What is seen now. Raises `RegistryError`, whose code says why nothing is."""
        try:
            return self._looks.now()
        except psycopg.Error as error:
            raise NotReady("database-unavailable") from error

    def troubles(self, look: Look) -> list[Trouble]:
        """What is wrong."""
        now = self._registry.clock()
        return troubles(Circumstances(look, self._registry, self.tasks, self.watch, now))


class Metrics:
    """Counts and times of one application, kept apart from other applications' in a process."""

    def __init__(self, health: Health) -> None:
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
        self.collected.register(_LogGauges(health))
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

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterable[Metric]:
        """One look at the database; nothing of it when it does not answer."""
        up = GaugeMetricFamily("sovang_database_up", "Whether the database answers.")
        own = [*_task_families(self._health.tasks), *_watch_families(self._health.watch)]
        try:
            look = self._health.look()
        except RegistryError:
            up.add_metric([], 0)
            return [up, *own]
        up.add_metric([], 1)
        return [
            up,
            *own,
            *_log_families(look.head, look.statuses),
            *_seal_families(look.sealed),
            *_key_families(look.expiry),
        ]

    def describe(self) -> Iterable[Metric]:
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


def _problem(trouble: Trouble, language: Language) -> dict[str, Any]:
    return {
        "code": trouble.code,
        "level": trouble.level,
        "detail": describe(trouble.code, trouble.params, language),
        "params": dict(trouble.params),
    }


def _task_families(tasks: Iterable[Task]) -> Iterator[Metric]:
    labels = ["thread"]
    alive = GaugeMetricFamily("sovang_thread_alive", "1 unless it ended.", labels=labels)
    failing = GaugeMetricFamily("sovang_thread_failing", "Failures in a row.", labels=labels)
    failures = CounterMetricFamily("sovang_thread_failures", "Failures in all.", labels=labels)
    for state in (task.state() for task in tasks):
        alive.add_metric([state.name], int(state.alive))
        failing.add_metric([state.name], state.failures)
        failures.add_metric([state.name], state.failures_total)
    yield from (alive, failing, failures)


def _watch_families(watch: LogWatch | None) -> Iterator[Metric]:
    if watch is None:
        return
    held = GaugeMetricFamily(
        "sovang_log_held_seconds", "How long one session holds the log.", labels=["application"]
    )
    if (holder := watch.held) is not None:
        held.add_metric([holder.application], holder.seconds)
    yield held
    yield CounterMetricFamily(
        "sovang_log_taken_back", "Times the log was taken back.", value=watch.taken_back
    )


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
