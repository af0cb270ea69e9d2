"""Find the lists in a file: which sheets, which rows are headers, which column means what.

Offices move columns, leave some out, break header lines, put titles above, put a list on each
sheet or two on one: a header is found by what it says. The names they use are data, in
`columns.json`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from api.sheets.cells import (
    Cell,
    ReadingNote,
    SheetError,
    SheetFile,
    SheetHead,
    column_letters,
)
from api.sheets.headers import (
    COLUMNS_MIN,
    NAME_FIELDS,
    Header,
    MarkColumn,
    header_at,
    text_of,
    unnamed_name_part,
)
from api.sheets.months import is_month_first
from api.sheets.paragraphs import find_paragraphs
from api.sheets.titles import Proposal, Saying, proposal_of, section_of, title_of
from api.sheets.vocabulary import (
    HEADING_CHARACTERS_MAX,
    heading_key,
    is_guide,
    names_of,
    other_kind_of,
    vocabulary,
)
from registry.catalogue import Found, load_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from registry.importing import SheetKind
    from registry.recipient import RecipientKind

HEADER_ROW_MAX: Final = 50
TITLE_FILLED_MAX: Final = 2
HEADINGS_SHOWN_MAX: Final = 300
ROWS_NAMED_MAX: Final = 20
_LEGACY_FIELDS: Final = frozenset(
    {"number", "decided_on", "issuer", "golden_number", "number_date"}
)

Wanted = Literal["auto", "decision", "legacy"]


@dataclass(frozen=True, slots=True)
class CodeLists:
    """Names of codes, as a sheet of the workbook itself lists them."""

    forms: Mapping[str, str]
    categories: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a list stands in a file and what its columns mean.

    `places` gives the place (from 0) of each field's column, `headers` its text as the sheet
    writes it. `recipient_kind` is what a header or title says of everybody below it, if it does.
    `others` are the further lists of the file, in their order; notes are about all of it.
    """

    kind: SheetKind
    sheet_index: int
    sheet_name: str
    header_row: int
    places: Mapping[str, int]
    headers: Mapping[str, str]
    recipient_kind: RecipientKind | None
    codes: CodeLists
    notes: tuple[ReadingNote, ...] = ()
    last_header_row: int = 0
    header: Header | None = None
    marks: tuple[MarkColumn, ...] = ()
    title: Saying = field(default_factory=Saying)
    month_first: frozenset[str] = frozenset()
    """Fields whose dates put the month first, as an impossible one shows."""
    is_paragraphs: bool = False
    proposal: Proposal | None = None
    others: tuple[Layout, ...] = ()
    file_format: str = ""

    @property
    def parts(self) -> tuple[Layout, ...]:
        """All lists of the file."""
        return (self, *self.others)

    @property
    def sheets(self) -> tuple[int, ...]:
        """The sheets that hold lists, in their order."""
        return tuple(dict.fromkeys(part.sheet_index for part in self.parts))


@dataclass(frozen=True, slots=True)
class _Found:
    """A header with the sheet that it stands on and what stands above it."""

    sheet_index: int
    header: Header
    title: Saying
    lines: tuple[str, ...]

    @property
    def has_forms(self) -> bool:
        places = self.header.places
        return "form" in places or "title" in places or bool(self.header.marks)


def find_layout(file: SheetFile, wanted: Wanted = "auto") -> Layout:
    """Find the lists in a file.

    Raises:
        SheetError: `header-not-found` if no row looks like a header, `column-missing` if one
            does but names or forms are missing, `list-of-other-kind` if the headings are those
            of quite another list, `lists-side-by-side` if one header holds two lists.
    """
    found = [one for index, head in enumerate(file.heads) for one in _headers(index, head)]
    lists, left_out = _lists(file, found)
    if any(one.header.is_side_by_side for one in lists):
        raise SheetError("lists-side-by-side")
    codes = _code_lists(file.heads)
    if not lists:
        paragraphs = find_paragraphs(file)
        if paragraphs is None:
            raise _no_list(file, found)
        return _paragraph_layout(file, paragraphs, wanted, codes)
    kind = _kind(lists, wanted)
    layouts = [_layout(file, one, kind, codes) for one in lists]
    notes = (
        *file.notes,
        *_sheet_notes(file, left_out),
        *_column_notes(layouts),
        *_marks(file, layouts),
    )
    proposal = proposal_of([line for one in lists[:1] for line in one.lines])
    return replace(
        layouts[0],
        others=tuple(layouts[1:]),
        notes=notes,
        proposal=proposal,
        file_format=file.format,
    )


