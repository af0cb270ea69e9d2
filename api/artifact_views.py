"""An artifact as clients see it: where it is, what it rests on, what took its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.artifact_story import ArtifactStory, artifact_stories
from api.personal_views import PersonalView, personal_to_view
from registry.award import artifact, expected_components
from registry.catalogue import load_catalogue
from registry.messages import term

if TYPE_CHECKING:
    from api.personal_views import Opened
    from api.records import AwardRecord
    from registry.settings import Language


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """Who took an artifact in hand, or handed it in."""

    kind: str
    name: str
    relation: str | None
    identity_paper: PersonalView | None


@dataclass(frozen=True, slots=True)
class CustodyView:
    """The receipt on which a citizen handed the artifact in; `held` while an office keeps it."""

    receipt: str
    surrendered_on: str
    surrendered_by: ReceiverView
    purpose: str
    purpose_name: str
    due_on: str | None
    condition: str | None
    kept_at: str
    held: bool
    handed_back_on: str | None


@dataclass(frozen=True, slots=True)
class SuccessionView:
    """How another artifact took this one's place."""

    serial: str
    kind: str
    kind_name: str
    on: str
    reason: str
    reason_name: str
    case_id: str | None


@dataclass(frozen=True, slots=True)
class RecallView:
    """The way back: ordered, and perhaps recovered or given up."""

    ordered_on: str | None
    due_on: str | None
    decision_id: str | None
    recovered_on: str | None
    handed_in_by: str | None
    condition: str | None
    unrecoverable_on: str | None
    minutes: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class EndView:
    """The end of an artifact: destroyed, or kept as a specimen."""

    kind: str
    on: str
    minutes: str | None
    witnesses: Sequence[str]
    kept_at: str | None


@dataclass(frozen=True, slots=True)
class HolderView:
    """Who holds an artifact after its recipient's death."""

    kind: str
    kind_name: str
    name: str
    relation: str | None
    identity_paper: PersonalView | None
    since: str
    until: str | None
    decision: str | None
    kept_at: str | None
    died_on: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ArtifactView:
    """A component of an award: `expected` until it is issued under a serial.

    `is_live` says that it is the one that counts for its component. `kept_at` is where an
    office keeps it now.
    """

    component: str
    component_name: str
    serial: str | None
    stage: str
    stage_name: str
    is_live: bool = False
    issued_on: str | None = None
    printed_on: str | None = None
    delivered_on: str | None = None
    receiver: ReceiverView | None = None
    returned_on: str | None = None
    returned_by: str | None = None
    return_reason: str | None = None
    kept_at: str | None = None
    holder: HolderView | None = None
    custody: CustodyView | None = None
    supersedes: str | None = None
    superseded_by: SuccessionView | None = None
    found_on: str | None = None
    found_by: str | None = None
    recall: RecallView | None = None
    end: EndView | None = None


def artifact_views(
    record: AwardRecord, language: Language, opened: Opened | None
) -> tuple[ArtifactView, ...]:
    """Artifacts of an award: those issued, and the components still expected, in print order.

    Of one component, in the order in which they took each other's place.
    """
    stories = artifact_stories(record)
    issued = {story.component for story in stories}
    expected = expected_components(record.state.content, load_catalogue())
    waiting = [ArtifactStory(one) for one in expected if one not in issued]
    order = {component: place for place, component in enumerate(expected)}
    every = sorted([*stories, *waiting], key=lambda one: order.get(one.component, len(order)))
    return tuple(_artifact(story, language, opened) for story in every)


def _artifact(story: ArtifactStory, language: Language, opened: Opened | None) -> ArtifactView:
    issued = story.last_of(artifact.ArtifactIssued)
    printed = story.last_of(artifact.ArtifactPrinted)
    returned = story.last_of(artifact.ArtifactReturnedUndelivered)
    found = story.last_of(artifact.ArtifactFound)
    received = story.received
    return ArtifactView(
        component=story.component,
        component_name=term("component", story.component, language),
        serial=story.serial,
        stage=story.stage,
        stage_name=term("stage", story.stage, language),
        is_live=story.is_live,
        issued_on=issued.issued_on if issued else None,
        printed_on=printed.printed_on if printed else None,
        delivered_on=received[0] if received else None,
        receiver=_receiver(received[1], opened) if received else None,
        returned_on=returned.returned_on if returned else None,
        returned_by=returned.returned_by if returned else None,
        return_reason=returned.reason if returned else None,
        kept_at=story.kept_at,
        holder=_holder(story, language, opened),
        custody=_custody(story, language, opened),
        supersedes=story.now.supersedes if story.now else None,
        superseded_by=_succession(story.succession, language),
        found_on=found.found_on if found else None,
        found_by=found.found_by if found else None,
        recall=_recall(story),
        end=_end(story),
    )


