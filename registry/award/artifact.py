"""What happens to an artifact: one physical component of an award (certificate, insignia, box...).

People lose parts separately, so each component is an artifact of its own with its own serial.
Its events live in the award's stream, because their invariants are the award's: at most one
live artifact per component, and a serial is never used again.

What the events make of an artifact is in `artifact_state`. The rules are told by story:
`issuing` (from stock to hand), `custody` (what citizens hand in), `replacing` (exchange and
re-issue), `recalling` (the way back and the end).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never, get_args
from uuid import UUID

from registry.numbers import with_check
from registry.personal import Personal
from registry.rules import Change

ReceiverKind = Literal["recipient", "representative"]

Purpose = Literal["exchange", "recall", "found", "safekeeping", "given-back"]
"""What a citizen hands an artifact in for; `given-back` freely, and the award stays."""
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

ExchangeReason = Literal["damaged", "misprinted", "faded", "disaster"]
EXCHANGE_REASONS: tuple[ExchangeReason, ...] = get_args(ExchangeReason)

ReissueReason = Literal["lost", "disaster"]
REISSUE_REASONS: tuple[ReissueReason, ...] = get_args(ReissueReason)

OfficeReason = Literal["misprinted", "destroyed", "archived"]
"""Why the office itself replaces an artifact, without anybody asking for it."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who took an artifact in hand or gave it out of hand.

    For a representative, the relation and identity paper too.
    """

    kind: ReceiverKind
    person: UUID
    name: str
    relation: str | None = None
    identity_paper: Personal | None = None


HolderKind = Literal["heir", "museum", "state"]
HOLDER_KINDS: tuple[HolderKind, ...] = get_args(HolderKind)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an artifact after its recipient's death.

    An heir is a `person` with a relation. `decision` is the paper by which a museum holds it,
    `until` the last day of its time, None for good. `kept_at` is where it lies.
    """

    kind: HolderKind
    name: str
    person: UUID | None = None
    relation: str | None = None
    identity_paper: Personal | None = None
    decision: str | None = None
    kept_at: str | None = None
    until: str | None = None


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
class DeliveryWithdrawn:
    """The last hand-over was entered by mistake: the artifact is where it was before."""

    serial: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryCorrected:
    """What the register says of the last time the artifact was taken in hand is put right.

    `changes` are of the fields in `delivery.FIELDS`; `person` is who took it as known since, and
    `identity_paper` that person's, where it was not as the register said.
    """

    serial: str
    changes: tuple[Change, ...]
    person: UUID
    identity_paper: Personal | None
    reason: str


@dataclass(frozen=True, slots=True)
class ArtifactReturnedUndelivered:
    """The artifact came back from the way to its recipient; the award is unchanged."""

    serial: str
    returned_on: str
    returned_by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ArtifactSurrendered:
    """A citizen handed the artifact in, against a receipt (nộp lại).

    All that one award's owner hands in at once stands on one receipt. `due_on` is the day on
    which the office said that he hears of it.
    """

    serial: str
    surrendered_on: str
    surrendered_by: Receiver
    receipt: str
    purpose: Purpose
    due_on: str | None
    condition: str | None
    kept_at: str


@dataclass(frozen=True, slots=True)
class ArtifactMoved:
    """An artifact that an office keeps lies elsewhere now."""

    serial: str
    moved_on: str
    kept_at: str
    note: str | None


@dataclass(frozen=True, slots=True)
class ArtifactHandedBack:
    """The artifact itself, taken in or recalled, is in its owner's hand again (trao lại)."""

    serial: str
    handed_back_on: str
    receiver: Receiver
    note: str | None


@dataclass(frozen=True, slots=True)
class ArtifactExchanged:
    """A new artifact took the place of one that was handed in (cấp đổi)."""

    serial: str
    successor: str
    exchanged_on: str
    reason: ExchangeReason
    case_id: UUID


@dataclass(frozen=True, slots=True)
class ArtifactReissued:
    """A new artifact took the place of one that is lost (cấp lại)."""

    serial: str
    successor: str
    reissued_on: str
    reason: ReissueReason
    case_id: UUID


@dataclass(frozen=True, slots=True)
class ArtifactReplaced:
    """The office put a new artifact in the place of one that it spoiled or destroyed itself."""

    serial: str
    successor: str
    replaced_on: str
    reason: OfficeReason


@dataclass(frozen=True, slots=True)
class ArtifactFound:
    """An artifact that was lost, or that nobody could recover, turned up."""

    serial: str
    found_on: str
    found_by: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class RecallOrdered:
    """The owner was told to give the artifact back (thu hồi); nothing has come back yet.

    `decision_id` is the decision that took the award away; None where another artifact counts.
    """

    serial: str
    ordered_on: str
    due_on: str | None
    decision_id: UUID | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ArtifactRecovered:
    """An artifact of an award that was taken away came back to the State."""

    serial: str
    recovered_on: str
    handed_in_by: str | None
    kept_at: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class ArtifactDeclaredUnrecoverable:
    """An artifact that was recalled cannot be had; `minutes` names the paper that says so."""

    serial: str
    declared_on: str
    minutes: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArtifactDestroyed:
    """The artifact was destroyed (tiêu hủy) before witnesses."""

    serial: str
    destroyed_on: str
    minutes: str
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArtifactArchived:
    """The artifact is kept for good as a specimen (lưu mẫu)."""

    serial: str
    archived_on: str
    kept_at: str
    minutes: str | None


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


