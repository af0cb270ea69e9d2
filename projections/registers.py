"""The registers that one runner feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from projections import artifacts, awards, decisions, imports, recipients, signatures, users

if TYPE_CHECKING:
    from projections.projection import Projection

REGISTERS: Final[tuple[Projection, ...]] = (
    artifacts.PROJECTION,
    awards.PROJECTION,
    decisions.PROJECTION,
    imports.PROJECTION,
    recipients.PROJECTION,
    signatures.PROJECTION,
    users.PROJECTION,
)
