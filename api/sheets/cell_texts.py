"""What single cells say: as a sheet shows them, as marks, as words to choose from."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final

from api.sheets.cells import Cell, CellError
from registry.text import fold

TYPED_CHARACTERS_MAX: Final = 100
WORDS_REMEMBERED_MAX: Final = 256

YES: Final = frozenset({"x", "co", "v", "1", "true", "yes", "✓", "✔"})
NO: Final = frozenset({"", "khong", "0", "false", "no", "-", "tang", "tang thuong"})
_MARKS: Final = frozenset({"√", "☑", "+", "*", "●", "đạt", "dat"})
_NUMBER_PUNCTUATION: Final = "().- "
_LONG_NUMBER: Final = re.compile(r"[0-9]{9,}")


def shown(cell: Cell) -> str:
    """A cell that is not text as a sheet shows it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, date):
        return f"{cell.day:02}/{cell.month:02}/{cell.year}"
    return "" if cell is None or isinstance(cell, CellError) else str(cell)


@lru_cache(WORDS_REMEMBERED_MAX)
def folded_word(typed: str) -> str:
    """The folded text of a column that has a word or two to choose from."""
    return fold(typed)


def is_marked(text: str) -> bool | None:
    """Whether a cell of a form's column is a mark; None if it is neither that nor none."""
    typed = text.strip().casefold()
    if typed in _MARKS or folded_word(typed) in YES:
        return True
    return False if folded_word(typed) in NO else None


def is_blank(cell: Cell) -> bool:
    """Nothing, or a formula that gives nothing but an error."""
    return cell is None or type(cell) is CellError or (isinstance(cell, str) and not cell.strip())


def is_number(cell: Cell) -> bool:
    """A number, or one written as text: “1.”, “(2)”."""
    if isinstance(cell, str):
        return cell.strip(_NUMBER_PUNCTUATION).isdigit()
    return isinstance(cell, int | float)


def is_broken(text: str) -> bool:
    """Whether a text holds a byte that its encoding does not have."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def repeatable(typed: str) -> str:
    """What was typed without long numbers: in a shifted column they are papers or phones."""
    return _LONG_NUMBER.sub("…", typed)


def with_class(form: str, award_class: str) -> str:
    """A form with the class that stands in a column of its own."""
    return f"{form} {award_class}" if "hang" in fold(award_class) else f"{form} hạng {award_class}"
