"""Rows of a sheet, read and planned: here, or for a large file in a process of its own.

Reading, mapping and planning take a third of an import's work. With a process of their own they
run on another core while rows are judged; the rows come over a pipe, some hundred at a time,
and the reader waits when we are slower. If we die, its next write fails and it ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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

if TYPE_CHECKING:
    from api.sheets.cells import SheetFile
    from api.sheets.rows import RowReader
    from registry.catalogue import Catalogue

# Starting the process takes some tenths of a second.
LARGE_FILE_BYTES_MIN: Final = 4 << 20
ROWS_AT_ONCE: Final = 500


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
        return _ChildFeed(source)
    return _OwnFeed(sheets, layout, reader)


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

    def rows(self, done: int) -> Iterator[PlannedRow]:
        done = max(done, self._layout.header_row)
        for row in self._sheets.rows(self._layout.sheet_index):
            if row[0] > done:
                read = self._reader.read(row)
                if read is not None:
                    yield plan_row(read)

    def fraction(self) -> float:
        return self._sheets.fraction()


@dataclass(frozen=True, slots=True)
class _Frame:
    """Rows that follow one another, by kind; or why there are no more."""

    fraction: float
    plans: list[Plan]
    unreadable: list[UnreadableRow]
    skipped: list[SkippedLine]
    is_last: bool = False
    failure: str | None = None
    failure_params: Mapping[str, str | int] | None = None


class _ChildFeed:
    """Rows read by another process."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._fraction = 0.0

    def rows(self, done: int) -> Iterator[PlannedRow]:
        ours, theirs = Pipe(duplex=False)
        with theirs:
            process = _start_child(theirs.fileno(), self._source, done)
        try:
            yield from self._received(ours)
        finally:
            ours.close()
            process.kill()
            process.wait()

    def fraction(self) -> float:
        return self._fraction

    def _received(self, connection: Connection) -> Iterator[PlannedRow]:
        while True:
            try:
                frame = _DECODER.decode(connection.recv_bytes())
            except (EOFError, OSError, msgspec.DecodeError) as error:
                # A process that ends without a word has crashed.
                raise SheetError("file-damaged") from error
            if frame.failure is not None:
                raise SheetError(frame.failure, field=None, **(frame.failure_params or {}))
            self._fraction = frame.fraction
            rows: list[PlannedRow] = [*frame.plans, *frame.unreadable, *frame.skipped]
            rows.sort(key=attrgetter("row"))
            yield from rows
            if frame.is_last:
                return


def _start_child(descriptor: int, source: Source, done: int) -> subprocess.Popen[bytes]:
    """Start a reading process that writes to an open file.

    Not by `multiprocessing`, which would run our main program's file once more.
    """
    with TemporaryFile() as told:
        told.write(msgspec.json.encode(source, enc_hook=str))
        told.seek(0)
        return subprocess.Popen(
            [sys.executable, "-m", __name__, str(descriptor), str(done)],
            stdin=told,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pass_fds=(descriptor,),
        )


def _read_in_child(connection: Connection, source: Source, done: int) -> None:
    """What the reading process does."""
    try:
        with open_sheets(source.path) as sheets:
            layout = find_layout(sheets, source.wanted)
            feed = _OwnFeed(sheets, layout, _reader(source, layout, load_catalogue()))
            _send_all(connection, feed, done)
    except SheetError as error:
        failure = _Frame(0.0, [], [], [], failure=error.code, failure_params=dict(error.params))
        connection.send_bytes(_ENCODER.encode(failure))
    except BrokenPipeError:
        # Nobody wants the rows any more.
        return


def _send_all(connection: Connection, feed: Feed, done: int) -> None:
    rows: list[PlannedRow] = []
    for row in feed.rows(done):
        rows.append(row)
        if len(rows) >= ROWS_AT_ONCE:
            connection.send_bytes(_encoded(rows, feed))
            rows = []
    connection.send_bytes(_encoded(rows, feed, is_last=True))


def _encoded(rows: list[PlannedRow], feed: Feed, *, is_last: bool = False) -> bytes:
    return _ENCODER.encode(
        _Frame(
            feed.fraction(),
            [row for row in rows if isinstance(row, Plan)],
            [row for row in rows if isinstance(row, UnreadableRow)],
            [row for row in rows if isinstance(row, SkippedLine)],
            is_last=is_last,
        )
    )


def _store_clear(value: Any) -> list[str]:
    """A personal value on its way between two processes of ours, not yet sealed."""
    if isinstance(value, Clear):
        return [value.subject, value.kind, value.value]
    raise NotImplementedError(type(value).__name__)


def _load_clear(_kind: type, stored: Any) -> Clear:
    return Clear(*stored)


def _main() -> None:
    descriptor, done = map(int, sys.argv[1:])
    source = msgspec.json.decode(
        sys.stdin.buffer.read(), type=Source, dec_hook=lambda kind, text: kind(text)
    )
    _read_in_child(Connection(descriptor, readable=False), source, done)


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_store_clear)
_DECODER: Final = msgspec.msgpack.Decoder(_Frame, dec_hook=_load_clear)


if __name__ == "__main__":
    _main()
