"""Doubts that the register voices about a record without refusing it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """A doubt: a stable kebab-case `code` and the parameters of its sentence, as text."""

    code: str
    params: tuple[tuple[str, str], ...] = ()
