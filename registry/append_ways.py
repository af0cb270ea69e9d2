"""The two ways of facts into the log: one statement, or COPY for many. Nothing else writes facts.

Both hold the lock on the head until the commit, and bring claims, expectations and persons' keys
in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from registry.appending import Appended, Appending
from registry.copying import copy_claims, copy_facts, copy_subject_keys
from registry.errors import OutcomeUnknown
from registry.outages import meaning_of

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

    from registry.marks import Marks

Append: TypeAlias = Callable[["Connection[Any]", Appending, "Marks", "Fate"], Appended]

_APPEND = (
    "SELECT first_position, held_key, held_by FROM log.append("
    "%b::uuid[], %b::bigint[], %b::text[], %b::bytea[], %b::bytea[],"
    "%b::bytea[], %b::text[], %b::uuid[], %b::boolean[],"
    "%b::uuid[], %b::bigint[], %b::uuid[], %b::bytea[])"
)
_ANY_RELEASED = "SELECT EXISTS (SELECT FROM log.claims WHERE released)"
_TAKE_RELEASED = "SELECT log.take_released(%b::bytea[], %b::uuid[])"
_RELEASE = "SELECT log.release_claims(%b::bytea[], %b::uuid[])"


def append_by_call(
    connection: Connection[Any], appending: Appending, marks: Marks, fate: Fate
) -> Appended:
    """One statement, one round trip, one flush."""
    fate.may_stand = True
    events, claims = appending.events, appending.claims
    rows = (
        connection.cursor(row_factory=tuple_row)
        .execute(
            _APPEND,
            (
                [event.originator_id for event in events],
                [event.originator_version for event in events],
                [event.topic for event in events],
                [event.state for event in events],
                [marks.of(event) for event in events],
                [claim[0] for claim in claims],
                [claim[1] for claim in claims],
                [claim[2] for claim in claims],
                [claim[3] for claim in claims],
                [stream for stream, _ in appending.expected],
                [version for _, version in appending.expected],
                list(appending.subject_keys),
                list(appending.subject_keys.values()),
            ),
            prepare=True,
        )
        .fetchall()
    )
    first = rows[-1][0]
    held = {bytes(key): holder for _, key, holder in rows if key is not None}
    return Appended(first, first + len(events) - 1, held)


def append_by_copy(
    connection: Connection[Any], appending: Appending, marks: Marks, fate: Fate
) -> Appended:
    """The bulk path: COPY under the same lock, with the same claims and checks."""
    with connection.transaction():
        cursor = connection.cursor(row_factory=tuple_row)
        locked = cursor.execute("SELECT log.lock_head()").fetchone()
        assert locked is not None  # noqa: S101 - a function returns its row
        last: int = locked[0]
        if appending.expected:
            streams, versions = zip(*appending.expected, strict=True)
            cursor.execute(
                "SELECT log.check_expected(%b::uuid[], %b::bigint[])",
                (list(streams), list(versions)),
            )
        if appending.claims:
            copy_claims(cursor, _without_released(cursor, appending.claims))
        if appending.subject_keys:
            copy_subject_keys(cursor, appending.subject_keys)
        copy_facts(cursor, appending.events, last + 1, marks)
        if appending.erased:
            cursor.execute("SELECT log.destroy_keys(%b::uuid[])", (list(appending.erased),))
        if appending.released:
            # Behind the facts: the database looks whether they say so.
            keys, holders = zip(*appending.released, strict=True)
            cursor.execute(_RELEASE, (list(keys), list(holders)))
        if appending.heirs:
            keys, heirs = zip(*appending.heirs, strict=True)
            cursor.execute(_TAKE_RELEASED, (list(keys), list(heirs)))
        # The commit comes next; until here the server undoes everything by itself.
        fate.may_stand = True
    return Appended(last + 1, last + len(appending.events))


def _without_released(
    cursor: Cursor[Any], claims: Sequence[tuple[bytes, str, UUID, bool]]
) -> Sequence[tuple[bytes, str, UUID, bool]]:
    """Take those names that were released; returns the others. Most logs have none such."""
    found = cursor.execute(_ANY_RELEASED).fetchone()
    if found == (False,):
        return claims
    wanted = ([key for key, *_ in claims], [stream for _, _, stream, _ in claims])
    taken = {bytes(key) for (key,) in cursor.execute(_TAKE_RELEASED, wanted)}
    return [claim for claim in claims if claim[0] not in taken]


@contextmanager
def refused_acknowledgement(connection: Connection[Any]) -> Iterator[None]:
    """Treat a commit that did not reach its replica as not acknowledged.

    PostgreSQL reports success with a warning when the wait for synchronous replication is
    cancelled: the facts stand on one server only.
    """
    warnings: list[str] = []

    def notice(diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.sqlstate == "01000" and "synchronous replication" in (
            diagnostic.message_primary or ""
        ):
            warnings.append(diagnostic.message_primary or "")

    connection.add_notice_handler(notice)
    try:
        yield
    finally:
        connection.remove_notice_handler(notice)
    if warnings:
        raise OutcomeUnknown("not-replicated")


@dataclass(slots=True)
class Fate:
    """Whether what is being appended may stand, for all that we know."""

    may_stand: bool = False


@contextmanager
def translated_errors(fate: Fate | None = None) -> Iterator[None]:
    """Errors of the database become errors of the registry, by what they mean."""
    try:
        yield
    except psycopg.Error as error:
        meant = meaning_of(error, may_stand=fate is not None and fate.may_stand)
        if meant is None:
            raise
        raise meant from error
