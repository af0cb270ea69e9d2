"""An artifact: one physical component of an award (certificate, insignia, box, frame, flag...).

People lose parts separately, so each component is an artifact of its own with its own serial.
Its events live in the award's stream, because their invariants are the award's: at most one
live artifact per component, and a serial is never used again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never
from uuid import UUID

from registry.numbers import with_check
from registry.personal import Personal

ReceiverKind = Literal["recipient", "representative"]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who took an artifact in hand; for a representative, the relation and identity paper too."""

    kind: ReceiverKind
    person: UUID
    name: str
    relation: str | None = None
    identity_paper: Personal | None = None


# Events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ArtifactIssued:
    """An artifact with this serial was entered for a component of the award (cấp phát)."""

    serial: str
    component: str
    issued_on: str | None


@dataclass(frozen=True, slots=True)
class ArtifactPrinted:
    """The paper was printed."""

    serial: str
    printed_on: str


@dataclass(frozen=True, slots=True)
class ArtifactDelivered:
    """Somebody took the artifact in hand."""

    serial: str
    delivered_on: str
    receiver: Receiver


@dataclass(frozen=True, slots=True)
class ArtifactReturnedUndelivered:
    """The artifact came back from the way to its recipient; the award is unchanged."""

    serial: str
    returned_on: str
    returned_by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ArtifactSigned:
    """What the paper's QR code carries was signed, over the text as it stood then.

    `payload` is the exact bytes in base64url without padding; `kid` names the key, in
    hexadecimal; `status_index` is the paper's own place in the status lists.
    """

    serial: str
    kid: str
    status_index: int
    payload: str


Event = (
    ArtifactIssued
    | ArtifactPrinted
    | ArtifactDelivered
    | ArtifactReturnedUndelivered
    | ArtifactSigned
)


# States -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Issued:
    """Entered under its serial, not yet in anybody's hand."""

    issued_on: str | None


@dataclass(frozen=True, slots=True)
class Printed:
    """Printed, not yet handed over."""

    printed_on: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """In the hand of the recipient or a representative."""

    delivered_on: str
    receiver: Receiver


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Back in stock because it could not be handed over."""

    returned_on: str
    returned_by: str | None
    reason: str


Stage = Issued | Printed | Delivered | Undelivered


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact and the stage it has reached."""

    serial: str
    component: str
    stage: Stage


def evolve(artifact: Artifact | None, event: Event) -> Artifact | None:
    """Apply what happened to one artifact; an event about an unknown serial changes nothing."""
    match event:
        case ArtifactIssued():
            return Artifact(event.serial, event.component, Issued(event.issued_on))
        case ArtifactPrinted():
            return _moved(artifact, Printed(event.printed_on))
        case ArtifactDelivered():
            return _moved(artifact, Delivered(event.delivered_on, event.receiver))
        case ArtifactReturnedUndelivered():
            return _moved(artifact, Undelivered(event.returned_on, event.returned_by, event.reason))
        case ArtifactSigned():
            return artifact
        case _:
            assert_never(event)


def stage_name(stage: Stage) -> str:
    """The stage in one word, as registers and pages show it."""
    match stage:
        case Issued():
            return "issued"
        case Printed():
            return "printed"
        case Delivered():
            return "delivered"
        case Undelivered():
            return "undelivered"
        case _:
            assert_never(stage)


def _moved(artifact: Artifact | None, stage: Stage) -> Artifact | None:
    if artifact is None:
        return None
    return Artifact(artifact.serial, artifact.component, stage)


_SERIAL_LETTERS = {
    "certificate": "C",
    "board": "B",
    "order_insignia": "O",
    "medal_insignia": "M",
    "badge": "H",
    "insignia_box": "X",
    "badge_box": "X",
    "frame": "K",
    "flag": "F",
    "confirmation_certificate": "N",
    "confirmation_letter": "V",
}


def format_serial(component: str, year: int, number: int) -> str:
    """A serial allotted by the registry: a letter for the component, year, number, check."""
    return with_check(f"{_SERIAL_LETTERS.get(component, 'Z')}{year}-{number:07d}")
