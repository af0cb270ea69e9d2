"""The registers that one runner feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from projections import (
    artifacts,
    awards,
    cases,
    custody,
    decisions,
    doubts,
    duties,
    holders,
    imports,
    recipients,
    signatures,
    stock,
    users,
)

if TYPE_CHECKING:
    from projections.projection import Projection

REGISTERS: Final[tuple[Projection, ...]] = (
    artifacts.PROJECTION,
    awards.PROJECTION,
    cases.PROJECTION,
    custody.PROJECTION,
    decisions.PROJECTION,
    doubts.PROJECTION,
    duties.PROJECTION,
    holders.PROJECTION,
    imports.PROJECTION,
    recipients.PROJECTION,
    signatures.PROJECTION,
    stock.PROJECTION,
    users.PROJECTION,
)
