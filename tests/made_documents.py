"""Office files of other formats, made by tests: .xls, .ods, .docx, web pages, SpreadsheetML."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import xlwt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Rows = "Sequence[Sequence[Any]]"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write_xls(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    font: str = "Times New Roman",
    formats: Mapping[int, str] | None = None,
    hidden: Sequence[int] = (),
    struck: Sequence[int] = (),
    merges: Sequence[tuple[int, int, int, int]] = (),
) -> Path:
    """A BIFF8 workbook; `formats` by column from 0, `hidden` and `struck` by row from 1."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("DS")
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is None:
                continue
            style = xlwt.XFStyle()
            style.font.name = font
            style.font.struck_out = number + 1 in struck
            style.num_format_str = (formats or {}).get(place, "General")
            sheet.write(number, place, value, style)
    for merge in merges:
        sheet.merge(*merge)
    for number in hidden:
        sheet.row(number - 1).hidden = True
    book.save(str(path))
    return path


def write_ods(path: Path, rows: Sequence[Sequence[Any]], *, hidden: Sequence[int] = ()) -> Path:
    """A spreadsheet of LibreOffice; a pair is a date's value and how it is shown."""
    lines = []
    for number, row in enumerate(rows, start=1):
        shown = ' table:visibility="collapse"' if number in hidden else ""
        lines.append(f"<table:table-row{shown}>{''.join(map(_ods_cell, row))}</table:table-row>")
    names = " ".join(
        f'xmlns:{short}="{_OFFICE}:{short}:1.0"' for short in ("office", "table", "text", "style")
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="DS">{"".join(lines)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
    return path


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, tuple):
        kind = f'office:value-type="date" office:date-value="{value[0]}"'
        return f"<table:table-cell {kind}><text:p>{value[1]}</text:p></table:table-cell>"
    if isinstance(value, int):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def write_docx(path: Path, *blocks: str) -> Path:
    """A text document of these paragraphs and tables."""
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{links}" Target="word/document.xml"/></Relationships>',
        )
        body = "".join(blocks)
        document = f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
        made.writestr("word/document.xml", document)
    return path


def run(text: str) -> str:
    """A run of text."""
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(*parts: str) -> str:
    """A paragraph of texts, or of runs that are XML already."""
    runs = "".join(part if part.startswith("<") else run(part) for part in parts)
    return f"<w:p>{runs}</w:p>"


def table(*rows: Sequence[str]) -> str:
    """A table; a cell that is XML already stands as it is."""
    return (
        "<w:tbl>"
        + "".join(f"<w:tr>{''.join(map(_word_cell, row))}</w:tr>" for row in rows)
        + ("</w:tbl>")
    )


def _word_cell(text: str) -> str:
    return text if text.startswith("<w:tc>") else f"<w:tc>{paragraph(text)}</w:tc>"


def write_page(path: Path, table_html: str) -> Path:
    """A web page with a table, as web systems export one."""
    path.write_text(
        f'<html><head><meta charset="utf-8"></head><body><table>{table_html}</table></body></html>',
        encoding="utf-8",
    )
    return path
