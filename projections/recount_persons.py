"""Sealed values in the audit, for an auditor to whom the office gave persons' keys.

Every value must open in its place and fit its commitment, or its person was erased: then the log
says so, and the value stays sealed. A key that is not there for another cause is told: else an
office could hide what it likes behind a lost key.

The keys wait in the recount's file as they came, sealed for the auditor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.codec import event_name
from registry.erasure import PersonErased
from registry.errors import CorruptFact, VerificationFailed
from registry.kinds import personal_values
from registry.proofs.disclosure import Box, PersonKey, read_lines
from registry.sealing import open_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection

    from registry.fact import Fact
    from registry.personal import Clear
    from registry.proofs.auditing import Audit

_TABLES: Final = (
    "CREATE TABLE person_key (person BLOB PRIMARY KEY, sealed) WITHOUT ROWID",
    "CREATE TABLE erased (person BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE unopened (person, position)",
)
_LOST: Final = (
    "SELECT position FROM unopened WHERE person NOT IN (SELECT person FROM erased)"
    " GROUP BY position ORDER BY position"
)


TellFunction: TypeAlias = "Callable[[int, Clear], None]"
"""Is told what was opened, and at which position it stands."""


class PersonRecount:
    """Opens what an auditor may open. Raises `VerificationFailed` for keys that were altered."""

    def __init__(
        self, waiting: Connection, secret: bytes, lines: Iterator[bytes], tell: TellFunction
    ) -> None:
        self.opened = 0
        self._waiting = waiting
        self._tell = tell
        self._bad: list[tuple[int, CorruptFact | VerificationFailed]] = []
        for statement in _TABLES:
            waiting.execute(statement)
        self._box: Box
        self._box, keys = read_lines(secret, lines)
        waiting.executemany(
            "INSERT INTO person_key VALUES (?, ?)", ((key.person.bytes, key.sealed) for key in keys)
        )

    def add(self, fact: Fact[Any]) -> None:
        """Open the values of a fact."""
        if isinstance(fact.event, PersonErased):
            person = fact.event.subject.bytes
            self._waiting.execute("INSERT OR IGNORE INTO erased VALUES (?)", (person,))
        place = (fact.stream_id, fact.version, event_name(fact.event))
        for value in personal_values(fact.event):
            try:
                keys = self._keys_of(UUID(value.subject))
                opened = open_value(keys, value, place)
            except (CorruptFact, VerificationFailed) as error:
                self._bad.append((fact.position, error))
                continue
            if opened is None:
                row = (UUID(value.subject).bytes, fact.position)
                self._waiting.execute("INSERT INTO unopened VALUES (?, ?)", row)
            else:
                self.opened += 1
                self._tell(fact.position, opened)

    @property
    def unopened(self) -> int:
        """How many values stay sealed."""
        (count,) = self._waiting.execute("SELECT count(*) FROM unopened").fetchone()
        return int(count)

    def check(self, found: Audit) -> None:
        """Tell of values that do not open, and that no erasure accounts for."""
        for position, error in self._bad:
            found.blame(error.code, **{**error.params, "position": position})
        for (position,) in self._waiting.execute(_LOST):
            found.blame("personal-key-missing", position=position)

    def _keys_of(self, person: UUID) -> dict[str, AESGCM]:
        row = self._waiting.execute(
            "SELECT sealed FROM person_key WHERE person = ?", (person.bytes,)
        ).fetchone()
        if row is None:
            return {}
        return {str(person): AESGCM(self._box.open(PersonKey(person, row[0])))}
