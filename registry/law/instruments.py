"""Instruments that ended: what is cited as law in force is compared with them.

Which rule holds is chosen by a day (reference, 1.2): a request keeps the rule of the day on which
it was received, a decision is judged by the law of its own day. So a text that cites an instrument
which had ended by then is doubtful. It is told, never refused: people also cite what was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from registry.award_form import read_json
from registry.remark import Remark
from registry.text import comparison_key


@dataclass(frozen=True, slots=True)
class EndedInstrument:
    """An instrument, the last day on which it was in force, and what took its place."""

    number: str
    names: tuple[str, ...]
    name_vi: str
    name_en: str
    valid_to: date
    replaced_by: str
    source: str
    certainty: str


def ended_law_doubts(text: str | None, on: date) -> tuple[Remark, ...]:
    """Doubts about a text that cites, as of a day, an instrument which had ended before it."""
    if not text:
        return ()
    return tuple(
        Remark(
            "law-ended",
            (
                ("law", one.name_vi),
                ("on", one.valid_to.isoformat()),
                ("replaced_by", one.replaced_by),
                ("reason", one.source),
            ),
        )
        for one in ended_instruments()
        if one.valid_to < on and _cites(text, one)
    )


@cache
def ended_instruments() -> tuple[EndedInstrument, ...]:
    """Every instrument that is known to have ended."""
    return tuple(
        EndedInstrument(
            **{
                **entry,
                "names": tuple(entry["names"]),
                "valid_to": date.fromisoformat(entry["valid_to"]),
            }
        )
        for entry in read_json("instruments.json")["ended"]
    )


def _cites(text: str, instrument: EndedInstrument) -> bool:
    said = comparison_key(text)
    return any(_pattern(name).search(said) for name in instrument.names)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)" + re.escape(comparison_key(name)) + r"(?![\w/-])")
