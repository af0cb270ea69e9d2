"""Names and persons' keys that the facts of a log make, against those that its database keeps.

A name that is gone lets the same award be recorded twice; one too many refuses a genuine one; one
with another holder sends a request to a record that is not its own. A person's key that is gone
without an erasure is a loss, one that is there after it a broken promise. None of them is a fact,
so no seal covers them; all of them follow from the facts, through the deciders.

What the facts make waits in the recount's file, and is compared in the order of the keys: memory
holds one name, whatever the size.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, LiteralString, TypeAlias
from uuid import UUID

from registry.award import AwardWithdrawn
from registry.erasure import PersonErased
from registry.errors import CorruptFact
from registry.kinds import DECIDERS, KIND_OF_EVENT, personal_values
from registry.released import RELEASED_KINDS, WITHDRAWALS
from registry.work import request_claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from sqlite3 import Connection

    import psycopg

    from registry.fact import Authorship, Claim, Fact
    from registry.proofs.auditing import Audit

_TABLES: Final = (
    "CREATE TABLE claim (key BLOB, kind TEXT, stream BLOB, soft INT, needed INT, place INT, until)",
    "CREATE TABLE person (subject BLOB PRIMARY KEY, position INT) WITHOUT ROWID",
    "CREATE TABLE gone (subject BLOB PRIMARY KEY) WITHOUT ROWID",
)
_ROWS_PER_READ: Final = 5_000

UnwrapFunction: TypeAlias = "Callable[[UUID, bytes], bytes]"
"""Opens a person's key as it is kept; raises `CorruptFact` for one that was altered."""


class NameRecount:
    """Gathers what the facts make, then compares it with what a database has."""

    def __init__(
        self, waiting: Connection, kept: psycopg.Connection[Any], unwrap: UnwrapFunction
    ) -> None:
        self._waiting = waiting
        self._kept = kept
        self._unwrap = unwrap
        for statement in _TABLES:
            waiting.execute(statement)

    def add(self, facts: Sequence[Fact[Any]]) -> None:
        """Take in a whole record, from its first fact to its last."""
        decider = DECIDERS[KIND_OF_EVENT[type(facts[0].event)]]
        state: Any = decider.INITIAL
        names: list[tuple[Any, ...]] = []
        last = facts[-1]
        gone = last.position if type(last.event) in WITHDRAWALS else None
        for fact in facts:
            state = decider.evolve(state, fact.event)
            stream, position = fact.stream_id.bytes, fact.position
            names += [
                (claim.digest, claim.kind, stream, claim.soft, True, position, _until(claim, gone))
                for claim in decider.claims(state, fact.event)
            ]
            requested = request_claim(fact.authorship)
            if requested is not None:
                needed = _is_needed(fact.authorship, fact.stream_id)
                key, kind = requested.digest, requested.kind
                names.append((key, kind, stream, True, needed, position, None))
            self._add_persons(fact)
        names += _inherited(names, last)
        self._waiting.executemany("INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?)", names)

    def _add_persons(self, fact: Fact[Any]) -> None:
        if isinstance(fact.event, PersonErased):
            row = (fact.event.subject.bytes,)
            self._waiting.execute("INSERT OR IGNORE INTO gone VALUES (?)", row)
        subjects = {value.subject for value in personal_values(fact.event)}
        self._waiting.executemany(
            "INSERT INTO person VALUES (?, ?)"
            " ON CONFLICT (subject) DO UPDATE SET position = min(position, excluded.position)",
            [(UUID(subject).bytes, fact.position) for subject in subjects],
        )

    def check(self, found: Audit) -> None:
        """Tell every name and every key that is not as the facts make it."""
        self._check_names(found)
        self._check_keys(found)

    def _check_names(self, found: Audit) -> None:
        made = groupby(
            self._waiting.execute("SELECT * FROM claim ORDER BY key, place"), itemgetter(0)
        )
        wanted = ((key, list(rows)) for key, rows in made)
        kept = self._rows("SELECT key, kind, stream, released FROM log.claims ORDER BY key")
        for rows, row in _side_by_side(wanted, kept):
            if rows is None:
                assert row is not None  # noqa: S101 - one of the two is there
                found.blame("claim-extra", claim=row[1], record=str(UUID(bytes=row[2])))
            else:
                _check_name(found, rows[1], row)

    def _check_keys(self, found: Audit) -> None:
        wanted = self._waiting.execute(
            "SELECT subject, position, subject IN (SELECT subject FROM gone) FROM person"
            " ORDER BY subject"
        )
        kept = self._rows("SELECT subject, wrapped FROM log.subject_keys ORDER BY subject")
        for made, key in _side_by_side(wanted, kept):
            if made is None:
                assert key is not None  # noqa: S101 - one of the two is there
                found.blame("subject-key-of-nobody", person=str(UUID(bytes=key[0])))
            elif key is None:
                if not made[2]:
                    person = str(UUID(bytes=made[0]))
                    found.blame("subject-key-missing", person=person, position=made[1])
            elif made[2]:
                found.blame("subject-key-after-erasure", person=str(UUID(bytes=made[0])))
            else:
                self._open(found, *key)

    def _open(self, found: Audit, subject: bytes, wrapped: bytes) -> None:
        try:
            self._unwrap(UUID(bytes=subject), wrapped)
        except CorruptFact as error:
            found.blame(error.code, **error.params)

    def _rows(self, query: LiteralString) -> Iterator[tuple[Any, ...]]:
        """Rows of the database, a bounded number at a time; ids as bytes."""
        with self._kept.cursor("names_and_keys", binary=True) as cursor:
            cursor.itersize = _ROWS_PER_READ
            for row in cursor.execute(query):
                yield tuple(value.bytes if isinstance(value, UUID) else value for value in row)


