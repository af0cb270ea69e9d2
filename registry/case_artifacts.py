"""What a service case asks of the artifacts of its award."""

from __future__ import annotations

from uuid import UUID

from registry.artifact import stage_name
from registry.award import Standing


def held_components(award: Standing) -> frozenset[str]:
    """Components whose old item an office keeps for a citizen, with a receipt."""
    return frozenset(
        one.component for one in award.artifacts.values() if stage_name(one.stage) == "in-custody"
    )


def components_replaced_by(award: Standing, case_id: UUID) -> frozenset[str]:
    """Components for which this case brought a new artifact."""
    return frozenset(
        one.component
        for one in award.artifacts.values()
        if getattr(getattr(one, "superseded_by", None), "case_id", None) == case_id
    )
