"""Find the lists in a file: which sheets, which rows are headers, which column means what.

Offices move columns, leave some out, break header lines, put titles above, put a list on each
sheet or two on one: a header is found by what it says. The names they use are data, in
`columns.json`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from api.sheets.cells import ReadingNote, SheetError, SheetFile, SheetHead
from api.sheets.code_lists import CodeLists, code_lists_of
from api.sheets.found_lists import FoundList, headers_of, line_of, lists_of, no_list
from api.sheets.headers import NAME_FIELDS, Header, MarkColumn, unnamed_name_part
from api.sheets.months import is_month_first
from api.sheets.paragraphs import find_paragraphs
from api.sheets.reading_notes import column_notes, mark_notes, sheet_notes
from api.sheets.titles import Proposal, Saying, proposal_of, title_of
from api.sheets.vocabulary import heading_key
from registry.catalogue import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from registry.importing import SheetKind
    from registry.recipient import RecipientKind

_LEGACY_FIELDS: Final = frozenset(
    {"number", "decided_on", "issuer", "golden_number", "number_date"}
)

Wanted = Literal["auto", "decision", "legacy"]


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


def find_layout(file: SheetFile, wanted: Wanted = "auto") -> Layout:
    """Find the lists in a file.

    Raises:
        SheetError: `header-not-found` if no row looks like a header, `column-missing` if one
            does but names or forms are missing, `list-of-other-kind` if the headings are those
            of quite another list, `lists-side-by-side` if one header holds two lists.
    """
    found = [one for index, head in enumerate(file.heads) for one in headers_of(index, head)]
    lists, left_out = lists_of(file, found)
    if any(one.header.is_side_by_side for one in lists):
        raise SheetError("lists-side-by-side")
    codes = code_lists_of(file.heads)
    if not lists:
        paragraphs = find_paragraphs(file)
        if paragraphs is None:
            raise no_list(file, found)
        return _paragraph_layout(file, paragraphs, wanted, codes)
    kind = _kind(lists, wanted)
    layouts = [_layout(file, one, kind, codes) for one in lists]
    notes = (
        *file.notes,
        *sheet_notes(file, left_out),
        *column_notes(layouts),
        *mark_notes(file, layouts),
    )
    proposal = proposal_of([line for one in lists[:1] for line in one.lines])
    return replace(
        layouts[0],
        others=tuple(layouts[1:]),
        notes=notes,
        proposal=proposal,
        file_format=file.format,
    )


def _layout(file: SheetFile, one: FoundList, kind: SheetKind, codes: CodeLists) -> Layout:
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


def _named(one: FoundList, head: SheetHead) -> tuple[dict[str, int], RecipientKind | None]:
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


def _kind(lists: Sequence[FoundList], wanted: Wanted) -> SheetKind:
    if wanted != "auto":
        return wanted
    return (
        "legacy" if any(_LEGACY_FIELDS & one.header.places.keys() for one in lists) else "decision"
    )


def _paragraph_layout(file: SheetFile, first: int, wanted: Wanted, codes: CodeLists) -> Layout:
    """A decision that lists its recipients in numbered paragraphs."""
    head = file.heads[0]
    lines = [text for _, cells in head.rows for cell in cells if (text := line_of(cell))]
    above = [
        text
        for number, cells in head.rows
        if number < first
        for cell in cells
        if (text := line_of(cell))
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
