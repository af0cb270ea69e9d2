"""Lists in the running text of a decision: numbered paragraphs below “Điều 1. Tặng ... cho:”."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from api.sheets.titles import title_of
from registry.text import fold

if TYPE_CHECKING:
    from api.sheets.cells import Cell, SheetFile

_NUMBERED: Final = re.compile(
    r"\s*(?P<number>\d{1,4}|[a-zđ](?=\s*[.)/]\s))\s*[.)/]\s*(?P<rest>\S.*)", re.DOTALL
)
_BULLET: Final = re.compile(r"\s*[-–+*•]\s*(?P<rest>\S.*)", re.DOTALL)
_ANNOUNCES: Final = re.compile(r"\b(?:tang|tang thuong|truy tang|cong nhan|phong tang)\b")


def announces(text: str) -> bool:
    """Whether a paragraph says that those below it are awarded something."""
    folded = fold(text[:500])
    return (
        _ANNOUNCES.search(folded) is not None
        and title_of(text).form is not None
        and not folded.startswith(("ve viec", "can cu", "xet", "theo de nghi"))
    )


def find_paragraphs(file: SheetFile) -> int | None:
    """The row of the first paragraph that lists a recipient, or None if there is no such list."""
    if file.format != "docx":
        return None
    announced = False
    head = file.heads[0]
    for number, cells in head.rows:
        mark = head.marks.get(number)
        if mark is not None and mark.table:
            continue
        text = cells[0] if cells and isinstance(cells[0], str) else ""
        listed = mark is not None and mark.is_listed
        if announced and (listed or _NUMBERED.match(text) or _BULLET.match(text)):
            return number
        announced = announces(text) or (announced and text.rstrip().endswith(":"))
    return None


def cells_of(text: str, ordinal: int, *, is_listed: bool) -> tuple[Cell, ...] | None:
    """A paragraph as a row of a number and a recipient, or None if it lists nobody."""
    found = _NUMBERED.match(text)
    if found:
        return found["number"], _bare(found["rest"])
    bullet = _BULLET.match(text)
    if bullet or is_listed:
        return str(ordinal), _bare(bullet["rest"] if bullet else text)
    return None


def _bare(text: str) -> str:
    return text.strip().rstrip(";.").rstrip()
