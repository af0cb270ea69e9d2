"""What cancelling a decision means: every award under it, every artifact that would come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from projections.artifacts import artifacts_of
from projections.awards import awards_of_decision
from registry.catalogue import load_catalogue
from registry.messages import form_with_class, term

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Cursor

    from projections.artifacts import ArtifactRow
    from projections.awards import AwardRow
    from registry.settings import Language


# What was declined is no award, so there is nothing to cancel.
_NOT_TO_CANCEL: Final = frozenset({"cancelled", "declined"})


@dataclass(frozen=True, slots=True)
class ArtifactEffect:
    """An artifact under the decision; `to_recall` while it counts and nobody has asked it back."""

    serial: str
    component: str
    component_name: str
    stage: str
    stage_name: str
    to_recall: bool


@dataclass(frozen=True, slots=True)
class AwardEffect:
    """An award under the decision; `not_entered` are components that the register never saw."""

    id: str
    name: str
    form: str
    awarded_on: str | None
    standing: str
    to_cancel: bool
    artifacts: Sequence[ArtifactEffect]
    not_entered: Sequence[str]


@dataclass(frozen=True, slots=True)
class EffectsView:
    """Counts first, then every award by name."""

    awards: int
    to_cancel: int
    artifacts: int
    to_recall: int
    by_stage: dict[str, int]
    of_awards: Sequence[AwardEffect]


@dataclass(frozen=True, slots=True)
class Effects:
    """What is shown, and the awards that the decision takes along."""

    view: EffectsView
    award_ids_to_cancel: Sequence[UUID]


def effects_of(cursor: Cursor[Any], decision_id: UUID, language: Language) -> Effects:
    """What cancelling a decision would mean, by the registers."""
    awards = awards_of_decision(cursor, decision_id)
    by_award: dict[UUID, list[ArtifactRow]] = {}
    for row in artifacts_of(cursor, [award.id for award in awards]):
        by_award.setdefault(row.award_id, []).append(row)
    shown = [_award(row, by_award.get(row.id, []), language) for row in awards]
    artifacts = [one for award in shown for one in award.artifacts]
    view = EffectsView(
        awards=len(shown),
        to_cancel=sum(one.to_cancel for one in shown),
        artifacts=len(artifacts),
        to_recall=sum(one.to_recall for one in artifacts),
        by_stage=dict(Counter(one.stage for one in artifacts)),
        of_awards=shown,
    )
    return Effects(view, [row.id for row in awards if row.standing not in _NOT_TO_CANCEL])


def _award(row: AwardRow, artifacts: Sequence[ArtifactRow], language: Language) -> AwardEffect:
    entered = {one.component for one in artifacts}
    expected = load_catalogue().components(row.form, row.recipient_kind)
    return AwardEffect(
        id=str(row.id),
        name=" ".join(part for part in (row.honorific, row.name) if part),
        form=form_with_class(row.form, row.award_class, language),
        awarded_on=row.awarded_on,
        standing=row.standing,
        to_cancel=row.standing not in _NOT_TO_CANCEL,
        artifacts=[_artifact(one, language) for one in artifacts],
        not_entered=[one for one in expected if one not in entered],
    )


def _artifact(row: ArtifactRow, language: Language) -> ArtifactEffect:
    return ArtifactEffect(
        row.serial,
        row.component,
        term("component", row.component, language),
        row.stage,
        term("stage", row.stage, language),
        to_recall=row.is_live and row.stage != "recall-ordered",
    )
