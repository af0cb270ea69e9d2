"""A decision as one cell writes it: its number, its day, the words around them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from registry.text import comparison_key

TEXTS_REMEMBERED_MAX: Final = 4_096

_LEADING: Final = re.compile(
    r"\s*(?:theo\s+)?(?:(?:quyết định|qđ)[\s:]+)?(?:số\s*[:.]?\s*)?", re.IGNORECASE
)
_DAY_FIRST: Final = re.compile(
    r"\s*(?:ký\s*)?ngày\s*(?P<day>.*?\d{4})\s*[,;\s]\s*(?P<number>(?:số|qđ|quyết định)\b.*\d.*)",
    re.IGNORECASE | re.DOTALL,
)
_DAY: Final = re.compile(
    r"[\s,;(]*(?:(?:ký\s*)?ngày\s*[:.]?\s*)(?P<day>.*?)\s*\)?\s*$|"
    r"[\s,;(]+(?P<bare>\d{1,2}[/.-]\d{1,2}[/.-]\d{4})\s*\)?\s*$|"
    r"[\s,;(]+(?P<year>(?:tháng\s*\d{1,2}\s*[/ -]?\s*)?(?:năm\s*)?\d{4})\s*\)?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_OF: Final = re.compile(r"\s+của\s+.*$", re.IGNORECASE | re.DOTALL)


@lru_cache(TEXTS_REMEMBERED_MAX)
def split_number(text: str) -> tuple[str, str | None]:
    """The number, and the day as typed if the text goes on with it."""
    reversed_ = _DAY_FIRST.fullmatch(text)
    if reversed_ is not None:
        return _LEADING.sub("", reversed_["number"], count=1).strip(), reversed_["day"]
    found = _DAY.search(text)
    if found is None or not text[: found.start()].strip():
        return text, None
    number = _LEADING.sub("", text[: found.start()], count=1).strip(" ,;-–")
    day = _OF.sub("", found["day"] or found["bare"] or found["year"] or "").strip(" .,;")
    return (number, day) if number and day else (text, None)


@lru_cache(TEXTS_REMEMBERED_MAX)
def normalized(number: str) -> str:
    """A number as two of them are compared."""
    return re.sub(r"\s", "", comparison_key(_LEADING.sub("", number, count=1)))
