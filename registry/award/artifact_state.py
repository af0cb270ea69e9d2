"""What an artifact is after what happened to it.

Where an artifact is, and whether another has taken its place, are two things. A medal that was
lost and issued again may turn up: it is found, and superseded. So the stage tells where it is,
and `superseded_by` which artifact counts instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from registry.award.artifact import (
    ArtifactArchived,
    ArtifactDeclaredUnrecoverable,
    ArtifactDelivered,
    ArtifactDestroyed,
    ArtifactFound,
    ArtifactHandedBack,
    ArtifactHolderChanged,
    ArtifactIssued,
    ArtifactMoved,
    ArtifactPrinted,
    ArtifactRecovered,
    ArtifactReissued,
    ArtifactReturnedUndelivered,
    ArtifactSigned,
    ArtifactSurrendered,
    DeliveryCorrected,
    DeliveryWithdrawn,
    Event,
    FileSigned,
    Purpose,
    RecallOrdered,
    Receiver,
    Succession,
)
from registry.award.delivery import corrected_delivery
from registry.errors import Rejected
from registry.numbers import normalise_serial


@dataclass(frozen=True, slots=True)
class Issued:
    """Entered under its serial, not yet in anybody's hand as far as the register knows."""

    issued_on: str | None


@dataclass(frozen=True, slots=True)
class Printed:
    """Printed, not yet handed over."""

    printed_on: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """In the hand of the recipient or a representative; `before` is where it was until then."""

    delivered_on: str
    receiver: Receiver
    before: Stage | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Back in stock because it could not be handed over."""

    returned_on: str
    returned_by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class InCustody:
    """Handed in by a citizen and kept by an office, which answers for it item by item."""

    taken_on: str
    surrendered_by: Receiver
    receipt: str
    purpose: Purpose
    due_on: str | None
    condition: str | None
    kept_at: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Its owner has it no longer; another artifact was issued for it."""

    lost_by: str


@dataclass(frozen=True, slots=True)
class Found:
    """It turned up after it was lost or given up, and must be handed in."""

    found_on: str
    found_by: str | None


@dataclass(frozen=True, slots=True)
class Recalled:
    """Told to come back, but not back; `before` is where it is as far as anybody knows."""

    ordered_on: str
    due_on: str | None
    before: Holdable


@dataclass(frozen=True, slots=True)
class Recovered:
    """Back with the State."""

    recovered_on: str
    kept_at: str


@dataclass(frozen=True, slots=True)
class Unrecoverable:
    """Recalled and not to be had."""

    declared_on: str
    minutes: str


@dataclass(frozen=True, slots=True)
class Destroyed:
    """No longer there."""

    destroyed_on: str
    minutes: str


@dataclass(frozen=True, slots=True)
class Archived:
    """Kept for good as a specimen."""

    archived_on: str
    kept_at: str


