"""The log of this database as an archive: audited in place, or written out as an auditor's kit.

Everything is read in one transaction that sees one moment, while others go on recording and
sealing; a bounded part at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg

from projections import sealed_log
from projections.reading import facts_after
from registry.errors import NotReady, Rejected
from registry.marks import stranger
from registry.proofs.bundles import bundle_name, leaf_tiles_of
from registry.proofs.copies import copies_of, key_list_in
from registry.proofs.disclosure import write_lines
from registry.proofs.kits import (
    AUDITOR_KEYS,
    FACTS_PER_FILE,
    HEADS,
    LAST_HEAD,
    REGISTERS,
    facts_name,
    format_fact,
    format_head,
    format_registers,
    stamp_name,
)
from registry.proofs.merkle import TILE_HASHES, TILE_HEIGHT
from registry.proofs.tiles import Tile, tiles_of

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection, Cursor

    from registry.errors import CorruptFact
    from registry.marks import MarkedRow, Marks
    from registry.proofs.leaves import StoredFact

FACTS_PER_READ: Final = 2_000

_TILE: Final = "SELECT hashes FROM log.tiles WHERE level = %s AND index = %s"
_TILES_BEYOND: Final = "SELECT index FROM log.tiles WHERE level = %s AND index >= %s ORDER BY index"
_LEVELS: Final = 8
_COUNTS: Final[dict[str, LiteralString]] = {
    "artifacts": "SELECT stage, count(*) FROM artifacts.artifact GROUP BY stage",
    "awards": "SELECT standing, count(*) FROM awards.award GROUP BY standing",
    "decisions": "SELECT standing, count(*) FROM decisions.decision GROUP BY standing",
}
ATTEMPTS_MAX: Final = 40
PAUSE_SECONDS: Final = 0.25

ProgressFunction = Callable[[int, int], None]
"""Is told how many facts are done, and of how many."""


class DatabaseArchive:
    """The log of a database; the connection is in a transaction that sees one moment.

    `tell` is told of every fact that the register did not write; without it the first one raises
    `CorruptFact`.
    """

    def __init__(
        self,
        connection: Connection[Any],
        marks: Marks,
        size: int | None = None,
        tell: Callable[[CorruptFact], None] | None = None,
    ) -> None:
        self._connection = connection
        self._marks = marks
        self._size = size
        self._tell = tell

    def key_lists(self) -> list[tuple[int, bytes]]:
        """Every key list, or those up to a size, with its position."""
        return [
            (fact.position, key_list_in(fact))
            for fact in sealed_log.key_list_facts(self._connection.cursor(), self._marks)
            if self._size is None or fact.position <= self._size
        ]

    def heads(self) -> Iterator[bytes]:
        """Every signed head, with its witnesses."""
        return (head.note for head in sealed_log.heads(self._connection.cursor()))

    def stamps(self) -> list[tuple[int, bytes]]:
        """Every token that an authority stamped a head with."""
        return sealed_log.stamps(self._connection.cursor())

    def facts(self) -> Iterator[StoredFact]:
        """Every fact, or those up to a size."""
        cursor, position = self._connection.cursor(), 0
        while rows := facts_after(cursor, position, FACTS_PER_READ):
            within = [row for row in rows if self._size is None or row[0] <= self._size]
            self._refuse_strangers(within)
            yield from map(sealed_log.stored_fact, within)
            if len(within) < len(rows):
                return
            position = rows[-1][0]

    def _refuse_strangers(self, rows: Sequence[MarkedRow]) -> None:
        for row in self._marks.strangers(rows):
            if self._tell is None:
                raise stranger(row)
            self._tell(stranger(row))

    def tile(self, tile: Tile) -> bytes | None:
        """The whole row of a tile: nothing may stand behind the last head's hashes."""
        asked = (tile.level, tile.index)
        found = self._connection.execute(_TILE, asked, binary=True).fetchone()
        return bytes(found[0]) if found is not None else None

    def differing_copies(self, _fact: StoredFact) -> tuple[str, ...]:
        """None: a database holds a fact once."""
        return ()

    def strays(self, size: int) -> Iterator[str]:
        """Tiles that a tree of this size does not have."""
        for level in range(_LEVELS):
            hashes = size >> (level * TILE_HEIGHT)
            beyond = -(-hashes // TILE_HASHES)
            for (index,) in self._connection.execute(_TILES_BEYOND, (level, beyond)).fetchall():
                yield str(Tile(level, index))


@contextmanager
def one_moment(conninfo: str) -> Iterator[Connection[Any]]:
    """A connection whose reads all see the same moment."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


@dataclass(frozen=True, slots=True)
class Disclosure:
    """For whom a kit opens what is sealed, and what unwraps the keys that do."""

    auditor: str
    unwrap: Callable[[UUID, bytes], bytes]


def write_kit(
    conninfo: str,
    marks: Marks,
    folder: Path,
    progress: ProgressFunction | None = None,
    disclosure: Disclosure | None = None,
) -> int:
    """Write the sealed part of the log as a kit into an empty folder; return its size.

    What stands behind the last head is left out: nobody signed it yet. Raises `NotReady` before
    the first head, or while registers go on without being sealed; `Rejected` for a folder in use
    or an auditor's key that is none; `CorruptFact` for a fact that the register did not write.
    """
    check_empty(folder)
    for _ in range(ATTEMPTS_MAX):
        with one_moment(conninfo) as connection:
            cursor = connection.cursor()
            size, said = sealed_log.seal_state(cursor).size, said_by_registers(cursor)
            if size == 0:
                raise NotReady("log-not-sealed")
            # The facts of a kit must be all that its registers were made of, and hold every
            # key list: one that is not sealed yet may have let the last head be signed.
            if said is not None and max(said["position"], _last_list(cursor, marks)) <= size:
                _write_parts(
                    connection, marks, folder, size, progress or (lambda _done, _all: None)
                )
                _write(folder / REGISTERS, format_registers(said))
                if disclosure is not None:
                    _write_lines(folder / AUDITOR_KEYS, _key_lines(connection, disclosure))
                return size
        time.sleep(PAUSE_SECONDS)
    raise NotReady("registers-behind", names=", ".join(_COUNTS))


def _key_lines(connection: Connection[Any], disclosure: Disclosure) -> Iterator[bytes]:
    """The keys of all persons who were not erased, for the auditor alone."""
    with connection.cursor("person_keys") as cursor:
        cursor.execute("SELECT subject, wrapped FROM log.subject_keys ORDER BY subject")
        keys = ((person, disclosure.unwrap(person, bytes(own))) for person, own in cursor)
        yield from write_lines(disclosure.auditor, keys)


def _write_parts(
    connection: Connection[Any],
    marks: Marks,
    folder: Path,
    size: int,
    progress: ProgressFunction,
) -> None:
    archive, cursor = DatabaseArchive(connection, marks, size), connection.cursor()
    _write_lines(folder / HEADS, (format_head(head) for head in archive.heads()))
    for stamped, token in archive.stamps():
        _write(folder / stamp_name(stamped), token)
    for tile in tiles_of(size):
        _write(folder / "log" / str(tile), sealed_log.read_tile(cursor, tile))
    for tile in leaf_tiles_of(size):
        _write(folder / "log" / bundle_name(tile), sealed_log.read_bundle(cursor, marks, tile))
    _write(folder / LAST_HEAD, sealed_log.head_at(cursor, size).note)
    _write_facts(folder, archive, size, progress)


def said_by_registers(cursor: Cursor[Any]) -> dict[str, Any] | None:
    """What the registers say, and up to which position; None while they stand apart.

    How many decisions and awards stand or not, and how many artifacts have reached which stage.
    """
    made = cursor.execute("SELECT to_regclass('projection.ledger') IS NOT NULL").fetchone()
    if made != (True,):
        return None
    positions = cursor.execute(
        "SELECT DISTINCT position FROM projection.ledger WHERE name = ANY(%s)", (list(_COUNTS),)
    ).fetchall()
    if len(positions) != 1:
        return None
    counts = {name: dict(cursor.execute(query).fetchall()) for name, query in _COUNTS.items()}
    return {"position": positions[0][0], **counts}


def _last_list(cursor: Cursor[Any], marks: Marks) -> int:
    return max((fact.position for fact in sealed_log.key_list_facts(cursor, marks)), default=0)


def check_empty(folder: Path) -> None:
    """Raise `Rejected` unless a kit can be written here."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Rejected("kit-folder-not-empty", field="DIR", path=str(folder))
    except OSError as error:
        raise Rejected(
            "folder-unusable", field="DIR", path=str(folder), reason=error.strerror
        ) from error


def _write_facts(
    folder: Path, archive: DatabaseArchive, size: int, progress: ProgressFunction
) -> None:
    facts = (_with_copies(folder, fact) for fact in archive.facts())
    for first in range(1, size + 1, FACTS_PER_FILE):
        count = min(FACTS_PER_FILE, size - first + 1)
        _write_lines(folder / facts_name(first), (format_fact(next(facts)) for _ in range(count)))
        progress(first + count - 1, size)


def _with_copies(folder: Path, fact: StoredFact) -> StoredFact:
    """Write the files that repeat a fact, on its way."""
    for name, content in copies_of(fact):
        _write(folder / name, content)
    return fact


def _write_lines(path: Path, lines: Iterator[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.writelines(lines)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
