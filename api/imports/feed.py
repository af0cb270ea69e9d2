"""Rows of a sheet, read and planned: here, or for a large file by processes of their own.

Reading a row, judging and sealing it take most of an import's work and need nothing of the
register (see `api.imports.plan`), so for a large file other processes do it on other cores. One is
started; until it is ready, we read ourselves. Then it is told how far we came and forks the
others, and they take turns: each goes through the whole file and reads every so many-th block of
its rows. The blocks come over a connection from each and are asked for in their order; who is
ahead waits, and if we die, its next write fails and it ends.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain, cycle, dropwhile, islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from api.child import environment_of_child
from api.imports.plan import Plan, PlannedRow, plan_rows
from api.sheets.cells import SheetError
from api.sheets.decision_rows import DecisionRowReader
from api.sheets.layout import Layout, Wanted, find_layout
from api.sheets.legacy_rows import LegacyRowReader
from api.sheets.lines import lines_of
from api.sheets.reader import open_sheets
from api.sheets.row_results import DecisionMention, SkippedLine, UnreadableRow
from registry.catalogue import load_catalogue
from registry.personal import Clear
from registry.prepared import Preparer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from api.sheets.cells import SheetFile
    from api.sheets.lines import Line
    from api.sheets.rows import RowReader
    from registry.catalogue import Catalogue

# Starting a process takes some tenths of a second.
LARGE_FILE_BYTES_MIN: Final = 4 << 20
READERS_MAX: Final = 4
"""More would only wait for the one process that records."""
BLOCK_ROWS: Final = 100
"""Read and judged at once; of more, a processor's caches lose the first before the last."""
GARBAGE_OBJECTS: Final = 200_000
READERS_NICENESS: Final = 5


@dataclass(frozen=True, slots=True)
class Source:
    """What is read, and what the clerk said about it."""

    path: Path
    wanted: Wanted
    file_name: str
    answers: Mapping[str, str]
    book: str | None
    decision: DecisionMention | None
    today: date
    """In Viet Nam, by the register's clock."""


class Feed(Protocol):
    """Rows of one file in their order."""

    def rows(self, done: int) -> Iterator[PlannedRow]:
        """The rows behind the row number `done`. Raises `SheetError`."""

    def fraction(self) -> float:
        """How much of the file was read, between 0 and 1, roughly."""


def feed_of(source: Source, sheets: SheetFile, layout: Layout, catalogue: Catalogue) -> Feed:
    """The way to read that suits the file's size. Raises `Rejected` for answers of no use."""
    own = _OwnFeed(sheets, layout, readers_of(source, layout, catalogue), source.today)
    if source.path.stat().st_size >= LARGE_FILE_BYTES_MIN:
        return _SharedFeed(source, sheets, own)
    return own


def readers_of(source: Source, layout: Layout, catalogue: Catalogue) -> list[RowReader]:
    """A reader for each list of the file."""
    return [_reader(source, part, catalogue, n) for n, part in enumerate(layout.parts)]


def _reader(source: Source, layout: Layout, catalogue: Catalogue, part: int) -> RowReader:
    name, answers = source.file_name, source.answers
    if source.decision is not None:
        return DecisionRowReader(layout, name, catalogue, answers, source.decision, part)
    return LegacyRowReader(layout, name, catalogue, answers, source.book, part)


class _OwnFeed:
    """Rows read by the thread that asks for them."""

    def __init__(
        self, sheets: SheetFile, layout: Layout, readers: Sequence[RowReader], today: date
    ) -> None:
        self._sheets = sheets
        self._layout = layout
        self._readers = readers
        self._preparer = Preparer(readers[0].catalogue, today)

    def rows(self, done: int) -> Iterator[PlannedRow]:
        for lines in _blocks(self.lines(done), BLOCK_ROWS):
            for planned in self.planned(lines):
                if isinstance(planned, Plan):
                    planned.take_names()
                yield planned

    def lines(self, done: int) -> Iterator[Line]:
        """The lines behind the position `done`, not read yet."""
        return dropwhile(lambda line: line[0] <= done, lines_of(self._sheets, self._layout))

    def planned(self, lines: Iterable[Line]) -> list[PlannedRow]:
        """What these lines would record."""
        readers = self._readers
        read = [
            one
            for number, cells, context in lines
            if (one := readers[context.part].read((number, cells), context)) is not None
        ]
        return plan_rows(read, self._preparer)

    def fraction(self) -> float:
        return self._sheets.fraction()