Holdable: TypeAlias = Issued | Printed | Delivered | Undelivered | InCustody | Lost | Found
"""Where an artifact may be while nobody has asked it back."""
Ended: TypeAlias = Recovered | Unrecoverable | Destroyed | Archived
"""What becomes of an artifact that counts no longer."""
Stage: TypeAlias = Holdable | Recalled | Ended


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact, the stage it has reached, and its place among those of its component.

    `supersedes` is the serial of the artifact whose place it took, `superseded_by` how another
    took its own. `signed` tells that a paper or file of it was signed, and may be anywhere;
    `deliveries` are the times that it was taken in hand, of which the last may be corrected.
    `holder` is who holds it after its recipient's death; None for the recipient.
    """

    serial: str
    component: str
    stage: Stage
    supersedes: str | None = None
    superseded_by: Succession | None = None
    signed: bool = False
    deliveries: tuple[Delivered, ...] = ()
    holder: ArtifactHolderChanged | None = None

    @property
    def is_live(self) -> bool:
        """Whether it is the one that counts for its component, and has not ended."""
        return self.superseded_by is None and not isinstance(self.stage, Ended)

    @property
    def custody(self) -> InCustody | None:
        """The receipt on which an office keeps it for a citizen, recalled or not."""
        stage = self.stage.before if isinstance(self.stage, Recalled) else self.stage
        return stage if isinstance(stage, InCustody) else None


def evolve(artifact: Artifact | None, event: Event) -> Artifact | None:
    """Apply what happened to one artifact; an event about an unknown serial changes nothing."""
    if isinstance(event, ArtifactIssued):
        return Artifact(event.serial, event.component, Issued(event.issued_on))
    return None if artifact is None else _changed(artifact, event)


def _changed(artifact: Artifact, event: Happening) -> Artifact:
    if isinstance(event, ArtifactSigned | FileSigned):
        return replace(artifact, signed=True)
    if isinstance(event, DeliveryWithdrawn):
        return _delivery_withdrawn(artifact)
    if isinstance(event, DeliveryCorrected):
        return _delivery_corrected(artifact, event)
    if isinstance(event, ArtifactHolderChanged):
        return replace(artifact, holder=event)
    if isinstance(event, Succession):
        stage = _stage_left(artifact.stage, event)
        return replace(artifact, stage=stage, superseded_by=event)
    stage = _stage_after(artifact.stage, event)
    taken = (stage,) if isinstance(stage, Delivered) else ()
    return replace(artifact, stage=stage, deliveries=(*artifact.deliveries, *taken))


def _delivery_withdrawn(artifact: Artifact) -> Artifact:
    stage = artifact.stage
    if not isinstance(stage, Delivered) or stage.before is None:
        return artifact
    return replace(artifact, stage=stage.before, deliveries=artifact.deliveries[:-1])


def _delivery_corrected(artifact: Artifact, event: DeliveryCorrected) -> Artifact:
    """Wherever the artifact is by now: what the last delivery was is put right."""
    if not artifact.deliveries:
        return artifact
    last = artifact.deliveries[-1]
    on, receiver = corrected_delivery(last.delivered_on, last.receiver, event)
    right = replace(last, delivered_on=on, receiver=receiver)
    stage = artifact.stage
    if stage == last:
        stage = right
    elif isinstance(stage, Recalled) and stage.before == last:
        stage = replace(stage, before=right)
    return replace(artifact, stage=stage, deliveries=(*artifact.deliveries[:-1], right))


def follow(artifact: Artifact, old: Artifact) -> Artifact:
    """The new artifact after it took the old one's place: whoever held that holds it now."""
    return replace(artifact, supersedes=old.serial, holder=old.holder)


def award_restored(artifact: Artifact) -> Artifact:
    """The award stands again: what had not come back yet is no longer asked back."""
    if isinstance(artifact.stage, Recalled) and artifact.superseded_by is None:
        return replace(artifact, stage=artifact.stage.before)
    return artifact


Moving: TypeAlias = (
    ArtifactPrinted
    | ArtifactDelivered
    | ArtifactReturnedUndelivered
    | ArtifactSurrendered
    | ArtifactMoved
    | ArtifactHandedBack
    | ArtifactFound
    | RecallOrdered
    | ArtifactRecovered
    | ArtifactDeclaredUnrecoverable
    | ArtifactDestroyed
    | ArtifactArchived
)


Happening: TypeAlias = (
    Moving
    | Succession
    | ArtifactSigned
    | FileSigned
    | DeliveryWithdrawn
    | DeliveryCorrected
    | ArtifactHolderChanged
)


