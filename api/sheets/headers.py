"""Find the header of a list in rows, and what each of its columns means.

A header is one to three rows: groups (“Quyết định”) stand over what they hold (“Số”, “Ngày
tháng”), merged or with empty cells beside them. A column may be of one form, marked where it was
awarded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from api.sheets.vocabulary import (
    HEADING_CHARACTERS_MAX,
    bare_heading,
    chosen_field_of,
    field_of,
    field_under,
    heading_key,
    is_group,
)
from registry.catalogue import Ambiguous, Found, load_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.sheets.cells import Cell, Merge, Row
    from registry.recipient import RecipientKind

HEADER_ROWS_MAX: Final = 3
COLUMNS_MIN: Final = 3
HEADINGS_REMEMBERED_MAX: Final = 4_096
NAME_FIELDS: Final[Mapping[str, RecipientKind | None]] = {
    "name": None,
    "person_name": "individual",
    "name_post": "individual",
    "family_name": "individual",
    "collective_name": "collective",
    "household_name": "household",
}
CODE_FIELDS: Final[Mapping[str, str]] = {
    "form": "form_code",
    "title": "title_code",
    "kind": "kind_code",
    "category": "category_code",
    "field_of_activity": "field_of_activity_code",
}
_NUMBER_OF_FORM: Final = ("so qd", "so quyet dinh", "so qđ", "quyet dinh so")


@dataclass(frozen=True, slots=True)
class MarkColumn:
    """A column of one form: who has a mark in it was awarded it; `number_place` has the number."""

    place: int
    heading: str
    number_place: int | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one list; `first` and `last` are its rows, `texts` what stands over columns."""

    first: int
    last: int
    places: Mapping[str, int]
    texts: tuple[str, ...]
    marks: tuple[MarkColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    """The keys of its cells, row by row, to know it again."""
    is_side_by_side: bool = False
    """Whether it numbers and names recipients twice: two lists in the same rows."""

    @property
    def has_name(self) -> bool:
        """Whether a column holds the recipients' names."""
        return any(field in self.places for field in NAME_FIELDS)

    @property
    def weight(self) -> int:
        """How many columns are understood."""
        return len(self.places) + len(self.marks)


def text_of(cell: Cell) -> str:
    """A heading's text on one line."""
    if not isinstance(cell, str) or len(cell) > HEADING_CHARACTERS_MAX:
        return ""
    return " ".join(cell.split())


def header_at(rows: Sequence[Row], at: int, merges: Sequence[Merge] = ()) -> Header | None:
    """The header that begins with a row, or None if that row begins none."""
    number, cells = rows[at]
    if not _may_be_header(cells):
        return None
    block = [rows[at]]
    while len(block) < HEADER_ROWS_MAX and at + len(block) < len(rows):
        below = rows[at + len(block)]
        if below[0] != number + len(block) or not _is_sub_row(block, below, merges):
            break
        block.append(below)
    paths = _paths(block, merges)
    places, marks = _meaning(paths)
    texts = tuple(" / ".join(path) for path in paths)
    keys = tuple(tuple(heading_key(text_of(cell)) for cell in row[1]) for row in block)
    doubled = _is_side_by_side(paths)
    header = Header(number, number + len(block) - 1, places, texts, marks, keys, doubled)
    return header if _is_header(header) else None


def _may_be_header(cells: Sequence[Cell]) -> bool:
    known = 0
    for cell in cells:
        if _is_number(cell):
            return False
        if isinstance(cell, str) and field_or_form(text_of(cell)) is not None:
            known += 1
    return known >= 2  # noqa: PLR2004 - a list of names has a number and a name


def _is_header(header: Header) -> bool:
    if header.weight >= COLUMNS_MIN:
        return True
    return header.has_name and "ordinal" in header.places


@lru_cache(HEADINGS_REMEMBERED_MAX)
def field_or_form(text: str) -> str | None:
    """What a heading alone names: a field, a group, or a form ("mark"); None if nothing."""
    if not text:
        return None
    field = field_of(text) or chosen_field_of(text)
    if field is not None:
        return field
    if is_group(text):
        return "group"
    return "mark" if is_form(bare_heading(text)) else None


@lru_cache(HEADINGS_REMEMBERED_MAX)
def is_form(text: str) -> bool:
    """Whether a heading is a form, or one of several, and no more than that."""
    if len(text) < len("KNC"):
        return False
    return isinstance(load_catalogue().resolve(text), Found | Ambiguous) and not _is_prose(text)


def _is_prose(text: str) -> bool:
    return any(character in text for character in ":;") or len(text.split()) > 14  # noqa: PLR2004


def _is_sub_row(block: Sequence[Row], below: Row, merges: Sequence[Merge]) -> bool:
    """Whether a row goes on with the header above it."""
    first = block[0][1]
    texts = [text_of(cell) for cell in below[1]]
    if not any(texts) or any(map(_is_number, below[1])):
        return False
    tops = _spread(block[-1], merges, texts)
    under = [
        field_under(tops[place], text)
        for place, text in enumerate(texts)
        if text and place < len(tops) and tops[place]
    ]
    # “Nam” under “Giới tính” is a row of the list; beside it “Nữ”, and it is a heading.
    fields = {field for field in under if field is not None}
    if fields and fields not in ({"born_male"}, {"born_female"}):
        return True
    repeated = [
        place
        for place, text in enumerate(texts)
        if text and place < len(first) and text == text_of(first[place])
    ]
    wide = [m for m in merges if m[0] <= block[-1][0] <= m[1] and m[3] > m[2]]
    new = [place for place, text in enumerate(texts) if text and place not in repeated]
    if not wide or not new:
        return False
    return all(any(m[2] <= place <= m[3] for m in wide) for place in new)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) or (isinstance(cell, str) and cell.strip().isdecimal())