def _receiver(receiver: artifact.Receiver, opened: Opened | None) -> ReceiverView:
    paper = None
    if receiver.identity_paper is not None:
        paper = personal_to_view(str(receiver.person), "identity-paper", opened)
    return ReceiverView(receiver.kind, receiver.name, receiver.relation, paper)


def _holder(story: ArtifactStory, language: Language, opened: Opened | None) -> HolderView | None:
    changed = story.now.holder if story.now is not None else None
    if changed is None:
        return None
    holder = changed.holder
    paper = None
    if holder.identity_paper is not None:
        paper = personal_to_view(str(holder.person), "identity-paper", opened)
    return HolderView(
        kind=holder.kind,
        kind_name=term("holder-kind", holder.kind, language),
        name=holder.name,
        relation=holder.relation,
        identity_paper=paper,
        since=changed.since,
        until=holder.until,
        decision=holder.decision,
        kept_at=holder.kept_at,
        died_on=changed.died_on,
        note=changed.note,
    )


def _custody(story: ArtifactStory, language: Language, opened: Opened | None) -> CustodyView | None:
    taken = story.last_of(artifact.ArtifactSurrendered)
    if taken is None:
        return None
    back = story.last_of(artifact.ArtifactHandedBack)
    moved = story.last_of(artifact.ArtifactMoved)
    held = story.now is not None and story.now.custody is not None
    return CustodyView(
        receipt=taken.receipt,
        surrendered_on=taken.surrendered_on,
        surrendered_by=_receiver(taken.surrendered_by, opened),
        purpose=taken.purpose,
        purpose_name=term("purpose", taken.purpose, language),
        due_on=taken.due_on,
        condition=taken.condition,
        kept_at=story.kept_at or (moved.kept_at if moved else taken.kept_at),
        held=held,
        handed_back_on=back.handed_back_on if back and not held else None,
    )


def _succession(by: artifact.Succession | None, language: Language) -> SuccessionView | None:
    if by is None:
        return None
    kind = artifact.succession_kind(by)
    return SuccessionView(
        serial=by.successor,
        kind=kind,
        kind_name=term("succession", kind, language),
        on=artifact.succeeded_on(by),
        reason=by.reason,
        reason_name=term("replacement-reason", by.reason, language),
        case_id=None if isinstance(by, artifact.ArtifactReplaced) else str(by.case_id),
    )


def _recall(story: ArtifactStory) -> RecallView | None:
    ordered = story.last_of(artifact.RecallOrdered)
    recovered = story.last_of(artifact.ArtifactRecovered)
    given_up = story.last_of(artifact.ArtifactDeclaredUnrecoverable)
    if ordered is None and recovered is None:
        return None
    decision_id = ordered.decision_id if ordered else None
    return RecallView(
        ordered_on=ordered.ordered_on if ordered else None,
        due_on=ordered.due_on if ordered else None,
        decision_id=str(decision_id) if decision_id else None,
        recovered_on=recovered.recovered_on if recovered else None,
        handed_in_by=recovered.handed_in_by if recovered else None,
        condition=recovered.condition if recovered else None,
        unrecoverable_on=given_up.declared_on if given_up else None,
        minutes=given_up.minutes if given_up else None,
        reason=given_up.reason if given_up else None,
    )


def _end(story: ArtifactStory) -> EndView | None:
    destroyed = story.last_of(artifact.ArtifactDestroyed)
    if destroyed is not None:
        return EndView(
            "destroyed", destroyed.destroyed_on, destroyed.minutes, destroyed.witnesses, None
        )
    archived = story.last_of(artifact.ArtifactArchived)
    if archived is not None:
        return EndView("archived", archived.archived_on, archived.minutes, (), story.kept_at)
    return None
