"""The server: database, registers and web in one process, until it is told to stop.

Order matters at the end: no more requests, then the imports end behind their chunk, then the
registers stop following and the log is sealed no more, and last the database. A second signal
does not wait for requests.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from functools import partial
from importlib.resources import as_file, files
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

import structlog
import uvicorn
from structlog.processors import CallsiteParameter, CallsiteParameterAdder

from api.application import create_application
from api.health.log_lines import LogLines
from api.health.log_watch import LogWatch
from api.http.connections import Connections
from api.http.listening import CONNECTIONS_WAITING_MAX, address_of, listen
from api.imports.importing import import_sheet
from api.imports.options import ImportOptions
from api.verification import lists
from api.verification.expiry import watch
from api.verification.opening import trust_of
from projections import ledger, sampling, witnesses
from projections.applied import Applied
from projections.background import Task
from projections.registers import REGISTERS
from projections.runner import Runner
from projections.sealing import Sequencer, log_signers
from registry.connections import ROLE_WAITS
from registry.database import Database, open_database
from registry.errors import NotReady
from registry.fact import Authorship
from registry.messages import describe, format_number
from registry.rights import Units
from registry.trust import log_origin, prepare_keys, published_lists

if TYPE_CHECKING:
    from types import FrameType

    from registry.key_set import KeySet
    from registry.register import Registry
    from registry.settings import Language, Settings

STOP_SECONDS_MAX: Final = 10
SAMPLE_VISIBLE_SECONDS_MAX: Final = 30.0

_SAMPLE_AUTHOR: Final = Authorship("Sổ mẫu", "Sổ Vàng", basis="Dữ liệu mẫu, bịa ra để xem thử")
_SAMPLES: Final = (
    ("legacy-register-3000.xlsx", ImportOptions(kind="legacy")),
    (
        "decision-list-1200.xlsx",
        ImportOptions(
            kind="decision",
            number="1200/QĐ-UBND",
            date="2/9/2024",
            issuer="Chủ tịch Ủy ban nhân dân tỉnh Lào Cai",
        ),
    ),
)
_SAID: Final = {
    "address": ("Sổ Vàng đang chạy tại {address}", "Sổ Vàng runs at {address}"),
    "stop": ("Nhấn Ctrl-C để dừng.", "Press Ctrl-C to stop."),
    "stopping": ("Đang dừng…", "Stopping..."),
    "sample": (
        "Đang nạp sổ mẫu (dữ liệu bịa, không có người thật)…",
        "Loading a sample register (invented, no real person)...",
    ),
    "trial": (
        (
            "Đang dùng bộ khóa DÙNG THỬ trong {folder}: đủ để xem thử, không có giá trị bảo vệ."
            " Khi dùng thật, cơ quan phải tự lập khóa gốc và danh sách khóa."
        ),
        (
            "Using a TRIAL set of keys in {folder}: good for trying, it protects nothing."
            " In earnest, the office makes its own root keys and key list."
        ),
    ),
    "renamed": (
        (
            "CHÚ Ý: SOVANG_PUBLIC_URL là {url}, nhưng sổ niêm phong mang tên {log} từ khi lập."
            " Mã QR in từ nay dẫn đến địa chỉ mới; bằng đã in vẫn dẫn đến địa chỉ cũ, phải giữ"
            " địa chỉ đó. Nếu không định đổi, hãy đặt lại SOVANG_PUBLIC_URL như trước."
        ),
        (
            "NOTE: SOVANG_PUBLIC_URL is {url}, but the sealed log has been called {log} from its"
            " beginning. QR codes printed from now on lead to the new address; those on paper"
            " lead to the old one, which must be kept. If no change is meant, set"
            " SOVANG_PUBLIC_URL as it was."
        ),
    ),
    "unsealed": (
        "Sổ không được niêm phong ở máy này: {reason}",
        "The log is not sealed on this machine: {reason}",
    ),
    "sampled": (
        "Đã nạp {count} khen thưởng mẫu.",
        "Loaded {count} sample awards.",
    ),
}


def serve(
    settings: Settings,
    host: str,
    port: int,
    *,
    projections: bool = True,
    with_sample: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Run the server until SIGINT or SIGTERM; with `port` 0 it takes a free one and says which.

    `with_sample` fills an empty register with invented records; `tell` is given the address once
    connections are taken. Raises `NotReady` (with
    `address-in-use` if the port is taken), and what `open_database` raises.
    """
    log_to(sys.stderr)
    with ExitStack() as stack:
        listening = stack.enter_context(closing(listen(host, port)))
        database = stack.enter_context(open_database(settings))
        registry = database.registry()
        key_set = open_keys(database, settings)
        applied = Applied() if projections else None
        log_watch = LogWatch(
            database, registry, stalled_seconds=ROLE_WAITS["writer"].idle_seconds_max
        )
        tasks = [log_watch.task]
        stack.enter_context(log_watch.task.running(log_watch.run))
        if projections:
            stack.enter_context(following(database, tasks, applied))
            stack.enter_context(sealing(database, key_set, settings.witnesses, tasks))
            stack.enter_context(_watching_keys(database, tasks))
            stack.enter_context(_sampling_registers(database, tasks))
        if with_sample and _is_empty(registry):
            _load_sample(database, registry, settings.language, wait=projections)
        proxies = [ip_network(one) for one in settings.trusted_proxies]
        publishing = Task("status lists")
        if key_set is not None:
            tasks.append(publishing)
        application = create_application(
            database,
            registry=registry,
            language=settings.language,
            home=settings.home,
            public_url=settings.public_url if settings.public_url_given else address_of(listening),
            trust=trust_of(database, key_set),
            units=Units(settings.superior_office),
            proxies=proxies,
            applied=applied,
            tasks=tasks,
            watch=log_watch,
        )
        if key_set is not None:
            publish = partial(lists.follow, application.state.service, publishing)
            stack.enter_context(publishing.running(publish))
        connections = Connections(language=settings.language, trusted=proxies)
        server = _Server(_configuration(application, connections))
        stack.enter_context(_stopping(server, settings.language))
        _say("address", settings.language, address=address_of(listening))
        _say("stop", settings.language)
        tell(address_of(listening))
        server.run(sockets=[listening])


