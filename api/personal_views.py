"""Sealed values as clients see them: that there is one, and what it is for who may read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PersonalState = Literal["sealed", "open", "erased"]
Opened = Mapping[tuple[str, str], "str | None"]
"""Sealed values that the reader may see, by person and kind; None where the key is gone."""


@dataclass(frozen=True, slots=True)
class PersonalView:
    """A sealed value: `value` only for those who may read it."""

    state: PersonalState
    value: str | None = None


def personal_to_view(subject: str, kind: str, opened: Opened | None) -> PersonalView:
    """A person's value of a kind; `opened` is None for who may not read any."""
    if opened is None:
        return PersonalView("sealed")
    value = opened.get((subject, kind))
    return PersonalView("erased") if value is None else PersonalView("open", value)
