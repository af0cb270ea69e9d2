"""What became of each artifact of an award, from stock to grave.

The state of the register keeps the stage that an artifact has reached; a page also shows on
which days it passed the earlier ones, on which receipt it came, and what took its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from projections.as_of import by_day
from projections.corrected import put_right
from registry.award import artifact
from registry.award.artifact_state import stage_name

if TYPE_CHECKING:
    from api.records import AwardRecord
    from registry.award.artifact_state import Artifact

EventT = TypeVar("EventT", bound=artifact.Event)


@dataclass(frozen=True, slots=True)
class ArtifactStory:
    """A component: `expected` and without a serial until it is issued.

    `last` holds what last happened to it of each kind; `now` is what it is after all of it.
    """

    component: str
    serial: str | None = None
    stage: str = "expected"
    now: Artifact | None = None
    last: Mapping[type, artifact.Event] = field(default_factory=dict)

    def last_of(self, kind: type[EventT]) -> EventT | None:
        """The last event of a kind; None if there was none."""
        event = self.last.get(kind)
        return event if isinstance(event, kind) else None

    @property
    def is_live(self) -> bool:
        """Whether it is the artifact that counts for its component."""
        return self.now is not None and self.now.is_live

    @property
    def succession(self) -> artifact.Succession | None:
        """How another artifact took its place."""
        return self.now.superseded_by if self.now is not None else None

    @property
    def kept_at(self) -> str | None:
        """Where an office keeps it now."""
        if self.now is None:
            return None
        if self.now.custody is not None:
            return self.now.custody.kept_at
        return getattr(self.now.stage, "kept_at", None)

    @property
    def received(self) -> tuple[str, artifact.Receiver] | None:
        """When and by whom it was last taken in hand."""
        delivered = self.last_of(artifact.ArtifactDelivered)
        back = self.last_of(artifact.ArtifactHandedBack)
        if back is not None:
            return back.handed_back_on, back.receiver
        return (delivered.delivered_on, delivered.receiver) if delivered is not None else None


def artifact_stories(record: AwardRecord) -> tuple[ArtifactStory, ...]:
    """The artifacts that the award has at the moment of the record, in the order of issue."""
    happened: dict[str, dict[type, artifact.Event]] = {}
    for fact in put_right(record.facts):
        event = fact.event
        if isinstance(event, artifact.Event) and by_day(artifact.happened_on(event), record.as_of):
            happened.setdefault(event.serial, {})[type(event)] = event
    return tuple(
        ArtifactStory(one.component, serial, stage_name(one.stage), one, happened[serial])
        for serial, one in record.state.artifacts.items()
    )


def chain_of(record: AwardRecord, serial: str) -> tuple[str, ...]:
    """The serials of one component from its first artifact to its last, this one among them."""
    artifacts = record.state.artifacts
    first = artifacts[serial]
    while first.supersedes is not None:
        first = artifacts[first.supersedes]
    chain = [first]
    while (by := chain[-1].superseded_by) is not None and by.successor in artifacts:
        chain.append(artifacts[by.successor])
    return tuple(one.serial for one in chain)