# Which headers are lists ---------------------------------------------------------------------


def _headers(index: int, head: SheetHead) -> list[_Found]:
    """Every header of one sheet, from above; one that is said again is none."""
    found: list[_Found] = []
    at = 0
    deepest = HEADER_ROW_MAX
    while at < len(head.rows):
        number = head.rows[at][0]
        if number > deepest and not found and not head.marks:
            break
        header = header_at(head.rows, at, head.merges)
        if header is None or (found and _same(found[-1].header, header)):
            at += 1
            continue
        lines = _lines_above(head, at, found[-1].header.last if found else 0)
        title = _title(lines, head, at)
        if title.form is None and found:
            # “II. CÁ NHÂN” goes on with what the title said above “I. TẬP THỂ”.
            title = replace(title, form=found[-1].title.form)
        found.append(_Found(index, header, title, lines))
        at += header.last - header.first + 1
    return found


def _same(one: Header, other: Header) -> bool:
    return dict(one.places) == dict(other.places) and one.texts == other.texts


def _lines_above(head: SheetHead, at: int, last_header: int) -> tuple[str, ...]:
    """Texts that stand alone above a header, from the top: titles, the text of a decision."""
    lines = []
    for number, cells in head.rows[:at]:
        if number <= last_header:
            continue
        filled = [text for cell in cells if (text := _line(cell))]
        mark = head.marks.get(number)
        if _is_title(cells) or (mark is not None and mark.table and not last_header):
            lines += filled
    return tuple(lines)


def _is_title(cells: Sequence[Cell]) -> bool:
    """Whether a line stands alone; a number beside a text or two makes it a row of a list."""
    filled = [cell for cell in cells if cell is not None and cell != ""]
    return len(filled) <= TITLE_FILLED_MAX


def _line(cell: Cell) -> str:
    return " ".join(cell.split()) if isinstance(cell, str) else ""


def _title(lines: Sequence[str], head: SheetHead, at: int) -> Saying:
    """What the nearest lines above a header say; the nearer says it more surely.

    A form that the nearest line leaves open is settled by a line further up.
    """
    near = _near(head, at)
    said = [_says(line) for line in lines]
    forms = [one.form for one in said if one.form is not None]
    nearest = [_says(line) for line in near]
    form = forms[-1] if forms else None
    if form is not None and not _is_found(form):
        form = next(
            (one for one in reversed(forms) if _is_found(one) and _extends(one, form)), form
        )
    kinds = [one.kind for one in nearest if one.kind is not None]
    posthumous = bool(nearest) and any(one.is_posthumous for one in nearest)
    return Saying(kinds[-1] if kinds else None, form, posthumous)


def _says(line: str) -> Saying:
    section = section_of(line)
    return section if not section.is_silent else title_of(line)


def _is_found(form: str) -> bool:
    return isinstance(load_catalogue().resolve(form), Found)


def _extends(form: str, other: str) -> bool:
    return heading_key(form).startswith(heading_key(other))


def _near(head: SheetHead, at: int) -> list[str]:
    """Lines directly above a header, up to the first row that is one of a table."""
    near: list[str] = []
    for number, cells in reversed(head.rows[:at]):
        filled = [text for cell in cells if (text := _line(cell))]
        mark = head.marks.get(number)
        in_table = mark is not None and mark.table > 0
        if not _is_title(cells) or in_table or len(near) > 4:  # noqa: PLR2004
            break
        near = filled + near
    return near