@contextmanager
def following(
    database: Database, tasks: list[Task] | None = None, applied: Applied | None = None
) -> Iterator[Runner]:
    """Let the registers follow the log in a thread of their own, added to `tasks`.

    `applied` is told how far they have come.
    """
    tasks = [] if tasks is None else tasks
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS, applied=applied)
    runner.prepare()
    tasks.append(runner.task)
    with runner.task.running(runner.run):
        yield runner


@contextmanager
def _watching_keys(database: Database, tasks: list[Task]) -> Iterator[None]:
    task = Task("key list")
    tasks.append(task)
    with task.running(partial(watch, database, task)):
        yield


@contextmanager
def _sampling_registers(database: Database, tasks: list[Task]) -> Iterator[None]:
    task = Task("registers sample")
    tasks.append(task)
    with task.running(partial(sampling.follow, database, task)):
        yield


def open_keys(database: Database, settings: Settings) -> KeySet | None:
    """The signing keys of this home; one without keys only says so, and seals and signs nothing."""
    try:
        key_set, key_list = prepare_keys(database.registry(), settings)
        if key_list.log != log_origin(settings.public_url):
            _say("renamed", settings.language, log=key_list.log, url=settings.public_url)
    except NotReady as error:
        reason = describe(error.code, error.params, settings.language)
        _say("unsealed", settings.language, reason=reason)
        return None
    if key_list.trial:
        _say("trial", settings.language, folder=str(key_set.folder))
    return key_set


@contextmanager
def sealing(
    database: Database,
    key_set: KeySet | None,
    addresses: Sequence[str] = (),
    tasks: list[Task] | None = None,
) -> Iterator[None]:
    """Let the log be sealed in a thread of its own, where there are keys.

    Witnesses at the addresses are asked in another one. All are added to `tasks`.
    """
    tasks = [] if tasks is None else tasks
    if key_set is None:
        yield
        return
    sequencer = Sequencer(
        database.conninfo("projector"),
        database.marks,
        log_signers(key_set),
        newest_head=database.newest_head,
    )
    with ExitStack() as stack:
        tasks.append(sequencer.task)
        stack.enter_context(sequencer.task.running(sequencer.run))
        if addresses:
            asked, asking = witnesses.witness_tasks(addresses), Task("witnesses")
            tasks += [asking, *asked.values()]
            conninfo, marks = database.conninfo("writer"), database.marks
            run = partial(witnesses.follow, conninfo, marks, addresses, tasks=asked)
            stack.enter_context(asking.running(run))
        yield


class _Server(uvicorn.Server):
    """The web server without its own signal handlers: they end the process at once."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


def _configuration(application: object, connections: Connections) -> uvicorn.Config:
    return uvicorn.Config(
        application,  # type: ignore[arg-type]
        http=connections.protocol,  # type: ignore[arg-type]  # uvicorn calls it, class or not
        ws="none",
        log_config=None,
        # Addresses hold what people look for; names do not belong in a log.
        access_log=False,
        # Whose word on a client's address counts is a setting of ours: `api.http.addresses`.
        proxy_headers=False,
        server_header=False,
        backlog=CONNECTIONS_WAITING_MAX,
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
    )


@contextmanager
def _stopping(server: uvicorn.Server, language: Language) -> Iterator[None]:
    """Let SIGINT and SIGTERM stop the server, and a second one stop it without waiting."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.force_exit = server.should_exit
        server.should_exit = True
        _say("stopping", language)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_empty(registry: Registry) -> bool:
    """Whether nobody has recorded anything: the first start itself publishes a key list."""
    return registry.log.head().facts == len(published_lists(registry))


def _load_sample(database: Database, registry: Registry, language: Language, *, wait: bool) -> None:
    _say("sample", language)
    count = 0
    for name, options in _SAMPLES:
        with as_file(files("api").joinpath("samples", name)) as path:
            count += import_sheet(registry, path, options, _SAMPLE_AUTHOR).tally.accepted
    if wait:
        with database.pool("reader").connection() as connection, connection.cursor() as cursor:
            ledger.wait_for(cursor, registry.log.head().position, SAMPLE_VISIBLE_SECONDS_MAX)
    _say("sampled", language, count=format_number(count, language))


def _say(code: str, language: Language, **params: str) -> None:
    """Tell whoever started the server."""
    text = _SAID[code][1 if language == "en" else 0].format(**params)
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def log_to(stream: TextIO) -> None:
    """One line of JSON for everything that is logged, whoever logs it, each with its time."""
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
    ]
    thread = CallsiteParameterAdder({CallsiteParameter.THREAD_NAME})
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    lines = LogLines(stream)
    handler = logging.StreamHandler(cast("TextIO", lines))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), thread, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # What is wrong with a connection is told by who wanted it.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, render],
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", lines)),
        cache_logger_on_first_use=True,
    )
