"""The key list of this log: every version that was published, each a fact.

What was published is kept to the byte, with the roots' signatures: an auditor asks the log which
keys counted on any day, and since when that was known. One record holds them all; each must be a
list that a verifier of the ones before goes on to, or it is not published at all.
`registry.proofs.key_list` says what is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never
from uuid import UUID

from registry.errors import AlreadyRecorded, Rejected
from registry.fact import Claim, Named, Outcome, World
from registry.personal import Personal
from registry.proofs.key_list import TrustedKeys, parse_key_list
from registry.proofs.notes import parse_note

THE_LIST = Claim("key-list", "in-force")
"""The name of the one record in which all versions are."""


# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyListPublished:
    """A version of the list: `note` is the text with its signatures, as the roots signed it."""

    note: str


Event: TypeAlias = KeyListPublished
EVENTS: Mapping[str, type] = {"key-list-published.v1": KeyListPublished}


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unpublished:
    """No key counts yet."""


@dataclass(frozen=True, slots=True)
class Published:
    """Every version, from the first."""

    notes: tuple[str, ...]


State = Unpublished | Published
INITIAL: State = Unpublished()


# Commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublishKeyList:
    """Put a version in force at a moment (seconds of Unix time)."""

    note: str
    now: int


Command: TypeAlias = PublishKeyList


# Rules --------------------------------------------------------------------------------------


def personal_values(_event: Event) -> tuple[Personal, ...]:
    """None: a list is keys."""
    return ()


def named_records(_command: Command) -> tuple[Named, ...]:
    """The list is judged by itself."""
    return ()


def decide(state: State, command: Command, _world: World) -> Outcome:
    """Judge a version as a stranger would who followed every one before.

    Raises `VerificationFailed`, and `Rejected` for the version that is in force already.
    """
    notes = state.notes if isinstance(state, Published) else ()
    first = parse_key_list(parse_note((*notes, command.note)[0].encode()).text)
    trusted = TrustedKeys(first.roots, first.threshold)
    for note in notes:
        # Each was good in its time.
        issued_at = parse_key_list(parse_note(note.encode()).text).issued_at
        trusted.accept(note.encode(), issued_at)
    known = trusted.key_list.version if trusted.has_begun else None
    if trusted.accept(command.note.encode(), command.now).version == known:
        raise Rejected("key-list-in-force", version=known)
    return Outcome((KeyListPublished(command.note),))


def evolve(state: State, event: Event) -> State:
    """Apply what happened."""
    match event:
        case KeyListPublished():
            before = state.notes if isinstance(state, Published) else ()
            return Published((*before, event.note))
        case _:
            assert_never(event)


def claims(_after: State, _event: Event) -> tuple[Claim, ...]:
    """The name of the one record."""
    return (THE_LIST,)


def taken(_claim: Claim, holder: UUID) -> AlreadyRecorded:
    """The error for a first list beside another process's."""
    return AlreadyRecorded("key-list-begun-already", holder)