def _lists(file: SheetFile, found: Sequence[_Found]) -> tuple[list[_Found], dict[int, str]]:
    """The headers that are lists of awards, and why which other sheets are left out."""
    named = [one for one in found if _names_recipients(one.header)]
    complete = [one for one in named if one.has_forms or one.title.form or _has_sections(file, one)]
    left_out: dict[int, str] = {}
    visible = []
    for one in complete:
        head = file.heads[one.sheet_index]
        if head.is_hidden:
            left_out[one.sheet_index] = "sheet-hidden"
        elif is_guide(head.name) and len(file.heads) > 1:
            left_out[one.sheet_index] = "sheet-guide"
        else:
            visible.append(one)
    chosen = visible or [one for one in complete if left_out.get(one.sheet_index) == "sheet-guide"]
    for one in chosen:
        left_out.pop(one.sheet_index, None)
    for one in named:
        if one not in complete and one.sheet_index not in {c.sheet_index for c in chosen}:
            left_out.setdefault(one.sheet_index, "sheet-without-forms")
    return chosen, left_out


def _names_recipients(header: Header) -> bool:
    """Whether a column names recipients; with a column for each form, the unit may be the one."""
    return (
        header.has_name
        or "honorific" in header.places
        or bool(header.marks and "unit" in header.places)
    )


def _has_sections(file: SheetFile, one: _Found) -> bool:
    """Whether lines between the rows say the form."""
    for number, cells in file.heads[one.sheet_index].rows:
        filled = [text for cell in cells if (text := _line(cell))]
        below = number > one.header.last and 0 < len(filled) <= TITLE_FILLED_MAX
        if below and section_of(max(filled, key=len)).form is not None:
            return True
    return False


def _no_list(file: SheetFile, found: Sequence[_Found]) -> SheetError:
    """Why a file holds no list, naming the headings that were seen."""
    if not found:
        of_other_kind = _other_kind(file)
        if of_other_kind is not None:
            return of_other_kind
        return SheetError("header-not-found", wanted=names_of("name", "person_name", "form"))
    header = max((one.header for one in found), key=lambda header: header.weight)
    texts = [text for text in header.texts if text]
    seen = ", ".join(texts)[:HEADINGS_SHOWN_MAX]
    other = other_kind_of(texts)
    if other is not None:
        return SheetError("list-of-other-kind", kind=other, seen=seen)
    if not header.has_name and "identity" in header.places:
        return SheetError("list-without-names", seen=seen)
    wanted = names_of("form", "title") if header.has_name else names_of(*_COMMON_NAMES)
    return SheetError("column-missing", wanted=wanted, seen=seen)


def _other_kind(file: SheetFile) -> SheetError | None:
    """What a file without any header of ours looks like by a row of its headings, or None."""
    for head in file.heads:
        for _, cells in head.rows[:HEADER_ROW_MAX]:
            texts = [text for cell in cells if (text := text_of(cell))]
            other = other_kind_of(texts) if len(texts) >= COLUMNS_MIN else None
            if other is not None:
                seen = ", ".join(texts)[:HEADINGS_SHOWN_MAX]
                return SheetError("list-of-other-kind", kind=other, seen=seen)
    return None


_COMMON_NAMES: Final = ("name", "person_name", "collective_name", "household_name")


# One list ------------------------------------------------------------------------------------


def _layout(file: SheetFile, one: _Found, kind: SheetKind, codes: CodeLists) -> Layout:
    head = file.heads[one.sheet_index]
    places, recipient_kind = _named(one, head)
    _settle_kind_of_award(places, head, one.header.last)
    month_first = frozenset(
        name
        for name in ("born", "decided_on", "born_male", "born_female")
        if name in places and is_month_first(head.rows, one.header.last, places[name])
    )
    texts = one.header.texts
    headers = {name: texts[place] for name, place in places.items() if place < len(texts)}
    return Layout(
        kind=kind,
        sheet_index=one.sheet_index,
        sheet_name=head.name,
        header_row=one.header.first,
        places=places,
        headers=headers,
        recipient_kind=one.title.kind if recipient_kind is None else recipient_kind,
        codes=codes,
        last_header_row=one.header.last,
        header=one.header,
        marks=one.header.marks,
        title=one.title,
        month_first=month_first,
        file_format=file.format,
    )


