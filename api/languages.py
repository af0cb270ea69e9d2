"""Which of the two languages an answer is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from registry.settings import Language

HEADER_CHARACTERS_MAX: Final = 500
DEFAULT: Final[Language] = "vi"


def preferred_language(header: str | None, default: Language = DEFAULT) -> Language:
    """The language that an Accept-Language header prefers (RFC 9110, 12.5.4), or the default."""
    if not header or len(header) > HEADER_CHARACTERS_MAX:
        return default
    weights: dict[Language, float] = {"vi": 0.0, "en": 0.0}
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if primary == "vi":
            weights["vi"] = max(weights["vi"], _weight(parameter))
        elif primary == "en":
            weights["en"] = max(weights["en"], _weight(parameter))
    if weights["vi"] == weights["en"]:
        return default
    return "vi" if weights["vi"] > weights["en"] else "en"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
