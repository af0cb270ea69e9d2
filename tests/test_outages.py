"""What the database refuses is told as what it is, and a server that is back is used at once."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors
from psycopg_pool import PoolTimeout

from registry.appending import BULK_FACTS_MIN
from registry.database import Database, make_database
from registry.embedded import EmbeddedPostgres
from registry.embedded.server import answers
from registry.errors import CorruptFact, NotReady, OutcomeUnknown, RegistryError
from registry.outages import meaning_of
from registry.pools import POOL_CONNECTIONS_MAX, PoolBusy
from tests.api_house import a_decision, open_house, problem
from tests.conftest import TEST_KEY
from tests.folders import server_folder
from tests.strangers import award, individual

if TYPE_CHECKING:
    from registry.fact import Authorship
    from registry.register import Registry

LOOKS_MAX = 3_000

STATES = [
    ("53100", "no room", "disk-full"),
    ("XX000", 'could not extend file "base/5/1": No space left on device', "disk-full"),
    ("58030", 'could not write to file "x": Disk quota exceeded', "disk-full"),
    ("58030", "could not read block 3", "database-storage-failing"),
    ("53200", "out of memory", "database-out-of-memory"),
    ("53300", "too many", "database-connections-exhausted"),
    ("53400", "too much", "database-resources-exhausted"),
    ("25006", "cannot execute INSERT in a read-only transaction", "database-read-only"),
    ("55P03", "canceling statement due to lock timeout", "database-busy"),
    ("57014", "canceling statement due to user request", "statement-cancelled"),
    ("57P03", "the database system is starting up", "database-starting"),
    ("55000", "not in that state", "database-refuses"),
    ("XX001", "invalid page in block 3", "database-damaged"),
    ("40P01", "deadlock detected", "record-changed"),
    ("40001", "could not serialize access", "record-changed"),
]


def provoke(database: Database, action: str, *, at_commit: bool = False) -> None:
    """Let the database do something when a fact is recorded."""
    kind = "CONSTRAINT TRIGGER" if at_commit else "TRIGGER"
    when = "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW" if at_commit else "FOR EACH STATEMENT"
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION provoke() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
            f" $$ BEGIN {action}; RETURN NULL; END $$"
        )
        connection.execute(
            f"CREATE {kind} provoke AFTER INSERT ON log.facts {when} EXECUTE FUNCTION provoke()"
        )


def append(registry: Registry, authorship: Authorship, *, bulk: bool) -> None:
    work = registry.work(authorship)
    for number in range(BULK_FACTS_MIN if bulk else 1):
        work.create("award", award(individual(f"Lý Thị {number}")))
    work.commit()


def refusal(registry: Registry, authorship: Authorship, *, bulk: bool) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        append(registry, authorship, bulk=bulk)
    return caught.value


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize(("state", "said", "code"), STATES)
def test_what_the_server_undid_is_never_an_unknown_outcome(  # noqa: PLR0917
    database: Database,
    registry: Registry,
    authorship: Authorship,
    state: str,
    said: str,
    code: str,
    bulk: bool,
) -> None:
    provoke(database, f"RAISE EXCEPTION USING ERRCODE = '{state}', MESSAGE = '{said}'")
    error = refusal(registry, authorship, bulk=bulk)
    assert error.code == code
    assert not isinstance(error, OutcomeUnknown)
    assert registry.log.head().facts == 0


def test_what_nobody_expects_stays_what_it_is(
    database: Database, registry: Registry, authorship: Authorship
) -> None:
    provoke(database, "PERFORM 1 / 0")
    with pytest.raises(psycopg.errors.DivisionByZero):
        append(registry, authorship, bulk=False)


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("at_commit", [False, True])
def test_a_session_that_ends_leaves_doubt_only_once_the_commit_was_sent(
    database: Database, registry: Registry, authorship: Authorship, bulk: bool, at_commit: bool
) -> None:
    provoke(database, "PERFORM pg_terminate_backend(pg_backend_pid())", at_commit=at_commit)
    error = refusal(registry, authorship, bulk=bulk)
    if bulk and not at_commit:
        assert (type(error), error.code) == (NotReady, "database-unavailable")
    else:
        assert (type(error), error.code) == (OutcomeUnknown, "connection-lost")


class Panic(errors.DiskFull):
    """As the server reports that it gave up while it wrote its journal."""

    @property
    def diag(self) -> Any:
        return type("Diagnostic", (), {"severity_nonlocalized": "PANIC"})()


def test_a_server_that_gives_up_on_a_full_disk_leaves_doubt() -> None:
    meant = meaning_of(Panic("could not write to file: No space left on device"), may_stand=True)
    assert isinstance(meant, OutcomeUnknown)
    assert meant.code == "disk-full-recording"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PoolTimeout("late"), "database-unavailable"),
        (PoolBusy("late"), "database-busy"),
        (psycopg.InterfaceError("the connection is closed"), "database-unavailable"),
        (psycopg.OperationalError("server closed the connection"), "database-unavailable"),
        (
            psycopg.OperationalError("FATAL:  sorry, too many clients already"),
            "database-connections-exhausted",
        ),
        (
            psycopg.OperationalError("FATAL:  the database system is starting up"),
            "database-starting",
        ),
        (
            psycopg.OperationalError('FATAL:  password authentication failed for user "x"'),
            "database-sign-in-refused",
        ),
        (psycopg.OperationalError('FATAL:  database "x" does not exist'), "database-missing"),
        (errors.IdleInTransactionSessionTimeout("idle"), "session-ended-idle"),
        (errors.AdminShutdown("terminating connection"), "database-unavailable"),
        (errors.IndexCorrupted("damaged"), "database-damaged"),
        (errors.ProgramLimitExceeded("too long"), None),
        (errors.DataError("bad"), None),
        (psycopg.ProgrammingError("misused"), None),
    ],
)
def test_every_error_has_a_meaning(error: psycopg.Error, code: str | None) -> None:
    meant = meaning_of(error)
    assert (None if meant is None else meant.code) == code
    assert isinstance(meant, CorruptFact) == (code == "database-damaged")


def test_over_http_a_database_that_can_only_be_read_says_so(database: Database) -> None:
    with open_house(database) as house:
        house.token()
        name = database.administrator.split("dbname='")[1].split("'")[0]
        with psycopg.connect(database.administrator, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        answer = house.post("/api/decisions", a_decision())
        problem(answer, 503, "database-read-only")
        assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.DiskFull("no room for a sort"), 503, "disk-full"),
        (errors.QueryCanceled("cancelled"), 503, "statement-cancelled"),
        (psycopg.InterfaceError("the connection is closed"), 503, "database-unavailable"),
        (errors.DivisionByZero("division by zero"), 500, "unexpected"),
        (errors.UndefinedTable("no such table"), 503, "registers-not-ready"),
    ],
)
def test_a_read_that_the_database_refuses_is_told_as_what_it_is(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    error: psycopg.Error,
    status: int,
    code: str,
) -> None:
    def refusing(*_arguments: object) -> None:
        raise error

    with open_house(database) as house:
        with monkeypatch.context() as patched:
            patched.setattr(database, "pool", refusing)
            answer = house.get("/api/awards")
        problem(answer, status, code)


# A server that was away --------------------------------------------------------------------


def test_a_server_that_is_back_is_used_at_the_first_attempt(authorship: Authorship) -> None:
    """Every connection of the pools is dead then, and none of them costs an attempt or a pause."""
    with server_folder() as folder, EmbeddedPostgres(folder) as server:
        make_database(server.conninfo("postgres", "postgres"), "away")
        database = Database(server.conninfo("away", "postgres"), home_key=TEST_KEY)
        database.migrate()
        registry = database.registry()
        for name in ("Lò Thị Mẩy", "Lò Thị Sua"):
            fill(database)
            kill(server)
            registry.create("award", award(individual(name)), authorship)
            fill(database)
        assert registry.log.head().facts == 2
        database.close()


def fill(database: Database) -> None:
    """Have every connection of the pools open, each used once."""
    together = Barrier(POOL_CONNECTIONS_MAX)

    def use(role: Any) -> None:
        with database.pool(role).connection() as connection:
            connection.execute("SELECT 1")
            together.wait(60)

    for role in ("writer", "reader"):
        with ThreadPoolExecutor(POOL_CONNECTIONS_MAX) as users:
            list(users.map(use, [role] * POOL_CONNECTIONS_MAX))


def kill(server: EmbeddedPostgres) -> None:
    """End the server at once; return when it is back."""
    before = server.server_pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    for _ in range(LOOKS_MAX):
        if server.server_pid not in {None, before} and answers(server.folder):
            return
        time.sleep(0.02)
    pytest.fail("the server does not come back")


def test_a_pool_that_is_all_lent_is_busy_and_not_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = database.pool("reader")
    monkeypatch.setattr(pool, "timeout", 0.2)
    lent = [pool.getconn(20) for _ in range(POOL_CONNECTIONS_MAX)]
    with pytest.raises(PoolBusy):
        pool.getconn()
    for connection in lent:
        pool.putconn(connection)