def _named(one: _Found, head: SheetHead) -> tuple[dict[str, int], RecipientKind | None]:
    """Settle which column is the recipient's name; a collective beside a person is his unit."""
    header = one.header
    settled = {name: place for name, place in header.places.items() if name not in NAME_FIELDS}
    found = [name for name in NAME_FIELDS if name in header.places]
    if not found and "honorific" in settled:
        # “Ông (bà)” over names, each with its honorific.
        settled["name"] = settled.pop("honorific")
        return settled, "individual"
    if not found:
        settled["name"] = settled.pop("unit")
        return settled, "collective"
    settled["name"] = header.places[found[0]]
    if found[0] == "name_post":
        settled["name_post"] = header.places["name_post"]
    if "collective_name" in found[1:]:
        settled.setdefault("unit", header.places["collective_name"])
    if "given_name" in settled and found[0] not in {"person_name", "family_name"}:
        del settled["given_name"]
        settled.pop("middle_name", None)
    elif "given_name" not in settled:
        part = unnamed_name_part(header, head.rows, settled["name"], head.merges)
        if part is not None and found[0] != "collective_name":
            settled["given_name"] = part
    return settled, NAME_FIELDS[found[0]]


def _settle_kind_of_award(places: dict[str, int], head: SheetHead, last: int) -> None:
    """“Loại khen thưởng” is the recipient's kind, or the mode: what the cells say decides."""
    place = places.get("kind")
    if place is None:
        return
    texts = [
        cells[place]
        for number, cells in head.rows
        if number > last and place < len(cells) and isinstance(cells[place], str)
    ]
    words = [text for text in texts if isinstance(text, str) and text.strip()]
    kinds = [text for text in words if load_catalogue().kind(text) is not None]
    if words and not kinds and not any(heading_key(text) in _NUMBERING for text in words):
        places.pop("kind")
        places.setdefault("mode", place)


_NUMBERING: Final = frozenset("123456789")


def _kind(lists: Sequence[_Found], wanted: Wanted) -> SheetKind:
    if wanted != "auto":
        return wanted
    return (
        "legacy" if any(_LEGACY_FIELDS & one.header.places.keys() for one in lists) else "decision"
    )


def _paragraph_layout(file: SheetFile, first: int, wanted: Wanted, codes: CodeLists) -> Layout:
    """A decision that lists its recipients in numbered paragraphs."""
    head = file.heads[0]
    lines = [text for _, cells in head.rows for cell in cells if (text := _line(cell))]
    above = [
        text
        for number, cells in head.rows
        if number < first
        for cell in cells
        if (text := _line(cell))
    ]
    said = [title_of(line) for line in above]
    forms = [one.form for one in said if one.form is not None]
    return Layout(
        kind="decision" if wanted == "auto" else wanted,
        sheet_index=0,
        sheet_name=head.name,
        header_row=first - 1,
        places={"ordinal": 0, "name": 1, "name_post": 1},
        headers={},
        recipient_kind=None,
        codes=codes,
        notes=file.notes,
        last_header_row=first - 1,
        title=Saying(form=forms[-1] if forms else None),
        is_paragraphs=True,
        proposal=proposal_of(lines),
        file_format=file.format,
    )


# Notes ---------------------------------------------------------------------------------------


def _sheet_notes(file: SheetFile, left_out: Mapping[int, str]) -> list[ReadingNote]:
    """Sheets with a list that is left out: the clerk should know."""
    return [
        ReadingNote(code, {"sheet": file.heads[index].name}) for index, code in left_out.items()
    ]


def _column_notes(layouts: Sequence[Layout]) -> list[ReadingNote]:
    """Columns with a heading that no field takes: the clerk should know they are left out."""
    notes: dict[str, ReadingNote] = {}
    for layout in layouts:
        for text in left_out_columns(layout):
            shown = text[:HEADING_CHARACTERS_MAX]
            notes.setdefault(shown, ReadingNote("column-ignored", {"column": shown}))
    return list(notes.values())


_UNUSED_FIELDS: Final = frozenset({"identity", "year"})