def _blocks(lines: Iterable[Line], length: int) -> Iterator[list[Line]]:
    """Lines by blocks; those before a damaged place come before the error does."""
    block: list[Line] = []
    try:
        for line in lines:
            block.append(line)
            if len(block) == length:
                yield block
                block = []
    except SheetError:
        if block:
            yield block
        raise
    if block:
        yield block


@dataclass(frozen=True, slots=True)
class _Frame:
    """A block of rows, by kind; or why there are no more."""

    fraction: float = 1.0
    plans: Sequence[Plan] = ()
    unreadable: Sequence[UnreadableRow] = ()
    skipped: Sequence[SkippedLine] = ()
    is_last: bool = False
    failure: str | None = None
    failure_params: Mapping[str, str | int] | None = None


@dataclass(frozen=True, slots=True)
class _Turn:
    """Which blocks are a reading process's own: the `place`-th of every `readers`."""

    place: int
    readers: int

    def takes(self, block: int) -> bool:
        return block % self.readers == self.place


class _SharedFeed:
    """Rows read by other processes in turns; by ourselves until those are ready."""

    def __init__(self, source: Source, sheets: SheetFile, own: _OwnFeed) -> None:
        self._source = source
        self._own = own
        # A workbook is parsed by another process already; to begin it twice would cost more.
        self._is_cheap = sheets.is_cheap_to_read
        self._readers = min(os.cpu_count() or 1, READERS_MAX) if self._is_cheap else 1
        self._fraction = 0.0

    def rows(self, done: int) -> Iterator[PlannedRow]:
        with _reading(self._source, self._readers) as connections:
            if self._is_cheap:
                for row in self._rows_until(connections[0].poll, done):
                    yield row
                    done = row.row
            _begin(connections[0], done)
            for connection in cycle(connections):
                frame = _received(connection)
                self._fraction = frame.fraction
                rows: list[PlannedRow] = [*frame.plans, *frame.unreadable, *frame.skipped]
                for plan in frame.plans:
                    plan.take_names()
                if frame.unreadable or frame.skipped:
                    rows.sort(key=attrgetter("row"))
                yield from rows
                if frame.is_last:
                    return

    def _rows_until(self, others_are_ready: Callable[[], bool], done: int) -> Iterator[PlannedRow]:
        rows = self._own.rows(done)
        while not others_are_ready() and (some := list(islice(rows, BLOCK_ROWS))):
            yield from some
            self._fraction = self._own.fraction()

    def fraction(self) -> float:
        return self._fraction


def _begin(connection: Connection, done: int) -> None:
    """Have the rows behind the row number `done` read. Raises `SheetError`."""
    try:
        connection.recv_bytes()
        connection.send_bytes(str(done).encode())
    except (EOFError, OSError) as error:
        raise SheetError("file-damaged") from error


def _received(connection: Connection) -> _Frame:
    """The next block of a reading process. Raises `SheetError`."""
    try:
        frame: _Frame = _DECODER.decode(connection.recv_bytes())
    except (EOFError, OSError, msgspec.DecodeError) as error:
        # A process that ends without a word has crashed.
        raise SheetError("file-damaged") from error
    if frame.failure is not None:
        raise SheetError(frame.failure, field=None, **(frame.failure_params or {}))
    return frame