def _spread(row: Row, merges: Sequence[Merge], below: Sequence[str]) -> list[str]:
    """Headings of a row, each also over the columns that it is merged over, or seems to be."""
    number, cells = row
    texts = [text_of(cell) for cell in cells]
    texts += [""] * (len(below) - len(texts))
    merged = False
    for first, last, left, right in merges:
        if first <= number <= last and right > left and left < len(texts) and texts[left]:
            merged = True
            for place in range(left + 1, min(right + 1, len(texts))):
                texts[place] = texts[left]
    if not merged:
        for place in range(1, len(texts)):
            before = texts[place - 1]
            if not texts[place] and place < len(below) and below[place] and is_group(before):
                texts[place] = before
    return texts


def _paths(block: Sequence[Row], merges: Sequence[Merge]) -> list[tuple[str, ...]]:
    """For each column the headings over it, from above, each once."""
    width = max(len(cells) for _, cells in block)
    levels: list[list[str]] = []
    for index, row in enumerate(block):
        below = [text_of(cell) for cell in block[index + 1][1]] if index + 1 < len(block) else []
        texts = _spread(row, merges, below) if below else [text_of(cell) for cell in row[1]]
        levels.append([*texts, *[""] * (width - len(texts))])
    paths = []
    for place in range(width):
        texts = [level[place] for level in levels if level[place]]
        paths.append(tuple(dict.fromkeys(texts)))
    return paths


def _meaning(
    paths: Sequence[tuple[str, ...]],
) -> tuple[dict[str, int], tuple[MarkColumn, ...]]:
    """Place of each field, the first column that names it; and the columns of one form."""
    places = _sexes(paths)
    taken = set(places.values())
    chosen: dict[str, int] = {}
    forms: list[tuple[int, str]] = []
    numbers: dict[str, int] = {}
    for place, path in enumerate(paths):
        if not path or place in taken:
            continue
        field = _field(path)
        if field is not None:
            places.setdefault(field, place)
            continue
        choice = chosen_field_of(path[-1])
        if choice is not None:
            chosen.setdefault(choice, place)
            continue
        heading = bare_heading(path[-1])
        form = _number_of(heading)
        if form is not None:
            numbers[heading_key(form)] = place
        elif is_form(heading):
            forms.append((place, path[-1]))
    for field, place in chosen.items():
        _choose(places, field, place)
    marks = tuple(
        MarkColumn(place, heading, numbers.get(heading_key(bare_heading(heading))))
        for place, heading in forms
    )
    return _settled(places), marks


