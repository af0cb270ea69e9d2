"""A status list: which certificates are no longer in force, each published version a fact.

What was published is kept to the byte, signature and all: whoever is shown another list for the
same days holds the proof that somebody lies. A stream is one list; `registry.proofs.status_lists`
says what is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never
from uuid import UUID

from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.personal import Personal

# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StatusListPublished:
    """A version of the list, `credential` its signed text (vc+jwt); `revoked` counts set bits.

    `valid_from` and `valid_until` are moments (UTC, whole seconds, `Z`).
    """

    number: int
    valid_from: str
    valid_until: str
    revoked: int
    credential: str


Event: TypeAlias = StatusListPublished
EVENTS: Mapping[str, type] = {"status-list-published.v1": StatusListPublished}


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unpublished:
    """Nobody has seen this list."""


@dataclass(frozen=True, slots=True)
class Published:
    """The newest version."""

    newest: StatusListPublished


State = Unpublished | Published
INITIAL: State = Unpublished()


# Commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublishStatusList:
    """Publish a version; fields as in `StatusListPublished`."""

    number: int
    valid_from: str
    valid_until: str
    revoked: int
    credential: str


Command: TypeAlias = PublishStatusList


# Rules --------------------------------------------------------------------------------------


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: a list is bits."""
    return ()


def named_records(_command: Command) -> tuple[Named, ...]:
    """A list is judged by itself."""
    return ()


def decide(state: State, command: Command, _world: World) -> Outcome:
    """Judge a version. Raises `Rejected` unless it is newer than every one before."""
    # Moments of one form: their order is that of their text.
    if isinstance(state, Published) and command.valid_from <= state.newest.valid_from:
        raise Rejected("status-list-not-newer", newest=state.newest.valid_from)
    event = StatusListPublished(
        command.number, command.valid_from, command.valid_until, command.revoked, command.credential
    )
    return Outcome((event,))


def evolve(_state: State, event: Event) -> State:
    """Apply what happened."""
    match event:
        case StatusListPublished():
            return Published(event)
        case _:
            assert_never(event)


def list_claim(number: int) -> Claim:
    """The name of a list: one stream for each number."""
    return Claim("status-list", str(number))


def claims(_after: State, event: Event) -> tuple[Claim, ...]:
    """The list's number."""
    return (list_claim(event.number),)


def taken(claim: Claim, holder: UUID) -> AlreadyRecorded:
    """The error for a list that another process has begun meanwhile."""
    return AlreadyRecorded("status-list-begun-already", holder, number=claim.key)
