"""A sealed log on a test's database: a key list under made keys, and facts to seal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from projections.sealing import Sequencer
from registry.proofs.checkpoints import LogPolicy, policy_of
from registry.proofs.keys import Signer
from registry.trust import publish
from registry.user import AddUser
from tests import made_keys as made

if TYPE_CHECKING:
    from registry.database import Database
    from registry.fact import Authorship
    from registry.proofs.key_list import KeyList
    from registry.register import Registry

LOG_SIGNERS: tuple[Signer, ...] = (
    made.signer("log", "log"),
    made.signer("log", "log", "ML-DSA-44"),
)


def sealed_key_list(**changes: Any) -> KeyList:
    """The key list of tests' logs, in which both keys of the log stand."""
    status = made.listed(made.signer("status", "status"))
    keys = (made.listed(made.signer("issue")), status, *[made.listed(one) for one in LOG_SIGNERS])
    return made.key_list(**{"keys": keys, **changes})


def publish_list(database: Database, **changes: Any) -> LogPolicy:
    """Publish a key list of tests; what it wants of a head."""
    key_list = sealed_key_list(**changes)
    publish(database.registry(), made.signed(key_list), made.NOW)
    return policy_of(key_list)


def sequencer(database: Database, **options: Any) -> Sequencer:
    """A sequencer that signs with the made keys."""
    return Sequencer(
        database.conninfo("projector"),
        database.marks,
        lambda *_: LOG_SIGNERS,
        clock=lambda: made.NOW,
        **options,
    )


def record(registry: Registry, authorship: Authorship, count: int, prefix: str = "Cán bộ") -> None:
    """Append so many facts in one transaction."""
    work = registry.work(authorship)
    for number in range(count):
        work.create("user", AddUser(f"{prefix} {number}", "clerk", authorship.office))
    work.commit()


def tamper(database: Database, statement: str, *parameters: Any) -> None:
    """Change the database as somebody who controls it could: no trigger asks him."""
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        changed = connection.execute(statement, parameters)
        assert changed.rowcount > 0
