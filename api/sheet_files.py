"""Files that registers are exported to: .csv, .xlsx, .jsonl, written row by row.

A spreadsheet program takes a cell that begins with `=`, `+`, `-` or `@` for a formula. In .xlsx
every text is written as a string, which is never one. In .csv, where nothing but the text says
what it is, such a text gets an apostrophe in front (OWASP, CSV injection); .jsonl has the text
as it is.
"""

from __future__ import annotations

import csv
import json
import os
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from registry.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Cell: TypeAlias = str | int | bool | None

SHEET_ROWS_MAX = 1_048_576
_FORMULA_OPENINGS = ("=", "+", "-", "@", "\t", "\r")


class Writer(Protocol):
    """Something that takes rows one after the other."""

    def write(self, row: Sequence[Cell]) -> None:
        """Take one row."""


class _CsvWriter:
    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        # The mark at the front tells spreadsheet programs that this is UTF-8.
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(headings)

    def write(self, row: Sequence[Cell]) -> None:
        self._writer.writerow([_harmless(cell) for cell in row])

    def close(self) -> None:
        self._file.close()


class _JsonWriter:
    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._headings = headings

    def write(self, row: Sequence[Cell]) -> None:
        json.dump(dict(zip(self._headings, row, strict=True)), self._file, ensure_ascii=False)
        self._file.write("\n")

    def close(self) -> None:
        self._file.close()


class _WorkbookWriter:
    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        import xlsxwriter  # noqa: PLC0415 - only for a workbook

        # Rows go to disk as they come, whatever their number.
        # Beside the file itself: what a killed process left lies where its owner looks for it.
        options = {"constant_memory": True, "tmpdir": str(path.parent)}
        self._workbook = xlsxwriter.Workbook(path, options)
        self._sheet = self._workbook.add_worksheet()
        bold = self._workbook.add_format({"bold": True})
        for column, heading in enumerate(headings):
            self._sheet.write_string(0, column, heading, bold)
        self._sheet.freeze_panes(1, 0)
        self._rows = 1

    def write(self, row: Sequence[Cell]) -> None:
        if self._rows >= SHEET_ROWS_MAX:
            raise Rejected("export-rows-too-many", field="--out", limit=SHEET_ROWS_MAX)
        for column, cell in enumerate(row):
            if isinstance(cell, bool):
                self._sheet.write_boolean(self._rows, column, cell)
            elif isinstance(cell, int):
                self._sheet.write_number(self._rows, column, cell)
            elif cell is not None:
                self._sheet.write_string(self._rows, column, cell)
        self._rows += 1

    def close(self) -> None:
        self._workbook.close()


_WRITERS: dict[str, Callable[[Path, Sequence[str]], Any]] = {
    ".csv": _CsvWriter,
    ".xlsx": _WorkbookWriter,
    ".jsonl": _JsonWriter,
}


def check_ending(path: Path) -> None:
    """Raise `Rejected` unless the file's ending says which kind it is."""
    if path.suffix.lower() not in _WRITERS:
        raise Rejected("export-ending-unknown", field="--out", allowed=", ".join(_WRITERS))


@contextmanager
def open_writer(path: Path, headings: Sequence[str]) -> Iterator[Writer]:
    """Write a file aside and put it in its place when it is whole. Raises `Rejected`."""
    aside = path.with_name(f".{path.name}.{os.getpid()}{path.suffix}")
    try:
        _remove_leftovers(path)
        writer = _WRITERS[path.suffix.lower()](aside, headings)
        try:
            yield writer
        finally:
            writer.close()
        aside.replace(path)
    except OSError as error:
        raise Rejected(
            "file-unwritable", field="--out", path=str(path), reason=error.strerror
        ) from error
    finally:
        aside.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what killed processes left of the same file: it is full of names."""
    for left in path.parent.glob(f".{escape(path.name)}.*{escape(path.suffix)}"):
        process = left.name.removeprefix(f".{path.name}.").removesuffix(path.suffix)
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            left.unlink(missing_ok=True)


def write_all(writer: Writer, rows: Iterable[Sequence[Cell]]) -> int:
    """Write rows; return how many."""
    count = 0
    for row in rows:
        writer.write(row)
        count += 1
    return count


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(_FORMULA_OPENINGS):
        return f"'{cell}"
    return cell
