"""Which body today stands for the body that submitted an award, and which place for a place.

Exchange and re-issue go through the body that *submitted* the award, or its successor, not
through where somebody lives now (85/2014, Art. 42). Offices and provinces have been renamed,
merged and split since; `data/successions.json` says how, each step with its day, source and
certainty. Nothing is renamed in place: what a record says stays as it was written, and today's
name is worked out when asked.

A step replaces a name inside a body's name ("tỉnh Yên Bái" in "UBND tỉnh Yên Bái"), or says that
a district was abolished: its own bodies become the province's desk, and communes lose the
district from their names. After a split there are several successors until they merge again. A
body that no step knows comes back as itself, with a remark unless it is one of today's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from registry.award_form import read_json
from registry.dates import parse_edtf
from registry.remark import Remark
from registry.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Iterator

StepKind = Literal["part", "abolished"]

_COMMUNE = re.compile(r"(?<!\w)(xã|phường|thị trấn)(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Succession:
    """From a day on (EDTF) one name stands for another; several after a split.

    `part` replaces the name wherever it stands. `abolished` replaces the unit's own bodies, and
    takes the unit out of the names of places and communes.
    """

    kind: StepKind
    name: str
    becomes: tuple[str, ...]
    on: str
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Successor:
    """Today's name, the steps that lead to it, and what is doubtful about it."""

    name: str
    steps: tuple[Succession, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class _Path:
    name: str
    steps: tuple[Succession, ...] = ()


def successor_of(body: str, on: date) -> Successor:
    """The body that stands for `body` on a day. Never fails."""
    return _follow(body, on, is_place=_COMMUNE.search(body) is not None)


def place_on(place: str, on: date) -> Successor:
    """What a place is called on a day. Never fails."""
    return _follow(place, on, is_place=True)


def _follow(name: str, on: date, *, is_place: bool) -> Successor:
    paths = [_Path(name)]
    for step in _steps():
        if parse_edtf(step.on).earliest <= on:
            paths = _distinct(after for path in paths for after in _after(path, step, is_place))
    first = paths[0]
    return Successor(first.name, first.steps, tuple(_doubts(name, paths)))


def _after(path: _Path, step: Succession, is_place: bool) -> Iterator[_Path]:  # noqa: FBT001
    found = _pattern(step.name).search(path.name)
    if found is None:
        yield path
        return
    before, behind = path.name[: found.start()], path.name[found.end() :]
    if step.kind == "abolished" and is_place:
        yield _Path((before.rstrip(" ,-") + behind).strip(" ,-"), (*path.steps, step))
        return
    for becomes in step.becomes:
        name = becomes if step.kind == "abolished" else before + becomes + behind
        yield _Path(name, (*path.steps, step))


def _distinct(paths: Iterator[_Path]) -> list[_Path]:
    """Paths that lead to one body are one: provinces that split may merge again."""
    kept: dict[str, _Path] = {}
    for path in paths:
        kept.setdefault(comparison_key(path.name), path)
    return list(kept.values())


def _doubts(name: str, paths: list[_Path]) -> Iterator[Remark]:
    first = paths[0]
    if len(paths) > 1:
        candidates = "; ".join(path.name for path in paths)
        yield Remark("successor-ambiguous", (("body", name), ("bodies", candidates)))
    unverified = [step for step in first.steps if step.certainty != "read"]
    if unverified:
        reasons = "; ".join(step.source for step in unverified)
        yield Remark("succession-not-verified", (("body", name), ("reason", reasons)))
    if not first.steps and not any(_pattern(one).search(name) for one in _known_names()):
        yield Remark("body-unknown", (("body", name),))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """A name as it is written in any case and with any kind of dash or spaces."""
    words = (re.escape(word) for word in re.split(r"[\s\-–]+", name))
    return re.compile(r"(?<!\w)" + r"[\s\-–]+".join(words) + r"(?!\w)", re.IGNORECASE)


@cache
def _document() -> dict[str, Any]:
    return read_json("successions.json")


@cache
def _known_names() -> tuple[str, ...]:
    return (*_document()["today"], *(step.name for step in _steps()))


@cache
def _steps() -> tuple[Succession, ...]:
    """All steps, oldest first; those of one day in the order of the data."""
    entries = _document()["steps"]
    steps = [Succession(**{**entry, "becomes": tuple(entry["becomes"])}) for entry in entries]
    return tuple(sorted(steps, key=lambda step: parse_edtf(step.on).earliest))
