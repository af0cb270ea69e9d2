"""What is told of one paper: its own validity, and that of every paper of its component.

The chain leads from the first paper of a component, through exchanges and re-issues, to the one
that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections.as_of import award_as_of
from projections.validity import Status, Validity, validity
from registry.award import Entered
from registry.numbers import normalise_serial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from registry.award import AwardRecorded
    from registry.award.artifact_state import Artifact
    from registry.fact import Fact


@dataclass(frozen=True, slots=True)
class Standing:
    """A paper's serial as the register has it, what held of it, and its chain."""

    serial: str
    held: Validity
    chain: tuple[tuple[str, Status], ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """What a decision publishes of whom it names: names as printed, years of birth (EDTF)."""

    names: tuple[str, ...]
    births: tuple[str, ...]


def standing_of(
    facts: Sequence[Fact[Any]],
    serial: str,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Standing:
    """What held of the paper with this serial, in any spelling, by the facts of its award."""
    state = award_as_of(facts, as_of, known_at)
    artifacts = state.artifacts if isinstance(state, Entered) else {}
    own = _own_serial(artifacts, serial) or serial
    chain = tuple(
        (one, validity(facts, one, as_of, known_at).status) for one in _family(artifacts, own)
    )
    return Standing(own, validity(facts, own, as_of, known_at), chain)


def form_of(content: AwardRecorded) -> str:
    """Form and class in one code: ORD-KC-US:III."""
    return f"{content.form}:{content.award_class}" if content.award_class else content.form


def holder_of(content: AwardRecorded) -> Holder:
    """Whom an award names: the recipient as a whole, and each of its persons."""
    recipient = content.recipient
    return Holder(
        (recipient.name, *(one.name for one in recipient.persons if one.name)),
        tuple(one.born for one in recipient.persons if one.born),
    )


def _own_serial(artifacts: Mapping[str, Artifact], typed: str) -> str | None:
    """The serial as the register has it, from any spelling."""
    key = normalise_serial(typed)
    return next((own for own in artifacts if normalise_serial(own) == key), None)


def _family(artifacts: Mapping[str, Artifact], serial: str) -> Iterator[str]:
    """From the first paper of a component to the last."""
    first = artifacts.get(serial)
    while first is not None and first.supersedes is not None:
        first = artifacts.get(first.supersedes)
    while first is not None:
        yield first.serial
        by = first.superseded_by
        first = artifacts.get(by.successor) if by is not None else None
