"""What a service case asks of the artifacts of its award."""

from __future__ import annotations

from uuid import UUID

from registry.award.artifact import ArtifactReplaced
from registry.award.recorded import Recorded


def held_components(award: Recorded) -> frozenset[str]:
    """Components whose old item an office keeps for a citizen, against a receipt."""
    return frozenset(
        one.component
        for one in award.artifacts.values()
        if one.custody is not None and one.superseded_by is None
    )


def components_replaced_by(award: Recorded, case_id: UUID | None) -> frozenset[str]:
    """Components for which this case brought a new artifact."""
    return frozenset(
        one.component
        for one in award.artifacts.values()
        if one.superseded_by is not None
        and not isinstance(one.superseded_by, ArtifactReplaced)
        and one.superseded_by.case_id == case_id
    )