@contextmanager
def _reading(source: Source, readers: int) -> Iterator[Sequence[Connection]]:
    """Connections to so many reading processes, gone when we are done with them."""
    ours, theirs = zip(*(Pipe() for _ in range(readers)), strict=True)
    try:
        process = _start_child([one.fileno() for one in theirs], source)
    finally:
        for connection in theirs:
            connection.close()
    try:
        yield ours
    finally:
        for connection in ours:
            connection.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _start_child(descriptors: Sequence[int], source: Source) -> subprocess.Popen[bytes]:
    """Start a reading process with open connections for itself and for those that it forks.

    Not by `multiprocessing`, which would run our main program's file once more; nor do we fork
    ourselves, who have threads.
    """
    with TemporaryFile() as told:
        told.write(msgspec.json.encode(source, enc_hook=str))
        told.seek(0)
        return subprocess.Popen(
            [sys.executable, "-m", __name__, *map(str, descriptors)],
            stdin=told,
            env=environment_of_child(),
            pass_fds=descriptors,
            process_group=0,
        )


def _fork_others(connections: Sequence[Connection]) -> tuple[_Turn, list[int]]:
    """Fork a process for each connection but the first; who we are, and whom to wait for.

    Each keeps its own connection only: that it closes tells the other side that it ended.
    """
    place = 0
    forked: list[int] = []
    for other in range(1, len(connections)):
        process_id = os.fork()
        if not process_id:
            place, forked = other, []
            break
        forked.append(process_id)
    for at, connection in enumerate(connections):
        if at != place:
            connection.close()
    return _Turn(place, len(connections)), forked


def _read_in_turn(
    connection: Connection, source: Source, catalogue: Catalogue, done: int, turn: _Turn
) -> None:
    """What a reading process does."""
    # Rows lie ready anyhow; who records them, or serves others, goes first.
    os.nice(READERS_NICENESS)
    # Millions of objects and hardly a cycle: looked for after this many more objects than gone.
    gc.set_threshold(GARBAGE_OBJECTS)
    try:
        with open_sheets(source.path) as sheets:
            layout = find_layout(sheets, source.wanted)
            readers = readers_of(source, layout, catalogue)
            feed = _OwnFeed(sheets, layout, readers, source.today)
            _send_all(connection, feed, done, turn)
    except SheetError as error:
        failure = _Frame(failure=error.code, failure_params=dict(error.params))
        connection.send_bytes(_ENCODER.encode(failure))
    except ConnectionError:
        # Nobody wants the rows any more.
        return


def _send_all(connection: Connection, feed: _OwnFeed, done: int, turn: _Turn) -> None:
    """Send the blocks that are our turn; who would have had the next one says that it was all."""
    blocks = _blocks(feed.lines(done), BLOCK_ROWS)
    for number, rows in enumerate(chain(blocks, [[]])):
        if turn.takes(number):
            frame = _frame(feed.planned(rows), feed.fraction(), is_last=not rows)
            connection.send_bytes(_ENCODER.encode(frame))


def _frame(rows: list[PlannedRow], fraction: float, *, is_last: bool) -> _Frame:
    return _Frame(
        fraction,
        [row for row in rows if isinstance(row, Plan)],
        [row for row in rows if isinstance(row, UnreadableRow)],
        [row for row in rows if isinstance(row, SkippedLine)],
        is_last=is_last,
    )


def _main() -> None:
    connections = [Connection(descriptor) for descriptor in map(int, sys.argv[1:])]
    source = msgspec.json.decode(
        sys.stdin.buffer.read(), type=Source, dec_hook=lambda kind, text: kind(text)
    )
    catalogue = load_catalogue()
    try:
        connections[0].send_bytes(b"ready")
        done = int(connections[0].recv_bytes())
    except (EOFError, OSError):
        return
    # Before a file is opened: forks would share its position.
    turn, forked = _fork_others(connections)
    _read_in_turn(connections[turn.place], source, catalogue, done, turn)
    for process_id in forked:
        os.waitpid(process_id, 0)


def _store_clear(value: Any) -> list[str]:
    """A personal value on its way between two processes of ours, not yet sealed."""
    if isinstance(value, Clear):
        return [value.subject, value.kind, value.value]
    raise NotImplementedError(type(value).__name__)


def _load_clear(_kind: type, stored: Any) -> Clear:
    return Clear(*stored)


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_store_clear, uuid_format="bytes")
_DECODER: Final = msgspec.msgpack.Decoder(_Frame, dec_hook=_load_clear)


if __name__ == "__main__":
    _main()
