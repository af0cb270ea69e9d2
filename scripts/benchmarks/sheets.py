"""`sheets`: reading one list as .xlsx, .xls, .ods and .docx, and the memory of the reading child.

Each format's processor time, the child's with ours, stands beside three times that of the .xlsx:
they read rows into awards without any register. `sheets-memory` is the peak memory of the
process that parses a large .xlsx, beside the 200 MB that it may take.
"""

from __future__ import annotations

import resource
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from xml.sax.saxutils import escape

from api.imports.feed import Source, readers_of
from api.sheets.layout import find_layout
from api.sheets.lines import lines_of
from api.sheets.reader import open_sheets
from registry.catalogue import load_catalogue
from scripts.benchmarks.importing import KIBIBYTES_PER_MEBIBYTE, write_register_in_child
from scripts.benchmarks.measuring import Bench, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.sheets.workbook import WorkbookFile

DEFAULT_ROWS = 10_000
MEMORY_ROWS_PER_ROW = 20
"""200,000 rows where the formats are compared with 10,000."""
TIMES_MAX = 3.0
MEMORY_LIMIT_MEGABYTES = 200.0

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def run(bench: Bench) -> list[Result]:
    """Write a register in each format, then read each to its end."""
    rows = bench.rows_or(DEFAULT_ROWS)
    workbook = bench.folder / "list.xlsx"
    bench.say(f"sheets: writing {rows} rows in four formats")
    write_register_in_child(workbook, rows, seed=1)
    cells = _cells(workbook)
    others = [
        _write_xls(bench.folder / "list.xls", cells),
        _write_ods(bench.folder / "list.ods", cells),
        _write_docx(bench.folder / "list.docx", cells),
    ]
    bench.say("sheets: reading")
    usual = _seconds(workbook)
    baseline = f"limit: {TIMES_MAX:.0f} times the .xlsx"
    results = [
        Result(f"sheets-{path.suffix[1:]}", _seconds(path), "s", baseline, TIMES_MAX * usual, True)  # noqa: FBT003
        for path in others
    ]
    return [*results, _memory(bench, rows * MEMORY_ROWS_PER_ROW)]


def _seconds(path: Path) -> float:
    """Processor time of reading a file into rows, here and in the child."""
    started = _processor_seconds()
    with open_sheets(path) as sheets:
        layout = find_layout(sheets, "legacy")
        source = Source(path, "legacy", path.name, {}, None, None, date.max)
        readers = readers_of(source, layout, load_catalogue())
        for position, cells, context in lines_of(sheets, layout):
            readers[context.part].read((position, cells), context)
    return _processor_seconds() - started


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _memory(bench: Bench, rows: int) -> Result:
    """Peak memory of the child that parses a workbook of so many rows."""
    path = bench.folder / "large.xlsx"
    bench.say(f"sheets: writing {rows} rows")
    write_register_in_child(path, rows, seed=2)
    peak = 0.0
    with open_sheets(path) as sheets:
        parsed = cast("WorkbookFile", sheets.source)
        for number, _ in enumerate(sheets.rows(0)):
            if number % 1_000 == 0:
                peak = max(peak, _peak_megabytes(parsed.process_id))
    path.unlink()
    baseline = "limit of the reading child"
    return Result("sheets-memory", peak, "MB", baseline, MEMORY_LIMIT_MEGABYTES, True)  # noqa: FBT003


def _peak_megabytes(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / KIBIBYTES_PER_MEBIBYTE if lines else 0.0


def _cells(path: Path) -> list[list[str]]:
    with open_sheets(path) as sheets:
        return [
            ["" if cell is None else str(cell) for cell in cells] for _, cells in sheets.rows(0)
        ]


def _write_xls(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    import xlwt  # noqa: PLC0415 - installed for tests and benchmarks only

    book = xlwt.Workbook()
    sheet = book.add_sheet("DS")
    for number, row in enumerate(rows):
        for place, text in enumerate(row):
            if text:
                sheet.write(number, place, text)
    book.save(str(path))
    return path


def _write_ods(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    names = " ".join(
        f'xmlns:{short}="{_OFFICE}:{short}:1.0"' for short in ("office", "table", "text")
    )
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lines = (
        f"<table:table-row>{''.join(cell.format(escape(text)) for text in row)}</table:table-row>"
        for row in rows
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="DS">{"".join(lines)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    return _zipped(path, {"mimetype": mimetype, "content.xml": content})


def _write_docx(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    lines = (f"<w:tr>{''.join(cell.format(escape(text)) for text in row)}</w:tr>" for row in rows)
    document = f'<w:document xmlns:w="{_WORD}"><w:body><w:tbl>{"".join(lines)}</w:tbl></w:body>'
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{_LINKS}" Target="word/document.xml"/></Relationships>'
    )
    parts = {"_rels/.rels": relations, "word/document.xml": f"{document}</w:document>"}
    return _zipped(path, parts)


def _zipped(path: Path, parts: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return path
