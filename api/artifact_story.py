"""What became of each artifact of an award, from being issued to being handed over.

The state of the register keeps the stage that an artifact has reached; a page also shows on
which days it passed the earlier ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from projections.dates import date_bounds
from registry.artifact import (
    ArtifactDelivered,
    ArtifactIssued,
    ArtifactPrinted,
    ArtifactReturnedUndelivered,
    stage_name,
)

if TYPE_CHECKING:
    from datetime import date

    from api.records import AwardRecord
    from registry.artifact import Receiver

Moved: TypeAlias = ArtifactPrinted | ArtifactDelivered | ArtifactReturnedUndelivered


@dataclass(frozen=True, slots=True)
class ArtifactStory:
    """A component: `expected` and without a serial until it is issued."""

    component: str
    serial: str | None = None
    stage: str = "expected"
    issued_on: str | None = None
    printed_on: str | None = None
    delivered_on: str | None = None
    receiver: Receiver | None = None
    returned_on: str | None = None
    returned_by: str | None = None
    return_reason: str | None = None


def artifact_stories(record: AwardRecord) -> tuple[ArtifactStory, ...]:
    """The artifacts that the award has at the moment of the record, in the order of issue."""
    stories: dict[str, ArtifactStory] = {}
    for fact in record.facts:
        match fact.event:
            case ArtifactIssued() as event:
                stories[event.serial] = ArtifactStory(
                    event.component, event.serial, issued_on=event.issued_on
                )
            case ArtifactPrinted() | ArtifactDelivered() | ArtifactReturnedUndelivered() as event:
                if event.serial in stories and _had_happened(event, record.as_of):
                    stories[event.serial] = _moved(stories[event.serial], event)
            case _:
                pass
    return tuple(
        replace(stories[serial], stage=stage_name(artifact.stage))
        for serial, artifact in record.state.artifacts.items()
        if serial in stories
    )


def _had_happened(event: Moved, as_of: date | None) -> bool:
    """Whether an artifact had passed a stage on a day; a partial date begins with its first."""
    match event:
        case ArtifactPrinted():
            on = event.printed_on
        case ArtifactDelivered():
            on = event.delivered_on
        case ArtifactReturnedUndelivered():
            on = event.returned_on
        case _:
            assert_never(event)
    earliest, _ = date_bounds(on)
    return as_of is None or earliest is None or earliest <= as_of


def _moved(
    story: ArtifactStory,
    event: Moved,
) -> ArtifactStory:
    match event:
        case ArtifactPrinted():
            return replace(story, printed_on=event.printed_on)
        case ArtifactDelivered():
            return replace(story, delivered_on=event.delivered_on, receiver=event.receiver)
        case ArtifactReturnedUndelivered():
            return replace(
                story,
                returned_on=event.returned_on,
                returned_by=event.returned_by,
                return_reason=event.reason,
            )
