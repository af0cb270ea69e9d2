"""How a number format shows a number: as a date, with leading zeros, with words around it."""

from __future__ import annotations

import re
from typing import Any, Final

_DATE_FORMATS: Final = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
_MONTH_FORMATS: Final = frozenset({17, 55})
_FORMAT_NOISE: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[[^\]]*\]|(?P<digits>General|[0#?]+)'
    r"|(?P<plain>[-+/() :$])|(?P<text>@)|(?P<other>.)",
    re.DOTALL,
)
_PLACES: Final = re.compile("[0#?]")


def date_kind(format_id: int, code: str | None) -> str:
    """What a number format shows: "" for no date, "day", "month" or "year"."""
    if code is None:
        if format_id in _MONTH_FORMATS:
            return "month"
        return "day" if format_id in _DATE_FORMATS else ""
    shown = _FORMAT_NOISE.sub("", code.split(";")[0]).lower()
    if "general" in shown or "y" not in shown:
        return "day" if "d" in shown and "general" not in shown else ""
    if "d" in shown:
        return "day"
    return "month" if "m" in shown else "year"


class ShownNumber:
    """A format that shows whole numbers as text: `00000`, `0"/QĐ-UBND"`, `"SV-"000`."""

    def __init__(self, parts: list[tuple[bool, str]]) -> None:
        self._parts = parts
        self._places = sum(len(_PLACES.findall(text)) for is_digits, text in parts if is_digits)

    def show(self, value: Any) -> Any:
        """The text that the sheet shows; what is no whole number stays as it is."""
        whole = isinstance(value, int | float) and not isinstance(value, bool)
        if not whole or value < 0 or not float(value).is_integer():
            return value
        left = str(int(value))
        shown: list[str] = []
        remaining = self._places
        for is_digits, text in self._parts:
            if not is_digits:
                shown.append(text)
                continue
            places = len(_PLACES.findall(text))
            remaining -= places
            taken = left if not remaining else left[: max(0, len(left) - remaining)]
            left = left[len(taken) :]
            shown.append(taken.rjust(text.count("0"), "0") if places else taken)
        return "".join(shown)


class ShownText:
    """A format that shows text with words around it: `@"/QĐ-UBND"`."""

    def __init__(self, before: str, after: str) -> None:
        self._before, self._after = before, after

    def show(self, value: Any) -> Any:
        """The text that the sheet shows."""
        return f"{self._before}{value}{self._after}" if isinstance(value, str) else value


def shown_by(code: str | None) -> ShownNumber | ShownText | None:
    """How a format changes what a cell shows, if it does so in a way that means something."""
    if not code or code in {"General", "@", "0"}:
        return None
    parts: list[tuple[bool, str]] = []
    for token in _TOKEN.finditer(code.split(";")[0]):
        if token["other"] is not None:
            return None
        digits = token["digits"]
        if digits is not None:
            parts.append((True, digits))
        else:
            text = token["quoted"] or token["escaped"] or token["plain"] or token["text"] or ""
            parts.append((False, text))
    return _shown(parts, code)


def _shown(parts: list[tuple[bool, str]], code: str) -> ShownNumber | ShownText | None:
    digits = [text for is_digits, text in parts if is_digits]
    words = "".join(text for is_digits, text in parts if not is_digits)
    if not digits:
        before, at, after = words.partition("@")
        return ShownText(before, after) if at and (before or after) and "@" in code else None
    if "@" in words or (len(digits) > 1 and "General" in digits):
        return None
    means_something = any(c.isalnum() for c in words) or any(text.count("0") > 1 for text in digits)
    if not means_something and not words.strip(" ()_"):
        return None
    return ShownNumber(parts)