def _stage_after(  # noqa: C901, PLR0911, PLR0912 - one for each event
    stage: Stage, event: Moving
) -> Stage:
    match event:
        case ArtifactPrinted():
            return Printed(event.printed_on)
        case ArtifactDelivered():
            return Delivered(event.delivered_on, event.receiver, stage)
        case ArtifactReturnedUndelivered():
            return Undelivered(event.returned_on, event.returned_by, event.reason)
        case ArtifactSurrendered():
            return _taken_in(event)
        case ArtifactMoved():
            return _moved(stage, event.kept_at)
        case ArtifactHandedBack():
            return Delivered(event.handed_back_on, event.receiver, stage)
        case ArtifactFound():
            return Found(event.found_on, event.found_by)
        case RecallOrdered():
            return _recalled(stage, event)
        case ArtifactRecovered():
            return Recovered(event.recovered_on, event.kept_at)
        case ArtifactDeclaredUnrecoverable():
            return Unrecoverable(event.declared_on, event.minutes)
        case ArtifactDestroyed():
            return Destroyed(event.destroyed_on, event.minutes)
        case ArtifactArchived():
            return Archived(event.archived_on, event.kept_at)
        case _:
            assert_never(event)


def _stage_left(stage: Stage, event: Succession) -> Stage:
    """Where the old artifact is once another took its place: only a re-issue says it is lost."""
    if isinstance(event, ArtifactReissued) and not isinstance(stage, Ended):
        return Lost(event.reissued_on)
    return stage


def _taken_in(event: ArtifactSurrendered) -> InCustody:
    return InCustody(
        taken_on=event.surrendered_on,
        surrendered_by=event.surrendered_by,
        receipt=event.receipt,
        purpose=event.purpose,
        due_on=event.due_on,
        condition=event.condition,
        kept_at=event.kept_at,
    )


def _moved(stage: Stage, kept_at: str) -> Stage:
    match stage:
        case InCustody() | Recovered() | Archived():
            return replace(stage, kept_at=kept_at)
        case Recalled(before=InCustody() as before):
            return replace(stage, before=replace(before, kept_at=kept_at))
        case _:
            return stage


def _recalled(stage: Stage, event: RecallOrdered) -> Stage:
    if isinstance(stage, Holdable):
        return Recalled(event.ordered_on, event.due_on, stage)
    return stage


def stage_name(stage: Stage) -> str:  # noqa: C901, PLR0911, PLR0912 - one for each
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
        case InCustody():
            return "in-custody"
        case Lost():
            return "lost"
        case Found():
            return "found"
        case Recalled():
            return "recall-ordered"
        case Recovered():
            return "recovered"
        case Unrecoverable():
            return "unrecoverable"
        case Destroyed():
            return "destroyed"
        case Archived():
            return "archived"
        case _:
            assert_never(stage)


# Looking one up -----------------------------------------------------------------------------


def find(artifacts: Mapping[str, Artifact], serial: str) -> Artifact:
    """The artifact with a serial in any spelling. Raises `Rejected`."""
    key = normalise_serial(serial)
    for one in artifacts.values():
        if normalise_serial(one.serial) == key:
            return one
    raise Rejected("artifact-unknown", field="serial", serial=serial[:100])


def reissues_before(artifacts: Mapping[str, Artifact], one: Artifact) -> int:
    """How often what this artifact is was issued again because the one before it was lost.

    An exchange between two re-issues takes nothing from their number.
    """
    count = 0
    while one.supersedes is not None:
        one = find(artifacts, one.supersedes)
        count += isinstance(one.superseded_by, ArtifactReissued)
    return count


def find_current(artifacts: Mapping[str, Artifact], serial: str) -> Artifact:
    """The same, unless another artifact took its place. Raises `Rejected`."""
    one = find(artifacts, serial)
    if one.superseded_by is not None:
        successor = one.superseded_by.successor
        raise Rejected(
            "artifact-superseded", field="serial", serial=one.serial, successor=successor
        )
    return one


def wrong_stage(one: Artifact) -> Rejected:
    """The error for what cannot be done with an artifact at its stage."""
    stage = stage_name(one.stage)
    return Rejected("artifact-stage", field="serial", serial=one.serial, stage=stage)