def _is_needed(authorship: Authorship, stream: UUID) -> bool | None:
    """Whether a request key must be a name: None tells that it is the id of an import.

    A key without a digest comes from no client that could repeat his request.
    """
    if authorship.request == str(stream):
        return None
    return authorship.request_digest is not None


def _until(claim: Claim, gone: int | None) -> int | None:
    """The position from which on a name is free again; None where it is not."""
    return gone if claim.kind in RELEASED_KINDS else None


def _inherited(names: list[tuple[Any, ...]], last: Fact[Any]) -> list[tuple[Any, ...]]:
    """Names that another record has since this one was withdrawn, as taken with that."""
    event = last.event
    if not isinstance(event, AwardWithdrawn) or event.golden_heir is None:
        return []
    heir = event.golden_heir.bytes
    return [
        (key, kind, heir, True, True, last.position, None)
        for key, kind, *_ in names
        if kind == "golden-number"
    ]


def _check_name(found: Audit, rows: list[tuple[Any, ...]], kept: tuple[Any, ...] | None) -> None:
    """Tell what is wrong with a name: `rows` are those who take it, in the order of the log."""
    holder = _holder(found, rows)
    _, kind, stream, _, _, position, until = holder
    place: dict[str, str | int] = {
        "claim": kind,
        "record": str(UUID(bytes=stream)),
        "position": position,
    }
    others = {row[2] for row in rows}
    if kept is None:
        if kind != "request" or _must_be_kept(rows):
            found.blame("claim-missing", **place)
    elif kept[2] != stream and not (kind == "request" and kept[2] in others):
        found.blame("claim-wrong", **place, holder=str(UUID(bytes=kept[2])))
    elif kept[3] != (until is not None):
        code = "claim-not-released" if until is not None else "claim-released"
        found.blame(code, **place)


def _holder(found: Audit, rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Who has a name after all that took it: the first, until he gave it up, then the next.

    Tells of one that took what another had.
    """
    until = {row[2]: row[6] for row in rows if row[6] is not None}
    holder, told = rows[0], False
    for row in rows[1:]:
        if holder[6] is not None and holder[6] <= row[5]:
            # Who inherited it may have been withdrawn himself since.
            holder = (*row[:6], until.get(row[2]))
        elif row[2] != holder[2] and not row[3] and not holder[3] and not told:
            again = {"record": str(UUID(bytes=row[2])), "position": row[5]}
            held_by = str(UUID(bytes=holder[2]))
            found.blame("claim-doubled", claim=holder[1], holder=held_by, **again)
            told = True
    return holder


def _must_be_kept(rows: list[tuple[Any, ...]]) -> bool:
    needs = [row[4] for row in rows]
    return None not in needs and any(needs)


def _side_by_side(
    left: Iterable[tuple[Any, ...]], right: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]]:
    """Two series in the order of their first column, those with equal ones together."""
    lefts, rights = iter(left), iter(right)
    one, other = next(lefts, None), next(rights, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            yield one, None
            one = next(lefts, None)
        elif one is None or other[0] < one[0]:
            yield None, other
            other = next(rights, None)
        else:
            yield one, other
            one, other = next(lefts, None), next(rights, None)
