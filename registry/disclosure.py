"""Keys of personal values given to an auditor: every time is a record of its own.

Whoever has them reads what is sealed in every copy of the log that was made until then, and nobody
can take them back. So the fact comes first, and the kit that carries the keys holds it: the
auditor sees that he stands in the log, to whom keys went before him, and on what basis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from registry.errors import AlreadyRecorded
from registry.fact import Claim, Named, Outcome, World
from registry.personal import Personal
from registry.proofs.disclosure import format_public, parse_public
from registry.rules import require_text

if TYPE_CHECKING:
    from typing import NoReturn


@dataclass(frozen=True, slots=True)
class PersonalKeysDisclosed:
    """The keys of all persons who were not erased, for the holder of an auditor's key alone."""

    auditor: str
    auditor_key: str
    reason: str


Event = PersonalKeysDisclosed
EVENTS: Mapping[str, type] = {"personal-keys-disclosed.v1": PersonalKeysDisclosed}


@dataclass(frozen=True, slots=True)
class NotDisclosed:
    """Nobody was given anything."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """An auditor was given the keys."""

    event: PersonalKeysDisclosed


State = NotDisclosed | Disclosed
INITIAL: State = NotDisclosed()


@dataclass(frozen=True, slots=True)
class DisclosePersonalKeys:
    """Give an auditor the keys, on a basis."""

    auditor: str
    auditor_key: str
    reason: str


Command = DisclosePersonalKeys


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: it says who may read, nothing about persons."""
    return ()


def named_records(_command: Command) -> tuple[Named, ...]:
    """None: it is judged by itself."""
    return ()


def decide(_state: State, command: Command, _world: World) -> Outcome:
    """Judge a command. Raises `Rejected`."""
    return Outcome(
        (
            PersonalKeysDisclosed(
                require_text("auditor", command.auditor),
                format_public(parse_public(command.auditor_key)),
                require_text("reason", command.reason),
            ),
        )
    )


def evolve(_state: State, event: Event) -> State:
    """Apply what happened."""
    return Disclosed(event)


def claims(_after: State, _event: Event) -> tuple[Claim, ...]:
    """None: keys may be given to one auditor as often as there are kits."""
    return ()


def taken(_claim: Claim, holder: UUID) -> NoReturn:
    """Never asked: a disclosure takes no names."""
    raise AlreadyRecorded("claim-taken", holder)