def left_out_columns(layout: Layout) -> list[str]:
    """Headings of the columns that become nothing."""
    if layout.header is None:
        return []
    used = {place for name, place in layout.places.items() if name not in _UNUSED_FIELDS}
    used |= {mark.place for mark in layout.marks}
    used |= {mark.number_place for mark in layout.marks if mark.number_place is not None}
    return [text for place, text in enumerate(layout.header.texts) if text and place not in used]


def _marks(file: SheetFile, layouts: Sequence[Layout]) -> list[ReadingNote]:
    """Hidden rows and columns, and columns whose dates put the month first."""
    notes = []
    for index in dict.fromkeys(layout.sheet_index for layout in layouts):
        head = file.heads[index]
        first = min(one.header_row for one in layouts if one.sheet_index == index)
        rows = [n for n, mark in head.marks.items() if mark.is_hidden and n > first]
        if rows:
            named = ", ".join(map(str, rows[:ROWS_NAMED_MAX]))
            more = "…" if len(rows) > ROWS_NAMED_MAX else ""
            params = {"sheet": head.name, "rows": named + more}
            notes.append(ReadingNote("rows-hidden", params))
        columns = _hidden_columns(head, [one for one in layouts if one.sheet_index == index])
        if columns:
            params = {"sheet": head.name, "columns": ", ".join(columns)}
            notes.append(ReadingNote("columns-hidden", params))
    for layout in layouts:
        for name in layout.month_first:
            column = layout.headers.get(name, name)
            notes.append(ReadingNote("dates-month-first", {"column": column}))
    return notes


def _hidden_columns(head: SheetHead, layouts: Sequence[Layout]) -> list[str]:
    """Hidden columns that hold something, by their letters and headings."""
    headers = [one.header.texts for one in layouts if one.header is not None]
    named = []
    for column in head.hidden_columns:
        cells = (cells[column] for _, cells in head.rows if column < len(cells))
        if all(cell is None or cell == "" for cell in cells):
            continue
        headings = (texts[column] for texts in headers if column < len(texts))
        heading = next((text for text in headings if text), "")
        letters = column_letters(column)
        named.append(f"{letters} ({heading})" if heading else letters)
    more = ["…"] if len(named) > ROWS_NAMED_MAX else []
    return [*named[:ROWS_NAMED_MAX], *more]


# Codes ---------------------------------------------------------------------------------------


def _code_lists(heads: Sequence[SheetHead]) -> CodeLists:
    """Codes and names from wherever the workbook lists them, beside each other in either order."""
    lists: dict[str, dict[str, str]] = {"form": {}, "category": {}}
    for head in heads:
        for number, cells in head.rows:
            for place, target, name_first in _code_columns(cells):
                _collect(head, number, place, lists[target], name_first=name_first)
    return CodeLists(lists["form"], lists["category"])


def _code_columns(cells: Sequence[Cell]) -> list[tuple[int, str, bool]]:
    """Places in a row where a heading for codes stands beside a heading for their names."""
    document = vocabulary()
    codes = {heading_key(name) for name in document["codes"]}
    after = {heading_key(name) for name in document["code_codes_after"]}
    lists = {heading_key(n): t for t, names in document["code_lists"].items() for n in names}
    first = {heading_key(n): t for t, names in document["code_names_first"].items() for n in names}
    found = []
    for place, (left, right) in enumerate(pairwise(cells)):
        if not isinstance(left, str) or not isinstance(right, str):
            continue
        left_key, right_key = heading_key(left), heading_key(right)
        if left_key in codes and right_key in lists:
            found.append((place, lists[right_key], False))
        elif right_key in after and left_key in first:
            found.append((place, first[left_key], True))
    return found


def _collect(
    head: SheetHead, header_row: int, place: int, into: dict[str, str], *, name_first: bool
) -> None:
    """Read codes downwards until a row has none."""
    for number, cells in head.rows:
        if number <= header_row:
            continue
        left, right = (*cells[place : place + 2], None, None)[:2]
        name, code = (left, right) if name_first else (right, left)
        if not isinstance(code, str | int) or not isinstance(name, str):
            return
        into.setdefault(str(code).strip(), name.strip())


__all__ = ["CodeLists", "Layout", "Wanted", "find_layout", "left_out_columns", "text_of"]
