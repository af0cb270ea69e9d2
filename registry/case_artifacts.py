"""What a service case asks of the artifacts of its award."""

from __future__ import annotations

from uuid import UUID

from registry.artifact import ArtifactExchanged, ArtifactReissued
from registry.award import Standing


def held_components(award: Standing) -> frozenset[str]:
    """Components whose old item an office keeps for a citizen, with a receipt."""
    return frozenset(
        one.component for one in award.artifacts.values() if one.is_live and one.custody is not None
    )


def components_replaced_by(award: Standing, case_id: UUID) -> frozenset[str]:
    """Components for which this case brought a new artifact."""
    return frozenset(
        one.component
        for one in award.artifacts.values()
        if isinstance(by := one.superseded_by, ArtifactExchanged | ArtifactReissued)
        and by.case_id == case_id
    )