def _is_side_by_side(paths: Sequence[tuple[str, ...]]) -> bool:
    fields = [_field(path) if path else None for path in paths]
    begins = [place for place, field in enumerate(fields) if field == "ordinal"]
    lists = [fields[start:end] for start, end in pairwise([*begins, len(fields)])]
    return sum(1 for one in lists if not NAME_FIELDS.keys().isdisjoint(one)) > 1


def _sexes(paths: Sequence[tuple[str, ...]]) -> dict[str, int]:
    """Columns “Nam” and “Nữ” beside each other: Nam is a sex there, and never the year (năm)."""
    for place, (left, right) in enumerate(pairwise(paths)):
        if left and right and (heading_key(left[-1]), heading_key(right[-1])) == ("nam", "nu"):
            return {"born_male": place, "born_female": place + 1}
    return {}


def _choose(places: dict[str, int], field: str, place: int) -> None:
    """A column of choices is the text; a column of the same name beside it holds its codes."""
    code = CODE_FIELDS.get(field)
    if code is not None and field in places:
        places.setdefault(code, places[field])
    places[field] = place


def _settled(places: dict[str, int]) -> dict[str, int]:
    """Code columns without a text beside them are the column itself."""
    if "form" in places and "title" not in places and "form_code" not in places:
        titles = places.pop("title_code", None)
        if titles is not None:
            places["form_code"] = titles
    for field, code in CODE_FIELDS.items():
        if field not in places and code in places:
            places[field] = places.pop(code)
    if "decided_on" not in places and "year" in places:
        places["decided_on"] = places.pop("year")
    return _with_names(places)


def _with_names(places: dict[str, int]) -> dict[str, int]:
    """“Tên” without “Họ” is the name; “Họ” without “Tên” is none."""
    if (
        "given_name" in places
        and "family_name" not in places
        and not any(field in places for field in NAME_FIELDS)
    ):
        places["name"] = places.pop("given_name")
    elif "family_name" in places and "given_name" not in places:
        places.pop("family_name")
    return places


def _field(path: tuple[str, ...]) -> str | None:
    for above, below in pairwise(path):
        field = field_under(above, below)
        if field is not None:
            return field
    if len(path) > 1:
        return field_of(" ".join(path)) or field_of(path[-1])
    return field_of(path[0])


def _number_of(heading: str) -> str | None:
    """The form whose decision's number stands in a column: “Số QĐ BKBQP”."""
    words = heading.split()
    for front in _NUMBER_OF_FORM:
        length = len(front.split())
        rest = " ".join(words[length:])
        if heading_key(" ".join(words[:length])) == front and rest and is_form(rest):
            return rest
    return None


def is_repeated(header: Header, cells: Sequence[Cell]) -> bool:
    """Whether a row says one of the header's rows again, as on each printed page."""
    keys = [heading_key(text_of(cell)) for cell in cells]
    filled = [place for place, key in enumerate(keys) if key]
    for row in header.rows:
        same = sum(1 for place in filled if place < len(row) and row[place] == keys[place])
        if same >= 2 and same * 5 >= len(filled) * 3:  # noqa: PLR2004 - three in five
            return True
    return False


def unnamed_name_part(
    header: Header, rows: Sequence[Row], name_place: int, merges: Sequence[Merge]
) -> int | None:
    """The column right of the names that holds given names, under the same heading or none."""
    place = name_place + 1
    own = header.texts[place] if place < len(header.texts) else ""
    merged = any(
        first <= header.last and last >= header.first and left == name_place and right >= place
        for first, last, left, right in merges
    )
    if (own and own != header.texts[name_place]) or (place in header.places.values()):
        return None
    filled: Counter[bool] = Counter()
    for number, cells in rows:
        if number > header.last and name_place < len(cells) and cells[name_place]:
            cell = cells[place] if place < len(cells) else None
            filled[isinstance(cell, str) and len(cell.split()) == 1] += 1
    return place if merged or filled[True] > filled[False] else None