@dataclass(frozen=True, slots=True)
class FileSigned:
    """A file of the paper was signed: whoever has the file finds its digest in the log.

    `sha256` is the digest of the whole file as it was given away, in hexadecimal; `kid` names the
    key that signed it. A file outlives the key: what the log holds of it no thief can make.
    """

    serial: str
    kid: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ArtifactHolderChanged:
    """Somebody else holds the artifact after its recipient's death; the award is unchanged."""

    serial: str
    since: str
    died_on: str | None
    holder: Holder
    note: str | None


Succession: TypeAlias = ArtifactExchanged | ArtifactReissued | ArtifactReplaced
"""How one artifact took the place of another."""

SuccessionKind = Literal["exchange", "reissue", "replacement"]

Event: TypeAlias = (
    ArtifactIssued
    | ArtifactPrinted
    | ArtifactDelivered
    | DeliveryWithdrawn
    | DeliveryCorrected
    | ArtifactReturnedUndelivered
    | ArtifactSurrendered
    | ArtifactMoved
    | ArtifactHandedBack
    | Succession
    | ArtifactFound
    | RecallOrdered
    | ArtifactRecovered
    | ArtifactDeclaredUnrecoverable
    | ArtifactDestroyed
    | ArtifactArchived
    | ArtifactHolderChanged
    | ArtifactSigned
    | FileSigned
)
EVENTS: Mapping[str, type] = {
    "artifact-issued.v1": ArtifactIssued,
    "artifact-printed.v1": ArtifactPrinted,
    "artifact-delivered.v1": ArtifactDelivered,
    "artifact-delivery-withdrawn.v1": DeliveryWithdrawn,
    "artifact-delivery-corrected.v1": DeliveryCorrected,
    "artifact-returned-undelivered.v1": ArtifactReturnedUndelivered,
    "artifact-surrendered.v1": ArtifactSurrendered,
    "artifact-moved.v1": ArtifactMoved,
    "artifact-handed-back.v1": ArtifactHandedBack,
    "artifact-exchanged.v1": ArtifactExchanged,
    "artifact-reissued.v1": ArtifactReissued,
    "artifact-replaced.v1": ArtifactReplaced,
    "artifact-found.v1": ArtifactFound,
    "artifact-recall-ordered.v1": RecallOrdered,
    "artifact-recovered.v1": ArtifactRecovered,
    "artifact-declared-unrecoverable.v1": ArtifactDeclaredUnrecoverable,
    "artifact-destroyed.v1": ArtifactDestroyed,
    "artifact-archived.v1": ArtifactArchived,
    "artifact-holder-changed.v1": ArtifactHolderChanged,
    "artifact-signed.v1": ArtifactSigned,
    "artifact-file-signed.v1": FileSigned,
}


def happened_on(event: Event) -> str | None:  # noqa: C901, PLR0911, PLR0912 - one for each event
    """The day on which it was so (EDTF); None where it is not known."""
    match event:
        case ArtifactIssued():
            return event.issued_on
        case ArtifactPrinted():
            return event.printed_on
        case ArtifactDelivered():
            return event.delivered_on
        case ArtifactReturnedUndelivered():
            return event.returned_on
        case ArtifactSurrendered():
            return event.surrendered_on
        case ArtifactMoved():
            return event.moved_on
        case ArtifactHandedBack():
            return event.handed_back_on
        case ArtifactExchanged() | ArtifactReissued() | ArtifactReplaced():
            return succeeded_on(event)
        case ArtifactFound():
            return event.found_on
        case RecallOrdered():
            return event.ordered_on
        case ArtifactRecovered():
            return event.recovered_on
        case ArtifactDeclaredUnrecoverable():
            return event.declared_on
        case ArtifactDestroyed():
            return event.destroyed_on
        case ArtifactArchived():
            return event.archived_on
        case ArtifactHolderChanged():
            return event.since
        case ArtifactSigned() | FileSigned() | DeliveryWithdrawn() | DeliveryCorrected():
            return None
        case _:
            assert_never(event)


def succession_kind(event: Succession) -> SuccessionKind:
    """How the new artifact took the old one's place, in one word."""
    match event:
        case ArtifactExchanged():
            return "exchange"
        case ArtifactReissued():
            return "reissue"
        case ArtifactReplaced():
            return "replacement"
        case _:
            assert_never(event)


def succeeded_on(event: Succession) -> str:
    """The day on which the new artifact took the old one's place."""
    match event:
        case ArtifactExchanged():
            return event.exchanged_on
        case ArtifactReissued():
            return event.reissued_on
        case ArtifactReplaced():
            return event.replaced_on
        case _:
            assert_never(event)


# Serials ------------------------------------------------------------------------------------


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


def format_receipt(year: int, number: int) -> str:
    """The number of a receipt for what a citizen hands in (biên nhận): never given twice."""
    return with_check(f"BN{year}-{number:07d}")
