"""Which headers of a file are lists of awards, what stands above them, and why others are none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from api.sheets.cells import Cell, SheetError, SheetFile, SheetHead
from api.sheets.headers import COLUMNS_MIN, Header, header_at, text_of
from api.sheets.titles import Saying, section_of, title_of
from api.sheets.vocabulary import heading_key, is_guide, names_of, other_kind_of
from registry.catalogue import Found, load_catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER_ROW_MAX: Final = 50
TITLE_FILLED_MAX: Final = 2
HEADINGS_SHOWN_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class FoundList:
    """A header with the sheet that it stands on and what stands above it."""

    sheet_index: int
    header: Header
    title: Saying
    lines: tuple[str, ...]

    @property
    def has_forms(self) -> bool:
        """Whether a column, or several, says the forms."""
        places = self.header.places
        return "form" in places or "title" in places or bool(self.header.marks)


def headers_of(index: int, head: SheetHead) -> list[FoundList]:
    """Every header of one sheet, from above; one that is said again is none."""
    found: list[FoundList] = []
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
        found.append(FoundList(index, header, title, lines))
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
        filled = [text for cell in cells if (text := line_of(cell))]
        mark = head.marks.get(number)
        if _is_title(cells) or (mark is not None and mark.table and not last_header):
            lines += filled
    return tuple(lines)


def _is_title(cells: Sequence[Cell]) -> bool:
    """Whether a line stands alone; a number beside a text or two makes it a row of a list."""
    filled = [cell for cell in cells if cell is not None and cell != ""]
    return len(filled) <= TITLE_FILLED_MAX


def line_of(cell: Cell) -> str:
    """A cell's text on one line; nothing for what is no text."""
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
        filled = [text for cell in cells if (text := line_of(cell))]
        mark = head.marks.get(number)
        in_table = mark is not None and mark.table > 0
        if not _is_title(cells) or in_table or len(near) > 4:  # noqa: PLR2004
            break
        near = filled + near
    return near


def lists_of(file: SheetFile, found: Sequence[FoundList]) -> tuple[list[FoundList], dict[int, str]]:
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


def _has_sections(file: SheetFile, one: FoundList) -> bool:
    """Whether lines between the rows say the form."""
    for number, cells in file.heads[one.sheet_index].rows:
        filled = [text for cell in cells if (text := line_of(cell))]
        below = number > one.header.last and 0 < len(filled) <= TITLE_FILLED_MAX
        if below and section_of(max(filled, key=len)).form is not None:
            return True
    return False


def no_list(file: SheetFile, found: Sequence[FoundList]) -> SheetError:
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
