"""Rows of a sheet, read and planned: here, or for a large file by processes of their own.

Reading a row, judging and sealing it take most of an import's work and need nothing of the
register (see `import_plan`), so for a large file other processes do it on other cores. They
take turns: each goes through the whole file and reads every so many-th block of its rows. The
blocks come over a pipe from each and are asked for in their order; who is ahead waits, and if we
die, its next write fails and it ends.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, cycle, islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from api.import_plan import Plan, PlannedRow, plan_row
from api.sheets.cells import SheetError
from api.sheets.decision_rows import DecisionRowReader
from api.sheets.layout import Layout, Wanted, find_layout
from api.sheets.legacy_rows import LegacyRowReader
from api.sheets.reader import open_sheets
from api.sheets.rows import DecisionMention, SkippedLine, UnreadableRow
from registry.catalogue import load_catalogue
from registry.personal import Clear
from registry.prepared import Preparer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.sheets.cells import Row, SheetFile
    from api.sheets.rows import RowReader
    from registry.catalogue import Catalogue

# Starting a process takes some tenths of a second.
LARGE_FILE_BYTES_MIN: Final = 4 << 20
READERS_MAX: Final = 4
"""More would only wait for the one process that records."""
BLOCK_ROWS: Final = 500
GARBAGE_OBJECTS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Source:
    """What is read, and what the clerk said about it."""

    path: Path
    wanted: Wanted
    file_name: str
    answers: Mapping[str, str]
    book: str | None
    decision: DecisionMention | None


class Feed(Protocol):
    """Rows of one file in their order."""

    def rows(self, done: int) -> Iterator[PlannedRow]:
        """The rows behind the row number `done`. Raises `SheetError`."""

    def fraction(self) -> float:
        """How much of the file was read, between 0 and 1, roughly."""


def feed_of(source: Source, sheets: SheetFile, layout: Layout, catalogue: Catalogue) -> Feed:
    """The way to read that suits the file's size. Raises `Rejected` for answers of no use."""
    reader = _reader(source, layout, catalogue)
    if source.path.stat().st_size >= LARGE_FILE_BYTES_MIN:
        return _SharedFeed(source, _readers_count(sheets))
    return _OwnFeed(sheets, layout, reader)


def _readers_count(sheets: SheetFile) -> int:
    """A workbook is read by one process: another one parses it already."""
    return min(os.cpu_count() or 1, READERS_MAX) if sheets.is_cheap_to_read else 1


def _reader(source: Source, layout: Layout, catalogue: Catalogue) -> RowReader:
    if source.decision is not None:
        return DecisionRowReader(
            layout, source.file_name, catalogue, source.answers, source.decision
        )
    return LegacyRowReader(layout, source.file_name, catalogue, source.answers, source.book)


class _OwnFeed:
    """Rows read by the thread that asks for them."""

    def __init__(self, sheets: SheetFile, layout: Layout, reader: RowReader) -> None:
        self._sheets = sheets
        self._layout = layout
        self._reader = reader
        self._preparer = Preparer(reader.catalogue)

    def rows(self, done: int) -> Iterator[PlannedRow]:
        for planned in self.planned(self.sheet_rows(done)):
            if isinstance(planned, Plan):
                planned.take_names()
            yield planned

    def sheet_rows(self, done: int) -> Iterator[Row]:
        """The lines behind the row number `done`, not read yet."""
        done = max(done, self._layout.header_row)
        return (row for row in self._sheets.rows(self._layout.sheet_index) if row[0] > done)

    def planned(self, rows: Iterable[Row]) -> Iterator[PlannedRow]:
        """What these lines would record."""
        for row in rows:
            read = self._reader.read(row)
            if read is not None:
                yield plan_row(read, self._preparer)

    def fraction(self) -> float:
        return self._sheets.fraction()


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
    """Rows read by other processes in turns."""

    def __init__(self, source: Source, readers: int) -> None:
        self._source = source
        self._readers = readers
        self._fraction = 0.0

    def rows(self, done: int) -> Iterator[PlannedRow]:
        with ExitStack() as stack:
            readers = [
                stack.enter_context(_reading(self._source, done, _Turn(place, self._readers)))
                for place in range(self._readers)
            ]
            for connection in cycle(readers):
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

    def fraction(self) -> float:
        return self._fraction


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
def _reading(source: Source, done: int, turn: _Turn) -> Iterator[Connection]:
    """A reading process, gone when we are done with it."""
    ours, theirs = Pipe(duplex=False)
    with theirs:
        process = _start_child(theirs.fileno(), source, done, turn)
    try:
        yield ours
    finally:
        ours.close()
        process.kill()
        process.wait()


def _start_child(
    descriptor: int, source: Source, done: int, turn: _Turn
) -> subprocess.Popen[bytes]:
    """Start a reading process that writes to an open file.

    Not by `multiprocessing`, which would run our main program's file once more.
    """
    with TemporaryFile() as told:
        told.write(msgspec.json.encode(source, enc_hook=str))
        told.seek(0)
        numbers = map(str, (descriptor, done, turn.place, turn.readers))
        return subprocess.Popen(
            [sys.executable, "-m", __name__, *numbers],
            stdin=told,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pass_fds=(descriptor,),
        )


def _read_in_child(connection: Connection, source: Source, done: int, turn: _Turn) -> None:
    """What a reading process does."""
    # Millions of objects and hardly a cycle: looked for after this many more objects than gone.
    gc.set_threshold(GARBAGE_OBJECTS)
    try:
        with open_sheets(source.path) as sheets:
            layout = find_layout(sheets, source.wanted)
            feed = _OwnFeed(sheets, layout, _reader(source, layout, load_catalogue()))
            _send_all(connection, feed, done, turn)
    except SheetError as error:
        failure = _Frame(failure=error.code, failure_params=dict(error.params))
        connection.send_bytes(_ENCODER.encode(failure))
    except BrokenPipeError:
        # Nobody wants the rows any more.
        return


def _send_all(connection: Connection, feed: _OwnFeed, done: int, turn: _Turn) -> None:
    """Send the blocks that are our turn; who would have had the next one says that it was all."""
    lines = feed.sheet_rows(done)
    for block in count():
        rows = list(islice(lines, BLOCK_ROWS))
        if turn.takes(block):
            planned = list(feed.planned(rows))
            frame = _frame(planned, feed.fraction(), is_last=not rows)
            connection.send_bytes(_ENCODER.encode(frame))
        if not rows:
            return


def _frame(rows: list[PlannedRow], fraction: float, *, is_last: bool) -> _Frame:
    return _Frame(
        fraction,
        [row for row in rows if isinstance(row, Plan)],
        [row for row in rows if isinstance(row, UnreadableRow)],
        [row for row in rows if isinstance(row, SkippedLine)],
        is_last=is_last,
    )


def _main() -> None:
    descriptor, done, place, readers = map(int, sys.argv[1:])
    source = msgspec.json.decode(
        sys.stdin.buffer.read(), type=Source, dec_hook=lambda kind, text: kind(text)
    )
    _read_in_child(Connection(descriptor, readable=False), source, done, _Turn(place, readers))


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
